//! The end of an alert, and what opens it again.

use jiff::Timestamp;

use super::{CLOSED_LEN_MAX, Case, ClosedAlert};
use crate::alert::{Alert, AlertNumber, Outcome, Ownership, Problem};
use crate::duty::Step;
use crate::id::PersonId;

impl Case {
    pub(super) fn close(&mut self, number: AlertNumber, outcome: Option<Outcome>, now: Timestamp) {
        let problem = self.alert(number).map(|alert| alert.problem);
        let Some(alert) = problem.and_then(|problem| self.open.remove(&problem)) else {
            return;
        };
        // Whoever closes it takes the clocks for right; one that is wrong still is noted anew.
        if alert.problem == Problem::Kit {
            self.wrong_clocks.clear();
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

    pub(super) fn reopen(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
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
}

/// Gives an alert to a person, with a time of their own.
pub(super) fn hand_to(
    alert: &mut Alert,
    by: &PersonId,
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
    alert.came_back_at = None;
}
