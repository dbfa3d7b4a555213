//! Rules as they are written: in TOML and JSON, with every wrong key and number refused by name.

use super::*;
use crate::alert::{Priority, Problem};
use crate::rules::{RuleKind, SOURCE_LEN_MAX};

/// One of each kind, as a template writes it.
const EVERY_KIND: &str = r#"
[[rules]]
id = "weight-gain-3d"
priority = "soon"
source = "ESC, heartfailurematters.org: over 2 kg in 3 days"
rule = "change"
sign = "weight"
direction = "rise"
at_least = "2"
within_days = 3
days_min = 1
same_time_of_day_hours = 4

[[rules]]
id = "oxygen-low-twice"
priority = "soon"
source = "NHSE C1396"
rule = "n_of_m"
sign = "spo2"
side = "low"
limit = "94"
n = 2
m = 3
within_days = 2

[[rules]]
id = "weight-over-usual"
priority = "check"
source = "ENGAGE-HF"
rule = "against_median"
sign = "weight"
direction = "rise"
at_least = "1.4"
median_days = 7
days_min = 4

[[rules]]
id = "dry-weight"
priority = "soon"
source = "agreed with the patient"
rule = "from_baseline"
sign = "weight"
baseline = "81.0"
limits = { urgent_low = "-5", soon_low = "-2", soon_high = "2", urgent_high = "4" }

[[rules]]
id = "home-average"
priority = "check"
source = "NICE NG136"
rule = "home_average"
systolic_limit = "135"
diastolic_limit = "85"
readings_apart_minutes_min = 1
readings_a_session_min = 2
sessions_a_day_min = 2
days_min = 4
days_max = 7
morning = "06:00-12:00"
evening = "18:00-24:00"
drop_first_day = true
second = { systolic_limit = "150", diastolic_limit = "95", priority = "soon" }

[[rules]]
id = "weight-drift"
priority = "check"
source = "HeartPhone, EJHF 2013"
rule = "trend"
sign = "weight"
direction = "rise"
per_week_at_least = "0.5"
days = 21
days_min = 10
agreement_percent_min = 70

[[rules]]
id = "wet-and-breathless"
priority = "urgent"
source = "local pathway"
rule = "combined"
all = [
  { part = "change", sign = "weight", direction = "rise", at_least = "1.5", within_days = 3, days_min = 1 },
  { part = "limit", sign = "spo2", side = "low", limit = "94" },
  { part = "symptom", symptom = "breathless-lying-down" },
]
within_hours = 24

[[rules]]
id = "irregular-again"
priority = "check"
source = "NICE NG136 1.1"
rule = "irregular_pulse"
sessions_with_min = 2
of_sessions = 3
within_days = 7
session_gap_minutes = 30
"#;

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Written {
    rules: Vec<Rule>,
}

pub(super) fn every_kind() -> Vec<Rule> {
    toml::from_str::<Written>(EVERY_KIND).unwrap().rules
}

fn refusal(toml: &str) -> String {
    toml::from_str::<Written>(toml).unwrap_err().to_string()
}

#[test]
pub(super) fn every_kind_is_read_from_toml_and_round_trips_through_json_and_toml() {
    let rules = Written {
        rules: every_kind(),
    };
    let json = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<Written>(&json).unwrap(), rules);
    let toml = toml::to_string(&rules).unwrap();
    assert_eq!(toml::from_str::<Written>(&toml).unwrap(), rules);
    let flat = serde_json::to_value(&rules.rules[0]).unwrap();
    assert_eq!(flat["rule"], "change");
    assert_eq!(flat["at_least"], "2");
}

/// A misspelt key must not leave a rule weaker than it was meant to be.
#[test]
fn a_key_that_is_not_known_is_refused_in_every_kind() {
    for rule in every_kind() {
        let mut json = serde_json::to_value(&rule).unwrap();
        assert!(serde_json::from_value::<Rule>(json.clone()).is_ok());
        let toml = format!("{}\nsame_time = 4\n", toml::to_string(&rule).unwrap());
        // A key after a table belongs to the table, which must refuse it too.
        let error = toml::from_str::<Rule>(&toml).unwrap_err().to_string();
        assert!(error.contains("same_time"), "{error}");
        json["same_time"] = 4.into();
        let error = serde_json::from_value::<Rule>(json).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `same_time`"),
            "{}: {error}",
            rule.id()
        );
    }
    for (from, to) in [
        ("part = \"limit\",", "part = \"limit\", unit = \"%\","),
        ("part = \"symptom\",", "part = \"symptom\", unit = \"%\","),
        ("part = \"change\",", "part = \"change\", unit = \"%\","),
        (
            "systolic_limit = \"150\",",
            "systolic_limit = \"150\", unit = \"%\",",
        ),
        ("urgent_low = \"-5\",", "unit = \"%\","),
    ] {
        assert!(EVERY_KIND.contains(from));
        let error = refusal(&EVERY_KIND.replace(from, to));
        assert!(error.contains("unknown field `unit`"), "{error}");
    }
    assert!(
        refusal(&EVERY_KIND.replace("rule = \"trend\"", "rule = \"trends\"")).contains("trends")
    );
}

/// What is written, what is written wrongly instead, and what the refusal says.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "at_least = \"2\"",
        "at_least = \"0\"",
        "rule weight-gain-3d: at_least must be over 0, found 0",
    ),
    (
        "at_least = \"2\"",
        "at_least = \"2.0005\"",
        "at_least must have at most 3 decimals",
    ),
    (
        "within_days = 3\n",
        "within_days = 29\n",
        "within_days must be 1 to 28, found 29",
    ),
    (
        "within_days = 3\n",
        "within_days = 0\n",
        "within_days must be 1 to 28, found 0",
    ),
    (
        "days_min = 1\n",
        "days_min = 4\n",
        "days_min must be 1 to 3, found 4",
    ),
    (
        "hours = 4",
        "hours = 12",
        "same_time_of_day_hours must be 1 to 11, found 12",
    ),
    ("n = 2\n", "n = 4\n", "n must be 1 to 3, found 4"),
    ("m = 3\n", "m = 21\n", "m must be 1 to 20, found 21"),
    (
        "median_days = 7\ndays_min = 4",
        "median_days = 1\ndays_min = 1",
        "median_days must be 2 to 28, found 1",
    ),
    (
        "median_days = 7\ndays_min = 4",
        "median_days = 7\ndays_min = 1",
        "days_min must be 2 to 7, found 1",
    ),
    (
        "baseline = \"81.0\"",
        "baseline = \"0\"",
        "baseline must be over 0",
    ),
    (
        "limits = { urgent_low = \"-5\", soon_low = \"-2\", soon_high = \"2\", urgent_high = \"4\" }",
        "limits = {}",
        "limits must name",
    ),
    (
        "soon_high = \"2\", ",
        "soon_high = \"5\", ",
        "limits must rise",
    ),
    (
        "diastolic_limit = \"85\"",
        "diastolic_limit = \"-85\"",
        "diastolic_limit must be over 0",
    ),
    (
        "diastolic_limit = \"95\"",
        "diastolic_limit = \"85.0\"",
        "second.diastolic_limit must be over",
    ),
    (
        "sessions_a_day_min = 2",
        "sessions_a_day_min = 3",
        "sessions_a_day_min must be 1 to 2",
    ),
    (
        "minutes_min = 1",
        "minutes_min = 61",
        "readings_apart_minutes_min must be 0 to 60",
    ),
    (
        "session_min = 2",
        "session_min = 0",
        "readings_a_session_min must be 1 to 6",
    ),
    (
        "days_min = 4\ndays_max",
        "days_min = 1\ndays_max",
        "days_min must be 2 to 7, found 1",
    ),
    ("days_max = 7", "days_max = 29", "days_max must be 1 to 28"),
    (
        "06:00-12:00",
        "06:00-18:01",
        "morning must end before evening",
    ),
    (
        "per_week_at_least = \"0.5\"",
        "per_week_at_least = \"-0.5\"",
        "per_week_at_least must be over 0",
    ),
    ("days = 21", "days = 2", "days must be 3 to 28"),
    ("days_min = 10", "days_min = 22", "days_min must be 3 to 21"),
    (
        "percent_min = 70",
        "percent_min = 101",
        "agreement_percent_min must be 1 to 100",
    ),
    (
        "within_hours = 24",
        "within_hours = 169",
        "within_hours must be 1 to 168",
    ),
    (
        "at_least = \"1.5\"",
        "at_least = \"0\"",
        "rule wet-and-breathless: at_least must be over 0",
    ),
    (
        "sessions_with_min = 2",
        "sessions_with_min = 4",
        "sessions_with_min must be 1 to 3",
    ),
    (
        "of_sessions = 3",
        "of_sessions = 57",
        "of_sessions must be 1 to 56",
    ),
    (
        "gap_minutes = 30",
        "gap_minutes = 0",
        "session_gap_minutes must be 1 to 720",
    ),
    (
        "source = \"ENGAGE-HF\"",
        "source = \" \"",
        "source must be 1 to 500",
    ),
];

#[test]
fn every_number_out_of_range_is_refused_by_its_name() {
    for (from, to, message) in WRONG {
        assert!(EVERY_KIND.contains(from), "{from}");
        let error = refusal(&EVERY_KIND.replace(from, to));
        assert!(error.contains(message), "{to}: {error}");
    }
    let source = "x".repeat(SOURCE_LEN_MAX);
    let written = |source: &str| EVERY_KIND.replace("ENGAGE-HF", source);
    assert!(toml::from_str::<Written>(&written(&source)).is_ok());
    assert!(refusal(&written(&format!("{source}x"))).contains("source must be"));
    assert!(refusal(&EVERY_KIND.replace("source = \"ENGAGE-HF\"\n", "")).contains("source"));
}

#[test]
fn a_combined_rule_has_two_to_six_parts() {
    let symptoms = |len: usize| {
        let all = vec!["{ part = 'symptom', symptom = 'a' }"; len].join(",");
        let kind = format!("rule = 'combined'\nall = [{all}]\nwithin_hours = 24");
        toml::from_str::<Rule>(&format!(
            "id = 'a'\npriority = 'soon'\nsource = 'b'\n{kind}"
        ))
    };
    assert!(
        symptoms(1)
            .unwrap_err()
            .to_string()
            .contains("all must be 2 to 6, found 1")
    );
    assert!(symptoms(2).is_ok() && symptoms(6).is_ok());
    assert!(symptoms(7).is_err());
}

#[test]
fn a_rule_says_which_signs_it_looks_at_and_which_problem_it_is() {
    let of = |kind: fn(&RuleKind) -> bool| {
        let rule = every_kind()
            .into_iter()
            .find(|rule| kind(rule.kind()))
            .unwrap();
        let signs: Vec<VitalSign> = rule.signs().collect();
        (signs, rule.problem(), rule.looks_at_answers())
    };
    use VitalSign::{Diastolic, Spo2, Systolic, Weight};
    assert_eq!(
        of(|it| matches!(it, RuleKind::NOfM(_))),
        (vec![Spo2], Problem::Oxygen, false)
    );
    assert_eq!(
        of(|it| matches!(it, RuleKind::Trend(_))),
        (vec![Weight], Problem::Weight, false)
    );
    assert_eq!(
        of(|it| matches!(it, RuleKind::HomeAverage(_))),
        (vec![Systolic, Diastolic], Problem::BloodPressure, false)
    );
    assert_eq!(
        of(|it| matches!(it, RuleKind::Combined(_))),
        (vec![Spo2, Weight], Problem::Deterioration, true)
    );
    assert_eq!(
        of(|it| matches!(it, RuleKind::IrregularPulse(_))),
        (vec![Systolic], Problem::PulseRhythm, false)
    );
    assert_eq!(every_kind()[0].priority(), Priority::Soon);
    assert!(every_kind()[0].source().starts_with("ESC"));
}

#[test]
pub(super) fn every_kind_lacks_something_of_an_empty_history() {
    let lacks: Vec<String> = every_kind()
        .iter()
        .map(|rule| lack(&judge(rule, &History::default())))
        .collect();
    assert_eq!(
        lacks,
        [
            "Not enough data yet: 0 of 1 day",
            "Not enough data yet: 0 of 2 readings",
            "Not enough data yet: 0 of 4 days",
            "Not enough data yet: 0 of 1 reading",
            "Not enough data yet: 0 of 4 days",
            "Not enough data yet: 0 of 10 days",
            "Not enough data yet: 0 of 3 recent values",
            "Not enough data yet: 0 of 2 sessions",
        ]
    );
}
