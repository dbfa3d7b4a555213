//! Clones: one gateway's identity that is used in two places, told by what only two programs can say in turns.
//!
//! A box that restarts, reconnects or gets a new outbox goes on: what it was before never speaks again. Of two boxes each
//! speaks again after the other. That is told from messages alone, so it is the same with every broker.

use std::collections::HashMap;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use tracing::{error, warn};
use vitals::{Epoch, GatewayId};

use crate::store::{Store, clones, gateways};

/// How many signs make a finding: one alone may be a message that came late.
pub const SIGNS_LEN_MIN: usize = 2;
/// Signs further apart than this have nothing to do with each other.
pub const SIGNS_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// For how long a gateway's signs are not counted after a finding: it is known, and is written down again at most so often.
pub const FOUND_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// How many runs or outboxes of one gateway are remembered, the latest.
pub const LIVES_LEN_MAX: usize = 8;

/// What a gateway said that tells it from another of its name. Nothing here was heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Its program has this number, as it wrote at this time by its own clock.
    Run {
        /// The number.
        run: u64,
        /// The time.
        at: Timestamp,
    },
    /// It has put a record into this life of its outbox, or signed it.
    Epoch(Epoch),
    /// It has used a number of its outbox that holds something else.
    Conflict,
}

/// By what a clone was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Two programs speak in turns.
    Runs,
    /// Two outboxes grow in turns.
    Epochs,
    /// Numbers are used twice, with different content.
    Conflicts,
}

impl Sign {
    /// Gives the name that it is stored by.
    pub fn code(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Epochs => "epochs",
            Self::Conflicts => "conflicts",
        }
    }

    /// Finds the sign that is stored by a name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Runs, Self::Epochs, Self::Conflicts]
            .into_iter()
            .find(|sign| sign.code() == code)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Runs => "two programs speak in turns under one name",
            Self::Epochs => "two outboxes grow in turns under one name",
            Self::Conflicts => "numbers of one outbox are used twice, with different content",
        }
    }
}

/// What is remembered of all gateways that were believed, since the start of this server.
#[derive(Debug, Default)]
pub struct CloneWatch(HashMap<GatewayId, Seen>);

/// What is remembered of one gateway: bounded, however much it says.
#[derive(Debug, Default)]
struct Seen {
    /// The latest last, each with when it last wrote.
    runs: Vec<(u64, Timestamp)>,
    epochs: Vec<Epoch>,
    /// At most one fewer than make a finding.
    signs: Vec<Timestamp>,
    pause_until: Option<Timestamp>,
}

impl CloneWatch {
    /// Takes what a gateway has said, and tells by what sign its identity is found to be used in two places.
    pub fn saw(&mut self, gateway: &GatewayId, life: Life, now: Timestamp) -> Option<Sign> {
        let seen = self.0.entry(gateway.clone()).or_default();
        let sign = match life {
            Life::Run { run, at } => seen.runs_in_turns(run, at).then_some(Sign::Runs),
            Life::Epoch(epoch) => seen.epochs_in_turns(epoch).then_some(Sign::Epochs),
            Life::Conflict => Some(Sign::Conflicts),
        }?;
        seen.is_found(now).then_some(sign)
    }
}

impl Seen {
    /// A message that a broker delivers again was written no later than the last of its program, and says nothing.
    fn runs_in_turns(&mut self, run: u64, at: Timestamp) -> bool {
        let known = self.runs.iter().position(|(known, _)| *known == run);
        let Some(place) = known else {
            push(&mut self.runs, (run, at));
            return false;
        };
        if at <= self.runs[place].1 {
            return false;
        }
        let is_last = place + 1 == self.runs.len();
        self.runs.remove(place);
        push(&mut self.runs, (run, at));
        !is_last
    }

    fn epochs_in_turns(&mut self, epoch: Epoch) -> bool {
        let known = self.epochs.iter().position(|known| *known == epoch);
        let is_last = known.is_some_and(|place| place + 1 == self.epochs.len());
        if let Some(place) = known {
            self.epochs.remove(place);
        }
        push(&mut self.epochs, epoch);
        known.is_some() && !is_last
    }

    /// Counts a sign.
    fn is_found(&mut self, now: Timestamp) -> bool {
        // A clock that was put back must not make a pause endless.
        let pauses = |until: Timestamp| now < until && until.duration_since(now) <= FOUND_PAUSE;
        if self.pause_until.is_some_and(pauses) {
            return false;
        }
        self.signs
            .retain(|at| now.duration_since(*at).abs() <= SIGNS_WITHIN);
        if self.signs.len() + 1 < SIGNS_LEN_MIN {
            self.signs.push(now);
            return false;
        }
        self.signs.clear();
        self.pause_until = now.checked_add(FOUND_PAUSE).ok();
        true
    }
}

fn push<T>(lives: &mut Vec<T>, life: T) {
    if lives.len() == LIVES_LEN_MAX {
        lives.remove(0);
    }
    lives.push(life);
}

/// Writes a finding down and, when it is a new one, says it loudly, once.
pub(super) async fn raise(store: &Store, gateway: &GatewayId, sign: Sign, now: Timestamp) {
    match note(store, gateway, sign, now).await {
        Ok(true) => error!(
            gateway.id = %gateway, clone.sign = sign.code(),
            "the identity of this gateway is used in two places: {}. Its state folder was copied, or its box restored \
             elsewhere. Find out which box is the patient's, stop the other, and if you cannot, revoke it (server revoke) \
             and enrol the right one anew (server install-job)",
            sign.sentence()
        ),
        Ok(false) => {}
        // As long as it lasts there will be more signs.
        Err(error) => warn!(
            gateway.id = %gateway, error = format!("{error:#}"),
            "that a gateway was copied cannot be written down"
        ),
    }
}

async fn note(
    store: &Store,
    gateway: &GatewayId,
    sign: Sign,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let mut write = store.write().await?;
    gateways::lock(&mut write, gateway).await?;
    let is_new = clones::note(&mut write, gateway, sign, now).await?;
    write.commit().await.context("the finding is not kept")?;
    Ok(is_new)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A watch over one gateway, and a clock.
    struct Watched {
        watch: CloneWatch,
        gateway: GatewayId,
        now: Timestamp,
    }

    impl Watched {
        fn new() -> Self {
            Self {
                watch: CloneWatch::default(),
                gateway: "gw-1".parse().unwrap(),
                now: "2026-11-26T09:00:00Z".parse().unwrap(),
            }
        }

        fn wait(&mut self, minutes: i64) {
            self.now += SignedDuration::from_mins(minutes);
        }

        /// Says these, a minute apart, and gives what was found.
        fn says(&mut self, lives: impl IntoIterator<Item = Life>) -> Vec<Sign> {
            let mut found = Vec::new();
            for life in lives {
                self.wait(1);
                found.extend(self.watch.saw(&self.gateway, life, self.now));
            }
            found
        }

        /// Programs that write now, in this order.
        fn run(&mut self, runs: &[u64]) -> Vec<Sign> {
            let mut found = Vec::new();
            for run in runs {
                let (run, at) = (*run, self.now);
                found.extend(self.says([Life::Run { run, at }]));
            }
            found
        }
    }

    #[test]
    fn two_programs_that_take_over_from_each_other_are_found_once() {
        let mut it = Watched::new();
        assert_eq!(it.run(&[1, 2, 1]), []);
        assert_eq!(it.run(&[2]), [Sign::Runs]);
        assert_eq!(it.run(&[1, 2, 1, 2, 1, 2, 1, 2]), [], "it is known");
        it.now += FOUND_PAUSE;
        assert_eq!(it.run(&[1, 2, 1]), [Sign::Runs], "it lasts");
    }

    #[test]
    fn a_box_that_reconnects_or_restarts_is_none() {
        let mut it = Watched::new();
        for run in 0..50 {
            assert_eq!(it.run(&[run; 20]), []);
        }
        // What it had sent before a restart may come late, and once.
        assert_eq!(it.run(&[50, 51, 50, 51, 52]).len(), 1, "twice is too often");
        let mut it = Watched::new();
        assert_eq!(it.run(&[1, 2, 1]), []);
        it.now += SIGNS_WITHIN;
        assert_eq!(it.run(&[3, 4, 3, 4]).len(), 1);
        let mut it = Watched::new();
        for start in 0..20 {
            assert_eq!(it.run(&[start * 2, start * 2 + 1, start * 2]), []);
            it.now += SIGNS_WITHIN;
        }
    }

    #[test]
    fn what_a_broker_delivers_again_says_nothing() {
        let mut it = Watched::new();
        let at = |minute: i64| it_at(minute);
        let messages = [(1, 0), (1, 1), (2, 2), (2, 3)];
        let lives = || {
            messages.map(|(run, minute)| Life::Run {
                run,
                at: at(minute),
            })
        };
        for _ in 0..10 {
            assert_eq!(it.says(lives()), []);
        }
    }

    fn it_at(minute: i64) -> Timestamp {
        Watched::new().now + SignedDuration::from_mins(minute)
    }

    #[test]
    fn outboxes_that_grow_in_turns_and_numbers_that_are_used_twice_are_found() {
        let epochs = |numbers: &[u64]| -> Vec<Life> {
            numbers.iter().map(|it| Life::Epoch(Epoch(*it))).collect()
        };
        let mut it = Watched::new();
        assert_eq!(it.says(epochs(&[1, 1, 2, 2, 3, 3])), []);
        assert_eq!(it.says(epochs(&[4, 5, 4, 5])), [Sign::Epochs]);
        let mut it = Watched::new();
        assert_eq!(it.says([Life::Conflict]), []);
        it.now += SIGNS_WITHIN;
        assert_eq!(it.says([Life::Conflict]), []);
        assert_eq!(it.says([Life::Conflict]), [Sign::Conflicts]);
        let mut it = Watched::new();
        it.run(&[1, 2, 1]);
        assert_eq!(it.says([Life::Conflict]), [Sign::Conflicts], "one of each");
    }

    #[test]
    fn gateways_are_looked_at_apart_and_little_is_remembered_of_each() {
        let mut it = Watched::new();
        for run in 0..1000 {
            it.run(&[run]);
            it.says([Life::Epoch(Epoch(run))]);
            let other = Life::Run {
                run: run % 2,
                at: it.now,
            };
            it.watch.saw(&"gw-2".parse().unwrap(), other, it.now);
        }
        let seen = &it.watch.0[&it.gateway];
        assert_eq!(
            (seen.runs.len(), seen.epochs.len()),
            (LIVES_LEN_MAX, LIVES_LEN_MAX)
        );
        assert!(seen.signs.is_empty());
        // A clock that is put back by years does not silence it for as long.
        it.run(&[1001, 1002, 1001, 1002]);
        it.now = "2020-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(it.says([Life::Conflict, Life::Conflict]), [Sign::Conflicts]);
    }

    #[test]
    fn a_sign_is_found_by_the_name_that_it_is_stored_by() {
        for sign in [Sign::Runs, Sign::Epochs, Sign::Conflicts] {
            assert_eq!(Sign::from_code(sign.code()), Some(sign));
        }
        assert_eq!(Sign::from_code("smell"), None);
    }
}
