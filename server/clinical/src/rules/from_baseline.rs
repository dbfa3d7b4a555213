//! From baseline: the newest reading against a value that was agreed, such as a dry weight.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::check::{Wrong, amount, fine};
use super::judgement::{Counted, Facts, Found, Held, Lack};
use super::view::{View, evidence};
use super::words;
use crate::alert::Priority;
use crate::limits::{Breach, Level, Limits, Side};
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// Holds when the newest reading differs from an agreed value by a limit or more. It needs one reading.
///
/// The limits are on the difference: those for a value under the baseline are negative. A *soon* limit has the rule's own
/// priority, an *urgent* one is urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromBaseline {
    /// The vital sign.
    pub sign: VitalSign,
    /// The agreed value, in the sign's unit.
    pub baseline: Decimal,
    /// The limits of the difference, in the sign's unit.
    pub limits: Limits,
}

impl FromBaseline {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        amount("baseline", self.baseline)?;
        let lines = self.limits.lines();
        if lines.is_empty() {
            return Err(Wrong::NoLimits);
        }
        lines.iter().try_for_each(|line| fine("limits", line.limit))
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let Some((newest, _)) = view.latest(self.sign) else {
            return Err(Lack::new(0_u8, 1_u8, Counted::Readings));
        };
        let by = newest
            .thousandths()
            .saturating_sub(self.baseline.thousandths());
        let Some(breach) = self.breach(by, view.margin) else {
            return Ok(None);
        };
        Ok(Some(Held {
            facts: Facts::FromBaseline(FromBaselineFacts {
                rule: *self,
                value: *newest.value(),
                by: words::decimal(by),
                breach,
            }),
            newest_at: newest.at(),
            readings: evidence(std::iter::once(newest)),
            priority: match breach.level {
                Level::Soon => None,
                Level::Urgent => Some(Priority::Urgent),
            },
        }))
    }

    /// Finds the worst limit reached by a difference, or by one that is further out by the margin.
    fn breach(&self, by: i64, margin: i64) -> Option<Breach> {
        let on_side = |by: i64, side: Side| {
            let breach = self.limits.breach(&words::decimal(by))?;
            (breach.side == side).then_some(breach)
        };
        let low = on_side(by.saturating_sub(margin), Side::Low);
        let high = on_side(by.saturating_add(margin), Side::High);
        match (low, high) {
            (Some(low), Some(high)) if high.level > low.level => Some(high),
            (low, high) => low.or(high),
        }
    }
}

/// How far a value is from what was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromBaselineFacts {
    /// The rule.
    pub rule: FromBaseline,
    /// The newest value.
    pub value: Decimal,
    /// The difference; negative when the value is under the baseline.
    pub by: Decimal,
    /// The limit that the difference reached.
    pub breach: Breach,
}

impl FromBaselineFacts {
    /// Writes a difference: `2.5 kg over`.
    fn apart(&self, by: Decimal) -> String {
        let size = words::decimal(by.thousandths().saturating_abs());
        let side = if by.is_negative() { "under" } else { "over" };
        format!("{} {side}", words::quantity(self.rule.sign, size))
    }

    fn agreed(&self) -> String {
        words::quantity(self.rule.sign, self.rule.baseline)
    }

    pub(super) fn for_nurse(&self) -> String {
        let FromBaseline { sign, .. } = self.rule;
        let level = match self.breach.level {
            Level::Soon => "soon",
            Level::Urgent => "urgent",
        };
        format!(
            "{} {}, {} the agreed {} (rule: {level} from {})",
            capitalised(sign.name()),
            words::quantity(sign, self.value),
            self.apart(self.by),
            self.agreed(),
            self.apart(self.breach.limit),
        )
    }

    pub(super) fn for_patient(&self) -> String {
        let FromBaseline { sign, .. } = self.rule;
        format!(
            "Your {} is {}. That is {} the {} agreed with you.",
            words::patient_name(sign),
            words::quantity(sign, self.value),
            self.apart(self.by),
            self.agreed(),
        )
    }

    pub(super) fn would_have_stopped(&self) -> String {
        let limit = self.apart(self.breach.limit);
        format!("less than {limit} the agreed {}", self.agreed())
    }
}
