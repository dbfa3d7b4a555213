//! From a device's indication to its bytes being on the disk, beside what the disk itself takes.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, ensure};
use gateway::clock::Clock;
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{PACE, TIMED_LEN, percentiles, reading_of};

/// The steps of a session are logged, each with its time once it is over.
const LOG: &str = "gateway=info,gateway::radio::conversation=trace";
/// The step after which a device may be let go: its value is committed.
const COMMITTED: &str = "action=Commit";
/// What a small append appends: about what a reading's record takes.
const APPENDED_LEN: usize = 512;

/// Takes so many readings one after the other within one session, and after each appends to a file of its own beside.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF).await?;
    line.home.start_gateway_with(&[("RUST_LOG", LOG)])?;
    let clock = Clock::system();
    let mut indicated = Vec::with_capacity(TIMED_LEN + 1);
    let mut raw = Vec::with_capacity(TIMED_LEN);
    let mut file = std::fs::File::create(line.home.folder().join("raw"))?;
    for number in 0..=TIMED_LEN {
        indicated.push(clock.now());
        line.measure_raw(reading_of(number)).await?;
        tokio::time::sleep(PACE).await;
        if number > 0 {
            raw.push(append(&mut file)?);
        }
    }
    line.settle().await?;
    let committed = committed(&line.home.gateway_log()?)?;
    ensure!(
        committed.len() == indicated.len(),
        "{} were indicated and {} committed",
        indicated.len(),
        committed.len()
    );
    // The first one includes finding the device and connecting to it.
    let pairs = indicated.into_iter().zip(committed).skip(1);
    let times: Result<Vec<Duration>, _> = pairs
        .map(|(indicated, committed)| Duration::try_from(committed.duration_since(indicated)))
        .collect();
    println!(
        "indication to durable over {TIMED_LEN}: {}",
        percentiles(times.context("a commit before its indication")?)
    );
    println!(
        "append of {APPENDED_LEN} bytes and fdatasync on the same disk, in turn with these: {}",
        percentiles(raw)
    );
    line.stop().await
}

fn append(file: &mut std::fs::File) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    file.write_all(&[7; APPENDED_LEN])?;
    file.sync_data()?;
    Ok(begun.elapsed())
}

/// When each value was committed, by the log.
fn committed(log: &str) -> anyhow::Result<Vec<Timestamp>> {
    log.lines()
        .filter(|line| line.contains(COMMITTED))
        .map(|line| {
            let time = line.split_whitespace().next().context("an empty line")?;
            Ok(time.parse()?)
        })
        .collect()
}
