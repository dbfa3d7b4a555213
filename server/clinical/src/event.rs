//! Events: everything that happens to a patient's case.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{Attempt, AttemptReason, Decimal, QualityMark, Reading, ReadingId};

use crate::alert::{AlertNumber, Outcome};
use crate::id::PersonId;
use crate::plan::Plan;
use crate::sign::VitalSign;

/// The facts of a stored reading that judgement needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingStored {
    /// The reading.
    pub id: ReadingId,
    /// Its vital signs, in the units of plans.
    pub values: Vec<(VitalSign, Decimal)>,
    /// Its quality marks.
    pub quality: Vec<QualityMark>,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// When the gateway received it.
    pub received_at: Timestamp,
}

impl From<&Reading> for ReadingStored {
    fn from(reading: &Reading) -> Self {
        Self {
            id: reading.id,
            values: VitalSign::values_of(&reading.vital),
            quality: reading.quality.clone(),
            measured_at: reading.times.measured_at,
            received_at: reading.times.received_at,
        }
    }
}

/// The facts of a stored attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptStored {
    /// The attempt.
    pub id: ReadingId,
    /// Why it is not a reading.
    pub reason: AttemptReason,
    /// Its quality marks.
    pub quality: Vec<QualityMark>,
    /// When it was made.
    pub measured_at: Timestamp,
}

impl From<&Attempt> for AttemptStored {
    fn from(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id,
            reason: attempt.reason,
            quality: attempt.quality.clone(),
            measured_at: attempt.times.measured_at,
        }
    }
}

/// Anything that happens to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Monitoring starts: always the first event of a case, and only then.
    MonitoringStarted {
        /// Who answers for the patient.
        coordinator: PersonId,
        /// The first plan.
        plan: Plan,
    },
    /// A reading was stored.
    ReadingStored(ReadingStored),
    /// A failed or unusable measurement was stored.
    AttemptStored(AttemptStored),
    /// A plan was put in force.
    PlanInForce {
        /// The plan.
        plan: Plan,
    },
    /// A care coordinator was made answerable.
    CoordinatorAssigned {
        /// Who.
        coordinator: PersonId,
    },
    /// Somebody took an alert.
    AlertTaken {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
    },
    /// Somebody closed an alert.
    AlertClosed {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// How it ended.
        outcome: Outcome,
        /// What they wrote.
        note: String,
    },
}
