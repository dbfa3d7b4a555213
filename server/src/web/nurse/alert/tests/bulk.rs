//! Several alerts at once: names before, names after, and never what is urgent or soon where that is not safe.

use clinical::Plan;
use serde_json::json;

use super::{action_of, count, strangers, take};
use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::sample_values::{oxygen, plan, pressure};
use crate::web::snapshot;

const ASK: &str = "/alerts/bulk";
const DO: &str = "/alerts/bulk/do";
const ALL: &str = "alert=ivor%2F1&alert=mair%2F1&alert=rhys%2F1";

/// The sample's plan with a rule whose alerts can wait until the next working day.
fn mild() -> Plan {
    let mut plan = plan(1, "2026-03-01T09:00:00Z", 135);
    plan.care.rules = serde_json::from_value(json!([
        {"id": "high-twice", "priority": "check", "source": "test", "rule": "n_of_m", "sign": "systolic",
         "side": "high", "limit": "125", "n": 2, "m": 2, "within_days": 1}
    ]))
    .unwrap();
    plan
}

/// An urgent alert of Mr Ivor Evans, and one to check of Mrs Mair Llewellyn and of Mr Rhys Morgan.
async fn three() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    for (id, names, nhs) in [
        ("mair", ["Mrs", "Mair", "Llewellyn"], "9434765870"),
        ("rhys", ["Mr", "Rhys", "Morgan"], "9434765889"),
    ] {
        sample.patient(id, names, "1938-02-02", nhs, mild()).await;
        for minute in ["10", "15"] {
            let at = format!("2026-03-14T12:{minute}:00Z");
            sample.reading(id, &at, pressure(128, 76, 70), &[]).await;
        }
    }
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

#[tokio::test]
async fn several_are_taken_after_their_names_were_read() {
    let (sample, served) = three().await;
    let board = served.get("/alerts", "nurse-1").await;
    assert_eq!(board.body.matches("form=\"bulk\"").count(), 3);
    let asked = served.post(ASK, "nurse-1", &format!("{ALL}&do=take")).await;
    assert_eq!(asked.status, 200);
    snapshot::check("bulk-take", &asked.body);
    assert_eq!(
        count(&sample, "alert_taken").await,
        0,
        "nothing has happened"
    );

    take(&sample, "rhys", 1, "nurse-2").await;
    let form = format!("{ALL}&do=take&action={}", action_of(&asked));
    let done = served.post(DO, "nurse-1", &form).await;
    assert_eq!(done.status, 200);
    snapshot::check("bulk-taken", &done.body);
    assert!(done.body.contains("Take: 2 done, 1 not done"));
    assert!(done.body.contains("Bilal Khan took this alert at 12:20"));
    let again = served.post(DO, "nurse-1", &form).await;
    assert!(again.body.contains("Take: 2 done, 1 not done"));
    assert!(again.body.contains("This had been done before."));
    assert_eq!(count(&sample, "alert_taken").await, 3);
}

#[tokio::test]
async fn what_is_urgent_is_never_closed_or_put_aside_with_others() {
    let (sample, served) = three().await;
    for patient in ["ivor", "mair", "rhys"] {
        take(&sample, patient, 1, "nurse-1").await;
    }
    let asked = served
        .post(ASK, "nurse-1", &format!("{ALL}&do=close"))
        .await;
    snapshot::check("bulk-close", &asked.body);
    assert!(asked.body.contains("Close 2 alerts?"));
    assert!(asked.body.contains("closed one by one"));
    let action = action_of(&asked);
    let nothing = format!("{ALL}&do=close&action={action}");
    let missing = served.post(DO, "nurse-1", &nothing).await;
    assert_eq!(missing.status, 422);
    assert!(
        missing
            .body
            .contains("Choose what happened with these alerts")
    );

    // The urgent one is in the form all the same, as a form of one's own making could have it.
    let form = format!("{ALL}&do=close&outcome=limits_need_changing&action={action}");
    let done = served.post(DO, "nurse-1", &form).await;
    assert_eq!(done.status, 200);
    assert!(
        done.body.contains("Close: 2 done, 1 not done"),
        "{}",
        done.body
    );
    assert!(done.body.contains("<b>Mr Ivor Evans</b></a>: Oxygen 86% (urgent limit: 88 or under) <b class=\"missed\">Urgent and soon alerts are closed one by one"));
    assert!(done.body.contains("href=\"/patients/mair/plan\""));
    assert_eq!(count(&sample, "alert_closed").await, 2);

    let form = "alert=ivor%2F1&do=snooze&span=15&reason=x&action=00000000000000000000000000000000";
    let refused = served.post(DO, "nurse-1", form).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("put aside one by one"));
    assert_eq!(count(&sample, "alert_snoozed").await, 0);
}

#[tokio::test]
async fn several_are_put_aside_or_offered() {
    let (sample, served) = three().await;
    for patient in ["mair", "rhys"] {
        take(&sample, patient, 1, "nurse-1").await;
    }
    let asked = served
        .post(ASK, "nurse-1", &format!("{ALL}&do=offer"))
        .await;
    assert!(asked.body.contains("Hand over 2 alerts?"));
    let action = action_of(&asked);
    let nobody = format!("alert=mair%2F1&do=offer&to=nurse-1&action={action}");
    assert_eq!(served.post(DO, "nurse-1", &nobody).await.status, 422);
    let form = format!("alert=mair%2F1&do=offer&to=nurse-2&action={action}");
    let done = served.post(DO, "nurse-1", &form).await;
    assert!(done.body.contains("Offered to Bilal Khan. It stays yours"));

    let asked = served
        .post(ASK, "nurse-1", &format!("{ALL}&do=snooze"))
        .await;
    let action = action_of(&asked);
    let form = format!("alert=rhys%2F1&do=snooze&span=60&reason=Visit+today&action={action}");
    let done = served.post(DO, "nurse-1", &form).await;
    assert!(
        done.body.contains("Put aside until 13:20."),
        "{}",
        done.body
    );
    assert_eq!(count(&sample, "alert_snoozed").await, 1);
}

#[tokio::test]
async fn nothing_chosen_too_much_and_what_is_not_seen_are_said() {
    let (sample, served) = three().await;
    strangers(&sample).await;
    let nothing = served.post(ASK, "nurse-1", "do=take").await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("No alert was chosen"));
    let many: Vec<String> = (1..=51).map(|it| format!("alert=ivor%2F{it}")).collect();
    let many = served
        .post(DO, "nurse-1", &format!("{}&do=take", many.join("&")))
        .await;
    assert_eq!(many.status, 422);
    assert!(many.body.contains("51 alerts were chosen; at most 50"));
    for bad in ["", "alert=ivor%2F1", "alert=ivor&do=take"] {
        assert_eq!(served.post(ASK, "nurse-1", bad).await.status, 400, "{bad}");
    }
    let blind = served.post(ASK, "south-1", &format!("{ALL}&do=take")).await;
    assert_eq!(blind.status, 409);
    assert!(blind.body.contains("3 that you do not see"));
    assert!(!blind.body.contains("EVANS"));
    assert_eq!(served.post(ASK, "plan-1", "do=take").await.status, 403);
    assert_eq!(served.get(ASK, "nurse-1").await.status, 405);
}
