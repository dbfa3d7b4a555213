//! Trends: a drift is found, noise is not, and the estimate is that of Theil and Sen.

use proptest::prelude::*;

use super::*;
use crate::rules::Facts;

fn drift(days_min: u8, agreement: u8) -> Rule {
    rule(&format!(
        "rule='trend'\nsign='weight'\ndirection='rise'\nper_week_at_least='0.7'\ndays=28\ndays_min={days_min}\n\
         agreement_percent_min={agreement}"
    ))
}

/// Weights in hundredths, one a day from the first of the month.
fn daily(hundredths: &[i64]) -> History {
    let readings: Vec<String> = (1..)
        .zip(hundredths)
        .map(|(day, it)| format!("{day:02}T07:00 {}.{:02}", it / 100, it % 100))
        .collect();
    weights(&readings.join(","))
}

#[test]
fn a_hundred_grams_a_day_hold_and_a_little_less_does_not() {
    let steady: Vec<i64> = (0..14).map(|day| 8_000 + 10 * day).collect();
    let found = holding(judge(&drift(10, 70), &daily(&steady)));
    assert_eq!(
        found.for_nurse(),
        "Weight rising 0.7 kg each week (14 of 28 days measured, 100% of pairs of days agree; \
         rule: 0.7 kg each week, 70%)"
    );
    assert_eq!(
        found.for_patient(),
        "Your weight has been going up by about 0.7 kg each week."
    );
    assert_eq!(
        found.would_have_stopped(),
        "under 0.7 kg each week, or fewer than 70% of pairs of days agreeing"
    );
    assert_eq!(found.readings.len(), 14);
    let slower: Vec<i64> = (0..14).map(|day| 8_000 + 9 * day).collect();
    assert_eq!(
        judge(&drift(10, 70), &daily(&slower)),
        Judgement::DoesNotHold
    );
    let falling: Vec<i64> = steady.iter().rev().copied().collect();
    assert_eq!(
        judge(&drift(10, 70), &daily(&falling)),
        Judgement::DoesNotHold
    );
}

#[test]
fn days_are_counted_within_the_window() {
    let steady: Vec<i64> = (0..9).map(|day| 8_000 + 10 * day).collect();
    assert_eq!(
        lack(&judge(&drift(10, 70), &daily(&steady))),
        "Not enough data yet: 9 of 10 days"
    );
    holding(judge(&drift(9, 70), &daily(&steady)));
    let week = |days_min: u8| {
        rule(&format!(
            "rule='trend'\nsign='weight'\ndirection='rise'\nper_week_at_least='0.7'\ndays=7\n\
             days_min={days_min}\nagreement_percent_min=70"
        ))
    };
    let found = holding(judge(&week(7), &daily(&steady)));
    assert_eq!(found.readings.len(), 7, "the ninth day and six before it");
    let gap = weights("01T07:00 80, 03T07:00 80.5, 08T07:00 82");
    assert_eq!(
        lack(&judge(&week(3), &gap)),
        "Not enough data yet: 2 of 3 days"
    );
    holding(judge(
        &week(3),
        &weights("02T07:00 80, 03T07:00 80.5, 08T07:00 82"),
    ));
}

#[test]
fn two_odd_days_move_nothing_and_a_step_in_noise_is_no_drift() {
    let mut odd: Vec<i64> = (0..14).map(|day| 8_000 + 12 * day).collect();
    (odd[2], odd[9]) = (9_500, 6_000);
    holding(judge(&drift(10, 60), &daily(&odd)));
    let flat: Vec<i64> = (0..14).map(|day| 8_000 + (day * 37 % 11) * 20).collect();
    assert_eq!(judge(&drift(10, 60), &daily(&flat)), Judgement::DoesNotHold);
}

#[test]
fn pairs_that_do_not_agree_stop_it_at_the_edge() {
    // Of six pairs one falls and one is level: four agree.
    let wavy = daily(&[8_000, 8_100, 8_050, 8_100]);
    let agreement = |percent: u8| judge(&drift(4, percent), &wavy);
    holding(agreement(66));
    assert_eq!(agreement(67), Judgement::DoesNotHold);
}

#[test]
fn a_margin_keeps_a_drift_until_it_is_well_under() {
    let slower = daily(&(0..14).map(|day| 8_000 + 9 * day).collect::<Vec<i64>>());
    let with = |margin: &str| {
        drift(10, 70).evaluate_with_margin(&slower, Timestamp::MAX, &margin.parse().unwrap())
    };
    assert_eq!(with("0.069"), Judgement::DoesNotHold);
    holding(with("0.07"));
}

/// The median of all slopes by its definition, as a fraction of thousandths a week.
fn naive(days: &[(i64, i64)]) -> (i128, i128) {
    let mut slopes: Vec<(i128, i128)> = Vec::new();
    for (number, (from_day, from)) in days.iter().enumerate() {
        for (to_day, to) in &days[number + 1..] {
            slopes.push((i128::from(to - from) * 7, i128::from(to_day - from_day)));
        }
    }
    slopes.sort_by(|one, other| (one.0 * other.1).cmp(&(other.0 * one.1)));
    let middle = slopes.len() / 2;
    let (high, low) = (
        slopes[middle],
        slopes[middle - usize::from(slopes.len().is_multiple_of(2))],
    );
    (high.0 * low.1 + low.0 * high.1, 2 * high.1 * low.1)
}

proptest! {
    #[test]
    fn it_holds_just_when_the_median_slope_and_the_agreement_say_so(
        tenths in proptest::collection::btree_map(1_i64..29, 790_i64..830, 3..28),
        agreement in 1_u8..=100,
        slope in 1_i64..40,
    ) {
        let days: Vec<(i64, i64)> = tenths.iter().map(|(day, it)| (*day, it * 100)).collect();
        let text: Vec<String> = tenths.iter().map(|(day, it)| format!("{day:02}T07:00 {}.{}", it / 10, it % 10)).collect();
        let text = text.join(",");
        let rule = rule(&format!(
            "rule='trend'\nsign='weight'\ndirection='rise'\nper_week_at_least='{}.{}'\ndays=28\ndays_min=3\nagreement_percent_min={agreement}",
            slope / 10, slope % 10
        ));
        let pairs = days.iter().enumerate().flat_map(|(n, from)| days[n + 1..].iter().map(move |to| to.1 > from.1));
        let (all, agreeing) = pairs.fold((0, 0), |(all, agreeing), it| (all + 1, agreeing + u32::from(it)));
        let (top, bottom) = naive(&days);
        let should_hold = top >= i128::from(slope) * 100 * bottom && agreeing * 100 / all >= u32::from(agreement);
        match judge(&rule, &weights(&text)) {
            Judgement::Holds(found) => {
                prop_assert!(should_hold);
                let Facts::Trend(facts) = found.facts else { panic!("a trend") };
                prop_assert_eq!(i128::from(facts.per_week.thousandths()), top / bottom);
                prop_assert_eq!(facts.agreement_percent, agreeing * 100 / all);
            }
            Judgement::DoesNotHold => prop_assert!(!should_hold),
            Judgement::NotEnoughYet(lack) => prop_assert!(false, "{lack}"),
        }
    }
}
