//! Home averages: sessions, days, and what is left out.

use super::*;
use crate::alert::{Priority, Problem};
use crate::rules::{Average, HomeAverage, RuleKind};

const NICE: &str = "rule='home_average'\nsystolic_limit='135'\ndiastolic_limit='85'\nreadings_apart_minutes_min=1\n\
    sessions_a_day_min=2\ndays_min=4\ndays_max=7\nmorning='06:00-12:00'\nevening='18:00-24:00'\ndrop_first_day=true\n\
    second={systolic_limit='150',diastolic_limit='95',priority='urgent'}";

fn nice() -> Rule {
    rule(NICE)
}

fn average(rule: &Rule, history: &History) -> Result<Average, String> {
    let RuleKind::HomeAverage(home) = rule.kind() else {
        panic!("a home average");
    };
    let home: &HomeAverage = home;
    home.average(history, Timestamp::MAX)
        .map_err(|lack| lack.to_string())
}

/// Puts blood pressures into a history: `01T07:00 142/88`.
fn cuff(readings: &[(String, &str)]) -> History {
    let mut history = History::default();
    for (time, value) in readings {
        let (systolic, diastolic) = value.split_once('/').unwrap();
        put(&mut history, VitalSign::Systolic, time, systolic, false);
        put(&mut history, VitalSign::Diastolic, time, diastolic, false);
    }
    history
}

/// A full day: two readings in the morning, two in the evening.
fn day(number: u8, value: &'static str) -> Vec<(String, &'static str)> {
    let times = ["07:00", "07:01", "19:00", "19:01"];
    times
        .map(|time| (format!("{number:02}T{time}"), value))
        .to_vec()
}

fn days(values: &[&'static str]) -> Vec<(String, &'static str)> {
    (1..)
        .zip(values)
        .flat_map(|(number, value)| day(number, value))
        .collect()
}

#[test]
fn four_days_are_needed_and_the_first_is_left_out() {
    let three = cuff(&days(&["190/110", "140/80", "140/80"]));
    assert_eq!(
        lack(&judge(&nice(), &three)),
        "Not enough data yet: 3 of 4 days"
    );
    assert_eq!(
        average(&nice(), &three),
        Err("Not enough data yet: 3 of 4 days".to_owned())
    );
    let four = cuff(&days(&["190/110", "140/80", "140/80", "142/80"]));
    let found = holding(judge(&nice(), &four));
    assert_eq!(
        found.for_nurse(),
        "Home average 140.7/80 mmHg over 4 days, 12 readings, the first day left out (rule: 135/85 or over)"
    );
    assert_eq!(
        found.for_patient(),
        "Your average blood pressure at home is 140.7 over 80. The limit in your plan is 135 over 85."
    );
    assert_eq!(
        found.would_have_stopped(),
        "an average under both 135 and 85 mmHg"
    );
    assert_eq!(
        (found.priority, found.problem),
        (Priority::Soon, Problem::BloodPressure)
    );
    assert_eq!(found.readings.len(), 12);
    assert_eq!(found.readings[0], id("02T07:00"));
    let with_first = rule(&NICE.replace("drop_first_day=true", "drop_first_day=false"));
    let first_too = average(&with_first, &four).unwrap();
    assert_eq!((first_too.readings, first_too.days), (16, 4));
    assert_eq!(first_too.systolic.to_string(), "153.0");
    assert_eq!(
        holding(judge(&with_first, &four)).readings[0],
        id("01T07:00")
    );
}

/// NICE: either component reaching its limit decides.
#[test]
fn either_limit_is_reached_by_the_exact_mean() {
    let values = |value: &'static str| cuff(&days(&["120/70", value, value, value]));
    assert_eq!(
        judge(&nice(), &values("134.9/84.9")),
        Judgement::DoesNotHold
    );
    holding(judge(&nice(), &values("135/60")));
    holding(judge(&nice(), &values("110/85.0")));
    let mut nearly = days(&["120/70", "135/60", "135/60", "135/60"]);
    nearly[15].1 = "134.9/60";
    let nearly = cuff(&nearly);
    assert_eq!(
        average(&nice(), &nearly).unwrap().systolic.to_string(),
        "135.0"
    );
    assert_eq!(
        judge(&nice(), &nearly),
        Judgement::DoesNotHold,
        "the mean is 134.99"
    );
    let margin = "0.1".parse().unwrap();
    holding(nice().evaluate_with_margin(&nearly, Timestamp::MAX, &margin));
}

#[test]
fn the_second_level_has_limits_and_a_priority_of_its_own() {
    let values = |value: &'static str| cuff(&days(&["120/70", value, value, value]));
    let found = holding(judge(&nice(), &values("150/80")));
    assert_eq!(found.priority, Priority::Urgent);
    assert!(found.for_nurse().ends_with("(rule: 150/95 or over)"));
    assert_eq!(
        holding(judge(&nice(), &values("149.9/94.9"))).priority,
        Priority::Soon
    );
    assert_eq!(
        holding(judge(&nice(), &values("120/95"))).priority,
        Priority::Urgent
    );
}

#[test]
fn a_day_counts_with_two_full_sessions() {
    let full = days(&["120/70", "140/90", "140/90", "140/90"]);
    let without = |times: &[&str]| {
        let is_left = |(time, _): &&(String, &str)| !times.contains(&time.as_str());
        average(
            &nice(),
            &cuff(&full.iter().filter(is_left).cloned().collect::<Vec<_>>()),
        )
    };
    assert!(without(&[]).is_ok());
    let three = Err("Not enough data yet: 3 of 4 days".to_owned());
    assert_eq!(without(&["03T19:00", "03T19:01"]), three, "no evening");
    assert_eq!(without(&["03T19:01"]), three, "one reading is no session");
    let mut today = full.clone();
    today.push(("05T07:00".to_owned(), "140/90"));
    let named = holding(judge(&nice(), &cuff(&today))).readings;
    assert_eq!(
        named.last(),
        Some(&id("04T19:01")),
        "a day begun is no evidence"
    );
    let lenient = rule(&NICE.replace("sessions_a_day_min=2", "sessions_a_day_min=1"));
    let mut evening_missing = full.clone();
    evening_missing.retain(|(time, _)| !time.starts_with("03T19"));
    assert_eq!(
        average(&lenient, &cuff(&evening_missing)).unwrap().readings,
        10
    );
}

#[test]
fn readings_too_close_together_or_between_sessions_are_left_out() {
    let mut readings = days(&["120/70", "140/90", "140/90", "140/90"]);
    readings.push(("04T07:01:30".to_owned(), "200/120"));
    readings.push(("04T05:59".to_owned(), "200/120"));
    readings.push(("04T12:00".to_owned(), "200/120"));
    let kept = average(&nice(), &cuff(&readings)).unwrap();
    assert_eq!(
        (kept.readings, kept.systolic.to_string()),
        (12, "140.0".to_owned())
    );
    let named = holding(judge(&nice(), &cuff(&readings))).readings;
    assert!(!named.contains(&id("04T05:59")) && !named.contains(&id("04T12:00")));
    readings.push(("04T07:02".to_owned(), "153/90"));
    let more = average(&nice(), &cuff(&readings)).unwrap();
    assert_eq!(
        (more.readings, more.systolic.to_string()),
        (13, "141.0".to_owned())
    );
}

#[test]
fn a_reading_without_its_other_half_is_left_out() {
    let mut history = cuff(&days(&["120/70", "140/90", "140/90", "140/90"]));
    put(&mut history, VitalSign::Systolic, "04T19:02", "200", false);
    assert_eq!(average(&nice(), &history).unwrap().readings, 12);
}

#[test]
fn only_the_last_days_count() {
    let weeks = cuff(&days(&[
        "190/110", "190/110", "120/70", "130/80", "130/80", "130/80", "130/80", "130/80", "130/80",
    ]));
    let found = average(&nice(), &weeks).unwrap();
    assert_eq!((found.days, found.readings), (7, 24));
    assert_eq!(found.systolic.to_string(), "130.0");
    assert_eq!(judge(&nice(), &weeks), Judgement::DoesNotHold);
    let RuleKind::HomeAverage(home) = nice().kind().clone() else {
        panic!("a home average");
    };
    let earlier = home.average(&weeks, at("04T23:00")).unwrap();
    assert_eq!(earlier.days, 4);
}
