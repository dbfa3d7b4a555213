//! Deadlines that passed: what follows with no new data.

use jiff::Timestamp;

use super::work::Work;
use crate::alert::{AlertNumber, Evidence, Grounds, Ownership, Problem};
use crate::case::TermNoted;
use crate::deadline::Deadline;
use crate::decision::Decision;

impl Work {
    /// Lets a deadline pass. One that the case no longer has, or has at another time, is over: nothing follows.
    pub(super) fn fire(&mut self, what: Deadline, due_at: Timestamp) {
        let is_due = self.case.deadlines().any(|it| it == (due_at, what));
        if !is_due || due_at > self.now {
            return;
        }
        match what {
            Deadline::Confirm { problem } => self.not_repeated(problem),
            Deadline::Respond { alert } => self.nobody_acted(alert),
            Deadline::WindowCloses { what } => self.window_unexplained(what),
            Deadline::PlanTerm => self.term_passed(),
            Deadline::PlanBegins => self.plan_begins(),
        }
    }

    /// No valid repeat came in time. Silence does not cancel: it is raised.
    fn not_repeated(&mut self, problem: Problem) {
        let Some(suspicion) = self.case.suspicion_of(problem).cloned() else {
            return;
        };
        let confirmed = true;
        self.follow(Decision::EndSuspicion { problem, confirmed });
        let grounds = Some(Grounds::NotRepeated {
            asked_at: suspicion.asked_at,
            priority: suspicion.priority,
        });
        let unrepeated = Evidence {
            grounds,
            ..suspicion.evidence
        };
        self.raise(problem, vec![unrepeated]);
    }

    /// Nobody acted in time: the next person is asked. What was put aside comes back.
    fn nobody_acted(&mut self, number: AlertNumber) {
        let Some(alert) = self.case.alert(number) else {
            return;
        };
        match alert.ownership {
            Ownership::Waiting { .. } | Ownership::Snoozed { .. } => {
                let respond_by = self.take_by(alert.priority);
                self.follow(Decision::SetOwnership {
                    alert: number,
                    ownership: Ownership::New,
                    respond_by,
                });
            }
            Ownership::New | Ownership::Taken { .. } | Ownership::Escalated { .. } => {
                let step = alert.step.next();
                let respond_by = self.step_by(alert.priority);
                self.follow(Decision::StepUp {
                    alert: number,
                    step,
                    respond_by,
                });
            }
        }
    }

    fn term_passed(&mut self) {
        let Some(term) = self.plan().care.term.clone() else {
            return;
        };
        let today = self.plan().care.zone.date(self.now);
        let before = self.case.term_noted();
        let review = term.review_by.filter(|by| *by < today && !before.review);
        let end = term.ends_on.filter(|on| *on < today && !before.end);
        self.follow(Decision::NoteTerm {
            noted: TermNoted {
                review: before.review || review.is_some(),
                end: before.end || end.is_some(),
            },
        });
        let review = review.map(|by| Grounds::ReviewDue { by });
        let end = end.map(|on| Grounds::PlanEnded { on });
        for grounds in review.into_iter().chain(end) {
            let evidence = Evidence::of_grounds(grounds, self.now);
            self.raise(Problem::PlanReview, vec![evidence]);
        }
    }
}
