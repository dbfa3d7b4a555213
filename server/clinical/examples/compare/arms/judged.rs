//! Judged: a patient's time driven through a case, with every deadline, every repeat and the nurse.

use std::collections::BTreeMap;

use clinical::{
    AlertNumber, Case, Condition, Decision, Event, Ownership, Plan, Priority, Problem, Timeline,
};
use jiff::Timestamp;
use vitals::ReadingId;

use super::home::Home;
use super::nurse::Nurse;
use super::{Heard, Signal};
use crate::stream::Patient;
use crate::stream::clock::{DAY, Minute, minute, moment};

/// What drives the case next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Deadline,
    Arrival,
    Nurse,
}

struct Drive<'a> {
    timeline: Timeline,
    home: Home<'a>,
    nurse: Nurse<'a>,
    heard: Heard,
    /// The newest evidence of each alert.
    newest: BTreeMap<AlertNumber, Option<ReadingId>>,
}

pub(crate) fn judge(patient: &Patient, plan: Plan) -> Heard {
    let mut drive = Drive {
        timeline: Timeline::new(None),
        home: Home::new(patient),
        nurse: Nurse::new(patient),
        heard: Heard::default(),
        newest: BTreeMap::new(),
    };
    let started = Event::MonitoringStarted {
        coordinator: "nurse-ann".parse().unwrap(),
        plan: Box::new(plan),
    };
    drive.happen(&started, 0);
    let ends = patient.person.kind.days() * DAY;
    while let Some((at, next)) = drive.next().filter(|(at, _)| *at < ends) {
        drive.step(at, next);
    }
    drive.heard
}

impl Drive<'_> {
    fn next(&self) -> Option<(Minute, Next)> {
        let case = self.timeline.case();
        let deadline = case.and_then(Case::next_deadline);
        let deadline = deadline.map(|(at, _)| (minute(at), Next::Deadline));
        let arrival = self.home.next_at().map(|at| (at, Next::Arrival));
        let nurse = self.nurse.next_at().map(|at| (at, Next::Nurse));
        [deadline, arrival, nurse].into_iter().flatten().min()
    }

    fn step(&mut self, at: Minute, next: Next) {
        match next {
            Next::Deadline => {
                let mut seen = Vec::new();
                self.timeline
                    .pass_until(moment(at), &mut collect(&mut seen));
                self.follow(seen);
            }
            Next::Arrival => {
                if let Some(event) = self.home.arrive() {
                    self.happen(&event, at);
                }
            }
            Next::Nurse => {
                let case = self.timeline.case().cloned();
                if let Some(event) = case.and_then(|case| self.nurse.act(&case)) {
                    self.happen(&event, at);
                }
            }
        }
    }

    fn happen(&mut self, event: &Event, at: Minute) {
        let mut seen = Vec::new();
        self.timeline
            .happen(event, moment(at), &mut collect(&mut seen))
            .unwrap();
        self.follow(seen);
    }

    fn follow(&mut self, seen: Vec<(Timestamp, Decision)>) {
        for (_, decision) in &seen {
            if let Decision::AddEvidence { alert, evidence } = decision {
                self.newest.insert(*alert, evidence.reading);
            }
        }
        for (at, decision) in seen {
            self.follow_one(minute(at), &decision);
        }
    }

    fn signal(
        &mut self,
        at: Minute,
        problem: Problem,
        priority: Priority,
        is_new: bool,
        reading: Option<ReadingId>,
    ) {
        self.heard.signals.push(Signal {
            at,
            problem,
            priority,
            is_new,
            mistaken: reading.is_some_and(|it| self.home.is_mistaken(it)),
        });
    }

    fn follow_one(&mut self, at: Minute, decision: &Decision) {
        match decision {
            Decision::OpenAlert {
                alert,
                problem,
                priority,
                evidence,
                ..
            } => {
                self.signal(at, *problem, *priority, true, evidence.reading);
                self.nurse.called(*alert, at);
            }
            Decision::Worsen { alert, to, .. } => {
                let case = self.timeline.case();
                let problem = case
                    .and_then(|case| case.alert(*alert))
                    .map(|it| it.problem);
                let newest = self.newest.get(alert).copied().flatten();
                if let Some(problem) = problem {
                    self.signal(at, problem, *to, false, newest);
                }
            }
            Decision::SetCondition {
                alert,
                condition: Condition::Cleared { .. },
            } => self.nurse.cleared(*alert, at),
            Decision::SetOwnership {
                alert,
                ownership: Ownership::New,
                ..
            } => self.nurse.called(*alert, at),
            Decision::WantRepeat { reading, .. } => {
                self.heard.requests += 1;
                self.home.ask(*reading, at);
            }
            Decision::NudgePatient { .. } => self.heard.nudges += 1,
            _ => {}
        }
    }
}

/// Collects what was decided, with when.
fn collect(
    seen: &mut Vec<(Timestamp, Decision)>,
) -> impl FnMut(Timestamp, &Event, &[Decision], &Case) {
    |at, _, decisions, _| seen.extend(decisions.iter().map(|it| (at, it.clone())))
}
