//! N of M: several of the last readings at or beyond a limit, so that one odd reading raises nothing.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::check::{Wrong, between, fine};
use super::judgement::{Counted, EVIDENCE_LEN_MAX, Facts, Found, Held, Lack};
use super::view::{View, evidence};
use super::words;
use crate::history::WINDOW_DAYS_MAX;
use crate::limits::Side;
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// Holds when at least `n` of the last `m` readings are at or beyond a limit. It needs `n` readings.
///
/// Asking a breach to last cuts alarms most: a delay alone took away 60 % of oximeters' (AAMI Foundation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NOfM {
    /// The vital sign.
    pub sign: VitalSign,
    /// Whether the limit is a lower or an upper one.
    pub side: Side,
    /// The limit, in the sign's unit. A value at it has reached it.
    pub limit: Decimal,
    /// How many readings must have reached it.
    pub n: u8,
    /// Of how many, the newest.
    pub m: u8,
    /// How old a reading may be beside the newest, in days of 24 hours.
    pub within_days: u8,
}

impl NOfM {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let readings_max = u32::try_from(EVIDENCE_LEN_MAX).unwrap_or(u32::MAX);
        between("m", self.m, 1, readings_max)?;
        between("n", self.n, 1, self.m)?;
        between("within_days", self.within_days, 1, WINDOW_DAYS_MAX)?;
        fine("limit", self.limit)
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let Some((newest, _)) = view.latest(self.sign) else {
            return Err(Lack::new(0_u8, self.n, Counted::Readings));
        };
        let limit = view.eased(self.side, self.limit);
        let is_reached = |value: &Decimal| match self.side {
            Side::Low => value.compare(&limit).is_le(),
            Side::High => value.compare(&limit).is_ge(),
        };
        let looked_at = || {
            let newest_first = view.recent(self.sign, self.within_days);
            newest_first.take(usize::from(self.m))
        };
        let (mut reached, mut of) = (0, 0);
        for point in looked_at() {
            of += 1;
            reached += u8::from(is_reached(point.value()));
        }
        if reached >= self.n {
            return Ok(Some(Held {
                facts: Facts::NOfM(NOfMFacts {
                    rule: *self,
                    reached,
                    of,
                    newest: *newest.value(),
                }),
                newest_at: newest.at(),
                readings: evidence(looked_at().filter(|it| is_reached(it.value()))),
                priority: None,
            }));
        }
        if of < self.n {
            Err(Lack::new(of, self.n, Counted::Readings))
        } else {
            Ok(None)
        }
    }
}

/// How many readings reached a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NOfMFacts {
    /// The rule.
    pub rule: NOfM,
    /// How many readings reached the limit.
    pub reached: u8,
    /// Of how many.
    pub of: u8,
    /// The newest value, in the sign's unit.
    pub newest: Decimal,
}

impl NOfMFacts {
    fn limit(&self) -> String {
        words::limit(self.rule.sign, self.rule.side, self.rule.limit)
    }

    pub(super) fn for_nurse(&self) -> String {
        let NOfM {
            sign,
            n,
            m,
            within_days,
            ..
        } = self.rule;
        format!(
            "{} {} in {} of the last {}, newest {} (rule: {n} of {m} within {})",
            capitalised(sign.name()),
            self.limit(),
            self.reached,
            words::count(self.of, "reading"),
            words::quantity(sign, self.newest),
            words::count(within_days, "day"),
        )
    }

    pub(super) fn for_patient(&self) -> String {
        let name = words::patient_name(self.rule.sign);
        let side = match self.rule.side {
            Side::Low => "low",
            Side::High => "high",
        };
        if self.of == 1 {
            return format!("Your {name} was {side} in your last reading.");
        }
        let (reached, of) = (self.reached, self.of);
        format!("Your {name} was {side} in {reached} of your last {of} readings.")
    }

    pub(super) fn would_have_stopped(&self) -> String {
        let NOfM { n, m, .. } = self.rule;
        format!(
            "fewer than {n} of the last {} at {}",
            words::count(m, "reading"),
            self.limit()
        )
    }
}
