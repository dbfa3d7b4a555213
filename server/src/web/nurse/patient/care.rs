//! The care section of a patient's page: where they are looked after, their referrals, and the forms about them.

use clinical::PatientId;

use super::referral::STEPS_MAX;
use super::soon::written;
use crate::store::referrals::RecordedStep;
use crate::store::{assessments, referrals};
use crate::web::State;
use crate::web::local_time::{LocalTime, Shown};

/// The latest assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssessmentView {
    /// `At home, by monitoring`.
    pub(crate) place: &'static str,
    /// Why.
    pub(crate) why: String,
    /// Who judged it.
    pub(crate) reviewer: String,
    /// When it was recorded.
    pub(crate) at: Shown,
    /// `10 Apr 2026`.
    pub(crate) review_on: String,
    /// That day has passed.
    pub(crate) is_overdue: bool,
    /// How many there were before.
    pub(crate) earlier_len: usize,
}

/// One referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferralView {
    /// Which clinic.
    pub(crate) clinic: String,
    /// Why.
    pub(crate) why: String,
    /// What the patient needs to get there.
    pub(crate) transport: &'static str,
    /// Each step in one line.
    pub(crate) steps: Vec<String>,
    /// Where the next step is noted; `None` once it is over.
    pub(crate) next_href: Option<String>,
}

/// What the section shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CareView {
    /// The latest assessment.
    pub(crate) assessment: Option<AssessmentView>,
    /// The newest first.
    pub(crate) referrals: Vec<ReferralView>,
}

/// The most assessments that are counted.
const ASSESSMENTS_MAX: i64 = 100;

/// Reads the section.
///
/// # Errors
/// When the database does not answer, or holds what is no assessment or referral.
pub(super) async fn read(
    state: &State,
    id: &PatientId,
    local: &LocalTime,
) -> anyhow::Result<CareView> {
    let readers = state.store.readers();
    let all = assessments::of(readers, id, ASSESSMENTS_MAX).await?;
    let assessment = all.first().map(|latest| AssessmentView {
        place: latest.assessment.place.label(),
        why: latest.assessment.why.clone(),
        reviewer: latest.reviewer_name.clone(),
        at: local.show(latest.at),
        review_on: written(latest.assessment.review_on),
        is_overdue: latest.assessment.review_on < local.today(),
        earlier_len: all.len().saturating_sub(1),
    });
    let steps = referrals::of(readers, id, STEPS_MAX).await?;
    let of_one = steps.chunk_by(|one, next| one.referral == next.referral);
    Ok(CareView {
        assessment,
        referrals: of_one
            .filter_map(|steps| referral(id, steps, local))
            .collect(),
    })
}

fn referral(id: &PatientId, steps: &[RecordedStep], local: &LocalTime) -> Option<ReferralView> {
    let last = steps.last()?;
    let is_over = last.step.standing.is_over();
    let href = format!("/patients/{id}/referrals/{}", last.referral);
    Some(ReferralView {
        clinic: last.of.clinic.clone(),
        why: last.of.why.clone(),
        transport: last.of.transport.label(),
        steps: steps.iter().map(|step| said(step, local)).collect(),
        next_href: (!is_over).then_some(href),
    })
}

fn said(recorded: &RecordedStep, local: &LocalTime) -> String {
    let step = &recorded.step;
    let on = step
        .on_day
        .map_or_else(String::new, |day| format!(" for {}", written(day)));
    let note = match step.note.as_str() {
        "" => String::new(),
        note => format!(": {note}"),
    };
    let (label, by, at) = (
        step.standing.label(),
        &recorded.by,
        local.show(recorded.at).text,
    );
    format!("{label}{on}, {by}, {at}{note}")
}
