//! Tests of the pages for people at home.

mod access;
mod pages;
mod plain;

use clinical::{PatientId, PersonId, Plan};
use serde_json::json;

use crate::rights::Role;
use crate::store::home_access::{self, NewAccess, Sees};
use crate::store::roles::{self, Grant};
use crate::store::{accounts, heard, patients, people};
use crate::web::sample::Sample;
use crate::web::sample_values::plan;

/// A plan that is watched from 8am to 8pm: blood pressure in the morning, first high values are measured again.
pub(crate) fn care_plan() -> Plan {
    let response = |take: u32, clock: &str| {
        json!({ "take_minutes": take, "act_minutes": 60, "step_minutes": 30, "clock": clock,
                "snooze_minutes_max": 60, "source": "test" })
    };
    let mut plan = plan(1, "2026-03-01T09:00:00Z", 135);
    plan.care = serde_json::from_value(json!({
        "confirmation": { "systolic": { "soon_minutes": 60, "source": "test" } },
        "schedule": { "expected": [{ "what": "blood_pressure", "every": "daily", "windows": ["07:00-10:00"],
            "grace_minutes": 60, "nudge_after": 1, "check_after": 2, "source": "test" }] },
        "escalation": { "urgent": response(30, "always"), "soon": response(240, "monitored") },
        "hours": ["mon-sun 08:00-20:00"],
        "zone": "GMT0BST,M3.5.0/1,M10.5.0",
    }))
    .unwrap();
    plan
}

/// What a carer sees who sees nothing but whether somebody has measured.
pub(super) const NOTHING: Sees = Sees {
    readings: false,
    alerts: false,
    contacts: false,
};

/// Mr Ivor Evans, who is watched by that plan, with his box heard just now and the team's number.
pub(super) async fn ivor(sample: &Sample) {
    let names = ["Mr", "Ivor", "Evans"];
    sample
        .patient("ivor", names, "1945-07-14", "9434765919", care_plan())
        .await;
    let mut write = sample.state.store.write().await.unwrap();
    let now = sample.state.clock.now();
    heard::note(&mut write, &"gw-1".parse().unwrap(), now)
        .await
        .unwrap();
    people::set_phone(&mut write, &"north".parse().unwrap(), "020 7946 0123")
        .await
        .unwrap();
    write.commit().await.unwrap();
}

/// Gives somebody an account at home; `relation` is none for the patient.
pub(crate) async fn at_home(
    sample: &Sample,
    id: &str,
    patient: &str,
    (name, relation): (&str, Option<&str>),
    sees: Sees,
) {
    let person: PersonId = id.parse().unwrap();
    let patient: PatientId = patient.parse().unwrap();
    let now = sample.state.clock.now();
    let mut write = sample.state.store.write().await.unwrap();
    let team = patients::team(&mut write, &patient).await.unwrap().unwrap();
    let role = if relation.is_some() {
        Role::Carer
    } else {
        Role::Patient
    };
    let words = relation.unwrap_or("Patient");
    people::put_at_home(&mut write, &person, name, words, &team)
        .await
        .unwrap();
    accounts::put(&mut write, &person, id, now).await.unwrap();
    roles::set(
        &mut write,
        &person,
        &[Grant { role, team: None }].into(),
        None,
        now,
    )
    .await
    .unwrap();
    let access = NewAccess {
        patient: &patient,
        person: &person,
        is_own: relation.is_none(),
        sees,
        consent: "",
        by: &"nurse-1".parse().unwrap(),
        now,
    };
    home_access::give(&mut write, access).await.unwrap();
    write.commit().await.unwrap();
}

/// Ivor signs in as `home-ivor`, his daughter as `home-mair`.
pub(super) async fn family(sample: &Sample, daughter_sees: Sees) {
    ivor(sample).await;
    let himself = ("Mr Ivor Evans", None);
    at_home(sample, "home-ivor", "ivor", himself, Sees::EVERYTHING).await;
    let daughter = ("Mair Evans", Some("Daughter"));
    at_home(sample, "home-mair", "ivor", daughter, daughter_sees).await;
}
