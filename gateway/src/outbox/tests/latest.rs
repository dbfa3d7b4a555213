//! The latest record of a device.

use super::*;
use crate::outbox::{Delivery, LatestRecord};

#[tokio::test]
async fn the_latest_record_of_a_device_tells_what_became_of_it() {
    let home = Home::new();
    let outbox = home.open().await;
    let device = capture(1).device;
    assert_eq!(outbox.latest_of(&device).await.unwrap(), None);
    add(&outbox, 1).await.unwrap();
    let test = capture(2);
    let row = outbox.commit_capture(&test).await.unwrap();
    let marked = record(&test).marked(true);
    outbox.append(row, &marked).await.unwrap();
    let other = Capture {
        device: "scale-other".parse().unwrap(),
        ..capture(3)
    };
    let row = outbox.commit_capture(&other).await.unwrap();
    outbox.append(row, &record(&other)).await.unwrap();

    let latest = outbox.latest_of(&device).await.unwrap();
    let expected = LatestRecord {
        measured_at: test.received_at,
        received_at: test.received_at,
        is_test: true,
        is_reading: false,
        delivery: Delivery::Waiting,
    };
    assert_eq!(latest, Some(expected.clone()));
    let mut answer = receipt(&outbox);
    answer.stored = vec![range(1, 2)];
    answer.refused = vec![Refused {
        sequence: sequence(3),
        reason: RefusalReason::UnknownDevice,
    }];
    outbox.apply_receipt(&answer, at(10)).await.unwrap();
    // Also when it is looked at by another program.
    let again = home.open().await;
    let receipted = LatestRecord {
        delivery: Delivery::Receipted(at(10)),
        ..expected
    };
    assert_eq!(again.latest_of(&device).await.unwrap(), Some(receipted));
    let refused = again.latest_of(&other.device).await.unwrap().unwrap();
    assert_eq!(
        (refused.delivery, refused.is_test),
        (Delivery::SetAside("unknown_device".to_owned()), false)
    );
}
