//! A reading travels from the cuff to the coordinator's worklist, over either broker, into either database.

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::nurse::Nurse;

async fn tell(broker: BrokerKind, store: StoreKind) {
    let mut line = Line::set_up(broker, store, ONE_CUFF).await.unwrap();
    line.home.start_gateway().unwrap();

    line.cuff(128, 76).await.unwrap();
    line.settle().await.unwrap();
    let nurse = Nurse::at(&line.server, "nurse-ann");
    assert_eq!(
        nurse.open_alerts().await.unwrap(),
        0,
        "an ordinary reading needs nobody"
    );

    line.cuff(186, 112).await.unwrap();
    line.settle().await.unwrap();
    assert_eq!(nurse.open_alerts().await.unwrap(), 1);
    let page = nurse.page("/alerts").await.unwrap();
    assert!(
        page.contains("Systolic 186 mmHg (urgent limit: 180 or over)"),
        "{page}"
    );
    let seen_by_bo = Nurse::at(&line.server, "nurse-bo")
        .page("/alerts")
        .await
        .unwrap();
    assert!(
        seen_by_bo.contains("<b>Ann Archer</b> answers"),
        "the row names who answers: {seen_by_bo}"
    );
    line.stop().await.unwrap();
}

#[tokio::test]
async fn over_the_embedded_broker_into_sqlite() {
    tell(BrokerKind::Embedded, StoreKind::Sqlite).await;
}

#[tokio::test]
async fn over_the_embedded_broker_into_postgresql() {
    tell(BrokerKind::Embedded, StoreKind::Postgres).await;
}

#[tokio::test]
async fn over_mosquitto_into_sqlite() {
    tell(BrokerKind::Mosquitto, StoreKind::Sqlite).await;
}

#[tokio::test]
async fn over_mosquitto_into_postgresql() {
    tell(BrokerKind::Mosquitto, StoreKind::Postgres).await;
}
