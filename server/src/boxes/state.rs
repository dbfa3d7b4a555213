//! The states of a box and what may follow which: a pure table with named refusals.

use std::fmt;

use thiserror::Error;

/// Where a box stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BoxState {
    /// Enrolled, and not yet signed off: everything that it records is a test.
    Commissioning,
    /// Its readings count, and are expected.
    Live,
    /// Another box took its place: it may deliver what it recorded until then, for a while.
    Draining,
    /// Nothing that it says is believed any more.
    Retired,
    /// On its way back from a home.
    Returning,
    /// Back in the office.
    Received,
    /// It proved that it forgot everything of the home.
    Wiped,
    /// Cleaned.
    Cleaned,
    /// Checked, and it works.
    Tested,
    /// Ready to be enrolled again.
    Stock,
    /// Enrolled again, under another name: this life of it is over.
    Reissued,
}

use BoxState::{
    Cleaned, Commissioning, Draining, Live, Received, Reissued, Retired, Returning, Stock, Tested,
    Wiped,
};

/// The way back to the stock, step by step.
const WAY_BACK: [BoxState; 6] = [Returning, Received, Wiped, Cleaned, Tested, Stock];
const ALL: [BoxState; 11] = [
    Commissioning,
    Live,
    Draining,
    Retired,
    Returning,
    Received,
    Wiped,
    Cleaned,
    Tested,
    Stock,
    Reissued,
];

/// Why a box does not change to a state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StepRefusal {
    /// It is there, or further.
    #[error("it is {0} already")]
    Already(BoxState),
    /// Only a box that is being set up is signed off.
    #[error("only a box that is being commissioned can be signed off, and this one is {0}")]
    NotCommissioning(BoxState),
    /// Only a box in a home can be replaced.
    #[error(
        "only a box that is commissioning or live can be replaced, and this one is {0}: make an install job without --replaces"
    )]
    NotInAHome(BoxState),
    /// Steps before this one are missing.
    #[error("it cannot be {to} until it is {}: it is {from}, and {} missing", words(.needs), are(.missing))]
    Missing {
        /// Where it stands.
        from: BoxState,
        /// Where it was to be.
        to: BoxState,
        /// All that comes before.
        needs: Vec<BoxState>,
        /// What of that has not been done.
        missing: Vec<BoxState>,
    },
    /// It can be enrolled again only out of stock.
    #[error(
        "it cannot be re-issued until it is wiped, cleaned and tested: it is {from}, and {} missing", are(.missing)
    )]
    NotInStock {
        /// Where it stands.
        from: BoxState,
        /// What has not been done.
        missing: Vec<BoxState>,
    },
    /// This life of the box is over.
    #[error("it was enrolled again under another name, and this name is not used any more")]
    Over,
}

impl BoxState {
    /// Gives the name that is stored and shown.
    pub fn code(self) -> &'static str {
        match self {
            Commissioning => "commissioning",
            Live => "live",
            Draining => "draining",
            Retired => "retired",
            Returning => "returning",
            Received => "received",
            Wiped => "wiped",
            Cleaned => "cleaned",
            Tested => "tested",
            Stock => "stock",
            Reissued => "reissued",
        }
    }

    /// Finds the state that has this name.
    pub fn from_code(code: &str) -> Option<Self> {
        ALL.into_iter().find(|state| state.code() == code)
    }

    /// Decides whether a box in this state may change to another.
    ///
    /// # Errors
    /// A named refusal that says what is missing.
    pub fn may_become(self, to: Self) -> Result<(), StepRefusal> {
        if self == Reissued {
            return Err(StepRefusal::Over);
        }
        if self == to {
            return Err(StepRefusal::Already(self));
        }
        match to {
            Live if self == Commissioning => Ok(()),
            Commissioning | Live => Err(StepRefusal::NotCommissioning(self)),
            Draining if matches!(self, Commissioning | Live) => Ok(()),
            Draining => Err(StepRefusal::NotInAHome(self)),
            Retired if matches!(self, Commissioning | Live | Draining) => Ok(()),
            Retired => Err(StepRefusal::Already(self)),
            Reissued if self == Stock => Ok(()),
            Reissued => Err(StepRefusal::NotInStock {
                from: self,
                missing: self.missing_before(Reissued),
            }),
            Returning | Received | Wiped | Cleaned | Tested | Stock => self.may_go_back_to(to),
        }
    }

    fn may_go_back_to(self, to: Self) -> Result<(), StepRefusal> {
        if place(self) > place(to) {
            return Err(StepRefusal::Already(self));
        }
        let missing = self.missing_before(to);
        if missing.is_empty() {
            return Ok(());
        }
        let needs = WAY_BACK.into_iter().filter(|it| place(*it) < place(to));
        Err(StepRefusal::Missing {
            from: self,
            to,
            needs: needs.collect(),
            missing,
        })
    }

    /// Gives the steps of the way back that lie between this state and another.
    fn missing_before(self, to: Self) -> Vec<Self> {
        let end = if to == Reissued {
            WAY_BACK.len() + 1
        } else {
            place(to)
        };
        let between = |it: &Self| place(*it) > place(self) && place(*it) < end;
        WAY_BACK.into_iter().filter(between).collect()
    }

    /// Tells whether the box is in a home and goes on: one that was replaced or is on its way back does not.
    pub fn is_in_use(self) -> bool {
        matches!(self, Commissioning | Live)
    }

    /// Says what comes next, as a command where somebody has to do something.
    pub fn next_step(self) -> &'static str {
        match self {
            Commissioning => {
                "Everything that it records is a test. Take a test reading of each device, then accept the installer's \
                 sign-off: server sign-off"
            }
            Live => {
                "Its readings count. When it comes back: server box … returning. To put another in its place: server \
                 install-job --replaces"
            }
            Draining => {
                "Another box took its place; it is retired by itself when its hour to deliver is over"
            }
            Retired => {
                "Nothing that it says is believed. When it comes back: server box … returning"
            }
            Returning => "When it has arrived: server box … received",
            Received => {
                "Let it send what it still holds, then reset it, and enter its proof: server box … wiped --proof"
            }
            Wiped => "When it is cleaned: server box … cleaned",
            Cleaned => "When it was checked and a test reading was taken: server box … tested",
            Tested => "Put it into stock: server box … stock",
            Stock => {
                "It is ready for a new home: server install-job, where --box keeps the job for this box"
            }
            Reissued => "It was enrolled again under another name",
        }
    }
}

/// Where a state lies on the way back; 0 for a box that has not begun it.
fn place(state: BoxState) -> usize {
    WAY_BACK
        .iter()
        .position(|it| *it == state)
        .map_or(0, |index| index + 1)
}

fn words(states: &[BoxState]) -> String {
    let codes: Vec<&str> = states.iter().map(|state| state.code()).collect();
    match codes.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => codes.concat(),
    }
}

fn are(states: &[BoxState]) -> String {
    let verb = if states.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", words(states))
}

impl fmt::Display for BoxState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_name_of_its_own_and_says_what_comes_next() {
        for state in ALL {
            assert_eq!(BoxState::from_code(state.code()), Some(state));
            assert!(!state.next_step().is_empty());
        }
        assert_eq!(BoxState::from_code("lost"), None);
    }

    /// The whole table: what is not listed here is refused.
    #[test]
    fn only_these_changes_are_allowed() {
        let allowed: Vec<(BoxState, BoxState)> = vec![
            (Commissioning, Live),
            (Commissioning, Draining),
            (Commissioning, Retired),
            (Commissioning, Returning),
            (Live, Draining),
            (Live, Retired),
            (Live, Returning),
            (Draining, Retired),
            (Draining, Returning),
            (Retired, Returning),
            (Returning, Received),
            (Received, Wiped),
            (Wiped, Cleaned),
            (Cleaned, Tested),
            (Tested, Stock),
            (Stock, Reissued),
        ];
        for from in ALL {
            for to in ALL {
                let is_allowed = from.may_become(to).is_ok();
                assert_eq!(is_allowed, allowed.contains(&(from, to)), "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_refusal_names_what_is_missing() {
        let said = |from: BoxState, to| from.may_become(to).unwrap_err().to_string();
        assert_eq!(
            said(Received, Reissued),
            "it cannot be re-issued until it is wiped, cleaned and tested: it is received, and wiped, cleaned, \
             tested and stock are missing"
        );
        assert_eq!(
            said(Tested, Reissued),
            "it cannot be re-issued until it is wiped, cleaned and tested: it is tested, and stock is missing"
        );
        assert_eq!(
            said(Live, Wiped),
            "it cannot be wiped until it is returning and received: it is live, and returning and received are missing"
        );
        assert_eq!(said(Tested, Wiped), "it is tested already");
        assert!(said(Live, Live).contains("live already"));
        assert!(said(Stock, Live).contains("only a box that is being commissioned"));
        assert!(said(Reissued, Stock).contains("another name"));
    }
}
