//! The receipt of a reading: how far it has come, and who has looked, by the patient's journal and nothing else.
//!
//! Pure: rows of the journal in, claims out. What no row says is not claimed; with fewer rows there are fewer claims, never
//! others.

mod alerts;
#[cfg(test)]
mod tests;

use clinical::{Decision, Event, Measured, Outcome, PersonId, Problem};
use jiff::Timestamp;
use vitals::ReadingId;

use alerts::{Followed, Standing};

/// One row of a journal, as a receipt needs it.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// When it was decided.
    pub at: Timestamp,
    /// What happened.
    pub event: &'a Event,
    /// What followed.
    pub decisions: &'a [Decision],
}

/// What became of a reading after it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// The journal does not say that it was held against the plan.
    NotChecked,
    /// It was checked, and asks nothing of anybody.
    Fine,
    /// It was checked, and the patient is asked to measure again.
    Again {
        /// Until when the team waits for that before somebody is told; `None` when nobody is told by it.
        until: Option<Timestamp>,
    },
    /// It is on the list of the team, and nobody has taken it.
    OnList {
        /// When somebody must have taken it; `None` under a plan without response times.
        by: Option<Timestamp>,
        /// Nobody did in time, and the next person was asked.
        is_late: bool,
    },
    /// It was checked and not believed by itself; the patient has measured again since, and that counts.
    Repeated,
    /// Somebody has taken it and has not finished.
    InHand {
        /// Who.
        by: PersonId,
        /// Since when.
        at: Timestamp,
    },
    /// Somebody was at work on the same thing already when it came; that they have seen this reading, no row says.
    Added {
        /// Who.
        to: PersonId,
    },
    /// Somebody looked, and closed it.
    LookedAt {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// How it ended.
        outcome: Outcome,
    },
    /// It was on the list, and ended by itself when a later reading was fine. Nobody looked.
    EndedByItself,
    /// Somebody marked it as wrong: nothing counts it.
    Struck {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
}

/// How far a reading has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// When it was held against the plan.
    pub checked_at: Option<Timestamp>,
    /// What became of it.
    pub became: Became,
}

/// Reads what rows, oldest first, say of a reading.
pub fn read<'a>(reading: ReadingId, rows: impl IntoIterator<Item = Row<'a>>) -> Receipt {
    let mut reader = Reader {
        reading,
        checked_at: None,
        struck: None,
        wanted_again: None,
        is_repeated: false,
        waits_until: None,
        problems: Vec::new(),
        followed: Followed::default(),
    };
    for row in rows {
        reader.take(row);
    }
    Receipt {
        checked_at: reader.checked_at,
        became: reader.became(),
    }
}

struct Reader {
    reading: ReadingId,
    checked_at: Option<Timestamp>,
    struck: Option<(PersonId, Timestamp)>,
    /// What is to be measured again.
    wanted_again: Option<Measured>,
    is_repeated: bool,
    waits_until: Option<Timestamp>,
    /// The problems of which this reading made a first breach: an alert of one is about it.
    problems: Vec<Problem>,
    followed: Followed,
}

impl Reader {
    fn take(&mut self, row: Row<'_>) {
        match row.event {
            Event::ReadingStored(stored) if stored.id == self.reading => {
                self.checked_at = self.checked_at.or(Some(row.at));
            }
            Event::ReadingStored(stored) if self.checked_at.is_some() => {
                let what = Measured::of_values(&stored.values);
                if what.is_some() && what == self.wanted_again {
                    (self.wanted_again, self.is_repeated) = (None, true);
                }
            }
            Event::ReadingStruck(strike) if strike.reading == self.reading => {
                self.struck = Some((strike.by.clone(), row.at));
            }
            Event::StrikeTakenBack(back) if back.reading == self.reading => self.struck = None,
            _ => {}
        }
        for decision in row.decisions {
            self.decide(decision, row.at);
        }
    }

    fn decide(&mut self, decision: &Decision, at: Timestamp) {
        match decision {
            Decision::WantRepeat { reading, what, .. } if *reading == self.reading => {
                self.wanted_again = Some(*what);
            }
            Decision::Suspect(it) if it.evidence.reading == Some(self.reading) => {
                self.waits_until = Some(it.until);
                self.problems.push(it.problem);
            }
            Decision::EndSuspicion { problem, .. } | Decision::ForgetSuspicion { problem }
                if self.problems.contains(problem) =>
            {
                (self.waits_until, self.is_repeated) = (None, true);
                self.wanted_again = None;
                if matches!(
                    decision,
                    Decision::EndSuspicion {
                        confirmed: false,
                        ..
                    } | Decision::ForgetSuspicion { .. }
                ) {
                    self.problems.retain(|it| it != problem);
                }
            }
            Decision::OpenAlert {
                alert,
                problem,
                evidence,
                respond_by,
                ..
            } => {
                let is_about = evidence.reading == Some(self.reading);
                if is_about || self.problems.contains(problem) {
                    self.problems.retain(|it| it != problem);
                    self.followed.open(*alert, *respond_by);
                } else {
                    self.followed.note_other(*alert, *respond_by);
                }
            }
            Decision::AddEvidence { alert, evidence } => {
                let speaks_for = evidence.priority().is_some();
                if evidence.reading == Some(self.reading) && speaks_for {
                    self.followed.join(*alert);
                }
            }
            other => self.followed.decide(other, at),
        }
    }

    fn became(self) -> Became {
        if self.checked_at.is_none() {
            return Became::NotChecked;
        }
        if let Some((by, at)) = self.struck {
            return Became::Struck { by, at };
        }
        let waits = self.waits_until;
        match self.followed.worst() {
            Some(Standing::Open { by, is_late }) => Became::OnList { by, is_late },
            Some(Standing::Held { by, at }) if self.checked_at > Some(at) => {
                Became::Added { to: by }
            }
            Some(Standing::Held { by, at }) => Became::InHand { by, at },
            _ if waits.is_some() => Became::Again { until: waits },
            Some(Standing::Closed { by, at, outcome }) => Became::LookedAt { by, at, outcome },
            Some(Standing::Ended) => Became::EndedByItself,
            None if self.wanted_again.is_some() => Became::Again { until: None },
            None if self.is_repeated => Became::Repeated,
            None => Became::Fine,
        }
    }
}
