//! The alerts that a reading is evidence of, and how each stands by the rows that were read.

use std::collections::BTreeMap;

use clinical::{AlertNumber, Decision, Outcome, Ownership, PersonId};
use jiff::Timestamp;

/// How one alert stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody has it.
    Open {
        /// When somebody must have taken it.
        by: Option<Timestamp>,
        /// Nobody did in time.
        is_late: bool,
    },
    /// Somebody has it.
    Held {
        /// Who.
        by: PersonId,
        /// Since when.
        at: Timestamp,
    },
    /// A person closed it.
    Closed {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// How it ended.
        outcome: Outcome,
    },
    /// It ended without a person.
    Ended,
}

impl Standing {
    /// What is least done comes first: a patient is never told that all is done while something is not.
    fn order(&self) -> u8 {
        match self {
            Self::Open { .. } => 0,
            Self::Held { .. } => 1,
            Self::Closed { .. } => 2,
            Self::Ended => 3,
        }
    }
}

/// All alerts of which the rows told since the reading; only those that it is evidence of count.
#[derive(Debug, Default)]
pub(super) struct Followed(BTreeMap<AlertNumber, (bool, Standing)>);

impl Followed {
    /// An alert was opened by the reading.
    pub(super) fn open(&mut self, alert: AlertNumber, by: Option<Timestamp>) {
        self.0.insert(alert, (true, open(by)));
    }

    /// An alert was opened by something else; the reading may become evidence of it later.
    pub(super) fn note_other(&mut self, alert: AlertNumber, by: Option<Timestamp>) {
        self.0.insert(alert, (false, open(by)));
    }

    /// The reading became evidence of an alert. One that was opened before the rows began is open, with nothing known of it.
    pub(super) fn join(&mut self, alert: AlertNumber) {
        let known = self.0.entry(alert).or_insert((true, open(None)));
        known.0 = true;
    }

    /// Takes what a decision says of an alert.
    pub(super) fn decide(&mut self, decision: &Decision, at: Timestamp) {
        match decision {
            Decision::Take { alert, by, .. } | Decision::Reopen { alert, by, .. } => {
                let by = by.clone();
                self.set(*alert, Standing::Held { by, at });
            }
            Decision::SetOwnership {
                alert,
                ownership,
                respond_by,
            } => {
                let standing = match (ownership, ownership.holder()) {
                    (Ownership::New, _) | (_, None) => open(*respond_by),
                    // Whoever was asked by name has not looked yet.
                    (Ownership::Escalated { .. }, _) => open(*respond_by),
                    (_, Some(by)) => Standing::Held {
                        by: by.clone(),
                        at: self.since(*alert, by).unwrap_or(at),
                    },
                };
                self.set(*alert, standing);
            }
            Decision::Worsen {
                alert,
                respond_by: Some(respond_by),
                ..
            } => {
                if let Some((_, Standing::Open { by, .. })) = self.0.get_mut(alert) {
                    *by = Some(*respond_by);
                }
            }
            Decision::StepUp {
                alert, respond_by, ..
            } => {
                let by = *respond_by;
                self.set(*alert, Standing::Open { by, is_late: true });
            }
            Decision::Close {
                alert, by, outcome, ..
            } => {
                let (by, outcome) = (by.clone(), *outcome);
                self.set(*alert, Standing::Closed { by, at, outcome });
            }
            Decision::EndByItself { alert } => self.set(*alert, Standing::Ended),
            _ => {}
        }
    }

    /// Gives the alert of the reading's of which the least is done; of several that were closed, the one closed last.
    pub(super) fn worst(self) -> Option<Standing> {
        let own = self.0.into_values().filter(|(is_own, _)| *is_own);
        own.map(|(_, standing)| standing)
            .min_by_key(|it| (it.order(), std::cmp::Reverse(closed_at(it))))
    }

    fn set(&mut self, alert: AlertNumber, standing: Standing) {
        let known = self.0.entry(alert).or_insert((false, Standing::Ended));
        known.1 = standing;
    }

    fn since(&self, alert: AlertNumber, who: &PersonId) -> Option<Timestamp> {
        match self.0.get(&alert) {
            Some((_, Standing::Held { by, at })) if by == who => Some(*at),
            _ => None,
        }
    }
}

fn open(by: Option<Timestamp>) -> Standing {
    let is_late = false;
    Standing::Open { by, is_late }
}

fn closed_at(standing: &Standing) -> Option<Timestamp> {
    match standing {
        Standing::Closed { at, .. } => Some(*at),
        _ => None,
    }
}
