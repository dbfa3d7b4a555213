//! The path to a person: why they answer, and why the people before them do not, in words.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::zone::Zone;

/// Why a person answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Path {
    /// Took the alert.
    HasTaken,
    /// The alert was escalated to them by name.
    WasEscalatedTo,
    /// Is the patient's care coordinator.
    Coordinates,
    /// Covers for somebody on leave: the care coordinator, or the person on call.
    Covers {
        /// Who is away.
        absent: PersonId,
        /// Until when they are away.
        until: Timestamp,
    },
    /// Is on shift.
    OnShift,
    /// Leads the team, and nobody before in the chain is at work.
    Leads,
    /// Leads the team, and nobody answered in time.
    LeadsAfterDeadline,
    /// Leads the team, nobody is on call and nobody is at work.
    LeadsAlone,
    /// Is on call, and nobody of the team is at work though the hours are staffed.
    OnCall,
    /// Is on call, and it is outside the staffed hours.
    OnCallOutOfHours,
    /// Is on call, and nobody answered in time.
    OnCallAfterDeadline,
    /// Is on call and away, and so is everybody else: nobody answers, and this is whose duty it would be.
    NobodyCan,
}

impl Path {
    /// Says why, as what follows a name: `covers for Ada Okafor, on leave until 3 Dec`.
    pub fn phrase(&self, name: impl Fn(&PersonId) -> String, zone: &Zone) -> String {
        let text = match self {
            Self::HasTaken => "has taken it",
            Self::WasEscalatedTo => "was asked by name",
            Self::Coordinates => "is the care coordinator",
            Self::Covers { absent, until } => {
                let last = last_day(*until, zone);
                return format!("covers for {}, on leave until {last}", name(absent));
            }
            Self::OnShift => "is on shift",
            Self::Leads => "leads the team, and nobody on shift can answer",
            Self::LeadsAfterDeadline => "leads the team, and nobody answered in time",
            Self::LeadsAlone => "leads the team, and nobody else can answer",
            Self::OnCall => "is on call, and nobody of the team is at work",
            Self::OnCallOutOfHours => "is on call outside the staffed hours",
            Self::OnCallAfterDeadline => "is on call, and nobody answered in time",
            Self::NobodyCan => "is on call, and cannot answer; nobody can",
        };
        text.to_owned()
    }
}

/// Why a person in the chain does not answer now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Absence {
    /// Left the team, or is not yet in it.
    NotInPost,
    /// Is on leave.
    OnLeave {
        /// The first moment back.
        until: Timestamp,
    },
    /// Has shifts, and none runs now.
    OffShift,
}

/// Somebody earlier in the chain who does not answer now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassedOver {
    /// Who.
    pub person: PersonId,
    /// Why not.
    pub absence: Absence,
}

impl PassedOver {
    /// Says why not, with the name: `Ada Okafor is on leave until 3 Dec`.
    pub fn sentence(&self, name: impl Fn(&PersonId) -> String, zone: &Zone) -> String {
        let person = name(&self.person);
        match self.absence {
            Absence::NotInPost => format!("{person} is not in the team"),
            Absence::OnLeave { until } => {
                format!("{person} is on leave until {}", last_day(until, zone))
            }
            Absence::OffShift => format!("{person} is not on shift"),
        }
    }
}

/// Says when a leave ends: its last day, as people say it, or the day and time of the return.
fn last_day(until: Timestamp, zone: &Zone) -> String {
    let local = zone.local(until);
    if local.time() == Time::midnight() {
        let last = local.date().saturating_sub(1.day());
        return last.strftime("%-d %b").to_string();
    }
    local.strftime("%-d %b %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uk() -> Zone {
        "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap()
    }

    fn name(person: &PersonId) -> String {
        match person.as_str() {
            "ada" => "Ada Okafor".to_owned(),
            other => other.to_owned(),
        }
    }

    #[test]
    fn a_cover_says_for_whom_and_the_last_day_of_the_leave() {
        let until = |text: &str| Path::Covers {
            absent: "ada".parse().unwrap(),
            until: text.parse().unwrap(),
        };
        let phrase = |path: Path| path.phrase(name, &uk());
        assert_eq!(
            phrase(until("2026-12-04T00:00:00Z")),
            "covers for Ada Okafor, on leave until 3 Dec"
        );
        // 23:00 UTC is midnight in the summer.
        assert_eq!(
            phrase(until("2026-07-03T23:00:00Z")),
            "covers for Ada Okafor, on leave until 3 Jul"
        );
        assert_eq!(
            phrase(until("2026-12-03T13:00:00Z")),
            "covers for Ada Okafor, on leave until 3 Dec 13:00"
        );
    }

    #[test]
    fn a_path_is_stored_by_its_name() {
        let path = Path::OnCallOutOfHours;
        let text = serde_json::to_string(&path).unwrap();
        assert_eq!(text, r#"{"is":"on_call_out_of_hours"}"#);
        assert_eq!(serde_json::from_str::<Path>(&text).unwrap(), path);
    }
}
