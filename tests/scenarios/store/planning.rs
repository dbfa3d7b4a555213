//! Planning: proposals become plans at once or on their day, and what may not be is refused.

use std::collections::BTreeMap;

use clinical::plan::{Crossing, PatientView, Proposal};
use clinical::{Limits, PersonId, Plan, PlanVersion, VitalSign};
use jiff::{SignedDuration, Timestamp};
use server::audit::Actor;
use server::planning::{Accepted, propose, propose_with_return, withdraw};
use server::store::plan_requests::{self, Answer, Asked};
use server::store::sight::Viewer;
use server::store::{people, plans};
use server::templates::Templates;

use crate::deadlines::Task;
use crate::home::pressure;
use crate::world::{World, patient};

fn limits(soon_high: i32, urgent_high: i32) -> Limits {
    let all = [90, 100, soon_high, urgent_high];
    let [urgent_low, soon_low, soon_high, urgent_high] =
        all.map(|it| Some(vitals::Decimal::whole(it)));
    Limits::new(urgent_low, soon_low, soon_high, urgent_high).unwrap()
}

/// Another pair of limits of systolic pressure, from a time.
fn change(current: &Plan, systolic: Limits, from: Timestamp) -> Proposal {
    let mut limits = current.limits.clone();
    limits.insert(VitalSign::Systolic, systolic);
    Proposal {
        limits,
        care: current.care.clone(),
        based_on: current.version,
        author: "nurse-okafor".parse().unwrap(),
        reason: "Lower target agreed in clinic.".to_owned(),
        patient_view: PatientView::Agreed,
        in_force_from: from,
        crossing: None,
    }
}

fn ada() -> Actor {
    Actor::person(&"nurse-okafor".parse().unwrap(), "nurse")
}

async fn proposes(world: &World, make: impl FnOnce(&Plan) -> Proposal) -> Result<Accepted, String> {
    let stops = Templates::built_in().unwrap().hard_stops;
    let make = |current: &Plan| Ok(make(current));
    let accepted = propose(&world.store, &patient(1), make, &stops, ada(), world.now).await;
    accepted.unwrap().map_err(|refusal| refusal.to_string())
}

const PLANS: &str = "SELECT COUNT(*) FROM plan WHERE patient = 'patient-1'";

/// Nobody is there when its day comes, and the server has been started again since.
pub(crate) async fn a_plan_for_later_begins_by_itself(mut world: World) {
    let before = world.count(PLANS).await;
    let tomorrow = world.now + SignedDuration::from_hours(20);
    let accepted = proposes(&world, |it| change(it, limits(130, 170), tomorrow)).await;
    let Ok(Accepted::Scheduled(version, from)) = accepted else {
        panic!("scheduled: {accepted:?}");
    };
    assert_eq!((world.count(PLANS).await, from), (before, tomorrow));
    let again = proposes(&world, |it| change(it, limits(125, 170), tomorrow)).await;
    assert!(again.unwrap_err().contains("Withdraw it first"));

    let message = world.home_1.send(&[pressure("cuff-1", "08:00", 132, 80)]);
    world.take(&[message]).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 0);

    world.now = tomorrow + SignedDuration::from_secs(1);
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    world.comes_to(PLANS, before + 1).await;
    task.stop().await;
    let held = "SELECT CAST(MAX(version) AS BIGINT) FROM plan WHERE patient = 'patient-1'";
    assert_eq!(world.count(held).await, i64::from(version.0));
    let message = world
        .home_1
        .send(&[pressure("cuff-1", "2026-11-22T05:00", 132, 80)]);
    world.take(&[message]).await;
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 1);
    world.is_replayed_and_rebuilt().await;
}

pub(crate) async fn a_plan_is_proposed_by_somebody_and_crossed_by_a_prescriber(world: World) {
    let now = world.now;
    let nobody = proposes(&world, |it| Proposal {
        author: "dr-nobody".parse().unwrap(),
        ..change(it, limits(130, 170), now)
    });
    assert_eq!(
        nobody.await.unwrap_err(),
        "dr-nobody is nobody here. Name somebody of the staff."
    );
    let beyond = |it: &Plan| {
        let mut proposal = change(it, limits(230, 250), now);
        let term = proposal.care.term.get_or_insert_default();
        term.review_by = Some("2026-12-24".parse().unwrap());
        proposal
    };
    let refused = proposes(&world, beyond).await.unwrap_err();
    assert!(
        refused.contains("A prescriber must allow this"),
        "{refused}"
    );
    let crossed = |prescriber: &str| {
        let crossing = Crossing {
            prescriber: prescriber.parse().unwrap(),
            reason: "Known phaeochromocytoma, under the specialist.".to_owned(),
        };
        move |it: &Plan| Proposal {
            crossing: Some(crossing),
            ..beyond(it)
        }
    };
    let refused = proposes(&world, crossed("nurse-okafor")).await;
    assert!(refused.unwrap_err().contains("is not a prescriber"));
    let accepted = proposes(&world, crossed("dr-baptiste")).await.unwrap();
    assert!(matches!(accepted, Accepted::InForce(_)), "{accepted:?}");
}

pub(crate) async fn a_plan_for_later_is_taken_back(world: World) {
    let later = world.now + SignedDuration::from_hours(2);
    let by: clinical::PersonId = "nurse-okafor".parse().unwrap();
    let whose = patient(1);
    let take_back = |reason: &str| {
        let (by, reason) = (by.clone(), reason.to_owned());
        withdraw(&world.store, &whose, by, reason, ada(), world.now)
    };
    let none = take_back("not wanted").await.unwrap().unwrap_err();
    assert!(none.to_string().contains("No plan is to hold"), "{none}");
    proposes(&world, |it| change(it, limits(130, 170), later))
        .await
        .unwrap();
    let unsaid = take_back(" ").await.unwrap().unwrap_err();
    assert!(unsaid.to_string().contains("Say why"), "{unsaid}");
    take_back("the patient would rather wait")
        .await
        .unwrap()
        .unwrap();
    let again = proposes(&world, |it| change(it, limits(130, 170), later)).await;
    assert!(matches!(again, Ok(Accepted::Scheduled(..))), "{again:?}");
}

/// A change for a time is in force at once, and what it took the place of waits for its day; both or neither.
pub(crate) async fn a_temporary_change_brings_back_what_was_there(mut world: World) {
    let message = world.home_1.send(&[pressure("cuff-1", "07:55", 150, 80)]);
    world.take(&[message]).await;
    let (now, until) = (world.now, world.now + SignedDuration::from_hours(20));
    let stops = Templates::built_in().unwrap().hard_stops;
    let proposes = async |from: Timestamp| {
        let make = |it: &Plan| Ok(change(it, limits(130, 170), now));
        let back = |before: &Plan, plan: &Plan| {
            let mut back = change(before, before.limits[&VitalSign::Systolic], from);
            back.based_on = plan.version;
            let term = back.care.term.get_or_insert_default();
            term.review_by = Some("2026-12-24".parse().unwrap());
            Some(back)
        };
        let whose = patient(1);
        propose_with_return(&world.store, &whose, make, back, &stops, ada(), now)
            .await
            .unwrap()
    };
    let before = world.count(PLANS).await;
    // One whose day has come already follows at once.
    let at_once = proposes(now).await;
    assert!(at_once.is_ok(), "{at_once:?}");
    assert_eq!(world.count(PLANS).await, before + 2);
    let accepted = proposes(until).await;
    assert!(matches!(accepted, Ok(Accepted::InForce(_))), "{accepted:?}");
    assert_eq!(world.count(PLANS).await, before + 3);
    let readers = world.store.readers();
    let one = plans::of_version(readers, &patient(1), PlanVersion(1))
        .await
        .unwrap()
        .unwrap();
    let Ok(Accepted::InForce(version)) = accepted else {
        panic!("{accepted:?}")
    };
    let changed = plans::of_version(readers, &patient(1), version)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(changed.limits[&VitalSign::Systolic], limits(130, 170));
    let none = plans::of_version(readers, &patient(1), PlanVersion(version.0 + 1)).await;
    assert_eq!(none.unwrap(), None);
    let prescribers = people::prescribers_for(readers, &patient(1), 10)
        .await
        .unwrap();
    assert_eq!(
        prescribers,
        [("Dr Noel Baptiste".to_owned(), "GP".to_owned())]
    );
    let cut = people::prescribers_for(readers, &patient(1), 0)
        .await
        .unwrap();
    assert_eq!(cut, []);

    world.now = until + SignedDuration::from_secs(1);
    let hand = world.hand();
    let task = Task::start(&world, &hand);
    world.comes_to(PLANS, before + 4).await;
    task.stop().await;
    let readers = world.store.readers();
    let back = plans::of_version(readers, &patient(1), PlanVersion(version.0 + 1)).await;
    assert_eq!(back.unwrap().unwrap().limits, one.limits);
    world.is_replayed_and_rebuilt().await;
}

/// A later request takes the place of the one before, and each is answered once.
pub(crate) async fn a_prescriber_is_asked_once_at_a_time(world: World) {
    let (okafor, lindqvist) = (
        "nurse-okafor".parse().unwrap(),
        "nurse-lindqvist".parse().unwrap(),
    );
    let ask = async |number: u8| asks(&world, number, &okafor).await;
    let answer = async |number: i64, how: Answer| answers(&world, number, how, &lindqvist).await;
    let readers = world.store.readers();
    let newest = async || plan_requests::newest(readers, &patient(1)).await.unwrap();
    assert_eq!(newest().await, None);
    assert_eq!((ask(1).await, ask(2).await, ask(1).await), (1, 1, 2));
    assert!(!answer(1, Answer::Set).await, "replaced");
    let waiting = newest().await.unwrap();
    assert_eq!(
        (waiting.number, &waiting.asked_by, waiting.asked_at),
        (2, &okafor, world.now)
    );
    assert_eq!(waiting.form.len(), 1);
    let viewer = Viewer {
        person: &okafor,
        now: world.now,
    };
    let in_sight = async || {
        plan_requests::waiting_in_sight(readers, viewer, 10)
            .await
            .unwrap()
    };
    let whose = in_sight().await.into_iter().map(|it| it.patient);
    assert_eq!(whose.collect::<Vec<_>>(), ["patient-1", "patient-2"]);
    let nobody = "nurse-nobody".parse().unwrap();
    let blind = Viewer {
        person: &nobody,
        now: world.now,
    };
    assert!(
        plan_requests::waiting_in_sight(readers, blind, 10)
            .await
            .unwrap()
            .is_empty()
    );

    assert!(answer(2, Answer::Refused).await && !answer(2, Answer::Set).await);
    let answered = newest().await.unwrap().answered.unwrap();
    assert_eq!(
        (answered.answer, answered.note.as_str()),
        (Answer::Refused, "A visit first")
    );
    assert_eq!(in_sight().await.len(), 1);
}

/// Somebody asks a prescriber for another limit of a patient.
async fn asks(world: &World, number: u8, by: &PersonId) -> i64 {
    let form = BTreeMap::from([("limits.spo2.urgent_low".to_owned(), "8\0".to_owned())]);
    let asked = Asked {
        patient: &patient(number),
        based_on: PlanVersion(1),
        form: &form,
        why: "Usual for him",
        by,
    };
    let mut write = world.store.write().await.unwrap();
    let number = plan_requests::ask(&mut write, asked, world.now).await;
    write.commit().await.unwrap();
    number.unwrap()
}

/// Somebody answers a request of patient 1; tells whether it still waited.
async fn answers(world: &World, number: i64, how: Answer, by: &PersonId) -> bool {
    let mut write = world.store.write().await.unwrap();
    let target = (&patient(1), number);
    let said = (by, "A visit first");
    let done = plan_requests::answer(&mut write, target, how, said, world.now).await;
    write.commit().await.unwrap();
    done.unwrap()
}
