//! A nurse asks a prescriber for what goes beyond the hard stops, and the prescriber sets it, refuses it or is late.

use super::changing::hidden;
use super::{PLAN, ivor, send};
use crate::web::snapshot;

const BEYOND: &str = "based_on=1&limits.spo2.urgent_low=80&limits.spo2.soon_low=84&view=agreed&reason=Usual+for+him&review_by=2026-06-01";
const REQUEST: &str = "/patients/ivor/plan/request";
const OPENED: &str = "/patients/ivor/plan/edit?request=";

#[tokio::test]
async fn what_a_nurse_filled_in_waits_until_a_prescriber_sets_it() {
    let (_sample, served) = ivor().await;
    let asked = send(&served, "nurse-1", "ask", BEYOND).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let page = served
        .get(asked.header("location").unwrap(), "nurse-1")
        .await;
    snapshot::check("plan-requested", &page.body);
    assert!(page.body.contains("In force: plan 1"));
    let listed = served.get("/patients", "dr-rees").await.body;
    assert!(listed.contains("Plans that wait for a prescriber"));
    assert!(listed.contains("asked by Anna Price"), "{listed}");

    let page = served.get(PLAN, "dr-rees").await;
    snapshot::check("plan-requested-prescriber", &page.body);
    let form = served.get(&format!("{OPENED}1"), "dr-rees").await;
    assert_eq!(form.status, 200);
    assert!(form.body.contains("was asked of a prescriber"));
    for value in [
        r#"name="limits.spo2.urgent_low" value="80""#,
        r#"name="request" value="1""#,
        "Usual for him",
    ] {
        assert!(form.body.contains(value), "{value}\n{}", form.body);
    }
    let stopped = send(&served, "dr-rees", "save", &format!("{BEYOND}&request=1")).await;
    assert_eq!(stopped.status, 422);
    let crossed = format!("{}&crossing=Prescribed+target", hidden(&stopped.body));
    let set = send(&served, "dr-rees", "cross", &crossed).await;
    assert_eq!(set.status, 303, "{}", set.body);
    let page = served.get(PLAN, "nurse-1").await.body;
    assert!(page.contains("by leave of <b>Dr Carys Rees</b>") && !page.contains(r#"id="request""#));
    assert!(
        !served
            .get("/patients", "dr-rees")
            .await
            .body
            .contains("wait for a prescriber")
    );
    let late = served.get(&format!("{OPENED}1"), "dr-rees").await;
    assert_eq!(late.header("location"), Some(PLAN));
}

#[tokio::test]
async fn a_prescriber_refuses_with_a_reason_and_only_the_asker_takes_it_back() {
    let (_sample, served) = ivor().await;
    send(&served, "nurse-1", "ask", BEYOND).await;
    let post = async |person: &str, fields: &str| served.post(REQUEST, person, fields).await;
    assert_eq!(
        post("nurse-1", "request=1&action=refuse&refuse_note=No")
            .await
            .status,
        403
    );
    assert_eq!(
        post("nurse-2", "request=1&action=withdraw").await.status,
        403
    );
    assert_eq!(
        post("nurse-s", "request=1&action=withdraw").await.status,
        404
    );
    assert_eq!(post("dr-rees", "request=x&action=refuse").await.status, 400);
    assert_eq!(post("dr-rees", "request=1&action=eat").await.status, 400);
    let unsaid = post("dr-rees", "request=1&action=refuse").await;
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.body.contains("Say why you refuse it"));

    let refused = post(
        "dr-rees",
        "request=1&action=refuse&refuse_note=Needs+a+visit+first",
    )
    .await;
    let page = served
        .get(refused.header("location").unwrap(), "nurse-1")
        .await;
    snapshot::check("plan-request-refused", &page.body);
    assert!(page.body.contains("Needs a visit first"));
    let again = post("dr-rees", "request=1&action=refuse&refuse_note=No").await;
    assert_eq!(again.status, 409);
    assert!(
        again
            .body
            .contains("Nothing waits for a prescriber any more")
    );

    send(&served, "nurse-1", "ask", BEYOND).await;
    send(&served, "nurse-1", "ask", BEYOND).await;
    assert_eq!(
        post("nurse-1", "request=2&action=withdraw").await.status,
        403,
        "replaced"
    );
    assert_eq!(
        post("nurse-1", "request=3&action=withdraw").await.status,
        303
    );
    let page = served.get(PLAN, "nurse-1").await.body;
    assert!(!page.contains(r#"id="request""#));
}

#[tokio::test]
async fn what_a_nurse_may_set_is_set_and_asked_of_nobody() {
    let (_sample, served) = ivor().await;
    let within = BEYOND
        .replace("urgent_low=80", "urgent_low=86")
        .replace("soon_low=84", "soon_low=90");
    let set = send(&served, "nurse-1", "ask", &within).await;
    assert_eq!(set.header("location"), Some("/patients/ivor/plan?saved=2"));
}
