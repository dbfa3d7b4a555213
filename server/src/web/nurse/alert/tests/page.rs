//! An alert's page, a reading's page, and the list of closed alerts.

use clinical::Outcome;
use vitals::QualityMark;

use super::{close, one_alert, strangers, take, taken};
use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::sample_values::{oxygen, plan, pressure};
use crate::web::snapshot;

/// Four alerts about oxygen, each of another day; the last is open. One reading in between raised none.
async fn four_times() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-10T12:20:00Z").await;
    sample.ivor().await;
    for (number, day, outcome) in [
        (1, 10, Outcome::AdviceGiven),
        (2, 11, Outcome::RepeatRequested),
        (3, 12, Outcome::EquipmentProblem),
    ] {
        let at = format!("2026-03-{day}T12:20:00Z");
        sample.hand.set(at.parse().unwrap());
        sample.reading("ivor", &at, oxygen(91, 70), &[]).await;
        take(&sample, "ivor", number, "nurse-2").await;
        close(&sample, number, "nurse-2", outcome).await;
    }
    sample.hand.set("2026-03-14T12:20:00Z".parse().unwrap());
    let poor = [QualityMark::PoorSignal];
    sample
        .reading("ivor", "2026-03-13T12:00:00Z", oxygen(95, 71), &poor)
        .await;
    sample
        .reading("ivor", "2026-03-14T08:00:00Z", pressure(128, 76, 70), &[])
        .await;
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    (sample, served)
}

/// Finds the address of the first reading whose row says something.
fn reading_of(body: &str, says: &str) -> String {
    let rows = body.split("<tr role=\"row\">");
    let row = rows.into_iter().find(|it| it.contains(says)).unwrap();
    let href = row.split("href=\"").find(|it| it.contains("/readings/"));
    href.unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_alert_shows_its_papers_what_happened_and_the_last_times() {
    let (sample, served) = four_times().await;
    take(&sample, "ivor", 4, "nurse-1").await;
    let page = served.get("/alerts/ivor/4", "nurse-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("alert-page", &page.body);
    for said in [
        "<title>Oxygen, alert 4 of EVANS, Ivor (Mr)",
        "Oxygen 86% (urgent limit: 88 or under)",
        "<dd>urgent limit of oxygen</dd>",
        "<dd>oxygen over 88%</dd>",
        "<dd>Plan 1, in force from",
        "<dd>Dr Carys Rees (GP)</dd>",
        "NICE NG136 home target, agreed with the patient",
        "Anna Price (community matron) took it",
        "Equipment problem",
        "Called – advice given",
        "Spoke to his daughter.",
        "no alert",
        ">Escalate<span",
    ] {
        assert!(page.body.contains(said), "the page does not say {said}");
    }
    let earliest = page.body.find("Called – advice given").unwrap();
    assert!(
        page.body.find("Equipment problem").unwrap() < earliest,
        "the last time comes first"
    );
    let other = served.get("/alerts/ivor/4", "nurse-2").await;
    assert!(!other.body.contains(">Escalate<span"), "it is not hers");
    assert!(!other.body.contains("/4/take"));
}

#[tokio::test]
async fn every_reading_says_why_it_raised_an_alert_and_why_not() {
    let (_sample, served) = four_times().await;
    let page = served.get("/alerts/ivor/4", "nurse-1").await;
    let raised = served
        .get(&reading_of(&page.body, "<b>86%</b>"), "nurse-1")
        .await;
    assert_eq!(raised.status, 200);
    snapshot::check("reading-page", &raised.body);
    for said in [
        "was raised: oxygen, urgent",
        "limits of oxygen",
        ">yes</b></td><td role=\"cell\">oxygen 86% (urgent limit: 88 or under)",
        ">no</td><td role=\"cell\">pulse 70 a minute",
        "gw-1",
        "2A5E",
        "<title>Oxygen 86%, 12:19 of EVANS, Ivor (Mr)",
    ] {
        assert!(raised.body.contains(said), "the page does not say {said}");
    }
    let calm = served
        .get(&reading_of(&page.body, "poor signal"), "nurse-1")
        .await;
    for said in [
        "It raised no alert.",
        ">no</td><td role=\"cell\">oxygen 95%",
        "poor signal",
    ] {
        assert!(calm.body.contains(said), "the page does not say {said}");
    }
}

#[tokio::test]
async fn a_reading_is_found_only_with_its_own_patient() {
    let (sample, served) = four_times().await;
    let limits = plan(1, "2026-03-01T09:00:00Z", 135);
    let names = ["Mrs", "Mair", "Llewellyn"];
    sample
        .patient("mair", names, "1938-02-02", "9434765870", limits)
        .await;
    let page = served.get("/alerts/ivor/4", "nurse-1").await;
    let his = reading_of(&page.body, "<b>86%</b>");
    let hers = his.replace("/ivor/", "/mair/");
    for path in [
        hers.as_str(),
        "/patients/ivor/readings/86",
        "/patients/nobody/readings/86",
    ] {
        assert_eq!(served.get(path, "nurse-1").await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn closed_alerts_are_listed_and_lead_to_reopening() {
    let (_sample, served) = four_times().await;
    let page = served.get("/patients/ivor/alerts", "nurse-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("alerts-closed", &page.body);
    assert_eq!(page.body.matches("/reopen\">Reopen").count(), 3);
    let patient = served.get("/patients/ivor", "nurse-1").await;
    assert!(patient.body.contains("href=\"/patients/ivor/alerts\""));
}

#[tokio::test]
async fn who_does_not_see_the_patient_sees_none_of_it() {
    let (sample, served) = taken().await;
    strangers(&sample).await;
    let page = served.get("/alerts/ivor/1", "nurse-1").await;
    let reading = reading_of(&page.body, "<b>86%</b>");
    for path in [
        "/alerts/ivor/1",
        "/alerts/ivor/1/wait",
        "/alerts/ivor/1/snooze",
        "/alerts/ivor/1/offer",
        "/alerts/ivor/1/escalate",
        "/alerts/ivor/1/sbar",
        "/alerts/ivor/1/reopen",
        "/patients/ivor/alerts",
        &reading,
    ] {
        assert_eq!(served.get(path, "south-1").await.status, 404, "{path}");
        assert_eq!(served.get(path, "plan-1").await.status, 403, "{path}");
    }
    for path in [
        "wait",
        "snooze",
        "offer",
        "escalate",
        "reopen",
        "offer/answer",
    ] {
        let path = format!("/alerts/ivor/1/{path}");
        let form = "action=00&answer=accept";
        let stranger = served.post(&path, "south-1", form).await.status;
        let planner = served.post(&path, "plan-1", form).await.status;
        // Without a button chosen there is no form to read.
        assert_eq!((stranger, planner), (404, 403), "{path}");
    }
}

#[tokio::test]
async fn an_alert_without_papers_can_still_be_acted_on() {
    let (sample, served) = one_alert().await;
    let mut write = sample.state.store.write().await.unwrap();
    let other = "INSERT INTO alert (patient, number, problem, priority, condition_is, ownership_is, answers, why, \
                 evidence_len, opened_at, newest_measured_at) VALUES ('ivor', 9, 'pulse', 'soon', 'active', 'new', \
                 $1, 'Pulse', 1, 1, 1)";
    crate::web::sample::run(&mut write, other, &["nurse-1"]).await;
    write.commit().await.unwrap();
    let page = served.get("/alerts/ivor/9", "nurse-1").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("papers of this alert cannot be shown"));
    assert!(
        page.body
            .contains("action=\"/alerts/ivor/9/take?back=alert\"")
    );
}

#[tokio::test]
async fn taking_from_the_alerts_page_leads_back_to_it() {
    let (_sample, served) = one_alert().await;
    let path = "/alerts/ivor/1/take?back=alert";
    let done = served.post(path, "nurse-1", "").await;
    assert_eq!(done.header("location"), Some("/alerts/ivor/1?after=take"));
    let page = served
        .get(done.header("location").unwrap(), "nurse-1")
        .await;
    assert!(page.body.contains("You have taken this alert."));
}
