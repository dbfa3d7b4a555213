//! Two nurses want the same alert: one gets it, the other is told who has it.

use axum::http::StatusCode;
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::nurse::Nurse;

async fn tell(store: StoreKind) {
    let mut line = Line::set_up(BrokerKind::Embedded, store, ONE_CUFF)
        .await
        .unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(186, 112).await.unwrap();
    line.settle().await.unwrap();

    let (ann, bo) = (
        Nurse::at(&line.server, "nurse-ann"),
        Nurse::at(&line.server, "nurse-bo"),
    );
    let take = "/alerts/patient-1/1/take";
    let (first, second) = tokio::join!(ann.send(take, ""), bo.send(take, ""));
    let (first, second) = (first.unwrap(), second.unwrap());
    let (won, told, loser) = if first.0 == StatusCode::SEE_OTHER {
        (first, second, &bo)
    } else {
        (second, first, &ann)
    };
    assert_eq!(won.0, StatusCode::SEE_OTHER, "one of them has it");
    assert_eq!(told.0, StatusCode::CONFLICT, "the other has not");
    let winner = if loser.person() == "nurse-bo" {
        "Ann"
    } else {
        "Bo"
    };
    assert!(
        told.1.contains(winner),
        "the page says who has it: {}",
        told.1
    );

    let close = "/alerts/patient-1/1/close";
    let (status, page) = loser
        .send(close, "outcome=advice_given&note=")
        .await
        .unwrap();
    assert_eq!(
        status,
        StatusCode::CONFLICT,
        "who has not taken it cannot close it: {page}"
    );
    let winner = if loser.person() == "nurse-bo" {
        &ann
    } else {
        &bo
    };
    let (status, page) = winner.send(close, "note=forgot").await.unwrap();
    assert!(status.is_client_error(), "closing needs an outcome: {page}");
    let (status, page) = winner
        .send(close, "outcome=advice_given&note=rested")
        .await
        .unwrap();
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    assert_eq!(loser.open_alerts().await.unwrap(), 0);
    line.stop().await.unwrap();
}

#[tokio::test]
async fn the_second_nurse_is_told_who_won_in_sqlite() {
    tell(StoreKind::Sqlite).await;
}

#[tokio::test]
async fn the_second_nurse_is_told_who_won_in_postgresql() {
    tell(StoreKind::Postgres).await;
}
