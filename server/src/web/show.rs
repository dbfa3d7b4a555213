//! What of the board is shown: everything, or what one of its counters counts.

use serde::Deserialize;

use super::board::Counts;
use super::listing::Listed;

/// A counter of the board, by which it can be filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Show {
    /// Everything.
    #[default]
    All,
    /// What nobody has acted on in time.
    Overdue,
    /// To be looked at now.
    Urgent,
    /// To be looked at today.
    Soon,
    /// To be looked at on the next working day.
    Check,
    /// Waiting for the patient.
    Waiting,
    /// Put aside.
    Snoozed,
    /// About the kit.
    Technical,
    /// What the person who looks answers for.
    Mine,
    /// What nobody has taken.
    NotTaken,
}

/// What an address asks for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    show: Option<String>,
}

/// A counter as a link.
pub(crate) struct Counter {
    pub(crate) code: &'static str,
    pub(crate) label: &'static str,
    pub(crate) len: i64,
    pub(crate) current: bool,
    pub(crate) href: String,
}

impl Asked {
    /// Gives what is to be shown; what is not known shows everything.
    pub(crate) fn show(&self) -> Show {
        let asked = self.show.as_deref();
        let known = Show::COUNTERS
            .into_iter()
            .find(|it| Some(it.code()) == asked);
        known.unwrap_or_default()
    }
}

impl Show {
    /// The counters, in the order of the page.
    pub(crate) const COUNTERS: [Self; 9] = [
        Self::Overdue,
        Self::Urgent,
        Self::Soon,
        Self::Check,
        Self::Waiting,
        Self::Snoozed,
        Self::Technical,
        Self::Mine,
        Self::NotTaken,
    ];

    /// Gives the name that addresses and the page's script use.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Overdue => "overdue",
            Self::Urgent => "urgent",
            Self::Soon => "soon",
            Self::Check => "check",
            Self::Waiting => "waiting",
            Self::Snoozed => "snoozed",
            Self::Technical => "technical",
            Self::Mine => "mine",
            Self::NotTaken => "not_taken",
        }
    }

    /// Gives the words of the counter.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Overdue => "Overdue",
            Self::Urgent => "Urgent",
            Self::Soon => "Soon",
            Self::Check => "Check",
            Self::Waiting => "Waiting for patient",
            Self::Snoozed => "Put aside",
            Self::Technical => "Technical",
            Self::Mine => "I answer",
            Self::NotTaken => "Not taken",
        }
    }

    /// Tells whether an alert is shown to a person.
    pub(crate) fn includes(self, listed: &Listed, me: &str) -> bool {
        let row = &listed.row;
        match self {
            Self::All => true,
            Self::Overdue => listed.is_overdue,
            Self::Urgent | Self::Soon | Self::Check | Self::Technical => {
                row.priority().name() == self.code()
            }
            Self::Waiting | Self::Snoozed => row.ownership_is == self.code(),
            Self::Mine => listed.who.person == me,
            Self::NotTaken => row.ownership_is == "new",
        }
    }

    fn len(self, counts: &Counts) -> i64 {
        match self {
            Self::All => counts.open,
            Self::Overdue => counts.overdue,
            Self::Urgent => counts.urgent,
            Self::Soon => counts.soon,
            Self::Check => counts.check,
            Self::Waiting => counts.waiting,
            Self::Snoozed => counts.snoozed,
            Self::Technical => counts.technical,
            Self::Mine => counts.mine,
            Self::NotTaken => counts.not_taken,
        }
    }

    /// Gives the counters as links. The one that is shown leads back to everything.
    pub(crate) fn counters(self, counts: &Counts) -> Vec<Counter> {
        let counter = |it: Self| Counter {
            code: it.code(),
            label: it.label(),
            len: it.len(counts),
            current: it == self,
            href: if it == self {
                "/alerts".to_owned()
            } else {
                format!("/alerts?show={}", it.code())
            },
        };
        Self::COUNTERS.map(counter).into()
    }
}
