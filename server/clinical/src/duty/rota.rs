//! The rota: one team with its shifts and leaves, checked once so that looking up cannot go wrong.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::organisation::{Leave, Member, Shift, Team, runs};
use super::rota_check::{RotaError, check};
use crate::id::PersonId;

/// One team, its shifts and its leaves.
///
/// Each list is in the order of person and start, whatever the order given, so equal rotas are stored alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedRota", into = "UncheckedRota")]
pub struct Rota {
    team: Team,
    shifts: Vec<Shift>,
    leaves: Vec<Leave>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedRota {
    team: Team,
    #[serde(default)]
    shifts: Vec<Shift>,
    #[serde(default)]
    leaves: Vec<Leave>,
}

impl Rota {
    /// Checks a team with its shifts and leaves.
    ///
    /// It does not look for gaps, which depend on the time: see [`Rota::gaps`](super::gaps).
    ///
    /// # Errors
    /// When a list is too long, a time ends before it begins, one person's memberships or leaves overlap, a shift lies
    /// outside its person's membership, somebody covers for themselves, or the lead or the person on call has an end date.
    pub fn new(
        mut team: Team,
        mut shifts: Vec<Shift>,
        mut leaves: Vec<Leave>,
    ) -> Result<Self, RotaError> {
        team.members
            .sort_by(|a, b| (&a.person, a.from).cmp(&(&b.person, b.from)));
        shifts.sort_by_cached_key(|it| {
            let hours = it.hours.to_string();
            (it.person.clone(), it.from, it.until, hours)
        });
        leaves.sort_by(|a, b| (&a.person, a.from).cmp(&(&b.person, b.from)));
        check(&team, &shifts, &leaves)?;
        Ok(Self {
            team,
            shifts,
            leaves,
        })
    }

    /// Gives the team.
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// Gives the shifts, by person and start.
    pub fn shifts(&self) -> &[Shift] {
        &self.shifts
    }

    /// Gives the leaves, by person and start.
    pub fn leaves(&self) -> &[Leave] {
        &self.leaves
    }

    /// Tells whether a person is in post: a member then, or lead or on call without ever having been a member.
    pub fn in_post(&self, person: &PersonId, at: Timestamp) -> bool {
        let mut times = self.memberships(person).iter().peekable();
        if times.peek().is_none() {
            return *person == self.team.lead || *person == self.team.on_call;
        }
        times.any(|it| runs(it.from, it.until, at))
    }

    /// Tells whether a person is, was or will be a member.
    pub fn was_member(&self, person: &PersonId) -> bool {
        !self.memberships(person).is_empty()
    }

    /// Gives the leave that a person is on.
    pub fn leave_of(&self, person: &PersonId, at: Timestamp) -> Option<&Leave> {
        let last = self.last_leave(person, |from| from <= at)?;
        (at < last.until).then_some(last)
    }

    /// Tells whether a person is on leave at any moment of a time.
    pub(super) fn has_leave_within(
        &self,
        person: &PersonId,
        from: Timestamp,
        until: Timestamp,
    ) -> bool {
        self.last_leave(person, |begins| begins < until)
            .is_some_and(|last| from < last.until)
    }

    /// Finds the last leave of a person that has begun. Leaves of one person do not overlap, so it ends last too.
    fn last_leave(
        &self,
        person: &PersonId,
        has_begun: impl Fn(Timestamp) -> bool,
    ) -> Option<&Leave> {
        let later = self.leaves.partition_point(|it| {
            it.person < *person || (it.person == *person && has_begun(it.from))
        });
        let last = self.leaves.get(later.checked_sub(1)?)?;
        (last.person == *person).then_some(last)
    }

    /// Tells whether any shift of a person is written down, whenever it is. Others work all the staffed hours.
    pub fn has_shifts(&self, person: &PersonId) -> bool {
        self.shifts
            .binary_search_by(|it| it.person.cmp(person))
            .is_ok()
    }

    fn memberships(&self, person: &PersonId) -> &[Member] {
        let members = &self.team.members;
        let from = members.partition_point(|it| it.person < *person);
        let until = members.partition_point(|it| it.person <= *person);
        members.get(from..until).unwrap_or(&[])
    }
}

impl TryFrom<UncheckedRota> for Rota {
    type Error = RotaError;

    fn try_from(it: UncheckedRota) -> Result<Self, RotaError> {
        Self::new(it.team, it.shifts, it.leaves)
    }
}

impl From<Rota> for UncheckedRota {
    fn from(it: Rota) -> Self {
        Self {
            team: it.team,
            shifts: it.shifts,
            leaves: it.leaves,
        }
    }
}
