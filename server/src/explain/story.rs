//! Story: what a journal tells of one alert, gathered row by row.

use std::collections::BTreeMap;

use clinical::case::Suspicion;
use clinical::looked_at::{LookedAt, looked_at};
use clinical::papers::Papers;
use clinical::{
    AlertNumber, Case, Decision, Event, Evidence, PersonId, Plan, Priority, Problem, ReadingStored,
};
use jiff::Timestamp;
use vitals::ReadingId;

use super::steps;
use crate::history::applied;
use crate::store::journal::JournalRow;

/// A reading with the time that it was stored.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) reading: ReadingStored,
    pub(super) stored_at: Timestamp,
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
    pub(super) steps: Vec<(Timestamp, String)>,
    /// Who answered from when.
    pub(super) answered: Vec<(Timestamp, PersonId)>,
    /// When and how it ended.
    pub(super) ended: Option<(Timestamp, String)>,
}

/// Follows a journal and gathers one alert's story.
#[derive(Debug)]
pub(super) struct Teller {
    number: AlertNumber,
    case: Option<Case>,
    /// The patient's readings until the alert was raised: a rule may name one of weeks before.
    seen: BTreeMap<ReadingId, Seen>,
    numbers: Vec<AlertNumber>,
    story: Option<Story>,
}

impl Teller {
    pub(super) fn new(number: AlertNumber) -> Self {
        Self {
            number,
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
            self.seen.insert(reading.id, Seen { reading, stored_at });
        }
        let opened = row.decisions.iter().filter_map(|it| match it {
            Decision::OpenAlert { alert, .. } => Some(*alert),
            _ => None,
        });
        self.numbers.extend(opened);
        if let Some(opened) = self.opened(row, before.as_ref(), &after) {
            self.story = Some(opened);
        }
        self.go_on(row, &after);
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
            answered: Vec::new(),
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

    fn go_on(&mut self, row: &JournalRow, after: &Case) {
        let Some(story) = &mut self.story else {
            return;
        };
        let zone = &story.plan.care.zone;
        let told = steps::told(self.number, row, after, zone);
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
        story.steps.extend(told.into_iter().map(|it| (row.at, it)));
        story.ended = steps::ended(self.number, &row.decisions)
            .map(|how| (row.at, how))
            .or(story.ended.take())
            .filter(|_| after.alert(self.number).is_none());
        if let Some(alert) = after.alert(self.number) {
            story.priority = alert.priority;
            let answers = after.who_answers(alert);
            if story.answered.last().is_none_or(|(_, it)| it != answers) {
                story.answered.push((row.at, answers.clone()));
            }
        }
    }
}

/// Gives the readings that a piece of evidence names, oldest first.
fn readings_of(evidence: &Evidence) -> Vec<ReadingId> {
    let held = evidence.holdings.iter().flat_map(|it| &it.readings);
    held.copied().chain(evidence.reading).collect()
}
