//! Evidence: what speaks for or against an alert.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vitals::{Decimal, DeviceId, GatewayId, ReadingId};

use crate::alert::Priority;
use crate::id::PersonId;
use crate::rules::Holding;
use crate::schedule::Measured;
use crate::score::ScoreFinding;
use crate::sign::VitalSign;
use crate::silence;
use crate::verdict::{Doubt, Finding};

/// One reading, answer or absence that speaks for or against an alert, with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The reading; `None` when it is not about a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingId>,
    /// When it was measured, or when it was found.
    pub measured_at: Timestamp,
    /// The findings that belong to the alert's problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The rules of the plan that hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holdings: Vec<Holding>,
    /// The score, when the plan's score rule holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Box<ScoreFinding>>,
    /// What else was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounds: Option<Grounds>,
    /// A reading that came so late that it says nothing about now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// Inside the limits by the margin that the plan asks for before an alert clears.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub well_inside: bool,
}

/// What was found, where it is no limit and no rule of vital signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum Grounds {
    /// A reading out of limits was to be repeated, and no valid repeat came in time.
    NotRepeated {
        /// When the repeat was asked for.
        asked_at: Timestamp,
        /// How bad the reading was.
        priority: Priority,
    },
    /// A late reading was out of its urgent limits when it was measured.
    LateUrgent {
        /// The priority that the plan gives it.
        priority: Priority,
    },
    /// A rule holds by a late reading, and nothing newer is known.
    LateRule {
        /// The priority of the rule, at most that of a late urgent reading.
        priority: Priority,
    },
    /// Measurements were not usable, one after the other.
    Unusable {
        /// What was measured.
        what: Measured,
        /// How many in a row.
        in_a_row: u8,
        /// Why the last one was not.
        doubt: Doubt,
    },
    /// A device's clock is wrong.
    ClockWrong {
        /// The device.
        device: DeviceId,
        /// How far it is ahead of the home's wall time, in seconds; less than 0 when it is behind.
        ahead_seconds: i64,
    },
    /// A gateway does not know the time, and sends nothing until it does.
    TimeUnknown {
        /// The gateway.
        gateway: GatewayId,
    },
    /// A value jumped as no body does, and the repeat agreed.
    Jump {
        /// The vital sign.
        sign: VitalSign,
        /// The value before.
        from: Decimal,
        /// The value now.
        to: Decimal,
    },
    /// Expected readings are missing.
    Missing {
        /// What was expected.
        what: Measured,
        /// How many windows in a row have passed.
        missed: u16,
        /// The likely cause, with its clues.
        finding: silence::Finding,
        /// Whether a nurse is to see that the patient is well; otherwise the kit is to be mended.
        see_patient: bool,
    },
    /// The plan was to be reviewed by a day.
    ReviewDue {
        /// The day.
        by: Date,
    },
    /// The plan ended on a day.
    PlanEnded {
        /// The day.
        on: Date,
    },
    /// A plan that was to hold later was set aside, because another came in force before it.
    PlanSetAside {
        /// Who had made it.
        author: PersonId,
        /// From when it was to hold.
        was_from: Timestamp,
        /// Who put the other in force.
        by: PersonId,
    },
}

impl Grounds {
    /// Gives the priority of an alert for these grounds.
    pub fn priority(&self) -> Priority {
        match self {
            Self::NotRepeated { priority, .. }
            | Self::LateUrgent { priority }
            | Self::LateRule { priority } => *priority,
            Self::Jump { .. }
            | Self::ReviewDue { .. }
            | Self::PlanEnded { .. }
            | Self::PlanSetAside { .. } => Priority::Check,
            Self::Unusable { .. } | Self::ClockWrong { .. } | Self::TimeUnknown { .. } => {
                Priority::Technical
            }
            Self::Missing { see_patient, .. } => {
                if *see_patient {
                    Priority::Check
                } else {
                    Priority::Technical
                }
            }
        }
    }
}

impl Evidence {
    /// Makes evidence that nothing has been found in yet.
    pub fn at(measured_at: Timestamp) -> Self {
        Self {
            reading: None,
            measured_at,
            findings: Vec::new(),
            holdings: Vec::new(),
            score: None,
            grounds: None,
            late: false,
            well_inside: false,
        }
    }

    /// Makes evidence that is about no reading.
    pub fn of_grounds(grounds: Grounds, found_at: Timestamp) -> Self {
        Self {
            grounds: Some(grounds),
            ..Self::at(found_at)
        }
    }

    /// Gives the priority of the worst that was found; `None` when it speaks for no alert. Findings of a late reading
    /// count only as the plan weighs late readings.
    pub fn priority(&self) -> Option<Priority> {
        let grounds = self.grounds.as_ref().map(Grounds::priority);
        if self.late {
            return grounds;
        }
        let findings = self.findings.iter().filter_map(|it| it.breach);
        let findings = findings.map(|breach| breach.level.priority());
        let rules = self.holdings.iter().map(|it| it.priority);
        let score = self.score.iter().filter_map(|it| it.priority());
        findings.chain(rules).chain(score).chain(grounds).max()
    }
}
