//! The server is killed between every two steps of ingest, and nothing is lost or doubled.

use std::time::Duration;

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};

const DIES_WITHIN: Duration = Duration::from_secs(60);

async fn tell(failpoint: &str, broker: BrokerKind) {
    let mut line = Line::set_up(broker, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    line.server.stop().await.unwrap();
    line.server.start_that_dies_at(failpoint).await.unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(186, 112).await.unwrap();
    let status = line
        .server
        .program()
        .unwrap()
        .ended(DIES_WITHIN)
        .await
        .unwrap();
    assert!(!status.success(), "{failpoint} was never reached");

    line.server.start().await.unwrap();
    line.cuff(142, 80).await.unwrap();
    line.settle().await.unwrap();
    assert_eq!(
        line.count("SELECT COUNT(*) FROM alert").await.unwrap(),
        1,
        "one alert, raised once"
    );
    line.stop().await.unwrap();
}

#[tokio::test]
async fn after_a_message_has_arrived() {
    tell("ingest.arrived", BrokerKind::Embedded).await;
}

#[tokio::test]
async fn after_it_is_judged() {
    tell("ingest.judged", BrokerKind::Embedded).await;
}

#[tokio::test]
async fn after_the_commit() {
    tell("ingest.committed", BrokerKind::Embedded).await;
}

#[tokio::test]
async fn after_the_acknowledgement() {
    tell("ingest.settled", BrokerKind::Embedded).await;
}

#[tokio::test]
async fn after_the_receipt() {
    tell("ingest.receipted", BrokerKind::Embedded).await;
}

#[tokio::test]
async fn after_the_commit_over_mosquitto() {
    tell("ingest.committed", BrokerKind::Mosquitto).await;
}

#[tokio::test]
async fn before_the_commit_over_mosquitto() {
    tell("ingest.judged", BrokerKind::Mosquitto).await;
}
