//! Gaps: times ahead at which nobody of the team is at work though somebody must be, or nobody is on call.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::on_duty::OnDuty;
use super::rota::Rota;
use crate::zone::Zone;

/// How many weeks ahead gaps are looked for at least, today included.
pub const GAP_WEEKS_AHEAD_MIN: i64 = 8;
/// How many weeks ahead gaps are looked for at most: what is dated later is found when time has brought it near.
pub const GAP_WEEKS_AHEAD_MAX: i64 = 104;
/// How many days one view of a team's duty touches at most.
const DAYS_OF_VIEW_MAX: usize = 10;

/// Who is missing.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Nobody of the team is at work, and the hours are staffed.
    #[default]
    AtWork,
    /// The person on call is away, and nobody who is there covers for them. They are the last to be asked at any hour.
    OnCall,
}

/// A time at which somebody is missing who would answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Who.
    #[serde(default)]
    pub lack: Lack,
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

    /// Says when, who and where: `Thursday 12:00-13:00 nobody covers the North team`.
    pub fn sentence(&self, team: &str, zone: &Zone) -> String {
        let who = match self.lack {
            Lack::AtWork => "nobody covers",
            Lack::OnCall => "nobody is on call for",
        };
        format!("{} {who} the {team}", self.when(zone))
    }

    /// Tells whether a gap lies within another: at the same hours of the week, when that one comes back every week.
    fn is_within(&self, other: &Self, zone: &Zone) -> bool {
        if self.lack != other.lack {
            return false;
        }
        if !other.every_week {
            return !self.every_week && other.from <= self.from && self.until <= other.until;
        }
        let hours = |gap: &Self| {
            let (from, until) = (zone.local(gap.from), zone.local(gap.until));
            let ends_at_midnight = until.date() > from.date();
            let ends = (!ends_at_midnight).then(|| until.time());
            (from.weekday(), from.time(), ends)
        };
        let ((day, from, ends), (other_day, other_from, other_ends)) = (hours(self), hours(other));
        let ends_within = match (ends, other_ends) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(ends), Some(other)) => ends <= other,
        };
        day == other_day && other_from <= from && ends_within
    }
}

impl Gaps {
    /// Gives all of them.
    pub fn iter(&self) -> impl Iterator<Item = &Gap> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// Keeps the gaps that lie within none of those known; `None` when there are no others.
    pub(super) fn beside(self, known: Option<&Self>) -> Option<Self> {
        let is_known = |gap: &Gap| {
            let mut known = known.into_iter().flat_map(Self::iter);
            known.any(|it| gap.is_within(it, &self.zone))
        };
        let mut new = self.iter().copied().filter(|gap| !is_known(gap));
        let (first, more) = (new.next()?, new.collect());
        Some(Self {
            first,
            more,
            ..self.clone()
        })
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.sentence(&self.team, &self.zone))?;
        match self.more.len() {
            0 => f.write_str("."),
            1 => f.write_str(", and there is 1 more gap."),
            more => write!(f, ", and there are {more} more gaps."),
        }
    }
}

impl Rota {
    /// Finds the gaps from a moment on: over [`GAP_WEEKS_AHEAD_MIN`] weeks, or as far as anything is dated in the rota and
    /// a week more, within [`GAP_WEEKS_AHEAD_MAX`]. `None` when there are none.
    ///
    /// Somebody is at work whose shift runs and who is not on leave, or whose cover is not. In a team without any shifts
    /// every member in post is at work. Somebody is on call, at any hour, when the person on call or a cover is there.
    pub fn gaps(&self, now: Timestamp) -> Option<Gaps> {
        let zone = &self.team().zone;
        let look = Look {
            zone,
            today: zone.date(now),
            weeks_len: self.weeks_ahead(zone.date(now)),
        };
        let (mut at_work, mut on_call) = (Vec::new(), Vec::new());
        let mut at = now;
        while at < look.horizon() {
            let duty = OnDuty::new(self, at);
            for part in duty.parts() {
                if duty.is_staffed() && !duty.is_covered(part.0) {
                    look.add(&mut at_work, part);
                }
                if duty.on_call(part.0).is_none() {
                    look.add(&mut on_call, part);
                }
            }
            at = duty.until();
        }
        let mut gaps = look.gather(Lack::AtWork, &at_work);
        gaps.extend(look.gather(Lack::OnCall, &on_call));
        gaps.sort_by_key(|gap| (gap.from, gap.lack));
        let mut gaps = gaps.into_iter();
        Some(Gaps {
            first: gaps.next()?,
            more: gaps.collect(),
            team: self.team().name.clone(),
            zone: zone.clone(),
        })
    }

    /// Gives how many weeks are looked at: after the last date of the rota, what one week is like all later ones are.
    fn weeks_ahead(&self, today: Date) -> i64 {
        let shifts = self.shifts().iter().map(|it| (it.from, it.until));
        let leaves = self.leaves().iter().map(|it| (it.from, Some(it.until)));
        let members = self.team().members.iter().map(|it| (it.from, it.until));
        let dates = shifts.chain(leaves).chain(members);
        let last = dates.map(|(from, until)| until.unwrap_or(from)).max();
        let days = last.map_or(0, |last| days_between(today, self.team().zone.date(last)));
        (days / 7 + 2).clamp(GAP_WEEKS_AHEAD_MIN, GAP_WEEKS_AHEAD_MAX)
    }
}

fn days_between(from: Date, until: Date) -> i64 {
    let hours = until.duration_since(from).as_hours();
    hours / 24
}

/// From when until when.
type Stretch = (Timestamp, Timestamp);

/// Where and how far is looked.
struct Look<'a> {
    zone: &'a Zone,
    today: Date,
    weeks_len: i64,
}

/// A weekday, counted from Monday, and local hours.
type WeeklyHours = (i8, Time, Time);

impl Look<'_> {
    fn horizon(&self) -> Timestamp {
        let date = self.today.saturating_add((self.weeks_len * 7).days());
        self.zone.midnight(date)
    }

    /// Adds a time day by day; one that follows another on the same day is the same.
    fn add(&self, times: &mut Vec<Stretch>, (mut from, until): Stretch) {
        let until = until.min(self.horizon());
        for _ in 0..DAYS_OF_VIEW_MAX {
            if from >= until {
                return;
            }
            let ends = until.min(self.zone.midnight_after(self.zone.date(from)));
            match times.last_mut() {
                Some(last) if last.1 == from && self.is_same_day(last.0, from) => last.1 = ends,
                _ => times.push((from, ends)),
            }
            from = ends;
        }
    }

    fn is_same_day(&self, a: Timestamp, b: Timestamp) -> bool {
        self.zone.date(a) == self.zone.date(b)
    }

    /// Keeps one of the gaps that come back every week: the first.
    fn gather(&self, lack: Lack, times: &[Stretch]) -> Vec<Gap> {
        let weekly = self.every_week(times);
        let mut said = BTreeSet::new();
        let mut gaps = Vec::new();
        for (from, until) in times.iter().copied() {
            let hours = self.weekly_hours(from, until);
            let every_week = weekly.contains(&hours);
            if !every_week || said.insert(hours) {
                gaps.push(Gap {
                    lack,
                    from,
                    until,
                    every_week,
                });
            }
        }
        gaps
    }

    fn every_week(&self, times: &[Stretch]) -> BTreeSet<WeeklyHours> {
        // Part of today may be over: the days after it decide.
        let later = times.iter();
        let later = later.filter(|(from, _)| self.zone.date(*from) > self.today);
        let mut weeks_len: BTreeMap<WeeklyHours, i64> = BTreeMap::new();
        for (from, until) in later {
            *weeks_len
                .entry(self.weekly_hours(*from, *until))
                .or_default() += 1;
        }
        let weekday_today = self.today.weekday().to_monday_zero_offset();
        let is_weekly = |((weekday, ..), len): &(WeeklyHours, i64)| {
            *len == self.weeks_len - i64::from(*weekday == weekday_today)
        };
        let weekly = weeks_len.into_iter().filter(is_weekly);
        weekly.map(|(hours, _)| hours).collect()
    }

    fn weekly_hours(&self, from: Timestamp, until: Timestamp) -> WeeklyHours {
        let (from, until) = (self.zone.local(from), self.zone.local(until));
        let weekday = from.weekday().to_monday_zero_offset();
        (weekday, from.time(), until.time())
    }
}
