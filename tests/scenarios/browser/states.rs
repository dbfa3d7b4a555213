//! States: alerts of every priority and in every state, on a desk, on a phone and in the dark.

use fantoccini::{Client, Locator};
use hearth_tests::browser::{Look, overhang, violations};
use hearth_tests::wait;

use crate::access::picture;
use crate::visit::Visit;

/// Alerts beside the one that the cuff raised: one for each priority and state, the times in microseconds from now.
pub(crate) const EVERY_STATE: &str = "\
    WITH clock (now) AS (SELECT MAX(opened_at) FROM alert), \
    kind (number, problem, priority, ownership, held_by, step, minutes, why) AS (VALUES \
    (11, 'oxygen', 'urgent', 'new', NULL, 'team_lead', 14, 'Oxygen 89% (urgent limit: 92 or under)'), \
    (12, 'pulse', 'soon', 'new', NULL, 'coordinator', -19, 'Pulse 118 a minute (soon limit: 111 or over)'), \
    (13, 'weight', 'soon', 'taken', 'nurse-ann', 'coordinator', 25, 'Weight 91.4 kg, 2.3 kg up in 3 days'), \
    (14, 'temperature', 'soon', 'waiting', 'nurse-ann', 'coordinator', 55, 'Temperature 38.6 °C'), \
    (15, 'silence', 'soon', 'snoozed', 'nurse-bo', 'coordinator', 180, 'No blood pressure reading in 2 windows in a row'), \
    (16, 'deterioration', 'soon', 'escalated', 'lead-lee', 'coordinator', 40, 'Partial physiological score 5'), \
    (17, 'plan_review', 'check', 'new', NULL, 'coordinator', 1300, 'The plan was to be reviewed by 2026-11-01'), \
    (18, 'kit', 'technical', 'taken', 'nurse-bo', 'on_call', 10, 'No weight reading: the scale has not been heard')) \
    INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, evidence_len, \
    opened_at, newest_measured_at, taken_at, respond_by, step, held_by, offered_to, escalated_by, escalated_to, \
    aside_until, aside_reason) \
    SELECT 'patient-1', number, problem, priority, CASE number WHEN 14 THEN 'cleared' ELSE 'active' END, ownership, \
    COALESCE(held_by, 'nurse-ann'), why, 1, now, now, CASE ownership WHEN 'new' THEN NULL ELSE now END, \
    now + minutes * 60000000, step, held_by, CASE number WHEN 13 THEN 'nurse-bo' END, \
    CASE ownership WHEN 'escalated' THEN 'nurse-ann' END, CASE ownership WHEN 'escalated' THEN held_by END, \
    CASE WHEN ownership IN ('waiting', 'snoozed') THEN now + minutes * 60000000 END, \
    CASE ownership WHEN 'snoozed' THEN 'in hospital for a planned operation' END FROM kind, clock";

/// A box that is being set up, whose test has arrived.
const BEING_SET_UP: [&str; 2] = [
    "INSERT INTO test_record (id, kind, patient, device, measured_at, received_at, stored_at, gateway, epoch, sequence) \
     SELECT id, 'reading', patient, device, measured_at, received_at, stored_at, gateway, epoch, sequence FROM reading",
    "UPDATE gateway SET state = 'commissioning'",
];

async fn order(page: &Client) -> Vec<String> {
    let script =
        "return [...document.querySelectorAll('tr.alert')].map((row) => row.id.split('-').pop());";
    let ids = page.execute(script, Vec::new()).await.unwrap();
    serde_json::from_value(ids).unwrap()
}

#[tokio::test]
async fn every_priority_and_state_can_be_used_by_everyone() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    visit.line.put(EVERY_STATE).await.unwrap();
    for statement in BEING_SET_UP {
        visit.line.put(statement).await.unwrap();
    }
    let looks = [
        ("desk", Look::DESK),
        (
            "phone",
            Look {
                width: 320,
                ..Look::DESK
            },
        ),
        (
            "dark",
            Look {
                dark: true,
                ..Look::DESK
            },
        ),
        (
            "plain",
            Look {
                javascript: false,
                ..Look::DESK
            },
        ),
    ];
    for (name, look) in looks {
        let page = visit.sit_down("Ann", look).await;
        if look.javascript {
            let found = violations(&page).await.unwrap();
            assert!(found.is_empty(), "{name}: {found:#?}");
            assert!(overhang(&page).await.unwrap() <= 0, "{name} is too wide");
            let order = order(&page).await;
            assert_eq!(order, ["11", "12", "1", "13", "16", "14", "15", "17", "18"]);
            picture(&page, &format!("{name}-alerts-states"), look.width).await;
            let being_set_up = page
                .find(Locator::Css("#setting-up .tag-technical"))
                .await
                .unwrap();
            assert_eq!(being_set_up.text().await.unwrap().trim(), "TEST");
            let kit = "document.getElementById('alert-patient-1-17').scrollIntoView();";
            page.execute(kit, Vec::new()).await.unwrap();
            picture(&page, &format!("{name}-alerts-states-end"), look.width).await;
        } else {
            let rows = page.find_all(Locator::Css("tr.alert")).await.unwrap();
            assert_eq!(rows.len(), 9);
            let take = page.find_all(Locator::Css("form.take")).await.unwrap();
            assert_eq!(take.len(), 6);
        }
        page.close().await.unwrap();
    }
    visit.line.stop().await.unwrap();
}

#[tokio::test]
async fn rows_move_around_the_one_that_is_in_use() {
    let mut visit = Visit::begin().await;
    visit.line.cuff(186, 112).await.unwrap();
    visit.line.settle().await.unwrap();
    visit.line.put(EVERY_STATE).await.unwrap();
    let page = visit.sit_down("Ann", Look::DESK).await;
    let focus =
        "document.querySelector('#alert-patient-1-13 a.name').focus(); window.sinceTheMark = true;";
    page.execute(focus, Vec::new()).await.unwrap();
    let due = "UPDATE alert SET respond_by = 1 WHERE number IN (14, 15, 16)";
    visit.line.put(due).await.unwrap();
    wait::until("what became overdue is first", async || {
        let order = order(&page).await;
        (order == ["11", "14", "15", "16", "12", "1", "13", "17", "18"]).then_some(())
    })
    .await
    .unwrap();
    let focused = "return document.activeElement.closest('tr').id + window.sinceTheMark;";
    let focused = page.execute(focused, Vec::new()).await.unwrap();
    assert_eq!(focused.as_str(), Some("alert-patient-1-13true"));
    page.close().await.unwrap();
    visit.line.stop().await.unwrap();
}
