//! What the pages say.

use clinical::{AlertNumber, Event, Outcome};

use super::{NOTHING, family};
use crate::store::home_access::Sees;
use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::sample_values::{oxygen, pressure};
use crate::web::snapshot;

const NOW: &str = "2026-03-14T12:20:00Z";

/// The page without what differs from run to run.
pub(super) fn steady(page: &str) -> String {
    page.to_owned()
}

#[tokio::test]
async fn the_home_page_answers_four_questions_in_order() {
    let mut sample = Sample::open(NOW).await;
    family(&sample, Sees::EVERYTHING).await;
    let served = Served::start(&sample.state).await;
    let empty = served.get("/me/ivor", "home-ivor").await.body;
    assert!(empty.contains("There is no reading here yet. That is fine."));
    sample
        .reading("ivor", "2026-03-14T08:42:00Z", pressure(128, 76, 70), &[])
        .await;
    let page = served.get("/me/ivor", "home-ivor").await.body;
    let places: Vec<usize> = [
        "What to do now",
        "How it went",
        "Who looks after you",
        "If you feel unwell",
    ]
    .map(|heading| page.find(&format!(">{heading}</h2>")).unwrap())
    .into();
    assert!(places.is_sorted(), "{places:?}");
    for said in [
        "Next: your blood pressure, tomorrow between 7am and 10am.",
        "<b>128 over 76</b>, pulse 70",
        "This is in the range of the plan.",
        "Nobody needs to look at this one. Thank you.",
        "Measured at 8:42am today.",
        "Nobody watches your readings all the time.",
        "tel:02079460123",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    snapshot::check("home-page", &steady(&page));
}

#[tokio::test]
async fn an_urgent_reading_is_told_as_far_as_it_has_come() {
    let mut sample = Sample::open(NOW).await;
    family(&sample, Sees::EVERYTHING).await;
    sample
        .reading("ivor", "2026-03-14T12:19:00Z", oxygen(86, 70), &[])
        .await;
    let served = Served::start(&sample.state).await;
    let said = async |text: &str| {
        let page = served.get("/me/ivor", "home-ivor").await.body;
        assert!(page.contains(text), "{text}\n{page}");
    };
    said("It is on Anna Price’s list. It is due by 12:50pm today. Nobody has looked yet.").await;
    said("If you feel unwell, do not wait. Call 999 or 111.").await;
    served.post("/alerts/ivor/1/take", "nurse-2", "").await;
    said("Bilal Khan took this on at 12:20pm today.").await;
    sample
        .happen(
            "ivor",
            Event::AlertClosed {
                alert: AlertNumber(1),
                by: "nurse-2".parse().unwrap(),
                outcome: Outcome::AdviceGiven,
                note: "A private note".to_owned(),
                duplicate_of: None,
            },
        )
        .await;
    said("Bilal Khan looked at it at 12:20pm today: “We spoke and gave advice.”").await;
    let page = served.get("/me/ivor", "home-ivor").await.body;
    assert!(
        !page.contains("A private note"),
        "notes are written for colleagues"
    );
}

#[tokio::test]
async fn out_of_hours_is_said_before_anything_else() {
    let sample = Sample::open("2026-03-14T22:10:00Z").await;
    family(&sample, Sees::EVERYTHING).await;
    let served = Served::start(&sample.state).await;
    let page = served.get("/me/ivor", "home-ivor").await.body;
    let said =
        "It is 10:10pm. Your team is not there now. They look at readings from 8am tomorrow.";
    let place = page.find(said).unwrap();
    assert!(place < page.find("What to do now").unwrap());
}

#[tokio::test]
async fn a_silent_box_is_said_with_what_it_means() {
    let sample = Sample::open(NOW).await;
    family(&sample, NOTHING).await;
    let served = Served::start(&sample.state).await;
    let page = served.get("/me/ivor", "home-ivor").await.body;
    assert!(!page.contains("We have not heard"));
    sample.hand.advance(jiff::SignedDuration::from_mins(31));
    let page = served.get("/me/ivor", "home-ivor").await.body;
    assert!(page.contains("We have not heard from the box in the home since 12:20pm today."));
}

#[tokio::test]
async fn a_reading_that_was_not_his_is_marked_for_the_nurse_and_counts_until_she_decides() {
    let mut sample = Sample::open(NOW).await;
    family(&sample, Sees::EVERYTHING).await;
    for (at, systolic) in [("2026-03-13T08:00:00Z", 128), ("2026-03-14T08:00:00Z", 131)] {
        sample
            .reading("ivor", at, pressure(systolic, 76, 70), &[])
            .await;
    }
    let served = Served::start(&sample.state).await;
    let page = served.get("/me/ivor/readings", "home-ivor").await.body;
    assert!(page.contains("In the last 7 days, all 2 readings were in the range of the plan."));
    snapshot::check("home-readings", &steady(&page));
    let (_, rest) = page.split_once("/me/ivor/readings/").unwrap();
    let link = format!("/me/ivor/readings/{}", rest.split('"').next().unwrap());
    let asked = served.get(&link, "home-ivor").await.body;
    assert!(asked.contains("131 over 76") && asked.contains("Until then it still counts."));
    snapshot::check("home-not-me", &steady(&asked));
    let marked = served.post(&link, "home-ivor", "").await;
    let done = marked.header("location").unwrap().to_owned();
    let page = served.get(&done, "home-ivor").await.body;
    assert!(
        page.contains("Mr Ivor Evans said this was somebody else.")
            && page.contains("all 2 readings")
    );
    let nurse = served.get("/patients/ivor", "nurse-1").await.body;
    assert!(
        nurse.contains("Mr Ivor Evans says that this was somebody else"),
        "{nurse}"
    );
    served.post(&link, "home-ivor", "back=1").await;
    let nurse = served.get("/patients/ivor", "nurse-1").await.body;
    assert!(!nurse.contains("somebody else"));
    let foreign = link.replace("ivor", "nobody");
    assert_eq!(served.post(&foreign, "home-ivor", "").await.status, 404);
    let unknown = "/me/ivor/readings/x/not-me";
    assert_eq!(served.get(unknown, "home-ivor").await.status, 404);
}

#[tokio::test]
async fn who_looked_is_told_to_the_patient_by_day() {
    let sample = Sample::open(NOW).await;
    family(&sample, NOTHING).await;
    let served = Served::start(&sample.state).await;
    let looked = "/me/ivor/looked";
    let page = served.get(looked, "home-ivor").await.body;
    assert!(page.contains("Nobody else has looked yet."));
    for _ in 0..3 {
        served.get("/patients/ivor", "nurse-1").await;
    }
    served.get("/me/ivor", "home-mair").await;
    let page = served.get(looked, "home-ivor").await.body;
    for said in [
        "<b>Anna Price, Community matron</b>",
        "3 times",
        "<b>Mair Evans, Daughter</b>",
        "once",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    snapshot::check("home-looked", &steady(&page));
}

#[tokio::test]
async fn the_other_pages_are_as_they_were() {
    let sample = Sample::open(NOW).await;
    family(&sample, NOTHING).await;
    let served = Served::start(&sample.state).await;
    for (name, path, person) in [
        ("home-start", "/start", ""),
        ("home-entry", "/me", "home-mair"),
        ("home-carers", "/me/ivor/carers", "home-ivor"),
        ("home-sign-in", "/your-sign-in", "home-ivor"),
        ("home-carer-page", "/me/ivor", "home-mair"),
        ("home-sorry", "/me/nobody", "home-ivor"),
    ] {
        let page = served.get(path, person).await.body;
        snapshot::check(name, &steady(&page));
    }
}
