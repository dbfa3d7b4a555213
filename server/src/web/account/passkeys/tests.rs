//! The pages of passkeys, from the form's side; a real browser's device is in the browser tests.

use jiff::SignedDuration;
use serde_json::Value;

use crate::accounts::passkeys::device::Device;
use crate::web::browser::{Answer, Served};
use crate::web::sample::Sample;
use crate::web::snapshot;

async fn open() -> (Sample, Served) {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// Writes a value of a form.
fn field(text: &str) -> String {
    let bytes = text.bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
}

async fn asked(served: &Served, path: &str, person: &str) -> (String, String) {
    let answer = served.post(path, person, "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let asked: Value = serde_json::from_str(&answer.body).unwrap();
    (
        asked["word"].as_str().unwrap().to_owned(),
        asked["options"].to_string(),
    )
}

async fn add(served: &Served, device: &mut Device, name: &str) -> Answer {
    let (word, options) = asked(served, "/account/passkeys/begin", "nurse-1").await;
    let answer = field(&device.make(&options));
    let form = format!("name={}&word={word}&answer={answer}", field(name));
    served.post("/account/passkeys", "nurse-1", &form).await
}

#[tokio::test]
async fn a_passkey_is_added_named_used_and_removed() {
    let (sample, served) = open().await;
    let mut device = Device::new();
    let added = add(&served, &mut device, "My phone").await;
    assert_eq!(
        (added.status, added.header("location")),
        (303, Some("/account/passkeys"))
    );

    let (word, options) = asked(&served, "/sign-in/passkey/begin", "").await;
    let answer = field(&device.prove(&options));
    let form = format!("word={word}&answer={answer}&next=%2Fpatients%2Fivor");
    let begun = served.post("/sign-in/passkey", "", &form).await;
    assert_eq!(
        (begun.status, begun.header("location")),
        (303, Some("/patients/ivor"))
    );
    let cookie = begun.header("set-cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let headers = format!("Cookie: {cookie}\r\n");
    let page = served.send("GET /account/passkeys", &headers, "").await;
    assert_eq!(page.status, 200);
    snapshot::check("passkeys", &page.body);
    let again = served.post("/sign-in/passkey", "", &form).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("sent twice"), "{}", again.body);

    let renamed = served
        .post("/account/passkeys/1/rename", "nurse-1", "name=Old++phone")
        .await;
    assert_eq!(renamed.status, 303);
    let page = served.get("/account/passkeys", "nurse-1").await;
    assert!(page.body.contains("value=\"Old phone\""));
    let foreign = served
        .post("/account/passkeys/1/rename", "nurse-2", "name=Mine")
        .await;
    assert_eq!(foreign.status, 404);
    served
        .post("/account/passkeys/1/remove", "nurse-2", "")
        .await;
    let page = served.get("/account/passkeys", "nurse-1").await;
    assert!(page.body.contains("Old phone"), "another's is not removed");
    let removed = served.post("/account/passkeys/1/remove", "nurse-1", "");
    assert_eq!(removed.await.status, 303);
    let page = served.get("/account/passkeys", "nurse-1").await;
    assert!(page.body.contains("You have no passkey"));
    drop(sample);
}

#[tokio::test]
async fn what_cannot_be_added_is_said_and_what_was_typed_stays() {
    let (_sample, served) = open().await;
    let page = served
        .post("/account/passkeys", "nurse-1", "name=My+phone")
        .await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("needs JavaScript"), "{}", page.body);
    assert!(page.body.contains("value=\"My phone\""));
    for (name, said) in [(" ", "Write what you call"), (&"x".repeat(61), "Shorten")] {
        let form = format!("name={}&word=a&answer=b", field(name));
        let page = served.post("/account/passkeys", "nurse-1", &form).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains(said), "{}", page.body);
    }
    add(&served, &mut Device::new(), "One").await;
    for name in ["", &"x".repeat(61)] {
        let form = format!("name={name}");
        let page = served.post("/account/passkeys/1/rename", "nurse-1", &form);
        assert_eq!(page.await.status, 422);
    }
    let again = add(&served, &mut Device::new(), "Two").await;
    assert!(again.body.contains("was not accepted"), "{}", again.body);
    let page = served.post("/sign-in/passkey", "", "").await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("needs JavaScript"), "{}", page.body);
}

#[tokio::test]
async fn who_proved_long_ago_who_they_are_adds_none() {
    let (sample, served) = open().await;
    served.get("/account", "nurse-1").await;
    sample.hand.advance(SignedDuration::from_mins(10));
    let page = served.get("/account/passkeys", "nurse-1").await;
    assert!(page.body.contains("prove that it is you"), "{}", page.body);
    assert!(!page.body.contains("data-passkey"));
    for path in ["/account/passkeys/begin", "/account/passkeys"] {
        let refused = served.post(path, "nurse-1", "name=x&word=y&answer=z").await;
        assert_eq!(refused.status, 403, "{path}");
    }
}

#[tokio::test]
async fn where_the_pages_have_no_name_it_is_said() {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.state.passkeys = None;
    let served = Served::start(&sample.state).await;
    let page = served.get("/account/passkeys", "nurse-1").await;
    assert!(page.body.contains("Passkeys do not work here"));
    let begun = served.post("/sign-in/passkey/begin", "", "").await;
    assert_eq!(begun.status, 404);
    assert!(!served.get("/sign-in", "").await.body.contains("passkey"));
}
