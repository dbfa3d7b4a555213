//! Incidents: many homes that go quiet together are one row for whoever runs the service, and no patient's alert.

use std::collections::BTreeMap;

use clinical::Event;
use jiff::{SignedDuration, Timestamp};
use server::casework;
use server::store::heard;
use vitals::GatewayId;

use crate::care::{mornings, plan};
use crate::deadlines::Task;
use crate::world::World;

/// Enough to be many, and for both engines to fire them in several transactions; the pure test has 5,400.
const HOMES_LEN: usize = 300;

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn gateway(number: usize) -> GatewayId {
    format!("box-{number}").parse().unwrap()
}

impl World {
    /// Adds homes, each with a patient who is to measure every morning, one cuff and one gateway.
    async fn add_homes(&self, len: usize) {
        let bp = |care: &mut serde_json::Value| care["schedule"] = mornings("blood_pressure");
        let started = Event::MonitoringStarted {
            coordinator: "nurse-okafor".parse().unwrap(),
            plan: Box::new(plan(bp)),
        };
        let mut write = self.store.write().await.unwrap();
        for number in 0..len {
            for statement in [
                "INSERT INTO patient (id, family_name, given_name, title, born_on, nhs_number, team, coordinator, \
                 activated_at) VALUES ('home-' || $1, 'F', 'G', 'Ms', '1950-01-31', $1, 'north', 'nurse-okafor', 0)",
                "INSERT INTO gateway (id, tag_key, signing_public_key, registered_at) VALUES ('box-' || $1, '', '', 0)",
                "INSERT INTO device (id, kind, label, gateway, patient, registered_at) \
                 VALUES ('box-cuff-' || $1, 'cuff', 'Cuff', 'box-' || $1, 'home-' || $1, 0)",
            ] {
                sqlx::query(statement)
                    .bind(number.to_string())
                    .execute(&mut *write)
                    .await
                    .unwrap();
            }
            let patient = format!("home-{number}").parse().unwrap();
            casework::handle(&mut write, &patient, &started, self.now)
                .await
                .unwrap()
                .unwrap();
        }
        write.commit().await.unwrap();
    }

    async fn are_heard(&self, homes: std::ops::Range<usize>, when: Timestamp) {
        let mut write = self.store.write().await.unwrap();
        for number in homes {
            heard::note(&mut write, &gateway(number), when)
                .await
                .unwrap();
        }
        write.commit().await.unwrap();
    }

    /// Counts what was found, by cause.
    async fn causes(&self) -> BTreeMap<String, usize> {
        let events = "SELECT event FROM journal WHERE event LIKE '%\"window_closed\"%'";
        let mut causes = BTreeMap::new();
        for text in self.texts(events).await {
            let event: serde_json::Value = serde_json::from_str(&text).unwrap();
            let cause = event["finding"]["cause"].as_str().unwrap().to_owned();
            *causes.entry(cause).or_default() += 1;
        }
        causes
    }
}

const CLOSED: &str = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"window_closed\"%'";
const INCIDENTS: &str = "SELECT COUNT(*) FROM incident";
const OVER: &str = "SELECT COUNT(*) FROM incident WHERE over_at IS NOT NULL";
const ALERTS: &str = "SELECT COUNT(*) FROM alert";

pub(crate) async fn many_homes_cut_at_once_are_one_incident(world: World) {
    world.add_homes(HOMES_LEN).await;
    let all = i64::try_from(HOMES_LEN).unwrap();
    world.are_heard(0..HOMES_LEN, at("22T07:00")).await;
    let hand = world.hand();
    hand.set(at("22T10:30"));
    let servers = [Task::start(&world, &hand), Task::start(&world, &hand)];
    world.comes_to(CLOSED, all).await;
    let found = [("outage_of_broker".to_owned(), HOMES_LEN)];
    assert_eq!(world.causes().await, BTreeMap::from(found));
    assert_eq!(world.count(ALERTS).await, 0, "no patient's item");
    let sentence = "SELECT sentence FROM incident WHERE homes_len = 300 AND over_at IS NULL";
    let sentences = world.texts(sentence).await;
    assert!(sentences[0].contains("300 homes"), "{sentences:?}");

    // Nine in ten are back, and speak; the others are looked at alone the next morning.
    let back = HOMES_LEN / 10 * 9;
    world.are_heard(0..back, at("22T10:40")).await;
    hand.set(at("22T10:45"));
    world.comes_to(OVER, 1).await;
    let mut when = at("23T05:50");
    while when < at("23T10:30") {
        world.are_heard(0..back, when).await;
        when += SignedDuration::from_mins(14);
    }
    hand.set(at("23T10:30"));
    world.comes_to(CLOSED, 2 * all).await;
    for server in servers {
        server.stop().await;
    }
    let found = [
        ("outage_of_broker".to_owned(), HOMES_LEN),
        ("gateway_off".to_owned(), HOMES_LEN - back),
        ("patient_skipped".to_owned(), back),
    ];
    assert_eq!(world.causes().await, BTreeMap::from(found));
    let kit = "SELECT COUNT(*) FROM alert WHERE problem = 'kit'";
    assert_eq!(world.count(kit).await, all / 10);
    assert_eq!(world.count(ALERTS).await, all / 10);
    assert_eq!(world.count(INCIDENTS).await, 1);
}

/// When nobody could hear them, homes are not quiet. They are when they do not come back.
pub(crate) async fn our_own_outage_is_no_incident_of_the_homes(world: World) {
    world.add_homes(20).await;
    let hand = world.hand();
    hand.set(at("22T06:30"));
    world.are_heard(0..20, at("22T06:30")).await;
    let task = Task::start(&world, &hand);
    world.comes_to("SELECT COUNT(*) FROM heartbeat", 1).await;
    task.stop().await;

    hand.set(at("22T10:45"));
    let task = Task::start(&world, &hand);
    world.comes_to(CLOSED, 20).await;
    let found = [("outage_of_server".to_owned(), 20)];
    assert_eq!(world.causes().await, BTreeMap::from(found));
    assert_eq!(world.count("SELECT COUNT(*) FROM outage").await, 1);
    assert_eq!(world.count(INCIDENTS).await + world.count(ALERTS).await, 0);
    hand.advance(SignedDuration::from_mins(31));
    world.comes_to(INCIDENTS, 1).await;
    task.stop().await;
}
