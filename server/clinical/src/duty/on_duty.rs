//! Who is on duty: one team from a moment until its staffed hours next begin or end.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::organisation::Shift;
use super::path::Absence;
use super::rota::Rota;
use crate::hours::Hours;
use crate::id::PersonId;
use crate::zone::Zone;

/// How many covers are followed one after the other; a ring of covers ends here too, with nobody.
pub const COVER_CHAIN_MAX: usize = 8;
/// How long the view holds at most, when no staffed hours begin before.
const VIEW_DAYS_MAX: i64 = 7;

/// One team's duty from a moment on, worked out once for all the alerts that are looked at in that moment.
///
/// It holds until the staffed hours next begin or end: everything that changes within is known.
#[derive(Debug, Clone)]
pub struct OnDuty<'a> {
    rota: &'a Rota,
    now: Timestamp,
    until: Timestamp,
    is_staffed: bool,
    /// The shifts that run at some moment of the view; none outside the staffed hours.
    turns: Vec<Turn<'a>>,
    /// The moments after `now` and before `until` at which anything changes, in order.
    changes: Vec<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Turn<'a> {
    person: &'a PersonId,
    from: Timestamp,
    until: Timestamp,
    /// Whether the person is there throughout. A shift lies within its person's membership, so only leave counts.
    is_steady: bool,
}

impl<'a> OnDuty<'a> {
    /// Looks at a rota from a moment on.
    pub fn new(rota: &'a Rota, now: Timestamp) -> Self {
        let (staffed, zone) = (&rota.team().staffed, &rota.team().zone);
        let open = open_span(staffed, zone, now);
        let until = match open {
            Some(open) => open.until,
            None => closed_until(staffed, zone, now),
        };
        let mut duty = Self {
            rota,
            now,
            until,
            is_staffed: open.is_some(),
            turns: Vec::new(),
            changes: Vec::new(),
        };
        if let Some(open) = open {
            duty.turns = duty.find_turns(open.date);
        }
        duty.changes = duty.find_changes();
        duty
    }

    /// Gives the rota.
    pub fn rota(&self) -> &'a Rota {
        self.rota
    }

    /// Gives the moment from which it is looked at.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Gives the moment until which the view holds: when the staffed hours next begin or end, a week at most.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Tells whether somebody of the team must be at work.
    pub fn is_staffed(&self) -> bool {
        self.is_staffed
    }

    /// Gives the moments within the view at which somebody's shift, leave or membership begins or ends.
    pub(super) fn changes(&self) -> &[Timestamp] {
        &self.changes
    }

    /// Gives the stretches of the view within which nothing changes.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let changes = self.changes.iter().copied();
        let ends = changes.clone().chain([self.until]);
        std::iter::once(self.now).chain(changes).zip(ends)
    }

    /// Finds who is on call: the person named, or who covers for them; `None` when nobody is.
    pub(super) fn on_call(&self, at: Timestamp) -> Option<&'a PersonId> {
        self.stand_in(&self.rota.team().on_call, at)
    }

    /// Finds who works a person's duty: themselves, or when on leave their cover, or the cover's cover.
    pub(super) fn stand_in(&self, person: &'a PersonId, at: Timestamp) -> Option<&'a PersonId> {
        let mut who = person;
        for _ in 0..COVER_CHAIN_MAX {
            if !self.rota.in_post(who, at) {
                return None;
            }
            match self.rota.leave_of(who, at) {
                None => return Some(who),
                Some(leave) => who = leave.cover.as_ref()?,
            }
        }
        None
    }

    /// Finds who is on shift: of several, the one whose shift began first, then the one whose id is first.
    pub(super) fn on_shift(&self, at: Timestamp) -> Option<&'a PersonId> {
        self.workers(at).min().map(|(_, person)| person)
    }

    /// Tells why a person is not there at all; `None` when they are.
    pub(super) fn away(&self, person: &PersonId, at: Timestamp) -> Option<Absence> {
        if !self.rota.in_post(person, at) {
            return Some(Absence::NotInPost);
        }
        let leave = self.rota.leave_of(person, at)?;
        Some(Absence::OnLeave { until: leave.until })
    }

    /// Tells why somebody who holds an alert is not there; `None` when they are. Who never was of the team was asked by
    /// name from outside, and is there unless a leave says otherwise.
    pub(super) fn holder_away(&self, person: &PersonId, at: Timestamp) -> Option<Absence> {
        match self.away(person, at) {
            Some(Absence::NotInPost) if !self.rota.was_member(person) => {
                let leave = self.rota.leave_of(person, at)?;
                Some(Absence::OnLeave { until: leave.until })
            }
            away => away,
        }
    }

    /// Finds somebody of the team who is at work: who is on shift, or else the first without shifts of their own.
    pub(super) fn at_work(&self, at: Timestamp) -> Option<&'a PersonId> {
        if !self.is_staffed {
            return None;
        }
        let mut members = self.rota.team().members.iter().map(|it| &it.person);
        self.on_shift(at)
            .or_else(|| members.find(|it| self.absence(it, at).is_none()))
    }

    /// Tells why a person is not at work, within the staffed hours; `None` when they are.
    pub(super) fn absence(&self, person: &PersonId, at: Timestamp) -> Option<Absence> {
        if let Some(absence) = self.away(person, at) {
            return Some(absence);
        }
        let works = !self.rota.has_shifts(person) || self.workers(at).any(|(_, who)| who == person);
        (!works).then_some(Absence::OffShift)
    }

    /// Tells whether the team has somebody at work: on shift, or, in a team without any shifts, in post.
    pub(super) fn is_covered(&self, at: Timestamp) -> bool {
        if self.rota.shifts().is_empty() {
            let mut members = self.rota.team().members.iter();
            return members.any(|it| self.stand_in(&it.person, at).is_some());
        }
        self.workers(at).next().is_some()
    }

    /// Gives whose shifts run at a moment, there or not.
    pub(super) fn on_turn(&self, at: Timestamp) -> impl Iterator<Item = &'a PersonId> {
        let runs = move |turn: &&Turn<'a>| turn.from <= at && at < turn.until;
        self.turns.iter().filter(runs).map(|turn| turn.person)
    }

    fn workers(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, &'a PersonId)> {
        self.turns
            .iter()
            .filter(move |turn| turn.from <= at && at < turn.until)
            .filter_map(move |turn| {
                let steady = turn.is_steady.then_some(turn.person);
                let who = steady.or_else(|| self.stand_in(turn.person, at))?;
                Some((turn.from, who))
            })
    }

    fn find_turns(&self, date: Date) -> Vec<Turn<'a>> {
        let overlaps = |from, until| from < self.until && self.now < until;
        let shifts = self.rota.shifts().iter();
        shifts
            .filter(|it| overlaps(it.from, it.until.unwrap_or(Timestamp::MAX)))
            .flat_map(|shift| {
                let times = shift_times(shift, date, &self.rota.team().zone);
                times.map(|(from, until)| (&shift.person, from, until))
            })
            .filter(|(_, from, until)| overlaps(*from, *until))
            .map(|(person, from, until)| Turn {
                person,
                from,
                until,
                is_steady: !self.rota.has_leave_within(person, from, until),
            })
            .collect()
    }

    fn find_changes(&self) -> Vec<Timestamp> {
        let turns = self.turns.iter().flat_map(|it| [it.from, it.until]);
        let leaves = self.rota.leaves().iter().flat_map(|it| [it.from, it.until]);
        let members = self.rota.team().members.iter();
        let members = members.flat_map(|it| [it.from, it.until.unwrap_or(it.from)]);
        let mut changes: Vec<Timestamp> = turns
            .chain(leaves)
            .chain(members)
            .filter(|at| self.now < *at && *at < self.until)
            .collect();
        changes.sort_unstable();
        changes.dedup();
        changes
    }
}

#[derive(Clone, Copy)]
struct OpenSpan {
    date: Date,
    until: Timestamp,
}

/// Finds the staffed span that is open; of several, the one that began first.
///
/// The days before and after are looked at too: a zone may change its clocks at midnight.
fn open_span(staffed: &Hours, zone: &Zone, now: Timestamp) -> Option<OpenSpan> {
    let today = zone.date(now);
    let spans = (-1..=1).flat_map(|days| {
        let date = today.saturating_add(days.days());
        of_day(staffed, date, zone).map(move |(from, until)| (from, date, until))
    });
    spans
        .filter(|(from, _, until)| *from <= now && now < *until)
        .min()
        .map(|(_, date, until)| OpenSpan { date, until })
}

fn closed_until(staffed: &Hours, zone: &Zone, now: Timestamp) -> Timestamp {
    let today = zone.date(now);
    let latest = now
        .checked_add(SignedDuration::from_hours(VIEW_DAYS_MAX * 24))
        .unwrap_or(Timestamp::MAX);
    (-1..=VIEW_DAYS_MAX + 1)
        .flat_map(|days| of_day(staffed, today.saturating_add(days.days()), zone))
        .map(|(from, _)| from)
        .filter(|from| now < *from)
        .fold(latest, Timestamp::min)
}

/// Gives when a shift begins and ends on a date, within its dates.
fn shift_times<'a>(
    shift: &'a Shift,
    date: Date,
    zone: &'a Zone,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + 'a {
    let last = shift.until.unwrap_or(Timestamp::MAX);
    of_day(&shift.hours, date, zone)
        .map(move |(from, until)| (from.max(shift.from), until.min(last)))
}

/// Gives when the hours of a date begin and end. A clock change may leave a span no time: it ends before it begins.
fn of_day<'h>(
    hours: &'h Hours,
    date: Date,
    zone: &'h Zone,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + 'h {
    hours
        .spans()
        .iter()
        .filter(move |span| span.has_day(date.weekday()))
        .map(move |span| span.on(date, zone))
}
