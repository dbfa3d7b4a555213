//! Several alerts at once: what may be done so, and how many. What is urgent or soon is closed and put aside one by one.

use clinical::{Outcome, Priority};

use super::aside::span_words;
use super::wrong::{Wrong, tidy};
use crate::explain::AlertName;
use clinical::refusal::NOTE_LEN_MAX;

/// The most alerts of one request.
pub(super) const BULK_LEN_MAX: usize = 50;
/// For how long several alerts may be put aside, in minutes.
pub(super) const SPANS: [u32; 4] = [15, 60, 240, 1440];

/// What can be done with several alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Take them.
    Take,
    /// Offer them to one colleague.
    Offer,
    /// Put them aside for one reason.
    Snooze,
    /// Close them with one outcome.
    Close,
}

impl Deed {
    const ALL: [Self; 4] = [Self::Take, Self::Offer, Self::Snooze, Self::Close];

    /// Gives the name that forms use.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Offer => "offer",
            Self::Snooze => "snooze",
            Self::Close => "close",
        }
    }

    /// Gives the word that a button begins with.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Take => "Take",
            Self::Offer => "Hand over",
            Self::Snooze => "Put aside",
            Self::Close => "Close",
        }
    }

    /// Gives the word for what has been done: `closed`.
    pub(super) fn participle(self) -> &'static str {
        match self {
            Self::Take => "taken",
            Self::Offer => "handed over",
            Self::Snooze => "put aside",
            Self::Close => "closed",
        }
    }

    /// Tells why it is not done to several alerts at once when one has this priority.
    pub(super) fn not_in_bulk(self, priority: Priority) -> Option<&'static str> {
        let is_safe = matches!(priority, Priority::Technical | Priority::Check);
        match self {
            Self::Take | Self::Offer => None,
            _ if is_safe => None,
            Self::Snooze => {
                Some("Urgent and soon alerts are put aside one by one: look at this one by itself.")
            }
            Self::Close => {
                Some("Urgent and soon alerts are closed one by one: look at this one by itself.")
            }
        }
    }
}

/// What a form about several alerts posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// Which alerts, each once.
    pub(super) alerts: Vec<AlertName>,
    /// What to do.
    pub(super) deed: Deed,
    /// The form's id; empty before it is confirmed.
    pub(super) id: String,
    /// To whom.
    pub(super) to: String,
    /// For how long, in minutes.
    pub(super) span: String,
    /// Why they are put aside.
    pub(super) reason: String,
    /// How they ended.
    pub(super) outcome: String,
    /// What there is to say of all of them.
    pub(super) note: String,
}

/// Why a form about several alerts cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is none of ours.
    BadForm,
    /// No alert was chosen.
    Nothing,
    /// More than [`BULK_LEN_MAX`].
    TooMany(usize),
}

impl Filled {
    /// Reads the fields of a form.
    ///
    /// # Errors
    /// See [`Unusable`].
    pub(super) fn read(fields: &[(String, String)]) -> Result<Self, Unusable> {
        let one = |name: &str| {
            let found = fields.iter().find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        let mut deeds = Deed::ALL.into_iter();
        let deed = deeds.find(|it| it.code() == one("do"));
        let deed = deed.ok_or(Unusable::BadForm)?;
        let mut alerts: Vec<AlertName> = Vec::new();
        for (_, value) in fields.iter().filter(|(key, _)| key == "alert") {
            let name = value.parse().map_err(|_| Unusable::BadForm)?;
            if !alerts.contains(&name) {
                alerts.push(name);
            }
        }
        match alerts.len() {
            0 => Err(Unusable::Nothing),
            len if len > BULK_LEN_MAX => Err(Unusable::TooMany(len)),
            _ => Ok(Self {
                alerts,
                deed,
                id: one("action"),
                to: one("to"),
                span: one("span"),
                reason: tidy(&one("reason")),
                outcome: one("outcome"),
                note: tidy(&one("note")),
            }),
        }
    }

    /// Gives the outcome that was chosen.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        Outcome::from_code(&self.outcome)
    }

    /// Gives the span that was chosen.
    pub(super) fn minutes(&self) -> Option<u32> {
        SPANS.into_iter().find(|it| it.to_string() == self.span)
    }

    /// Finds what is missing before it can be done; whom alerts go to is looked up by whoever knows the staff.
    pub(super) fn check(&self, wrong: &mut Wrong) {
        match self.deed {
            Deed::Take | Deed::Offer => {}
            Deed::Snooze => {
                if self.minutes().is_none() {
                    wrong.add("span-0", "Choose for how long");
                }
                let missing = "Say why, in a few words";
                wrong.check_text("reason", &self.reason, missing, NOTE_LEN_MAX);
            }
            Deed::Close => {
                if self.outcome().is_none() {
                    wrong.add("outcome-0", "Choose what happened with these alerts");
                }
                let len = self.note.chars().count();
                if len > NOTE_LEN_MAX {
                    let text =
                        format!("Shorten the note to {NOTE_LEN_MAX} characters; it has {len}");
                    wrong.add("note", text);
                }
            }
        }
    }
}

/// Gives the spans with their words.
pub(super) fn spans() -> impl Iterator<Item = (u32, String)> {
    SPANS.into_iter().map(|it| (it, span_words(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn only_what_can_wait_is_put_aside_or_closed_with_others() {
        for deed in Deed::ALL {
            let refused: Vec<bool> = Priority::ALL
                .iter()
                .map(|it| deed.not_in_bulk(*it).is_some())
                .collect();
            let expected = match deed {
                Deed::Take | Deed::Offer => [false; 4],
                Deed::Snooze | Deed::Close => [true, true, false, false],
            };
            assert_eq!(refused, expected, "{deed:?}");
        }
    }

    #[test]
    fn each_alert_counts_once_and_there_is_a_bound() {
        let twice = [("alert", "ivor/1"), ("alert", "ivor/1"), ("do", "take")];
        let filled = Filled::read(&fields(&twice)).unwrap();
        assert_eq!(filled.alerts, ["ivor/1".parse().unwrap()]);

        let many = |len: usize| {
            let alerts = (1..=len).map(|number| ("alert".to_owned(), format!("ivor/{number}")));
            let all: Vec<_> = alerts.chain(fields(&[("do", "close")])).collect();
            Filled::read(&all)
        };
        assert!(many(BULK_LEN_MAX).is_ok());
        assert_eq!(
            many(BULK_LEN_MAX + 1),
            Err(Unusable::TooMany(BULK_LEN_MAX + 1))
        );
        assert_eq!(many(0), Err(Unusable::Nothing));
        for bad in [
            &[("alert", "ivor/1")][..],
            &[("alert", "ivor/1"), ("do", "escalate")],
            &[("alert", "ivor"), ("do", "take")],
        ] {
            assert_eq!(
                Filled::read(&fields(bad)),
                Err(Unusable::BadForm),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |pairs: &[(&str, &str)]| {
            let pairs = [&[("alert", "ivor/1")], pairs].concat();
            let mut wrong = Wrong::default();
            Filled::read(&fields(&pairs)).unwrap().check(&mut wrong);
            let fields = wrong.list().iter().map(|(field, _)| *field);
            fields.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(missing(&[("do", "take")]), "");
        assert_eq!(
            missing(&[("do", "snooze"), ("span", "16")]),
            "span-0 reason"
        );
        assert_eq!(
            missing(&[("do", "snooze"), ("span", "60"), ("reason", "visit")]),
            ""
        );
        assert_eq!(missing(&[("do", "close")]), "outcome-0");
        assert_eq!(
            missing(&[("do", "close"), ("outcome", "equipment_problem")]),
            ""
        );
    }
}
