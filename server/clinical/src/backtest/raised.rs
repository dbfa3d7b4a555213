//! Raised: the alerts that a run of decisions opens, and how they end.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::alert::{AlertNumber, Evidence, Outcome, Priority, Problem};
use crate::case::Case;
use crate::decision::Decision;
use crate::sentence::{rule_names, why};

/// An alert as a back-test tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// Its number in the run that raised it.
    pub alert: AlertNumber,
    /// What was wrong.
    pub problem: Problem,
    /// The worst that it became.
    pub priority: Priority,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The day of it in the home.
    pub day: Date,
    /// When it ended; `None` when it was still open at the end.
    pub ended_at: Option<Timestamp>,
    /// How it ended, if a person closed it. An outcome that means action stays, whatever followed a reopening.
    pub outcome: Option<Outcome>,
    /// Why it was raised, in a sentence.
    pub why: String,
    /// The rules that raised it, each by its name, as [`rule_names`] gives them.
    pub rules: Vec<String>,
}

impl Raised {
    /// Tells whether somebody acted on it for the patient.
    pub fn was_acted_on(&self) -> bool {
        self.outcome.is_some_and(Outcome::is_action)
    }

    /// Tells whether another alert was of the same problem and open while this one was.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let ends_before = |it: &Self, then: Timestamp| it.ended_at.is_some_and(|at| at < then);
        self.problem == other.problem
            && !ends_before(self, other.opened_at)
            && !ends_before(other, self.opened_at)
    }
}

/// What is noted of decisions as they come.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    from: Timestamp,
    to: Timestamp,
    /// Everything that was raised, also outside the time that counts, by number.
    raised: Vec<Raised>,
    repeats: u32,
}

impl Watch {
    pub(super) fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            raised: Vec::new(),
            repeats: 0,
        }
    }

    /// Notes decisions; `case` is the case after them.
    pub(super) fn see(&mut self, at: Timestamp, decisions: &[Decision], case: &Case) {
        let mut newest = None;
        for decision in decisions {
            if let Decision::AddEvidence { evidence, .. } = decision {
                newest = Some(evidence.as_ref());
            }
            self.see_one(at, decision, newest, case);
        }
    }

    /// `newest` is the evidence before the decision, which an alert became worse by.
    fn see_one(
        &mut self,
        at: Timestamp,
        decision: &Decision,
        newest: Option<&Evidence>,
        case: &Case,
    ) {
        match decision {
            Decision::OpenAlert {
                alert,
                problem,
                priority,
                evidence,
                ..
            } => self.raised.push(Raised {
                alert: *alert,
                problem: *problem,
                priority: *priority,
                opened_at: at,
                day: case.plan().care.zone.date(at),
                ended_at: None,
                outcome: None,
                why: why(evidence),
                rules: rule_names(evidence),
            }),
            Decision::Worsen { alert, to, .. } => self.change(*alert, |it| {
                it.priority = it.priority.max(*to);
                it.why = newest.map_or_else(|| it.why.clone(), why);
            }),
            Decision::Close { alert, outcome, .. } => {
                self.change(*alert, |it| {
                    it.ended_at = Some(at);
                    it.outcome = it.outcome.filter(|it| it.is_action()).or(Some(*outcome));
                });
            }
            Decision::EndByItself { alert } => self.change(*alert, |it| it.ended_at = Some(at)),
            Decision::Reopen { alert, .. } => self.change(*alert, |it| it.ended_at = None),
            Decision::AskForRepeat { .. } | Decision::WantRepeat { .. }
                if self.from <= at && at < self.to =>
            {
                self.repeats = self.repeats.saturating_add(1);
            }
            _ => {}
        }
    }

    fn change(&mut self, alert: AlertNumber, change: impl FnOnce(&mut Raised)) {
        // What changes is among the newest.
        let found = self.raised.iter_mut().rev().find(|it| it.alert == alert);
        if let Some(raised) = found {
            change(raised);
        }
    }

    /// Gives everything that was raised, oldest first.
    pub(super) fn all(&self) -> &[Raised] {
        &self.raised
    }

    /// Gives what was raised in the time that counts, oldest first.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Raised> {
        let counts = |it: &&Raised| self.from <= it.opened_at && it.opened_at < self.to;
        self.raised.iter().filter(counts)
    }

    /// Gives how many requests for a repeat there were in the time that counts.
    pub(super) fn repeats(&self) -> u32 {
        self.repeats
    }

    /// Tells whether an alert that counts has not ended.
    pub(super) fn waits(&self) -> bool {
        self.counted().any(|it| it.ended_at.is_none())
    }
}
