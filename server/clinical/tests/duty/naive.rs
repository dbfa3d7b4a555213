//! Duty worked out the slow and obvious way, to compare with: every moment on its own, every list from end to end.

use clinical::PersonId;
use clinical::duty::{
    Absence, Assignments, Held, Holder, Lack, Leave, PassedOver, Rota, RotaEdit, Shift, Step, Team,
};
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

    /// Who answers when nobody before them does.
    fn last_resort(&self, at: Timestamp) -> PersonId {
        let on_call = &self.team.on_call;
        self.stand_in(on_call, at)
            .or_else(|| self.any_at_work(at))
            .or_else(|| self.lead_at_any_hour(at))
            .unwrap_or_else(|| on_call.clone())
    }

    fn any_at_work(&self, at: Timestamp) -> Option<PersonId> {
        if !self.is_staffed(at) {
            return None;
        }
        let on_shift = self.on_shift(at).into_iter().map(|(_, who)| who).next();
        let members = self.team.members.iter().map(|it| it.person.clone());
        on_shift.or_else(|| members.filter(|it| self.is_at_work(it, at)).min())
    }

    fn lead_at_any_hour(&self, at: Timestamp) -> Option<PersonId> {
        let lead = &self.team.lead;
        self.is_there(lead, at).then(|| lead.clone())
    }

    /// Whether nobody is left of those who answer when nobody before them does.
    pub(crate) fn is_deserted(&self, at: Timestamp) -> bool {
        let others = self.any_at_work(at).or_else(|| self.lead_at_any_hour(at));
        self.stand_in(&self.team.on_call, at).is_none() && others.is_none()
    }

    /// What is missing for the rota to be whole at a moment.
    pub(crate) fn lacks(&self, at: Timestamp) -> Vec<Lack> {
        let at_work = self.is_staffed(at) && !self.is_covered(at);
        let on_call = self.stand_in(&self.team.on_call, at).is_none();
        let lacks = [(at_work, Lack::AtWork), (on_call, Lack::OnCall)];
        lacks.into_iter().filter(|it| it.0).map(|it| it.1).collect()
    }

    /// Whether somebody who holds an alert is there: from outside the team unless on leave, of the team while in it.
    pub(crate) fn holds(&self, person: &PersonId, at: Timestamp) -> bool {
        let is_outside = self.team.members.iter().all(|it| it.person != *person);
        (is_outside || self.in_post(person, at)) && self.leave_of(person, at).is_none()
    }

    /// Whether what is said of somebody who was passed over is so.
    pub(crate) fn is_absent(&self, passed: &PassedOver, at: Timestamp) -> bool {
        let person = &passed.person;
        match passed.absence {
            Absence::NotInPost => !self.in_post(person, at),
            Absence::OnLeave { until } => self
                .leave_of(person, at)
                .is_some_and(|it| it.until == until),
            Absence::OffShift => self.is_there(person, at) && !self.is_at_work(person, at),
        }
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
            return self.last_resort(at);
        }
        if held.step == Step::TeamLead {
            return self.lead(at).unwrap_or_else(|| self.last_resort(at));
        }
        if let Holder::TakenBy { person } | Holder::EscalatedTo { person } = &held.holder
            && self.holds(person, at)
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
            .unwrap_or_else(|| self.last_resort(at))
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
