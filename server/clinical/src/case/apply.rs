//! Carrying decisions out on a case.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{CLOSED_LEN_MAX, Case, ClosedAlert, Unusable};
use crate::alert::{Alert, AlertNumber, Condition, Evidence, Outcome, Ownership, Problem};
use crate::decide::bearing::speaking;
use crate::decision::Decision;
use crate::duty::Step;
use crate::history::Point;
use crate::plan::Plan;
use crate::verdict::{Doubt, Standing, Verdict};

impl Case {
    /// Carries one decision out, made at `now`.
    #[must_use]
    pub fn apply(mut self, decision: &Decision, now: Timestamp) -> Self {
        self.carry_out(decision, now);
        self
    }

    pub(crate) fn carry_out(&mut self, decision: &Decision, now: Timestamp) {
        match decision {
            Decision::OpenAlert { .. }
            | Decision::AddEvidence { .. }
            | Decision::Worsen { .. }
            | Decision::SetCondition { .. }
            | Decision::Take { .. }
            | Decision::SetOwnership { .. }
            | Decision::StepUp { .. }
            | Decision::Reopen { .. }
            | Decision::Close { .. }
            | Decision::EndByItself { .. } => self.change_alert(decision, now),
            Decision::Judge(verdict) => self.remember(verdict, now),
            Decision::CountUnusable { what, in_a_row } => {
                let row = Unusable {
                    in_a_row: *in_a_row,
                    last_at: now,
                };
                self.unusable.insert(*what, row);
            }
            Decision::ForgetUnusable { what } => {
                self.unusable.remove(what);
            }
            Decision::NoteClock { device, wrong } => {
                note_in(&mut self.wrong_clocks, device, *wrong);
            }
            Decision::NoteGatewayClock { gateway, unset } => {
                note_in(&mut self.timeless, gateway, *unset);
            }
            Decision::Suspect(suspicion) => {
                self.suspicions.insert(suspicion.problem, suspicion.clone());
            }
            Decision::EndSuspicion { problem, .. } => {
                self.suspicions.remove(problem);
            }
            Decision::NoteAnswers(answers) => self.history.insert_answers(answers.clone()),
            Decision::Expect { .. }
            | Decision::ExpectNothing { .. }
            | Decision::WindowMet { .. }
            | Decision::WindowMissed { .. }
            | Decision::WindowFilled { .. }
            | Decision::WindowExplained { .. } => self.change_expectation(decision),
            Decision::Pause { pause } => self.add_pause(pause, now),
            Decision::Resume => self.end_pauses(now),
            Decision::AdoptPlan { plan } => {
                self.plan = Plan::clone(plan);
                self.term_noted = super::TermNoted::default();
                let schedule = &self.plan.care.schedule;
                self.expecting
                    .retain(|what, _| schedule.of(*what).is_some());
            }
            Decision::SchedulePlan { plan } => self.scheduled_plan = Some(plan.clone()),
            Decision::DropScheduledPlan => self.scheduled_plan = None,
            Decision::AssignCoordinator { coordinator } => self.coordinator = coordinator.clone(),
            Decision::NoteTerm { noted } => self.term_noted = *noted,
            Decision::SetTier { tier } => self.tier.clone_from(tier),
            Decision::AskForRepeat { .. }
            | Decision::WantRepeat { .. }
            | Decision::NudgePatient { .. } => {}
        }
    }

    fn remember(&mut self, verdict: &Verdict, now: Timestamp) {
        let Some(measured_at) = verdict.measured_at else {
            return;
        };
        match verdict.standing {
            Standing::Current | Standing::Late => {
                for finding in &verdict.findings {
                    let zone = &self.plan.care.zone;
                    let irregular = verdict.irregular_pulse;
                    let point =
                        Point::new(measured_at, zone, finding.value, verdict.reading, irregular);
                    self.history.insert_point(finding.sign, point);
                    self.jumped.remove(&finding.sign);
                }
                self.history.prune(now);
            }
            Standing::Doubtful {
                doubt: Doubt::Jump { sign, .. },
            } => {
                let jumped = verdict.findings.iter().find(|it| it.sign == sign);
                self.jumped.extend(jumped.map(|it| (sign, *it)));
            }
            Standing::Doubtful { .. } | Standing::Drill => {}
        }
    }

    fn change_alert(&mut self, decision: &Decision, now: Timestamp) {
        match decision {
            Decision::OpenAlert {
                alert,
                problem,
                priority,
                evidence,
                condition,
                respond_by,
                ..
            } => {
                let opened = Alert {
                    number: *alert,
                    problem: *problem,
                    priority: *priority,
                    condition: *condition,
                    ownership: Ownership::New,
                    opened_at: now,
                    newest_measured_at: evidence.measured_at,
                    respond_by: *respond_by,
                    step: Step::default(),
                    inside_in_a_row: 0,
                    rests_on: speaking(evidence, &self.plan),
                };
                self.open.insert(*problem, opened);
                self.next_alert = self.next_alert.max(alert.next());
            }
            Decision::AddEvidence { alert, evidence } => {
                let signs = speaking(evidence, &self.plan);
                self.change(*alert, |alert| {
                    alert.rests_on.extend(signs);
                    note(alert, evidence);
                });
            }
            Decision::SetCondition { alert, condition } => {
                self.change(*alert, |alert| alert.condition = *condition);
            }
            Decision::Close { alert, outcome, .. } => self.close(*alert, Some(*outcome), now),
            Decision::EndByItself { alert } => self.close(*alert, None, now),
            Decision::Reopen {
                alert,
                by,
                respond_by,
                ..
            } => self.reopen(*alert, by, *respond_by, now),
            _ => self.change_handling(decision, now),
        }
    }

    fn change_handling(&mut self, decision: &Decision, now: Timestamp) {
        match decision {
            Decision::Worsen {
                alert,
                to,
                respond_by,
                ..
            } => self.change(*alert, |alert| {
                alert.priority = alert.priority.max(*to);
                alert.respond_by = respond_by.or(alert.respond_by);
            }),
            Decision::Take {
                alert,
                by,
                respond_by,
            } => self.change(*alert, |alert| {
                hand_to(alert, by, *respond_by, now);
            }),
            Decision::SetOwnership {
                alert,
                ownership,
                respond_by,
            } => self.change(*alert, |alert| {
                alert.ownership = ownership.clone();
                alert.respond_by = *respond_by;
                // Whoever puts it aside or passes it up has acted on it.
                if !matches!(ownership, Ownership::New | Ownership::Taken { .. }) {
                    alert.step = Step::default();
                }
            }),
            Decision::StepUp {
                alert,
                step,
                respond_by,
            } => self.change(*alert, |alert| {
                alert.step = *step;
                alert.respond_by = *respond_by;
            }),
            _ => {}
        }
    }

    fn close(&mut self, number: AlertNumber, outcome: Option<Outcome>, now: Timestamp) {
        let problem = self.alert(number).map(|alert| alert.problem);
        let Some(alert) = problem.and_then(|problem| self.open.remove(&problem)) else {
            return;
        };
        // Whoever closes it takes the clocks for right; one that is wrong still is noted anew.
        if alert.problem == Problem::Kit {
            self.wrong_clocks.clear();
            self.timeless.clear();
        }
        if self.closed.len() == CLOSED_LEN_MAX {
            self.closed.remove(0);
        }
        self.closed.push(ClosedAlert {
            alert,
            outcome,
            closed_at: now,
        });
    }

    fn reopen(
        &mut self,
        number: AlertNumber,
        by: &crate::id::PersonId,
        respond_by: Option<Timestamp>,
        now: Timestamp,
    ) {
        let place = self.closed.iter().position(|it| it.alert.number == number);
        let Some(mut closed) = place.map(|place| self.closed.remove(place)) else {
            return;
        };
        hand_to(&mut closed.alert, by, respond_by, now);
        self.open.insert(closed.alert.problem, closed.alert);
    }

    fn change(&mut self, number: AlertNumber, change: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.open.values_mut().find(|alert| alert.number == number) {
            change(alert);
        }
    }
}

fn hand_to(
    alert: &mut Alert,
    by: &crate::id::PersonId,
    respond_by: Option<Timestamp>,
    now: Timestamp,
) {
    alert.ownership = Ownership::Taken {
        by: by.clone(),
        at: now,
        offered_to: None,
    };
    alert.step = Step::default();
    alert.respond_by = respond_by;
}

fn note(alert: &mut Alert, evidence: &Evidence) {
    if evidence.late || evidence.measured_at < alert.newest_measured_at {
        return;
    }
    alert.newest_measured_at = evidence.measured_at;
    let inside = evidence.well_inside && evidence.priority().is_none();
    alert.inside_in_a_row = match (&alert.condition, inside) {
        (_, false) => 0,
        (Condition::Active, true) => alert.inside_in_a_row.saturating_add(1),
        (Condition::Cleared { .. }, true) => alert.inside_in_a_row,
    };
}

/// Notes of one thing whether something is so.
fn note_in<T: Clone + Ord>(noted: &mut BTreeSet<T>, of: &T, is_so: bool) {
    if is_so {
        noted.insert(of.clone());
    } else {
        noted.remove(of);
    }
}
