//! Weighing: what one more piece of evidence changes about an open alert.

use vitals::Decimal;

use super::work::Work;
use crate::alert::{Alert, AlertNumber, Condition, Evidence, Ownership, Priority, Problem};
use crate::decision::Decision;
use crate::papers::Papers;
use crate::schedule::Measured;
use crate::sign::VitalSign;

impl Work {
    /// Adds evidence to the open alert of a problem. Its priority only rises; its condition follows the newest reading.
    pub(super) fn weigh(&mut self, problem: Problem, evidence: &Evidence, what: Option<Measured>) {
        let Some(alert) = self.case.alert_of(problem) else {
            return;
        };
        let number = alert.number;
        let is_newest = !evidence.late && evidence.measured_at >= alert.newest_measured_at;
        self.follow(Decision::AddEvidence {
            alert: number,
            evidence: Box::new(evidence.clone()),
        });
        if evidence.late {
            return;
        }
        self.worsen(problem, evidence, what);
        if is_newest {
            self.settle_condition(number, evidence);
        }
    }

    /// Lets the priority rise: at once, or when the repeat confirms.
    fn worsen(&mut self, problem: Problem, evidence: &Evidence, what: Option<Measured>) {
        let Some(alert) = self.case.alert_of(problem) else {
            return;
        };
        let (number, priority) = (alert.number, alert.priority);
        let suspicion = self.case.suspicion_of(problem);
        let repeated = suspicion.filter(|it| Self::repeats(it, evidence, what));
        let is_repeat = repeated.is_some_and(|it| evidence.measured_at > it.evidence.measured_at);
        let Some(to) = evidence.priority().filter(|it| *it > priority) else {
            if is_repeat && repeated.is_some_and(|it| evidence.measured_at >= it.newest_at()) {
                let confirmed = false;
                self.follow(Decision::EndSuspicion { problem, confirmed });
            }
            self.wake_if_at_once(number, evidence, what);
            return;
        };
        let wait = what.zip(self.wait_for_repeat(evidence, what));
        match (wait, suspicion) {
            (Some((what, minutes)), None) => self.suspect(problem, evidence.clone(), what, minutes),
            (None, None) => self.raise_priority(problem, to, evidence),
            (wait, Some(suspicion)) if repeated.is_none() => {
                self.worse_besides(problem, evidence, wait, suspicion.priority);
            }
            (_, Some(suspicion)) => {
                // Two readings out of limits confirm each other. One that came out of order takes nothing from the newer.
                let worse = Some(suspicion)
                    .filter(|it| !is_repeat && it.priority > to)
                    .cloned();
                let confirmed = true;
                self.follow(Decision::EndSuspicion { problem, confirmed });
                match worse {
                    Some(worse) => self.raise_priority(problem, worse.priority, &worse.evidence),
                    None => self.raise_priority(problem, to, evidence),
                }
            }
        }
    }

    /// Something worse than an open alert was found, while it waits for the repeat of something else.
    fn worse_besides(
        &mut self,
        problem: Problem,
        evidence: &Evidence,
        wait: Option<(Measured, u32)>,
        waiting: Priority,
    ) {
        let Some(to) = evidence.priority() else {
            return;
        };
        match wait {
            Some((what, minutes)) if to > waiting => {
                self.suspect(problem, evidence.clone(), what, minutes);
            }
            Some(_) => {}
            None => {
                if to >= waiting {
                    let confirmed = true;
                    self.follow(Decision::EndSuspicion { problem, confirmed });
                }
                self.raise_priority(problem, to, evidence);
            }
        }
    }

    pub(super) fn raise_priority(&mut self, problem: Problem, to: Priority, evidence: &Evidence) {
        let Some(alert) = self.case.alert_of(problem) else {
            return;
        };
        let number = alert.number;
        let respond_by = if is_held(alert) {
            let mut worse = alert.clone();
            worse.priority = to;
            self.act_by(&worse)
        } else {
            self.take_by(to)
        };
        // What becomes worse is never due later than it was.
        let respond_by = respond_by.into_iter().chain(alert.respond_by).min();
        let papers = Some(Box::new(Papers::of(
            std::slice::from_ref(evidence),
            self.plan(),
        )));
        self.follow(Decision::Worsen {
            alert: number,
            to,
            respond_by,
            papers,
        });
        self.wake(number);
    }

    /// A value that would raise an alert without a repeat brings back an alert that was put aside.
    fn wake_if_at_once(
        &mut self,
        number: AlertNumber,
        evidence: &Evidence,
        what: Option<Measured>,
    ) {
        let is_urgent = evidence.priority() == Some(Priority::Urgent);
        if is_urgent && what.is_some() && self.wait_for_repeat(evidence, what).is_none() {
            self.wake(number);
        }
    }

    /// A reading that can be believed brings back the alerts that sleep until the next one, if it bears on them: it is of
    /// a vital sign of theirs, or they are about readings as such.
    pub(super) fn wake_for_reading(&mut self, values: &[(VitalSign, Decimal)]) {
        let bears_on = |alert: &Alert| {
            let mut own = VitalSign::ALL.into_iter();
            let has_own = own.any(|sign| sign.problem() == alert.problem);
            let is_of_any = !has_own && alert.rests_on.is_empty();
            let mut signs = values.iter().map(|(sign, _)| sign);
            is_of_any
                || signs
                    .any(|sign| sign.problem() == alert.problem || alert.rests_on.contains(sign))
        };
        let sleeping = self.case.open_alerts().filter(|alert| {
            matches!(
                alert.ownership,
                Ownership::Snoozed {
                    until_reading: true,
                    ..
                }
            )
        });
        let numbers: Vec<AlertNumber> = sleeping
            .filter(|alert| bears_on(alert))
            .map(|alert| alert.number)
            .collect();
        for number in numbers {
            self.wake(number);
        }
    }

    /// Brings an alert back that was put aside.
    fn wake(&mut self, number: AlertNumber) {
        let Some(alert) = self.case.alert(number) else {
            return;
        };
        if matches!(
            alert.ownership,
            Ownership::Snoozed { .. } | Ownership::Waiting { .. }
        ) {
            // It would have come back by then in any case.
            let respond_by = self.take_by(alert.priority).into_iter();
            let respond_by = respond_by.chain(alert.respond_by).min();
            self.follow(Decision::SetOwnership {
                alert: number,
                ownership: Ownership::New,
                respond_by,
            });
        }
    }

    fn settle_condition(&mut self, number: AlertNumber, evidence: &Evidence) {
        let Some(alert) = self.case.alert(number) else {
            return;
        };
        let enough = self
            .plan()
            .care
            .clearing
            .as_ref()
            .map_or(1, |it| it.readings);
        let is_active = alert.condition == Condition::Active;
        let condition = if evidence.priority().is_some() && !is_active {
            Condition::Active
        } else if is_active && alert.inside_in_a_row >= enough.max(1) {
            Condition::Cleared {
                at: evidence.measured_at,
            }
        } else {
            return;
        };
        self.follow(Decision::SetCondition {
            alert: number,
            condition,
        });
        if condition == Condition::Active && evidence.priority() == Some(Priority::Urgent) {
            // It was over, and begins again: whoever put it aside did not know.
            self.wake(number);
        }
        self.end_by_itself(number);
    }

    /// Ends an alert that has cleared before anybody took it, where the plan says so for its priority.
    pub(super) fn end_by_itself(&mut self, number: AlertNumber) {
        let Some(alert) = self.case.alert(number) else {
            return;
        };
        let response = self.plan().care.escalation.of(alert.priority);
        let ends = response.is_some_and(|it| it.ends_by_itself);
        let is_over = matches!(alert.condition, Condition::Cleared { .. });
        if ends && is_over && alert.ownership == Ownership::New {
            self.follow(Decision::EndByItself { alert: number });
        }
    }
}

fn is_held(alert: &Alert) -> bool {
    matches!(
        alert.ownership,
        Ownership::Taken { .. } | Ownership::Escalated { .. }
    )
}
