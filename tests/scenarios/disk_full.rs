//! The disk is full, or lets nothing be written: nothing that was accepted is lost, the light says so, and it recovers.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use hearth_tests::disk::{self, Disk};
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::wait;

const ENDS_WITHIN: Duration = Duration::from_secs(30);

/// A line whose box has a light: a word in a file that is not on the disk of the outbox.
async fn line_with_a_light() -> (Line, PathBuf) {
    let line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    let light = line.home.folder().join("light");
    let section = format!("[home.light]\nfile = {light:?}");
    line.home.configure(&section).unwrap();
    (line, light)
}

async fn shows(light: &PathBuf, word: &str) {
    wait::until(&format!("the light shows {word}"), async || {
        let shown = std::fs::read_to_string(light).ok()?;
        (shown.trim() == word).then_some(())
    })
    .await
    .unwrap();
}

/// Waits until the server has so many readings, each once, and the box knows it. Its outbox cannot be looked into from here.
async fn stored(line: &Line, light: &PathBuf, readings: usize) {
    wait::until("every reading is stored", async || {
        let bytes = line.stored_bytes().await.ok()?;
        (bytes.len() >= readings).then_some(())
    })
    .await
    .unwrap_or_else(|error| {
        let log = std::fs::read_to_string(line.home.folder().join("gateway.log"));
        panic!("{error:#}\n{}", log.unwrap_or_default())
    });
    shows(light, "ok").await;
    let bytes = line.stored_bytes().await.unwrap();
    let different: BTreeSet<&String> = bytes.iter().collect();
    assert_eq!((bytes.len(), different.len()), (readings, readings));
}

async fn logs(line: &mut Line, said: &str) {
    wait::until(said, async || {
        let log = line.home.gateway().ok()?.log();
        log.contains(said).then_some(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_full_disk_costs_no_reading_and_needs_no_restart() {
    let (mut line, light) = line_with_a_light().await;
    let disk = Disk::Small { kib: 6 * 1024 };
    line.home.start_gateway_on(disk).unwrap();
    line.cuff(141, 80).await.unwrap();
    stored(&line, &light, 1).await;

    let filler = disk::fill(&line.home.state_dir().unwrap()).unwrap();
    shows(&light, "call").await;
    // The cuff forgets what it has delivered, so the first of these lives in the gateway's memory alone.
    line.cuff(142, 80).await.unwrap();
    logs(&mut line, "a value could not be committed; it is held").await;
    line.cuff(143, 80).await.unwrap();
    logs(&mut line, "the disk has no room left for readings").await;
    assert_eq!(line.count("SELECT COUNT(*) FROM reading").await.unwrap(), 1);

    std::fs::remove_file(filler).unwrap();
    stored(&line, &light, 3).await;
    line.stop().await.unwrap();
}

#[tokio::test]
async fn a_read_only_disk_is_said_plainly_and_what_is_on_it_is_sent_once_it_can_be_written() {
    let (mut line, light) = line_with_a_light().await;
    line.cable.cut();
    line.home.start_gateway().unwrap();
    line.cuff(144, 80).await.unwrap();
    wait::until("the reading is saved", async || {
        (line.waiting().await.ok()? == 1).then_some(())
    })
    .await
    .unwrap();
    shows(&light, "waiting").await;
    line.home.gateway().unwrap().stop().await.unwrap();
    shows(&light, "off").await;

    line.home.start_gateway_on(Disk::ReadOnly).unwrap();
    let gateway = line.home.gateway().unwrap();
    let status = gateway.ended(ENDS_WITHIN).await.unwrap();
    assert!(!status.success());
    let said = gateway.log_end();
    assert!(
        said.contains("nothing can be written to the disk"),
        "{said}"
    );
    shows(&light, "call").await;

    line.cable.mend();
    line.home.start_gateway().unwrap();
    line.settle().await.unwrap();
    shows(&light, "ok").await;
    line.stop().await.unwrap();
}

#[tokio::test]
async fn a_disk_that_becomes_read_only_costs_no_reading_and_needs_no_restart() {
    let (mut line, light) = line_with_a_light().await;
    let disk = Disk::Small { kib: 6 * 1024 };
    line.home.start_gateway_on(disk).unwrap();
    line.cuff(145, 80).await.unwrap();
    stored(&line, &light, 1).await;

    let folder = line.home.folder().join("state");
    disk::make_read_only(line.home.gateway().unwrap(), &folder).unwrap();
    shows(&light, "call").await;
    // The cuff forgets what it has delivered, so the first of these lives in the gateway's memory alone.
    line.cuff(146, 80).await.unwrap();
    logs(&mut line, "a value could not be committed; it is held").await;
    line.cuff(147, 80).await.unwrap();
    logs(&mut line, "nothing can be written to the disk").await;
    assert_eq!(line.count("SELECT COUNT(*) FROM reading").await.unwrap(), 1);

    disk::make_writable(line.home.gateway().unwrap(), &folder).unwrap();
    stored(&line, &light, 3).await;
    line.stop().await.unwrap();
}
