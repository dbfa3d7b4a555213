//! Proving again who one is: asked before what is risky, answered as at the sign-in, and nothing typed is lost.

use jiff::SignedDuration;

use super::tests::{SET, as_given, code_at, invited, open, to};
use crate::accounts::passkeys::device::Device;
use crate::web::browser::{Answer, Served};
use crate::web::sample::Sample;
use crate::web::snapshot;

const LATER: SignedDuration = SignedDuration::from_mins(10);

/// Anna, who has just set her password.
async fn anna(second_step: &str) -> (Sample, Served, Answer) {
    let (sample, served) = open(second_step).await;
    let code = invited(&sample).await;
    let set = format!("code={code}&{SET}");
    let set = served.post("/set-up", "", &set).await;
    (sample, served, set)
}

#[tokio::test]
async fn what_is_risky_asks_again_after_ten_minutes_and_comes_back() {
    let (sample, served, here) = anna("optional").await;
    let account = as_given(&served, &here, "GET /account", "").await;
    assert!(account.body.contains("id=\"old\""), "{}", account.body);
    sample.hand.advance(LATER);
    let account = as_given(&served, &here, "GET /account", "").await;
    assert!(!account.body.contains("id=\"old\""), "{}", account.body);
    assert!(account.body.contains("/step-up?back=%2Faccount%23password"));
    let early = "old=wet+stone+pillow&new=cold+moon+ladder";
    let early = as_given(&served, &here, "POST /account/password", early).await;
    let asked = "/step-up?back=%2Faccount%23password";
    assert_eq!(to(&early), (303, Some(asked)));
    let page = as_given(&served, &here, &format!("GET {asked}"), "").await;
    snapshot::check("step-up", &page.body);

    let wrong = "password=wet+stone&back=%2Faccount%23password";
    let wrong = as_given(&served, &here, "POST /step-up", wrong).await;
    assert_eq!(wrong.status, 422);
    snapshot::check("step-up-wrong", &wrong.body);
    let right = format!("{SET}&back=%2Faccount%23password");
    let proved = as_given(&served, &here, "POST /step-up", &right).await;
    assert_eq!(to(&proved), (303, Some("/account#password")));
    let old = as_given(&served, &here, "GET /account", "").await;
    assert_eq!(to(&old).0, 303, "the session is another");
    let account = as_given(&served, &proved, "GET /account", "").await;
    assert!(account.body.contains("id=\"old\""), "{}", account.body);
    let trail: Vec<String> = sqlx::query_scalar(
        "SELECT action FROM audit WHERE action IN ('proved_again', 'sign_in_failed') ORDER BY number",
    )
    .fetch_all(sample.state.store.readers())
    .await
    .unwrap();
    assert_eq!(trail, ["sign_in_failed", "proved_again"]);
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_and_who_guesses_waits() {
    let (sample, served, here) = anna("optional").await;
    sample.hand.advance(LATER);
    for elsewhere in [
        "%2F%2Fevil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil",
    ] {
        let page = format!("GET /step-up?back={elsewhere}");
        let page = as_given(&served, &here, &page, "").await;
        assert!(
            page.body.contains("name=\"back\" value=\"/\""),
            "{}",
            page.body
        );
    }
    for _ in 0..5 {
        let wrong = as_given(&served, &here, "POST /step-up", "password=x").await;
        assert_eq!(wrong.status, 422);
    }
    let right = format!("{SET}&back=%2F%2Fevil.example");
    let early = as_given(&served, &here, "POST /step-up", &right).await;
    assert_eq!(early.status, 429, "{}", early.body);
    sample.hand.advance(SignedDuration::from_secs(1));
    let proved = as_given(&served, &here, "POST /step-up", &right).await;
    assert_eq!(to(&proved), (303, Some("/")));
}

#[tokio::test]
async fn who_has_a_second_step_proves_both_and_a_code_is_good_once() {
    let (sample, served, half) = anna("required").await;
    let page = as_given(&served, &half, "GET /sign-in/second-step", "").await;
    let code = |sample: &Sample| code_at(&page.body, sample.state.clock.now());
    let first = format!("code={}", code(&sample));
    let full = as_given(&served, &half, "POST /sign-in/second-step", &first).await;
    assert_eq!(to(&full), (303, Some("/")));
    let set: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM audit WHERE action = 'second_step_set'")
            .fetch_one(sample.state.store.readers())
            .await
            .unwrap();
    assert_eq!(set, 1);
    let stored: String = sqlx::query_scalar("SELECT totp_secret FROM account")
        .fetch_one(sample.state.store.readers())
        .await
        .unwrap();
    assert!(stored.starts_with("v1:"), "sealed: {stored}");

    sample.hand.advance(LATER);
    let asked = as_given(&served, &full, "GET /step-up?back=%2Faccount", "").await;
    assert!(asked.body.contains("id=\"code\""), "{}", asked.body);
    let alone = as_given(&served, &full, "POST /step-up", SET).await;
    assert_eq!(alone.status, 422);
    let now = code(&sample);
    let both = format!("{SET}&code={now}&back=%2Faccount");
    let proved = as_given(&served, &full, "POST /step-up", &both).await;
    assert_eq!(to(&proved), (303, Some("/account")));
    let again = as_given(&served, &proved, "POST /step-up", &both).await;
    assert_eq!(again.status, 422, "that code was used");
}

#[tokio::test]
async fn ones_own_passkey_proves_it_and_nobody_elses() {
    let (sample, served, here) = anna("optional").await;
    let mut device = Device::new();
    let begun = as_given(&served, &here, "POST /account/passkeys/begin", "").await;
    let (word, options) = asked(&begun.body);
    let form = carried(&word, &device.make(&options), "name=Phone");
    let added = as_given(&served, &here, "POST /account/passkeys", &form).await;
    assert_eq!(added.status, 303, "{}", added.body);
    sample.hand.advance(LATER);
    let removed = as_given(&served, &here, "POST /account/passkeys/1/remove", "").await;
    let asked_again = "/step-up?back=%2Faccount%2Fpasskeys";
    assert_eq!(to(&removed), (303, Some(asked_again)));
    let page = as_given(&served, &here, &format!("GET {asked_again}"), "").await;
    assert!(page.body.contains("Or by your passkey"), "{}", page.body);
    let back = "back=%2Faccount%2Fpasskeys";
    for person in ["nurse-2", "nurse-1"] {
        let begun = served.post("/sign-in/passkey/begin", "", "").await;
        let (word, options) = asked(&begun.body);
        let form = carried(&word, &device.prove(&options), back);
        let proved = match person {
            "nurse-1" => as_given(&served, &here, "POST /step-up/passkey", &form).await,
            other => served.post("/step-up/passkey", other, &form).await,
        };
        let is_hers = person == "nurse-1";
        assert_eq!(
            proved.status,
            if is_hers { 303 } else { 422 },
            "{}",
            proved.body
        );
        if is_hers {
            assert_eq!(to(&proved), (303, Some("/account/passkeys")));
            let removed = as_given(&served, &proved, "POST /account/passkeys/1/remove", "").await;
            assert_eq!(to(&removed), (303, Some("/account/passkeys")));
        }
    }
    let plain = served.post("/step-up/passkey", "nurse-2", back).await;
    assert!(
        plain.status == 422 && plain.body.contains("JavaScript"),
        "{}",
        plain.body
    );
}

fn asked(body: &str) -> (String, String) {
    let asked: serde_json::Value = serde_json::from_str(body).unwrap();
    let word = asked["word"].as_str().unwrap().to_owned();
    (word, asked["options"].to_string())
}

fn carried(word: &str, answer: &str, more: &str) -> String {
    let answer = crate::percent::encoded(answer.bytes());
    format!("word={word}&answer={answer}&{more}")
}
