//! A rota being edited: each edit carried out, whole or not.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::edit::RotaEdit;
use super::organisation::{Leave, Member, Shift, Team, runs};
use super::refusal::DutyRefusal;
use super::rota::Rota;
use super::rota_check::RotaError;
use crate::id::PersonId;

/// For how many days shifts and leaves are kept after they end.
pub const PAST_DAYS_KEPT: i64 = 90;

/// A rota while it is edited: it need be whole only at the end.
pub(super) struct Draft {
    team: Team,
    shifts: Vec<Shift>,
    leaves: Vec<Leave>,
}

impl Draft {
    /// Starts from a rota.
    pub(super) fn of(rota: &Rota) -> Self {
        Self {
            team: rota.team().clone(),
            shifts: rota.shifts().to_vec(),
            leaves: rota.leaves().to_vec(),
        }
    }

    /// Checks what has become of it.
    pub(super) fn finish(self) -> Result<Rota, RotaError> {
        Rota::new(self.team, self.shifts, self.leaves)
    }

    /// Carries out one edit.
    pub(super) fn carry_out(&mut self, edit: &RotaEdit) -> Result<(), DutyRefusal> {
        match edit {
            RotaEdit::AddShift { shift } => self.shifts.push(shift.clone()),
            RotaEdit::EndShift { shift, at } => self.end_shift(shift, *at)?,
            RotaEdit::AddLeave { leave } => self.leaves.push(leave.clone()),
            RotaEdit::EndLeave { person, from, at } => self.end_leave(person, *from, *at)?,
            RotaEdit::MemberJoins { person, from } => self.team.members.push(Member {
                person: person.clone(),
                from: *from,
                until: None,
            }),
            RotaEdit::MemberLeaves { person, at } => self.leave_team(person, *at)?,
            RotaEdit::ChangeStaffedHours { staffed } => self.team.staffed = staffed.clone(),
            RotaEdit::ChangeLead { lead } => self.team.lead = lead.clone(),
            RotaEdit::ChangeOnCall { on_call } => self.team.on_call = on_call.clone(),
        }
        Ok(())
    }

    fn end_shift(&mut self, shift: &Shift, at: Timestamp) -> Result<(), DutyRefusal> {
        let place = self.shifts.iter().position(|it| it == shift);
        let place = place.ok_or_else(|| DutyRefusal::NoSuchShift(shift.person.clone()))?;
        if let Some(row) = self.shifts.get_mut(place) {
            row.until = Some(row.until.map_or(at, |until| until.min(at)));
        }
        self.shifts.retain(|it| begins(it.from, it.until));
        Ok(())
    }

    fn end_leave(
        &mut self,
        person: &PersonId,
        from: Timestamp,
        at: Timestamp,
    ) -> Result<(), DutyRefusal> {
        let row = self
            .leaves
            .iter_mut()
            .find(|it| it.person == *person && it.from == from)
            .ok_or_else(|| DutyRefusal::NoSuchLeave(person.clone()))?;
        row.until = row.until.min(at);
        self.leaves.retain(|it| begins(it.from, Some(it.until)));
        Ok(())
    }

    fn leave_team(&mut self, person: &PersonId, at: Timestamp) -> Result<(), DutyRefusal> {
        let row = self
            .team
            .members
            .iter_mut()
            .find(|it| it.person == *person && runs(it.from, it.until, at))
            .ok_or_else(|| DutyRefusal::NotInPost(person.clone()))?;
        let post = (row.from, row.until.replace(at));
        self.team.members.retain(|it| begins(it.from, it.until));
        // Somebody who comes back later keeps the shifts of then.
        let in_post = |it: &&mut Shift| it.person == *person && runs(post.0, post.1, it.from);
        for row in self.shifts.iter_mut().filter(in_post) {
            row.until = Some(row.until.map_or(at, |until| until.min(at)));
        }
        self.shifts.retain(|it| begins(it.from, it.until));
        Ok(())
    }

    /// Drops what ended long before a moment, except the last shift of each person.
    pub(super) fn forget_before(&mut self, now: Timestamp) {
        let kept = SignedDuration::from_hours(PAST_DAYS_KEPT * 24);
        let before = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        let ended = |until: Option<Timestamp>| until.is_some_and(|until| until < before);
        self.leaves.retain(|it| !ended(Some(it.until)));
        let mut last: BTreeMap<PersonId, Option<Timestamp>> = BTreeMap::new();
        for shift in &self.shifts {
            let latest = last.entry(shift.person.clone()).or_insert(shift.until);
            *latest = later(*latest, shift.until);
        }
        self.shifts
            .retain(|it| !ended(it.until) || last.get(&it.person) == Some(&it.until));
    }
}

/// Tells whether a time is not empty.
fn begins(from: Timestamp, until: Option<Timestamp>) -> bool {
    until.is_none_or(|until| from < until)
}

/// Gives the later of two ends; no end is the latest.
fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    Some(a?.max(b?))
}
