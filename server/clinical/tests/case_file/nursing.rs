//! From a written step to the event that it stands for, where a nurse does more than handle an alert.

use clinical::{AlertNumber, Contact, Event, PlanVersion, Strike, StrikeBack, Watch};

use super::run::{Runner, reading};
use super::step::{CaseStep, Contacts};

/// Gives the event of a step, if it is one of these.
pub(crate) fn of(case_step: &CaseStep, runner: &Runner) -> Result<Option<Event>, String> {
    Ok(Some(if let Some(it) = &case_step.contacts {
        contact(it, runner)?
    } else if let Some(it) = &case_step.strikes {
        Event::ReadingStruck(Strike {
            reading: reading(it.reading)?,
            by: it.by.clone(),
            reason: it.reason,
            note: it.note.clone(),
        })
    } else if let Some(it) = &case_step.takes_back_strike {
        Event::StrikeTakenBack(StrikeBack {
            reading: reading(it.reading)?,
            by: it.by.clone(),
            note: it.note.clone(),
        })
    } else if let Some(it) = &case_step.discharges {
        Event::Discharged(it.clone())
    } else if let Some(coordinator) = &case_step.starts_again {
        let coordinator = coordinator.clone();
        let mut plan = Box::new(runner.case.plan().clone());
        let next = plan.version.0 + 1;
        plan.version = PlanVersion(case_step.plan_version.unwrap_or(next));
        Event::MonitoringStarted { coordinator, plan }
    } else if let Some(it) = &case_step.watches {
        Event::Watched(Watch {
            note: it.note.clone(),
            until: runner.time(&it.until)?,
            by: it.by.clone(),
        })
    } else if let Some(by) = &case_step.ends_watch {
        Event::WatchEnded { by: by.clone() }
    } else {
        return Ok(None);
    }))
}

fn contact(it: &Contacts, runner: &Runner) -> Result<Event, String> {
    let retry_at = it.retry_at.as_ref().map(|at| runner.time(at)).transpose()?;
    Ok(Event::Contacted(Contact {
        alert: it.alert.map(AlertNumber),
        by: it.by.clone(),
        how: it.how,
        result: it.result,
        note: it.note.clone(),
        retry_at,
    }))
}
