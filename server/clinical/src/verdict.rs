//! A verdict: what a plan's limits say of one reading.

use serde::{Deserialize, Serialize};
use vitals::{Decimal, ReadingId};

use crate::event::ReadingStored;
use crate::limits::Breach;
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
}

impl Verdict {
    /// Judges a reading by a plan. A vital sign without limits is found and not breached.
    pub fn of(reading: &ReadingStored, plan: &Plan) -> Self {
        let finding = |&(sign, value): &(VitalSign, Decimal)| Finding {
            sign,
            value,
            breach: plan
                .limits
                .get(&sign)
                .and_then(|limits| limits.breach(&value)),
        };
        Self {
            reading: reading.id,
            plan: plan.version,
            findings: reading.values.iter().map(finding).collect(),
        }
    }
}
