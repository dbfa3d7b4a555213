//! The quality of alerts as a nurse, a planner and nobody else see it.

use clinical::{AlertNumber, Event, Outcome};

use crate::web::browser::Served;
use crate::web::sample::{Sample, run};
use crate::web::sample_values::{oxygen, plan, pressure};
use crate::web::snapshot;

/// A morning: Ivor's alert is taken after 10 minutes and closed as noise, Mair's oxygen comes back before anyone looks.
async fn morning() -> (Sample, Served) {
    let mut sample = Sample::open("2026-03-14T09:00:00Z").await;
    sample.ivor().await;
    let limits = plan(1, "2026-03-01T09:00:00Z", 135);
    let long = ["Mrs", "Mair", "Llewellyn"];
    sample
        .patient("mair", long, "1938-02-02", "9434765870", limits)
        .await;
    sample
        .reading("ivor", "2026-03-14T08:59:00Z", pressure(186, 112, 91), &[])
        .await;
    sample
        .reading("mair", "2026-03-14T08:59:30Z", oxygen(91, 70), &[])
        .await;
    sample.hand.set("2026-03-14T09:10:00Z".parse().unwrap());
    let by = "nurse-1".parse().unwrap();
    let alert = AlertNumber::FIRST;
    let taken = Event::AlertTaken {
        alert,
        by,
        instead_of: None,
    };
    sample.happen("ivor", taken).await;
    sample
        .reading("mair", "2026-03-14T09:09:00Z", oxygen(96, 70), &[])
        .await;
    sample.hand.set("2026-03-14T09:30:00Z".parse().unwrap());
    let closed = Event::AlertClosed {
        alert,
        by: "nurse-1".parse().unwrap(),
        outcome: Outcome::LimitsNeedChanging,
        note: String::new(),
        duplicate_of: None,
    };
    sample.happen("ivor", closed).await;
    let mut write = sample.state.store.write().await.unwrap();
    for statement in [
        "INSERT INTO team (id, name) VALUES ('south', 'South team')",
        "INSERT INTO person (id, name, role, team) VALUES ('planner-1', 'Pat Lowe', 'Planner', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('planner-1', 1, 'planner', NULL, 0)",
        "INSERT INTO person (id, name, role, team) VALUES ('fitter-1', 'Ffion Rhys', 'Installer', 'south')",
        "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('fitter-1', 1, 'installer', NULL, 0)",
    ] {
        run(&mut write, statement, &[]).await;
    }
    write.commit().await.unwrap();
    sample.hand.set("2026-03-15T12:00:00Z".parse().unwrap());
    let served = Served::start(&sample.state).await;
    (sample, served)
}

#[tokio::test]
async fn a_nurse_sees_the_figures_and_the_patients_whose_limits_to_review() {
    let (_sample, served) = morning().await;
    let page = served.get("/alerts/quality", "nurse-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("quality", &page.body);
    assert!(
        page.body
            .contains("href=\"/patients/ivor/plan/edit\">Review limits")
    );
    assert!(
        page.body.contains("<b>10 min</b> to take (median)"),
        "{}",
        page.body
    );
    assert!(page.body.contains("<b>1</b> open for over 24 hours now"));
    assert!(page.body.contains("<b>100.0%</b> not clinically relevant"));
    let week = served
        .get("/alerts/quality?days=7&team=north", "nurse-1")
        .await;
    assert!(week.body.contains("Alert quality, last 7 days"));
    assert_eq!(
        served
            .get("/alerts/quality?team=south", "nurse-1")
            .await
            .status,
        404
    );
    assert_eq!(
        served.get("/alerts/quality?days=x", "nurse-1").await.status,
        400
    );
    assert_eq!(served.get("/alerts/quality", "fitter-1").await.status, 403);
    assert_eq!(
        served.get("/alerts/quality.csv", "fitter-1").await.status,
        403
    );
}

#[tokio::test]
async fn a_planner_sees_numbers_and_nobody() {
    let (_sample, served) = morning().await;
    let page = served.get("/alerts/quality", "planner-1").await;
    assert_eq!(page.status, 200);
    snapshot::check("quality-planner", &page.body);
    let file = served.get("/alerts/quality.csv?days=30", "planner-1").await;
    for text in [&page.body, &file.body] {
        for name in ["EVANS", "LLEWELLYN", "ivor", "mair"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
        assert!(text.contains("under 5"), "{text}");
    }
}

#[tokio::test]
async fn the_file_has_the_same_figures() {
    let (_sample, served) = morning().await;
    let file = served.get("/alerts/quality.csv?days=30", "nurse-1").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let named = "attachment; filename=\"alert-quality-30-days.csv\"";
    assert_eq!(file.header("content-disposition"), Some(named));
    let lines: Vec<&str> = file.body.split("\r\n").collect();
    assert!(lines[0].starts_with("Group,About,Alerts,"), "{}", lines[0]);
    assert!(
        lines[1].starts_with("All,All of these teams,2,"),
        "{}",
        lines[1]
    );
    let pair = "Patient and rule,\"EVANS, Ivor (Mr) – Blood pressure\",1,–,100.0%,10 min,10 min,30 min,30 min,0,0,0";
    assert!(lines.contains(&pair), "{}", file.body);
}
