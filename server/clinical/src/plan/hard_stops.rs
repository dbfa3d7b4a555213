//! Hard stops: how far a plan may go before a prescriber must say why.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::Decimal;

use super::leaning::{Leaning, leaning};
use super::matter::Line;
use super::particulars::Particulars;
use super::{Matter, Plan, Setting};
use crate::alert::Priority;
use crate::score::Spo2Scale;
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// The floors and ceilings that an ordinary nurse cannot cross, as their file says them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct HardStops(Written);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    limits: BTreeMap<VitalSign, BTreeMap<Line, Bound>>,
    urgent_repeat_minutes: Most,
    urgent_take_minutes: Most,
    urgent_act_minutes: Most,
    review_days: Most,
    scale_two: Prescribed,
}

/// How far a limit may be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<Decimal>,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Most {
    at_most: u32,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prescribed {
    source: String,
}

/// Hard stops that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HardStopsError {
    /// A number without its source.
    #[error("{0} needs a source")]
    NoSource(String),
    /// A bound without a number, or whose ends are the wrong way round.
    #[error("{0} needs at_least or at_most, and at_least under at_most")]
    Bound(Matter),
}

/// One hard stop that a plan goes beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossed {
    /// What it is about.
    pub what: Matter,
    /// What the plan would say.
    pub found: Option<Setting>,
    /// How far it may go.
    pub allowed: String,
    /// Where the stop is from.
    pub source: String,
}

impl Crossed {
    /// Says what the stop is: `Oxygen, low urgent limit: 80 is beyond the hard stop (at least 85).`
    pub fn sentence(&self) -> String {
        let what = capitalised(&self.what.words());
        let found = match &self.found {
            Some(setting) => setting.words(),
            None => "taking it away".to_owned(),
        };
        let allowed = &self.allowed;
        format!("{what}: {found} is beyond the hard stop ({allowed}).")
    }
}

impl HardStops {
    /// Lists the hard stops that a plan goes beyond. What the plan in force says already is no new crossing, nor is a step
    /// back towards the stop; taking away what has a stop is one.
    pub fn crossed(&self, current: Option<&Plan>, wanted: &Plan) -> Vec<Crossed> {
        let of = |plan: &Plan| Particulars::of(&plan.limits, &plan.care);
        let (old, new) = (current.map(of).unwrap_or_default(), of(wanted));
        let all = self.beyond(&old, &new);
        let mut crossed: Vec<Crossed> = all
            .into_iter()
            .filter(|it| {
                let (old, new) = (old.get(&it.what), new.get(&it.what));
                let stands = old
                    .zip(new)
                    .is_some_and(|(old, new)| old.says_the_same_as(new));
                let nears = old.is_some() && leaning(old, new, &it.what) == Leaning::Tightened;
                !stands && !nears
            })
            .collect();
        crossed.extend(self.review(wanted));
        crossed
    }

    /// Tells whether a plan is beyond a hard stop, whoever let it.
    pub fn is_beyond(&self, plan: &Plan) -> bool {
        !self.crossed(None, plan).is_empty()
    }

    /// Finds everything beyond a stop, new or not.
    fn beyond(&self, old: &Particulars, new: &Particulars) -> Vec<Crossed> {
        let mut found = self.limits(old, new);
        for (matter, setting) in new.iter() {
            let stop = match (matter, setting) {
                (Matter::Confirmation(_), Setting::Confirmation(it)) => {
                    let most = &self.0.urgent_repeat_minutes;
                    most.stop("a repeat", it.urgent_minutes.unwrap_or(0))
                }
                (Matter::Response(Priority::Urgent), Setting::Response(it)) => {
                    let take = &self.0.urgent_take_minutes;
                    let act = &self.0.urgent_act_minutes;
                    take.stop("taking it", it.take_minutes)
                        .or_else(|| act.stop("acting on it", it.act_minutes))
                }
                (Matter::Score, Setting::Score(it)) => {
                    let is_two = it.settings().scale == Spo2Scale::Two;
                    let source = &self.0.scale_two.source;
                    is_two.then(|| ("scale 2 only by a prescriber".to_owned(), source))
                }
                _ => None,
            };
            if let Some((allowed, source)) = stop {
                found.push(crossing(matter.clone(), Some(setting), allowed, source));
            }
        }
        let urgent = Matter::Response(Priority::Urgent);
        if old.get(&urgent).is_some() && new.get(&urgent).is_none() {
            let allowed = "urgent alerts need a response".to_owned();
            let source = &self.0.urgent_take_minutes.source;
            found.push(crossing(urgent, None, allowed, source));
        }
        found
    }

    fn limits(&self, old: &Particulars, new: &Particulars) -> Vec<Crossed> {
        let stops = self.0.limits.iter().flat_map(|(sign, lines)| {
            let of_sign = lines.iter();
            of_sign.map(|(line, bound)| (Matter::Limit(*sign, *line), bound))
        });
        let crossed = stops.filter_map(|(matter, bound)| {
            let (was, is) = (old.get(&matter), new.get(&matter));
            let is_beyond = match is {
                Some(Setting::Limit { at, .. }) => !bound.has(at),
                _ => was.is_some(),
            };
            is_beyond.then(|| crossing(matter, is, bound.words(), &bound.source))
        });
        crossed.collect()
    }

    /// A review that is too far away is one whatever the plan in force says: its day moves with the plan's.
    fn review(&self, wanted: &Plan) -> Option<Crossed> {
        let term = wanted.care.term.as_ref()?;
        let most = &self.0.review_days;
        let from = wanted.care.zone.date(wanted.in_force_from);
        let last = from.saturating_add(i64::from(most.at_most).days());
        let is_beyond = term.review_by.is_some_and(|by| by > last);
        is_beyond.then(|| {
            let allowed = format!("a review within {} days", most.at_most);
            let setting = Setting::Term(term.clone());
            crossing(Matter::Term, Some(&setting), allowed, &most.source)
        })
    }
}

fn crossing(what: Matter, found: Option<&Setting>, allowed: String, source: &str) -> Crossed {
    Crossed {
        what,
        found: found.cloned(),
        allowed,
        source: source.to_owned(),
    }
}

impl Bound {
    fn has(&self, value: &Decimal) -> bool {
        let is_over = self.at_most.is_some_and(|it| value.compare(&it).is_gt());
        let is_under = self.at_least.is_some_and(|it| value.compare(&it).is_lt());
        !is_over && !is_under
    }

    fn words(&self) -> String {
        let ends = [("at least", self.at_least), ("at most", self.at_most)];
        let ends = ends
            .into_iter()
            .filter_map(|(side, at)| Some(format!("{side} {}", at?.plain())));
        ends.collect::<Vec<_>>().join(", ")
    }
}

impl Most {
    fn stop(&self, of: &str, minutes: u32) -> Option<(String, &String)> {
        let allowed = || format!("at most {} min for {of}", self.at_most);
        (minutes > self.at_most).then(|| (allowed(), &self.source))
    }
}

impl TryFrom<Written> for HardStops {
    type Error = HardStopsError;

    fn try_from(it: Written) -> Result<Self, HardStopsError> {
        let sources = [
            ("urgent_repeat_minutes", &it.urgent_repeat_minutes.source),
            ("urgent_take_minutes", &it.urgent_take_minutes.source),
            ("urgent_act_minutes", &it.urgent_act_minutes.source),
            ("review_days", &it.review_days.source),
            ("scale_two", &it.scale_two.source),
        ];
        if let Some((name, _)) = sources.iter().find(|(_, it)| it.trim().is_empty()) {
            return Err(HardStopsError::NoSource((*name).to_owned()));
        }
        for (sign, lines) in &it.limits {
            for (line, bound) in lines {
                let matter = Matter::Limit(*sign, *line);
                if bound.source.trim().is_empty() {
                    return Err(HardStopsError::NoSource(matter.to_string()));
                }
                let is_empty = bound.at_least.is_none() && bound.at_most.is_none();
                let ends = bound.at_least.zip(bound.at_most);
                if is_empty || ends.is_some_and(|(least, most)| least.compare(&most).is_ge()) {
                    return Err(HardStopsError::Bound(matter));
                }
            }
        }
        Ok(Self(it))
    }
}

impl From<HardStops> for Written {
    fn from(stops: HardStops) -> Self {
        stops.0
    }
}
