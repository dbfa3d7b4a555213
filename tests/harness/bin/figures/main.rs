//! `cargo figures`: measures what the README states, on this machine, through the real programs as they are delivered.

mod board;
mod durable;
mod flood;
mod live;
mod process;
mod recovery;
mod screen;
mod visitor;
mod voice;
mod ward;
mod week;

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use hearth_tests::cargo::cargo;
use hearth_tests::line::{BrokerKind, Line, ONE_SCALE, StoreKind, cuff_with_room_for};
use hearth_tests::live::LivePage;
use hearth_tests::program::ours;
use process::mib;
use serde_json::json;
use tokio::time::Instant;

/// Readings that wait in the outbox while the line is cut.
const BACKLOG_LEN: usize = 10_000;
/// The pause between two timed readings: an open page takes changes at most every 100 ms, and no home is faster.
const PACE: Duration = Duration::from_millis(150);
/// Builds nothing, so that two builds can be compared.
const AS_BUILT: &str = "as-built";
/// Readings that are timed from the device to the worklist.
const TIMED_LEN: usize = 1_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ensure!(
        !cfg!(debug_assertions),
        "figures are taken in release builds: run `cargo figures`"
    );
    let mut arguments = std::env::args().skip(1);
    let figure = arguments.next();
    if arguments.next().as_deref() != Some(AS_BUILT) {
        build()?;
    }
    let load = std::fs::read_to_string("/proc/loadavg")?;
    println!("load of this machine at the start: {}", load.trim());
    match figure.as_deref() {
        None => {
            memory().await?;
            latency().await?;
            durable::measure().await?;
            recovery::measure().await?;
            board::measure().await?;
            live::measure().await?;
            flood::measure().await
        }
        Some("memory") => memory().await,
        Some("latency") => latency().await,
        Some("durable") => durable::measure().await,
        Some("recovery") => recovery::measure().await,
        Some("board") => board::measure().await,
        Some("live") => live::measure().await,
        Some("flood") => flood::measure().await,
        Some("week") => week::measure().await,
        Some(other) => bail!(
            "{other}: the figures are memory, latency, durable, recovery, board, live, flood and week; without a name all but \
             the week are taken. After a name, {AS_BUILT} takes the programs that lie beside this one"
        ),
    }
}

/// Builds the programs as they are delivered, and puts the gateway as it is packaged beside the others.
fn build() -> anyhow::Result<()> {
    // One at a time: built together, each would carry the features that the others ask of shared dependencies.
    for (program, profile) in [
        ("gateway", "box"),
        ("server", "release"),
        ("firmware-sim", "release"),
    ] {
        let build = ["build", "--locked", "--profile", profile, "-p", program];
        ensure!(
            cargo().args(build).status()?.success(),
            "{program} does not build"
        );
    }
    let beside = ours("server")?.with_file_name("gateway");
    let folder = beside
        .ancestors()
        .nth(2)
        .context("programs are built in a target folder")?;
    std::fs::copy(folder.join("box/gateway"), &beside)?;
    let size = std::fs::metadata(ours("gateway")?)?.len();
    println!("gateway binary, stripped: {}", mib(size));
    Ok(())
}

/// Resident memory of the gateway: idle, and with a backlog; then how fast the backlog drains.
async fn memory() -> anyhow::Result<()> {
    let mut line = Line::set_up(
        BrokerKind::Embedded,
        StoreKind::Sqlite,
        &cuff_with_room_for(BACKLOG_LEN),
    )
    .await?;
    line.home.start_gateway()?;
    line.measure_raw(reading_of(0)).await?;
    line.settle().await?;
    println!(
        "gateway resident, idle: {}",
        mib(process::resident(&mut line.home)?)
    );

    line.cable.cut();
    for number in 1..=BACKLOG_LEN {
        line.measure_raw(reading_of(number)).await?;
    }
    let target = i64::try_from(BACKLOG_LEN)?;
    while line.waiting().await? < target {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!(
        "gateway resident, {BACKLOG_LEN} readings in the outbox: {}",
        mib(process::resident(&mut line.home)?)
    );

    line.cable.mend();
    // The gateway comes back by itself, after a pause of up to a minute that is not part of the draining.
    while line.waiting().await? == target {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begun = Instant::now();
    while line.waiting().await? > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "backlog stored, judged and receipted in {seconds:.1} s: {:.0} readings/s",
        BACKLOG_LEN as f64 / seconds
    );
    println!(
        "gateway resident, afterwards: {}",
        mib(process::resident(&mut line.home)?)
    );
    line.settle().await?;
    line.stop().await
}

/// Time from the device's indication to the row on the nurse's open page, one reading after the other.
async fn latency() -> anyhow::Result<()> {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_SCALE).await?;
    line.home.start_gateway()?;
    let mut page = LivePage::open(&line.server, "nurse-ann").await?;
    let mut times = Vec::with_capacity(TIMED_LEN);
    for number in 0..=TIMED_LEN {
        // 100.005 kg, 100.010 kg, …: over the urgent limit, each a weight of its own.
        let grams = 100_000 + 5 * number;
        let weight = format!("{}.{:03}", grams / 1000, grams % 1000);
        tokio::time::sleep(PACE).await;
        let begun = Instant::now();
        line.home
            .measure(json!({ "device": "scale", "scale": { "weight_kg": weight } }))
            .await?;
        page.shows(&format!("Weight {} kg", plain(&weight))).await?;
        times.push(begun.elapsed());
    }
    // The first one includes finding the device and connecting to it.
    let connecting = times.remove(0);
    println!(
        "first reading, from advertisement to worklist row: {:.0} ms",
        connecting.as_secs_f64() * 1000.0
    );
    println!(
        "reading to worklist row over {TIMED_LEN}: {}",
        percentiles(times)
    );
    line.stop().await
}

/// A blood pressure whose bytes are its own: 2A35, mmHg, with a time stamp that counts seconds.
fn reading_of(number: usize) -> serde_json::Value {
    let (minutes, seconds) = (number / 60 % 60, number % 60);
    let (day, hour) = (1 + number / 86_400, number / 3600 % 24);
    let hex = format!("02780050005A00EA0701{day:02X}{hour:02X}{minutes:02X}{seconds:02X}");
    hearth_tests::line::raw(&hex)
}

fn plain(weight: &str) -> String {
    weight
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// Says the median of what was timed, and what one in a hundred exceeded.
fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    format!("p50 {:.2} ms, p99 {:.2} ms", at(50), at(99))
}
