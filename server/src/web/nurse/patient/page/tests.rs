//! The patient's page, from a few readings to a week of them.

use crate::web::browser::Served;
use std::sync::Arc;

use crate::web::sample::{Sample, run};
use crate::web::sample_values::{decimal, oxygen, plan, pressure, temperature, weight};
use crate::web::snapshot;
use clinical::plan::merge;
use clinical::{Contact, ContactHow, ContactResult, Event, PlanVersion};
use vitals::{AttemptReason, Pressure, QualityMark, Vital};

/// Fourteen days with a change of plan, a gap, a failed attempt, doubts, and an hour that comes twice.
async fn ivor() -> Sample {
    let mut sample = Sample::open("2026-10-15T09:00:00Z").await;
    sample.ivor().await;
    sample
        .reading("ivor", "2026-10-14T07:00:00Z", pressure(128, 76, 70), &[])
        .await;
    sample
        .reading("ivor", "2026-10-15T07:00:00Z", pressure(141, 80, 71), &[])
        .await;
    let aim_higher = plan(2, "2026-10-20T12:00:00Z", 150);
    sample
        .happen(
            "ivor",
            Event::PlanInForce {
                plan: Box::new(aim_higher),
            },
        )
        .await;
    let kpa = |text: &str| Pressure::from_kpa(decimal(text)).unwrap();
    let in_kpa = Vital::BloodPressure {
        systolic: kpa("18.8"),
        diastolic: kpa("10.4"),
        mean: None,
        pulse: None,
    };
    sample
        .reading(
            "ivor",
            "2026-10-21T07:00:00Z",
            in_kpa,
            &[QualityMark::BodyMovement],
        )
        .await;
    sample
        .reading("ivor", "2026-10-24T07:00:00Z", weight("81.50"), &[])
        .await;
    sample
        .reading("ivor", "2026-10-25T00:30:00Z", oxygen(91, 88), &[])
        .await;
    sample
        .reading("ivor", "2026-10-25T01:30:00Z", temperature("36.6"), &[])
        .await;
    sample
        .attempt("ivor", "2026-10-25T08:00:00Z", AttemptReason::NoValue)
        .await;
    sample.hand.set("2026-10-25T09:00:00Z".parse().unwrap());
    sample
}

#[tokio::test]
async fn the_page_says_how_it_went_and_by_which_limits() {
    let sample = ivor().await;
    let served = Served::start(&sample.state).await;
    let page = served.get("/patients/ivor", "nurse-1").await;
    snapshot::check("patient", &page.body);
    for said in [
        "18.8/10.4 kPa (141/78 mmHg)",
        "systolic reached soon limit 135",
        "moved while measuring",
        "The cuff could not measure – no value",
        ">01:30 BST<",
        ">01:30 GMT<",
        "no limits set",
    ] {
        assert!(page.body.contains(said), "the page does not say {said}");
    }
}

#[tokio::test]
async fn the_span_can_be_chosen_and_nonsense_gives_the_usual_one() {
    let sample = ivor().await;
    let served = Served::start(&sample.state).await;
    let week = served.get("/patients/ivor?days=7", "nurse-1").await;
    assert!(week.body.contains("last 7 days"));
    assert!(!week.body.contains("128/76"));
    for odd in ["?days=8", "?days=x", "?days=-99999999999999999999"] {
        let page = served.get(&format!("/patients/ivor{odd}"), "nurse-1").await;
        assert!(page.body.contains("last 14 days"), "{odd}");
    }
}

/// A week by the templates of two conditions: twice a day but for one evening, weighed each morning, and called once.
async fn week() -> Sample {
    let mut sample = Sample::open("2026-03-08T05:00:00Z").await;
    let templates = Arc::clone(&sample.state.templates);
    let names = ["heart-failure", "hypertension"].map(|it| it.parse().unwrap());
    let picked = templates.pick(&names).unwrap();
    let wishes = r#"{"answers": {"dry_weight_kg": "81"}, "choices": {
        "limits.systolic.soon_low": "heart-failure", "schedule.blood_pressure": "hypertension"}}"#;
    let content = merge(&picked, &serde_json::from_str(wishes).unwrap()).unwrap();
    let by = "dr-rees".parse().unwrap();
    let reason = "Heart failure and high blood pressure".to_owned();
    let from = "2026-03-08T05:00:00Z".parse().unwrap();
    let plan = content.into_plan(PlanVersion(1), by, reason, None, from);
    let names = ["Mr", "Ivor", "Evans"];
    sample
        .patient("ivor", names, "1945-07-14", "9434765919", plan)
        .await;
    for day in 8..15 {
        for (hour, is_weighed) in [("07", true), ("19", false)] {
            if (day, hour) == (11, "19") || (day, hour) == (14, "19") {
                continue;
            }
            for (minute, more) in [("00", 4), ("02", 0)] {
                let at = format!("2026-03-{day:02}T{hour}:{minute}:00Z");
                let value = pressure(126 + day % 3 + more, 78 + day % 2, 66 + day % 4);
                sample.reading("ivor", &at, value, &[]).await;
            }
            if is_weighed {
                let at = format!("2026-03-{day:02}T{hour}:10:00Z");
                let value = weight(&format!("8{}.{}0", day / 7, day % 7));
                sample.reading("ivor", &at, value, &[]).await;
            }
        }
    }
    sample.hand.set("2026-03-14T12:20:00Z".parse().unwrap());
    let contact = Contact {
        alert: None,
        by: "nurse-1".parse().unwrap(),
        how: ContactHow::Phone,
        result: ContactResult::SpokeWithPatient,
        note: "Swollen ankles".to_owned(),
        retry_at: None,
    };
    sample.happen("ivor", Event::Contacted(contact)).await;
    sample
}

#[tokio::test]
async fn a_week_says_how_much_came_what_is_usual_and_how_the_weight_went() {
    let sample = week().await;
    let served = Served::start(&sample.state).await;
    let page = served.get("/patients/ivor?days=7", "nurse-1").await;
    snapshot::check("patient-week", &page.body);
    for said in [
        // Six evenings and seven mornings of pressure and seven of weight; one evening is missing.
        "19 of 20 expected readings in 7 days",
        "blood pressure 12 of 13, weight 7 of 7",
        "Home average blood pressure",
        "Usual systolic",
        "+0.4 kg in 1 day; +0.6 kg in 3 days; not weighed 7 days before",
        "Phone: spoke with the patient",
        "Anna Price called: spoke with the patient. “Swollen ankles”",
    ] {
        assert!(page.body.contains(said), "the page does not say {said}");
    }
    let contacts = served
        .get("/patients/ivor?show=contacts", "nurse-1")
        .await
        .body;
    let timeline = contacts.split("id=\"timeline\"").nth(1).unwrap();
    let timeline = timeline.split("id=\"contacts\"").next().unwrap();
    assert!(timeline.contains("Swollen ankles") && !timeline.contains("Blood pressure 1"));
}

#[tokio::test]
async fn another_teams_patient_is_as_nobody() {
    let sample = ivor().await;
    let mut write = sample.state.store.write().await.unwrap();
    let south = "INSERT INTO team (id, name) VALUES ('south', 'South team')";
    run(&mut write, south, &[]).await;
    run(
        &mut write,
        "UPDATE patient SET team = 'south' WHERE id = $1",
        &["ivor"],
    )
    .await;
    // Whoever has one of their open alerts sees them, and so the alerts go too.
    run(
        &mut write,
        "UPDATE alert SET closed_at = 1 WHERE patient = $1",
        &["ivor"],
    )
    .await;
    write.commit().await.unwrap();
    let served = Served::start(&sample.state).await;
    let forms = [
        "",
        "/agreement",
        "/assessment",
        "/contact",
        "/coordinator",
        "/details",
        "/discharge",
        "/pause",
        "/referral",
        "/start",
        "/tier",
        "/watch",
    ];
    for form in forms {
        let page = served
            .get(&format!("/patients/ivor{form}"), "nurse-1")
            .await;
        assert_eq!(page.status, 404, "{form}");
    }
    for form in &forms[1..] {
        let page = served
            .post(&format!("/patients/ivor{form}"), "nurse-1", "")
            .await;
        assert_eq!(page.status, 404, "{form}");
    }
}

#[tokio::test]
async fn nobody_has_no_page() {
    let sample = ivor().await;
    let served = Served::start(&sample.state).await;
    for path in ["/patients/nobody", "/patients/Ivor", "/patients/%00"] {
        let page = served.get(path, "nurse-1").await;
        assert_eq!(page.status, 404, "{path}");
    }
}
