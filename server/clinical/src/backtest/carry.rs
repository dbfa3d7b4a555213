//! Carrying over: what a live event is in a run, whose alerts have other numbers.

use crate::alert::{Alert, AlertNumber};
use crate::case::Case;
use crate::deadline::Deadline;
use crate::event::Event;

/// Gives a live event as it is in a run; `None` where it cannot happen there, being about an alert that the run does not
/// have.
pub(super) fn carried(event: &Event, live: Option<&Case>, run: &Case) -> Option<Event> {
    let mut event = event.clone();
    let is_reopening = matches!(event, Event::AlertReopened { .. });
    if let Some(number) = alert_of(&mut event) {
        let of_live = alert(*number, live?)?;
        let of_run = if is_reopening {
            closed_as(of_live, run)
        } else {
            run.alert_of(of_live.problem)
        };
        *number = of_run?.number;
    }
    Some(event)
}

/// Finds the closed alert of the same problem that was opened at the same time, or else the newest.
fn closed_as<'a>(of_live: &Alert, run: &'a Case) -> Option<&'a Alert> {
    let closed = run.closed_alerts().iter().rev().map(|it| &it.alert);
    let mut same = closed.filter(|it| it.problem == of_live.problem);
    let newest = same.clone().next();
    same.find(|it| it.opened_at == of_live.opened_at).or(newest)
}

fn alert_of(event: &mut Event) -> Option<&mut AlertNumber> {
    match event {
        Event::AlertTaken { alert, .. }
        | Event::AlertClosed { alert, .. }
        | Event::AlertWaits { alert, .. }
        | Event::AlertSnoozed { alert, .. }
        | Event::AlertEscalated { alert, .. }
        | Event::AlertOffered { alert, .. }
        | Event::OfferAnswered { alert, .. }
        | Event::AlertReopened { alert, .. }
        | Event::DeadlinePassed {
            what: Deadline::Respond { alert },
            ..
        } => Some(alert),
        Event::Contacted(contact) => contact.alert.as_mut(),
        _ => None,
    }
}

fn alert(number: AlertNumber, case: &Case) -> Option<&Alert> {
    let closed = case.closed_alerts().iter().map(|it| &it.alert);
    case.open_alerts()
        .chain(closed)
        .find(|it| it.number == number)
}
