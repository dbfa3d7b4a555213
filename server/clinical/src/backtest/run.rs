//! A run: one plan, or those that were in force, driven through a patient's live journal.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Row;
use super::carry::carried;
use super::raised::Watch;
use crate::alert::{Alert, Condition};
use crate::case::Case;
use crate::deadline::Deadline;
use crate::decision::Decision;
use crate::event::Event;
use crate::plan::{Plan, PlanVersion};
use crate::schedule::{Due, Measured};
use crate::silence::Finding;
use crate::timeline::Timeline;

#[derive(Debug)]
pub(super) struct Run {
    timeline: Timeline,
    /// `None` when the plans that were in force are run.
    proposed: Option<Box<Plan>>,
    watch: Watch,
    /// Live findings of windows that the run closes later.
    found: BTreeMap<Measured, (Due, Finding)>,
}

impl Run {
    pub(super) fn of_plans_in_force(live: Option<Case>, watch: Watch) -> Self {
        Self {
            timeline: Timeline::new(live),
            proposed: None,
            watch,
            found: BTreeMap::new(),
        }
    }

    pub(super) fn of_proposed(
        proposed: Plan,
        live: Option<Case>,
        at: Timestamp,
        watch: Watch,
    ) -> Self {
        let before = live.as_ref().map(|case| case.plan().clone());
        let waits = live
            .as_ref()
            .is_some_and(|case| case.scheduled_plan().is_some());
        let mut run = Self {
            proposed: Some(Box::new(proposed.clone())),
            ..Self::of_plans_in_force(live, watch)
        };
        if waits {
            run.follow(Decision::DropScheduledPlan, at);
        }
        // Putting the same plan in force again would ask for its review again.
        let other = before.filter(|it| it.limits != proposed.limits || it.care != proposed.care);
        if let Some(before) = other {
            let plan = Box::new(Plan {
                version: PlanVersion(before.version.0.saturating_add(1)),
                ..proposed
            });
            run.decide(&Event::PlanInForce { plan }, at);
        }
        run
    }

    pub(super) fn into_watch(self) -> Watch {
        self.watch
    }

    /// Lets a live event happen to the run. `live` is the live case before it.
    pub(super) fn happen(&mut self, row: &Row<'_>, live: Option<&Case>) {
        self.pass_until(row.at, live);
        match row.event {
            Event::MonitoringStarted { coordinator, plan } => {
                let event = Event::MonitoringStarted {
                    coordinator: coordinator.clone(),
                    plan: self.plan_of_start(plan),
                };
                self.decide(&event, row.at);
            }
            event if self.proposed.is_some() && is_about_plans(event) => {}
            Event::WindowClosed { due, finding } => self.close_window(due, finding, row.at, live),
            Event::WindowExplained { due, finding } => self.explain_window(due, finding, row.at),
            event => self.carry_over(event, row.at, live),
        }
    }

    /// Gives the plan that monitoring starts with: the proposed one if there is one, as the next when it starts again.
    fn plan_of_start(&self, live: &Plan) -> Box<Plan> {
        let plan = self.proposed.as_deref().unwrap_or(live).clone();
        let before = self.timeline.case().map(|case| case.plan().version);
        Box::new(Plan {
            version: before.map_or(plan.version, |it| PlanVersion(it.0.saturating_add(1))),
            ..plan
        })
    }

    /// Ends what the run alone has open when the patient was discharged.
    fn discharge(&mut self, event: &Event, at: Timestamp) {
        let Some(case) = self.timeline.case() else {
            return;
        };
        let alerts = case.open_alerts().map(|it| it.number);
        let alerts = alerts.map(|alert| Decision::EndByItself { alert });
        let suspicions = case.suspicions().map(|it| Decision::EndSuspicion {
            problem: it.problem,
            confirmed: false,
        });
        let ends: Vec<Decision> = alerts.chain(suspicions).collect();
        for decision in ends {
            self.follow(decision, at);
        }
        self.decide(event, at);
    }

    fn carry_over(&mut self, event: &Event, at: Timestamp, live: Option<&Case>) {
        let case = self.timeline.case();
        let Some(event) = case.and_then(|case| carried(event, live, case)) else {
            return;
        };
        if self.decide(&event, at) {
            return;
        }
        if matches!(event, Event::Discharged(_)) {
            return self.discharge(&event, at);
        }
        if let Event::AlertClosed {
            alert,
            by,
            outcome,
            note,
            duplicate_of,
        } = event
        {
            let close = Decision::Close {
                alert,
                by,
                outcome,
                note,
                duplicate_of,
            };
            self.follow(close, at);
        }
    }

    /// Closes the window that is the same in the run, or keeps the finding until the run's grace is over.
    fn close_window(&mut self, due: &Due, finding: &Finding, at: Timestamp, live: Option<&Case>) {
        let Some(case) = self.timeline.case() else {
            return;
        };
        let expected = case.expecting(due.what).map(|it| it.due);
        let Some(own) = expected.filter(|own| is_same_window(own, due)) else {
            return;
        };
        let as_live = live.is_some_and(|live| live.missed_step(due) == case.missed_step(&own));
        let finding = if as_live {
            finding.clone()
        } else {
            finding.at_step(case.missed_step(&own))
        };
        if own.due_at <= at {
            self.decide(&Event::WindowClosed { due: own, finding }, at);
        } else {
            self.found.insert(own.what, (own, finding));
        }
    }

    /// Explains the window that the run missed too.
    fn explain_window(&mut self, due: &Due, finding: &Finding, at: Timestamp) {
        let Some(case) = self.timeline.case() else {
            return;
        };
        let last = case
            .expecting(due.what)
            .and_then(|it| it.last_missed.as_ref());
        let Some(own) = last.map(|it| it.due).filter(|own| is_same_window(own, due)) else {
            return;
        };
        let finding = finding.at_step(case.step_so_far(due.what));
        self.decide(&Event::WindowExplained { due: own, finding }, at);
    }

    /// Lets time pass. A deadline that the live case has too waits for the live one.
    pub(super) fn pass_until(&mut self, until: Timestamp, live: Option<&Case>) {
        let (watch, found) = (&mut self.watch, &self.found);
        self.timeline.pass_as(
            until,
            |case, due_at, what| {
                let is_live = live.is_some_and(|live| has(live, case, due_at, what));
                (!is_live).then(|| passed(case, due_at, what, found))
            },
            &mut |at, _, decisions, case| watch.see(at, decisions, case),
        );
    }

    /// Ends the alerts that have cleared and whose problem nobody works on live.
    pub(super) fn end_what_is_over(&mut self, at: Timestamp, live: Option<&Case>) {
        let Some(case) = self.timeline.case() else {
            return;
        };
        let is_over = |alert: &&Alert| {
            alert.condition != Condition::Active
                && live.is_none_or(|live| live.alert_of(alert.problem).is_none())
        };
        let over: Vec<_> = case.open_alerts().filter(is_over).collect();
        let over: Vec<_> = over.iter().map(|it| it.number).collect();
        for alert in over {
            self.follow(Decision::EndByItself { alert }, at);
        }
    }

    fn decide(&mut self, event: &Event, at: Timestamp) -> bool {
        let watch = &mut self.watch;
        let mut see = |at, _: &Event, decisions: &[Decision], case: &Case| {
            watch.see(at, decisions, case);
        };
        self.timeline.decide(event, at, &mut see).is_ok()
    }

    fn follow(&mut self, decision: Decision, at: Timestamp) {
        self.timeline.carry_out(&decision, at);
        if let Some(case) = self.timeline.case() {
            self.watch.see(at, &[decision], case);
        }
    }
}

/// Tells whether the live case has a deadline of the run's: of the same, at the same time.
fn has(live: &Case, run: &Case, due_at: Timestamp, what: Deadline) -> bool {
    match what {
        Deadline::Confirm { problem } => live
            .suspicion_of(problem)
            .is_some_and(|it| it.until == due_at),
        Deadline::Respond { alert } => run
            .alert(alert)
            .and_then(|it| live.alert_of(it.problem))
            .is_some_and(|it| it.respond_by == Some(due_at)),
        Deadline::WindowCloses { what } => run
            .expecting(what)
            .zip(live.expecting(what))
            .is_some_and(|(own, live)| is_same_window(&own.due, &live.due)),
        Deadline::PlanTerm => live.term_due_at() == Some(due_at),
        Deadline::PlanBegins => live.scheduled_plan().is_some(),
    }
}

/// Tells whether an event says which plan holds when: the run has its own.
fn is_about_plans(event: &Event) -> bool {
    match event {
        Event::PlanInForce { .. } | Event::PlanScheduled { .. } | Event::PlanWithdrawn { .. } => {
            true
        }
        Event::DeadlinePassed { what, .. } => *what == Deadline::PlanBegins,
        _ => false,
    }
}

fn is_same_window(one: &Due, other: &Due) -> bool {
    (one.what, one.opens, one.closes) == (other.what, other.opens, other.closes)
}

fn passed(
    case: &Case,
    due_at: Timestamp,
    what: Deadline,
    found: &BTreeMap<Measured, (Due, Finding)>,
) -> Event {
    if let Deadline::WindowCloses { what } = what {
        let kept = case.expecting(what).zip(found.get(&what));
        if let Some((own, (due, finding))) = kept
            && own.due == *due
        {
            return Event::WindowClosed {
                due: *due,
                finding: finding.clone(),
            };
        }
    }
    Event::DeadlinePassed { what, due_at }
}
