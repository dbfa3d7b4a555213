//! Bounds: every field of every form has one, and so have the body, the head and the address of a request.

use super::browser::Served;
use super::guard::BODY_LEN_MAX;
use super::sample::Sample;
use super::sample_values::oxygen;
use super::serving::HEAD_LEN_MAX;

/// Each form: its address, what it takes, and its fields.
const FORMS: [(&str, &str, &[&str]); 2] = [
    ("/who", "person=nurse-2", &["person"]),
    (
        "/alerts/ivor/1/close",
        "outcome=referred&note=Rang+111",
        &["outcome", "note"],
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
    let (_sample, served) = served().await;
    for (path, good, fields) in FORMS {
        for field in fields {
            let endless = "x".repeat(BODY_LEN_MAX / 2);
            let others = good
                .split('&')
                .filter(|it| !it.starts_with(&format!("{field}=")));
            let mut pairs: Vec<_> = others.map(str::to_owned).collect();
            pairs.push(format!("{field}={endless}"));
            let answer = served.post(path, "nurse-1", &pairs.join("&")).await;
            assert!(
                [400, 422].contains(&answer.status),
                "{path} {field}: {}",
                answer.status
            );
        }
        let long = format!("{good}&more={}", "x".repeat(BODY_LEN_MAX));
        let answer = served.post(path, "nurse-1", &long).await;
        assert_eq!(answer.status, 413, "{path}");
        let answer = served.post(path, "nurse-1", good).await;
        assert_eq!(answer.status, 303, "{path} takes {good}");
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
