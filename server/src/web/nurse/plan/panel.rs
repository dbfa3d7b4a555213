//! The panel of a trial: what the proposed plan would have done, in counts and lists.

use std::collections::BTreeMap;

use clinical::backtest::{BackTest, Later, Raised};
use clinical::plan::{Change, Crossed, HardStops, Leaning, Matter, changes};
use clinical::{Level, Outcome, Plan};
use jiff::civil::Date;

use super::trial::{DAYS, NoTrial, Reclassed, Trial};
use crate::web::local_time::{LocalTime, Shown};
use crate::web::words::{self, capital, sign_title};

/// The most alerts that one list shows.
const LISTED_LEN_MAX: usize = 40;

/// One change of the plan, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeLine {
    pub(crate) text: String,
    /// Whether it may take care away.
    pub(crate) is_loosened: bool,
}

/// One line of counts: now and proposed, for each of [`DAYS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) what: String,
    pub(crate) counts: [u32; 4],
}

/// An alert of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlertLine {
    pub(crate) at: Shown,
    /// `Blood pressure, soon`.
    pub(crate) what: String,
    pub(crate) why: String,
    /// What somebody did; empty where nobody did anything.
    pub(crate) outcome: String,
}

/// A list of alerts, and how many of them are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlertList {
    pub(crate) lines: Vec<AlertLine>,
    pub(crate) more: usize,
}

/// A reading that would be of another class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReclassedLine {
    pub(crate) at: Shown,
    pub(crate) value: String,
    pub(crate) now: &'static str,
    pub(crate) proposed: &'static str,
}

/// What a trial found, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Findings {
    /// For each of [`DAYS`]: the days, and the sentence.
    pub(crate) sentences: Vec<(i64, String)>,
    /// Said where today's rules raise otherwise than was raised.
    pub(crate) rules_changed: bool,
    pub(crate) counts: Vec<Count>,
    pub(crate) missed: AlertList,
    pub(crate) later: AlertList,
    pub(crate) new: AlertList,
    pub(crate) reclassed: Vec<ReclassedLine>,
    pub(crate) reclassed_more: usize,
}

/// The panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Panel {
    pub(crate) changes: Vec<ChangeLine>,
    /// The hard stops that the plan goes beyond.
    pub(crate) stops: Vec<String>,
    pub(crate) findings: Option<Findings>,
    /// Why there are no findings.
    pub(crate) none: &'static str,
}

impl Panel {
    pub(crate) fn new(
        current: &Plan,
        proposed: &Plan,
        stops: &HardStops,
        tried: &Result<Trial, NoTrial>,
        local: &LocalTime,
    ) -> Self {
        let crossed = stops.crossed(Some(current), proposed);
        Self {
            changes: change_lines(current, proposed),
            stops: crossed.iter().map(Crossed::sentence).collect(),
            findings: tried.as_ref().ok().map(|it| Findings::new(it, local)),
            none: match tried {
                Err(NoTrial::Busy) => {
                    "Other people are trying plans at this moment. Nothing you typed is lost: wait a few seconds, then \
                     press Try again."
                }
                Err(NoTrial::TooLong) => {
                    "This patient's history is too long to try the plan on here. Nothing you typed is lost. Ask an \
                     administrator to run “server replay”, or decide without it."
                }
                Ok(_) => "",
            },
        }
    }
}

/// Lists what changes from one plan to another.
pub(crate) fn change_lines(from: &Plan, to: &Plan) -> Vec<ChangeLine> {
    let all = changes(from, to);
    let line = |it: &Change| ChangeLine {
        text: match it.what {
            Matter::Term => term_change(from, to),
            _ => it.sentence(),
        },
        is_loosened: it.leaning == Leaning::Loosened,
    };
    all.iter().map(line).collect()
}

/// Says how the days of review and end change: `Review by: 1 June 2026 instead of 1 May 2026.`
fn term_change(from: &Plan, to: &Plan) -> String {
    let day = |it: Option<Date>| {
        it.map_or("no day".to_owned(), |it| {
            it.strftime("%-d %B %Y").to_string()
        })
    };
    let of = |plan: &Plan| plan.care.term.clone().unwrap_or_default();
    let (from, to) = (of(from), of(to));
    let days = [
        ("Review by", from.review_by, to.review_by),
        ("Meant until", from.ends_on, to.ends_on),
        ("Starts on", from.starts_on, to.starts_on),
    ];
    let said = days.into_iter().filter(|(_, from, to)| from != to);
    let said =
        said.map(|(what, from, to)| format!("{what}: {} instead of {}.", day(to), day(from)));
    said.collect::<Vec<_>>().join(" ")
}

impl Findings {
    fn new(trial: &Trial, local: &LocalTime) -> Self {
        let [_, longer] = &trial.tests;
        let line = |it: &Raised| AlertLine::new(it, local);
        let reclassed = trial.reclassed.iter();
        Self {
            sentences: DAYS
                .into_iter()
                .zip(&trial.tests)
                .map(|(days, test)| (days, test.sentence()))
                .collect(),
            rules_changed: !longer.is_as_live(),
            counts: counts(&trial.tests),
            missed: listed(longer.missed.iter().rev().map(line)),
            later: listed(longer.later.iter().rev().map(|it| later(it, local))),
            new: listed(longer.new.iter().rev().map(line)),
            reclassed: reclassed.map(|it| ReclassedLine::new(it, local)).collect(),
            reclassed_more: trial.reclassed_len - trial.reclassed.len(),
        }
    }
}

fn counts(tests: &[BackTest; 2]) -> Vec<Count> {
    let [month, longer] = tests;
    let lines = |test: &BackTest| (test.load_in_force.lines(), test.load_proposed.lines());
    let ((a, b), (c, d)) = (lines(month), lines(longer));
    let mut counts: Vec<Count> = (0..a.len())
        .map(|at| Count {
            what: match a[at].0 {
                "alerts" => "All alerts".to_owned(),
                name => capital(name),
            },
            counts: [a[at].1, b[at].1, c[at].1, d[at].1],
        })
        .collect();
    let mut by_rule: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    for (column, raised) in [
        &month.in_force,
        &month.proposed,
        &longer.in_force,
        &longer.proposed,
    ]
    .into_iter()
    .enumerate()
    {
        for rule in raised.iter().flat_map(|it| &it.rules) {
            by_rule.entry(rule).or_default()[column] += 1;
        }
    }
    counts.extend(by_rule.into_iter().map(|(rule, counts)| Count {
        what: format!("By {rule}"),
        counts,
    }));
    counts
}

fn listed(all: impl ExactSizeIterator<Item = AlertLine>) -> AlertList {
    let more = all.len().saturating_sub(LISTED_LEN_MAX);
    AlertList {
        lines: all.take(LISTED_LEN_MAX).collect(),
        more,
    }
}

impl AlertLine {
    fn new(it: &Raised, local: &LocalTime) -> Self {
        Self {
            at: local.show(it.opened_at),
            what: format!("{}, {}", capital(it.problem.name()), it.priority.name()),
            why: it.why.clone(),
            outcome: it.outcome.map_or("", Outcome::label).to_owned(),
        }
    }
}

fn later(it: &Later, local: &LocalTime) -> AlertLine {
    let line = AlertLine::new(&it.live, local);
    let then = local.show(it.opened_at).text;
    AlertLine {
        outcome: format!(
            "{}; would have come {then}, as {}",
            line.outcome,
            it.priority.name()
        ),
        ..line
    }
}

impl ReclassedLine {
    fn new(it: &Reclassed, local: &LocalTime) -> Self {
        let class = |level: Option<Level>| level.map_or("in range", words::level);
        Self {
            at: local.show(it.at),
            value: format!(
                "{} {}{}",
                sign_title(it.sign),
                it.value.plain(),
                it.sign.unit()
            ),
            now: class(it.now),
            proposed: class(it.proposed),
        }
    }
}
