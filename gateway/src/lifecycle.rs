//! The gateway's life: what runs beside what, and how it stops.
//!
//! The first signal stops the taking of work and lets what was taken be finished; a second one, or ten seconds, stops
//! at once. A task that dies stops the program with an error, and systemd starts it afresh.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sd_notify::NotifyState;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::capture::{CAPTURE_QUEUE_LEN_MAX, CaptureRequest};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::{self, server::Control};
use crate::home::{Home, Sources};
use crate::intake::{self, Saving, task::Intake};
use crate::keys::{self, StateLock};
use crate::outbox::{FILE_NAME, Outbox};
use crate::pairing::PairingDesk;
use crate::progress::{self, Progress, Watched};
use crate::radio::{self, Radio, RadioStatus};
use crate::signals::Signals;
use crate::uplink::{self, Uplink, UplinkStatus};

/// The longest that finishing may take after the first signal.
pub const FINISH_TIMEOUT: Duration = Duration::from_secs(10);

/// The gateway without its radio: takes captures, keeps them, forwards them.
#[derive(Debug)]
pub struct Core {
    captures: mpsc::Sender<CaptureRequest>,
    outbox: Arc<Outbox>,
    radio_status: Arc<RadioStatus>,
    uplink_status: Arc<UplinkStatus>,
    saving: Arc<Saving>,
    progress: Progress,
    intake: JoinHandle<anyhow::Result<()>>,
    uplink: JoinHandle<anyhow::Result<()>>,
    uplink_stop: CancellationToken,
    shutdown: CancellationToken,
    _lock: StateLock,
}

impl Core {
    /// Opens the state folder and starts to work. After `shutdown` no captures are taken; see [`Core::stopped`].
    ///
    /// # Errors
    /// When the state folder, the keys or the outbox cannot be used.
    pub async fn start(
        config: &Config,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let lock = keys::lock_state(&config.state_dir)?;
        let keys = keys::load_or_make_locked(&config.state_dir, &lock)?;
        let outbox = Outbox::open(
            &config.state_dir.join(FILE_NAME),
            &config.gateway_id,
            keys.sealing,
            config.outbox.size_bytes_max,
        )
        .await?;
        let outbox = Arc::new(outbox);
        let radio_status = Arc::<RadioStatus>::default();
        let uplink = Uplink::new(
            Arc::clone(&outbox),
            config.broker.clone(),
            keys.tag,
            keys.signing,
            clock.clone(),
            Arc::clone(&radio_status),
        );
        let intake = Intake::new(
            Arc::clone(&outbox),
            config.home_time_zone.clone(),
            clock,
            config.outbox.retention_days,
        );
        let (captures, requests) = mpsc::channel(CAPTURE_QUEUE_LEN_MAX);
        let uplink_stop = CancellationToken::new();
        tracing::info!(gateway.id = %config.gateway_id, outbox.epoch = %outbox.epoch(), "the gateway has started");
        Ok(Self {
            captures,
            progress: progress(config, &intake, &uplink),
            uplink_status: uplink.status(),
            saving: intake.saving(),
            intake: tokio::spawn(intake.run(requests, shutdown.clone())),
            uplink: tokio::spawn(uplink.run(uplink_stop.clone())),
            outbox,
            radio_status,
            uplink_stop,
            shutdown,
            _lock: lock,
        })
    }

    /// Gives the way for captures to be committed.
    pub fn captures(&self) -> mpsc::Sender<CaptureRequest> {
        self.captures.clone()
    }

    /// Gives which of its tasks must get on.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Gives the outbox.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Gives what the radio tells of itself to the status message.
    pub fn radio_status(&self) -> Arc<RadioStatus> {
        Arc::clone(&self.radio_status)
    }

    /// Gives what the page and the light at home are made from.
    pub fn sources(&self, config: &Config, clock: Clock) -> Sources {
        Sources {
            outbox: Arc::clone(&self.outbox),
            saving: Arc::clone(&self.saving),
            uplink: self.uplink_status(),
            radio: self.radio_status(),
            clock,
            state_dir: config.state_dir.clone(),
            home_time_zone: config.home_time_zone.clone(),
        }
    }

    /// Gives the uplink's counters.
    pub fn uplink_status(&self) -> Arc<UplinkStatus> {
        Arc::clone(&self.uplink_status)
    }

    /// Waits until the gateway is stopped or one of its tasks dies. Captures already sent are committed and become
    /// records, the broker is told, and the outbox is closed.
    ///
    /// # Errors
    /// When a task died.
    pub async fn stopped(mut self) -> anyhow::Result<()> {
        let mut early = None;
        tokio::select! {
            // The stop ends the intake: that one of the two is looked at first tells it from a death.
            biased;
            () = self.shutdown.cancelled() => {}
            ended = &mut self.intake => early = Some(died("intake", ended)),
            ended = &mut self.uplink => early = Some(died("uplink", ended)),
        }
        self.shutdown.cancel();
        drop(self.captures);
        let mut outcome = Ok(());
        if !self.intake.is_finished() {
            outcome = finished("intake", self.intake.await);
        }
        self.uplink_stop.cancel();
        if !self.uplink.is_finished() {
            outcome = outcome.and(finished("uplink", self.uplink.await));
        }
        self.outbox.close().await;
        early.map_or(outcome, Err)
    }
}

fn progress(config: &Config, intake: &Intake, uplink: &Uplink) -> Progress {
    Progress(vec![
        Watched {
            task: "intake",
            beat: intake.beat(),
            age_max: intake::task::AGE_MAX,
        },
        Watched {
            task: "uplink",
            beat: uplink.status().beat(),
            age_max: uplink::AGE_MAX + config.broker.retry_delay_max,
        },
    ])
}

/// Runs the whole gateway until `shutdown`: the radio stops first, then what it heard is finished.
///
/// # Errors
/// When it cannot start or a task dies.
pub async fn run(config: Config, clock: Clock, shutdown: CancellationToken) -> anyhow::Result<()> {
    let clock = clock.confirmed_by(config.synchronised_file.clone());
    let home = Home::new(config.home.clone());
    let ended = work(config, clock, shutdown, &home).await;
    home.end(&ended).await;
    ended
}

async fn work(
    config: Config,
    clock: Clock,
    shutdown: CancellationToken,
    home: &Home,
) -> anyhow::Result<()> {
    let core_stop = CancellationToken::new();
    let core = Core::start(&config, clock.clone(), core_stop.clone()).await?;
    home.begin(core.sources(&config, clock.clone()));
    let mut progress = core.progress();
    progress.0.push(Watched {
        task: "radio",
        beat: core.radio_status().beat(),
        age_max: config.radio.timings.age_max(),
    });
    let desk = Arc::<PairingDesk>::default();
    let control = Control {
        devices: config.devices.iter().map(|it| it.id.clone()).collect(),
        desk: Arc::clone(&desk),
    };
    let control_stop = shutdown.child_token();
    tokio::spawn(serve_commands(config.state_dir, control, control_stop));
    let radio = Radio {
        adapter: config.radio.adapter,
        timings: config.radio.timings,
        devices: config.devices,
        quirks: config.quirks,
        home_time_zone: config.home_time_zone,
        clock,
        captures: core.captures(),
        desk,
        status: core.radio_status(),
    };
    let radio_stop = shutdown.child_token();
    let mut radio = tokio::spawn(radio::run(radio, radio_stop.clone()));
    let mut core = tokio::spawn(core.stopped());
    progress::tell(NotifyState::Ready);
    tokio::select! {
        never = progress::feed(progress) => match never {},
        heard = &mut radio => {
            let heard = match heard {
                Ok(Ok(())) if shutdown.is_cancelled() => Ok(()),
                ended => Err(died("radio", ended)),
            };
            core_stop.cancel();
            heard.and(finished("core", core.await))
        }
        ended = &mut core => {
            radio_stop.cancel();
            let heard = finished("radio", radio.await);
            finished("core", ended).and(heard)
        }
    }
}

/// Readings matter more than commands: without its socket the gateway works on.
async fn serve_commands(state_dir: PathBuf, control: Control, shutdown: CancellationToken) {
    if let Err(error) = control::server::serve(&state_dir, control, shutdown).await {
        tracing::error!(error = %format!("{error:#}"), "commands on this box cannot reach the gateway");
    }
}

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

type Joined = Result<anyhow::Result<()>, tokio::task::JoinError>;

/// What a task that should have gone on says by having ended.
fn died(task: &'static str, ended: Joined) -> anyhow::Error {
    match ended {
        Ok(Ok(())) => anyhow!("the {task} ended by itself"),
        Ok(Err(error)) => error.context(format!("the {task} failed")),
        Err(error) => anyhow!(error).context(format!("the {task} died")),
    }
}

fn finished(task: &'static str, ended: Joined) -> anyhow::Result<()> {
    ended
        .with_context(|| format!("the {task} died"))?
        .with_context(|| format!("the {task} failed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::config;
    use crate::uplink::test_broker::{Heard, Manner, TestBroker};
    use std::path::Path;
    use tokio::sync::oneshot;
    use vitals::wire::GatewayState;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn config(state_dir: &Path, broker: std::net::SocketAddr) -> Config {
        config::parse(&format!(
            "gateway_id = \"gw-1\"\nstate_dir = {state_dir:?}\nhome_time_zone = \"Europe/London\"\n[broker]\naddress = \"{broker}\"",
        ))
        .unwrap()
    }

    fn capture(grams_5: u16) -> Capture {
        let [low, high] = grams_5.to_le_bytes();
        Capture {
            device: "scale-1".parse().unwrap(),
            characteristic: "2A9D".parse().unwrap(),
            raw: vec![0, low, high].try_into().unwrap(),
            received_at: "2026-11-21T08:00:00Z".parse().unwrap(),
            clock_offset_seconds: None,
            dialect: gatt::Dialect::default(),
        }
    }

    async fn start(folder: &Path) -> (Core, TestBroker, CancellationToken, Config) {
        let keys = keys::load_or_make(folder).unwrap();
        let broker = TestBroker::start(keys.tag, &[Manner::Good]).await;
        let config = config(folder, broker.address);
        let shutdown = CancellationToken::new();
        let core = Core::start(&config, Clock::system(), shutdown.clone()).await;
        (core.unwrap(), broker, shutdown, config)
    }

    #[tokio::test]
    async fn captures_in_the_queue_at_a_stop_become_records() {
        let folder = tempfile::tempdir().unwrap();
        let (core, _broker, shutdown, config) = start(folder.path()).await;
        let mut answers = Vec::new();
        for number in 1..=20 {
            let (committed, answer) = oneshot::channel();
            let capture = capture(14_000 + number);
            core.captures()
                .send(CaptureRequest { capture, committed })
                .await
                .unwrap();
            answers.push(answer);
        }
        let held = core.captures();
        shutdown.cancel();
        timeout(PATIENCE, core.stopped()).await.unwrap().unwrap();
        for answer in answers {
            answer.await.unwrap();
        }
        assert!(held.is_closed());
        let file = config.state_dir.join(FILE_NAME);
        let status = crate::outbox::status::of_file(&file, config.outbox.size_bytes_max)
            .await
            .unwrap();
        assert_eq!(status.unreceipted_len + status.receipted_len, 20);
    }

    #[tokio::test]
    async fn a_capture_reaches_the_server_and_the_stop_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let (core, mut broker, shutdown, _) = start(folder.path()).await;
        let (committed, answer) = oneshot::channel();
        let request = CaptureRequest {
            capture: capture(14_000),
            committed,
        };
        core.captures().send(request).await.unwrap();
        answer.await.unwrap();
        assert_eq!(
            timeout(PATIENCE, broker.next_readings()).await.unwrap(),
            [1]
        );
        shutdown.cancel();
        timeout(PATIENCE, core.stopped()).await.unwrap().unwrap();
        let said = async {
            loop {
                if let Heard::Status(GatewayState::Stopped) = broker.next().await {
                    return;
                }
            }
        };
        timeout(PATIENCE, said).await.unwrap();
    }

    #[tokio::test]
    async fn a_second_gateway_on_the_same_state_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (core, _broker, shutdown, config) = start(folder.path()).await;
        let second = Core::start(&config, Clock::system(), CancellationToken::new()).await;
        assert!(second.unwrap_err().to_string().contains("stop it first"));
        shutdown.cancel();
        core.stopped().await.unwrap();
        let again = Core::start(&config, Clock::system(), shutdown)
            .await
            .unwrap();
        again.stopped().await.unwrap();
    }

    #[tokio::test]
    async fn a_program_stopped_before_it_began_ends() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys::load_or_make(folder.path()).unwrap();
        let broker = TestBroker::start(keys.tag, &[Manner::Good]).await;
        let config = config(folder.path(), broker.address);
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        // Whether or not this machine has Bluetooth.
        let ended = timeout(PATIENCE, run(config, Clock::system(), shutdown)).await;
        if let Err(error) = ended.unwrap() {
            let error = format!("{error:#}");
            assert!(error.contains("radio"), "{error}");
        }
    }
}
