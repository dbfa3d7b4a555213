//! Steps: what happened to an alert, each in a line for people.

use clinical::sentence::why;
use clinical::{AlertNumber, Case, Condition, Decision, Event, Evidence, Ownership, Zone};
use jiff::Timestamp;

use crate::store::journal::JournalRow;
use crate::terminal::clock_near;

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

/// Tells what a row did to an alert.
pub(super) fn told(
    number: AlertNumber,
    row: &JournalRow,
    after: &Case,
    zone: &Zone,
) -> Vec<String> {
    let when = When { at: row.at, zone };
    let mut told: Vec<String> = row
        .decisions
        .iter()
        .filter_map(|it| of_judgement(number, it, when).or_else(|| of_people(number, it, when)))
        .collect();
    let note = match &row.event {
        Event::AlertClosed { alert, note, .. } | Event::AlertEscalated { alert, note, .. }
            if *alert == number && !note.trim().is_empty() =>
        {
            Some(format!("Note: {note}"))
        }
        _ => None,
    };
    told.extend(note);
    if let Event::CoordinatorAssigned { coordinator } = &row.event {
        let answers = after
            .alert(number)
            .is_some_and(|alert| after.who_answers(alert) == coordinator);
        told.extend(answers.then(|| format!("{coordinator} answers now")));
    }
    told
}

/// Tells how an alert ended by a row's decisions.
pub(super) fn ended(number: AlertNumber, decisions: &[Decision]) -> Option<String> {
    decisions.iter().rev().find_map(|it| match it {
        Decision::Close {
            alert, by, outcome, ..
        } if *alert == number => Some(format!("closed by {by}: {}", outcome.label())),
        Decision::EndByItself { alert } if *alert == number => Some("ended by itself".to_owned()),
        _ => None,
    })
}

fn of_judgement(number: AlertNumber, decision: &Decision, when: When<'_>) -> Option<String> {
    match decision {
        Decision::OpenAlert {
            alert,
            priority,
            condition,
            respond_by,
            ..
        } if *alert == number => {
            let over = match condition {
                Condition::Active => "",
                Condition::Cleared { .. } => ", over since",
            };
            let by = when.to_act(*respond_by);
            Some(format!("raised as {}{over}{by}", priority.name()))
        }
        Decision::AddEvidence { alert, evidence } if *alert == number => {
            Some(format!("more evidence: {}", why(evidence)))
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
            let by = when.to_act(*respond_by);
            Some(format!("became {}{plan}{by}", to.name()))
        }
        Decision::SetCondition { alert, condition } if *alert == number => Some(match condition {
            Condition::Active => "what raised it holds again".to_owned(),
            Condition::Cleared { at } => {
                format!(
                    "what raised it no longer holds, measured at {}",
                    when.clock(*at)
                )
            }
        }),
        Decision::EndByItself { alert } if *alert == number => {
            Some("ended by itself: nobody had taken it".to_owned())
        }
        _ => None,
    }
}

fn of_people(number: AlertNumber, decision: &Decision, when: When<'_>) -> Option<String> {
    match decision {
        Decision::Take {
            alert,
            by,
            respond_by,
        } if *alert == number => Some(format!("{by} took it{}", when.to_act(*respond_by))),
        Decision::SetOwnership {
            alert,
            ownership,
            respond_by,
        } if *alert == number => {
            let told = of_ownership(ownership, when);
            let is_aside = matches!(
                ownership,
                Ownership::Waiting { .. } | Ownership::Snoozed { .. }
            );
            // What is aside comes back at the time that was told.
            let by = respond_by.filter(|_| !is_aside);
            Some(format!("{told}{}", when.to_act(by)))
        }
        Decision::StepUp {
            alert,
            step,
            respond_by,
        } if *alert == number => {
            let by = when.to_act(*respond_by);
            Some(format!(
                "nobody acted in time: {} is asked{by}",
                step.name()
            ))
        }
        Decision::Close {
            alert, by, outcome, ..
        } if *alert == number => Some(format!("{by} closed it: {}", outcome.label())),
        Decision::Reopen {
            alert,
            by,
            reason,
            respond_by,
        } if *alert == number => {
            let to_act = when.to_act(*respond_by);
            Some(format!("{by} reopened it: {reason}{to_act}"))
        }
        _ => None,
    }
}

fn of_ownership(ownership: &Ownership, when: When<'_>) -> String {
    match ownership {
        Ownership::New => "it came back: nobody holds it".to_owned(),
        Ownership::Taken {
            by,
            offered_to: Some(to),
            ..
        } => format!("{by} offered it to {to}"),
        Ownership::Taken { by, .. } => format!("{by} holds it"),
        Ownership::Waiting { by, until, .. } => {
            format!("{by} waits for the patient until {}", when.clock(*until))
        }
        Ownership::Escalated { by, to, .. } => format!("{by} asked {to} to take it"),
        Ownership::Snoozed {
            by, until, reason, ..
        } => format!("{by} put it aside until {}: {reason}", when.clock(*until)),
    }
}

/// When something was decided, and by which clock it is told.
#[derive(Clone, Copy)]
struct When<'a> {
    at: Timestamp,
    zone: &'a Zone,
}

impl When<'_> {
    fn clock(self, at: Timestamp) -> String {
        clock_near(at, self.at, self.zone)
    }

    fn to_act(self, respond_by: Option<Timestamp>) -> String {
        respond_by.map_or_else(String::new, |by| {
            format!("; somebody must act by {}", self.clock(by))
        })
    }
}
