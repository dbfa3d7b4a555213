//! Telling what nurses do besides alerts: contacts, strikes, discharges and watches.

use super::Clock;
use crate::contact::Contact;
use crate::decision::Decision;

/// Tells a decision about what a nurse did; `None` for any other.
pub(super) fn tell(decision: &Decision, clock: &Clock<'_>) -> Option<String> {
    Some(match decision {
        Decision::NoteContact {
            contact,
            unanswered,
        } => contacted(contact, *unanswered),
        Decision::Strike(it) => {
            let (by, words) = (&it.by, it.reason.words());
            format!("{by} strikes a reading out: {words}; nothing is judged by it any more")
        }
        Decision::ForgetSuspicion { problem } => format!(
            "{}: no repeat is waited for any more, the first value was struck out",
            problem.name()
        ),
        Decision::TakeBackStrike(it) => {
            format!(
                "{} takes a strike back ({}): the reading counts again",
                it.by, it.note
            )
        }
        Decision::WeighAnew {
            alert,
            newest_measured_at,
            ..
        } => {
            let newest = clock.time(newest_measured_at);
            format!("alert {alert} is weighed anew: the newest reading that is left is of {newest}")
        }
        Decision::Discharge(it) => {
            format!("{} discharges the patient: {}", it.by, it.reason.words())
        }
        Decision::StartAgain => "monitoring starts again".to_owned(),
        Decision::Watch(it) => {
            let until = clock.time(&it.until);
            format!(
                "keep an eye on the patient until {until}, asks {}: {}",
                it.by, it.note
            )
        }
        Decision::EndWatch => "nobody need keep an eye on the patient any more".to_owned(),
        _ => return None,
    })
}

fn contacted(contact: &Contact, unanswered: u8) -> String {
    let (by, verb, result) = (&contact.by, contact.how.verb(), contact.result.words());
    let about = contact
        .alert
        .map_or_else(String::new, |it| format!(" about alert {it}"));
    let tries = match unanswered {
        0 | 1 => String::new(),
        times => format!(" ({times} times now)"),
    };
    format!("{by} {verb}{about}: {result}{tries}")
}
