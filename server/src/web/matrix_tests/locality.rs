//! The locality that the matrix is asked in: two teams with the same story each, and one person of every kind.

use clinical::duty::{Leave, Member, Rota, Shift, Team};
use clinical::{Hours, PersonId};
use jiff::Timestamp;

use super::story::{registered, told};
use crate::accounts::{home, set_up};
use crate::audit::Actor;
use crate::store::clinics::{self, ClinicRow};
use crate::store::home_access::Sees;
use crate::store::passkeys::{self, NewPasskey};
use crate::store::{Write, accounts, duty};
use crate::web::home::tests::at_home;
use crate::web::sample::{Sample, run};

/// A Saturday, 12:20.
pub(crate) const NOW: &str = "2026-03-14T12:20:00Z";

/// A kind of person: the column's name, and who it is.
pub(crate) type Kind = (&'static str, &'static str);

/// Every kind of person, in the order of the table's columns.
pub(crate) const KINDS: [Kind; 10] = [
    ("nobody", ""),
    ("nurse", "nurse-1"),
    ("lead", "lead-1"),
    ("gp", "dr-rees"),
    ("planner", "planner-1"),
    ("fitter", "fitter-1"),
    ("admin", "admin-1"),
    ("visitor", "visitor-1"),
    ("patient", "home-1"),
    ("carer", "home-2"),
];

/// Who they are besides the sample's people, their roles, and the team that these are held in.
const PEOPLE: [(&str, &str, &str, Option<&str>); 10] = [
    ("lead-1", "Lena Marsh", "team_lead", Some("north")),
    ("dr-rees", "Dr Carys Rees", "gp_lead", Some("north")),
    ("planner-1", "Pat Lowe", "planner", None),
    ("fitter-1", "Ffion Tudor", "installer", None),
    ("admin-1", "Ines Boult", "administrator", None),
    ("visitor-1", "Vera Young", "visitor", Some("north")),
    ("spare-1", "Sol Tan", "nurse", Some("north")),
    ("nurse-8", "Nia Webb", "nurse", Some("south")),
    ("nurse-9", "Sian Vaughan", "nurse", Some("south")),
    ("lead-9", "Lowri Hale", "team_lead", Some("south")),
];

/// Which row of a first patient's people at home is the carer's.
pub(crate) const CARERS_NUMBER: &str = "2";

/// Who signs in at home: the first patient of each team, and somebody who helps them.
const AT_HOME: [(&str, &Side, &str, Option<&str>); 4] = [
    ("home-1", &OWN, "Mr Ivor Evans", None),
    ("home-2", &OWN, "Beti Rowlands", Some("Daughter")),
    ("home-8", &FOREIGN, "Ms Zelda Quennell", None),
    ("home-9", &FOREIGN, "Huw Parry", Some("Neighbour")),
];

/// A team and its patients. The first has alerts, the second has none, the third is discharged.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) team: &'static str,
    pub(crate) nurse: &'static str,
    pub(crate) colleague: &'static str,
    pub(crate) lead: &'static str,
    pub(crate) spare: &'static str,
    pub(crate) patients: [Patient; 3],
}

/// A patient: id, title, given name and family name, date of birth, NHS number.
pub(crate) type Patient = (&'static str, [&'static str; 3], &'static str, &'static str);

/// The team of whoever has one.
pub(crate) static OWN: Side = Side {
    team: "north",
    nurse: "nurse-1",
    colleague: "nurse-2",
    lead: "lead-1",
    spare: "spare-1",
    patients: [
        (
            "north-1",
            ["Mr", "Ivor", "Evans"],
            "1945-07-14",
            "9434765919",
        ),
        (
            "north-2",
            ["Mrs", "Mair", "Llewellyn"],
            "1938-02-02",
            "9434765870",
        ),
        (
            "north-3",
            ["Mr", "Rhys", "Gruffudd"],
            "1940-05-06",
            "9434765889",
        ),
    ],
};

/// The other team.
pub(crate) static FOREIGN: Side = Side {
    team: "south",
    nurse: "nurse-8",
    colleague: "nurse-9",
    lead: "lead-9",
    spare: "spare-9",
    patients: [
        (
            "south-1",
            ["Ms", "Zelda", "Quennell"],
            "1947-01-01",
            "9990000026",
        ),
        (
            "south-2",
            ["Mr", "Yorick", "Wolstencroft"],
            "1948-01-01",
            "9990000034",
        ),
        (
            "south-3",
            ["Mrs", "Xenia", "Hathersage"],
            "1949-01-01",
            "9990000042",
        ),
    ],
};

/// Builds the locality: both teams with their story, everybody with an account and a passkey. Alert 1 of each first
/// patient is held by a nurse, 2 is on offer, 3 is closed and nobody has taken 4.
pub(crate) async fn locality() -> Sample {
    let mut sample = Sample::open(NOW).await;
    people(&sample).await;
    for side in [&OWN, &FOREIGN] {
        rota(&sample, side).await;
        for patient in &side.patients {
            registered(&sample, side, patient).await;
        }
        told(&mut sample, side).await;
    }
    homes(&sample).await;
    places(&sample).await;
    sample
}

/// Everybody at home sees all that there is, and has a passkey.
async fn homes(sample: &Sample) {
    for (id, side, name, relation) in AT_HOME {
        let patient = side.patients[0].0;
        at_home(sample, id, patient, (name, relation), Sees::EVERYTHING).await;
    }
    let mut write = sample.state.store.write().await.unwrap();
    let now = sample.state.clock.now();
    for (id, ..) in AT_HOME {
        passkey(&mut write, &id.parse().unwrap(), now).await;
    }
    write.commit().await.unwrap();
}

async fn passkey(write: &mut Write<'_>, person: &PersonId, now: Timestamp) {
    let passkey = NewPasskey {
        id: &hex::encode(person.as_str()),
        person,
        handle: "00112233445566778899aabbccddeeff",
        name: "A phone",
        credential: "{}",
        now,
    };
    passkeys::put(write, passkey).await.unwrap();
}

async fn people(sample: &Sample) {
    sample
        .run(&[
            "INSERT INTO team (id, name) VALUES ('south', 'South team')",
            "INSERT INTO person (id, name, role, team) VALUES ('spare-9', 'Sam Ito', 'Nurse', 'south')",
        ])
        .await;
    let mut write = sample.state.store.write().await.unwrap();
    for (id, name, role, team) in PEOPLE {
        let (home, team) = (team.unwrap_or("south"), team.unwrap_or_default());
        let person = "INSERT INTO person (id, name, role, team) VALUES ($1, $2, 'Staff', $3) ON CONFLICT (id) DO NOTHING";
        run(&mut write, person, &[id, name, home]).await;
        let withdrawn = "UPDATE role_grant SET withdrawn_at = 1 WHERE person = $1";
        run(&mut write, withdrawn, &[id]).await;
        let grant = "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ($1, 2, $2, NULLIF($3, ''), 0)";
        run(&mut write, grant, &[id, role, team]).await;
    }
    let now = sample.state.clock.now();
    let all = PEOPLE.map(|(id, ..)| id);
    for id in all.into_iter().chain(["nurse-1", "nurse-2"]) {
        let person: PersonId = id.parse().unwrap();
        accounts::put(&mut write, &person, id, now).await.unwrap();
        passkey(&mut write, &person, now).await;
    }
    write.commit().await.unwrap();
}

/// Two nurses work all the staffed hours, so that one of the two can do without; one of them goes on leave.
async fn rota(sample: &Sample, side: &Side) {
    let person = |id: &str| -> PersonId { id.parse().unwrap() };
    let hours = || "mon-sun 08:00-20:00".parse().unwrap();
    let member = |id: &str| Member {
        person: person(id),
        from: Timestamp::UNIX_EPOCH,
        until: None,
    };
    let shift = |id: &str| Shift {
        person: person(id),
        hours: Hours::new([hours()]),
        from: "2026-03-01T00:00:00Z".parse().unwrap(),
        until: None,
    };
    let leave = Leave {
        person: person(side.colleague),
        from: "2026-03-18T00:00:00Z".parse().unwrap(),
        until: "2026-03-21T00:00:00Z".parse().unwrap(),
        cover: Some(person(side.nurse)),
    };
    let team = Team {
        id: side.team.parse().unwrap(),
        name: format!("{} team", side.team),
        area: "city".parse().unwrap(),
        zone: "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap(),
        staffed: Hours::new([hours()]),
        lead: person(side.lead),
        on_call: person("ooh-1"),
        members: [side.nurse, side.colleague, side.lead, side.spare, "ooh-1"]
            .map(member)
            .to_vec(),
    };
    let shifts = vec![shift(side.nurse), shift(side.colleague)];
    let rota = Rota::new(team, shifts, vec![leave]).unwrap();
    let mut write = sample.state.store.write().await.unwrap();
    let now = sample.state.clock.now();
    duty::save(&mut write, &rota, now).await.unwrap();
    write.commit().await.unwrap();
}

async fn places(sample: &Sample) {
    let clinic = ClinicRow {
        id: "heart-clinic".to_owned(),
        name: "Heart clinic".to_owned(),
        area: "city".to_owned(),
        days: "Tuesdays".to_owned(),
        contact: "01632 960001".to_owned(),
    };
    let mut write = sample.state.store.write().await.unwrap();
    clinics::put(&mut write, &clinic).await.unwrap();
    write.commit().await.unwrap();
}

/// Invites somebody, and gives the code that sets their password.
pub(crate) async fn invited(sample: &Sample) -> String {
    let person = "ooh-1".parse().unwrap();
    let state = &sample.state;
    let invited = set_up::invite(
        &state.store,
        &person,
        "omar",
        false,
        Actor::operator(0),
        &state.clock,
    )
    .await;
    invited.unwrap().code
}

/// Makes a card for the carer of the other team's first patient, and gives its code.
pub(crate) async fn card(sample: &Sample) -> String {
    let person = "home-9".parse().unwrap();
    let mut write = sample.state.store.write().await.unwrap();
    let made = home::new_code(&mut write, &person, &sample.state.clock).await;
    write.commit().await.unwrap();
    made.unwrap().code
}
