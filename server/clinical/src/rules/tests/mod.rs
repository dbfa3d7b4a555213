//! Rules: judged at every edge, and the histories that the tests judge by.

mod anything;
mod change;
mod combined;
mod home_average;
mod n_of_m;
mod trend;
mod usual;
mod written;

use jiff::Timestamp;
use vitals::ReadingId;

use super::{Holding, Judgement, Rule};
use crate::history::{History, Point};
use crate::sign::VitalSign;

/// Reads a rule written as TOML, without its id, priority and source.
fn rule(kind: &str) -> Rule {
    toml::from_str(&format!(
        "id = 'a-rule'\npriority = 'soon'\nsource = 'a test'\n{kind}"
    ))
    .unwrap()
}

/// Reads a time of November 2026, UTC: `03T07:00` or `03T07:00:30`.
fn at(text: &str) -> Timestamp {
    let seconds = if text.len() == 8 { ":00" } else { "" };
    format!("2026-11-{text}{seconds}Z").parse().unwrap()
}

/// Gives the id of a test's reading: its time of measurement, so that a test can name it.
fn id(text: &str) -> ReadingId {
    format!("{:032x}", at(text).as_microsecond())
        .parse()
        .unwrap()
}

fn put(history: &mut History, sign: VitalSign, time: &str, value: &str, is_irregular: bool) {
    let zone = "UTC0".parse().unwrap();
    let point = Point::new(
        at(time),
        &zone,
        value.parse().unwrap(),
        id(time),
        is_irregular,
    );
    history.insert_point(sign, point);
}

/// Makes a history of one sign: `01T07:00 81.2, 02T07:00 81.5`. A value with a `!` carries the irregular-pulse mark.
fn history(sign: VitalSign, readings: &str) -> History {
    let mut history = History::default();
    for reading in readings.split(',').filter(|it| !it.trim().is_empty()) {
        let (time, value) = reading.trim().split_once(' ').unwrap();
        put(
            &mut history,
            sign,
            time,
            value.trim_end_matches('!'),
            value.ends_with('!'),
        );
    }
    history
}

fn weights(readings: &str) -> History {
    history(VitalSign::Weight, readings)
}

fn judge(rule: &Rule, history: &History) -> Judgement {
    rule.evaluate(history, Timestamp::MAX)
}

fn holding(judgement: Judgement) -> Holding {
    match judgement {
        Judgement::Holds(holding) => *holding,
        other => panic!("should hold: {other:?}"),
    }
}

fn lack(judgement: &Judgement) -> String {
    match judgement {
        Judgement::NotEnoughYet(lack) => lack.to_string(),
        other => panic!("should lack something: {other:?}"),
    }
}
