//! One patient's readings, failed attempts and latest values as rows of text.

use clinical::{Level, Problem};

use super::local_time::{LocalTime, Shown};
use super::trend::{self, PROBLEMS};
use super::words;
use crate::store::patient_page::{StoredAttempt, StoredPlan, StoredReading};
use crate::store::strikes::Struck;

/// How a reading stands to the limits that were in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// `in range`, `no limits set`, or the limits that were reached.
    pub(crate) text: String,
    /// A class for its colour; the text says the same.
    pub(crate) class: &'static str,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadingView {
    /// Which reading.
    pub(crate) id: String,
    /// `Blood pressure`.
    pub(crate) what: &'static str,
    /// `152/94 mmHg`.
    pub(crate) value: String,
    /// `71 a minute`.
    pub(crate) pulse: Option<String>,
    /// Inside or outside the limits.
    pub(crate) standing: Standing,
    /// When it was measured.
    pub(crate) measured: Shown,
    /// When the gateway received it.
    pub(crate) arrived: Shown,
    /// Its doubts, in words.
    pub(crate) doubts: String,
    /// The device's label.
    pub(crate) device: String,
    /// Somebody marked it as wrong.
    pub(crate) struck: Option<Struck>,
}

/// One failed attempt. It has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttemptView {
    /// What happened.
    pub(crate) what: String,
    /// When.
    pub(crate) measured: Shown,
    /// When the gateway received it.
    pub(crate) arrived: Shown,
    /// Its doubts, in words.
    pub(crate) doubts: String,
    /// The device's label.
    pub(crate) device: String,
}

/// The latest value of one thing that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LatestView {
    /// `Blood pressure`.
    pub(crate) what: String,
    /// `152/94 mmHg`.
    pub(crate) value: String,
    /// Inside or outside the limits.
    pub(crate) standing: Standing,
    /// When it was measured.
    pub(crate) measured: Shown,
}

impl ReadingView {
    /// Puts a reading into words.
    pub(crate) fn new(stored: &StoredReading, plans: &[StoredPlan], local: &LocalTime) -> Self {
        let reading = &stored.reading;
        Self {
            id: reading.id.to_string(),
            what: words::measured(&reading.vital),
            value: words::value(&reading.vital),
            pulse: words::pulse(&reading.vital),
            standing: standing(&trend::marks(stored, plans)),
            measured: local.show(reading.times.measured_at),
            arrived: local.show(reading.times.received_at),
            doubts: words::marks(&reading.quality),
            device: stored.device_label.clone(),
            struck: stored.struck.clone(),
        }
    }
}

impl AttemptView {
    /// Puts a failed attempt into words.
    pub(crate) fn new(stored: &StoredAttempt, local: &LocalTime) -> Self {
        Self {
            what: words::failed(&stored.device_kind, stored.reason),
            measured: local.show(stored.measured_at),
            arrived: local.show(stored.received_at),
            doubts: words::marks(&stored.quality),
            device: stored.device_label.clone(),
        }
    }
}

/// Finds the latest value of everything that is watched, in the order of the charts. `readings` are newest first.
pub(crate) fn latest(
    readings: &[StoredReading],
    plans: &[StoredPlan],
    local: &LocalTime,
) -> Vec<LatestView> {
    PROBLEMS
        .into_iter()
        .filter_map(|problem| latest_of(problem, readings, plans, local))
        .collect()
}

fn latest_of(
    problem: Problem,
    readings: &[StoredReading],
    plans: &[StoredPlan],
    local: &LocalTime,
) -> Option<LatestView> {
    readings.iter().find_map(|stored| {
        let mut marks = trend::marks(stored, plans);
        marks.retain(|mark| mark.sign.problem() == problem);
        let first = marks.first()?;
        let values: Vec<String> = marks.iter().map(|mark| mark.value.plain()).collect();
        Some(LatestView {
            what: words::problem_title(problem),
            value: format!("{}{}", values.join("/"), first.sign.unit()),
            standing: standing(&marks),
            measured: local.show(stored.reading.times.measured_at),
        })
    })
}

fn standing(marks: &[super::chart::Mark]) -> Standing {
    let breaches = || {
        marks
            .iter()
            .filter_map(|mark| Some((mark.sign, mark.breach?)))
    };
    let worst = breaches().map(|(_, breach)| breach.level).max();
    let said: Vec<String> = breaches()
        .map(|(sign, breach)| {
            let (sign, level) = (sign.name(), words::level(breach.level));
            format!("{sign} reached {level} limit {}", breach.limit.plain())
        })
        .collect();
    match worst {
        None if marks.iter().any(|mark| mark.is_limited) => Standing {
            text: "in range".to_owned(),
            class: "inside",
        },
        None => Standing {
            text: "no limits set".to_owned(),
            class: "unjudged",
        },
        Some(level) => Standing {
            text: said.join(", "),
            class: match level {
                Level::Soon => "soon",
                Level::Urgent => "urgent",
            },
        },
    }
}
