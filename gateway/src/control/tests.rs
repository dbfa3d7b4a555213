//! Tests of commands and their answers, over a real socket.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::server::{Control, serve};
use super::*;
use crate::clock::Clock;
use crate::doctor::Watch;
use crate::outbox::Outbox;
use crate::pairing::PairingDesk;
use crate::progress::Progress;

struct Gateway {
    folder: tempfile::TempDir,
    desk: Arc<PairingDesk>,
    shutdown: CancellationToken,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl Gateway {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // What a gateway that was killed left.
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(SOCKET_NAME)).unwrap());
        let desk = Arc::<PairingDesk>::default();
        let control = Control {
            devices: vec!["cuff".parse().unwrap()],
            desk: Arc::clone(&desk),
            watch: watch(folder.path()).await,
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

async fn watch(folder: &std::path::Path) -> Watch {
    let keys = crate::keys::load_or_make(folder).unwrap();
    let name = "gw-1".parse().unwrap();
    let file = folder.join("outbox.db");
    let outbox = Outbox::open(&file, &name, keys.sealing, 1 << 20).await;
    Watch {
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
    let answer = client::ask(gateway.folder.path(), &Request::Health).await;
    let Answer::Health(health) = answer.unwrap() else {
        panic!("it does not say how it is");
    };
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
    refused(gateway.enter("scale", "012345").await, "check-config");
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
