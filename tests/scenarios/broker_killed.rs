//! The broker is killed and forgets what it had acknowledged; the outbox does not.

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::wait;

#[tokio::test]
async fn what_the_broker_acknowledged_and_forgot_is_sent_again() {
    let mut line = Line::set_up(BrokerKind::Mosquitto, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(131, 80).await.unwrap();
    line.settle().await.unwrap();

    // With the server away, Mosquitto takes the messages, acknowledges them, and is then killed with them.
    line.server.stop().await.unwrap();
    line.cuff(132, 80).await.unwrap();
    line.cuff(133, 80).await.unwrap();
    wait::until("both are in the outbox", async || {
        (line.waiting().await.ok()? == 2).then_some(())
    })
    .await
    .unwrap();
    line.mosquitto
        .as_mut()
        .unwrap()
        .crash_and_restart()
        .await
        .unwrap();

    line.server.start().await.unwrap();
    line.cuff(134, 80).await.unwrap();
    line.settle().await.unwrap();
    line.stop().await.unwrap();
}

/// The gateway is patient here: no test waits as long as it waits for a receipt.
fn wait_long_for_receipts(line: &Line) {
    let file = line.home.folder().join("gateway.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let (usual, long) = (
        "receipt_timeout_seconds = 5\n",
        "receipt_timeout_seconds = 600\n",
    );
    assert!(config.contains(usual));
    std::fs::write(&file, config.replace(usual, long)).unwrap();
}

#[tokio::test]
async fn what_reaches_the_broker_before_the_server_is_back_waits_for_no_receipt() {
    let mut line = Line::set_up(BrokerKind::Mosquitto, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    wait_long_for_receipts(&line);
    line.home.start_gateway().unwrap();
    line.cuff(131, 80).await.unwrap();
    line.settle().await.unwrap();

    // With the killed broker goes the server's subscription, and the server is slower to come back than the gateway.
    line.server.stop().await.unwrap();
    line.mosquitto
        .as_mut()
        .unwrap()
        .crash_and_restart()
        .await
        .unwrap();
    line.cuff(132, 80).await.unwrap();
    wait::until("the broker says that nobody listens", async || {
        let log = line.home.gateway_log().ok()?;
        log.contains("the server is not yet").then_some(())
    })
    .await
    .unwrap();

    line.server.start().await.unwrap();
    line.settle().await.unwrap();
    line.stop().await.unwrap();
}

#[tokio::test]
async fn a_cut_cable_delays_and_loses_nothing() {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(131, 80).await.unwrap();
    line.settle().await.unwrap();
    line.cable.cut();
    line.cuff(132, 80).await.unwrap();
    line.cuff(133, 80).await.unwrap();
    wait::until("both are in the outbox", async || {
        (line.waiting().await.ok()? == 2).then_some(())
    })
    .await
    .unwrap();
    line.cable.mend();
    line.settle().await.unwrap();
    line.stop().await.unwrap();
}
