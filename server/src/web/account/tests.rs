//! Signing in as a person does it: what is right, what is wrong, what was used before, and what ends a session.

use jiff::{SignedDuration, Timestamp};
use totp_rs::{Builder, Secret};

use crate::accounts::set_up;
use crate::audit::Actor;
use crate::store::{accounts, sign_in_failures};
use crate::web::browser::{Answer, Served};
use crate::web::sample::Sample;
use crate::web::snapshot;

const PASSWORD: &str = "wet stone pillow";
pub(super) const SET: &str = "password=wet+stone+pillow";

pub(super) async fn open(second_step: &str) -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.state.policy = toml::from_str(&format!("second_step = \"{second_step}\"")).unwrap();
    sample.ivor().await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

pub(super) async fn invited(sample: &Sample) -> String {
    let person = "nurse-1".parse().unwrap();
    let clock = &sample.state.clock;
    let by = Actor::operator(0);
    let invited = set_up::invite(&sample.state.store, &person, "Anna", false, by, clock).await;
    invited.unwrap().code
}

/// Sends as the browser that an answer gave a cookie to.
pub(super) async fn as_given(
    served: &Served,
    answer: &Answer,
    request: &str,
    form: &str,
) -> Answer {
    let cookie = answer
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let headers = format!("Cookie: {cookie}\r\nOrigin: http://{}\r\n", served.host);
    served.send(request, &headers, form).await
}

pub(super) fn to(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("location"))
}

pub(super) fn code_at(page: &str, now: Timestamp) -> String {
    let key = page.split("key-text\">").nth(1).unwrap();
    let key = key.split('<').next().unwrap().replace(' ', "");
    let codes = Builder::new().with_secret(Secret::try_from_base32(key).unwrap());
    let seconds = u64::try_from(now.as_second()).unwrap();
    codes.build().unwrap().generate(seconds).to_string()
}

#[tokio::test]
async fn a_code_sets_the_password_once_and_signs_in() {
    let (sample, served) = open("optional").await;
    let code = invited(&sample).await;
    snapshot::check("set-up", &served.get("/set-up", "").await.body);
    let weak = served
        .post("/set-up", "", &format!("code={code}&password=anna2026"))
        .await;
    assert_eq!(weak.status, 422);
    assert!(weak.body.contains("three or four words"), "{}", weak.body);
    let typed = code.to_lowercase().replace('-', "+");
    let set = served
        .post("/set-up", "", &format!("code={typed}&{SET}"))
        .await;
    assert_eq!(to(&set), (303, Some("/")));
    let cookie = set.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-hearth="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let board = as_given(&served, &set, "GET /alerts", "").await;
    assert!(board.body.contains("You are <strong>Anna Price</strong>"));
    let again = served
        .post("/set-up", "", &format!("code={code}&{SET}"))
        .await;
    assert_eq!(again.status, 422, "a code works once");
}

#[tokio::test]
async fn whoever_fails_is_not_told_whether_there_is_such_a_person() {
    let (sample, served) = open("optional").await;
    let code = invited(&sample).await;
    served
        .post("/set-up", "", &format!("code={code}&{SET}"))
        .await;
    snapshot::check(
        "sign-in",
        &served.get("/sign-in?next=%2Fpatients", "").await.body,
    );
    let wrong = served
        .post("/sign-in", "", "username=anna&password=x")
        .await;
    let unknown = served
        .post("/sign-in", "", "username=zzzz&password=x")
        .await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.body.replace("anna", "zzzz"), unknown.body);
    let right = format!("username=ANNA&{SET}&next=%2Fpatients%2Fivor");
    let right = served.post("/sign-in", "", &right).await;
    assert_eq!(to(&right), (303, Some("/patients/ivor")));
    let elsewhere = format!("username=anna&{SET}&next=%2F%2Fevil.example");
    let elsewhere = served.post("/sign-in", "", &elsewhere).await;
    assert_eq!(to(&elsewhere), (303, Some("/")));
}

#[tokio::test]
async fn the_second_step_is_set_up_once_and_each_code_is_good_once() {
    let (sample, served) = open("required").await;
    let code = invited(&sample).await;
    let set = served
        .post("/set-up", "", &format!("code={code}&{SET}"))
        .await;
    assert_eq!(to(&set), (303, Some("/sign-in/second-step")));
    let early = as_given(&served, &set, "GET /alerts", "").await;
    assert_eq!(to(&early), (303, Some("/sign-in/second-step")), "not yet");
    let page = as_given(&served, &set, "GET /sign-in/second-step", "").await;
    snapshot::check("second-step", &page.body);
    let again = as_given(&served, &set, "GET /sign-in/second-step", "").await;
    assert_eq!(again.body, page.body, "a reload offers the same secret");
    let wrong = as_given(&served, &set, "POST /sign-in/second-step", "code=000000").await;
    assert_eq!(wrong.status, 422);
    let now = sample.state.clock.now();
    let first = format!("code={}", code_at(&page.body, now));
    let full = as_given(&served, &set, "POST /sign-in/second-step", &first).await;
    assert_eq!(to(&full), (303, Some("/")));
    assert_eq!(
        as_given(&served, &full, "GET /alerts", "").await.status,
        200
    );
    let old = as_given(&served, &set, "GET /alerts", "").await;
    assert_eq!(
        to(&old).0,
        303,
        "the token of half a proof is good for nothing"
    );

    let half = served
        .post("/sign-in", "", &format!("username=anna&{SET}"))
        .await;
    assert_eq!(to(&half), (303, Some("/sign-in/code")));
    let used = as_given(&served, &half, "POST /sign-in/code", &first).await;
    assert_eq!(used.status, 422, "that code was used");
    snapshot::check("code-wrong", &used.body);
    sample.hand.advance(SignedDuration::from_secs(30));
    let next = format!("code={}", code_at(&page.body, sample.state.clock.now()));
    let full = as_given(&served, &half, "POST /sign-in/code", &next).await;
    assert_eq!(to(&full), (303, Some("/")));
}

#[tokio::test]
async fn many_wrong_tries_wait_and_nothing_is_locked_for_good() {
    let (sample, served) = open("optional").await;
    let code = invited(&sample).await;
    served
        .post("/set-up", "", &format!("code={code}&{SET}"))
        .await;
    for _ in 0..5 {
        let wrong = served
            .post("/sign-in", "", "username=anna&password=x")
            .await;
        assert_eq!(wrong.status, 422);
    }
    let right = format!("username=anna&{SET}");
    let early = served.post("/sign-in", "", &right).await;
    assert_eq!(early.status, 429);
    assert!(
        early.body.contains("Try again at 12:20:01"),
        "{}",
        early.body
    );
    sample.hand.advance(SignedDuration::from_secs(1));
    assert_eq!(served.post("/sign-in", "", &right).await.status, 303);
    let place = crate::accounts::token::digest_of("account anna");
    let failures = sign_in_failures::at(sample.state.store.readers(), &place).await;
    assert_eq!(failures.unwrap().len, 0, "a right one forgets them");
}

#[tokio::test]
async fn a_session_ends_when_nothing_is_done_and_when_its_person_leaves() {
    let (sample, served) = open("optional").await;
    let code = invited(&sample).await;
    let set = served
        .post("/set-up", "", &format!("code={code}&{SET}"))
        .await;
    for _ in 0..3 {
        sample.hand.advance(SignedDuration::from_mins(14));
        assert_eq!(as_given(&served, &set, "GET /alerts", "").await.status, 200);
    }
    sample.hand.advance(SignedDuration::from_mins(15));
    let idle = as_given(&served, &set, "GET /alerts", "").await;
    assert_eq!(to(&idle), (303, Some("/sign-in?next=%2Falerts")));

    assert_eq!(served.get("/account", "nurse-1").await.status, 200);
    let out = served.post("/sign-out", "nurse-1", "").await;
    assert_eq!(to(&out), (303, Some("/sign-in")));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(served.get("/account", "nurse-1").await.status, 303);
}

#[tokio::test]
async fn leaving_everywhere_and_a_new_password_end_the_other_sessions() {
    let (sample, served) = open("optional").await;
    let code = invited(&sample).await;
    let here = served
        .post("/set-up", "", &format!("code={code}&{SET}"))
        .await;
    let there = served
        .post("/sign-in", "", &format!("username=anna&{SET}"))
        .await;
    let account = as_given(&served, &here, "GET /account", "").await;
    snapshot::check("account", &account.body);
    let wrong = "old=no&new=cold+moon+ladder";
    let wrong = as_given(&served, &here, "POST /account/password", wrong).await;
    assert_eq!(wrong.status, 422);
    let changed = format!("old={}&new=cold+moon+ladder", PASSWORD.replace(' ', "+"));
    let changed = as_given(&served, &here, "POST /account/password", &changed).await;
    assert_eq!(to(&changed), (303, Some("/account")));
    assert_eq!(
        as_given(&served, &there, "GET /account", "").await.status,
        303
    );
    assert_eq!(
        as_given(&served, &changed, "GET /account", "").await.status,
        200
    );
    let left = as_given(&served, &changed, "POST /account/sign-out-everywhere", "").await;
    assert_eq!(to(&left), (303, Some("/sign-in")));
    assert_eq!(
        as_given(&served, &changed, "GET /account", "").await.status,
        303
    );
}

#[tokio::test]
async fn who_may_not_sign_in_any_more_is_out_at_once() {
    let (sample, served) = open("optional").await;
    assert_eq!(served.get("/account", "nurse-1").await.status, 200);
    let mut write = sample.state.store.write().await.unwrap();
    let person = "nurse-1".parse().unwrap();
    let now = sample.state.clock.now();
    accounts::set_disabled(&mut write, &person, Some(now))
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(served.get("/account", "nurse-1").await.status, 303);
}

#[tokio::test]
async fn keys_and_sound_are_off_until_they_are_turned_on_and_no_key_does_two_things() {
    let (_sample, served) = open("optional").await;
    let page = served.get("/account/preferences", "nurse-1").await;
    snapshot::check("preferences", &page.body);
    let board = served.get("/alerts", "nurse-1").await.body;
    assert!(
        !board.contains("keys.js") && !board.contains("sound.js"),
        "{board}"
    );
    let twice = "shortcuts=on&key_take=j";
    let twice = served.post("/account/preferences", "nurse-1", twice).await;
    assert_eq!(twice.status, 422);
    assert!(twice.body.contains("does something else already"));
    let chosen = "shortcuts=on&sound=on&key_take=x";
    let chosen = served.post("/account/preferences", "nurse-1", chosen).await;
    assert_eq!(to(&chosen), (303, Some("/account/preferences?saved=1")));
    let board = served.get("/alerts", "nurse-1").await.body;
    assert!(
        board.contains("take=x") && board.contains("id=\"sound-toggle\""),
        "{board}"
    );
    let other = served.get("/alerts", "nurse-2").await.body;
    assert!(!other.contains("keys.js"), "hers alone");
}
