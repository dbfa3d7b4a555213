//! Bounds: every field of every form has one, and so have the body, the head and the address of a request.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::browser::{Answer, Served};
use super::guard::BODY_LEN_MAX;
use super::matrix_tests::contents::columns_where;
use super::matrix_tests::forms::{FORMS, Places, cookie};
use super::matrix_tests::locality::{OWN, locality};
use super::matrix_tests::{PACE, heading, routes, turned_to};
use super::sample::Sample;
use super::serving::HEAD_LEN_MAX;

/// Longer than any text that is kept.
const KEPT_LEN_MAX: usize = 5_000;
/// Fields in which anything says that something is chosen, or which say nothing where the form stands.
const NOT_READ: [(&str, &str); 9] = [
    ("/account/preferences", "shortcuts"),
    ("/account/preferences", "sound"),
    ("/handover/sign", "alert"),
    ("/patients/new", "step"),
    ("/patients/north-1/plan/edit", "action"),
    ("/administration/teams/new", "lock"),
    ("/administration/people/new", "lock"),
    ("/me/north-1/carers", "sees"),
    ("/patients/north-1/home/carer", "sees"),
];

/// A copy of the locality in which one form is filled in by whoever may.
struct Desk {
    sample: Sample,
    served: Served,
    path: String,
    form: String,
    by: &'static str,
}

impl Desk {
    async fn of(base: &Sample, (route, by, form, _): super::matrix_tests::forms::Form) -> Self {
        let sample = base.copy().await;
        let served = Served::start(&sample.state).await;
        let places = Places::of(&sample, &served, &OWN).await;
        let path = places.path(route);
        let form = places.form(&served, by, &path, form).await;
        Self {
            sample,
            served,
            path,
            form,
            by,
        }
    }

    async fn post(&self, form: &str) -> Answer {
        // Whoever fails to sign in has to wait; the wait is over.
        let waits = [
            "/sign-in", "/set-up", "/account", "/start", "/step-up", "/me",
        ];
        let waits = waits.iter().any(|it| self.path.starts_with(it));
        let pace = if waits {
            SignedDuration::from_mins(16)
        } else {
            PACE
        };
        self.sample.hand.advance(pace);
        let cookie = cookie(&self.sample, &self.served, self.by).await;
        let headers = format!("{cookie}Origin: http://{}\r\n", self.served.host);
        self.served
            .send(&format!("POST {}", self.path), &headers, form)
            .await
    }
}

#[test]
fn every_address_that_takes_a_form_has_one_here() {
    let posts = routes::declared()
        .into_iter()
        .filter(|(method, _)| method == "POST");
    let posts: BTreeSet<String> = posts.map(|(_, path)| path).collect();
    let forms: BTreeSet<String> = FORMS.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(posts, forms);
}

#[tokio::test]
async fn every_field_of_every_form_has_a_bound() {
    let base = locality().await;
    turned_to(&base, OWN.nurse).await;
    let kept = format!("instr({{}}, '{}') > 0", "x".repeat(KEPT_LEN_MAX));
    let mut otherwise = Vec::new();
    for form in FORMS {
        let desk = Desk::of(&base, *form).await;
        let path = &desk.path;
        otherwise.extend(unbounded(&desk, form.3).await);
        let found = columns_where(&desk.sample, &kept).await;
        if !found.is_empty() {
            otherwise.push(format!("{path} keeps an endless text: {found:?}"));
        }
        let long = format!("{}&more={}", desk.form, "x".repeat(BODY_LEN_MAX));
        let refused = desk.post(&long).await;
        assert_eq!(refused.status, 413, "{path}");
        assert!(refused.body.contains("What you sent is too long"), "{path}");
        let taken = desk.post(&desk.form).await;
        if taken.status != form.3 {
            let said = heading(&taken.body);
            otherwise.push(format!(
                "{path} takes {}: {} {said}",
                desk.form, taken.status
            ));
        }
    }
    assert!(otherwise.is_empty(), "\n{}", otherwise.join("\n"));
}

/// Writes an endless text into each field in turn, and gives the fields that take it.
async fn unbounded(desk: &Desk, status: u16) -> Vec<String> {
    let mut taken = Vec::new();
    let pairs: Vec<&str> = desk.form.split('&').filter(|it| !it.is_empty()).collect();
    for (place, pair) in pairs.iter().enumerate() {
        let (field, _) = pair.split_once('=').unwrap();
        let endless = format!("{field}={}", "x".repeat(BODY_LEN_MAX / 2));
        let mut filled = pairs.clone();
        filled[place] = &endless;
        let answer = desk.post(&filled.join("&")).await;
        let is_not_read = NOT_READ.contains(&(desk.path.as_str(), field));
        let is_not_read = is_not_read && [200, status].contains(&answer.status);
        if !is_not_read && ![400, 409, 422].contains(&answer.status) {
            taken.push(format!("{} {field}: {}", desk.path, answer.status));
        }
    }
    taken
}

#[tokio::test]
async fn heads_and_addresses_have_a_bound() {
    let sample = locality().await;
    let served = Served::start(&sample.state).await;
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

#[tokio::test]
async fn what_the_router_refuses_is_said_in_our_words() {
    let sample = locality().await;
    let served = Served::start(&sample.state).await;
    for (path, status, said) in [
        ("/alerts/north-1/99999999999", 404, "Page not found"),
        ("/alerts/north-1/-1/close", 404, "Page not found"),
        ("/patients/north-1/referrals/one", 404, "Page not found"),
        ("/patients/%FF", 404, "Page not found"),
        ("/patients/north-1%00", 404, "Page not found"),
        ("/patients?q=%00", 404, "Page not found"),
        ("/alerts/north-1/1/take", 405, "cannot be used that way"),
    ] {
        let answer = served.get(path, "nurse-1").await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
    }
    let live = served.post("/alerts/live", "nurse-1", "").await;
    assert!(live.status == 405 && live.body.contains("cannot be used that way"));
    for nul in ["note=a%00b", "note=a\0b"] {
        let answer = served.post("/patients/north-1/watch", "nurse-1", nul).await;
        assert_eq!(answer.status, 400, "{nul:?}");
        assert!(answer.body.contains("could not be read"), "{}", answer.body);
    }
    let percent = served
        .post("/patients/north-1/watch", "nurse-1", "note=%2500")
        .await;
    assert_eq!(percent.status, 422, "a per cent sign is none");
}
