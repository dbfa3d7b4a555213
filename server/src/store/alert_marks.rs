//! Marks of alerts: what the quality of alerts is counted from. A projection of the journal.

use clinical::{AlertNumber, Condition, Decision, Ownership, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;

/// Something that is counted about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Somebody took it. The first time counts.
    Taken,
    /// What raised it held no longer. The first time counts.
    Cleared,
    /// It was put aside.
    Snoozed,
    /// Nobody had acted in time.
    Overdue,
}

impl Mark {
    /// Tells which mark a decision of a moment makes, and of which alert.
    pub fn of(decision: &Decision, now: Timestamp) -> Option<(AlertNumber, Self)> {
        match decision {
            Decision::Take { alert, .. } | Decision::Reopen { alert, .. } => {
                Some((*alert, Self::Taken))
            }
            Decision::OpenAlert {
                alert,
                condition: Condition::Cleared { .. },
                ..
            }
            | Decision::SetCondition {
                alert,
                condition: Condition::Cleared { .. },
            } => Some((*alert, Self::Cleared)),
            // What sleeps already and passes to a colleague is not put aside again.
            Decision::SetOwnership {
                alert,
                ownership: Ownership::Snoozed { at, .. },
                ..
            } if *at == now => Some((*alert, Self::Snoozed)),
            Decision::StepUp { alert, .. } => Some((*alert, Self::Overdue)),
            _ => None,
        }
    }
}

/// Projects a mark.
///
/// # Errors
/// When the database fails.
pub async fn set(
    connection: &mut AnyConnection,
    patient: &PatientId,
    alert: AlertNumber,
    mark: Mark,
    at: Timestamp,
) -> anyhow::Result<()> {
    let (statement, at) = match mark {
        Mark::Taken => (
            "UPDATE alert SET first_taken_at = COALESCE(first_taken_at, $3) WHERE patient = $1 AND number = $2",
            Some(at),
        ),
        Mark::Cleared => (
            "UPDATE alert SET first_cleared_at = COALESCE(first_cleared_at, $3) WHERE patient = $1 AND number = $2",
            Some(at),
        ),
        Mark::Snoozed => (
            "UPDATE alert SET snoozed_len = snoozed_len + 1 WHERE patient = $1 AND number = $2",
            None,
        ),
        Mark::Overdue => (
            "UPDATE alert SET overdue_len = overdue_len + 1 WHERE patient = $1 AND number = $2",
            None,
        ),
    };
    let mut query = sqlx::query(statement)
        .bind(patient.as_str())
        .bind(i64::from(alert.0));
    if let Some(at) = at {
        query = query.bind(at.as_microsecond());
    }
    query.execute(connection).await?;
    Ok(())
}
