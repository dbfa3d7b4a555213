//! A failed cuff measurement becomes an attempt, and never a value.

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind, raw};
use hearth_tests::nurse::Nurse;

/// Recorded from a real cuff that was too loose: every value is NaN and no status bit is set.
const RECORDED_FAILURE: &str = "16FF07FF07FF07E80706170E2F3BFF070000";

#[tokio::test]
async fn a_failed_cuff_attempt_never_becomes_a_value() {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    line.home.start_gateway().unwrap();
    line.cuff_fails().await.unwrap();
    line.settle().await.unwrap();
    line.measure_raw(raw(RECORDED_FAILURE)).await.unwrap();
    line.settle().await.unwrap();

    assert_eq!(line.count("SELECT COUNT(*) FROM attempt").await.unwrap(), 2);
    assert_eq!(line.count("SELECT COUNT(*) FROM reading").await.unwrap(), 0);
    assert_eq!(line.count("SELECT COUNT(*) FROM alert").await.unwrap(), 0);
    let page = Nurse::at(&line.server, "nurse-ann")
        .page("/patients/patient-1")
        .await
        .unwrap();
    assert!(
        page.contains("no value"),
        "the page says that the cuff could not measure: {page}"
    );
    assert!(!page.contains("NaN") && !page.contains("2047"), "{page}");
    line.stop().await.unwrap();
}
