//! How the system's signals stop the gateway.
//!
//! The first signal stops the taking of work and lets what was taken be finished; a second one, or ten seconds, stops
//! at once.

use std::time::Duration;

use anyhow::bail;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::run;
use crate::clock::Clock;
use crate::config::Config;
use crate::progress;

/// The longest that finishing may take after the first signal.
const FINISH_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the gateway until the system's signals stop it.
///
/// # Errors
/// When it cannot start, a task dies, or it had to be stopped before it had finished.
pub async fn run_until_signalled(config: Config, clock: Clock) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let shutdown = CancellationToken::new();
    let mut work = tokio::spawn(run(config, clock, shutdown.clone()));
    tokio::select! {
        ended = &mut work => return ended?,
        () = signals.next() => {}
    }
    progress::tell(NotifyState::Stopping);
    tracing::info!("stopping; a second signal stops at once");
    shutdown.cancel();
    tokio::select! {
        ended = timeout(FINISH_TIMEOUT, work) => match ended {
            Ok(ended) => ended?,
            Err(_) => bail!("stopped before everything was finished: it took over {} s", FINISH_TIMEOUT.as_secs()),
        },
        () = signals.next() => bail!("stopped at once by a second signal"),
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
