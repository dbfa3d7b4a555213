//! A damaged file: what can be read of it is taken over, and nothing that was accepted is thrown away.

use std::os::unix::fs::FileExt;

use super::*;

const RECORDS_LEN: u16 = 400;

/// A closed outbox with many records and one capture.
async fn filled(home: &Home) -> Epoch {
    let outbox = home.open().await;
    for number in 1..=RECORDS_LEN {
        add(&outbox, number).await.unwrap();
    }
    outbox
        .commit_capture(&capture(RECORDS_LEN + 1))
        .await
        .unwrap();
    let epoch = outbox.epoch();
    outbox.close().await;
    epoch
}

fn spoil(home: &Home, page: u64) {
    let file = std::fs::File::options()
        .write(true)
        .open(home.file())
        .unwrap();
    let garbage = vec![0xA5; usize::try_from(PAGE_LEN).unwrap()];
    file.write_all_at(&garbage, page * PAGE_LEN).unwrap();
}

fn kept(home: &Home, number: u32) -> bool {
    home.file()
        .with_extension(format!("damaged-{number}.db"))
        .exists()
}

#[tokio::test]
async fn a_lost_page_costs_what_was_on_it_and_no_more() {
    let home = Home::new();
    let epoch = filled(&home).await;
    let pages = std::fs::metadata(home.file()).unwrap().len() / PAGE_LEN;
    spoil(&home, pages / 2);
    let outbox = home.open().await;
    assert_ne!(outbox.epoch(), epoch, "its numbers begin anew");
    let left = waiting(&outbox).await.len();
    assert!(
        left >= usize::from(RECORDS_LEN) * 9 / 10,
        "only {left} of {RECORDS_LEN} records are left"
    );
    assert_eq!(outbox.leftovers(None).await.unwrap().len(), 1);
    assert!(kept(&home, 1));
    outbox.close().await;

    // It is whole now, and taken over once.
    let outbox = home.open().await;
    assert_eq!(waiting(&outbox).await.len(), left);
    assert!(!kept(&home, 2));
}

#[tokio::test]
async fn a_salvage_that_was_cut_off_goes_on_at_the_next_start() {
    let home = Home::new();
    filled(&home).await;
    salvage::set_aside(&home.file()).unwrap();
    let outbox = home.open().await;
    assert_eq!(waiting(&outbox).await.len(), usize::from(RECORDS_LEN));
    outbox.close().await;
    // The power went before the file had its number.
    let numbered = home.file().with_extension("damaged-1.db");
    std::fs::rename(numbered, home.file().with_extension("damaged.db")).unwrap();
    let outbox = home.open().await;
    assert_eq!(waiting(&outbox).await.len(), usize::from(RECORDS_LEN));
}

#[tokio::test]
async fn a_file_of_garbage_is_kept_and_a_new_outbox_begun() {
    let home = Home::new();
    std::fs::write(home.file(), vec![0xA5; 8192]).unwrap();
    let outbox = home.open().await;
    assert_eq!(waiting(&outbox).await.len(), 0);
    add(&outbox, 1).await.unwrap();
    assert!(kept(&home, 1));
}

#[tokio::test]
async fn a_disk_that_damages_file_after_file_is_said_to_wear_out() {
    let home = Home::new();
    for _ in 0..8 {
        std::fs::write(home.file(), vec![0xA5; 8192]).unwrap();
        home.open().await.close().await;
    }
    std::fs::write(home.file(), vec![0xA5; 8192]).unwrap();
    let error = home.try_open("gw-1", 7).await.unwrap_err();
    assert!(error.to_string().contains("wears out"), "{error}");
}
