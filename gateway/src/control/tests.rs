//! Tests of commands and their answers, over a real socket.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use vitals::enrol::JobDevice;

use super::server::{Control, serve};
use super::*;
use crate::bindings::{self, Register, Stored, Written};
use crate::clock::Clock;
use crate::config::DeviceConfig;
use crate::doctor::Watch;
use crate::keys::{self, StateLock};
use crate::outbox::Outbox;
use crate::pairing::PairingDesk;
use crate::progress::Progress;
use crate::quirks::Table;
use crate::radio::{Air, RadioStatus, RadioTimings, Remote};
use crate::reporting::ReportDesk;

struct Gateway {
    folder: tempfile::TempDir,
    desk: Arc<PairingDesk>,
    shutdown: CancellationToken,
    serving: JoinHandle<anyhow::Result<()>>,
}

/// A cuff that is bound by commands, and a scale whose address stands in the configuration.
fn home() -> Vec<DeviceConfig> {
    let job = JobDevice {
        id: "cuff".parse().unwrap(),
        kind: "cuff".to_owned(),
    };
    let scale = Written {
        id: "scale".parse().unwrap(),
        kind: DeviceKind::Scale,
        address: Some(address(2)),
        scale_user: None,
    };
    bindings::merge(vec![scale], &[job], &Stored::default()).unwrap()
}

fn address(last: u8) -> Address {
    [0, 0, 0x5E, 0, 0x53, last].into()
}

impl Gateway {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // What a gateway that was killed left.
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(SOCKET_NAME)).unwrap());
        let desk = Arc::<PairingDesk>::default();
        let lock = Arc::new(keys::lock_state(folder.path()).unwrap());
        let register = Register::new(home(), folder.path().to_owned(), Arc::clone(&lock));
        let status = Arc::<RadioStatus>::default();
        let control = Control {
            remote: Remote {
                air: Arc::new(Air::new(Arc::new(register))),
                status,
                desk: Arc::clone(&desk),
                quirks: Table::default(),
                timings: RadioTimings::default(),
            },
            watch: Arc::new(watch(folder.path(), &lock).await),
            identify: None,
            reports: Arc::new(ReportDesk::open(folder.path()).unwrap()),
        };
        let shutdown = CancellationToken::new();
        let state_dir = folder.path().to_owned();
        let stop = shutdown.clone();
        let serving = tokio::spawn(async move { serve(&state_dir, control, stop).await });
        let made = async {
            while UnixStream::connect(folder.path().join(SOCKET_NAME))
                .await
                .is_err()
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(made).await;
        Self {
            folder,
            desk,
            shutdown,
            serving,
        }
    }

    async fn enter(&self, device: &str, digits: &str) -> Answer {
        let request = Request::Passkey {
            device: device.parse().unwrap(),
            digits: digits.to_owned(),
        };
        client::ask(self.folder.path(), &request).await.unwrap()
    }
}

async fn timeout<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .unwrap()
}

async fn watch(folder: &std::path::Path, lock: &StateLock) -> Watch {
    let keys = keys::load_or_make_locked(folder, lock).unwrap();
    let name = "gw-1".parse().unwrap();
    let file = folder.join("outbox.db");
    let outbox = Outbox::open(&file, &name, keys.sealing, 1 << 20).await;
    let broker = "gateway_id = \"gw-1\"\nstate_dir = \"/nowhere\"\nhome_time_zone = \"Europe/London\"\n[broker]\naddress = \"127.0.0.1:1\"";
    Watch {
        broker: crate::config::parse(broker).unwrap().broker,
        outbox: Arc::new(outbox.unwrap()),
        uplink: Arc::default(),
        radio: Arc::default(),
        progress: Progress::default(),
        clock: Clock::system(),
    }
}

#[tokio::test]
async fn a_gateway_says_how_it_is() {
    let gateway = Gateway::start().await;
    let health = client::health(gateway.folder.path()).await.unwrap();
    assert!(!health.connected && health.receipt_at.is_none() && health.stuck.is_none());
    assert_eq!(health.status.outbox_len, 0);
}

fn refused(answer: Answer, because: &str) {
    match answer {
        Answer::Refused(why) => assert!(why.contains(because), "{why}"),
        other => panic!("it was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn digits_reach_the_device_that_asks_for_them() {
    let gateway = Gateway::start().await;
    let hold = gateway.desk.take(&"cuff".parse().unwrap(), "/cuff");
    let radio = async {
        let digits = gateway.desk.digits("/cuff").await.unwrap();
        hold.tell(digits.number() == 12_345);
    };
    let (answer, ()) = tokio::join!(gateway.enter("cuff", "012 345"), radio);
    assert_eq!(answer, Answer::Done);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_what_to_do() {
    let gateway = Gateway::start().await;
    refused(gateway.enter("oximeter", "012345").await, "check-config");
    refused(gateway.enter("cuff", "12345").await, "six digits");
    let mode = std::fs::metadata(gateway.folder.path().join(SOCKET_NAME)).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn nonsense_and_endless_lines_are_answered_and_end() {
    let gateway = Gateway::start().await;
    let endless = vec![b'x'; usize::try_from(LINE_LEN_MAX).unwrap()];
    for line in [&b"{}\n"[..], &endless] {
        let mut stream = UnixStream::connect(gateway.folder.path().join(SOCKET_NAME))
            .await
            .unwrap();
        stream.write_all(line).await.unwrap();
        let mut answer = String::new();
        // The server may close while something is still on its way to it.
        let _ = timeout(stream.read_to_string(&mut answer)).await;
        assert!(answer.contains("does not know this command"), "{answer}");
    }
}

#[tokio::test]
async fn a_gateway_that_was_stopped_is_said_not_to_answer() {
    let gateway = Gateway::start().await;
    gateway.shutdown.cancel();
    timeout(gateway.serving).await.unwrap().unwrap();
    let request = Request::Passkey {
        device: "cuff".parse().unwrap(),
        digits: "012345".to_owned(),
    };
    let error = client::ask(gateway.folder.path(), &request)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no gateway answers"), "{error}");
}

#[tokio::test]
async fn a_device_is_bound_told_of_and_forgotten() {
    let gateway = Gateway::start().await;
    let state_dir = gateway.folder.path();
    let cuff: DeviceId = "cuff".parse().unwrap();
    let told = async || {
        let devices = client::devices(state_dir).await.unwrap();
        let told = devices
            .into_iter()
            .map(|it| (it.id.to_string(), it.is_bound, it.is_written, it.is_paired));
        told.collect::<Vec<_>>()
    };
    let scale = || ("scale".to_owned(), true, true, None);
    assert_eq!(
        told().await,
        [scale(), ("cuff".to_owned(), false, false, None)]
    );
    client::bind(state_dir, cuff.clone(), address(1))
        .await
        .unwrap();
    assert_eq!(
        told().await,
        [scale(), ("cuff".to_owned(), true, false, None)]
    );
    assert!(bindings::load(state_dir).unwrap().bound.contains_key(&cuff));
    let error = client::forget(state_dir, cuff.clone()).await.unwrap_err();
    assert!(
        error.to_string().contains("BlueZ still knows it"),
        "{error:#}"
    );
    assert_eq!(
        told().await,
        [scale(), ("cuff".to_owned(), false, false, None)]
    );
    assert_eq!(bindings::load(state_dir).unwrap(), Stored::default());
}

#[tokio::test]
async fn what_cannot_be_bound_or_forgotten_is_refused_with_what_to_do() {
    let gateway = Gateway::start().await;
    let state_dir = gateway.folder.path();
    let id = |name: &str| name.parse::<DeviceId>().unwrap();
    let bind = async |name, last| client::bind(state_dir, id(name), address(last)).await;
    let because = |outcome: anyhow::Result<()>, why: &str| {
        let error = format!("{:#}", outcome.unwrap_err());
        assert!(error.contains(why), "{why} is not in: {error}");
    };
    because(bind("cuff", 2).await, "already device scale");
    because(bind("oximeter", 3).await, "check-config");
    bind("cuff", 1).await.unwrap();
    because(bind("cuff", 3).await, "forget that first");
    let forget = async |name| client::forget(state_dir, id(name)).await;
    because(forget("scale").await, "in the gateway's configuration");
    let look = client::look(state_dir, DeviceKind::Cuff).await;
    because(look.map(drop), "no Bluetooth adapter listens");
    let wait = async |name| client::wait_for(state_dir, id(name)).await.map(drop);
    because(wait("oximeter").await, "check-config");
}

#[tokio::test]
async fn a_command_that_has_left_makes_room() {
    let gateway = Gateway::start().await;
    let state_dir = gateway.folder.path();
    for _ in 0..2 * CONNECTIONS_LEN_MAX {
        let mut stream = UnixStream::connect(state_dir.join(SOCKET_NAME))
            .await
            .unwrap();
        // The scale is bound, and never comes.
        stream
            .write_all(b"{\"await\":{\"device\":\"scale\"}}\n")
            .await
            .unwrap();
    }
    timeout(client::devices(state_dir)).await.unwrap();
}
