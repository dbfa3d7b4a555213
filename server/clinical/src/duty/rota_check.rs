//! What makes a rota whole: lists within their bounds, times in order, people in post, each fault in a sentence.

use jiff::Timestamp;
use thiserror::Error;

use super::organisation::{Leave, Member, Shift, Team};
use crate::hours::{Hours, SPANS_LEN_MAX};
use crate::id::PersonId;

/// The longest name of a team, in characters.
pub const TEAM_NAME_LEN_MAX: usize = 80;
/// The most memberships of a team, leavers included.
pub const MEMBERS_LEN_MAX: usize = 500;
/// The most rows of a rota, and the most leaves.
pub const ROWS_LEN_MAX: usize = 4_000;

/// Why a team, shifts and leaves make no rota.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RotaError {
    /// The team has no name, or one over [`TEAM_NAME_LEN_MAX`].
    #[error("A team's name has 1 to {TEAM_NAME_LEN_MAX} characters.")]
    Name,
    /// A list is longer than it may be.
    #[error("The rota has over {most} {what}. Remove some that are over.")]
    TooMany {
        /// Which list.
        what: &'static str,
        /// Its bound.
        most: usize,
    },
    /// A time ends before it begins, or as it begins.
    #[error("The {what} of {person} ends before it begins. Correct its dates.")]
    EndsBeforeItBegins {
        /// A membership, shift or leave.
        what: &'static str,
        /// Whose.
        person: PersonId,
    },
    /// One person's memberships or leaves overlap.
    #[error("{person} has two {what} at the same time. End one before the other begins.")]
    Overlap {
        /// Memberships or leaves.
        what: &'static str,
        /// Whose.
        person: PersonId,
    },
    /// A shift of somebody who is not in post for the whole of it.
    #[error(
        "{person} has a shift at a time when {person} is not in the {team}. Change the dates of the shift."
    )]
    ShiftOfNoMember {
        /// Whose shift.
        person: PersonId,
        /// The team's name.
        team: String,
    },
    /// Somebody covers for themselves.
    #[error("{person} cannot cover for {person}. Name somebody else.")]
    CoversSelf {
        /// Who.
        person: PersonId,
    },
    /// The lead or the person on call has left or is about to.
    #[error("{person} is {role} of the {team} and leaves it. Name another {role} first.")]
    RoleLeaves {
        /// Who.
        person: PersonId,
        /// Lead, or person on call.
        role: &'static str,
        /// The team's name.
        team: String,
    },
}

/// Checks a team, its shifts and its leaves, each list in the order of person and start.
pub(super) fn check(team: &Team, shifts: &[Shift], leaves: &[Leave]) -> Result<(), RotaError> {
    check_lengths(team, shifts, leaves)?;
    check_members(team)?;
    check_shifts(team, shifts)?;
    check_leaves(leaves)
}

fn check_lengths(team: &Team, shifts: &[Shift], leaves: &[Leave]) -> Result<(), RotaError> {
    if !(1..=TEAM_NAME_LEN_MAX).contains(&team.name.chars().count()) {
        return Err(RotaError::Name);
    }
    let spans = |hours: &Hours| hours.spans().len();
    let spans_len = shifts.iter().map(|shift| spans(&shift.hours)).max();
    let spans_len = spans_len.unwrap_or(0).max(spans(&team.staffed));
    let lists = [
        ("members", team.members.len(), MEMBERS_LEN_MAX),
        ("shifts", shifts.len(), ROWS_LEN_MAX),
        ("leaves", leaves.len(), ROWS_LEN_MAX),
        ("spans of hours in one week", spans_len, SPANS_LEN_MAX),
    ];
    match lists.into_iter().find(|(_, len, most)| len > most) {
        Some((what, _, most)) => Err(RotaError::TooMany { what, most }),
        None => Ok(()),
    }
}

fn check_members(team: &Team) -> Result<(), RotaError> {
    for member in &team.members {
        check_order("membership", &member.person, member.from, member.until)?;
    }
    let times = team
        .members
        .iter()
        .map(|it| (&it.person, it.from, it.until));
    check_overlap("memberships", times)?;
    for (person, role) in [(&team.lead, "lead"), (&team.on_call, "person on call")] {
        let mut times = team.members.iter().filter(|it| it.person == *person);
        // The last membership decides: they are in order and do not overlap.
        if times.next_back().is_some_and(|it| it.until.is_some()) {
            return Err(RotaError::RoleLeaves {
                person: person.clone(),
                role,
                team: team.name.clone(),
            });
        }
    }
    Ok(())
}

fn check_shifts(team: &Team, shifts: &[Shift]) -> Result<(), RotaError> {
    for shift in shifts {
        check_order("shift", &shift.person, shift.from, shift.until)?;
        let mut times = team.members.iter().filter(|it| it.person == shift.person);
        if !times.any(|it| holds(it, shift)) {
            return Err(RotaError::ShiftOfNoMember {
                person: shift.person.clone(),
                team: team.name.clone(),
            });
        }
    }
    Ok(())
}

fn holds(member: &Member, shift: &Shift) -> bool {
    let ends_within = match (member.until, shift.until) {
        (None, _) => true,
        (Some(left), Some(until)) => until <= left,
        (Some(_), None) => false,
    };
    member.from <= shift.from && ends_within
}

fn check_leaves(leaves: &[Leave]) -> Result<(), RotaError> {
    for leave in leaves {
        check_order("leave", &leave.person, leave.from, Some(leave.until))?;
        if leave.cover.as_ref() == Some(&leave.person) {
            return Err(RotaError::CoversSelf {
                person: leave.person.clone(),
            });
        }
    }
    let times = leaves
        .iter()
        .map(|it| (&it.person, it.from, Some(it.until)));
    check_overlap("leaves", times)
}

fn check_order(
    what: &'static str,
    person: &PersonId,
    from: Timestamp,
    until: Option<Timestamp>,
) -> Result<(), RotaError> {
    if until.is_some_and(|until| until <= from) {
        return Err(RotaError::EndsBeforeItBegins {
            what,
            person: person.clone(),
        });
    }
    Ok(())
}

/// Refuses two times of one person that overlap, in a list ordered by person and start.
fn check_overlap<'a>(
    what: &'static str,
    times: impl Iterator<Item = (&'a PersonId, Timestamp, Option<Timestamp>)> + Clone,
) -> Result<(), RotaError> {
    let mut pairs = times.clone().zip(times.skip(1));
    let overlap = pairs
        .find(|((a, _, until), (b, from, _))| a == b && until.is_none_or(|until| *from < until));
    match overlap {
        Some(((person, ..), _)) => Err(RotaError::Overlap {
            what,
            person: person.clone(),
        }),
        None => Ok(()),
    }
}
