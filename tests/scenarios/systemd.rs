//! Systemd is told when the gateway has started, that it gets on, and that it stops.

use std::time::Duration;

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use tokio::net::UnixDatagram;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// What the gateway has to be heard within, as `WatchdogSec=` says, in microseconds.
const FED_WITHIN_US: &str = "400000";

async fn told(systemd: &UnixDatagram) -> String {
    let mut message = [0; 256];
    let length = timeout(PATIENCE, systemd.recv(&mut message)).await;
    let length = length.expect("the gateway says nothing").unwrap();
    String::from_utf8_lossy(&message[..length])
        .trim_end()
        .to_owned()
}

#[tokio::test]
async fn a_gateway_that_gets_on_feeds_the_watchdog() {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    let environment = [
        ("NOTIFY_SOCKET", socket.to_str().unwrap()),
        ("WATCHDOG_USEC", FED_WITHIN_US),
    ];
    line.home.start_gateway_with(&environment).unwrap();
    assert_eq!(told(&systemd).await, "READY=1");
    for _ in 0..3 {
        assert_eq!(told(&systemd).await, "WATCHDOG=1");
    }
    line.cuff_fails().await.unwrap();
    line.settle().await.unwrap();
    let stopping = async { while told(&systemd).await != "STOPPING=1" {} };
    let (stopped, ()) = tokio::join!(line.stop(), stopping);
    stopped.unwrap();
}

/// The most that systemd may find to be exposed, of 100.
const EXPOSURE_MAX: u8 = 20;

#[test]
fn the_gateway_is_let_do_nothing_that_it_need_not() {
    let unit = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../config/systemd/hearth-gateway.service"
    );
    let looked = std::process::Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager"])
        .arg(format!("--threshold={EXPOSURE_MAX}"))
        .arg(unit)
        .output()
        .unwrap();
    let found = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(looked.status.success(), "{found}");
    assert!(found.contains("Overall exposure level"), "{found}");
}
