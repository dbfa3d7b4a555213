//! Change: the newest reading against those of the few days before it.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use super::check::{Wrong, amount, between};
use super::direction::Direction;
use super::judgement::{Counted, Facts, Found, Held, Lack};
use super::view::{View, evidence, is_alike};
use super::words;
use crate::history::{Point, WINDOW_DAYS_MAX};
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// The most hours by which the times of day of readings that are compared may differ: any more is any time.
pub(super) const ALIKE_HOURS_MAX: u8 = 11;

/// Holds when the newest reading is at least so far from the lowest (for a rise) or the highest (for a fall) of the days
/// before it. A day counts by the median of its readings. It needs `days_min` days with readings.
///
/// Such as a gain of 2 kg in 3 days (ESC, heartfailurematters.org). The rule is what services ask for, and finds only
/// about one decompensation in five (HeartPhone, Eur J Heart Fail 2013): [`super::AgainstMedian`] belongs beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The vital sign.
    pub sign: VitalSign,
    /// Which way.
    pub direction: Direction,
    /// How far, in the sign's unit. A change of just this much has reached it.
    pub at_least: Decimal,
    /// How many local days back from the newest reading's.
    pub within_days: u8,
    /// How many of these days must have readings.
    pub days_min: u8,
    /// How many hours a reading's time of day may differ from the newest's to be compared with it; any when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_time_of_day_hours: Option<u8>,
}

impl Change {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        amount("at_least", self.at_least)?;
        between("within_days", self.within_days, 1, WINDOW_DAYS_MAX)?;
        between("days_min", self.days_min, 1, self.within_days)?;
        check_alike_hours(self.same_time_of_day_hours)
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let found = self.find(view)?;
        Ok(found.map(|(facts, newest)| Held {
            facts: Facts::Change(facts),
            newest_at: newest.at(),
            readings: evidence(facts.compared(view)),
            priority: None,
        }))
    }

    /// Finds the change, if it is as large as the rule says.
    pub(super) fn find<'a>(
        &self,
        view: &View<'a>,
    ) -> Result<Option<(ChangeFacts, &'a Point)>, Lack> {
        let lack = |have: u32| Lack::new(have, self.days_min, Counted::Days);
        let (newest, _) = view.latest(self.sign).ok_or(lack(0))?;
        let before = view.daily_before(
            self.sign,
            newest,
            self.within_days,
            self.same_time_of_day_hours,
        );
        if before.len() < u32::from(self.days_min) {
            return Err(lack(before.len()));
        }
        let changes = before.days().iter().map(|day| {
            let from = day.median_thousandths;
            let by = self.direction.distance(from, newest.thousandths());
            (by, day.day, from)
        });
        // The newest of days that are as low: the change is as recent as can be said.
        let Some((by, day, from)) = changes.max() else {
            return Err(lack(0));
        };
        if by < self.at_least.thousandths().saturating_sub(view.margin) {
            return Ok(None);
        }
        let facts = ChangeFacts {
            rule: *self,
            by: words::decimal(by),
            from: words::decimal(from),
            to: *newest.value(),
            days: newest.day().abs_diff(day),
        };
        Ok(Some((facts, newest)))
    }
}

pub(super) fn check_alike_hours(hours: Option<u8>) -> Result<(), Wrong> {
    match hours {
        Some(hours) => between("same_time_of_day_hours", hours, 1, ALIKE_HOURS_MAX),
        None => Ok(()),
    }
}

/// How far a value went in how many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeFacts {
    /// The rule.
    pub rule: Change,
    /// How far, in the rule's direction and the sign's unit.
    pub by: Decimal,
    /// The value of the earlier day.
    pub from: Decimal,
    /// The newest value.
    pub to: Decimal,
    /// How many local days lie between them.
    pub days: u32,
}

impl ChangeFacts {
    /// Gives the newest reading and those of the day that it was held against, newest first.
    pub(super) fn compared<'a>(
        &self,
        view: &View<'a>,
    ) -> impl Iterator<Item = &'a Point> + use<'a> {
        let (newest, before) = view.latest(self.rule.sign).unzip();
        let (days, hours) = (self.days, self.rule.same_time_of_day_hours);
        let is_compared = move |it: &&Point| {
            newest.is_some_and(|newest| {
                newest.day().abs_diff(it.day()) == days
                    && hours.is_none_or(|hours| is_alike(it, newest, hours))
            })
        };
        let before = before.unwrap_or_default().iter().rev();
        newest.into_iter().chain(before.filter(is_compared))
    }

    fn limit(&self) -> String {
        let Change {
            sign,
            at_least,
            within_days,
            ..
        } = self.rule;
        let days = words::count(within_days, "day");
        format!("{}{} in {days}", at_least.plain(), sign.unit())
    }

    pub(super) fn for_nurse(&self) -> String {
        capitalised(&self.clause())
    }

    /// Says the change as part of a longer sentence.
    pub(super) fn clause(&self) -> String {
        let Change {
            sign, direction, ..
        } = self.rule;
        format!(
            "{} {} {} in {} ({} to {}; rule: {})",
            sign.name(),
            direction.adverb(),
            words::quantity(sign, self.by),
            words::count(self.days, "day"),
            words::number(sign, self.from),
            words::quantity(sign, self.to),
            self.limit(),
        )
    }

    pub(super) fn for_patient(&self) -> String {
        format!("{}.", capitalised(&self.patient_clause()))
    }

    /// Says the change to the patient as part of a longer sentence.
    pub(super) fn patient_clause(&self) -> String {
        let Change {
            sign, direction, ..
        } = self.rule;
        format!(
            "your {} has gone {} by {} in {}",
            words::patient_name(sign),
            direction.adverb(),
            words::quantity(sign, self.by),
            words::count(self.days, "day"),
        )
    }

    pub(super) fn would_have_stopped(&self) -> String {
        format!("under {}", self.limit())
    }
}
