//! The gateway is killed between every two steps of a reading's journey, and nothing is lost or doubled.

use std::time::Duration;

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, ONE_CUFF_WITH_MEMORY, StoreKind};

const DIES_WITHIN: Duration = Duration::from_secs(60);

async fn tell(failpoint: &str, script: &str) {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, script)
        .await
        .unwrap();
    line.home.start_gateway_that_dies_at(failpoint).unwrap();
    line.cuff(141, 80).await.unwrap();
    let status = line
        .home
        .gateway()
        .unwrap()
        .ended(DIES_WITHIN)
        .await
        .unwrap();
    assert!(!status.success(), "{failpoint} was never reached");

    line.home.link_is_down("cuff").await.unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(142, 80).await.unwrap();
    line.settle().await.unwrap();
    line.stop().await.unwrap();
}

/// BlueZ has confirmed the value to the cuff before any program sees it, so only a cuff that keeps its memory can give
/// it again: this is the one window that stays open.
#[tokio::test]
async fn before_the_bytes_are_committed() {
    tell("capture.received", ONE_CUFF_WITH_MEMORY).await;
}

#[tokio::test]
async fn after_the_bytes_are_committed() {
    tell("capture.committed", ONE_CUFF).await;
}

#[tokio::test]
async fn after_they_are_decoded() {
    tell("intake.decoded", ONE_CUFF).await;
}

#[tokio::test]
async fn after_the_record_is_sealed() {
    tell("outbox.sealed", ONE_CUFF).await;
}

#[tokio::test]
async fn after_it_is_published() {
    tell("uplink.published", ONE_CUFF).await;
}

#[tokio::test]
async fn after_the_receipt_has_arrived() {
    tell("uplink.receipt_arrived", ONE_CUFF).await;
}

#[tokio::test]
async fn after_the_receipt_is_marked() {
    tell("uplink.receipt_marked", ONE_CUFF).await;
}
