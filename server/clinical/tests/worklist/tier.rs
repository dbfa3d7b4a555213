//! The tier: each term with its points, its date and its sentence; an override while it holds.

use std::collections::BTreeMap;

use clinical::plan::{Care, Quality};
use clinical::score::ScoreRule;
use clinical::worklist::{LABEL, Term, TermKind, Tier, WorkedOut, tier};
use clinical::{
    Case, Event, Limits, Pause, PauseReason, Plan, PlanVersion, ReadingStored, VitalSign, step,
};
use jiff::Timestamp;
use serde_json::json;
use vitals::{Decimal, QualityMark};

use crate::rules::sample;

const NEWS2: &str = include_str!("../../../../config/scores/news2.toml");

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn score() -> ScoreRule {
    let table: toml::Table = NEWS2.parse().unwrap();
    serde_json::from_value(json!({
        "table": serde_json::to_value(table).unwrap(), "scale": "one", "complete": {}, "partial": {}, "source": "a test",
    }))
    .unwrap()
}

/// A case with a score, limits of the systolic pressure, and loose cuffs not believed, monitored since 1 October.
fn case() -> Case {
    let limits = Limits::new(
        None,
        None,
        Some(Decimal::whole(140)),
        Some(Decimal::whole(180)),
    );
    let quality = Quality {
        doubtful: [QualityMark::CuffTooLoose].into(),
        unusable_in_a_row: Some(9),
        source: "a test".to_owned(),
        ..Quality::default()
    };
    let plan = Plan {
        version: PlanVersion(1),
        limits: BTreeMap::from([(VitalSign::Systolic, limits.unwrap())]),
        care: Care {
            score: Some(score()),
            quality: Some(quality),
            ..Care::default()
        },
        set_by: "dr-bell".parse().unwrap(),
        reason: "a test".to_owned(),
        patient_view: None,
        in_force_from: "2026-10-01T00:00:00Z".parse().unwrap(),
    };
    Case::new("ada".parse().unwrap(), plan)
}

fn happen(case: Case, event: &Event, now: Timestamp) -> Case {
    step(Some(case), event, now).unwrap().case
}

fn reading(case: Case, time: &str, values: &[(VitalSign, &str)], quality: &[QualityMark]) -> Case {
    let measured_at = at(time);
    let values = values
        .iter()
        .map(|(sign, value)| (*sign, value.parse().unwrap()));
    let event = Event::ReadingStored(ReadingStored {
        id: format!("{:032x}", measured_at.as_microsecond())
            .parse()
            .unwrap(),
        values: values.collect(),
        quality: quality.to_vec(),
        measured_at,
        received_at: measured_at,
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    });
    happen(case, &event, measured_at)
}

fn weights(mut case: Case, days: &[(u8, &str)]) -> Case {
    for (day, kg) in days {
        case = reading(
            case,
            &format!("{day:02}T08:00"),
            &[(VitalSign::Weight, kg)],
            &[],
        );
    }
    case
}

fn term(worked: &WorkedOut, kind: TermKind) -> (u8, Option<Timestamp>, &str) {
    let Term {
        points,
        at,
        sentence,
        ..
    } = worked.terms.iter().find(|it| it.kind == kind).unwrap();
    (*points, *at, sentence)
}

#[test]
fn what_is_not_known_is_said_and_counts_nothing() {
    let worked = tier(&case(), &sample(), at("01T08:00"));
    let kinds: Vec<TermKind> = worked.terms.iter().map(|it| it.kind).collect();
    assert!(kinds.is_sorted() && kinds.len() == 5, "{kinds:?}");
    let (points, at, sentence) = term(&worked, TermKind::Score);
    assert_eq!((points, at), (0, None));
    assert!(
        sentence.starts_with("No physiological score; missing:"),
        "{sentence}"
    );
    assert_eq!(
        term(&worked, TermKind::Drift),
        (
            0,
            None,
            "Not enough days with readings yet to compare with what is usual."
        )
    );
    assert_eq!(
        term(&worked, TermKind::OpenAlert),
        (0, None, "No open alert.")
    );
    assert_eq!(
        term(&worked, TermKind::NoData),
        (2, None, "No reading yet in the 31 days of this plan.")
    );
    assert_eq!(
        term(&worked, TermKind::PoorQuality),
        (0, None, "No unusable measurements in a row.")
    );
    assert_eq!((worked.tier, worked.points), (Tier::Usual, 2));
}

#[test]
fn the_score_is_partial_names_what_it_lacks_and_forgets_after_its_hours() {
    let it = reading(
        case(),
        "02T08:00",
        &[(VitalSign::Systolic, "108"), (VitalSign::Pulse, "112")],
        &[],
    );
    let worked = tier(&it, &sample(), at("03T08:00"));
    let (points, when, sentence) = term(&worked, TermKind::Score);
    assert_eq!(
        (points, when),
        (2, Some(at("02T08:00"))),
        "1 and 2 points are 3"
    );
    assert!(
        sentence.contains("Partial physiological score 3"),
        "{sentence}"
    );
    assert!(!sentence.contains("NEWS2"), "{sentence}");
    let later = tier(&it, &sample(), at("03T08:01"));
    assert_eq!(term(&later, TermKind::Score).0, 0);
}

#[test]
fn the_last_week_is_held_against_the_four_weeks_before() {
    let usual = [(1, "80"), (2, "80.2"), (3, "79.8"), (4, "80")];
    let it = weights(case(), &usual);
    let it = weights(it, &[(20, "82.1"), (22, "82.0")]);
    let two_days = tier(&it, &sample(), at("24T09:00"));
    assert_eq!(
        term(&two_days, TermKind::Drift).0,
        0,
        "two of the last days are too few"
    );
    let it = weights(it, &[(24, "81.8")]);
    let worked = tier(&it, &sample(), at("24T09:00"));
    assert_eq!(
        term(&worked, TermKind::Drift),
        (
            2,
            Some(at("24T08:00")),
            "Weight of the last 7 days: 82 kg, 2 kg over the usual 80 kg of the 28 days before."
        )
    );
    let less = weights(it, &[(18, "80.9"), (19, "81.0"), (21, "81.0")]);
    assert_eq!(
        term(&tier(&less, &sample(), at("24T09:00")), TermKind::Drift).0,
        1
    );
}

#[test]
fn the_worst_open_alert_counts_with_its_date() {
    let soon = reading(case(), "02T08:00", &[(VitalSign::Systolic, "150")], &[]);
    let worked = tier(&soon, &sample(), at("02T09:00"));
    assert_eq!(
        term(&worked, TermKind::OpenAlert),
        (
            2,
            Some(at("02T08:00")),
            "The worst open alert is soon: blood pressure."
        )
    );
    let urgent = reading(soon, "02T09:00", &[(VitalSign::Systolic, "190")], &[]);
    let worked = tier(&urgent, &sample(), at("02T09:00"));
    assert_eq!(term(&worked, TermKind::OpenAlert).0, 3);
    assert_eq!(worked.tier, Tier::Closer);
}

#[test]
fn days_without_a_reading_count_unless_readings_are_paused() {
    let it = reading(case(), "02T08:00", &[(VitalSign::Systolic, "120")], &[]);
    let points = |now: &str| term(&tier(&it, &sample(), at(now)), TermKind::NoData).0;
    assert_eq!(
        [
            points("02T08:00"),
            points("04T07:59"),
            points("04T08:00"),
            points("09T08:00")
        ],
        [0, 0, 1, 2]
    );
    let paused = Event::Paused {
        pause: Pause {
            from: at("03T00:00"),
            until: at("10T00:00"),
            reason: PauseReason::Hospital,
        },
        by: "ada".parse().unwrap(),
    };
    let it = happen(it, &paused, at("03T00:00"));
    assert_eq!(
        term(&tier(&it, &sample(), at("09T08:00")), TermKind::NoData),
        (0, None, "Readings are paused: in hospital.")
    );
    assert_eq!(
        term(&tier(&it, &sample(), at("10T00:00")), TermKind::NoData).0,
        2
    );
}

#[test]
fn unusable_measurements_in_a_row_count_for_their_hours() {
    let loose = |case, time| {
        let pressure = [(VitalSign::Systolic, "120")];
        reading(case, time, &pressure, &[QualityMark::CuffTooLoose])
    };
    let it = loose(loose(case(), "02T08:00"), "02T08:05");
    let worked = tier(&it, &sample(), at("04T08:05"));
    assert_eq!(
        term(&worked, TermKind::PoorQuality),
        (
            1,
            Some(at("02T08:05")),
            "2 measurements of blood pressure in a row could not be used."
        )
    );
    let later = tier(&it, &sample(), at("04T08:06"));
    assert_eq!(term(&later, TermKind::PoorQuality).0, 0);
}

#[test]
fn an_override_decides_until_its_end_and_everything_is_still_listed() {
    let set = |tier, until: Option<&str>| Event::TierSet {
        tier,
        by: "dr-bell".parse().unwrap(),
        reason: "Home from hospital today.".to_owned(),
        until: until.map(at),
    };
    let urgent = reading(case(), "02T08:00", &[(VitalSign::Systolic, "190")], &[]);
    let it = happen(
        urgent,
        &set(Some(Tier::Closest), Some("05T08:00")),
        at("02T09:00"),
    );
    let worked = tier(&it, &sample(), at("05T07:59"));
    assert_eq!((worked.tier, worked.terms.len()), (Tier::Closest, 5));
    assert_eq!(
        worked.sentence(),
        "The closest eye, set by dr-bell: Home from hospital today. Worklist order, not a validated risk score."
    );
    let over = tier(&it, &sample(), at("05T08:00"));
    assert_eq!((over.tier, over.overridden), (Tier::Closer, None));
    let lower = happen(it, &set(Some(Tier::Usual), None), at("03T09:00"));
    assert_eq!(tier(&lower, &sample(), at("30T08:00")).tier, Tier::Usual);
    let taken_back = happen(lower, &set(None, None), at("03T10:00"));
    assert_eq!(
        tier(&taken_back, &sample(), at("03T10:00")).overridden,
        None
    );
}

#[test]
fn the_label_is_always_there_and_the_same_case_gives_the_same_text() {
    let it = reading(case(), "02T08:00", &[(VitalSign::Systolic, "190")], &[]);
    let worked = tier(&it, &sample(), at("02T09:00"));
    assert_eq!(LABEL, "Worklist order, not a validated risk score.");
    assert_eq!(
        worked.sentence(),
        format!("A closer eye: {} points. {LABEL}", worked.points)
    );
    let text = serde_json::to_string(&worked).unwrap();
    assert_eq!(
        text,
        serde_json::to_string(&tier(&it, &sample(), at("02T09:00"))).unwrap()
    );
    assert_eq!(serde_json::from_str::<WorkedOut>(&text).unwrap(), worked);
}
