//! One listener for each adapter that is there: taken up when the adapter comes, and alone in failing when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use btleplug::platform::Manager;
use tokio::sync::Mutex;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::bluez::{Bluez, Signs};
use super::commit::Committer;
use super::failure::{Failure, bounded};
use super::listener::Listener;
use super::timings::backed_off;
use super::{Radio, adapters};
use crate::progress::Beat;
use adapters::ADAPTERS_LEN_MAX;

/// How often in a row BlueZ may leave calls unanswered before the D-Bus is taken for lost.
const UNANSWERED_COUNT_MAX: u32 = 3;

const LOST: &str = "the system D-Bus is lost or BlueZ hangs; start the gateway afresh once `systemctl status dbus bluetooth` is well";

/// Is what all listeners work with.
pub(super) struct Crew {
    pub(super) radio: Radio,
    pub(super) bluez: Bluez,
    /// By which adapters are looked for.
    pub(super) manager: Manager,
    pub(super) lines: Lines,
    pub(super) committer: Committer,
    /// Asks all listeners to come to their end.
    pub(super) stop: CancellationToken,
}

/// A D-Bus connection for each adapter by its name, kept for good: each one dropped would stay open, with its scan.
///
/// On one connection adapters deafen each other. Asked to drop a rule by which signals are chosen, dbus-daemon (1.14,
/// `match_rule_equal`) does not compare the part of the tree that it is about, and drops the newest that is equal
/// otherwise: of two adapters the one that stays may lose the rule of the one that goes.
#[derive(Debug, Default)]
pub(super) struct Lines(Mutex<BTreeMap<String, Manager>>);

impl Lines {
    /// Gives the connection of an adapter. Once there were more names than are listened with at once, it is a shared one.
    ///
    /// # Errors
    /// When the D-Bus cannot be reached.
    pub(super) async fn of(&self, adapter: &str, call_ms_max: u64) -> Result<Manager, Failure> {
        let mut lines = self.0.lock().await;
        if let Some(known) = lines.get(adapter) {
            return Ok(known.clone());
        }
        if lines.len() >= ADAPTERS_LEN_MAX
            && let Some(shared) = lines.values().next()
        {
            return Ok(shared.clone());
        }
        let new = bounded(call_ms_max, Manager::new()).await?;
        lines.insert(adapter.to_owned(), new.clone());
        Ok(new)
    }
}

/// Is how an adapter's listener ended: in order, or because nothing can be heard any more by any.
type Ended = (String, anyhow::Result<()>);

/// Listens with every adapter that is wanted and there, until it is stopped.
///
/// # Errors
/// When the D-Bus is gone or no longer answers.
pub(super) async fn work(crew: Arc<Crew>, signs: &mut Signs) -> anyhow::Result<()> {
    let mut listeners = JoinSet::new();
    let mut outcome = take_up(&crew, signs, &mut listeners).await;
    crew.stop.cancel();
    let ending = async {
        let mut outcome = Ok(());
        while let Some(ended) = listeners.join_next().await {
            outcome = outcome.and(of_listener(ended).1);
        }
        outcome
    };
    if outcome.is_ok() {
        outcome = ending.await;
    } else {
        // They hear for themselves that nothing is there any more.
        let patience = Duration::from_millis(crew.radio.timings.call_ms_max);
        let _ = tokio::time::timeout(patience, ending).await;
    }
    if !crew.committer.commit_held().await {
        let held_len = crew.committer.held_len().await;
        tracing::error!(
            captures.held_len = held_len,
            "stopping with values that could not be committed; measure again if the device does not repeat them"
        );
    }
    outcome
}

async fn take_up(
    crew: &Arc<Crew>,
    signs: &mut Signs,
    listeners: &mut JoinSet<Ended>,
) -> anyhow::Result<()> {
    let timings = &crew.radio.timings;
    let mut beats = BTreeMap::<String, Arc<Beat>>::new();
    let mut failures = 0;
    let mut unanswered = 0;
    loop {
        if beats.values().all(|beat| beat.age() <= timings.age_max()) {
            crew.radio.status.got_on();
        }
        let wanted = crew.radio.adapter.as_deref();
        match adapters::names(&crew.manager, wanted, timings.call_ms_max).await {
            Ok(names) => {
                unanswered = 0;
                for name in names {
                    beats.entry(name.clone()).or_insert_with(|| {
                        let beat = Arc::<Beat>::default();
                        let tended = Arc::clone(crew).tend(name.clone(), Arc::clone(&beat));
                        listeners.spawn(async move { (name, tended.await) });
                        beat
                    });
                }
            }
            Err(failure) => unanswered = count(failure, unanswered, beats.is_empty())?,
        }
        let pause = if beats.is_empty() {
            let none = Failure::NoAdapter(wanted.unwrap_or_default().to_owned());
            crew.pause_after(&none, "", &mut failures)
        } else {
            failures = 0;
            Duration::from_millis(timings.retry_delay_ms_max)
        };
        tokio::select! {
            () = crew.stop.cancelled() => return Ok(()),
            Some(ended) = listeners.join_next() => {
                let (name, outcome) = of_listener(ended);
                beats.remove(&name);
                outcome?;
            }
            () = tokio::time::sleep(pause) => {}
            () = signs.came() => {}
        }
    }
}

/// Counts calls that were left unanswered in a row.
///
/// # Errors
/// When the D-Bus is lost; it is taken for that after some, unless something else shows that it is not.
fn count(failure: Failure, unanswered: u32, nothing_heard: bool) -> anyhow::Result<u32> {
    let unanswered = match failure {
        Failure::Unanswered(_) => unanswered + 1,
        Failure::BusLost => return Err(anyhow!(failure).context(LOST)),
        _ => 0,
    };
    if unanswered >= UNANSWERED_COUNT_MAX && nothing_heard {
        return Err(anyhow!(failure).context(LOST));
    }
    Ok(unanswered)
}

fn of_listener(ended: Result<Ended, JoinError>) -> Ended {
    ended.unwrap_or_else(|error| {
        let died = anyhow!(error).context("a listener died");
        (String::new(), Err(died))
    })
}

impl Crew {
    /// Listens with one adapter for as long as it is there.
    async fn tend(self: Arc<Self>, name: String, beat: Arc<Beat>) -> anyhow::Result<()> {
        let mut signs = self.bluez.signs(Some(&name)).await.context(LOST)?;
        let mut failures = 0;
        let mut unanswered = 0;
        loop {
            beat.got_on();
            let mut listener = Listener::new(&self, &name, &beat);
            let listened = listener.listen(&mut signs).await;
            let failure = match listened {
                Ok(()) | Err(Failure::NoAdapter(_)) => return Ok(()),
                Err(failure) => failure,
            };
            if listener.was_ready() {
                failures = 0;
                unanswered = 0;
            }
            drop(listener);
            let pause = self.pause_after(&failure, &name, &mut failures);
            unanswered = count(failure, unanswered, !self.radio.status.is_ready())?;
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(pause) => {}
                () = signs.came() => {}
            }
        }
    }

    fn pause_after(&self, failure: &Failure, adapter: &str, failures: &mut u32) -> Duration {
        let timings = &self.radio.timings;
        let pause = backed_off(
            timings.retry_delay_ms,
            timings.retry_delay_ms_max,
            *failures,
        );
        *failures = failures.saturating_add(1);
        tracing::warn!(
            error = %failure,
            adapter,
            retry.delay_ms = pause.as_millis(),
            "the radio does not listen; no reading can arrive by this adapter until it does"
        );
        pause
    }
}
