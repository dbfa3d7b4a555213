//! The words that patients and carers read, besides those that stand in the templates of `templates/home`.
//!
//! Reading age 9 to 11: sentences of at most 20 words, "you" and "your team", no jargon; `tests/plain.rs` measures the
//! pages. A translation takes the place of this module and of those templates.

use clinical::{Measured, Outcome};

use super::clock_words as clock;
use crate::store::patient_page::PatientRow;
use crate::web::local_time::LocalTime;

/// What happened, and what to do.
pub(super) type Happened = (&'static str, &'static str);

pub(super) const NOT_FOUND: Happened = (
    "We cannot find that page",
    "Go back to your own page. If you need help, call your team.",
);
pub(super) const TOO_OFTEN: Happened = (
    "That was a bit too fast",
    "Wait a moment. Then try again. Nothing was changed.",
);
pub(super) const BAD_FORM: Happened = (
    "We could not read that",
    "Nothing was changed. Go back and try again.",
);
pub(super) const BROKEN: Happened = (
    "Sorry, this page does not work right now",
    "Wait a minute. Then try again. If you are worried about your health, do not wait for this page.",
);
pub(super) const CODE_WRONG: &str = "That code does not work. Check each letter. If it still does not work, ask your team for a new code.";

pub(super) const NOT_STARTED: Happened = (
    "Your team has not started your readings yet.",
    "They will tell you when to begin.",
);
pub(super) const ENDED: Happened = (
    "Your monitoring has ended.",
    "Nobody looks at readings from now on. If you feel unwell, call your GP or 111. In an emergency call 999.",
);
pub(super) const PAUSED: &str = "You are having a break.";
pub(super) const NOTHING_DUE: &str = "Nothing to do right now.";
pub(super) const NO_TIMES: &str =
    "Your plan has no set times. Measure when you and your team agreed.";
pub(super) const AGAIN_WHY: &str =
    "It was outside the range of your plan. One more reading tells us more.";

/// Names a patient as people say it.
pub(super) fn full_name(patient: &PatientRow) -> String {
    format!("{} {}", patient.given_name, patient.family_name)
}

fn thing(what: Measured) -> &'static str {
    match what {
        Measured::BloodPressure => "blood pressure",
        Measured::Oximetry => "oxygen level",
        Measured::Weight => "weight",
        Measured::Temperature => "temperature",
    }
}

pub(super) fn take(what: Measured) -> String {
    match what {
        Measured::Weight => "Weigh yourself.".to_owned(),
        other => format!("Take your {}.", thing(other)),
    }
}

pub(super) fn take_again(what: Measured) -> String {
    match what {
        Measured::Weight => "Weigh yourself again.".to_owned(),
        other => format!("Take your {} again.", thing(other)),
    }
}

pub(super) fn again_until(until: &str) -> String {
    format!("Do it before {until}.")
}

pub(super) fn due_between(from: &str, until: &str) -> String {
    format!("Do it between {from} and {until}.")
}

pub(super) fn due_still(until: &str) -> String {
    format!("It is a bit late, and still fine. Do it before {until}.")
}

pub(super) fn next_is(what: Measured, day: &str, from: &str, until: &str) -> String {
    format!(
        "Next: your {}, {day} between {from} and {until}.",
        thing(what)
    )
}

pub(super) fn paused_until(day: &str) -> String {
    format!("We do not expect readings until {day}.")
}

/// How a reading is taken, step by step.
pub(super) fn how_to(what: Measured) -> &'static [&'static str] {
    match what {
        Measured::BloodPressure => &[
            "Sit quietly for 5 minutes. Do not talk.",
            "Put both feet flat on the floor.",
            "Put the cuff on your bare arm. Rest the arm on a table.",
            "Press the button. Keep still until it has finished.",
        ],
        Measured::Oximetry => &[
            "Sit quietly for 5 minutes. Warm your hands.",
            "Take off nail polish from one finger.",
            "Put the clip on that finger. Keep still until the number stays the same.",
        ],
        Measured::Weight => &[
            "Weigh yourself in the morning, after you have been to the toilet.",
            "Do it before you eat, in light clothes, with bare feet.",
            "Put the scale on a hard floor. Stand still.",
        ],
        Measured::Temperature => &[
            "Wait 20 minutes after a hot or cold drink.",
            "Keep the thermometer in its place until it beeps.",
        ],
    }
}

/// Says that nobody is there, before anything else.
pub(super) fn closed_now(now: &str, opens: Option<&str>) -> String {
    match opens {
        Some(opens) => {
            format!("It is {now}. Your team is not there now. They look at readings from {opens}.")
        }
        None => format!("It is {now}. Your team is not there now."),
    }
}

/// Says how somebody ended an alert, to the patient.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::AdviceGiven => "We spoke and gave advice.",
        Outcome::RepeatRequested => "We asked for another reading.",
        Outcome::MedicineChanged => "The medicine was changed.",
        Outcome::Referred => "We passed this on to another service.",
        Outcome::VisitBooked => "We booked a visit.",
        Outcome::EquipmentProblem => "It was a problem with the kit.",
        Outcome::LimitsNeedChanging => "This is fine. We will look at the plan.",
        Outcome::Duplicate => "We deal with this together with another reading.",
    }
}

/// Says who looks after a patient when the care coordinator does not.
pub(super) fn covers(coordinator: &str, until: Option<&str>, cover: &str) -> String {
    match until {
        Some(until) => {
            format!("{coordinator} is away until {until}. {cover} looks after you until then.")
        }
        None => format!("{coordinator} is not at work now. {cover} is."),
    }
}

pub(super) const NOBODY_NOW: &str = "Nobody of your team can look right now. If it cannot wait, call 111. In an emergency call 999.";

/// Says since when the box was not heard.
pub(super) fn box_silent(since: &str) -> String {
    format!("We have not heard from the box in the home since {since}.")
}

pub(super) const BOX_NEVER: &str = "We have not heard from the box in the home yet.";

/// Says how many readings were inside the range.
pub(super) fn in_range(inside: usize, all: usize, days: i64) -> String {
    match (inside, all) {
        (_, 0) => format!(
            "There are no readings in the last {days} days. No problem. Take one when it is due."
        ),
        (inside, all) if inside == all => {
            format!(
                "In the last {days} days, all {all} readings were in the range of the plan. Thank you."
            )
        }
        (inside, all) => {
            format!(
                "In the last {days} days, {inside} of {all} readings were in the range of the plan. Thank you."
            )
        }
    }
}

/// Says what a chart shows.
pub(super) fn chart(thing: &str, all: usize, outside: usize, days: i64) -> String {
    format!("{thing}: {all} readings in {days} days, {outside} of them outside the range.")
}

/// Says a moment in the past: `at 8:42am today`.
pub(super) fn at(at: jiff::Timestamp, local: &LocalTime) -> String {
    format!("at {}", clock::moment(at, local))
}

/// Says when the team was last in touch.
pub(super) fn last_contact(at: &str, answered: bool) -> String {
    if answered {
        format!("Last time in touch: {at}.")
    } else {
        format!("The team tried to reach you {at}. Nobody answered.")
    }
}

/// Gives the sentence of a code that a redirect carries; `None` for any other text.
pub(super) fn done(code: &str) -> Option<&'static str> {
    Some(match code {
        "not-me" => {
            "Thank you. The team can see what you said. A nurse decides if the reading counts."
        }
        "was-me" => "Thank you. We took that back.",
        "revoked" => "That is done. This person cannot see your pages any more.",
        "passkey" => "That is done. Next time you need no code.",
        "removed" => "That is done. This passkey does not work any more.",
        _ => return None,
    })
}

/// Whoever is on no list of people: a command on the server itself.
pub(super) const NO_PERSON: &str = "Somebody who looks after the computer system";
pub(super) const NAME_MISSING: &str = "Write their name";
pub(super) const RELATION_MISSING: &str = "Write who they are to you";
pub(super) const TOO_MANY_CARERS: &str = "You have 10 people who help you. Stop one first.";
pub(super) const CARER_NOT_SEEN: &str = "They have not looked yet.";
pub(super) const PASSKEY_NAME: &str =
    "Write what this phone or computer is called. A short name is best.";
pub(super) const PASSKEY_NAME_FIRST: &str = "My phone";
pub(super) const PASSKEY_WRONG: &str =
    "That did not work. Try again, or ask your team for a new code.";
pub(super) const NO_SCRIPT: &str = "Passkeys do not work in this browser. Nothing was added.";

/// Says when a carer last looked.
pub(super) fn carer_seen(at: &str) -> String {
    format!("They last looked {at}.")
}

/// Says what a carer sees, line by line.
pub(super) fn carer_sees(sees: crate::store::home_access::Sees) -> Vec<&'static str> {
    let parts = [
        (true, "if you have measured"),
        (sees.readings, "the numbers of your readings"),
        (sees.alerts, "what your team did about them"),
        (sees.contacts, "when your team was in touch with you"),
    ];
    parts.into_iter().filter(|it| it.0).map(|it| it.1).collect()
}

/// Says when a passkey was used.
pub(super) fn used(at: Option<&str>) -> String {
    match at {
        Some(at) => format!("Last used {at}."),
        None => "Not used yet.".to_owned(),
    }
}
