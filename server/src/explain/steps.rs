//! Steps: what happened to an alert, each in a line for people.

use clinical::sentence::why;
use clinical::{
    AlertNumber, Case, Condition, Decision, Event, Evidence, Ownership, PersonId, Zone,
};
use jiff::Timestamp;

use super::Clock;
use super::names::Names;
use crate::store::journal::JournalRow;

/// Lists the evidence that a row's decisions give to an alert, oldest first.
pub(super) fn evidence_of(
    number: AlertNumber,
    decisions: &[Decision],
) -> impl Iterator<Item = &Evidence> {
    decisions.iter().filter_map(move |it| match it {
        Decision::OpenAlert {
            alert, evidence, ..
        }
        | Decision::AddEvidence { alert, evidence }
            if *alert == number =>
        {
            Some(evidence.as_ref())
        }
        _ => None,
    })
}

/// What happened to an alert.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// By which journal row.
    pub(super) row: i64,
    /// When.
    pub(super) at: Timestamp,
    /// What, as a sentence without its end.
    pub(super) told: String,
    /// By when somebody must act, as what follows; empty when that did not change.
    pub(super) to_act: String,
    /// Whether it went up the chain, so that who answers for it then is worth a name.
    pub(super) went_up: bool,
}

/// A row of a journal, with the case before and after it, and how its times and people are told.
#[derive(Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) row: &'a JournalRow,
    pub(super) before: Option<&'a Case>,
    pub(super) after: &'a Case,
    pub(super) zone: &'a Zone,
    pub(super) names: &'a Names,
    pub(super) clock: Clock<'a>,
}

impl Telling<'_> {
    /// Tells what the row did to an alert.
    pub(super) fn steps(self, number: AlertNumber) -> Vec<Step> {
        let decisions = self.row.decisions.iter();
        let mut steps: Vec<Step> = decisions
            .filter_map(|it| {
                let of_judgement = self.of_judgement(number, it);
                let (told, respond_by) = of_judgement
                    .or_else(|| self.of_people(number, it))
                    .or_else(|| Some((self.of_nurses(number, it)?, None)))?;
                let went_up = matches!(it, Decision::StepUp { .. });
                let to_act = self.to_act(respond_by);
                Some(Step {
                    told,
                    to_act,
                    went_up,
                    ..self.step(String::new())
                })
            })
            .collect();
        match &self.row.event {
            Event::AlertClosed { alert, note, .. } | Event::AlertEscalated { alert, note, .. }
                if *alert == number && !note.trim().is_empty() =>
            {
                steps.push(self.step(format!("Note: {note}")));
            }
            Event::CoordinatorAssigned { coordinator } if self.after.alert(number).is_some() => {
                let coordinator = self.names.of(coordinator);
                steps.push(self.step(format!("the care coordinator is now {coordinator}")));
            }
            _ => {}
        }
        steps
    }

    /// Tells how an alert ended by the row.
    pub(super) fn ended(self, number: AlertNumber) -> Option<String> {
        self.row.decisions.iter().rev().find_map(|it| match it {
            Decision::Close {
                alert, by, outcome, ..
            } if *alert == number => Some(format!(
                "closed by {}: {}",
                self.names.of(by),
                outcome.label()
            )),
            Decision::EndByItself { alert } if *alert == number => {
                Some("ended by itself".to_owned())
            }
            _ => None,
        })
    }

    pub(super) fn step(self, told: String) -> Step {
        Step {
            row: self.row.number,
            at: self.row.at,
            told,
            to_act: String::new(),
            went_up: false,
        }
    }

    fn of_judgement(
        self,
        number: AlertNumber,
        decision: &Decision,
    ) -> Option<(String, Option<Timestamp>)> {
        let told = match decision {
            Decision::OpenAlert {
                alert,
                priority,
                condition,
                respond_by,
                ..
            } if *alert == number => {
                let over = match condition {
                    Condition::Active | Condition::Struck { .. } => "",
                    Condition::Cleared { .. } => ", over since",
                };
                return Some((format!("raised as {}{over}", priority.name()), *respond_by));
            }
            Decision::AddEvidence { alert, evidence } if *alert == number => {
                format!("more evidence: {}", why(evidence))
            }
            Decision::Worsen {
                alert,
                to,
                respond_by,
                papers,
            } if *alert == number => {
                let plan = papers
                    .as_ref()
                    .map_or_else(String::new, |it| format!(" by plan {}", it.plan));
                return Some((format!("became {}{plan}", to.name()), *respond_by));
            }
            Decision::SetCondition { alert, condition } if *alert == number => match condition {
                Condition::Active => "what raised it holds again".to_owned(),
                Condition::Cleared { at } => {
                    let at = self.clock(*at);
                    format!("what raised it no longer holds, measured at {at}")
                }
                Condition::Struck { .. } => {
                    "every reading that spoke for it was struck out: a person has to close it"
                        .to_owned()
                }
            },
            Decision::EndByItself { alert } if *alert == number => {
                "ended by itself: nobody had taken it".to_owned()
            }
            _ => return None,
        };
        Some((told, None))
    }

    fn of_people(
        self,
        number: AlertNumber,
        decision: &Decision,
    ) -> Option<(String, Option<Timestamp>)> {
        match decision {
            Decision::Take {
                alert,
                by,
                respond_by,
            } if *alert == number => Some((self.of_taking(number, by), *respond_by)),
            Decision::SetOwnership {
                alert,
                ownership,
                respond_by,
            } if *alert == number => {
                let is_aside = matches!(
                    ownership,
                    Ownership::Waiting { .. } | Ownership::Snoozed { .. }
                );
                // What is aside comes back at the time that was told.
                let by = respond_by.filter(|_| !is_aside);
                Some((self.of_ownership(ownership), by))
            }
            Decision::StepUp {
                alert,
                step,
                respond_by,
            } if *alert == number => {
                let told = format!("nobody acted in time: it went up to {}", step.name());
                Some((told, *respond_by))
            }
            Decision::Close {
                alert, by, outcome, ..
            } if *alert == number => {
                let by = self.names.of(by);
                Some((format!("{by} closed it: {}", outcome.label()), None))
            }
            Decision::Reopen {
                alert,
                by,
                reason,
                respond_by,
            } if *alert == number => {
                let by = self.names.of(by);
                Some((format!("{by} reopened it: {reason}"), *respond_by))
            }
            _ => None,
        }
    }

    fn of_taking(self, number: AlertNumber, by: &PersonId) -> String {
        let before = self.before.and_then(|case| case.alert(number));
        let holder = before.and_then(|alert| alert.ownership.holder());
        let from = holder
            .filter(|holder| *holder != by)
            .map_or_else(String::new, |it| format!(" from {}", self.names.of(it)));
        let by = self.names.of(by);
        match &self.row.event {
            Event::OfferAnswered { .. } => format!("{by} accepted it{from}"),
            _ if from.is_empty() => format!("{by} took it"),
            _ => format!("{by} took it over{from}"),
        }
    }

    fn of_ownership(self, ownership: &Ownership) -> String {
        let name = |person: &PersonId| self.names.of(person);
        if let Some(told) = self.of_passing(ownership) {
            return told;
        }
        match ownership {
            Ownership::New => "it came back: nobody has it".to_owned(),
            Ownership::Taken { by, .. } => format!("{} has it", name(by)),
            Ownership::Waiting { by, until, .. } => {
                let until = self.clock(*until);
                format!("{} waits for the patient until {until}", name(by))
            }
            Ownership::Escalated { by, to, .. } => {
                format!("{} asked {} to take it", name(by), name(to))
            }
            Ownership::Snoozed {
                by,
                until,
                until_reading,
                reason,
                ..
            } => {
                let until = self.clock(*until);
                let or = if *until_reading {
                    " or the next reading"
                } else {
                    ""
                };
                format!("{} put it aside until {until}{or}: {reason}", name(by))
            }
        }
    }

    pub(super) fn clock(self, at: Timestamp) -> String {
        (self.clock)(at, self.row.at, self.zone)
    }

    fn to_act(self, respond_by: Option<Timestamp>) -> String {
        respond_by.map_or_else(String::new, |by| {
            format!("; somebody must act by {}", self.clock(by))
        })
    }
}
