//! The outbox's cap: it takes no more, loses nothing, and recovers.

use super::*;

#[tokio::test]
async fn records_are_purged_only_after_their_days_and_never_without_a_receipt() {
    let home = Home::new();
    let outbox = home.open().await;
    for number in 1..=3 {
        add(&outbox, number).await.unwrap();
    }
    let mut answer = receipt(&outbox);
    answer.stored = vec![range(1, 1)];
    outbox.apply_receipt(&answer, at(0)).await.unwrap();
    answer.stored = vec![range(2, 2)];
    outbox.apply_receipt(&answer, at(60)).await.unwrap();
    let month = 30 * 24 * 60;
    assert_eq!(outbox.purge(at(month), 30).await.unwrap(), 0);
    assert_eq!(outbox.purge(at(month + 1), 30).await.unwrap(), 1);
    assert_eq!(outbox.purge(at(100 * month), 30).await.unwrap(), 1);
    assert_eq!(waiting(&outbox).await, [3]);
}

#[tokio::test]
async fn a_clock_that_was_wrong_lets_no_receipt_expire_early() {
    let home = Home::new();
    let outbox = home.open().await;
    for number in 1..=3 {
        add(&outbox, number).await.unwrap();
    }
    let month = 30 * 24 * 60;
    let mut answer = receipt(&outbox);
    // One receipt comes before the box knows the time, one while its clock is a year ahead.
    for (number, dated) in [
        (1, jiff::Timestamp::from_second(90).unwrap()),
        (2, at(12 * month)),
    ] {
        answer.stored = vec![range(number, number)];
        outbox.apply_receipt(&answer, dated).await.unwrap();
    }
    assert_eq!(outbox.purge(at(0), 30).await.unwrap(), 0);
    assert_eq!(outbox.purge(at(month), 30).await.unwrap(), 0);
    assert_eq!(outbox.purge(at(month + 1), 30).await.unwrap(), 2);
    assert_eq!(waiting(&outbox).await, [3]);
}

/// Fills the outbox until it takes no more, and gives how many records went in.
async fn fill(outbox: &Outbox, from: u16) -> u16 {
    for number in from..u16::MAX {
        match add(outbox, number).await {
            Ok(_) => {}
            Err(OutboxError::Full) => return number - from,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the outbox has no cap");
}

#[tokio::test]
async fn a_full_outbox_takes_no_more_loses_nothing_and_recovers_by_receipts() {
    let mut home = Home::new();
    home.size_bytes_max = 1024 * 1024;
    let outbox = home.open().await;
    let taken = fill(&outbox, 0).await;
    assert!(taken > 100, "{taken}");
    assert_eq!(waiting(&outbox).await.len(), usize::from(taken));
    assert_eq!(outbox.status().await.unwrap().used_percent, 100);
    drop(outbox);

    let outbox = home.open().await;
    assert_eq!(
        waiting(&outbox).await.len(),
        usize::from(taken),
        "it opens when full"
    );
    let mut answer = receipt(&outbox);
    answer.stored = vec![range(1, 100)];
    outbox.apply_receipt(&answer, at(0)).await.unwrap();
    assert!(
        fill(&outbox, taken).await >= 64,
        "the oldest receipts made room"
    );
    let left = waiting(&outbox).await;
    assert!(
        (101..=u64::from(taken)).all(|number| left.contains(&number)),
        "nothing without a receipt went"
    );
}

#[tokio::test]
async fn captures_accepted_up_to_the_cap_all_become_records() {
    let mut home = Home::new();
    home.size_bytes_max = 1024 * 1024;
    let outbox = home.open().await;
    let mut rows = Vec::new();
    while let Ok(row) = outbox
        .commit_capture(&capture(u16::try_from(rows.len()).unwrap()))
        .await
    {
        rows.push(row);
    }
    assert!(rows.len() > 10);
    for (number, row) in rows.iter().enumerate() {
        let record = record(&capture(u16::try_from(number).unwrap()));
        let appended = outbox.append(*row, &record).await.unwrap();
        assert!(matches!(appended, Appended::New(_)));
    }
}

#[tokio::test]
async fn at_the_file_cap_itself_a_delete_still_works() {
    let mut home = Home::new();
    home.size_bytes_max = 1024 * 1024;
    let outbox = home.open().await;
    fill(&outbox, 0).await;
    let mut answer = receipt(&outbox);
    answer.stored = vec![range(1, 100)];
    outbox.apply_receipt(&answer, at(0)).await.unwrap();
    let mut tx = outbox.begin().await.unwrap();
    sqlx::query("CREATE TABLE filler (bytes BLOB) STRICT")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let full = loop {
        let insert = sqlx::query("INSERT INTO filler VALUES (zeroblob(3000))");
        if let Err(error) = insert.execute(&outbox.pool).await {
            break OutboxError::from(error);
        }
    };
    assert!(matches!(full, OutboxError::DiskFull), "{full}");
    assert_eq!(outbox.purge(at(100_000), 30).await.unwrap(), 100);
    let error = add(&outbox, u16::MAX).await.unwrap_err();
    assert!(matches!(error, OutboxError::Full), "{error}");
    sqlx::query("DELETE FROM filler")
        .execute(&outbox.pool)
        .await
        .unwrap();
    add(&outbox, u16::MAX).await.unwrap();
}
