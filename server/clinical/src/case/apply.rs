//! Carrying decisions out on a case.

use jiff::Timestamp;
use vitals::DeviceId;

use super::ending::hand_to;
use super::{Case, Unusable};
use crate::alert::{Alert, AlertNumber, Condition, Evidence, Ownership, Support};
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
            | Decision::WeighAnew { .. }
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
            Decision::NoteClock { device, wrong } => self.note_clock(device, *wrong),
            Decision::Suspect(suspicion) => {
                self.suspicions.insert(suspicion.problem, suspicion.clone());
            }
            Decision::EndSuspicion { problem, .. } | Decision::ForgetSuspicion { problem } => {
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
            Decision::NoteContact { .. }
            | Decision::Strike(_)
            | Decision::TakeBackStrike(_)
            | Decision::Discharge(_)
            | Decision::StartAgain
            | Decision::Watch(_)
            | Decision::EndWatch => self.nurse(decision, now),
            Decision::AskForRepeat { .. }
            | Decision::WantRepeat { .. }
            | Decision::NudgePatient { .. } => {}
        }
    }

    fn note_clock(&mut self, device: &DeviceId, wrong: bool) {
        if wrong {
            self.wrong_clocks.insert(device.clone());
        } else {
            self.wrong_clocks.remove(device);
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
                    self.jumped_by.remove(&finding.sign);
                }
                self.history.prune(now);
            }
            Standing::Doubtful {
                doubt: Doubt::Jump { sign, .. },
            } => {
                let jumped = verdict.findings.iter().find(|it| it.sign == sign);
                self.jumped.extend(jumped.map(|it| (sign, *it)));
                let by = jumped.map(|_| (sign, verdict.reading));
                self.jumped_by.extend(by);
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
                    support: Support::of(evidence),
                    unanswered: 0,
                    came_back_at: None,
                };
                if let Some(discharged) = &mut self.discharged {
                    discharged.heard = true;
                }
                self.open.insert(*problem, opened);
                self.next_alert = self.next_alert.max(alert.next());
            }
            Decision::AddEvidence { alert, evidence } => {
                let signs = speaking(evidence, &self.plan);
                self.change(*alert, |alert| {
                    alert.rests_on.extend(signs);
                    alert.support.add(evidence);
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
                if *ownership != alert.ownership {
                    let comes_back = is_aside(&alert.ownership) && *ownership == Ownership::New;
                    alert.came_back_at = comes_back.then_some(now);
                }
                alert.ownership = ownership.clone();
                alert.respond_by = *respond_by;
                // Whoever puts it aside or passes it up has acted on it.
                if !matches!(ownership, Ownership::New | Ownership::Taken { .. }) {
                    alert.step = Step::default();
                }
            }),
            Decision::WeighAnew {
                alert,
                newest_measured_at,
                inside_in_a_row,
            } => self.change(*alert, |alert| {
                alert.newest_measured_at = *newest_measured_at;
                alert.inside_in_a_row = *inside_in_a_row;
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

    pub(super) fn change(&mut self, number: AlertNumber, change: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.open.values_mut().find(|alert| alert.number == number) {
            change(alert);
        }
    }
}

fn is_aside(ownership: &Ownership) -> bool {
    matches!(
        ownership,
        Ownership::Waiting { .. } | Ownership::Snoozed { .. }
    )
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
        (Condition::Cleared { .. } | Condition::Struck { .. }, true) => alert.inside_in_a_row,
    };
}
