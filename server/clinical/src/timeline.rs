//! A timeline: a case driven through events in the order of time, its deadlines firing in between as they do live.

use jiff::Timestamp;

use crate::case::Case;
use crate::deadline::Deadline;
use crate::decision::Decision;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::replay::{Step, step};

/// The most deadlines that fire before one event: after it, the rest waits for the next.
///
/// A case has at most one for each suspicion, open alert, kind of reading and plan, and each that fires moves on by at
/// least a minute, so only a plan of minutes and a wait of weeks comes near.
pub const FIRED_LEN_MAX: usize = 10_000;

/// A case that is driven through time.
#[derive(Debug, Clone)]
pub struct Timeline {
    case: Option<Case>,
    now: Timestamp,
}

impl Timeline {
    /// Begins with a case, or with none: monitoring then starts by its event.
    pub fn new(case: Option<Case>) -> Self {
        let now = Timestamp::MIN;
        Self { case, now }
    }

    /// Gives the case as it is.
    pub fn case(&self) -> Option<&Case> {
        self.case.as_ref()
    }

    /// Lets an event happen, after every deadline that was due before it or with it. `seen` is shown each of them, with
    /// the case after it.
    ///
    /// # Errors
    /// The event's refusal. What was due before it has happened all the same.
    pub fn happen(
        &mut self,
        event: &Event,
        at: Timestamp,
        seen: &mut impl FnMut(Timestamp, &Event, &[Decision], &Case),
    ) -> Result<(), Refusal> {
        self.pass_until(at, seen);
        self.decide(event, at, seen)
    }

    /// Lets time pass: every deadline that is due until then fires when it is due.
    pub fn pass_until(
        &mut self,
        until: Timestamp,
        seen: &mut impl FnMut(Timestamp, &Event, &[Decision], &Case),
    ) {
        let fires = |_: &Case, due_at, what| Some(Event::DeadlinePassed { what, due_at });
        self.pass_as(until, fires, seen);
    }

    /// Lets time pass as [`Timeline::pass_until`] does, `fires` saying by which event a deadline passes; one for which
    /// it says `None` is held back.
    pub fn pass_as(
        &mut self,
        until: Timestamp,
        fires: impl Fn(&Case, Timestamp, Deadline) -> Option<Event>,
        seen: &mut impl FnMut(Timestamp, &Event, &[Decision], &Case),
    ) {
        for _ in 0..FIRED_LEN_MAX {
            let Some((due_at, event)) = self.due(until, &fires) else {
                return;
            };
            // What was held back fires late, and time never goes back.
            let at = due_at.max(self.now);
            // A deadline that the case has is never refused.
            if self.decide(&event, at, seen).is_err() {
                return;
            }
        }
    }

    fn due(
        &self,
        until: Timestamp,
        fires: impl Fn(&Case, Timestamp, Deadline) -> Option<Event>,
    ) -> Option<(Timestamp, Event)> {
        let case = self.case.as_ref()?;
        let due = case.deadlines().filter(|(due_at, _)| *due_at <= until);
        let mut due: Vec<(Timestamp, Deadline)> = due.collect();
        due.sort_unstable();
        due.into_iter()
            .find_map(|(due_at, what)| Some((due_at, fires(case, due_at, what)?)))
    }

    /// Carries a decision out that no event led to.
    pub fn carry_out(&mut self, decision: &Decision, at: Timestamp) {
        if let Some(case) = &mut self.case {
            case.carry_out(decision, at);
        }
    }

    /// Lets an event happen whatever is due.
    ///
    /// # Errors
    /// The event's refusal; the case is then as it was.
    pub fn decide(
        &mut self,
        event: &Event,
        at: Timestamp,
        seen: &mut impl FnMut(Timestamp, &Event, &[Decision], &Case),
    ) -> Result<(), Refusal> {
        self.now = self.now.max(at);
        // A refusal gives no case back, and only people are refused: keep theirs.
        let kept = is_by_a_person(event).then(|| self.case.clone());
        match step(self.case.take(), event, at) {
            Ok(Step { decisions, case }) => {
                seen(at, event, &decisions, &case);
                self.case = Some(case);
                Ok(())
            }
            Err(refusal) => {
                self.case = kept.flatten();
                Err(refusal)
            }
        }
    }
}

fn is_by_a_person(event: &Event) -> bool {
    !matches!(
        event,
        Event::ReadingStored(_)
            | Event::AttemptStored(_)
            | Event::Answered(_)
            | Event::DeadlinePassed { .. }
            | Event::WindowClosed { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{AlertNumber, Priority};
    use crate::event::ReadingStored;
    use crate::limits::Limits;
    use crate::plan::{Care, Clock, Escalation, Plan, PlanVersion, Response};
    use crate::sign::VitalSign;
    use std::collections::BTreeMap;
    use vitals::Decimal;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00Z").parse().unwrap()
    }

    fn started() -> Event {
        let urgent = Response {
            take_minutes: 15,
            act_minutes: 30,
            step_minutes: 20,
            clock: Clock::Always,
            snooze_minutes_max: 30,
            rest_days: None,
            unanswered_max: None,
            ends_by_itself: false,
            source: "timeline".to_owned(),
        };
        let limits = Limits::new(Some(Decimal::whole(88)), None, None, None).unwrap();
        Event::MonitoringStarted {
            coordinator: "nurse-ann".parse().unwrap(),
            plan: Box::new(Plan {
                version: PlanVersion(1),
                limits: BTreeMap::from([(VitalSign::Spo2, limits)]),
                care: Care {
                    escalation: Escalation(BTreeMap::from([(Priority::Urgent, urgent)])),
                    ..Care::default()
                },
                set_by: "dr-bell".parse().unwrap(),
                reason: "timeline".to_owned(),
                patient_view: None,
                in_force_from: Timestamp::UNIX_EPOCH,
            }),
        }
    }

    fn low_oxygen(measured_at: Timestamp) -> Event {
        Event::ReadingStored(ReadingStored {
            id: format!("{:032x}", 1).parse().unwrap(),
            values: vec![(VitalSign::Spo2, Decimal::whole(85))],
            quality: Vec::new(),
            measured_at,
            received_at: measured_at,
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        })
    }

    #[test]
    fn deadlines_fire_when_they_are_due_and_before_the_event() {
        let mut seen = Vec::new();
        let mut note = |at: Timestamp, event: &Event, _: &[Decision], _: &Case| {
            if matches!(event, Event::DeadlinePassed { .. }) {
                seen.push(at);
            }
        };
        let mut timeline = Timeline::new(None);
        timeline.happen(&started(), at("08:00"), &mut note).unwrap();
        let low = low_oxygen(at("08:00"));
        timeline.happen(&low, at("08:00"), &mut note).unwrap();
        timeline.pass_until(at("08:14"), &mut note);
        let (alert, by) = (AlertNumber::FIRST, "nurse-bo".parse().unwrap());
        let taken = Event::AlertTaken {
            alert,
            by,
            instead_of: None,
        };
        timeline.happen(&taken, at("08:40"), &mut note).unwrap();
        assert_eq!(seen, [at("08:15"), at("08:35")]);
    }

    #[test]
    fn what_is_refused_leaves_the_case_as_it_was() {
        let mut timeline = Timeline::new(None);
        let mut ignore = |_: Timestamp, _: &Event, _: &[Decision], _: &Case| {};
        timeline
            .happen(&started(), at("08:00"), &mut ignore)
            .unwrap();
        let before = timeline.case().cloned();
        let by = "nurse-bo".parse().unwrap();
        let taken = Event::AlertTaken {
            alert: AlertNumber(9),
            by,
            instead_of: None,
        };
        assert!(timeline.happen(&taken, at("09:00"), &mut ignore).is_err());
        assert_eq!(timeline.case(), before.as_ref());
    }
}
