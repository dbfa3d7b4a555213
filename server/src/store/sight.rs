//! Sight: which patients a person sees, as a condition of the statements themselves.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::AnyPool;

use super::patient_page::PatientRow;

/// Whoever looks, and when.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    /// Who.
    pub person: &'a PersonId,
    /// When.
    pub now: Timestamp,
}

/// The condition that a patient `p` is seen: they are of a team in which the person ($1) cares for patients, or the person
/// has or was asked to take one of their open alerts, or has broken the glass for them and it has not ended ($2 is now).
macro_rules! in_sight {
    () => {
        "(p.team IN (SELECT g.team FROM role_grant g WHERE g.person = $1 AND g.withdrawn_at IS NULL \
         AND g.role IN ('nurse', 'team_lead', 'gp_lead')) \
         OR EXISTS (SELECT 1 FROM alert h WHERE h.patient = p.id AND h.closed_at IS NULL \
         AND (h.held_by = $1 OR h.offered_to = $1)) \
         OR EXISTS (SELECT 1 FROM break_glass b WHERE b.person = $1 AND b.patient = p.id AND b.until_at > $2))"
    };
}

/// Finds a patient whom the person sees; one whom they do not see is as if there were none.
///
/// # Errors
/// When the database does not answer.
pub async fn patient(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    id: &PatientId,
) -> anyhow::Result<Option<PatientRow>> {
    sqlx::query_as(concat!(
        "SELECT p.id, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, t.name AS team, \
         c.name AS coordinator FROM patient p JOIN team t ON t.id = p.team JOIN person c ON c.id = p.coordinator \
         WHERE p.id = $3 AND ",
        in_sight!()
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(id.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read a patient")
}

pub(super) use in_sight;
