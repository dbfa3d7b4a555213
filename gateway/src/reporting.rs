//! Reports: the gateway looks at itself when the office asks, and passes on what the installer signed until the office has
//! answered.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use vitals::report::{Report, SignOff};

use crate::config::Config;
use crate::doctor::{self, Patient, Watch};
use crate::keys;

const SIGN_OFF_FILE: &str = "sign-off.json";
/// The least time between two looks: whoever asks more often gets one answer for all.
const LOOK_PAUSE: Duration = Duration::from_secs(5);

/// Where reports are asked for and fetched.
#[derive(Debug)]
pub struct ReportDesk {
    state_dir: PathBuf,
    asked: Notify,
    sign_off: Mutex<Option<SignOff>>,
    latest: watch::Sender<Option<Report>>,
}

impl ReportDesk {
    /// Reads what was signed.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(state_dir: &Path) -> anyhow::Result<Self> {
        let path = state_dir.join(SIGN_OFF_FILE);
        let about = || format!("cannot read {}", path.display());
        let sign_off = match path.exists() {
            true => serde_json::from_str(&std::fs::read_to_string(&path).with_context(about)?)
                .with_context(about)?,
            false => None,
        };
        Ok(Self {
            state_dir: state_dir.to_owned(),
            asked: Notify::new(),
            sign_off: Mutex::new(sign_off),
            latest: watch::Sender::new(None),
        })
    }

    /// Asks for a report; it is made as soon as the one in hand is.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// Keeps what the installer signed, and asks for a report that tells it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn sign(&self, sign_off: SignOff) -> anyhow::Result<()> {
        keys::write_beside(
            &self.state_dir,
            SIGN_OFF_FILE,
            &serde_json::to_vec(&sign_off)?,
        )?;
        *self.signed() = Some(sign_off);
        self.ask();
        Ok(())
    }

    /// Tells whether something was signed.
    pub fn is_signed(&self) -> bool {
        self.signed().is_some()
    }

    /// Gives the way to see new reports.
    pub fn reports(&self) -> watch::Receiver<Option<Report>> {
        self.latest.subscribe()
    }

    /// Makes the reports that are asked for until the program is stopped.
    pub async fn run(&self, config: &Config, watch: &Watch, shutdown: CancellationToken) {
        let reporting = async {
            loop {
                self.asked.notified().await;
                let report = self.look(config, watch).await;
                self.latest.send_replace(Some(report));
                tokio::time::sleep(LOOK_PAUSE).await;
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = reporting => {}
        }
    }

    async fn look(&self, config: &Config, watch: &Watch) -> Report {
        let health = watch.health().await;
        let patient = Patient {
            config,
            is_named: true,
            health: health.map_err(|error| error.to_string()),
            clock: &watch.clock,
        };
        let mut report = doctor::examine(patient).await;
        report.sign_off.clone_from(&self.signed());
        report
    }

    fn signed(&self) -> std::sync::MutexGuard<'_, Option<SignOff>> {
        // It is set as a whole, so a panic elsewhere has not spoilt it.
        self.sign_off
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
