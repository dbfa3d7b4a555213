//! Words: what a plan said of a reading and what the patient said of the plan, for a terminal and for pages.

use clinical::looked_at::Said;
use clinical::plan::PatientView;

/// Says what a limit, a rule or a score said.
pub(crate) fn said(said: &Said) -> String {
    match said {
        Said::Holds(sentence) => format!("held. {sentence}"),
        Said::DoesNotHold(None) => "did not hold.".to_owned(),
        Said::DoesNotHold(Some(sentence)) => format!("did not hold. {sentence}"),
        Said::NoLimits => "the plan has none.".to_owned(),
        Said::NotEnoughYet(lack) => lack.to_string(),
        Said::NotAboutIt => "not about this reading.".to_owned(),
    }
}

/// Says what the patient said of a plan.
pub(crate) fn patient_view(view: Option<&PatientView>) -> String {
    match view {
        None => "not recorded".to_owned(),
        Some(PatientView::Agreed) => "agreed".to_owned(),
        Some(PatientView::Disagreed { because }) => format!("disagreed: {because}"),
        Some(PatientView::NotAsked { because }) => format!("was not asked: {because}"),
    }
}
