//! What the audit trail says of an event that a person let happen to a patient's case.

use clinical::{Event, PatientId};

use super::action::Action;
use super::entry::{Actor, Entry};

impl Entry {
    /// Says what somebody did to a patient's case. The journal has the rest.
    pub fn of_event(actor: Actor, patient: &PatientId, event: &Event) -> Self {
        let (action, subject) = action_of(event);
        let entry = Self::new(actor, action).of(patient);
        match subject {
            Some(subject) => entry.about(&subject),
            None => entry,
        }
    }
}

fn action_of(event: &Event) -> (Action, Option<u32>) {
    match event {
        Event::AlertTaken { alert, .. } => (Action::AlertTaken, Some(alert.0)),
        Event::AlertOffered { alert, .. } | Event::OfferAnswered { alert, .. } => {
            (Action::AlertHandedOver, Some(alert.0))
        }
        Event::AlertEscalated { alert, .. } => (Action::AlertEscalated, Some(alert.0)),
        Event::AlertWaits { alert, .. } | Event::AlertSnoozed { alert, .. } => {
            (Action::AlertPutAside, Some(alert.0))
        }
        Event::AlertClosed { alert, .. } => (Action::AlertClosed, Some(alert.0)),
        Event::AlertReopened { alert, .. } => (Action::AlertReopened, Some(alert.0)),
        Event::PlanInForce { plan } | Event::PlanScheduled { plan } => {
            (Action::PlanChanged, Some(plan.version.0))
        }
        Event::PlanWithdrawn { .. } => (Action::PlanWithdrawn, None),
        Event::Contacted(contact) => (Action::ContactNoted, contact.alert.map(|it| it.0)),
        Event::ReadingStruck(_) | Event::StrikeTakenBack(_) => (Action::ReadingMarked, None),
        _ => (Action::PatientChanged, None),
    }
}
