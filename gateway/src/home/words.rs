//! What the box says: the state goes in, plain sentences come out.
//!
//! Every sentence has at most [`SENTENCE_WORDS_MAX`] words. Nothing here says whether a value is good or bad: that is for the
//! plan and the people who set it.

use jiff::tz::TimeZone;
use vitals::Vital;

use super::attempt;
use super::state::{Kept, Shown, State, Trouble};
use super::value::{said, when};
use super::{Contact, troubles};

/// The most words of a sentence.
pub const SENTENCE_WORDS_MAX: usize = 20;

/// What the light shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Steady green: all is well.
    Ok,
    /// Slow amber: something is saved here and not sent yet.
    Waiting,
    /// Red: call us.
    Call,
}

/// A heading and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The heading: no sentence, so no full stop.
    pub heading: String,
    /// Whole sentences.
    pub sentences: Vec<String>,
}

/// The newest value, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// What it is, such as "Blood pressure".
    pub what: &'static str,
    /// The value in large type, or that there was none.
    pub value: String,
    /// What was measured besides, and when; each may be empty.
    pub besides: String,
    /// When.
    pub when: String,
}

/// A value before the newest, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// What it is and its value, such as "Weight: 83.5 kg".
    pub what: String,
    /// When.
    pub when: String,
    /// Where it is, in a few words.
    pub kept: &'static str,
}

/// All that the box says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What the light shows.
    pub light: Light,
    /// Why to call us, if so. It comes before all else.
    pub alarm: Option<Notice>,
    /// The newest value.
    pub newest: Option<Newest>,
    /// Where the newest value is; `None` when there is none or it is a failed attempt.
    pub kept: Option<(Kept, Notice)>,
    /// What to do next; `None` when the box cannot take a reading, and the alarm says what to do.
    pub next: Option<Notice>,
    /// Values before the newest.
    pub before: Vec<Before>,
}

/// Decides what the light shows.
pub fn light(state: &State) -> Light {
    match state.trouble {
        Some(_) => Light::Call,
        None if state.waiting_len > 0 => Light::Waiting,
        None => Light::Ok,
    }
}

/// Says all.
pub fn words(state: &State, home: &TimeZone, contact: &Contact) -> Words {
    let newest = state.shown.first();
    let alarm = state
        .trouble
        .map(|trouble| troubles::notice(trouble, contact));
    Words {
        light: light(state),
        newest: newest.map(|it| newest_of(it, state, home)),
        kept: newest
            .filter(|it| vital(it).is_some())
            .map(|it| (it.kept, kept(it.kept, state, contact))),
        next: can_measure(state.trouble).then(|| next(newest)),
        before: state
            .shown
            .iter()
            .skip(1)
            .map(|it| before(it, state, home))
            .collect(),
        alarm,
    }
}

fn can_measure(trouble: Option<Trouble>) -> bool {
    !matches!(trouble, Some(Trouble::Unsaved(_) | Trouble::Deaf))
}

/// Makes a notice.
pub(super) fn notice(heading: &str, sentences: &[&str]) -> Notice {
    Notice {
        heading: heading.to_owned(),
        sentences: sentences.iter().map(|it| (*it).to_owned()).collect(),
    }
}

fn vital(shown: &Shown) -> Option<&Vital> {
    match &shown.record {
        vitals::Record::Reading(reading) => Some(&reading.vital),
        vitals::Record::Attempt(_) => None,
    }
}

fn newest_of(shown: &Shown, state: &State, home: &TimeZone) -> Newest {
    let when = when_of(shown, state, home);
    match vital(shown).map(said) {
        Some(said) => Newest {
            what: said.what,
            value: said.value,
            besides: said.besides,
            when,
        },
        None => Newest {
            what: attempt::device_of(&shown.record),
            value: "We did not get a reading".to_owned(),
            besides: String::new(),
            when,
        },
    }
}

/// Whoever reads an old date believes that the box is broken, so an unknown time is not shown.
fn when_of(shown: &Shown, state: &State, home: &TimeZone) -> String {
    match state.now {
        Some(now) if shown.time_is_known => when(shown.record.times().measured_at, now, home),
        _ => "The box did not know the time then".to_owned(),
    }
}

fn kept(kept: Kept, state: &State, contact: &Contact) -> Notice {
    match kept {
        Kept::AtServer => {
            let mut notice = notice(
                "Your team’s system has it",
                &["This does not mean that a person has looked at it."],
            );
            if let Some(hours) = contact.looked_at() {
                notice.sentences.push(hours);
            }
            if state.waiting_len > 0 {
                let earlier = "Some readings from before are still saved here, and not sent yet.";
                notice.sentences.push(earlier.to_owned());
            }
            notice
        }
        Kept::Here => {
            let mut notice = notice("Saved here, not sent yet", &[]);
            if !state.connected {
                let cut_off = "The box cannot reach your team’s system right now.";
                notice.sentences.push(cut_off.to_owned());
            }
            for sentence in [
                "Your team cannot see this reading yet.",
                "The box keeps trying to send it by itself.",
                "You do not need to take it again.",
            ] {
                notice.sentences.push(sentence.to_owned());
            }
            notice
        }
        Kept::SetAside => notice(
            "Saved here, not sent",
            &[
                "Your team’s system did not take this reading.",
                "Your team cannot see it.",
            ],
        ),
    }
}

fn next(newest: Option<&Shown>) -> Notice {
    match newest {
        None => notice(
            "Take your reading",
            &[
                "Use your device as you were shown.",
                "Your reading shows here soon after.",
            ],
        ),
        Some(shown) => match &shown.record {
            vitals::Record::Reading(_) => notice(
                "Nothing to do now",
                &["Take your next reading at your usual time, or when your team asks."],
            ),
            vitals::Record::Attempt(attempt) => attempt::notice(attempt),
        },
    }
}

fn before(shown: &Shown, state: &State, home: &TimeZone) -> Before {
    let what = match vital(shown).map(said) {
        Some(said) => format!("{}: {}", said.what, said.value),
        None => format!("{}: no reading", attempt::device_of(&shown.record)),
    };
    Before {
        what,
        when: when_of(shown, state, home),
        kept: match shown.kept {
            Kept::AtServer => "Your team’s system has it",
            Kept::Here => "Saved here, not sent yet",
            Kept::SetAside => "Saved here, not sent",
        },
    }
}

impl Trouble {
    /// Gives its word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsaved(_) => "unsaved",
            Self::Deaf => "deaf",
            Self::Timeless => "timeless",
            Self::Unsent => "unsent",
            Self::SetAside => "set_aside",
            Self::Worn => "worn",
        }
    }
}
