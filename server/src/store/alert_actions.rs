//! Actions by forms: each has a random id, so that a form that is sent twice does nothing twice.

use clinical::{AlertNumber, PatientId, PersonId};
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;

/// How long an action is remembered, in days: longer than a browser that is left open overnight sends a form again.
pub const ACTION_DAYS_KEPT: i64 = 30;

/// An action of a person upon an alert.
#[derive(Debug, Clone, Copy)]
pub struct Action<'a> {
    /// Whose.
    pub person: &'a PersonId,
    /// The form's random id.
    pub id: &'a str,
    /// Whose alert.
    pub patient: &'a PatientId,
    /// Which.
    pub alert: AlertNumber,
}

/// Notes that an action is being done; tells whether it is the first time. Undone with the transaction, as when the case
/// refuses it. Actions of long ago are forgotten.
///
/// # Errors
/// When the database fails.
pub async fn begin(
    connection: &mut AnyConnection,
    action: Action<'_>,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let kept = SignedDuration::from_hours(24 * ACTION_DAYS_KEPT);
    let before = now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
    sqlx::query("DELETE FROM alert_action WHERE done_at < $1")
        .bind(before.as_microsecond())
        .execute(&mut *connection)
        .await?;
    let begun = sqlx::query(
        "INSERT INTO alert_action (person, id, patient, alert, done_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (person, id, patient, alert) DO NOTHING",
    )
    .bind(action.person.as_str())
    .bind(action.id)
    .bind(action.patient.as_str())
    .bind(i64::from(action.alert.0))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(begun.rows_affected() > 0)
}
