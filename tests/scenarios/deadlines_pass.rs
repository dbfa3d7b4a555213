//! Deadlines pass with no new data, whatever happens to the server: nothing that was waited for is forgotten.

use std::time::Duration;

use clinical::{Event, Plan};
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::wait;
use server::casework;

const DIES_WITHIN: Duration = Duration::from_secs(60);
const ALERTS: &str = "SELECT COUNT(*) FROM alert";
const PASSED: &str = "SELECT COUNT(*) FROM journal WHERE event LIKE '%\"deadline_passed\"%'";

/// Ten minutes to repeat, fifteen to take, twenty for each step up the chain.
const PLAN: &str = r#"{
    "version": 2,
    "limits": {"systolic": {"soon_high": "135", "urgent_high": "180"}},
    "care": {
        "confirmation": {"systolic": {"urgent_minutes": 10, "at_once_high": "200", "source": "test"}},
        "escalation": {
            "urgent": {"take_minutes": 15, "act_minutes": 30, "step_minutes": 20, "clock": "always",
                       "snooze_minutes_max": 60, "source": "test"}
        }
    },
    "set_by": "nurse-ann",
    "reason": "A plan for tests.",
    "in_force_from": "2026-01-01T00:00:00Z"
}"#;

/// A home that has sent one reading, judged by the plan above; the server has been killed since.
async fn measured(store: StoreKind, systolic: u16) -> Line {
    let mut line = Line::set_up(BrokerKind::Embedded, store, ONE_CUFF)
        .await
        .unwrap();
    let plan: Plan = serde_json::from_str(PLAN).unwrap();
    let mut write = line.store.write().await.unwrap();
    let patient = "patient-1".parse().unwrap();
    let plan = Box::new(plan);
    let now = plan.in_force_from;
    casework::handle(&mut write, &patient, &Event::PlanInForce { plan }, now)
        .await
        .unwrap()
        .unwrap();
    write.commit().await.unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(systolic, 80).await.unwrap();
    line.settle().await.unwrap();
    line.server.program().unwrap().kill().await.unwrap();
    line
}

async fn comes_to(line: &Line, query: &'static str, expected: i64) {
    wait::until(query, async || {
        (line.count(query).await.ok()? == expected).then_some(())
    })
    .await
    .unwrap();
}

async fn nobody_repeats(store: StoreKind) {
    let mut line = measured(store, 190).await;
    assert_eq!(
        line.count(ALERTS).await.unwrap(),
        0,
        "a repeat is waited for"
    );

    // It is killed as it writes down that the time is over, and again when it has.
    for failpoint in ["deadlines.fired", "deadlines.committed"] {
        assert_eq!(line.count(PASSED).await.unwrap(), 0);
        line.server.start_later_that_dies_at(11, failpoint).unwrap();
        let program = line.server.program().unwrap();
        let status = program.ended(DIES_WITHIN).await.unwrap();
        assert!(!status.success(), "{failpoint} was never reached");
    }
    assert_eq!(line.count(PASSED).await.unwrap(), 1);
    line.server.start_later(12).await.unwrap();
    let why = "SELECT COUNT(*) FROM alert WHERE priority = 'urgent' \
               AND why LIKE 'Systolic 190 mmHg (urgent limit: 180 or over)%No valid repeat came in time%'";
    comes_to(&line, why, 1).await;
    assert_eq!(line.count(ALERTS).await.unwrap(), 1, "raised once");
    assert_eq!(line.count(PASSED).await.unwrap(), 1);
    line.stop().await.unwrap();
}

async fn nobody_takes(store: StoreKind) {
    let mut line = measured(store, 201).await;
    let new = "SELECT COUNT(*) FROM alert WHERE step = 'coordinator' AND ownership_is = 'new'";
    assert_eq!(line.count(new).await.unwrap(), 1, "raised at once");

    line.server.start_later(16).await.unwrap();
    let lead = "SELECT COUNT(*) FROM alert WHERE step = 'team_lead'";
    comes_to(&line, lead, 1).await;
    line.server.program().unwrap().kill().await.unwrap();

    line.server.start_later(40).await.unwrap();
    let on_call = "SELECT COUNT(*) FROM alert WHERE step = 'on_call'";
    comes_to(&line, on_call, 1).await;
    assert_eq!(line.count(PASSED).await.unwrap(), 2, "one step at a time");
    assert_eq!(line.count("SELECT COUNT(*) FROM reading").await.unwrap(), 1);
    line.stop().await.unwrap();
}

#[tokio::test]
async fn an_urgent_reading_that_nobody_repeats_is_raised_in_sqlite() {
    nobody_repeats(StoreKind::Sqlite).await;
}

#[tokio::test]
async fn an_urgent_reading_that_nobody_repeats_is_raised_in_postgresql() {
    nobody_repeats(StoreKind::Postgres).await;
}

#[tokio::test]
async fn an_alert_that_nobody_takes_goes_up_the_chain_in_sqlite() {
    nobody_takes(StoreKind::Sqlite).await;
}

#[tokio::test]
async fn an_alert_that_nobody_takes_goes_up_the_chain_in_postgresql() {
    nobody_takes(StoreKind::Postgres).await;
}
