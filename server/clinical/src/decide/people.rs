//! What people do to alerts. What cannot be done is refused with a sentence, and nothing changes.

use jiff::{SignedDuration, Timestamp};

use super::plan::{check_note, check_reason};
use super::work::Work;
use crate::alert::{Alert, AlertNumber, Outcome, Ownership};
use crate::decision::Decision;
use crate::event::Event;
use crate::id::PersonId;
use crate::refusal::Refusal;

/// The longest that an alert may be put aside where the plan names no bound, in minutes: two weeks.
const ASIDE_MINUTES_MAX: u32 = 14 * 24 * 60;

impl Work {
    pub(super) fn handle_alert(&mut self, event: &Event) -> Result<(), Refusal> {
        match event {
            Event::AlertTaken {
                alert,
                by,
                instead_of,
            } => self.take(*alert, by, instead_of.as_ref()),
            Event::AlertClosed {
                alert,
                by,
                outcome,
                note,
                duplicate_of,
            } => {
                self.check_duplicate(*alert, *outcome, *duplicate_of)?;
                self.close(*alert, by, *outcome, note, *duplicate_of)
            }
            Event::AlertWaits { alert, by, until } => self.wait(*alert, by, *until),
            Event::AlertSnoozed {
                alert,
                by,
                until,
                until_reading,
                reason,
            } => self.snooze(*alert, by, (*until, *until_reading), reason),
            Event::AlertEscalated {
                alert,
                by,
                to,
                note,
            } => self.escalate(*alert, by, to, note),
            Event::AlertOffered { alert, by, to } => {
                let open = self.open(*alert)?;
                let (ownership, respond_by) =
                    (open.ownership.offer(*alert, by, to)?, open.respond_by);
                self.set_ownership(*alert, ownership, respond_by);
                Ok(())
            }
            Event::OfferAnswered {
                alert,
                by,
                accepted,
            } => self.answer_offer(*alert, by, *accepted),
            Event::AlertReopened { alert, by, reason } => self.reopen(*alert, by, reason),
            _ => Ok(()),
        }
    }

    pub(super) fn open(&self, number: AlertNumber) -> Result<&Alert, Refusal> {
        self.case.alert(number).ok_or(Refusal::NotOpen(number))
    }

    pub(super) fn set_ownership(
        &mut self,
        alert: AlertNumber,
        ownership: Ownership,
        respond_by: Option<Timestamp>,
    ) {
        self.follow(Decision::SetOwnership {
            alert,
            ownership,
            respond_by,
        });
    }

    /// Gives an alert to who takes it. Who answers by duty takes it from the one holder who does not answer, and from
    /// nobody who has taken it meanwhile.
    fn take(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
        instead_of: Option<&PersonId>,
    ) -> Result<(), Refusal> {
        let alert = self.open(number)?;
        let is_by_duty = instead_of.is_some() && alert.ownership.holder() == instead_of;
        let may_take_over = is_by_duty || alert.is_overdue();
        let taken = alert.ownership.take(number, by, may_take_over, self.now)?;
        if taken.is_some() {
            let respond_by = self.act_by(alert);
            self.follow(Decision::Take {
                alert: number,
                by: by.clone(),
                respond_by,
            });
        }
        Ok(())
    }

    fn close(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
        outcome: Outcome,
        note: &str,
        duplicate_of: Option<AlertNumber>,
    ) -> Result<(), Refusal> {
        self.open(number)?.ownership.held_by(number, by)?;
        check_note(note)?;
        self.follow(Decision::Close {
            alert: number,
            by: by.clone(),
            outcome,
            note: note.to_owned(),
            duplicate_of: duplicate_of.filter(|_| outcome == Outcome::Duplicate),
        });
        Ok(())
    }

    /// Checks that a duplicate is one of another alert of this patient that is open or was closed lately.
    fn check_duplicate(
        &self,
        number: AlertNumber,
        outcome: Outcome,
        of: Option<AlertNumber>,
    ) -> Result<(), Refusal> {
        self.open(number)?;
        let closed = self.case.closed_alerts().iter().map(|it| it.alert.number);
        let mut others = self.case.open_alerts().map(|it| it.number).chain(closed);
        let is_known = of.is_some_and(|of| of != number && others.any(|it| it == of));
        if outcome == Outcome::Duplicate && !is_known {
            return Err(Refusal::DuplicateOfNothing(number));
        }
        Ok(())
    }

    fn wait(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
        until: Timestamp,
    ) -> Result<(), Refusal> {
        let alert = self.open(number)?;
        let waiting = alert.ownership.wait(number, by, until, self.now)?;
        self.check_aside(alert, until)?;
        self.check_tries(alert, alert.unanswered)?;
        self.set_ownership(number, waiting, Some(until));
        Ok(())
    }

    fn snooze(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
        until: (Timestamp, bool),
        reason: &str,
    ) -> Result<(), Refusal> {
        let alert = self.open(number)?;
        let snoozed = alert
            .ownership
            .snooze(number, by, until, reason, self.now)?;
        check_reason(reason)?;
        self.check_aside(alert, until.0)?;
        self.set_ownership(number, snoozed, Some(until.0));
        Ok(())
    }

    /// Checks that an alert is put aside no longer than the plan allows, whether it waits for the patient or sleeps.
    pub(super) fn check_aside(&self, alert: &Alert, until: Timestamp) -> Result<(), Refusal> {
        let response = self.plan().care.escalation.of(alert.priority);
        let minutes_max = response.map_or(ASIDE_MINUTES_MAX, |it| it.snooze_minutes_max);
        let alert = alert.number;
        if until <= self.now {
            return Err(Refusal::TimeHasPassed);
        }
        let longest = SignedDuration::from_mins(i64::from(minutes_max));
        if until.duration_since(self.now) > longest {
            return Err(Refusal::AsideTooLong { alert, minutes_max });
        }
        Ok(())
    }

    fn escalate(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
        to: &PersonId,
        note: &str,
    ) -> Result<(), Refusal> {
        let alert = self.open(number)?;
        let escalated = alert.ownership.escalate(number, by, to, self.now)?;
        check_note(note)?;
        let respond_by = self.take_by(alert.priority);
        self.set_ownership(number, escalated, respond_by);
        Ok(())
    }

    fn answer_offer(
        &mut self,
        number: AlertNumber,
        by: &PersonId,
        accepted: bool,
    ) -> Result<(), Refusal> {
        let alert = self.open(number)?;
        let answered = alert
            .ownership
            .answer_offer(number, by, accepted, self.now)?;
        if accepted && matches!(answered, Ownership::Taken { .. }) {
            let respond_by = self.act_by(alert);
            let by = by.clone();
            self.follow(Decision::Take {
                alert: number,
                by,
                respond_by,
            });
        } else {
            let respond_by = alert.respond_by;
            self.set_ownership(number, answered, respond_by);
        }
        Ok(())
    }

    fn reopen(&mut self, number: AlertNumber, by: &PersonId, reason: &str) -> Result<(), Refusal> {
        check_reason(reason)?;
        let closed = self.case.closed_alerts().iter();
        let closed = closed
            .map(|it| &it.alert)
            .find(|it| it.number == number)
            .ok_or(Refusal::NotClosed(number))?;
        if let Some(open) = self.case.alert_of(closed.problem) {
            return Err(Refusal::OpenAlready {
                closed: number,
                open: open.number,
            });
        }
        if self.case.discharged().is_some() {
            return Err(Refusal::Discharged);
        }
        let respond_by = self.act_by(closed);
        self.follow(Decision::Reopen {
            alert: number,
            by: by.clone(),
            reason: reason.to_owned(),
            respond_by,
        });
        self.settle_reopened(number);
        Ok(())
    }
}
