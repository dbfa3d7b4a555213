//! Gaps: staffed hours of the coming weeks in which nobody of the team is at work.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::on_duty::OnDuty;
use super::rota::Rota;
use crate::zone::Zone;

/// How many weeks ahead gaps are looked for, today included.
pub const GAP_WEEKS_AHEAD: i64 = 8;

/// A time within the staffed hours at which nobody of the team is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Its first moment: now, when it has begun already.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// Whether the same hours lack somebody in every one of the weeks that were looked at.
    pub every_week: bool,
}

/// The gaps of a team, by start. One that comes back every week is there once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps {
    /// The team's name.
    pub team: String,
    /// The team's zone.
    pub zone: Zone,
    /// The first gap.
    pub first: Gap,
    /// The gaps after it.
    pub more: Vec<Gap>,
}

impl Gap {
    /// Says when, in local time: `Thursday 12:00-13:00` every week, `Thursday 3 December 12:00-13:00` once.
    pub fn when(&self, zone: &Zone) -> String {
        let from = zone.local(self.from);
        let until = zone.local(self.until);
        let day = if self.every_week { "%A" } else { "%A %-d %B" };
        let ends = if until.date() > from.date() {
            "24:00".to_owned()
        } else {
            until.strftime("%H:%M").to_string()
        };
        format!("{} {}-{ends}", from.strftime(day), from.strftime("%H:%M"))
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = self.first.when(&self.zone);
        write!(f, "{when} nobody covers the {}", self.team)?;
        match self.more.len() {
            0 => f.write_str("."),
            1 => f.write_str(", and there is 1 more gap."),
            more => write!(f, ", and there are {more} more gaps."),
        }
    }
}

impl Rota {
    /// Finds the gaps from a moment on, over [`GAP_WEEKS_AHEAD`] weeks; `None` when there are none.
    ///
    /// Somebody is at work whose shift runs and who is not on leave, or whose cover is not. In a team without any shifts
    /// every member in post is at work.
    pub fn gaps(&self, now: Timestamp) -> Option<Gaps> {
        let zone = &self.team().zone;
        let today = zone.date(now);
        let horizon = today.saturating_add((GAP_WEEKS_AHEAD * 7).days());
        let mut times: Vec<(Timestamp, Timestamp)> = Vec::new();
        let mut at = now;
        while at < zone.midnight(horizon) {
            let duty = OnDuty::new(self, at);
            for (from, until) in uncovered(&duty) {
                match times.last_mut() {
                    Some(last) if last.1 == from && same_day(last.0, from, zone) => last.1 = until,
                    _ => times.push((from, until)),
                }
            }
            at = duty.until();
        }
        let mut gaps = gather(&times, today, zone).into_iter();
        Some(Gaps {
            first: gaps.next()?,
            more: gaps.collect(),
            team: self.team().name.clone(),
            zone: zone.clone(),
        })
    }
}

fn uncovered(duty: &OnDuty) -> Vec<(Timestamp, Timestamp)> {
    if !duty.is_staffed() {
        return Vec::new();
    }
    let changes = duty.changes().iter().copied();
    let ends = changes.clone().chain([duty.until()]);
    let parts = [duty.now()].into_iter().chain(changes).zip(ends);
    parts.filter(|(from, _)| !duty.is_covered(*from)).collect()
}

fn same_day(a: Timestamp, b: Timestamp, zone: &Zone) -> bool {
    zone.date(a) == zone.date(b)
}

/// A weekday, counted from Monday, and local hours.
type WeeklyHours = (i8, Time, Time);

/// Keeps one of the gaps that come back every week: the first.
fn gather(times: &[(Timestamp, Timestamp)], today: Date, zone: &Zone) -> Vec<Gap> {
    let weekly = every_week(times, today, zone);
    let mut said = BTreeSet::new();
    let mut gaps = Vec::new();
    for (from, until) in times.iter().copied() {
        let hours = weekly_hours(from, until, zone);
        let every_week = weekly.contains(&hours);
        if !every_week || said.insert(hours) {
            gaps.push(Gap {
                from,
                until,
                every_week,
            });
        }
    }
    gaps
}

fn every_week(times: &[(Timestamp, Timestamp)], today: Date, zone: &Zone) -> BTreeSet<WeeklyHours> {
    // Part of today may be over: the days after it decide.
    let later = times.iter().filter(|(from, _)| zone.date(*from) > today);
    let mut weeks_len: BTreeMap<WeeklyHours, i64> = BTreeMap::new();
    for (from, until) in later {
        *weeks_len
            .entry(weekly_hours(*from, *until, zone))
            .or_default() += 1;
    }
    let weekday_today = today.weekday().to_monday_zero_offset();
    let is_weekly = |((weekday, ..), len): &(WeeklyHours, i64)| {
        *len == GAP_WEEKS_AHEAD - i64::from(*weekday == weekday_today)
    };
    let weekly = weeks_len.into_iter().filter(is_weekly);
    weekly.map(|(hours, _)| hours).collect()
}

fn weekly_hours(from: Timestamp, until: Timestamp, zone: &Zone) -> WeeklyHours {
    let (from, until) = (zone.local(from), zone.local(until));
    let weekday = from.weekday().to_monday_zero_offset();
    (weekday, from.time(), until.time())
}
