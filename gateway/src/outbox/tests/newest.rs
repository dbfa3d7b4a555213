//! The newest records and what receipts said of them.

use super::*;
use crate::outbox::Place;

#[tokio::test]
async fn the_newest_come_first_and_only_a_receipt_makes_one_receipted() {
    let home = Home::new();
    let outbox = home.open().await;
    assert_eq!(outbox.newest(4).await.unwrap(), []);
    for number in 1..=4 {
        add(&outbox, number).await.unwrap();
    }
    let mut answer = receipt(&outbox);
    answer.stored = vec![range(2, 3)];
    outbox.apply_receipt(&answer, at(0)).await.unwrap();
    let newest = outbox.newest(3).await.unwrap();
    let places: Vec<Place> = newest.iter().map(|it| it.place).collect();
    assert_eq!(places, [Place::Waiting, Place::Receipted, Place::Receipted]);

    answer.stored = Vec::new();
    answer.refused = vec![Refused {
        sequence: Sequence::new(4).unwrap(),
        reason: RefusalReason::UnknownDevice,
    }];
    outbox.apply_receipt(&answer, at(0)).await.unwrap();
    let newest = outbox.newest(1).await.unwrap();
    assert_eq!(newest[0].place, Place::SetAside);
}
