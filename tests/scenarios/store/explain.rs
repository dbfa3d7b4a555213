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
        let text = explain(&self.store, &name.parse().unwrap()).await.unwrap();
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

pub(crate) async fn what_is_not_there_is_named(mut world: World) {
    handled_day(&mut world).await;
    let store = world.store.clone();
    let error = async |name: &str| {
        let explained = explain(&store, &name.parse().unwrap()).await;
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
