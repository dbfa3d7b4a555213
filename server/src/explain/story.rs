//! Story: what a journal tells of one alert, gathered row by row.

use std::collections::BTreeMap;

use clinical::case::Suspicion;
use clinical::looked_at::{LookedAt, looked_at};
use clinical::papers::Papers;
use clinical::{
    AlertNumber, Case, Decision, Event, Evidence, Plan, Priority, Problem, ReadingStored,
};
use jiff::Timestamp;
use vitals::ReadingId;

use super::answered::{Holding, held};
use super::names::Names;
use super::steps::{self, Step, Telling};
use crate::history::applied;
use crate::store::journal::JournalRow;

/// A reading with the time that it was stored.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) reading: ReadingStored,
    pub(super) stored_at: Timestamp,
    /// By whom it was struck out and why, if it was.
    pub(super) struck: Option<String>,
}

/// Everything that the journal tells of one alert.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) problem: Problem,
    /// The worst that it became.
    pub(super) priority: Priority,
    pub(super) opened_at: Timestamp,
    pub(super) row: i64,
    pub(super) rule_set_version: i64,
    /// The first breach that waited for its repeat, if one did.
    pub(super) suspicion: Option<Suspicion>,
    /// What raised it, oldest first.
    pub(super) evidence: Vec<Evidence>,
    pub(super) papers: Option<Papers>,
    pub(super) plan: Plan,
    /// What else the plan said of the reading that raised it.
    pub(super) looked_at: Vec<LookedAt>,
    /// The readings that it rests on.
    pub(super) readings: Vec<Seen>,
    /// The readings that it gathered since.
    pub(super) readings_since: Vec<Seen>,
    /// What was done and what followed, oldest first.
    pub(super) steps: Vec<Step>,
    /// Who had it from when.
    pub(super) holdings: Vec<Holding>,
    /// When and how it ended.
    pub(super) ended: Option<(Timestamp, String)>,
}

/// Follows a journal and gathers one alert's story.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    number: AlertNumber,
    names: &'a Names,
    case: Option<Case>,
    /// The patient's readings until the alert was raised: a rule may name one of weeks before.
    seen: BTreeMap<ReadingId, Seen>,
    numbers: Vec<AlertNumber>,
    story: Option<Story>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(number: AlertNumber, names: &'a Names) -> Self {
        Self {
            number,
            names,
            case: None,
            seen: BTreeMap::new(),
            numbers: Vec::new(),
            story: None,
        }
    }

    /// Takes the next row.
    pub(super) fn follow(&mut self, row: &JournalRow) -> anyhow::Result<()> {
        let before = self.case.take();
        let after = applied(before.clone(), row)?;
        if let Event::ReadingStored(reading) = &row.event {
            let stored_at = row.at;
            let reading = reading.clone();
            let seen = Seen {
                reading,
                stored_at,
                struck: None,
            };
            self.seen.insert(seen.reading.id, seen);
        }
        let opened = row.decisions.iter().filter_map(|it| match it {
            Decision::OpenAlert { alert, .. } => Some(*alert),
            _ => None,
        });
        self.numbers.extend(opened);
        if let Some(opened) = self.opened(row, before.as_ref(), &after) {
            self.story = Some(opened);
        }
        self.go_on(row, before.as_ref(), &after);
        self.case = Some(after);
        Ok(())
    }

    /// Gives the story, or the alerts that there are.
    pub(super) fn finish(self) -> Result<Story, Vec<AlertNumber>> {
        self.story.ok_or(self.numbers)
    }

    fn opened(&self, row: &JournalRow, before: Option<&Case>, after: &Case) -> Option<Story> {
        let (problem, priority, papers) = row.decisions.iter().find_map(|it| match it {
            Decision::OpenAlert {
                alert,
                problem,
                priority,
                papers,
                ..
            } if *alert == self.number => Some((*problem, *priority, papers)),
            _ => None,
        })?;
        let evidence: Vec<Evidence> = steps::evidence_of(self.number, &row.decisions)
            .cloned()
            .collect();
        Some(Story {
            problem,
            priority,
            opened_at: row.at,
            row: row.number,
            rule_set_version: row.rule_set_version,
            suspicion: before.and_then(|case| case.suspicion_of(problem)).cloned(),
            papers: papers.as_deref().cloned(),
            plan: after.plan().clone(),
            looked_at: self.said_of(&evidence, after),
            evidence,
            readings: Vec::new(),
            readings_since: Vec::new(),
            steps: Vec::new(),
            holdings: Vec::new(),
            ended: None,
        })
    }

    /// Asks the plan again what it says of the newest reading that raised the alert.
    fn said_of(&self, evidence: &[Evidence], after: &Case) -> Vec<LookedAt> {
        let mut newest_first = evidence.iter().rev();
        let newest = newest_first.find_map(|it| self.seen.get(it.reading.as_ref()?));
        newest.map_or_else(Vec::new, |seen| {
            looked_at(after, &seen.reading.values, seen.reading.measured_at)
        })
    }

    fn go_on(&mut self, row: &JournalRow, before: Option<&Case>, after: &Case) {
        let Some(story) = &mut self.story else {
            return;
        };
        let ids = steps::evidence_of(self.number, &row.decisions).flat_map(readings_of);
        for id in ids {
            let mut known = story.readings.iter().chain(&story.readings_since);
            if known.any(|it| it.reading.id == id) {
                continue;
            }
            let found = self.seen.get(&id).cloned();
            if row.number == story.row {
                story.readings.extend(found);
            } else {
                story.readings_since.extend(found);
            }
        }
        let telling = Telling {
            row,
            before,
            after,
            zone: &story.plan.care.zone,
            names: self.names,
        };
        let struck = telling.of_strike();
        let struck = struck
            .and_then(|it| strike(&mut story.readings, &mut story.readings_since, telling, it));
        let mut steps: Vec<Step> = struck.into_iter().collect();
        steps.extend(telling.steps(self.number));
        let ended = telling.ended(self.number).map(|how| (row.at, how));
        story.steps.extend(steps);
        let alert = after.alert(self.number);
        story.ended = ended.or(story.ended.take()).filter(|_| alert.is_none());
        if let Some(alert) = alert {
            story.priority = alert.priority;
        }
        let held = alert.map(held);
        if story.holdings.last().is_none_or(|it| it.held != held) {
            story.holdings.push(Holding {
                row: row.number,
                from: row.at,
                held,
            });
        }
    }
}

/// Notes beside a reading of the story that it was struck out, or is no longer.
fn strike(
    readings: &mut [Seen],
    since: &mut [Seen],
    telling: Telling<'_>,
    (reading, is_struck, told): (ReadingId, bool, String),
) -> Option<Step> {
    let mut all = readings.iter_mut().chain(since);
    let seen = all.find(|it| it.reading.id == reading)?;
    let which = telling.reading_of(seen.reading.measured_at);
    let step = telling.step(format!("{which} {told}"));
    seen.struck = is_struck.then_some(told);
    Some(step)
}

/// Gives the readings that a piece of evidence names, oldest first.
fn readings_of(evidence: &Evidence) -> Vec<ReadingId> {
    let held = evidence.holdings.iter().flat_map(|it| &it.readings);
    held.copied().chain(evidence.reading).collect()
}
