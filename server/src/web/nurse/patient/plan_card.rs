//! The plan card: what was agreed, with whom, when it is looked at again, and who is asked in which order.

use clinical::plan::{Clock, PatientView, Response};
use clinical::{PatientId, PersonId, Plan, Priority};

use super::timeline_words::Names;
use crate::store::agreements::Recorded;
use crate::store::{duty, patients};
use crate::web::State;
use crate::web::local_time::{LocalTime, Shown};

/// What was agreed in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgreementView {
    /// What the patient aims for.
    pub(crate) target: String,
    /// The rescue medicine; empty when there is none.
    pub(crate) rescue: String,
    /// What the patient does when they feel worse.
    pub(crate) escalation: String,
    /// Who agreed.
    pub(crate) agreed_with: String,
    /// Who recorded it.
    pub(crate) by: String,
    /// When.
    pub(crate) at: Shown,
}

/// Everything on the card besides limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanCard {
    /// What was agreed in words, once it was recorded.
    pub(crate) agreement: Option<AgreementView>,
    /// What the patient said to the plan.
    pub(crate) patient_view: String,
    /// When the plan is looked at again.
    pub(crate) review: String,
    /// The review is over due.
    pub(crate) is_overdue: bool,
    /// What the team does by when, for each priority.
    pub(crate) responses: Vec<String>,
    /// Who is asked, in order.
    pub(crate) order: Vec<String>,
    /// The templates that the plan started from.
    pub(crate) templates: String,
    /// Who helps the patient, and what each sees.
    pub(crate) carers: Vec<String>,
}

impl AgreementView {
    /// Shows what was recorded.
    pub(crate) fn new(recorded: Recorded, local: &LocalTime) -> Self {
        Self {
            target: recorded.agreement.target,
            rescue: recorded.agreement.rescue,
            escalation: recorded.agreement.escalation,
            agreed_with: recorded.agreement.agreed_with,
            by: recorded.by,
            at: local.show(recorded.at),
        }
    }
}

impl PlanCard {
    /// Puts the card together.
    pub(crate) fn new(
        plan: &Plan,
        agreement: Option<Recorded>,
        order: Vec<String>,
        local: &LocalTime,
    ) -> Self {
        let review = plan.care.term.as_ref().and_then(|term| term.review_by);
        let is_overdue = review.is_some_and(|day| day < local.today());
        let review = review.map_or_else(
            || "No review date is set.".to_owned(),
            |day| {
                let over = if is_overdue { " – overdue" } else { "" };
                format!("{}{over}", day.strftime("%-d %b %Y"))
            },
        );
        Self {
            agreement: agreement.map(|it| AgreementView::new(it, local)),
            patient_view: said_by_patient(plan.patient_view.as_ref()),
            review,
            is_overdue,
            responses: responses(plan),
            order,
            templates: plan.care.templates.join(", "),
            carers: Vec::new(),
        }
    }
}

fn said_by_patient(view: Option<&PatientView>) -> String {
    match view {
        None => "It is not recorded what the patient said to it.".to_owned(),
        Some(PatientView::Agreed) => "The patient agreed.".to_owned(),
        Some(PatientView::Disagreed { because }) => format!("The patient disagreed: {because}"),
        Some(PatientView::NotAsked { because }) => format!("The patient was not asked: {because}"),
    }
}

fn responses(plan: &Plan) -> Vec<String> {
    let of = |priority: Priority| {
        let response = plan.care.escalation.of(priority)?;
        Some(format!(
            "{}: {}",
            capitalised(priority.name()),
            said(response)
        ))
    };
    Priority::ALL.into_iter().filter_map(of).collect()
}

fn said(response: &Response) -> String {
    let hours = match response.clock {
        Clock::Always => "at any time",
        Clock::Monitored => "within the monitoring hours",
    };
    format!(
        "taken within {}, done within {} of that, each further person {}; {hours}",
        length(response.take_minutes),
        length(response.act_minutes),
        length(response.step_minutes)
    )
}

fn length(minutes: u32) -> String {
    match minutes {
        hours if hours >= 120 && hours % 60 == 0 => format!("{} h", hours / 60),
        minutes => format!("{minutes} min"),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Names who is asked when nobody acts, in order: the care coordinator, the team's lead, and who is on call.
///
/// # Errors
/// When the database does not answer, or holds a rota that cannot be read.
pub(super) async fn order(
    state: &State,
    patient: &PatientId,
    coordinator: &str,
    names: &Names,
) -> anyhow::Result<Vec<String>> {
    let mut connection = state.store.readers().acquire().await?;
    let mut order = vec![format!("{coordinator} (care coordinator)")];
    let Some(team) = patients::team(&mut connection, patient).await? else {
        return Ok(order);
    };
    if let Some(rota) = duty::rota(&mut connection, &team, state.clock.now()).await? {
        let named = |person: &PersonId, role: &str| format!("{} ({role})", names.of(person));
        order.push(named(&rota.team().lead, "team lead"));
        order.push(named(&rota.team().on_call, "on call"));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_patient_said_and_how_soon_somebody_acts_are_plain_words() {
        let because = "feels watched".to_owned();
        let view = PatientView::Disagreed { because };
        assert_eq!(
            said_by_patient(Some(&view)),
            "The patient disagreed: feels watched"
        );
        assert!(said_by_patient(None).contains("not recorded"));
        assert_eq!([90, 120, 1440].map(length), ["90 min", "2 h", "24 h"]);
    }
}
