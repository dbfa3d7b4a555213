//! The words of a timeline: each event of the journal in one line.

use std::collections::BTreeMap;

use clinical::worklist::Tier;
use clinical::{AlertNumber, Contact, Event, PersonId, Plan};

use super::timeline::{Entry, Kind, flag_of, is_told_elsewhere, plain};
use crate::store::patient_record::PastEvent;
use crate::web::local_time::LocalTime;

/// The names of the staff by their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(pub(crate) BTreeMap<String, String>);

impl Names {
    /// Gives a person's name; of somebody who is not known the id.
    pub(crate) fn of(&self, person: &PersonId) -> String {
        let known = self.0.get(person.as_str());
        known.cloned().unwrap_or_else(|| person.to_string())
    }
}

/// Puts an event into words; `None` for what other sources tell.
pub(super) fn of_event(past: &PastEvent, names: &Names, local: &LocalTime) -> Option<Entry> {
    if is_told_elsewhere(&past.event) {
        return None;
    }
    let (kind, text, flag) = of_plan(&past.event, names, local)
        .or_else(|| of_alert(&past.event, names, local))
        .or_else(|| of_nursing(&past.event, names, local))
        .or_else(|| of_patient(&past.event, names, local))?;
    // A plan is shown where its limits begin to hold.
    let at = match &past.event {
        Event::PlanInForce { plan } => plan.in_force_from,
        _ => past.at,
    };
    Some(Entry {
        flag,
        ..plain(at, kind, text)
    })
}

/// What an entry is about, its words, and what charts say of it.
pub(super) type Said = (Kind, String, Option<String>);

fn of_plan(event: &Event, names: &Names, local: &LocalTime) -> Option<Said> {
    let said = |plan: &Plan| format!("set by {}: {}", names.of(&plan.set_by), plan.reason);
    Some(match event {
        Event::MonitoringStarted { coordinator, plan } => (
            Kind::Plan,
            format!(
                "Monitoring started with {} as care coordinator; plan {} {}",
                names.of(coordinator),
                plan.version,
                said(plan)
            ),
            Some("Monitoring started".to_owned()),
        ),
        Event::PlanInForce { plan } => (
            Kind::Plan,
            format!("Plan {} came in force, {}", plan.version, said(plan)),
            Some(format!("Plan {}: limits or rules changed", plan.version)),
        ),
        Event::PlanScheduled { plan } => (
            Kind::Plan,
            format!(
                "Plan {} accepted, to hold from {}, {}",
                plan.version,
                local.show(plan.in_force_from).text,
                said(plan)
            ),
            None,
        ),
        Event::PlanWithdrawn { by, reason } => (
            Kind::Plan,
            format!("{} took the planned change back: {reason}", names.of(by)),
            None,
        ),
        _ => return None,
    })
}

fn of_alert(event: &Event, names: &Names, local: &LocalTime) -> Option<Said> {
    if let Event::AlertClosed {
        alert,
        by,
        outcome,
        note,
        ..
    } = event
    {
        let (by, label, note) = (names.of(by), outcome.label(), noted(note));
        let text = format!("Alert {alert} closed by {by}: {label}{note}");
        return Some((Kind::Alert, text, flag_of(*outcome).map(str::to_owned)));
    }
    let (alert, text) = handled(event, names, local)?;
    Some((Kind::Alert, format!("Alert {alert} {text}"), None))
}

fn handled(event: &Event, names: &Names, local: &LocalTime) -> Option<(AlertNumber, String)> {
    let at = |at| local.show(at).text;
    let of = |person| names.of(person);
    Some(match event {
        Event::AlertTaken { alert, by, .. } => (*alert, format!("taken by {}", of(by))),
        Event::AlertWaits { alert, by, until } => {
            let until = at(*until);
            (
                *alert,
                format!("waits for the patient until {until}, {}", of(by)),
            )
        }
        Event::AlertSnoozed {
            alert,
            by,
            until,
            until_reading,
            reason,
        } => {
            let until = at(*until);
            let or = if *until_reading {
                " or the next reading"
            } else {
                ""
            };
            let by = of(by);
            (
                *alert,
                format!("put aside until {until}{or} by {by}: {reason}"),
            )
        }
        Event::AlertEscalated { alert, by, to, .. } => {
            (*alert, format!("escalated by {} to {}", of(by), of(to)))
        }
        Event::AlertOffered { alert, by, to } => {
            (*alert, format!("offered by {} to {}", of(by), of(to)))
        }
        Event::OfferAnswered {
            alert,
            by,
            accepted,
        } => {
            let answer = if *accepted { "accepted" } else { "declined" };
            (*alert, format!("{answer} by {}", of(by)))
        }
        Event::AlertReopened { alert, by, reason } => {
            (*alert, format!("reopened by {}: {reason}", of(by)))
        }
        _ => return None,
    })
}

fn of_patient(event: &Event, names: &Names, local: &LocalTime) -> Option<Said> {
    let said = match event {
        Event::CoordinatorAssigned { coordinator } => (
            Kind::People,
            format!("{} became care coordinator", names.of(coordinator)),
        ),
        Event::Paused { pause, by } => (
            Kind::Pause,
            format!(
                "{} paused readings from {} until {}: {}",
                names.of(by),
                local.show(pause.from).text,
                local.show(pause.until).text,
                pause.reason.words()
            ),
        ),
        Event::Resumed { by } => (
            Kind::Pause,
            format!(
                "{} ended the pause: readings are expected again",
                names.of(by)
            ),
        ),
        Event::Answered(_) => (Kind::Contact, "Questions were answered".to_owned()),
        Event::TierSet {
            tier, by, reason, ..
        } => (Kind::People, tier_said(*tier, &names.of(by), reason)),
        _ => return None,
    };
    Some((said.0, said.1, None))
}

fn of_nursing(event: &Event, names: &Names, local: &LocalTime) -> Option<Said> {
    Some(match event {
        Event::Contacted(contact) => contacted(contact, names, local),
        Event::ReadingStruck(strike) => (
            Kind::Reading,
            format!(
                "{} marked a reading as wrong: {}{}",
                names.of(&strike.by),
                strike.reason.words(),
                noted(&strike.note)
            ),
            None,
        ),
        Event::StrikeTakenBack(back) => (
            Kind::Reading,
            format!(
                "{} let the reading count again: {}",
                names.of(&back.by),
                back.note
            ),
            None,
        ),
        Event::Discharged(discharge) => (
            Kind::Plan,
            format!(
                "{} discharged the patient: {}{}",
                names.of(&discharge.by),
                discharge.reason.words(),
                noted(&discharge.note)
            ),
            Some("Discharged".to_owned()),
        ),
        Event::Watched(watch) => (
            Kind::People,
            format!(
                "{} asks to keep an eye on this until {}: {}",
                names.of(&watch.by),
                local.show(watch.until).text,
                watch.note
            ),
            None,
        ),
        Event::WatchEnded { by } => (
            Kind::People,
            format!("{} took the patient off the watch list", names.of(by)),
            None,
        ),
        _ => return None,
    })
}

/// A contact in which somebody was reached is flagged in the charts.
pub(super) fn contacted(contact: &Contact, names: &Names, local: &LocalTime) -> Said {
    let alert = contact
        .alert
        .map_or_else(String::new, |it| format!(" about alert {it}"));
    let retry = contact.retry_at.map_or_else(String::new, |at| {
        format!(", tries again {}", local.show(at).text)
    });
    let (verb, result) = (contact.how.verb(), contact.result.words());
    let text = format!(
        "{} {verb}{alert}: {result}{retry}{}",
        names.of(&contact.by),
        noted(&contact.note)
    );
    let flag =
        (!contact.result.is_unanswered()).then(|| format!("{}: {result}", contact.how.label()));
    (Kind::Contact, text, flag)
}

fn tier_said(tier: Option<Tier>, by: &str, reason: &str) -> String {
    match tier {
        Some(tier) => format!(
            "{by} set the worklist order to “{}”: {reason}",
            tier.words()
        ),
        None => format!(
            "{by} let the worklist order be worked out again{}",
            noted(reason)
        ),
    }
}

/// Adds a note, if there is one.
fn noted(note: &str) -> String {
    match note.trim() {
        "" => String::new(),
        note => format!(". “{note}”"),
    }
}
