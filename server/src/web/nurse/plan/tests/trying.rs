//! Plans that are tried on what happened, and forms that make no sense at all.

use std::sync::Arc;

use clinical::{AlertNumber, Event, Outcome};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::{ivor, olwen, send};
use crate::web::TRIALS_MAX;
use crate::web::browser::Served;
use crate::web::sample::Sample;
use crate::web::sample_values::pressure;
use crate::web::snapshot;

/// Two alerts in two days; somebody acts on the first, and the second needs nothing.
async fn two_alerts() -> (Sample, Served) {
    let (mut sample, served) = ivor().await;
    for (number, at, systolic, outcome) in [
        (1, "2026-03-12T08:00:00Z", 150, Outcome::AdviceGiven),
        (2, "2026-03-13T08:00:00Z", 142, Outcome::LimitsNeedChanging),
    ] {
        sample.hand.set(at.parse().unwrap());
        sample
            .reading("ivor", at, pressure(systolic, 80, 70), &[])
            .await;
        let alert = AlertNumber(number);
        let by: clinical::PersonId = "nurse-1".parse().unwrap();
        let taken = Event::AlertTaken {
            alert,
            by: by.clone(),
            instead_of: None,
        };
        sample.happen("ivor", taken).await;
        let note = String::new();
        sample
            .happen(
                "ivor",
                Event::AlertClosed {
                    alert,
                    by,
                    outcome,
                    note,
                    duplicate_of: None,
                },
            )
            .await;
    }
    sample.hand.set("2026-03-14T12:20:00Z".parse().unwrap());
    (sample, served)
}

const LOOSER: &str = "based_on=1&limits.systolic.soon_high=160&reason=Calmer";

#[tokio::test]
async fn a_plan_is_tried_on_what_happened_before_it_is_saved() {
    let (_sample, served) = two_alerts().await;
    let page = send(&served, "nurse-1", "try", LOOSER).await;
    assert_eq!(page.status, 200);
    snapshot::check("plan-tried", &page.body);
    for said in [
        "<b>Last 30 days:</b> 0 alerts instead of 2; would have missed this one: blood pressure on 2026-03-12",
        "<b>Last 90 days:</b> 0 alerts instead of 2",
        "Systolic, high soon limit: 135 becomes 160 (loosened).",
        "By soon limit of systolic",
        "Called – advice given",
        "Readings that reach other limits: 2",
        "Systolic 142 mmHg",
        ">Calmer</textarea>",
        "Nothing has been changed yet.",
    ] {
        assert!(
            page.body.contains(said),
            "{said} is missing:\n{}",
            page.body
        );
    }
    let stops = send(
        &served,
        "nurse-1",
        "try",
        "based_on=1&limits.spo2.urgent_low=80",
    )
    .await;
    assert!(stops.body.contains("A prescriber must allow this:"));
    let wrong = send(
        &served,
        "nurse-1",
        "try",
        "based_on=1&limits.spo2.urgent_low=x",
    )
    .await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn while_others_try_plans_the_form_says_so_and_keeps_what_was_typed() {
    let (sample, served) = two_alerts().await;
    let places = u32::try_from(TRIALS_MAX).unwrap();
    let held = Arc::clone(&sample.state.trials)
        .acquire_many_owned(places)
        .await
        .unwrap();
    let busy = send(&served, "nurse-1", "try", LOOSER).await;
    assert_eq!(busy.status, 503);
    assert!(
        busy.body
            .contains("Other people are trying plans at this moment.")
    );
    assert!(
        busy.body
            .contains(r#"name="limits.systolic.soon_high" value="160""#)
    );
    drop(held);
    assert_eq!(send(&served, "nurse-1", "try", LOOSER).await.status, 200);
}

/// Whatever is sent, the answer is a page that says what to do.
#[tokio::test]
async fn no_form_breaks_the_pages() {
    let (sample, served) = ivor().await;
    olwen(&sample).await;
    let page = served
        .get("/patients/olwen/plan/edit", "nurse-1")
        .await
        .body;
    let names = page
        .split(r#" name=""#)
        .skip(1)
        .filter_map(|it| it.split('"').next());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.extend(
        [
            "crossing",
            "template.heart-failure",
            "answer.dry_weight_kg",
            "choice.score",
            "withdraw_reason",
        ]
        .map(str::to_owned),
    );
    let text = prop_oneof![
        "[0-9.,-]{0,8}",
        ".{0,30}",
        "(2026-0[3-9]-[0-3][0-9]|yes|agreed|disagreed|not_asked|leave out|daily)"
    ];
    let fields = proptest::collection::vec((proptest::sample::select(names), text), 0..30);
    let action = proptest::sample::select(vec!["try", "save", "cross", "back", "nonsense"]);
    let path = proptest::sample::select(vec!["edit", "edit", "edit", "start", "withdraw"]);
    let mut runner = TestRunner::deterministic();
    for _ in 0..120 {
        let tree = (fields.clone(), action.clone(), path.clone())
            .new_tree(&mut runner)
            .unwrap();
        let (fields, action, path) = tree.current();
        let mut form: Vec<String> = fields
            .iter()
            .map(|(name, text)| format!("{name}={}", encoded(text)))
            .collect();
        form.push(format!("action={action}&based_on=1"));
        let path = format!("/patients/olwen/plan/{path}");
        // Nobody fills a form in faster than once a second.
        sample.hand.advance(jiff::SignedDuration::from_secs(1));
        let answer = served.post(&path, "dr-rees", &form.join("&")).await;
        assert!(
            [200, 303, 400, 409, 422].contains(&answer.status),
            "{} of {path}: {form:?}",
            answer.status
        );
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
