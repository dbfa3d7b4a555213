//! Distances from what is usual for the patient, and from what was agreed.

use super::*;
use crate::alert::Priority;

fn over_usual() -> Rule {
    rule(
        "rule='against_median'\nsign='weight'\ndirection='rise'\nat_least='1.4'\nmedian_days=7\ndays_min=4",
    )
}

const WEEK: &str = "01T07:00 81, 02T07:00 81.4, 03T07:00 81.2, 05T07:00 81.6";

#[test]
fn a_weight_at_the_distance_from_the_usual_holds() {
    let found = holding(judge(
        &over_usual(),
        &weights(&format!("{WEEK}, 06T07:00 82.7")),
    ));
    assert_eq!(
        found.for_nurse(),
        "Weight 82.7 kg, 1.4 kg over the usual 81.3 kg (median of 4 of the last 7 days; rule: 1.4 kg)"
    );
    assert_eq!(
        found.for_patient(),
        "Your weight is 82.7 kg. That is 1.4 kg above what is usual for you."
    );
    assert_eq!(
        found.would_have_stopped(),
        "less than 1.4 kg over the usual 81.3 kg"
    );
    let days = ["01T07:00", "02T07:00", "03T07:00", "05T07:00", "06T07:00"];
    assert_eq!(found.readings, days.map(id));
    let less = weights(&format!("{WEEK}, 06T07:00 82.69"));
    assert_eq!(judge(&over_usual(), &less), Judgement::DoesNotHold);
    let margin = "0.01".parse().unwrap();
    holding(over_usual().evaluate_with_margin(&less, Timestamp::MAX, &margin));
}

#[test]
fn one_odd_day_moves_nothing_and_a_missing_day_leaves_too_little() {
    let odd = weights(&format!("{WEEK}, 04T07:00 60, 06T07:00 82.7"));
    let found = holding(judge(&over_usual(), &odd));
    assert!(
        found
            .for_nurse()
            .contains("1.5 kg over the usual 81.2 kg (median of 5")
    );
    let later = weights(&format!("{WEEK}, 09T07:00 85"));
    assert_eq!(
        lack(&judge(&over_usual(), &later)),
        "Not enough data yet: 3 of 4 days"
    );
    let edge = weights(&format!("{WEEK}, 08T07:00 85"));
    holding(judge(&over_usual(), &edge));
}

#[test]
fn today_is_no_part_of_what_is_usual() {
    let today = weights("01T07:00 81, 02T07:00 81, 03T07:00 81, 04T06:00 81, 04T07:00 85");
    assert_eq!(
        lack(&judge(&over_usual(), &today)),
        "Not enough data yet: 3 of 4 days"
    );
}

#[test]
fn a_fall_is_held_against_the_usual_at_the_same_time_of_day() {
    let fall = rule(
        "rule='against_median'\nsign='spo2'\ndirection='fall'\nat_least='3'\nmedian_days=28\ndays_min=2\n\
         same_time_of_day_hours=3",
    );
    let readings = history(
        VitalSign::Spo2,
        "01T08:00 97, 01T22:00 93, 02T08:00 96, 02T22:00 92, 03T22:30 92",
    );
    assert_eq!(judge(&fall, &readings), Judgement::DoesNotHold);
    let morning = history(
        VitalSign::Spo2,
        "01T08:00 97, 01T22:00 90, 02T08:00 96, 02T22:00 90, 03T09:00 93",
    );
    let found = holding(judge(&fall, &morning));
    assert_eq!(
        found.for_nurse(),
        "Oxygen 93%, 3.5% under the usual 96.5% (median of 2 of the last 28 days; rule: 3%)"
    );
    assert!(
        found
            .for_patient()
            .ends_with("That is 3.5% below what is usual for you.")
    );
    let strangers = history(VitalSign::Spo2, "01T22:00 97, 02T22:00 97, 03T09:00 90");
    assert_eq!(
        lack(&judge(&fall, &strangers)),
        "Not enough data yet: 0 of 2 days"
    );
}

fn dry_weight() -> Rule {
    rule(
        "rule='from_baseline'\nsign='weight'\nbaseline='81.0'\n\
         limits={urgent_low='-5',soon_low='-2',soon_high='2',urgent_high='4'}",
    )
}

#[test]
fn every_limit_of_the_agreed_weight_holds_at_its_edge() {
    let said = |value: &str| match judge(&dry_weight(), &weights(&format!("01T07:00 {value}"))) {
        Judgement::Holds(found) => Some((found.for_nurse(), found.priority)),
        _ => None,
    };
    assert_eq!(said("82.99"), None);
    assert_eq!(said("79.01"), None);
    let (sentence, priority) = said("83").unwrap();
    assert_eq!(
        sentence,
        "Weight 83 kg, 2 kg over the agreed 81 kg (rule: soon from 2 kg over)"
    );
    assert_eq!(priority, Priority::Soon);
    let (sentence, priority) = said("85.00").unwrap();
    assert!(
        sentence.ends_with("(rule: urgent from 4 kg over)"),
        "{sentence}"
    );
    assert_eq!(priority, Priority::Urgent);
    let (sentence, priority) = said("79").unwrap();
    assert_eq!(
        sentence,
        "Weight 79 kg, 2 kg under the agreed 81 kg (rule: soon from 2 kg under)"
    );
    assert_eq!(priority, Priority::Soon);
    assert_eq!(said("76").unwrap().1, Priority::Urgent);
}

#[test]
fn a_margin_is_kept_on_both_sides_of_the_agreed_weight() {
    let with = |value: &str, margin: &str| {
        let history = weights(&format!("01T07:00 {value}"));
        dry_weight().evaluate_with_margin(&history, Timestamp::MAX, &margin.parse().unwrap())
    };
    assert_eq!(with("82.49", "0.5"), Judgement::DoesNotHold);
    let found = holding(with("82.5", "0.5"));
    assert_eq!(
        found.for_patient(),
        "Your weight is 82.5 kg. That is 1.5 kg over the 81 kg agreed with you."
    );
    assert_eq!(
        found.would_have_stopped(),
        "less than 2 kg over the agreed 81 kg"
    );
    assert_eq!(with("79.51", "0.5"), Judgement::DoesNotHold);
    holding(with("79.5", "0.5"));
    assert_eq!(holding(with("84.5", "0.5")).priority, Priority::Urgent);
}
