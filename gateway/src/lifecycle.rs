//! The gateway's life: what runs beside what, and how it stops.
//!
//! A task that dies stops the program with an error, and systemd starts it afresh.

mod ended;
mod signals;

use std::path::PathBuf;
use std::sync::Arc;

use sd_notify::NotifyState;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::capture::{CAPTURE_QUEUE_LEN_MAX, CaptureRequest};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::{self, server::Control};
use crate::doctor::Watch;
use crate::enrol::renew::Renewal;
use crate::home::{Home, Sources};
use crate::intake::{self, Saving, task::Intake};
use crate::keys::{self, StateLock};
use crate::outbox::{FILE_NAME, Outbox};
use crate::progress::{self, Progress, Watched};
use crate::radio::{self, Radio, RadioStatus, Remote};
use crate::reporting::ReportDesk;
use crate::standing::StandingDesk;
use crate::uplink::{self, Uplink, UplinkStatus};
use ended::{died, finished};
pub use signals::run_until_signalled;

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
    renewal: JoinHandle<()>,
    reports: Arc<ReportDesk>,
    uplink_stop: CancellationToken,
    shutdown: CancellationToken,
    lock: Arc<StateLock>,
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
        let lock = Arc::new(keys::lock_state(&config.state_dir)?);
        let keys = keys::load_or_make_locked(&config.state_dir, &lock)?;
        let outbox = Outbox::open(
            &config.state_dir.join(FILE_NAME),
            &config.gateway_id,
            keys.sealing,
            config.outbox.size_bytes_max,
        )
        .await?;
        let outbox = Arc::new(outbox);
        let standing = StandingDesk::open(&config.state_dir, Arc::clone(&lock))?;
        let standing = Arc::new(standing);
        let reports = Arc::new(ReportDesk::open(&config.state_dir)?);
        let radio_status = Arc::<RadioStatus>::default();
        let uplink = Uplink::new(
            Arc::clone(&outbox),
            (Arc::clone(&standing), Arc::clone(&reports)),
            config.broker.clone(),
            (keys.tag, keys.signing),
            clock.clone(),
            Arc::clone(&radio_status),
        );
        let renewal = Renewal::new(&config.state_dir, Arc::clone(&lock), clock.clone());
        let intake = Intake::new(
            Arc::clone(&outbox),
            standing,
            config.home_time_zone.clone(),
            clock,
            config.outbox.retention_days,
        );
        let (captures, requests) = mpsc::channel(CAPTURE_QUEUE_LEN_MAX);
        let uplink_stop = CancellationToken::new();
        tracing::info!(gateway.id = %config.gateway_id, outbox.epoch = %outbox.epoch(), "the gateway has started");
        Ok(Self {
            captures,
            progress: progress(config, &intake, &uplink, &renewal),
            uplink_status: uplink.status(),
            saving: intake.saving(),
            intake: tokio::spawn(intake.run(requests, shutdown.clone())),
            uplink: tokio::spawn(uplink.run(uplink_stop.clone())),
            renewal: tokio::spawn(renewal.run(shutdown.clone())),
            outbox,
            radio_status,
            reports,
            uplink_stop,
            shutdown,
            lock,
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

    /// Gives where reports are asked for.
    pub fn reports(&self) -> Arc<ReportDesk> {
        Arc::clone(&self.reports)
    }

    /// Gives the hold on the state folder.
    pub fn lock(&self) -> Arc<StateLock> {
        Arc::clone(&self.lock)
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
        let _ = self.renewal.await;
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

fn progress(config: &Config, intake: &Intake, uplink: &Uplink, renewal: &Renewal) -> Progress {
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
        renewal.watched(),
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
    let remote = Remote::new(&config, core.lock(), core.radio_status());
    let looked_at = config.clone();
    let watch = Watch {
        broker: config.broker.clone(),
        outbox: Arc::clone(core.outbox()),
        uplink: core.uplink_status(),
        radio: core.radio_status(),
        progress: progress.clone(),
        clock: clock.clone(),
    };
    let radio = Radio {
        adapter: config.radio.adapter,
        timings: config.radio.timings,
        air: Arc::clone(&remote.air),
        quirks: config.quirks,
        home_time_zone: config.home_time_zone,
        clock,
        captures: core.captures(),
        desk: Arc::clone(&remote.desk),
        status: core.radio_status(),
    };
    let watch = Arc::new(watch);
    let reports = core.reports();
    let control = Control {
        remote,
        watch: Arc::clone(&watch),
        identify: config.home.light.is_some().then(|| home.identify()),
        reports: Arc::clone(&reports),
    };
    let reporting = shutdown.child_token();
    tokio::spawn(async move { reports.run(&looked_at, &watch, reporting).await });
    let control_stop = shutdown.child_token();
    tokio::spawn(serve_commands(config.state_dir, control, control_stop));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::config;
    use crate::uplink::test_broker::{Heard, Manner, TestBroker};
    use std::path::Path;
    use std::time::Duration;
    use tokio::sync::oneshot;
    use tokio::time::timeout;
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
