//! Scores that a clinician can read: every edge of every band, whole scores, partial ones and plan rules.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;

use clinical::Priority;
use clinical::score::{
    Acvpu, Bands, Input, Inputs, MissingReason, Parameter, Score, ScoreFinding, ScoreRule,
    ScoreSettings, ScoreTable, Spo2Scale, Thresholds, score,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vitals::Decimal;

#[path = "scores/laws.rs"]
mod laws;

fn table() -> ScoreTable {
    toml::from_str(&table_text()).unwrap()
}

fn table_text() -> String {
    fs::read_to_string("../../config/scores/news2.toml").unwrap()
}

fn now() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn input<T>(value: T, minutes_old: i64) -> Input<T> {
    Input {
        value,
        measured_at: now() - SignedDuration::from_mins(minutes_old),
        reading: None,
    }
}

/// Reads every case of a folder, in the order of their names.
fn cases<T: DeserializeOwned>(folder: &str) -> Vec<(String, T)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |file: std::path::PathBuf| {
        let case = serde_json::from_str(&fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file.file_stem().unwrap().to_str().unwrap().to_owned(), case)
    };
    files.into_iter().map(read).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BandCase {
    title: String,
    source: String,
    parameter: Parameter,
    scale: Spo2Scale,
    on_oxygen: Option<bool>,
    /// A value and its points.
    rows: Vec<(String, u8)>,
}

impl BandCase {
    fn inputs(&self, value: &str) -> Inputs {
        let number = || Some(input(value.parse::<Decimal>().unwrap(), 0));
        let mut inputs = Inputs {
            on_oxygen: self.on_oxygen.map(|it| input(it, 0)),
            ..Inputs::default()
        };
        match self.parameter {
            Parameter::RespiratoryRate => inputs.respiratory_rate = number(),
            Parameter::Spo2 => inputs.spo2 = number(),
            Parameter::Systolic => inputs.systolic = number(),
            Parameter::Pulse => inputs.pulse = number(),
            Parameter::Temperature => inputs.temperature = number(),
            Parameter::AirOrOxygen => {
                assert!(value == "air" || value == "oxygen", "{value}");
                inputs.on_oxygen = Some(input(value == "oxygen", 0));
            }
            Parameter::Consciousness => {
                let level: Acvpu = serde_json::from_value(value.into()).unwrap();
                inputs.consciousness = Some(input(level, 0));
            }
        }
        inputs
    }
}

fn points_of(score: &Score, parameter: Parameter) -> Option<u8> {
    let part = score.parts().iter().find(|it| it.parameter == parameter)?;
    Some(part.points.get())
}

#[test]
fn every_value_scores_as_the_chart_says() {
    let table = table();
    let mut parameters = Vec::new();
    for (name, case) in cases::<BandCase>("tests/scores/bands") {
        assert!(!case.title.is_empty() && !case.source.is_empty(), "{name}");
        for (value, expected) in &case.rows {
            let score = score(&table, case.scale, &case.inputs(value), now());
            let found = points_of(&score, case.parameter);
            assert_eq!(found, Some(*expected), "{}: {value}", case.title);
        }
        parameters.push(case.parameter);
    }
    parameters.sort_unstable();
    parameters.dedup();
    assert_eq!(parameters, Parameter::ALL);
}

/// The rows are written by hand from the chart; this only sees that none of the table's edges was left out of them.
#[test]
fn every_edge_of_the_table_is_a_row() {
    let table = table();
    let chart = table.chart();
    let bands: BTreeMap<&str, &Bands> = BTreeMap::from([
        ("respiratory_rate", &chart.respiratory_rate),
        ("spo2_scale_1", &chart.spo2_scale_1),
        ("spo2_scale_2_on_air", &chart.spo2_scale_2.on_air),
        ("spo2_scale_2_on_oxygen", &chart.spo2_scale_2.on_oxygen),
        ("systolic", &chart.systolic),
        ("pulse", &chart.pulse),
        ("temperature", &chart.temperature),
    ]);
    let cases: BTreeMap<String, BandCase> = cases("tests/scores/bands").into_iter().collect();
    for (name, bands) in bands {
        let rows = &cases[name].rows;
        for edge in bands
            .list()
            .iter()
            .flat_map(|it| [it.from, it.to])
            .flatten()
        {
            let is_edge =
                |row: &&(String, u8)| row.0.parse::<Decimal>().unwrap().compare(&edge).is_eq();
            assert!(
                rows.iter().any(|row| is_edge(&row)),
                "{name} has no row for {edge}"
            );
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeCase {
    title: String,
    source: String,
    scale: Spo2Scale,
    inputs: Measured,
    /// How old an input is; one that is not named is new.
    #[serde(default)]
    minutes_old: BTreeMap<String, i64>,
    rule: Option<RuleOfCase>,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    respiratory_rate: Option<Decimal>,
    spo2: Option<Decimal>,
    on_oxygen: Option<bool>,
    systolic: Option<Decimal>,
    pulse: Option<Decimal>,
    consciousness: Option<Acvpu>,
    temperature: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleOfCase {
    complete: Thresholds,
    partial: Thresholds,
    inputs_age_minutes_max: Option<u32>,
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
enum Expected {
    Complete {
        points: BTreeMap<Parameter, u8>,
        total: u8,
        risk: String,
        priority: Option<Priority>,
        nurse: String,
        patient: String,
        raised: Option<Priority>,
    },
    Partial {
        points: BTreeMap<Parameter, u8>,
        total: u8,
        missing: Vec<String>,
        nurse: String,
        patient: String,
        raised: Option<Priority>,
    },
}

impl WholeCase {
    fn inputs(&self) -> Inputs {
        let it = &self.inputs;
        let age = |name: &str| self.minutes_old.get(name).copied().unwrap_or(0);
        Inputs {
            respiratory_rate: it
                .respiratory_rate
                .map(|it| input(it, age("respiratory_rate"))),
            spo2: it.spo2.map(|it| input(it, age("spo2"))),
            on_oxygen: it.on_oxygen.map(|it| input(it, age("on_oxygen"))),
            systolic: it.systolic.map(|it| input(it, age("systolic"))),
            pulse: it.pulse.map(|it| input(it, age("pulse"))),
            consciousness: it.consciousness.map(|it| input(it, age("consciousness"))),
            temperature: it.temperature.map(|it| input(it, age("temperature"))),
        }
    }

    /// Judges by the case's rule, or only scores where it has none.
    fn found(&self, table: &ScoreTable) -> ScoreFinding {
        let Some(rule) = &self.rule else {
            let score = score(table, self.scale, &self.inputs(), now());
            return ScoreFinding {
                score,
                reached: None,
            };
        };
        let rule = ScoreRule::try_from(ScoreSettings {
            table: table.clone(),
            scale: self.scale,
            complete: rule.complete.clone(),
            partial: rule.partial.clone(),
            inputs_age_minutes_max: rule.inputs_age_minutes_max,
            source: rule.source.clone(),
        });
        rule.unwrap().evaluate(&self.inputs(), now())
    }
}

#[test]
fn every_case_scores_as_written() {
    let table = table();
    let cases = cases::<WholeCase>("tests/scores/whole");
    assert!(cases.len() >= 38);
    for (name, case) in &cases {
        assert!(!case.source.is_empty(), "{name}: a case names its source");
        check(case, &case.found(&table));
    }
}

fn check(case: &WholeCase, found: &ScoreFinding) {
    let title = &case.title;
    let parts = found.score.parts().iter();
    let found_points: BTreeMap<_, _> = parts.map(|it| (it.parameter, it.points.get())).collect();
    let (points, total, nurse, patient, raised) = match (&case.expect, &found.score) {
        (
            Expected::Complete {
                points,
                total,
                risk,
                priority,
                nurse,
                patient,
                raised,
            },
            Score::Complete(news2),
        ) => {
            assert_eq!(&news2.response().risk, risk, "{title}");
            assert_eq!(news2.response().priority, *priority, "{title}");
            (points, total, nurse, patient, raised)
        }
        (
            Expected::Partial {
                points,
                total,
                missing,
                nurse,
                patient,
                raised,
            },
            Score::Partial(partial),
        ) => {
            let found = partial.missing().iter();
            let found: Vec<_> = found.map(|it| said(it.parameter, it.reason)).collect();
            assert_eq!(&found, missing, "{title}");
            (points, total, nurse, patient, raised)
        }
        (_, score) => panic!("{title}: {score:?}"),
    };
    assert_eq!(&found_points, points, "{title}");
    assert_eq!(found.score.points(), *total, "{title}");
    assert_eq!(&found.nurse_sentence(), nurse, "{title}");
    assert_eq!(&found.patient_sentence(), patient, "{title}");
    assert_eq!(found.priority(), *raised, "{title}");
    let stored = serde_json::to_string(found).unwrap();
    assert_eq!(
        &serde_json::from_str::<ScoreFinding>(&stored).unwrap(),
        found,
        "{title}"
    );
}

fn said(parameter: Parameter, reason: MissingReason) -> String {
    let word = |it: serde_json::Value| it.as_str().unwrap().to_owned();
    let parameter = word(serde_json::to_value(parameter).unwrap());
    format!(
        "{parameter}: {}",
        word(serde_json::to_value(reason).unwrap())
    )
}
