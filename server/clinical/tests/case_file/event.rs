//! From a written step to the event that it stands for.

use clinical::history::Answers;
use clinical::schedule::Pause;
use clinical::silence::Finding;
use clinical::{
    AlertNumber, AttemptStored, Case, DeviceClock, Event, Plan, PlanVersion, ReadingStored,
};
use jiff::Timestamp;
use vitals::QualityMark;

use super::nursing;
use super::plan::{care_of, lay_over};
use super::run::Runner;
use super::step::{CaseStep, Values, WindowClosed};

/// config/silence.toml: device_clock_wrong_seconds.
const CLOCK_WRONG_FROM_SECONDS: u32 = 5400;

/// Makes a reading that arrives now.
pub(crate) fn reading(
    runner: &mut Runner,
    values: Values,
    measured_at: Timestamp,
    marks: &[QualityMark],
) -> Result<ReadingStored, String> {
    Ok(ReadingStored {
        id: runner.next_reading()?,
        values: values.into_iter().collect(),
        quality: marks.to_vec(),
        measured_at,
        received_at: runner.now,
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    })
}

/// Makes what the box sees of a clock that is so far ahead of the home's.
fn clock(runner: &Runner, ahead_seconds: i64) -> DeviceClock {
    let home = &runner.case.plan().care.zone;
    DeviceClock {
        offset_seconds: -ahead_seconds - i64::from(home.offset_seconds(runner.now)),
        wrong_from_seconds: CLOCK_WRONG_FROM_SECONDS,
    }
}

/// Gives the event of a step.
pub(crate) fn of(case_step: &CaseStep, runner: &mut Runner) -> Result<Event, String> {
    if let Some(event) = measured(case_step, runner)? {
        return Ok(event);
    }
    if let Some(event) = by_people(case_step, runner)? {
        return Ok(event);
    }
    if let Some(event) = nursing::of(case_step, runner)? {
        return Ok(event);
    }
    of_case(case_step, runner)
}

fn measured(case_step: &CaseStep, runner: &mut Runner) -> Result<Option<Event>, String> {
    let measured_at = match &case_step.measured_at {
        Some(text) => runner.time(text)?,
        None => runner.now,
    };
    if let Some(values) = case_step.measured.as_ref().or(case_step.drill.as_ref()) {
        let reading = ReadingStored {
            device: case_step.device.clone(),
            clock: case_step
                .clock_ahead_seconds
                .map(|ahead| clock(runner, ahead)),
            user: case_step.user,
            registered_user: case_step.registered_user,
            drill: case_step.drill.is_some(),
            ..reading(runner, values.clone(), measured_at, &case_step.marks)?
        };
        return Ok(Some(Event::ReadingStored(reading)));
    }
    let Some(failed) = &case_step.failed else {
        return Ok(None);
    };
    Ok(Some(Event::AttemptStored(AttemptStored {
        id: runner.next_reading()?,
        reason: failed.reason,
        quality: case_step.marks.clone(),
        measured_at,
        device: case_step.device.clone(),
        user: case_step.user,
        what: failed.what,
    })))
}

fn by_people(case_step: &CaseStep, runner: &Runner) -> Result<Option<Event>, String> {
    Ok(if let Some(it) = &case_step.takes {
        Some(Event::AlertTaken {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            instead_of: it.instead_of.clone(),
        })
    } else if let Some(it) = &case_step.closes {
        Some(Event::AlertClosed {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            outcome: it.outcome,
            note: it.note.clone(),
            duplicate_of: it.duplicate_of.map(AlertNumber),
        })
    } else if let Some(it) = &case_step.waits {
        Some(Event::AlertWaits {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            until: runner.time(&it.until)?,
        })
    } else if let Some(it) = &case_step.snoozes {
        Some(Event::AlertSnoozed {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            until: runner.time(&it.until)?,
            until_reading: false,
            reason: it.reason.clone(),
        })
    } else {
        passed_on(case_step)
    })
}

fn passed_on(case_step: &CaseStep) -> Option<Event> {
    if let Some(it) = &case_step.escalates {
        return Some(Event::AlertEscalated {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            to: it.to.clone(),
            note: it.note.clone(),
        });
    }
    if let Some(it) = &case_step.offers {
        return Some(Event::AlertOffered {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            to: it.to.clone(),
        });
    }
    if let Some(it) = &case_step.answers_offer {
        return Some(Event::OfferAnswered {
            alert: AlertNumber(it.alert),
            by: it.by.clone(),
            accepted: it.yes,
        });
    }
    case_step.reopens.as_ref().map(|it| Event::AlertReopened {
        alert: AlertNumber(it.alert),
        by: it.by.clone(),
        reason: it.reason.clone(),
    })
}

fn of_gateway(case_step: &CaseStep) -> Option<Event> {
    let gateway = case_step.knows_no_time.as_ref();
    let gateway = gateway.or(case_step.knows_the_time.as_ref())?.clone();
    let unset = case_step.knows_no_time.is_some();
    Some(Event::GatewayClock { gateway, unset })
}

fn of_case(case_step: &CaseStep, runner: &Runner) -> Result<Event, String> {
    if let Some(event) = of_gateway(case_step) {
        return Ok(event);
    }
    if let Some(it) = &case_step.answers {
        return Ok(Event::Answered(Answers {
            symptoms: it.symptoms.clone(),
            respiratory_rate: it.respiratory_rate,
            on_oxygen: it.on_oxygen,
            consciousness: it.consciousness,
            ..Answers::at(runner.now)
        }));
    }
    if let Some(mut plan) = new_plan(case_step, &runner.case)? {
        return Ok(match &case_step.holds_from {
            Some(from) => {
                plan.in_force_from = runner.time(from)?;
                let plan = Box::new(plan);
                Event::PlanScheduled { plan }
            }
            None => {
                let plan = Box::new(plan);
                Event::PlanInForce { plan }
            }
        });
    }
    if let Some(it) = &case_step.withdraws_plan {
        let (by, reason) = (it.by.clone(), it.reason.clone());
        return Ok(Event::PlanWithdrawn { by, reason });
    }
    if let Some(coordinator) = &case_step.new_coordinator {
        let coordinator = coordinator.clone();
        return Ok(Event::CoordinatorAssigned { coordinator });
    }
    if let Some(it) = &case_step.pauses {
        let pause = Pause {
            from: runner.time(&it.from)?,
            until: runner.time(&it.until)?,
            reason: it.reason.clone(),
        };
        let by = it.by.clone();
        return Ok(Event::Paused { pause, by });
    }
    if let Some(by) = &case_step.resumes {
        return Ok(Event::Resumed { by: by.clone() });
    }
    if let Some(it) = &case_step.sets_tier {
        return Ok(Event::TierSet {
            tier: it.tier,
            by: it.by.clone(),
            reason: it.reason.clone(),
            until: it.until.as_ref().map(|it| runner.time(it)).transpose()?,
        });
    }
    of_window(case_step, &runner.case)
}

fn of_window(case_step: &CaseStep, case: &Case) -> Result<Event, String> {
    let expecting = |it: &WindowClosed| {
        let expecting = case.expecting(it.what);
        expecting.ok_or("no reading of that kind is expected")
    };
    let finding = |it: &WindowClosed| Finding {
        cause: it.cause,
        clues: Vec::new(),
        route: it.route,
        check_patient: it.check_patient,
    };
    if let Some(explained) = &case_step.window_explained {
        let last = expecting(explained)?.last_missed.as_ref();
        let due = last.ok_or("no window of that kind was missed")?.due;
        let finding = finding(explained);
        return Ok(Event::WindowExplained { due, finding });
    }
    let closed = case_step.window_closed.as_ref().ok_or("nothing happens")?;
    let due = expecting(closed)?.due;
    let finding = finding(closed);
    Ok(Event::WindowClosed { due, finding })
}

/// Makes the next plan: a new one, or the one in force with other limits or other care.
fn new_plan(case_step: &CaseStep, case: &Case) -> Result<Option<Plan>, String> {
    let before = case.plan();
    let version = case_step.plan_version.unwrap_or(before.version.0 + 1);
    if let Some(draft) = &case_step.new_plan {
        return Ok(Some(draft.plan(version)?));
    }
    let mut plan = before.clone();
    plan.version = PlanVersion(version);
    if let Some(limits) = &case_step.new_limits {
        plan.limits = serde_json::from_value(limits.clone()).map_err(|error| error.to_string())?;
    } else if let Some(over) = &case_step.new_care {
        let care = serde_json::to_value(&plan.care);
        let mut care = care.map_err(|error| error.to_string())?;
        lay_over(&mut care, over);
        plan.care = care_of(care)?;
    } else {
        return Ok(None);
    }
    Ok(Some(plan))
}
