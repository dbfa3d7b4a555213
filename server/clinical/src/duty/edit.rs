//! Edits of a rota: each says what a person wants, and is refused when it would leave a time without anybody who answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assignments::Assignments;
use super::draft::Draft;
use super::organisation::{Leave, Shift};
use super::refusal::DutyRefusal;
use super::rota::Rota;
use crate::hours::Hours;
use crate::id::{PatientId, PersonId};

/// The most edits that are saved together.
pub const EDITS_LEN_MAX: usize = 100;

/// One edit of a rota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum RotaEdit {
    /// Adds a row: weekly hours, or a single shift.
    AddShift {
        /// The row.
        shift: Shift,
    },
    /// Ends a row; one that has not begun by then is removed.
    EndShift {
        /// The row as it is now.
        shift: Shift,
        /// The first moment at which it is no longer valid.
        at: Timestamp,
    },
    /// Adds a leave.
    AddLeave {
        /// The leave, with its cover.
        leave: Leave,
    },
    /// Ends a leave early; one that has not begun by then is removed.
    EndLeave {
        /// Whose leave.
        person: PersonId,
        /// When it began.
        from: Timestamp,
        /// The first moment back.
        at: Timestamp,
    },
    /// Takes somebody into the team.
    MemberJoins {
        /// Who.
        person: PersonId,
        /// The first moment in post.
        from: Timestamp,
    },
    /// Lets somebody leave the team; their shifts end too.
    MemberLeaves {
        /// Who.
        person: PersonId,
        /// The first moment no longer in post.
        at: Timestamp,
    },
    /// Changes when somebody must be at work.
    ChangeStaffedHours {
        /// The new hours.
        staffed: Hours,
    },
    /// Names another team lead.
    ChangeLead {
        /// Who.
        lead: PersonId,
    },
    /// Names another person on call.
    ChangeOnCall {
        /// Who.
        on_call: PersonId,
    },
}

/// Carries out edits together: all of them, or none. Only what is left at the end must be whole, so a swap of two shifts
/// can be saved.
///
/// Shifts and leaves that ended over [`PAST_DAYS_KEPT`](super::draft::PAST_DAYS_KEPT) days ago are dropped on the way,
/// except a person's last shift, which says that they work by shifts.
///
/// # Errors
/// When there are too many, one of them speaks of what is not there, the result is no rota, it has a gap as far ahead as
/// [`Rota::gaps`] looks, or a leaver would still cover for a colleague or be the care coordinator of one of the patients in
/// `assignments`, who are all that the leaver may coordinate.
pub fn apply(
    rota: &Rota,
    assignments: &BTreeMap<PatientId, Assignments>,
    edits: &[RotaEdit],
    now: Timestamp,
) -> Result<Rota, DutyRefusal> {
    let rota = carry_out(rota, assignments, edits, now)?;
    match rota.gaps(now) {
        Some(gaps) => Err(DutyRefusal::Gaps(Box::new(gaps))),
        None => Ok(rota),
    }
}

/// Carries out edits together as [`apply`] does, except that gaps which the rota has already may stay: so several of them
/// can be filled one after the other.
///
/// # Errors
/// As [`apply`], with the gaps that are new.
pub fn amend(
    rota: &Rota,
    assignments: &BTreeMap<PatientId, Assignments>,
    edits: &[RotaEdit],
    now: Timestamp,
) -> Result<Rota, DutyRefusal> {
    let amended = carry_out(rota, assignments, edits, now)?;
    let Some(gaps) = amended.gaps(now) else {
        return Ok(amended);
    };
    match gaps.beside(rota.gaps(now).as_ref()) {
        Some(new) => Err(DutyRefusal::Gaps(Box::new(new))),
        None => Ok(amended),
    }
}

fn carry_out(
    rota: &Rota,
    assignments: &BTreeMap<PatientId, Assignments>,
    edits: &[RotaEdit],
    now: Timestamp,
) -> Result<Rota, DutyRefusal> {
    if edits.len() > EDITS_LEN_MAX {
        return Err(DutyRefusal::TooManyEdits);
    }
    let mut draft = Draft::of(rota);
    for edit in edits {
        draft.carry_out(edit)?;
    }
    draft.forget_before(now);
    let rota = draft.finish()?;
    for edit in edits {
        check_people(&rota, assignments, edit, now)?;
    }
    Ok(rota)
}

/// Refuses a leave or an absence for good of somebody who is needed.
fn check_people(
    rota: &Rota,
    assignments: &BTreeMap<PatientId, Assignments>,
    edit: &RotaEdit,
    now: Timestamp,
) -> Result<(), DutyRefusal> {
    match edit {
        RotaEdit::AddLeave { leave } => {
            let mut people = [Some(&leave.person), leave.cover.as_ref()]
                .into_iter()
                .flatten();
            match people.find(|it| !rota.in_post(it, leave.from)) {
                Some(person) => Err(DutyRefusal::NotInPost(person.clone())),
                None => Ok(()),
            }
        }
        RotaEdit::MemberLeaves { person, at } => {
            check_leaver(rota, assignments, person, (*at).max(now))
        }
        _ => Ok(()),
    }
}

fn check_leaver(
    rota: &Rota,
    assignments: &BTreeMap<PatientId, Assignments>,
    person: &PersonId,
    at: Timestamp,
) -> Result<(), DutyRefusal> {
    let mut leaves = rota.leaves().iter().filter(|it| at < it.until);
    if let Some(leave) = leaves.find(|it| it.cover.as_ref() == Some(person)) {
        return Err(DutyRefusal::StillCovers {
            person: person.clone(),
            absent: leave.person.clone(),
        });
    }
    let mut patients = assignments
        .iter()
        .filter(|(_, it)| it.needs_from(person, at));
    match patients.next() {
        Some((first, _)) => Err(DutyRefusal::StillCoordinates {
            person: person.clone(),
            first: first.clone(),
            others_len: patients.count(),
        }),
        None => Ok(()),
    }
}
