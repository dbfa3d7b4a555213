//! Summaries: a rule in a few words, as changes of plans name it.

use super::words;
use super::{Change, FromBaseline, HomeAverage, Part, RuleKind};
use crate::limits::Level;

impl RuleKind {
    /// Says the rule in a few words: `weight rising by 2 kg within 3 days`.
    pub fn words(&self) -> String {
        match self {
            Self::NOfM(it) => format!(
                "{} of {} {} readings {} within {}",
                it.n,
                it.m,
                it.sign.name(),
                words::limit(it.sign, it.side, it.limit),
                words::count(it.within_days, "day")
            ),
            Self::Change(it) => change(it),
            Self::AgainstMedian(it) => format!(
                "{} {} {} the median of {}",
                it.sign.name(),
                words::quantity(it.sign, it.at_least),
                it.direction.preposition(),
                words::count(it.median_days, "day")
            ),
            Self::FromBaseline(it) => from_baseline(it),
            Self::HomeAverage(it) => home_average(it),
            Self::Trend(it) => format!(
                "{} {} by {} a week over {}",
                it.sign.name(),
                it.direction.participle(),
                words::quantity(it.sign, it.per_week_at_least),
                words::count(it.days, "day")
            ),
            Self::Combined(it) => {
                let parts: Vec<String> = it.all.iter().map(part).collect();
                let hours = words::count(it.within_hours, "hour");
                format!("{} within {hours}", words::joined(&parts, "and"))
            }
            Self::IrregularPulse(it) => format!(
                "an irregular pulse in {} of {} sessions within {}",
                it.sessions_with_min,
                it.of_sessions,
                words::count(it.within_days, "day")
            ),
        }
    }
}

fn change(it: &Change) -> String {
    format!(
        "{} {} by {} within {}",
        it.sign.name(),
        it.direction.participle(),
        words::quantity(it.sign, it.at_least),
        words::count(it.within_days, "day")
    )
}

fn from_baseline(it: &FromBaseline) -> String {
    let limits = it.limits.lines().into_iter().map(|line| {
        let level = match line.level {
            Level::Soon => "",
            Level::Urgent => " (urgent)",
        };
        format!("{}{level}", words::quantity(it.sign, line.limit))
    });
    let limits: Vec<String> = limits.collect();
    format!(
        "{} {} from {}",
        it.sign.name(),
        words::joined(&limits, "or"),
        words::quantity(it.sign, it.baseline)
    )
}

fn home_average(it: &HomeAverage) -> String {
    let first = format!(
        "average of {} days at {}/{} mmHg",
        it.days_min,
        it.systolic_limit.plain(),
        it.diastolic_limit.plain()
    );
    match &it.second {
        None => first,
        Some(second) => format!(
            "{first}, {} at {}/{} mmHg",
            second.priority.name(),
            second.systolic_limit.plain(),
            second.diastolic_limit.plain()
        ),
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Limit { sign, side, limit } => {
            format!("{} {}", sign.name(), words::limit(*sign, *side, *limit))
        }
        Part::Change(it) => change(it),
        Part::Symptom { symptom } => symptom.as_str().replace('-', " "),
    }
}
