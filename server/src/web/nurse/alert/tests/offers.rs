//! Handing over: an offer moves nothing before it is accepted.

use clinical::duty::Leave;

use super::{action_of, count, one_alert, strangers, taken};
use crate::web::snapshot;

const OFFER: &str = "/alerts/ivor/1/offer";
const ANSWER: &str = "/alerts/ivor/1/offer/answer";

#[tokio::test]
async fn an_alert_is_offered_and_moves_when_it_is_accepted() {
    let (sample, served) = taken().await;
    let page = served.get(OFFER, "nurse-1").await;
    snapshot::check("alert-offer", &page.body);
    let action = action_of(&page);
    for nobody in ["", "nobody", "nurse-1"] {
        let form = format!("action={action}&to={nobody}");
        let refused = served.post(OFFER, "nurse-1", &form).await;
        assert_eq!(refused.status, 422, "{nobody}");
        assert!(refused.body.contains("Choose a colleague from the list"));
    }
    let form = format!("action={action}&to=nurse-2");
    let done = served.post(OFFER, "nurse-1", &form).await;
    assert_eq!(done.header("location"), Some("/alerts/ivor/1?after=offer"));
    let page = served.get("/alerts/ivor/1?after=offer", "nurse-1").await;
    assert!(
        page.body
            .contains("You offered this alert to Bilal Khan. It stays yours")
    );

    let stranger = served.get("/alerts/ivor/1", "lead-1").await;
    assert!(!stranger.body.contains("value=\"accept\""));
    let asked = served.get("/alerts/ivor/1", "nurse-2").await;
    assert!(
        asked
            .body
            .contains("<b>Anna Price</b> asks you to take this alert.")
    );
    let answer = action_of(&asked);
    let theirs = format!("action={answer}&answer=accept");
    let other = served.post(ANSWER, "lead-1", &theirs).await;
    assert_eq!(other.status, 409);
    assert!(other.body.contains("not on offer to you any more"));
    let accepted = served.post(ANSWER, "nurse-2", &theirs).await;
    assert_eq!(
        accepted.header("location"),
        Some("/alerts/ivor/1?after=accept")
    );
    let again = served.post(ANSWER, "nurse-2", &theirs).await;
    assert_eq!(again.status, 303, "pressing twice is no mistake");
    let page = served.get("/alerts/ivor/1?after=accept", "nurse-2").await;
    assert!(page.body.contains("This alert is yours now."));
    assert_eq!(count(&sample, "offer_answered").await, 1);
}

#[tokio::test]
async fn what_was_declined_is_not_offered_again_by_the_same_form() {
    let (sample, served) = taken().await;
    let form = format!(
        "action={}&to=nurse-2",
        action_of(&served.get(OFFER, "nurse-1").await)
    );
    served.post(OFFER, "nurse-1", &form).await;
    let asked = served.get("/alerts/ivor/1", "nurse-2").await;
    let declined = format!("action={}&answer=decline", action_of(&asked));
    let declined = served.post(ANSWER, "nurse-2", &declined).await;
    assert_eq!(declined.status, 303);
    let page = served
        .get(declined.header("location").unwrap(), "nurse-2")
        .await;
    assert!(
        page.body
            .contains("You declined this alert: Anna Price keeps it.")
    );

    let again = served.post(OFFER, "nurse-1", &form).await;
    assert_eq!(again.status, 303);
    let page = served
        .get(again.header("location").unwrap(), "nurse-1")
        .await;
    assert!(
        page.body
            .contains("That was done. The alert has changed since")
    );
    assert_eq!(count(&sample, "alert_offered").await, 1);
    let asked = served.get("/alerts/ivor/1", "nurse-2").await;
    assert!(!asked.body.contains("value=\"accept\""));
}

#[tokio::test]
async fn only_who_may_see_the_patient_is_asked_and_leave_is_said() {
    let (sample, served) = taken().await;
    strangers(&sample).await;
    let leave = Leave {
        person: "nurse-2".parse().unwrap(),
        from: "2026-03-14T00:00:00Z".parse().unwrap(),
        until: "2026-03-15T00:00:00Z".parse().unwrap(),
        cover: None,
    };
    sample.rota(&[leave]).await;
    let page = served.get(OFFER, "nurse-1").await;
    assert!(
        page.body
            .contains("Bilal Khan, Care coordinator, North team – on leave")
    );
    assert!(!page.body.contains("Sue Tan"), "of another team");
    let form = format!("action={}&to=south-1", action_of(&page));
    assert_eq!(served.post(OFFER, "nurse-1", &form).await.status, 422);
}

#[tokio::test]
async fn what_is_not_taken_is_not_offered_and_what_rests_is() {
    let (_sample, served) = one_alert().await;
    let new = served.get(OFFER, "nurse-1").await;
    assert_eq!(new.status, 409);
    assert!(new.body.contains("Take this alert first"));
    served.post("/alerts/ivor/1/take", "nurse-1", "").await;
    let wait = "/alerts/ivor/1/wait";
    let form = format!(
        "action={}&span=15",
        action_of(&served.get(wait, "nurse-1").await)
    );
    assert_eq!(served.post(wait, "nurse-1", &form).await.status, 303);
    let rests = served.get(OFFER, "nurse-1").await;
    assert_eq!(rests.status, 200, "a handover keeps the waiting time");
}
