//! Changes within days, and distances from what is usual or agreed.

use super::*;
use crate::alert::{Priority, Problem};

fn gain() -> Rule {
    rule("rule='change'\nsign='weight'\ndirection='rise'\nat_least='2'\nwithin_days=3\ndays_min=1")
}

fn gain_alike() -> Rule {
    rule(
        "rule='change'\nsign='weight'\ndirection='rise'\nat_least='2'\nwithin_days=3\ndays_min=1\nsame_time_of_day_hours=2",
    )
}

#[test]
fn two_kilograms_in_three_days_hold_and_ten_grams_less_do_not() {
    let found = holding(judge(
        &gain(),
        &weights("01T07:00 81.2, 02T07:00 82, 04T07:00 83.5"),
    ));
    assert_eq!(
        found.for_nurse(),
        "Weight up 2.3 kg in 3 days (81.2 to 83.5 kg; rule: 2 kg in 3 days)"
    );
    assert_eq!(
        found.for_patient(),
        "Your weight has gone up by 2.3 kg in 3 days."
    );
    assert_eq!(found.would_have_stopped(), "under 2 kg in 3 days");
    assert_eq!(
        (found.priority, found.problem),
        (Priority::Soon, Problem::Weight)
    );
    assert_eq!(found.newest_at, at("04T07:00"));
    assert_eq!(found.readings, [id("01T07:00"), id("04T07:00")]);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Holding>(&text).unwrap(), found);

    holding(judge(&gain(), &weights("01T07:00 81.50, 04T07:00 83.50")));
    let less = weights("01T07:00 81.51, 04T07:00 83.50");
    assert_eq!(judge(&gain(), &less), Judgement::DoesNotHold);
}

#[test]
fn a_gain_over_four_days_or_within_one_is_not_a_gain_in_three_days_before() {
    assert_eq!(
        lack(&judge(&gain(), &weights("01T07:00 81, 05T07:00 84"))),
        "Not enough data yet: 0 of 1 day"
    );
    let same_day = weights("04T07:00 81, 04T21:00 84");
    assert_eq!(
        lack(&judge(&gain(), &same_day)),
        "Not enough data yet: 0 of 1 day"
    );
    let one_day = weights("03T07:00 81, 04T07:00 83");
    assert!(
        holding(judge(&gain(), &one_day))
            .for_nurse()
            .contains("in 1 day (")
    );
}

#[test]
fn a_loss_is_no_gain_and_has_a_rule_of_its_own() {
    let lost = weights("01T07:00 84, 02T07:00 83.1, 03T07:00 81.2");
    assert_eq!(judge(&gain(), &lost), Judgement::DoesNotHold);
    let loss = rule(
        "rule='change'\nsign='weight'\ndirection='fall'\nat_least='2'\nwithin_days=3\ndays_min=2",
    );
    assert_eq!(
        holding(judge(&loss, &lost)).for_nurse(),
        "Weight down 2.8 kg in 2 days (84 to 81.2 kg; rule: 2 kg in 3 days)"
    );
    let one_day = weights("02T07:00 84, 03T07:00 81.2");
    assert_eq!(
        lack(&judge(&loss, &one_day)),
        "Not enough data yet: 1 of 2 days"
    );
}

#[test]
fn a_day_counts_by_its_median_and_the_newest_of_equal_days_is_named() {
    let odd_one = weights("01T07:00 79, 01T07:01 81.9, 01T07:02 82, 02T07:00 83.5");
    assert_eq!(judge(&gain(), &odd_one), Judgement::DoesNotHold);
    let equal = weights("01T07:00 81, 02T07:00 81, 03T07:00 84");
    assert!(
        holding(judge(&gain(), &equal))
            .for_nurse()
            .contains("3 kg in 1 day")
    );
}

/// An evening's weight is about a kilogram over the morning's: like is compared with like.
#[test]
fn only_readings_of_about_the_same_time_of_day_are_compared() {
    let evening = weights("01T07:00 81, 02T07:00 81.1, 03T20:00 83.2");
    assert_eq!(
        lack(&judge(&gain_alike(), &evening)),
        "Not enough data yet: 0 of 1 day"
    );
    holding(judge(&gain(), &evening));
    let at_the_edge = weights("01T07:00 81, 03T09:00 83.2");
    holding(judge(&gain_alike(), &at_the_edge));
    let beyond = weights("01T07:00 81, 03T09:01 83.2");
    lack(&judge(&gain_alike(), &beyond));
    holding(judge(&gain_alike(), &weights("01T07:00 81, 04T07:00 83.2")));
    lack(&judge(
        &gain_alike(),
        &weights("01T07:00 81, 05T07:00 83.2"),
    ));
    let past_midnight = weights("01T23:30 81, 03T01:30 83.2");
    holding(judge(&gain_alike(), &past_midnight));
    let both = weights("01T06:59 81, 01T20:00 70, 02T07:30 82, 02T20:00 70, 03T08:00 83");
    let found = holding(judge(&gain_alike(), &both));
    assert!(
        found.for_nurse().contains("(81 to 83 kg"),
        "{}",
        found.for_nurse()
    );
    assert_eq!(found.readings, [id("01T06:59"), id("03T08:00")]);
}

#[test]
fn a_margin_keeps_a_change_until_it_is_well_inside() {
    let down_a_little = weights("01T07:00 81, 03T07:00 82.6");
    let with = |margin: &str| {
        gain().evaluate_with_margin(&down_a_little, Timestamp::MAX, &margin.parse().unwrap())
    };
    assert_eq!(judge(&gain(), &down_a_little), Judgement::DoesNotHold);
    assert_eq!(with("0.39"), Judgement::DoesNotHold);
    holding(with("0.4"));
}

#[test]
fn what_was_measured_later_is_not_seen_and_a_late_reading_finds_its_place() {
    let all = weights("01T07:00 81, 03T07:00 83.2, 04T07:00 81");
    assert_eq!(judge(&gain(), &all), Judgement::DoesNotHold);
    holding(gain().evaluate(&all, at("03T07:00")));
    let late = weights("04T07:00 83.2, 02T07:00 83, 03T07:00 81.1");
    holding(judge(&gain(), &late));
}

#[test]
fn the_evidence_is_bounded() {
    let minutes: Vec<String> = (0..50)
        .map(|minute| format!("01T07:{minute:02} 81"))
        .collect();
    let many = weights(&format!("{}, 02T07:00 84", minutes.join(",")));
    let found = holding(judge(&gain(), &many));
    assert_eq!(found.readings.len(), super::super::EVIDENCE_LEN_MAX);
    assert_eq!(found.readings.last(), Some(&id("02T07:00")));
}
