//! The story of a team's patients: everything happens to them that a page shows or a form ends.

use clinical::{
    AlertNumber, Discharge, DischargeReason, Event, Outcome, Pause, PauseReason, PersonId,
    PlanVersion, Watch,
};
use jiff::Timestamp;

use super::locality::{OWN, Patient, Side};
use crate::store::plan_requests::{self, Asked};
use crate::store::referrals::{self, Referral, Transport};
use crate::web::browser::Served;
use crate::web::sample::{Sample, run};
use crate::web::sample_values::{oxygen, plan, pressure, weight};

/// Registers a patient of a team, who is monitored from then on.
pub(super) async fn registered(sample: &Sample, side: &Side, patient: &Patient) {
    let (id, names, born_on, nhs) = patient;
    let limits = plan(1, "2026-03-01T09:00:00Z", 135);
    sample.patient(id, *names, born_on, nhs, limits).await;
    let mut write = sample.state.store.write().await.unwrap();
    let team = "UPDATE patient SET team = $2 WHERE id = $1";
    run(&mut write, team, &[*id, side.team]).await;
    write.commit().await.unwrap();
    if side.nurse != "nurse-1" {
        let coordinator = side.nurse.parse().unwrap();
        sample
            .happen(id, Event::CoordinatorAssigned { coordinator })
            .await;
    }
}

/// Lets everything happen to a team's patients that a page shows or a form ends.
pub(super) async fn told(sample: &mut Sample, side: &Side) {
    let [(id, ..), _, (gone, ..)] = side.patients;
    let by = || -> PersonId { side.nurse.parse().unwrap() };
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let out_of_limits = [
        ("10", oxygen(86, 70)),
        ("11", pressure(186, 115, 130)),
        ("12", weight("86")),
    ];
    for (minute, vital) in out_of_limits {
        let measured = format!("2026-03-14T12:{minute}:00Z");
        sample.reading(id, &measured, vital, &[]).await;
    }
    for (number, holder) in [(1, side.nurse), (2, side.colleague), (3, side.nurse)] {
        take(sample, id, number, holder).await;
    }
    let closed = Event::AlertClosed {
        alert: AlertNumber(3),
        by: by(),
        outcome: Outcome::AdviceGiven,
        note: "Spoke to a daughter".to_owned(),
        duplicate_of: None,
    };
    let watch = Watch {
        note: "Dizzy".to_owned(),
        until: at("2026-03-17T00:00:00Z"),
        by: by(),
    };
    let pause = Pause {
        from: at("2026-05-01T00:00:00Z"),
        until: at("2026-05-08T00:00:00Z"),
        reason: PauseReason::Holiday,
    };
    for event in [
        closed,
        Event::Watched(watch),
        Event::Paused { pause, by: by() },
    ] {
        sample.happen(id, event).await;
    }
    let discharge = Discharge {
        by: by(),
        reason: DischargeReason::GoalsMet,
        note: String::new(),
    };
    sample.happen(gone, Event::Discharged(discharge)).await;
    let referral = Referral {
        clinic: "Heart clinic".to_owned(),
        why: "Breathless".to_owned(),
        transport: Transport::Own,
    };
    let mut write = sample.state.store.write().await.unwrap();
    let (patient, now) = (id.parse().unwrap(), sample.state.clock.now());
    referrals::ask(&mut write, &patient, &referral, &by(), now)
        .await
        .unwrap();
    let asked = Asked {
        patient: &patient,
        based_on: PlanVersion(2),
        form: &[("based_on".to_owned(), "2".to_owned())].into(),
        why: "Beyond the stops",
        by: &by(),
    };
    plan_requests::ask(&mut write, asked, now).await.unwrap();
    write.commit().await.unwrap();
    changes_the_plan(sample, side, id).await;
}

/// Changes a patient's plan for some days.
async fn changes_the_plan(sample: &Sample, side: &Side, id: &str) {
    let served = Served::start(&sample.state).await;
    let form = "based_on=1&limits.systolic.soon_high=130&view=agreed&reason=For+a+week&review_by=2026-06-01&until=2026-03-20&action=save";
    let plan = format!("/patients/{id}/plan/edit");
    let saved = served.post(&plan, side.nurse, form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
}

/// Lets a person take an alert.
pub(crate) async fn take(sample: &Sample, patient: &str, number: u32, person: &str) {
    let taken = Event::AlertTaken {
        alert: AlertNumber(number),
        by: person.parse().unwrap(),
        instead_of: None,
    };
    sample.happen(patient, taken).await;
}

/// Puts a person of the first team, if it is one who cares for its patients, in the place of the nurse: alert 1 is theirs,
/// alert 2 is on offer to them, and the prescriber was asked by them.
pub(crate) async fn turned_to(sample: &Sample, person: &str) {
    let is_caring = ["nurse-1", "lead-1", "dr-rees"].contains(&person);
    let person = if is_caring { person } else { OWN.nurse };
    let [(id, ..), ..] = OWN.patients;
    let offered = |number: u32, by: &str| Event::AlertOffered {
        alert: AlertNumber(number),
        by: by.parse().unwrap(),
        to: person.parse().unwrap(),
    };
    if person != OWN.nurse {
        sample.happen(id, offered(1, OWN.nurse)).await;
        let accepted = Event::OfferAnswered {
            alert: AlertNumber(1),
            by: person.parse().unwrap(),
            accepted: true,
        };
        sample.happen(id, accepted).await;
        let mut write = sample.state.store.write().await.unwrap();
        let asked = "UPDATE plan_request SET asked_by = $1 WHERE patient = $2";
        run(&mut write, asked, &[person, id]).await;
        write.commit().await.unwrap();
    }
    sample.happen(id, offered(2, OWN.colleague)).await;
}
