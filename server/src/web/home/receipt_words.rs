//! The receipt in words: how far a reading has come, and who has looked; pure. What the receipt does not claim, no word says.

use jiff::Timestamp;

use super::clock_words as clock;
use super::say;
use crate::receipt::{Became, Receipt};
use crate::web::local_time::LocalTime;

/// The times of one reading, as they were stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// When it was measured.
    pub(crate) measured_at: Timestamp,
    /// When the box in the home had it.
    pub(crate) received_at: Timestamp,
    /// When the server had it.
    pub(crate) stored_at: Timestamp,
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// It has happened.
    pub(crate) is_done: bool,
    /// What, and when.
    pub(crate) text: String,
}

/// A receipt, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReceiptView {
    /// What matters most.
    pub(crate) headline: String,
    /// What to do about it; may be empty.
    pub(crate) more: String,
    /// It was held against the plan.
    pub(crate) is_checked: bool,
    /// Somebody is to look, or the patient is to do something.
    pub(crate) is_open: bool,
    /// The way, step by step.
    pub(crate) steps: Vec<Step>,
}

/// Whoever reads, and the names that the words need.
pub(crate) struct Told<'a> {
    /// The care coordinator's name.
    pub(crate) coordinator: &'a str,
    /// Gives a person's name.
    pub(crate) name: &'a dyn Fn(&clinical::PersonId) -> String,
    /// The time.
    pub(crate) local: &'a LocalTime,
    /// Whoever reads may see what became of it.
    pub(crate) sees_alerts: bool,
}

const DO_NOT_WAIT: &str = "If you feel unwell, do not wait. Call 999 or 111.";

/// Puts a receipt into words.
pub(crate) fn view(receipt: &Receipt, times: Times, told: &Told<'_>) -> ReceiptView {
    let at = |at: Timestamp| say::at(at, told.local);
    let done = |text: String| Step {
        is_done: true,
        text,
    };
    let mut steps = vec![
        done(format!("Measured {}.", at(times.measured_at))),
        done(format!(
            "The box in the home had it {}.",
            at(times.received_at)
        )),
        done(format!(
            "The team’s computer had it {}.",
            at(times.stored_at)
        )),
    ];
    steps.push(match receipt.checked_at {
        Some(checked_at) => done(format!("Checked against the plan {}.", at(checked_at))),
        None => Step {
            is_done: false,
            text: "Not checked against the plan yet.".to_owned(),
        },
    });
    let (headline, more, is_open) = if told.sees_alerts {
        became(&receipt.became, told)
    } else {
        (String::new(), "", false)
    };
    if let Some(text) = last_step(&receipt.became, told) {
        steps.push(text);
    }
    ReceiptView {
        headline,
        more: more.to_owned(),
        is_checked: receipt.checked_at.is_some(),
        is_open,
        steps,
    }
}

/// Says what became of it: the sentence, what to do, and whether something is open.
fn became(became: &Became, told: &Told<'_>) -> (String, &'static str, bool) {
    match waiting(became, told) {
        Some((text, more)) => (text, more, true),
        None => (settled(became, told), "", false),
    }
}

/// Says what is open, and what to do meanwhile; nothing when nothing is.
fn waiting(became: &Became, told: &Told<'_>) -> Option<(String, &'static str)> {
    let (local, coordinator, name) = (told.local, told.coordinator, told.name);
    let text = match became {
        Became::NotChecked => "It is with the team’s computer. It is not checked yet.".to_owned(),
        Became::Again { until: Some(until) } => format!(
            "Please measure again before {}. If you do not, we tell the team.",
            clock::end(*until, local)
        ),
        Became::Again { until: None } => {
            let text = "Please measure again. We could not be sure of this one.";
            return Some((text.to_owned(), ""));
        }
        Became::OnList { is_late: true, .. } => {
            "We are sorry, we are late. Nobody has looked yet. We have asked the next person."
                .to_owned()
        }
        Became::OnList { by: Some(by), .. } if *by < local.now() => format!(
            "It is on {coordinator}’s list. It was due {}. Nobody has looked yet.",
            say::at(*by, local)
        ),
        Became::OnList { by: Some(by), .. } => format!(
            "It is on {coordinator}’s list. It is due by {}. Nobody has looked yet.",
            clock::end(*by, local)
        ),
        Became::OnList { by: None, .. } => {
            format!("It is on {coordinator}’s list. Nobody has looked yet.")
        }
        Became::InHand { by, at } => {
            format!("{} took this on {}.", name(by), say::at(*at, local))
        }
        Became::Added { to } => format!("It was added to what {} is working on.", name(to)),
        Became::Fine
        | Became::Repeated
        | Became::LookedAt { .. }
        | Became::EndedByItself
        | Became::Struck { .. } => return None,
    };
    Some((text, DO_NOT_WAIT))
}

/// Says how it ended.
fn settled(became: &Became, told: &Told<'_>) -> String {
    let (local, name) = (told.local, told.name);
    match became {
        Became::Fine => "Nobody needs to look at this one. Thank you.".to_owned(),
        Became::Repeated => {
            "There is a newer reading after this one. The newer one counts.".to_owned()
        }
        Became::LookedAt { by, at, outcome } => format!(
            "{} looked at it {}: “{}”",
            name(by),
            say::at(*at, local),
            say::outcome(*outcome)
        ),
        Became::EndedByItself => {
            "A newer reading was fine. Nobody had to look at this one.".to_owned()
        }
        Became::Struck { by, at } => format!(
            "{} marked this reading as not right {}. It does not count.",
            name(by),
            say::at(*at, local)
        ),
        Became::NotChecked
        | Became::Again { .. }
        | Became::OnList { .. }
        | Became::InHand { .. }
        | Became::Added { .. } => String::new(),
    }
}

fn last_step(became: &Became, told: &Told<'_>) -> Option<Step> {
    if !told.sees_alerts {
        return None;
    }
    let (is_done, text) = match became {
        Became::OnList { .. } | Became::InHand { .. } | Became::Added { .. } => {
            (false, "Not finished by the team yet.")
        }
        Became::LookedAt { .. } => (true, "Looked at by the team."),
        _ => return None,
    };
    let text = text.to_owned();
    Some(Step { is_done, text })
}
