//! The task: sleeps until something is due or has changed, then lets it happen.

use std::collections::BTreeSet;

use clinical::PatientId;
use jiff::Timestamp;
use tokio::sync::broadcast;
use tracing::{debug, error, info};

use super::back;
use super::fire::{Fired, fire};
use super::look::{Look, Looker};
use super::rotas::RotaWatch;
use super::signs::Knowing;
use super::{
    CASES_PER_WRITE_MAX, DUE_LEN_MAX, Deadlines, LOOK_AGE_MAX, LOOK_EVERY, POLL_MAX, RETRY_DELAY,
};
use crate::store::cases;

/// Lets deadlines happen until the stop.
///
/// # Errors
/// Never: what fails is logged and tried again.
pub async fn run(deadlines: Deadlines) -> anyhow::Result<()> {
    let mut changed = deadlines.changes.subscribe();
    let mut rounds = Rounds {
        deadlines,
        looker: Looker::new(),
        look: None,
        explained_at: Timestamp::MIN,
        rotas: RotaWatch::default(),
        is_in_trouble: false,
    };
    let shutdown = rounds.deadlines.shutdown.clone();
    while !shutdown.is_cancelled() {
        let began_at = rounds.deadlines.clock.now();
        let retry_at = rounds.round(began_at).await;
        rounds.sleep(&mut changed, began_at, retry_at).await;
    }
    Ok(())
}

struct Rounds {
    deadlines: Deadlines,
    looker: Looker,
    look: Option<Look>,
    /// The look by which windows were explained last.
    explained_at: Timestamp,
    rotas: RotaWatch,
    is_in_trouble: bool,
}

/// How a round went.
#[derive(Default)]
struct Outcome {
    fired_len: usize,
    is_left: bool,
    failed: Option<anyhow::Error>,
    failed_len: usize,
}

impl Rounds {
    /// Lets everything happen that is due. Gives when to try again, if something failed or is due still.
    async fn round(&mut self, began_at: Timestamp) -> Option<Timestamp> {
        let mut outcome = Outcome::default();
        if let Err(error) = self.try_round(&mut outcome).await {
            outcome.fail(error);
        }
        if outcome.fired_len > 0 {
            debug!(deadlines.len = outcome.fired_len, "deadlines passed");
        }
        let is_again = outcome.is_left || outcome.failed.is_some();
        self.log(outcome.failed, outcome.failed_len);
        self.rotas.look(&self.deadlines.store, began_at).await;
        is_again.then(|| later(began_at, RETRY_DELAY))
    }

    async fn try_round(&mut self, outcome: &mut Outcome) -> anyhow::Result<()> {
        let now = self.deadlines.clock.now();
        let mut reached: Option<(Timestamp, PatientId)> = None;
        // A case that had more than its share is listed again, by what it is due next.
        let mut had: BTreeSet<PatientId> = BTreeSet::new();
        loop {
            let mut reader = self.deadlines.store.readers().acquire().await?;
            let due = cases::due(&mut reader, now, reached.as_ref(), DUE_LEN_MAX).await?;
            drop(reader);
            let age_max = if due.is_empty() {
                LOOK_EVERY
            } else {
                LOOK_AGE_MAX
            };
            self.look_again(now, age_max).await?;
            let Some(last) = due.last() else {
                return self.explain(now).await;
            };
            reached = Some(last.clone());
            let due = due.into_iter().map(|(_, patient)| patient);
            let due: Vec<PatientId> = due.filter(|patient| had.insert(patient.clone())).collect();
            for chunk in due.chunks(CASES_PER_WRITE_MAX) {
                // The order in which every server takes cases, so that two never wait for each other.
                let mut patients = chunk.to_vec();
                patients.sort_unstable();
                self.fire(&patients, outcome).await;
                if self.deadlines.shutdown.is_cancelled() {
                    return Ok(());
                }
            }
        }
    }

    /// Explains what gateways that are back can tell of, as often as all homes are looked at.
    async fn explain(&mut self, now: Timestamp) -> anyhow::Result<()> {
        let Some(look) = self.look.as_ref().filter(|it| self.explained_at != it.at) else {
            return Ok(());
        };
        let Deadlines { store, limits, .. } = &self.deadlines;
        let knowing = Knowing { look, limits, now };
        let explained = back::explain(store, knowing).await?;
        self.explained_at = look.at;
        for patient in explained {
            self.deadlines.changes.announce(patient);
        }
        Ok(())
    }

    async fn look_again(
        &mut self,
        now: Timestamp,
        age_max: jiff::SignedDuration,
    ) -> anyhow::Result<()> {
        let age = self.look.as_ref().map(|it| now.duration_since(it.at).abs());
        if age.is_some_and(|age| age < age_max) {
            return Ok(());
        }
        let Deadlines { store, limits, .. } = &self.deadlines;
        self.look = Some(self.looker.look(store, limits, now).await?);
        Ok(())
    }

    /// Fires cases together, or one by one when one of them fails: it holds up nobody else.
    async fn fire(&self, patients: &[PatientId], outcome: &mut Outcome) {
        let Some(look) = &self.look else { return };
        let knowing = Knowing {
            look,
            limits: &self.deadlines.limits,
            now: self.deadlines.clock.now(),
        };
        let store = &self.deadlines.store;
        match fire(store, patients, knowing).await {
            Ok(fired) => self.announce(fired, outcome),
            Err(error) if patients.len() == 1 => outcome.fail(error),
            Err(error) => {
                debug!(
                    error = format!("{error:#}"),
                    cases.len = patients.len(),
                    "cases are fired one by one"
                );
                for patient in patients {
                    match fire(store, std::slice::from_ref(patient), knowing).await {
                        Ok(fired) => self.announce(fired, outcome),
                        Err(error) => outcome.fail(error),
                    }
                }
            }
        }
    }

    fn announce(&self, fired: Fired, outcome: &mut Outcome) {
        outcome.fired_len += fired.len;
        outcome.is_left |= fired.is_left;
        for patient in fired.patients {
            self.deadlines.changes.announce(patient);
        }
    }

    /// Logs the first of a row of failures, not each.
    fn log(&mut self, failed: Option<anyhow::Error>, failed_len: usize) {
        match failed {
            Some(error) if !self.is_in_trouble => {
                self.is_in_trouble = true;
                error!(
                    error = format!("{error:#}"),
                    failed.len = failed_len,
                    "deadlines cannot pass, so alerts may be late: they are tried again; see whether the database runs, \
                     and rebuild a case that cannot be read"
                );
            }
            Some(_) => {}
            None if self.is_in_trouble => {
                self.is_in_trouble = false;
                info!("deadlines pass again");
            }
            None => {}
        }
    }

    /// Sleeps until the next deadline, the next look or the bound. Whatever is changed meanwhile may be due earlier.
    async fn sleep(
        &self,
        changed: &mut broadcast::Receiver<PatientId>,
        began_at: Timestamp,
        retry_at: Option<Timestamp>,
    ) {
        let clock = &self.deadlines.clock;
        // From the beginning of the round: what became old while it lasted is looked at again at once.
        let wake_at = later(began_at, POLL_MAX);
        loop {
            // What was announced until here was committed, so the question below sees it.
            *changed = changed.resubscribe();
            let due_at = self.next_due_at().await;
            let due_at = due_at.map(|at| retry_at.map_or(at, |retry_at| at.max(retry_at)));
            let at = due_at.map_or(wake_at, |at| at.min(wake_at));
            tokio::select! {
                () = clock.wait_until(at) => return,
                () = self.deadlines.shutdown.cancelled() => return,
                // Also when there was more than fits: something changed.
                _ = changed.recv() => {}
            }
        }
    }

    async fn next_due_at(&self) -> Option<Timestamp> {
        let mut reader = self.deadlines.store.readers().acquire().await.ok()?;
        cases::next_due_at(&mut reader).await.ok()?
    }
}

impl Outcome {
    fn fail(&mut self, error: anyhow::Error) {
        self.failed_len += 1;
        self.failed.get_or_insert(error);
    }
}

fn later(at: Timestamp, by: jiff::SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
