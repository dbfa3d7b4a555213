//! A plan with everything that makes a case due by itself: confirmation, response times, a schedule.

use clinical::{Event, Plan, PlanVersion};
use serde_json::json;
use server::store::cases;

use crate::world::{World, patient};

/// Patient 1's limits for pressure and oxygen; by default two minutes to repeat, ten to take, twenty to act, five a step.
const PLAN: &str = r#"{
    "version": 1,
    "limits": {
        "systolic": {"soon_high": "135", "urgent_high": "180"},
        "diastolic": {"soon_high": "85", "urgent_high": "120"},
        "spo2": {"urgent_low": "88", "soon_low": "92"}
    },
    "care": {
        "confirmation": {"systolic": {"urgent_minutes": 2, "source": "test"}},
        "clearing": {"readings": 1, "source": "test"},
        "quality": {"unusable_in_a_row": 2, "source": "test"},
        "escalation": {
            "urgent": {"take_minutes": 10, "act_minutes": 20, "step_minutes": 5, "clock": "always",
                       "snooze_minutes_max": 60, "source": "test"},
            "soon": {"take_minutes": 120, "act_minutes": 60, "step_minutes": 60, "clock": "always",
                     "snooze_minutes_max": 600, "source": "test"},
            "technical": {"take_minutes": 600, "act_minutes": 60, "step_minutes": 60, "clock": "always",
                          "snooze_minutes_max": 600, "ends_by_itself": true, "source": "test"}
        }
    },
    "set_by": "dr-baptiste",
    "reason": "A plan for tests.",
    "in_force_from": "2026-11-21T08:00:00Z"
}"#;

/// One kind of reading from 6 to 10 every day, with half an hour's grace.
pub(crate) fn mornings(what: &str) -> serde_json::Value {
    json!({"expected": [{
        "what": what, "every": "daily", "windows": ["06:00-10:00"], "grace_minutes": 30,
        "nudge_after": 1, "check_after": 3, "source": "test",
    }]})
}

/// Gives the plan, its care changed as a test needs.
pub(crate) fn plan(change: impl FnOnce(&mut serde_json::Value)) -> Plan {
    let mut plan: serde_json::Value = serde_json::from_str(PLAN).unwrap();
    change(&mut plan["care"]);
    serde_json::from_value(plan).unwrap()
}

impl World {
    /// Puts a plan in force, as the next version of a patient's plans.
    pub(crate) async fn adopt(&self, number: u8, mut plan: Plan) {
        let mut write = self.store.write().await.unwrap();
        let locked = cases::lock(&mut write, &patient(number)).await.unwrap();
        drop(write);
        plan.version = PlanVersion(locked.unwrap().case.plan().version.0 + 1);
        plan.in_force_from = self.now;
        let plan = Box::new(plan);
        self.happen(number, &Event::PlanInForce { plan })
            .await
            .unwrap();
    }
}
