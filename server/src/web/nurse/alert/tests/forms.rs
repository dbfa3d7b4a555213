//! The forms that put an alert aside, escalate it and reopen it.

use clinical::Outcome;

use super::{action_of, close, count, taken};
use crate::web::snapshot;

const SNOOZE: &str = "/alerts/ivor/1/snooze";
const WAIT: &str = "/alerts/ivor/1/wait";
const ESCALATE: &str = "/alerts/ivor/1/escalate";
const REOPEN: &str = "/alerts/ivor/1/reopen";

#[tokio::test]
async fn an_urgent_alert_sleeps_for_half_an_hour_at_most_and_not_twice() {
    let (sample, served) = taken().await;
    let page = served.get(SNOOZE, "nurse-1").await;
    snapshot::check("alert-snooze", &page.body);
    assert!(page.body.contains("for 30 minutes at most"));
    let action = action_of(&page);

    let hour = format!("action={action}&span=60&reason=She+rests");
    let refused = served.post(SNOOZE, "nurse-1", &hour).await;
    assert_eq!(refused.status, 422, "no such choice for an urgent one");
    let late = format!("action={action}&span=time&until=2026-03-14T12%3A51&reason=She+rests");
    let refused = served.post(SNOOZE, "nurse-1", &late).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("30 minutes from now at most"));
    assert!(refused.body.contains(">She rests</textarea>"), "it is kept");
    let silent = format!("action={action}&span=15&reason=++");
    let refused = served.post(SNOOZE, "nurse-1", &silent).await;
    assert_eq!(refused.status, 422);
    snapshot::check("alert-snooze-missing", &refused.body);

    let form = format!("action={action}&span=15&reason=She+rests");
    let done = served.post(SNOOZE, "nurse-1", &form).await;
    assert_eq!(done.header("location"), Some("/alerts/ivor/1?after=snooze"));
    let page = served
        .get(done.header("location").unwrap(), "nurse-1")
        .await;
    assert!(
        page.body.contains("It comes back at 12:35"),
        "{}",
        page.body
    );

    sample.hand.set("2026-03-14T12:30:00Z".parse().unwrap());
    let again = served.post(SNOOZE, "nurse-1", &form).await;
    assert_eq!(again.status, 303);
    let page = served
        .get(again.header("location").unwrap(), "nurse-1")
        .await;
    assert!(page.body.contains("It comes back at 12:35"), "not later");
    assert_eq!(count(&sample, "alert_snoozed").await, 1);
}

#[tokio::test]
async fn who_waits_for_the_patient_says_until_when() {
    let (_sample, served) = taken().await;
    let page = served.get(WAIT, "nurse-1").await;
    let action = action_of(&page);
    let nothing = served
        .post(WAIT, "nurse-1", &format!("action={action}"))
        .await;
    assert_eq!(nothing.status, 422);
    let form = format!("action={action}&span=time&until=2026-03-14T18%3A00");
    let done = served.post(WAIT, "nurse-1", &form).await;
    assert_eq!(done.status, 303);
    let page = served
        .get(done.header("location").unwrap(), "nurse-1")
        .await;
    assert!(
        page.body
            .contains("You wait for the patient. The alert comes back at 18:00")
    );
    let board = served.get("/alerts", "nurse-1").await;
    assert!(board.body.contains("Waiting for the patient until"));
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_put_aside_and_a_form_without_its_id_is_none() {
    let (_sample, served) = taken().await;
    for path in [SNOOZE, WAIT, ESCALATE] {
        let other = served.get(path, "nurse-2").await;
        assert_eq!(other.status, 409, "{path}");
        assert!(other.body.contains("Anna Price took this alert at 12:20"));
    }
    for id in ["", "00", "zz000000000000000000000000000000"] {
        let form = format!("action={id}&span=15");
        assert_eq!(
            served.post(WAIT, "nurse-1", &form).await.status,
            400,
            "{id}"
        );
    }
    let form = "action=00000000000000000000000000000000&span=15";
    assert_eq!(served.post(WAIT, "nurse-2", form).await.status, 409);
}

#[tokio::test]
async fn escalating_tells_what_is_known_and_gives_the_alert_away() {
    let (sample, served) = taken().await;
    let page = served.get(ESCALATE, "nurse-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("alert-escalate", &page.body);
    for said in [
        "Mr Ivor Evans, born 14-Jul-1945 (80y), NHS No. 943 476 5919. Alert (urgent) since",
        "Plan 1, set by Dr Carys Rees: NICE NG136",
        "Care coordinator: Anna Price",
        "Dr Carys Rees, GP, North team",
    ] {
        assert!(page.body.contains(said), "it does not say {said}");
    }
    assert!(!page.body.contains("value=\"nurse-1\""), "not to oneself");
    let action = action_of(&page);
    let half = format!("action={action}&situation=Oxygen+86&background=COPD&assessment=");
    let refused = served.post(ESCALATE, "nurse-1", &half).await;
    assert_eq!(refused.status, 422);
    snapshot::check("alert-escalate-missing", &refused.body);
    assert!(refused.body.contains(">Oxygen 86</textarea>"), "it is kept");

    let form = format!(
        "action={action}&to=dr-rees&situation=Oxygen+86&background=COPD&assessment=Worse%3F&recommendation=call_now"
    );
    let done = served.post(ESCALATE, "nurse-1", &form).await;
    assert_eq!(done.header("location"), Some("/alerts/ivor/1/sbar"));
    let sent = served.get("/alerts/ivor/1/sbar", "nurse-1").await;
    snapshot::check("alert-sbar", &sent.body);
    assert!(sent.body.contains("Situation: Oxygen 86"));
    assert!(
        sent.body
            .contains("Recommendation: Please call the patient now")
    );
    let again = served.post(ESCALATE, "nurse-1", &form).await;
    assert_eq!(again.status, 303, "sent again, and done once");
    assert_eq!(count(&sample, "alert_escalated").await, 1);

    let hers = served.get("/alerts/ivor/1", "dr-rees").await;
    assert!(hers.body.contains(">Take back<") || hers.body.contains(">Take"));
    assert!(hers.body.contains("/alerts/ivor/1/sbar"));
    assert!(hers.body.contains("Assessment: Worse?"), "in the timeline");
}

#[tokio::test]
async fn what_was_never_escalated_has_no_text() {
    let (_sample, served) = taken().await;
    let sent = served.get("/alerts/ivor/1/sbar", "nurse-1").await;
    assert_eq!(sent.header("location"), Some("/alerts/ivor/1"));
}

#[tokio::test]
async fn a_closed_alert_is_reopened_with_a_reason() {
    let (sample, served) = taken().await;
    let open = served.get(REOPEN, "nurse-1").await;
    assert_eq!(open.status, 409);
    assert!(open.body.contains("This alert cannot be reopened"));
    close(&sample, 1, "nurse-1", Outcome::AdviceGiven).await;

    let page = served.get(REOPEN, "nurse-2").await;
    snapshot::check("alert-reopen", &page.body);
    let action = action_of(&page);
    let silent = served
        .post(REOPEN, "nurse-2", &format!("action={action}&reason="))
        .await;
    assert_eq!(silent.status, 422);
    let form = format!("action={action}&reason=She+rang");
    let done = served.post(REOPEN, "nurse-2", &form).await;
    assert_eq!(done.header("location"), Some("/alerts/ivor/1?after=reopen"));
    let again = served.post(REOPEN, "nurse-2", &form).await;
    assert_eq!(again.status, 303, "pressing twice is no mistake");
    let page = served
        .get(again.header("location").unwrap(), "nurse-2")
        .await;
    assert!(
        page.body
            .contains("You reopened this alert, and it is yours.")
    );
    assert!(page.body.contains("reopened it: She rang"));
    assert_eq!(count(&sample, "alert_reopened").await, 1);
}

#[tokio::test]
async fn limits_that_need_changing_lead_to_the_plan() {
    let (_sample, served) = taken().await;
    let form = "outcome=limits_need_changing&note=";
    let done = served.post("/alerts/ivor/1/close", "nurse-1", form).await;
    assert_eq!(done.header("location"), Some("/patients/ivor/plan"));
}
