//! Against the median: the newest reading against what has been usual for the patient.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::change::check_alike_hours;
use super::check::{Wrong, amount, between};
use super::direction::Direction;
use super::judgement::{Counted, Facts, Found, Held, Lack};
use super::view::{View, evidence_by_day};
use super::words;
use crate::history::WINDOW_DAYS_MAX;
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// Holds when the newest reading is at least so far from the median of the daily medians of the days before it. It needs
/// `days_min` days with readings.
///
/// It finds the slow gain that a change within days misses: 39 % of patients were 2 kg over a 28-day baseline before
/// decompensation, where 11 % had gained 2 kg in 3 days (HeartPhone, Eur J Heart Fail 2013). ENGAGE-HF
/// (StanfordBDHG/ENGAGE-HF-Firebase) holds the latest weight against a 7-day median.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgainstMedian {
    /// The vital sign.
    pub sign: VitalSign,
    /// Which way.
    pub direction: Direction,
    /// How far, in the sign's unit. A distance of just this much has reached it.
    pub at_least: Decimal,
    /// How many local days before the newest reading's make up what is usual.
    pub median_days: u8,
    /// How many of these days must have readings.
    pub days_min: u8,
    /// How many hours a reading's time of day may differ from the newest's to be compared with it; any when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_time_of_day_hours: Option<u8>,
}

impl AgainstMedian {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        amount("at_least", self.at_least)?;
        between("median_days", self.median_days, 2, WINDOW_DAYS_MAX)?;
        between("days_min", self.days_min, 2, self.median_days)?;
        check_alike_hours(self.same_time_of_day_hours)
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let Some((newest, _)) = view.latest(self.sign) else {
            return Err(Lack::new(0_u8, self.days_min, Counted::Days));
        };
        let before = view.daily_before(
            self.sign,
            newest,
            self.median_days,
            self.same_time_of_day_hours,
        );
        let usual = before
            .median()
            .filter(|_| before.len() >= u32::from(self.days_min));
        let Some(usual) = usual else {
            return Err(Lack::new(before.len(), self.days_min, Counted::Days));
        };
        let by = self.direction.distance(usual, newest.thousandths());
        if by < self.at_least.thousandths().saturating_sub(view.margin) {
            return Ok(None);
        }
        let first = newest.day().saturating_sub(i32::from(self.median_days));
        Ok(Some(Held {
            facts: Facts::AgainstMedian(AgainstMedianFacts {
                rule: *self,
                value: *newest.value(),
                usual: words::decimal(usual),
                by: words::decimal(by),
                days: before.len(),
            }),
            newest_at: newest.at(),
            readings: evidence_by_day(view.points(self.sign), first),
            priority: None,
        }))
    }
}

/// How far a value is from what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgainstMedianFacts {
    /// The rule.
    pub rule: AgainstMedian,
    /// The newest value.
    pub value: Decimal,
    /// The median of the days before.
    pub usual: Decimal,
    /// How far apart they are, in the rule's direction and the sign's unit.
    pub by: Decimal,
    /// How many days the median is of.
    pub days: u32,
}

impl AgainstMedianFacts {
    pub(super) fn for_nurse(&self) -> String {
        let AgainstMedian {
            sign,
            direction,
            at_least,
            median_days,
            ..
        } = self.rule;
        format!(
            "{} {}, {} {} the usual {} (median of {} of the last {median_days} days; rule: {}{})",
            capitalised(sign.name()),
            words::quantity(sign, self.value),
            words::quantity(sign, self.by),
            direction.preposition(),
            words::quantity(sign, self.usual),
            self.days,
            at_least.plain(),
            sign.unit(),
        )
    }

    pub(super) fn for_patient(&self) -> String {
        let AgainstMedian {
            sign, direction, ..
        } = self.rule;
        let side = match direction {
            Direction::Rise => "above",
            Direction::Fall => "below",
        };
        format!(
            "Your {} is {}. That is {} {side} what is usual for you.",
            words::patient_name(sign),
            words::quantity(sign, self.value),
            words::quantity(sign, self.by),
        )
    }

    pub(super) fn would_have_stopped(&self) -> String {
        let AgainstMedian {
            sign,
            direction,
            at_least,
            ..
        } = self.rule;
        format!(
            "less than {}{} {} the usual {}",
            at_least.plain(),
            sign.unit(),
            direction.preposition(),
            words::quantity(sign, self.usual)
        )
    }
}
