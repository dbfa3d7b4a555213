//! Explain: an alert with its papers, as an operator reads it.

use std::path::Path;

use server::explain::explain;
use server::terminal::WIDTH_MAX;

use crate::care::plan;
use crate::handling::handled_day;
use crate::home::pressure;
use crate::world::World;

impl World {
    async fn explained(&self, name: &str) -> String {
        let text = explain(&self.store, &name.parse().unwrap(), self.now)
            .await
            .unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH_MAX, "too wide: {line}");
        }
        text
    }
}

/// Compares with what somebody last looked at. `UPDATE_SNAPSHOTS=1` writes it anew.
fn check_snapshot(name: &str, text: &str) {
    let path = format!("{}/scenarios/store/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let path = Path::new(&path);
    let text = format!("{text}\n");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        kept,
        text,
        "look at {}, then run with UPDATE_SNAPSHOTS=1",
        path.display()
    );
}

/// An urgent reading that nobody repeated, whose alert went through every hand.
pub(crate) async fn an_alert_is_explained_with_its_papers(mut world: World) {
    handled_day(&mut world).await;
    check_snapshot("explained", &world.explained("patient-1/1").await);
    let kit = world.explained("patient-1/2").await;
    for part in [
        "patient-1/2: measuring goes wrong, technical; ended by itself",
        "2 unusable blood pressure measurements in a row",
        "It rests on no reading.",
    ] {
        assert!(kit.contains(part), "{part} is missing:\n{kit}");
    }
}

pub(crate) async fn a_rule_is_explained_with_the_readings_that_it_rests_on(mut world: World) {
    let rules = |care: &mut serde_json::Value| {
        care["rules"] = serde_json::json!([
            {"id": "high-twice", "priority": "check", "source": "test", "rule": "n_of_m", "sign": "systolic",
             "side": "high", "limit": "125", "n": 2, "m": 3, "within_days": 1},
            {"id": "drift", "priority": "check", "source": "test", "rule": "trend", "sign": "systolic",
             "direction": "rise", "per_week_at_least": "5", "days": 14, "days_min": 7, "agreement_percent_min": 70},
            {"id": "gain", "priority": "check", "source": "test", "rule": "change", "sign": "weight",
             "direction": "rise", "at_least": "2", "within_days": 3, "days_min": 1},
        ]);
    };
    world.adopt(1, plan(rules)).await;
    for (time, systolic) in [("07:40", 128), ("07:50", 120), ("07:58", 129)] {
        world.wait(1);
        let message = world.home_1.send(&[pressure("cuff-1", time, systolic, 80)]);
        world.take(&[message]).await;
    }
    check_snapshot("explained_rule", &world.explained("patient-1/1").await);
}

/// The coordinator is on leave: the cover answers, and at night the person on call. A rota that was not yet known then
/// tells nothing.
pub(crate) async fn who_answered_is_told_by_the_duty_of_the_time(mut world: World) {
    world.now = "2026-12-21T16:30:00Z".parse().unwrap();
    let mut plan = plan(|_| {});
    plan.set_by = "dr-who-left".parse().unwrap();
    world.adopt(1, plan).await;
    let message = world.home_1.send(&[pressure("cuff-1", "08:00", 150, 80)]);
    world.take(&[message]).await;
    world.now = "2026-12-22T09:30:00Z".parse().unwrap();
    let answered = async |world: &World| {
        let told = world.explained("patient-1/1").await;
        let words: Vec<&str> = told.split_whitespace().collect();
        let told = words.join(" ");
        let by = "Set by dr-who-left, in force from 2026-12-21";
        assert!(told.contains(by), "{told}");
        let answered = told.split_once("as it was known at each time. ");
        answered.unwrap().1.to_owned()
    };
    let covers = "Maja Lindqvist (care coordinator) covers for Ada Okafor (care coordinator), on leave until 28 Dec.";
    let on_call = "Sanjay Ward (out-of-hours nurse) is on call outside the staffed hours.";
    assert_eq!(
        answered(&world).await,
        format!(
            "2026-12-21 16:30:00 {covers} 2026-12-21 17:00:00 {on_call} 2026-12-22 09:00:00 {covers}"
        )
    );

    let later = "UPDATE team_duty SET recorded_at = 1797883200000000";
    world.tamper(later).await;
    assert_eq!(
        answered(&world).await,
        format!(
            "2026-12-21 16:30:00 The rota of that time is not known, so who was on duty is not. Ada Okafor \
             (care coordinator) was the care coordinator. 2026-12-21 20:00:00 {on_call} 2026-12-22 09:00:00 {covers}"
        )
    );
}

pub(crate) async fn what_is_not_there_is_named(mut world: World) {
    handled_day(&mut world).await;
    let (store, now) = (world.store.clone(), world.now);
    let error = async |name: &str| {
        let explained = explain(&store, &name.parse().unwrap(), now).await;
        explained.unwrap_err().to_string()
    };
    assert_eq!(
        error("patient-1/9").await,
        "patient-1 has no alert 9; its alerts are 1 and 2"
    );
    assert_eq!(
        error("patient-2/1").await,
        "patient-2 has no alert 1; it has had none"
    );
    assert_eq!(
        error("patient-9/1").await,
        "patient-9 is not registered here"
    );
}
