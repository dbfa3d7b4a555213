//! Tests of who signs in at home, as the nurse sees it.

use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::snapshot;

const HOME: &str = "/patients/ivor/home";
const CARER: &str = "/patients/ivor/home/carer";
const FORM: &str = "name=Mair+Evans&relation=Daughter&sees=readings&consent=Said+so+on+the+phone";

#[tokio::test]
async fn the_patient_and_a_carer_are_invited_shown_and_taken_back() {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    let mut state = sample.state.clone();
    state.names = vec!["hearth.example".to_owned()];
    let served = Served::start(&state).await;
    let named = async |request: &str, form: &str| {
        let cookie = served.cookie("nurse-1").await;
        let headers = format!("{cookie}Origin: https://hearth.example\r\n");
        served
            .send_to("hearth.example", request, &headers, form)
            .await
    };
    let empty = named(&format!("GET {HOME}"), "").await;
    assert!(
        empty.body.contains("Nobody signs in yet."),
        "{}",
        empty.body
    );
    let card = named(&format!("POST {HOME}/invite"), "").await;
    assert_eq!(card.status, 200, "{}", card.body);
    for said in [
        "hearth.example/start",
        "The code works once, until Saturday 28 March",
        "aria-labelledby=\"picture-is\"",
    ] {
        assert!(card.body.contains(said), "{said}");
    }
    let (before, rest) = card.body.split_once("<div class=\"picture\">").unwrap();
    let (_, after) = rest.split_once("</div>").unwrap();
    snapshot::check("home-card", &format!("{before}{after}"));
    let twice = named(&format!("POST {HOME}/invite"), "").await;
    assert_eq!(twice.status, 409);

    for (form, said) in [
        ("", "Write the carer"),
        (
            "name=Mair+Evans&relation=Daughter",
            "Write how and when the patient agreed",
        ),
    ] {
        let page = named(&format!("POST {CARER}"), form).await;
        assert!(page.status == 422 && page.body.contains(said), "{form}");
    }
    snapshot::check(
        "home-carer-form",
        &named(&format!("GET {CARER}"), "").await.body,
    );
    let card = named(&format!("POST {CARER}"), FORM).await;
    assert!(card.status == 200 && card.body.contains("A card for Mair Evans"));
    let list = named(&format!("GET {HOME}"), "").await.body;
    for said in [
        "Has not signed in yet. The code is good until Sat 28 Mar, 12:20.",
        "Sees whether the patient has measured, and readings.",
        "Agreed: Said so on the phone",
    ] {
        assert!(list.contains(said), "{said}\n{list}");
    }
    snapshot::check("home-list", &list);
    let page = named("GET /patients/ivor", "").await.body;
    assert!(
        page.contains("Mair Evans (Daughter)"),
        "the plan card says it"
    );
}

#[tokio::test]
async fn another_card_is_made_and_access_is_taken_back() {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    let served = Served::start(&sample.state).await;
    served.post(CARER, "nurse-1", FORM).await;
    let again = served.post(&format!("{HOME}/1/code"), "nurse-1", "").await;
    assert!(again.status == 200 && again.body.contains("Mair Evans"));
    let gone = served
        .post(&format!("{HOME}/1/revoke"), "nurse-1", "")
        .await;
    let done = "/patients/ivor?done=home_revoked";
    assert_eq!(gone.header("location"), Some(done));
    let list = served.get(HOME, "nurse-1").await.body;
    assert!(!list.contains("Mair Evans"));
    let missing = served.post(&format!("{HOME}/1/code"), "nurse-1", "").await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn only_who_manages_patients_and_sees_this_one_invites() {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    sample.grants("dr-rees", &["gp_lead"]).await;
    sample.grants("nurse-2", &[]).await;
    let served = Served::start(&sample.state).await;
    for person in ["dr-rees", "nurse-2"] {
        assert_eq!(served.get(HOME, person).await.status, 403, "{person}");
        for path in [
            CARER,
            "/patients/ivor/home/invite",
            "/patients/ivor/home/1/revoke",
            "/patients/ivor/home/1/code",
        ] {
            assert_eq!(
                served.post(path, person, FORM).await.status,
                403,
                "{person} {path}"
            );
        }
    }
    for path in ["/patients/nobody/home", "/patients/nobody/home/carer"] {
        assert_eq!(served.get(path, "nurse-1").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_patient_has_so_many_carers_and_no_more() {
    let sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    let served = Served::start(&sample.state).await;
    for number in 0..super::carer::CARERS_MAX {
        let made = served.post(CARER, "nurse-1", FORM).await;
        assert_eq!(made.status, 200, "{number}");
    }
    let more = served.post(CARER, "nurse-1", FORM).await;
    assert_eq!(more.status, 422);
    assert!(more.body.contains("There are 10 carers already."));
}
