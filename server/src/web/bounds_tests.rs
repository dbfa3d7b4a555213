//! Bounds: every field of every form has one, and so have the body, the head and the address of a request.

use jiff::SignedDuration;

use super::browser::Served;
use super::guard::BODY_LEN_MAX;
use super::sample::Sample;
use super::sample_values::oxygen;
use super::serving::HEAD_LEN_MAX;

/// A form: its address, what it takes, its fields, and what follows when all of them are filled in like that.
type Form = (&'static str, &'static str, &'static [&'static str], u16);

const FORMS: [Form; 6] = [
    (
        "/sign-in",
        "username=anna&password=x",
        &["username", "password"],
        422,
    ),
    (
        "/sign-in/passkey",
        "word=x&answer=x",
        &["word", "answer"],
        422,
    ),
    ("/set-up", "code=x&password=x", &["code", "password"], 422),
    ("/account/password", "old=x&new=x", &["old", "new"], 422),
    (
        "/account/passkeys",
        "name=x&word=x&answer=x",
        &["name", "word", "answer"],
        422,
    ),
    (
        "/alerts/ivor/1/close",
        "outcome=referred&note=Rang+111",
        &["outcome", "note"],
        303,
    ),
];

async fn served() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    let taken = served.post("/alerts/ivor/1/take", "nurse-1", "").await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    (sample, served)
}

#[tokio::test]
async fn every_field_of_every_form_has_a_bound() {
    let (sample, served) = served().await;
    let post = async |path: &str, form: &str| {
        // Whoever fails to sign in has to wait; the wait is over.
        sample.hand.advance(SignedDuration::from_mins(16));
        served.post(path, "nurse-1", form).await.status
    };
    for (path, good, fields, follows) in FORMS {
        for field in fields {
            let endless = format!("{field}={}", "x".repeat(BODY_LEN_MAX / 2));
            let others = good.split('&');
            let others = others.filter(|it| !it.starts_with(&format!("{field}=")));
            let pairs: Vec<_> = others.chain([endless.as_str()]).collect();
            let status = post(path, &pairs.join("&")).await;
            assert!([400, 422].contains(&status), "{path} {field}: {status}");
        }
        let long = format!("{good}&more={}", "x".repeat(BODY_LEN_MAX));
        assert_eq!(post(path, &long).await, 413, "{path}");
        assert_eq!(post(path, good).await, follows, "{path} takes {good}");
    }
}

#[tokio::test]
async fn heads_and_addresses_have_a_bound() {
    let (_sample, served) = served().await;
    let long = format!("Cookie: {}\r\n", "x".repeat(HEAD_LEN_MAX));
    assert_eq!(served.send("GET /alerts", &long, "").await.status, 431);
    let many = "X-A: b\r\n".repeat(200);
    assert_eq!(served.send("GET /alerts", &many, "").await.status, 431);
    let patient = format!("/patients/{}", "x".repeat(HEAD_LEN_MAX / 2));
    assert_eq!(served.get(&patient, "nurse-1").await.status, 404);
    let query = format!(
        "/alerts?closed_patient={}&closed_number=1",
        "x".repeat(HEAD_LEN_MAX / 2)
    );
    assert_eq!(served.get(&query, "nurse-1").await.status, 200);
}
