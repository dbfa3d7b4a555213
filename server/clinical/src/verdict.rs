//! A verdict: how far one reading can be believed, and what a plan's limits say of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{AttemptReason, Decimal, QualityMark, ReadingId};

use crate::limits::{Breach, Level};
use crate::plan::{Plan, PlanVersion};
use crate::sign::VitalSign;

/// One vital sign of a reading, beside its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Which vital sign.
    pub sign: VitalSign,
    /// Its value, in the sign's unit.
    pub value: Decimal,
    /// The worst limit reached, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
}

/// Why a measurement is not to be believed before it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum Doubt {
    /// The device itself doubts it.
    Marked {
        /// The first of its marks that the plan names.
        mark: QualityMark,
    },
    /// No living person at home has such a value.
    Implausible {
        /// The vital sign.
        sign: VitalSign,
    },
    /// No body changes so much in the time.
    Jump {
        /// The vital sign.
        sign: VitalSign,
        /// The value before.
        from: Decimal,
        /// The value now.
        to: Decimal,
    },
    /// The device says that another of its users measured.
    AnotherUser {
        /// The user that the device named.
        user: u8,
    },
    /// There was no value.
    NoReading {
        /// Why.
        reason: AttemptReason,
    },
}

/// How far a reading can be believed, and what it is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum Standing {
    /// It says how the patient is now.
    #[default]
    Current,
    /// It came so late that it says how the patient was.
    Late,
    /// To be repeated before it is believed.
    Doubtful {
        /// Why.
        doubt: Doubt,
    },
    /// A drill: it goes the whole way and is about nobody.
    Drill,
}

/// The result of judging one reading by one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The reading.
    pub reading: ReadingId,
    /// The plan that judged it.
    pub plan: PlanVersion,
    /// Every vital sign of the reading.
    pub findings: Vec<Finding>,
    /// How far it can be believed.
    #[serde(default, skip_serializing_if = "is_current")]
    pub standing: Standing,
    /// When it was measured; `None` in journals of the first rule set, whose readings are not remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_at: Option<Timestamp>,
    /// Whether the device saw an irregular pulse.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub irregular_pulse: bool,
}

fn is_current(standing: &Standing) -> bool {
    *standing == Standing::Current
}

impl Finding {
    /// Tells whether an urgent limit was reached.
    pub fn is_urgent(&self) -> bool {
        self.breach.is_some_and(|it| it.level == Level::Urgent)
    }

    /// Compares one value with a plan's limits. A vital sign without limits is found and not breached.
    pub fn of(sign: VitalSign, value: Decimal, plan: &Plan) -> Self {
        let limits = plan.limits.get(&sign);
        Self {
            sign,
            value,
            breach: limits.and_then(|limits| limits.breach(&value)),
        }
    }
}
