//! Tests of what visitors see.

use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::sample_values::pressure;
use crate::web::snapshot;

const VISIT: &str = "/visits/ivor";
const REACH: &str = "/patients/ivor/reach";
const CONSENT: &str = "/patients/ivor/visitors";

async fn team() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
    sample.ivor().await;
    sample
        .reading("ivor", "2026-03-14T07:00:00Z", pressure(128, 76, 70), &[])
        .await;
    sample.grants("nurse-2", &["visitor"]).await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

fn before(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"before\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_visitor_sees_how_to_reach_whom_and_no_number_without_consent() {
    let (_sample, served) = team().await;
    let form = served.get(REACH, "nurse-1").await.body;
    let sent = format!(
        "phone=020+7946+0999&address=1+High+Street&note=Let+it+ring&before={}",
        before(&form)
    );
    assert_eq!(served.post(REACH, "nurse-1", &sent).await.status, 303);
    assert_eq!(
        served.post(REACH, "nurse-1", &sent).await.status,
        409,
        "somebody was faster"
    );
    let home = served.get("/", "nurse-2").await;
    assert_eq!(home.header("location"), Some("/visits"));
    let list = served.get("/visits", "nurse-2").await.body;
    assert!(list.contains("Mr Ivor Evans") && list.contains("020 7946 0999"));
    snapshot::check("visits", &list);
    let page = served.get(VISIT, "nurse-2").await.body;
    for said in [
        "1 High Street",
        "Let it ring",
        "No readings are expected by the plan.",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    for hidden in ["128/76", "mmHg", "9434765919", "14-Jul-1945"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    snapshot::check("visit", &page);
}

#[tokio::test]
async fn readings_are_shown_while_the_patient_agrees() {
    let (_sample, served) = team().await;
    for (form, said) in [
        ("", "Choose what the patient said"),
        ("may=yes", "Write how and when"),
    ] {
        let page = served.post(CONSENT, "nurse-1", form).await;
        assert!(page.status == 422 && page.body.contains(said), "{form}");
    }
    let yes = served
        .post(CONSENT, "nurse-1", "may=yes&how=On+the+phone")
        .await;
    assert_eq!(
        yes.header("location"),
        Some("/patients/ivor?done=visitors_may")
    );
    let page = served.get(VISIT, "nurse-2").await.body;
    assert!(page.contains("128/76 mmHg"), "{page}");
    served
        .post(CONSENT, "nurse-1", "may=no&how=Changed+his+mind")
        .await;
    let page = served.get(VISIT, "nurse-2").await.body;
    assert!(!page.contains("128/76"));
    let form = served.get(CONSENT, "nurse-1").await.body;
    for said in [
        "agreed. On the phone (recorded by Anna Price)",
        "Now visitors do not see readings.",
    ] {
        assert!(form.contains(said), "{said}");
    }
    snapshot::check("visitors", &form);
}

#[tokio::test]
async fn a_visit_is_noted_for_the_team() {
    let (_sample, served) = team().await;
    let page = served.post(VISIT, "nurse-2", "note=He+was+out").await;
    assert!(page.status == 422 && page.body.contains("Choose what came of the visit"));
    assert!(page.body.contains("He was out"), "what was typed is kept");
    let form = "result=spoke_with_patient&note=He+wants+a+new+cuff";
    let done = served.post(VISIT, "nurse-2", form).await;
    assert_eq!(done.header("location"), Some("/visits/ivor?done=1"));
    let page = served.get("/visits/ivor?done=1", "nurse-2").await.body;
    assert!(
        page.contains("The visit is noted.")
            && page.contains("Bilal Khan visited: spoke with the patient")
    );
    let nurse = served.get("/patients/ivor", "nurse-1").await.body;
    assert!(nurse.contains("He wants a new cuff"));
}

#[tokio::test]
async fn who_is_no_visitor_of_the_team_finds_nobody() {
    let (sample, served) = team().await;
    for path in ["/alerts", "/patients/ivor", REACH, CONSENT] {
        assert_eq!(served.get(path, "nurse-2").await.status, 403, "{path}");
    }
    assert_eq!(served.post(REACH, "nurse-2", "phone=1").await.status, 403);
    assert_eq!(
        served
            .post(CONSENT, "nurse-2", "may=yes&how=x")
            .await
            .status,
        403
    );
    assert_eq!(served.get("/visits/nobody", "nurse-2").await.status, 404);
    sample.grants("nurse-2", &["installer"]).await;
    for path in ["/visits", VISIT] {
        assert_eq!(served.get(path, "nurse-2").await.status, 403, "{path}");
    }
}
