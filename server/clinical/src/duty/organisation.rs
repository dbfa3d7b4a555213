//! The organisation: areas, locality teams, members, their shifts and leaves, as they are written down.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::text_id;

use crate::hours::Hours;
use crate::id::{PersonId, TeamId};
use crate::zone::Zone;

text_id!(
    /// Names one area of an organisation.
    AreaId,
    "area id"
);

/// The organisation that runs the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// What people call it.
    pub name: String,
    /// Its areas; a [`Team`] says in which of them it works.
    pub areas: Vec<Area>,
}

/// One area, with one or more locality teams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// What people call it.
    pub name: String,
}

impl Organisation {
    /// Finds the area in which a team works; `None` when the organisation does not have it.
    pub fn area_of(&self, team: &Team) -> Option<&Area> {
        self.areas.iter().find(|area| area.id == team.area)
    }
}

/// One locality team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What people call it: `North team`. Sentences put "the" before it.
    pub name: String,
    /// Where it works.
    pub area: AreaId,
    /// The zone of its hours.
    pub zone: Zone,
    /// When somebody of the team must be at work.
    pub staffed: Hours,
    /// Who leads it: answers when a deadline has passed, or when nobody else of the team is at work. Need not be a member.
    pub lead: PersonId,
    /// The out-of-hours path: answers outside the staffed hours, and when all else fails. Need not be a member.
    pub on_call: PersonId,
    /// Who belongs to it, leavers included.
    pub members: Vec<Member>,
}

/// One person's time in a team. Somebody who comes back has a second one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// The first moment in post.
    pub from: Timestamp,
    /// The first moment no longer in post; `None` without a known end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A row of the rota: the weekly hours of one person, between two moments. A single shift is a row of one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Who works.
    pub person: PersonId,
    /// The hours of every week, in the team's zone.
    pub hours: Hours,
    /// The first moment at which the row is valid.
    pub from: Timestamp,
    /// The first moment at which it is no longer valid; `None` until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A time at which one person is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// Who is away.
    pub person: PersonId,
    /// The first moment away.
    pub from: Timestamp,
    /// The first moment back.
    pub until: Timestamp,
    /// Who stands in: for the person's patients, and on the person's shifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<PersonId>,
}

/// Tells whether a time with its first moment and without its last has a moment in it.
pub(super) fn runs(from: Timestamp, until: Option<Timestamp>, at: Timestamp) -> bool {
    from <= at && until.is_none_or(|until| at < until)
}
