//! Duty worked out the slow and obvious way, to compare with: every moment on its own, every list from end to end.

use clinical::PersonId;
use clinical::duty::{Assignments, Held, Holder, Leave, Rota, RotaEdit, Shift, Step, Team};
use jiff::{Timestamp, ToSpan};

type Time = (Timestamp, Timestamp);

/// The days of a case, laid out as times.
pub(crate) struct Naive {
    team: Team,
    shifts: Vec<Shift>,
    leaves: Vec<Leave>,
    staffed: Vec<Time>,
    turns: Vec<(PersonId, Time)>,
}

impl Naive {
    /// Lays out a number of days from a moment on.
    pub(crate) fn new(rota: &Rota, from: Timestamp, days: i64) -> Self {
        let (team, shifts) = (rota.team().clone(), rota.shifts().to_vec());
        Self::of_parts(team, shifts, rota.leaves().to_vec(), from, days)
    }

    fn of_parts(
        team: Team,
        shifts: Vec<Shift>,
        leaves: Vec<Leave>,
        from: Timestamp,
        days: i64,
    ) -> Self {
        let (mut staffed, mut turns) = (Vec::new(), Vec::new());
        for day in -1..=days {
            let date = team.zone.date(from).saturating_add(day.days());
            let on = |hours: &clinical::Hours| -> Vec<Time> {
                let spans = hours.spans().iter();
                let spans = spans.filter(|span| span.has_day(date.weekday()));
                spans.map(|span| span.on(date, &team.zone)).collect()
            };
            staffed.extend(on(&team.staffed));
            for shift in &shifts {
                let clip = |(from, until): Time| {
                    let ends = shift.until.unwrap_or(Timestamp::MAX);
                    (from.max(shift.from), until.min(ends))
                };
                let times = on(&shift.hours).into_iter().map(clip);
                turns.extend(times.map(|time| (shift.person.clone(), time)));
            }
        }
        Self {
            team,
            shifts,
            leaves,
            staffed,
            turns,
        }
    }

    pub(crate) fn is_midnight(&self, at: Timestamp) -> bool {
        self.team.zone.midnight(self.team.zone.date(at)) == at
    }

    pub(crate) fn is_staffed(&self, at: Timestamp) -> bool {
        self.staffed.iter().any(|time| within(*time, at))
    }

    pub(crate) fn in_post(&self, person: &PersonId, at: Timestamp) -> bool {
        let mut ever = false;
        for member in self.team.members.iter().filter(|it| it.person == *person) {
            ever = true;
            if within((member.from, member.until.unwrap_or(Timestamp::MAX)), at) {
                return true;
            }
        }
        !ever && [&self.team.lead, &self.team.on_call].contains(&person)
    }

    pub(crate) fn leave_of(&self, person: &PersonId, at: Timestamp) -> Option<&Leave> {
        let mut leaves = self.leaves.iter();
        leaves.find(|it| it.person == *person && within((it.from, it.until), at))
    }

    fn is_there(&self, person: &PersonId, at: Timestamp) -> bool {
        self.in_post(person, at) && self.leave_of(person, at).is_none()
    }

    /// Who works a person's duty, following covers until somebody is there.
    fn stand_in(&self, person: &PersonId, at: Timestamp) -> Option<PersonId> {
        let mut who = person.clone();
        let mut seen = Vec::new();
        while !seen.contains(&who) {
            if !self.in_post(&who, at) {
                return None;
            }
            let Some(leave) = self.leave_of(&who, at) else {
                return Some(who);
            };
            seen.push(who);
            who = leave.cover.clone()?;
        }
        None
    }

    fn on_shift(&self, at: Timestamp) -> Vec<(Timestamp, PersonId)> {
        let running = self.turns.iter().filter(|(_, time)| within(*time, at));
        let mut workers: Vec<_> = running
            .filter_map(|(person, time)| Some((time.0, self.stand_in(person, at)?)))
            .collect();
        workers.sort();
        workers
    }

    /// Whether somebody of the team is at work, if somebody must be.
    pub(crate) fn is_covered(&self, at: Timestamp) -> bool {
        if self.shifts.is_empty() {
            let mut members = self.team.members.iter();
            return members.any(|it| self.stand_in(&it.person, at).is_some());
        }
        !self.on_shift(at).is_empty()
    }

    fn is_at_work(&self, person: &PersonId, at: Timestamp) -> bool {
        let by_shifts = self.shifts.iter().any(|it| it.person == *person);
        let works = self.on_shift(at).iter().any(|(_, who)| who == person);
        self.is_there(person, at) && (works || !by_shifts)
    }

    fn on_call(&self, at: Timestamp) -> PersonId {
        let on_call = &self.team.on_call;
        self.stand_in(on_call, at)
            .unwrap_or_else(|| on_call.clone())
    }

    fn lead(&self, at: Timestamp) -> Option<PersonId> {
        let lead = &self.team.lead;
        self.is_at_work(lead, at).then(|| lead.clone())
    }

    fn cover_of(&self, person: &PersonId, at: Timestamp) -> Option<PersonId> {
        let mut who = person.clone();
        let mut seen = Vec::new();
        while !seen.contains(&who) {
            let cover = self.leave_of(&who, at)?.cover.clone()?;
            if self.is_at_work(&cover, at) {
                return Some(cover);
            }
            if !self.in_post(&cover, at) {
                return None;
            }
            seen.push(who);
            who = cover;
        }
        None
    }

    /// Who answers.
    pub(crate) fn who(&self, assignments: &Assignments, held: &Held, at: Timestamp) -> PersonId {
        if !self.is_staffed(at) || held.step == Step::OnCall {
            return self.on_call(at);
        }
        if held.step == Step::TeamLead {
            return self.lead(at).unwrap_or_else(|| self.on_call(at));
        }
        if let Holder::TakenBy { person } | Holder::EscalatedTo { person } = &held.holder
            && self.is_there(person, at)
        {
            return person.clone();
        }
        let coordinator = assignments.coordinator_at(at);
        if self.is_at_work(coordinator, at) {
            return coordinator.clone();
        }
        let away = self.in_post(coordinator, at).then_some(coordinator);
        away.and_then(|it| self.cover_of(it, at))
            .or_else(|| Some(self.on_shift(at).first()?.1.clone()))
            .or_else(|| self.lead(at))
            .unwrap_or_else(|| self.on_call(at))
    }

    /// What an edit would make of a rota, gaps or not.
    pub(crate) fn edited(rota: &Rota, edit: &RotaEdit, from: Timestamp, days: i64) -> Self {
        let mut team = rota.team().clone();
        let (mut shifts, mut leaves) = (rota.shifts().to_vec(), rota.leaves().to_vec());
        match edit.clone() {
            RotaEdit::AddShift { shift } => shifts.push(shift),
            RotaEdit::EndShift { shift, at } => {
                let row = shifts.iter_mut().find(|it| **it == shift).unwrap();
                row.until = Some(row.until.unwrap_or(at).min(at));
            }
            RotaEdit::AddLeave { leave } => leaves.push(leave),
            RotaEdit::EndLeave { person, from, at } => {
                let mut rows = leaves.iter_mut();
                let row = rows.find(|it| it.person == person && it.from == from);
                let row = row.unwrap();
                row.until = row.until.min(at);
            }
            RotaEdit::MemberJoins { person, from } => team.members.push(clinical::duty::Member {
                person,
                from,
                until: None,
            }),
            RotaEdit::MemberLeaves { person, at } => {
                for row in team.members.iter_mut().filter(|it| it.person == person) {
                    row.until = Some(at);
                }
                for row in shifts.iter_mut().filter(|it| it.person == person) {
                    row.until = Some(row.until.unwrap_or(at).min(at));
                }
            }
            RotaEdit::ChangeStaffedHours { staffed } => team.staffed = staffed,
            RotaEdit::ChangeLead { lead } => team.lead = lead,
            RotaEdit::ChangeOnCall { on_call } => team.on_call = on_call,
        }
        shifts.retain(|it| it.until.is_none_or(|until| it.from < until));
        Self::of_parts(team, shifts, leaves, from, days)
    }
}

fn within((from, until): Time, at: Timestamp) -> bool {
    from <= at && at < until
}
