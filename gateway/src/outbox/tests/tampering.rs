//! The outbox in the wrong hands: altered, moved, opened with another key.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[tokio::test]
async fn an_altered_row_is_named_set_aside_and_does_not_hold_up_the_others() {
    let home = Home::new();
    let outbox = home.open().await;
    for number in 1..=3 {
        add(&outbox, number).await.unwrap();
    }
    outbox.commit_capture(&capture(4)).await.unwrap();
    outbox.close().await;
    home.alter("UPDATE entry SET sealed = zeroblob(length(sealed)) WHERE sequence = 2")
        .await;
    home.alter("UPDATE capture SET nonce = zeroblob(12)").await;

    let outbox = home.open().await;
    assert_eq!(waiting(&outbox).await, [1, 3]);
    assert!(outbox.leftovers(None).await.unwrap().is_empty());
    let status = outbox.status().await.unwrap();
    assert_eq!(
        (status.refused_len, status.unreceipted_len),
        (1, 3),
        "both are kept"
    );
    let mut answer = receipt(&outbox);
    answer.missing = vec![range(1, 3)];
    outbox.apply_receipt(&answer, at(0)).await.unwrap();
    assert_eq!(
        waiting(&outbox).await,
        [1, 3],
        "a broken seal is not offered again"
    );
}

#[tokio::test]
async fn rows_that_changed_places_are_noticed() {
    let home = Home::new();
    let outbox = home.open().await;
    for number in 1..=2 {
        add(&outbox, number).await.unwrap();
    }
    outbox.close().await;
    home.alter("UPDATE entry SET sequence = sequence + 10")
        .await;
    let outbox = home.open().await;
    assert!(waiting(&outbox).await.is_empty());
    assert_eq!(outbox.status().await.unwrap().refused_len, 2);
}

#[tokio::test]
async fn another_gateway_another_key_or_a_newer_schema_is_refused() {
    let home = Home::new();
    home.open().await.close().await;
    let error = home.try_open("gw-2", 7).await.unwrap_err();
    assert!(
        matches!(error, OutboxError::WrongGateway { ref owner } if owner == "gw-1"),
        "{error}"
    );
    let error = home.try_open("gw-1", 8).await.unwrap_err();
    assert!(matches!(error, OutboxError::WrongSealingKey), "{error}");
    home.alter(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .await;
    let error = home.try_open("gw-1", 7).await.unwrap_err();
    assert!(matches!(error, OutboxError::UnknownSchema(_)), "{error}");
}

#[tokio::test]
async fn what_is_on_the_disk_shows_nothing_of_a_reading() {
    let home = Home::new();
    let outbox = home.open().await;
    add(&outbox, 0x4242).await.unwrap();
    outbox.commit_capture(&capture(0x4343)).await.unwrap();
    outbox.close().await;
    let mode = std::fs::metadata(home.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = std::fs::read(home.file()).unwrap();
    for secret in ["cuff-1", "2A35", "4242", "4343"] {
        let shown = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!shown, "{secret}");
    }
}
