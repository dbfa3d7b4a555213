//! N of the last M readings, and the irregular-pulse mark in N of the last M sessions.

use super::*;
use crate::alert::Problem;

fn low_oxygen() -> Rule {
    rule("rule='n_of_m'\nsign='spo2'\nside='low'\nlimit='92'\nn=2\nm=3\nwithin_days=2")
}

fn oxygen(readings: &str) -> History {
    history(VitalSign::Spo2, readings)
}

#[test]
fn two_of_the_last_three_at_the_limit_hold() {
    let found = holding(judge(
        &low_oxygen(),
        &oxygen("01T07:00 90, 01T12:00 92.0, 01T18:00 95, 02T06:00 91"),
    ));
    assert_eq!(
        found.for_nurse(),
        "Oxygen 92% or under in 2 of the last 3 readings, newest 91% (rule: 2 of 3 within 2 days)"
    );
    assert_eq!(
        found.for_patient(),
        "Your oxygen level was low in 2 of your last 3 readings."
    );
    assert_eq!(
        found.would_have_stopped(),
        "fewer than 2 of the last 3 readings at 92% or under"
    );
    assert_eq!(found.readings, [id("01T12:00"), id("02T06:00")]);
    let just_inside = oxygen("01T12:00 92.1, 01T18:00 95, 02T06:00 91");
    assert_eq!(judge(&low_oxygen(), &just_inside), Judgement::DoesNotHold);
}

#[test]
fn two_readings_are_enough_to_hold_and_one_is_too_few_to_say() {
    let two = holding(judge(&low_oxygen(), &oxygen("01T07:00 90, 01T12:00 91")));
    assert!(two.for_nurse().contains("in 2 of the last 2 readings"));
    let one = judge(&low_oxygen(), &oxygen("01T07:00 85"));
    assert_eq!(lack(&one), "Not enough data yet: 1 of 2 readings");
    let good = judge(&low_oxygen(), &oxygen("01T07:00 97, 01T12:00 98"));
    assert_eq!(good, Judgement::DoesNotHold);
}

#[test]
fn a_reading_just_two_days_old_counts_and_an_older_one_does_not() {
    holding(judge(&low_oxygen(), &oxygen("01T07:00 90, 03T07:00 90")));
    let older = judge(&low_oxygen(), &oxygen("01T06:59 90, 03T07:00 90"));
    assert_eq!(lack(&older), "Not enough data yet: 1 of 2 readings");
}

#[test]
fn a_margin_keeps_it_until_the_readings_are_well_inside() {
    let better = oxygen("01T07:00 93, 01T12:00 93");
    let with = |margin: &str| {
        low_oxygen().evaluate_with_margin(&better, Timestamp::MAX, &margin.parse().unwrap())
    };
    assert_eq!(with("0"), Judgement::DoesNotHold);
    assert_eq!(with("0.9"), Judgement::DoesNotHold);
    assert!(holding(with("1")).for_nurse().contains("newest 93%"));
    let high =
        rule("rule='n_of_m'\nsign='systolic'\nside='high'\nlimit='150'\nn=1\nm=1\nwithin_days=1");
    let near = history(VitalSign::Systolic, "01T07:00 145");
    assert_eq!(judge(&high, &near), Judgement::DoesNotHold);
    holding(high.evaluate_with_margin(&near, Timestamp::MAX, &"5".parse().unwrap()));
    let at_limit = holding(judge(&high, &history(VitalSign::Systolic, "01T07:00 150")));
    assert_eq!(
        at_limit.for_patient(),
        "Your top blood pressure number was high in your last reading."
    );
}

fn irregular() -> Rule {
    rule(
        "rule='irregular_pulse'\nsessions_with_min=2\nof_sessions=3\nwithin_days=7\nsession_gap_minutes=30",
    )
}

fn cuff(readings: &str) -> History {
    history(VitalSign::Systolic, readings)
}

#[test]
fn a_mark_in_two_of_three_sessions_holds_and_twice_in_one_session_does_not() {
    let found = holding(judge(
        &irregular(),
        &cuff("01T07:00 130!, 01T07:02 131!, 01T19:00 128, 02T07:00 131, 02T07:02 129!"),
    ));
    assert_eq!(
        found.for_nurse(),
        "Irregular pulse marked in 2 of the last 3 sessions (rule: 2 of 3 within 7 days). \
         Feel the pulse; check for atrial fibrillation"
    );
    assert_eq!(
        found.for_patient(),
        "Your monitor noticed an uneven pulse in 2 of the last 3 times that you measured."
    );
    assert_eq!(
        found.would_have_stopped(),
        "the mark in fewer than 2 of the last 3 sessions"
    );
    assert_eq!(found.problem, Problem::PulseRhythm);
    assert_eq!(
        found.readings,
        [id("01T07:00"), id("01T07:02"), id("02T07:02")]
    );
    let once = cuff("01T07:00 130!, 01T07:02 131!, 01T07:04 131!, 01T19:00 128, 02T07:00 131");
    assert_eq!(judge(&irregular(), &once), Judgement::DoesNotHold);
}

#[test]
fn a_session_ends_with_a_gap_and_older_sessions_do_not_count() {
    let one_session = cuff("01T07:00 130!, 01T07:30 130!, 01T08:00 130!");
    assert_eq!(
        lack(&judge(&irregular(), &one_session)),
        "Not enough data yet: 1 of 2 sessions"
    );
    holding(judge(&irregular(), &cuff("01T07:00 130!, 01T07:31 130!")));
    let before = cuff("01T07:00 130!, 02T07:00 130!, 03T07:00 130, 04T07:00 130, 05T07:00 130!");
    assert_eq!(judge(&irregular(), &before), Judgement::DoesNotHold);
    holding(judge(&irregular(), &cuff("01T07:00 130!, 08T07:00 130!")));
    lack(&judge(&irregular(), &cuff("01T06:59 130!, 08T07:00 130!")));
}
