//! Cases of duty, told with one small team.

mod answers;
mod edit;
mod gaps;
mod rota;
mod worked;

use jiff::Timestamp;

use crate::duty::{Assignment, Assignments, Leave, Member, Rota, Shift, Team};
use crate::hours::Hours;
use crate::id::PersonId;
use crate::zone::Zone;

fn uk() -> Zone {
    "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap()
}

/// A moment by the clock on the team's wall: `2026-11-26T12:00`.
fn at(local: &str) -> Timestamp {
    uk().moment(local.parse().unwrap())
}

fn person(id: &str) -> PersonId {
    id.parse().unwrap()
}

fn hours(spans: &[&str]) -> Hours {
    Hours::new(spans.iter().map(|it| it.parse().unwrap()))
}

/// The north team: lee leads, ona is on call, ada, bob and cyd are members.
fn team() -> Team {
    let member = |id| Member {
        person: person(id),
        from: at("2026-01-01T00:00"),
        until: None,
    };
    Team {
        id: "north".parse().unwrap(),
        name: "North team".to_owned(),
        area: "city".parse().unwrap(),
        zone: uk(),
        staffed: hours(&["mon-fri 08:00-20:00"]),
        lead: person("lee"),
        on_call: person("ona"),
        members: ["ada", "bob", "cyd"].map(member).to_vec(),
    }
}

fn shift(id: &str, spans: &[&str]) -> Shift {
    Shift {
        person: person(id),
        hours: hours(spans),
        from: at("2026-01-01T00:00"),
        until: None,
    }
}

/// A leave from a date to another, both included.
fn leave(id: &str, first: &str, last: &str, cover: Option<&str>) -> Leave {
    Leave {
        person: person(id),
        from: uk().midnight(first.parse().unwrap()),
        until: uk().midnight_after(last.parse().unwrap()),
        cover: cover.map(person),
    }
}

fn rota(shifts: &[Shift], leaves: &[Leave]) -> Rota {
    Rota::new(team(), shifts.to_vec(), leaves.to_vec()).unwrap()
}

fn coordinated_by(id: &str) -> Assignments {
    Assignments::new(Assignment {
        coordinator: person(id),
        from: at("2026-01-01T00:00"),
    })
}
