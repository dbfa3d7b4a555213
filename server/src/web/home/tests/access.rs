//! Who comes in, who sees what, and how it ends.

use super::{NOTHING, at_home, care_plan, family, ivor};
use crate::store::home_access::Sees;
use crate::web::browser::{Answer, Served};
use crate::web::sample::Sample;
use crate::web::sample_values::pressure;
use crate::web::snapshot;

const NOW: &str = "2026-03-14T12:20:00Z";

fn code_of(page: &str) -> String {
    let (_, rest) = page.split_once("class=\"card-code\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

async fn come_in(served: &Served, code: &str) -> Answer {
    let headers = format!("Origin: http://{}\r\n", served.host);
    let form = format!("code={code}");
    served.send("POST /start", &headers, &form).await
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap();
    format!("Cookie: {}\r\n", set.split(';').next().unwrap())
}

#[tokio::test]
async fn a_card_lets_the_patient_in_once_and_for_weeks() {
    let sample = Sample::open(NOW).await;
    ivor(&sample).await;
    let served = Served::start(&sample.state).await;
    let card = served
        .post("/patients/ivor/home/invite", "nurse-1", "")
        .await;
    let code = code_of(&card.body);
    let start = served.get(&format!("/start?code={code}"), "").await.body;
    assert!(start.contains(&code), "what the picture says is filled in");

    let typed = code.to_lowercase().replace('-', "+");
    let begun = come_in(&served, &typed).await;
    assert_eq!(begun.header("location"), Some("/me"), "{}", begun.body);
    let set = begun.header("set-cookie").unwrap();
    assert!(set.ends_with("Max-Age=7776000"), "{set}");
    let cookie = cookie_of(&begun);
    let me = served.send("GET /me", &cookie, "").await;
    assert_eq!(me.header("location"), Some("/me/ivor"));
    let home = served.send("GET /", &cookie, "").await;
    assert_eq!(home.header("location"), Some("/me"));
    let page = served.send("GET /me/ivor", &cookie, "").await;
    assert!(page.status == 200 && page.body.contains("Hello Ivor"));

    let again = come_in(&served, &code).await;
    assert_eq!(again.status, 422);
    assert!(
        again.body.contains("That code does not work"),
        "{}",
        again.body
    );
    for day in 1..=80 {
        sample.hand.advance(jiff::SignedDuration::from_hours(24));
        let page = served.send("GET /me/ivor", &cookie, "").await;
        assert_eq!(page.status, 200, "day {day}");
    }
    sample
        .hand
        .advance(jiff::SignedDuration::from_hours(24 * 11));
    let page = served.send("GET /me/ivor", &cookie, "").await;
    assert_eq!(page.header("location"), Some("/start"));
}

#[tokio::test]
async fn a_card_of_home_sets_no_password_and_a_code_of_staff_lets_nobody_in() {
    let sample = Sample::open(NOW).await;
    ivor(&sample).await;
    let served = Served::start(&sample.state).await;
    let card = served
        .post("/patients/ivor/home/invite", "nurse-1", "")
        .await;
    let code = code_of(&card.body);
    let form = format!("code={code}&password=wet+stone+pillow");
    assert_eq!(served.post("/set-up", "", &form).await.status, 422);
    let state = &sample.state;
    let nurse = "nurse-2".parse().unwrap();
    let made = crate::accounts::set_up::invite(
        &state.store,
        &nurse,
        "bilal",
        false,
        crate::audit::Actor::operator(0),
        &state.clock,
    );
    let made = made.await.unwrap();
    assert_eq!(come_in(&served, &made.code).await.status, 422);
    assert_eq!(
        come_in(&served, &code).await.status,
        303,
        "it was not used up"
    );
}

#[tokio::test]
async fn nothing_for_staff_is_for_people_at_home() {
    let sample = Sample::open(NOW).await;
    family(&sample, Sees::EVERYTHING).await;
    let served = Served::start(&sample.state).await;
    for person in ["home-ivor", "home-mair"] {
        for path in [
            "/alerts",
            "/alerts/live",
            "/alerts/quality",
            "/patients",
            "/patients/new",
            "/patients/ivor",
            "/patients/ivor/home",
            "/patients/ivor/plan",
            "/handover",
            "/duty",
            "/administration",
            "/break-glass",
            "/account",
            "/account/passkeys",
            "/account/preferences",
        ] {
            let answer = served.get(path, person).await;
            assert_eq!(answer.status, 403, "{person} {path}");
            assert!(!answer.body.contains("Evans"), "{path}");
        }
        for path in [
            "/alerts/ivor/1/take",
            "/patients/ivor/home/invite",
            "/patients/ivor/home/1/revoke",
            "/account/sign-out-everywhere",
        ] {
            let answer = served.post(path, person, "").await;
            assert_eq!(answer.status, 403, "{person} {path}");
        }
    }
}

#[tokio::test]
async fn a_patients_pages_are_for_nobody_else() {
    let sample = Sample::open(NOW).await;
    family(&sample, NOTHING).await;
    let names = ["Mrs", "Nesta", "Price"];
    sample
        .patient("nesta", names, "1950-01-31", "9990000018", care_plan())
        .await;
    let herself = ("Mrs Nesta Price", None);
    at_home(&sample, "home-nesta", "nesta", herself, Sees::EVERYTHING).await;
    sample.grants("nurse-2", &["visitor"]).await;
    let served = Served::start(&sample.state).await;
    for path in [
        "/me/ivor",
        "/me/ivor/readings",
        "/me/ivor/looked",
        "/me/ivor/carers",
        "/me/ivor/readings/00000000000000000000000000000001/not-me",
    ] {
        for person in ["home-nesta", "nurse-1", "nurse-2", "lead-1"] {
            let answer = served.get(path, person).await;
            assert_eq!(answer.status, 404, "{person} {path}");
        }
        let nobody = served.get(path, "").await;
        assert_eq!(nobody.header("location"), Some("/start"), "{path}");
    }
    for path in ["/me", "/your-sign-in"] {
        assert_eq!(served.get(path, "nurse-1").await.status, 404, "{path}");
    }
    // A carer sees what she may, and decides nothing.
    assert_eq!(served.get("/me/ivor", "home-mair").await.status, 200);
    for path in ["/me/ivor/readings", "/me/ivor/looked", "/me/ivor/carers"] {
        assert_eq!(served.get(path, "home-mair").await.status, 404, "{path}");
    }
    let form = "name=Eve&relation=Friend";
    for (path, form) in [("/me/ivor/carers", form), ("/me/ivor/carers/1/revoke", "")] {
        assert_eq!(
            served.post(path, "home-mair", form).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(served.get("/me/nobody", "home-ivor").await.status, 404);
}

#[tokio::test]
async fn a_carer_sees_no_number_that_the_patient_did_not_let_her_see() {
    let mut sample = Sample::open(NOW).await;
    family(&sample, NOTHING).await;
    sample
        .reading("ivor", "2026-03-14T08:00:00Z", pressure(187, 76, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    let own = served.get("/me/ivor", "home-ivor").await.body;
    assert!(own.contains("187 over 76") && own.contains("Anna Price’s list"));
    let hers = served.get("/me/ivor", "home-mair").await.body;
    assert!(hers.contains("You are looking at the pages of <b>Ivor Evans</b>"));
    for hidden in ["187 over", "’s list", "much higher"] {
        assert!(!hers.contains(hidden), "{hidden}");
    }
    assert!(hers.contains("Checked against the plan at 12:20pm today."));
}

#[tokio::test]
async fn the_patient_invites_a_carer_and_stops_it_at_once() {
    let sample = Sample::open(NOW).await;
    ivor(&sample).await;
    at_home(
        &sample,
        "home-ivor",
        "ivor",
        ("Mr Ivor Evans", None),
        Sees::EVERYTHING,
    )
    .await;
    let served = Served::start(&sample.state).await;
    let carers = "/me/ivor/carers";
    for (form, said) in [
        ("", "Write their name"),
        ("name=Mair+Evans", "Write who they are to you"),
    ] {
        let page = served.post(carers, "home-ivor", form).await;
        assert!(page.status == 422 && page.body.contains(said), "{form}");
    }
    let form = "name=Mair+Evans&relation=my+daughter&sees=readings";
    let card = served.post(carers, "home-ivor", form).await;
    assert_eq!(card.status, 200, "{}", card.body);
    snapshot::check("home-carer-card", &card.body);
    let cookie = cookie_of(&come_in(&served, &code_of(&card.body)).await);
    let page = served.send("GET /me/ivor/readings", &cookie, "").await;
    assert_eq!(page.status, 200);

    let list = served.get(carers, "home-ivor").await.body;
    assert!(list.contains("<b>Mair Evans</b>, my daughter"), "{list}");
    assert!(list.contains("the numbers of your readings") && list.contains("They last looked"));
    let own = served
        .post(&format!("{carers}/1/revoke"), "home-ivor", "")
        .await;
    assert_eq!(own.status, 303);
    assert_eq!(
        served.get(carers, "home-ivor").await.status,
        200,
        "his own stays"
    );
    let stopped = served
        .post(&format!("{carers}/2/revoke"), "home-ivor", "")
        .await;
    assert_eq!(
        stopped.header("location"),
        Some("/me/ivor/carers?done=revoked")
    );
    let page = served.send("GET /me/ivor/readings", &cookie, "").await;
    assert_eq!(
        page.header("location"),
        Some("/start"),
        "her open session too"
    );
    let list = served
        .get("/me/ivor/carers?done=revoked", "home-ivor")
        .await
        .body;
    assert!(list.contains("cannot see your pages any more") && !list.contains("Mair"));
}

#[tokio::test]
async fn who_helps_two_has_both_by_one_account_and_keeps_the_other() {
    let sample = Sample::open(NOW).await;
    family(&sample, NOTHING).await;
    let names = ["Mrs", "Nesta", "Price"];
    sample
        .patient("nesta", names, "1950-01-31", "9990000018", care_plan())
        .await;
    at_home(
        &sample,
        "home-nesta",
        "nesta",
        ("Mrs Nesta Price", None),
        Sees::EVERYTHING,
    )
    .await;
    let served = Served::start(&sample.state).await;
    let form = "name=Mair+Evans&relation=my+neighbour&sees=contacts";
    let card = served.post("/me/nesta/carers", "home-nesta", form).await;
    let code = code_of(&card.body);
    let wrong = served.post("/me", "home-mair", "code=0000").await;
    assert!(wrong.status == 422 && wrong.body.contains("Nobody was added"));
    let form = format!("code={code}");
    let patient = served.post("/me", "home-ivor", &form).await;
    assert_eq!(
        patient.status, 404,
        "patients help nobody by their own account"
    );
    assert_eq!(served.post("/me", "home-mair", &form).await.status, 303);
    let both = served.get("/me", "home-mair").await.body;
    assert!(both.contains("Ivor Evans") && both.contains("Nesta Price"));
    assert_eq!(come_in(&served, &code).await.status, 422, "it is used up");

    let list = served.get("/patients/ivor/home", "nurse-1").await.body;
    assert!(list.contains("Mair Evans"));
    served
        .post("/patients/ivor/home/2/revoke", "nurse-1", "")
        .await;
    assert_eq!(served.get("/me/ivor", "home-mair").await.status, 404);
    assert_eq!(served.get("/me/nesta", "home-mair").await.status, 200);
}
