//! A week of a gateway with eight devices around it, as fast as it takes one: what grows, and what it costs.
//!
//! Virtual time is made of events, not of clocks. What happens to a gateway in a week is counted by stated rates, and all
//! of it is made to happen at a far shorter pace: each device measures four times a day and is met for it; each is heard
//! once every ten seconds; the scan is begun anew every eight seconds and the stream of events every ten minutes, as the
//! defaults say. So a week takes half an hour. What goes by the clock alone (housekeeping, the status message, keep-alives) runs at its own pace.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::ensure;
use hearth_tests::line::{BrokerKind, Line, StoreKind};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::process::{cpu_seconds, mib, resident, resident_max};

const DAYS: usize = 7;
const KINDS: [&str; 8] = [
    "cuff", "cuff", "cuff", "oximeter", "oximeter", "oximeter", "scale", "scale",
];
const READINGS_PER_DEVICE_AND_DAY: usize = 4;
const SECONDS_PER_DAY: u64 = 86_400;
const HEARD_EVERY_SECONDS: u64 = 10;
const SCAN_EVERY_SECONDS: u64 = 8;

/// A quarter of a day takes so long. A device that was met is left alone for as long, and advertises on for less than that,
/// so that every session has its reading; the rest is for meeting all of them.
const QUARTER: Duration = Duration::from_secs(60);
const ADVERTISE_SECONDS: u64 = 54;
/// A scan that is begun anew puts off what would be heard next, so one has to fit between two. And the gateway has to have
/// the time for both: scans begun much faster than this keep it from what it hears, and it falls ever further behind.
const ADVERTISE_EVERY_MS: u64 = 12;
const SCAN_EVERY_MS: i64 = 18;
/// The day's streams of events, of ten minutes each, in its four quarters.
const EVENTS_KEPT_MS: i64 = 4 * 60_000 / 144;

/// How much the simulated BlueZ has done for the gateway.
#[derive(Debug, Clone, Copy)]
struct Counts {
    advertisements: u64,
    scans: u64,
}

/// Lives a week, and says after each day how the gateway is.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, &script()?).await?;
    line.home.wait_as_in_a_real_home_but(&[
        ("quiet_ms", i64::try_from(QUARTER.as_millis())?),
        ("scan_refresh_ms", SCAN_EVERY_MS),
        ("events_kept_ms", EVENTS_KEPT_MS),
        ("failure_quiet_ms", 10),
        ("first_value_ms", 500),
        ("idle_ms", 20),
        ("settle_ms", 1),
    ])?;
    line.home.start_gateway()?;
    println!("  day  readings  advertisements    scans  resident   CPU");
    let mut first = 0;
    for day in 1..=DAYS {
        live_a_day(&mut line, day).await?;
        let counts = counts(&mut line).await?;
        let now = resident(&mut line.home)?;
        if day == 1 {
            first = now;
        }
        println!(
            "{day:>5}  {:>8}  {:>14}  {:>7}  {:>8}  {:>5.1} s",
            day * READINGS_PER_DEVICE_AND_DAY * KINDS.len(),
            counts.advertisements,
            counts.scans,
            mib(now),
            cpu_seconds(&mut line.home)?
        );
    }
    let last = resident(&mut line.home)?;
    println!(
        "gateway resident over a week: at most {}, {} after day 1, {} after day {DAYS}",
        mib(resident_max(&mut line.home)?),
        mib(first),
        mib(last)
    );
    println!(
        "gateway's processor time for that week: {:.1} s",
        cpu_seconds(&mut line.home)?
    );
    everything_arrived(line).await
}

fn script() -> anyhow::Result<String> {
    let mut text = format!(
        "bluez = {{ connect_ms = 1, connect_while_scanning_ms = 0, resolve_ms = 1, disconnect_ms = 1, \
         pair_ms = 1, advertise_every_ms = {ADVERTISE_EVERY_MS} }}\n"
    );
    for (number, kind) in KINDS.iter().enumerate() {
        write!(
            text,
            "[[device]]\nlabel = \"{kind}-{number}\"\nkind = \"{kind}\"\naddress = \"C2:48:45:41:02:{number:02X}\"\n\
             name = \"Sim {number}\"\nadvertise_seconds = {ADVERTISE_SECONDS}\n"
        )?;
    }
    Ok(text)
}

async fn live_a_day(line: &mut Line, day: usize) -> anyhow::Result<()> {
    for round in 1..=READINGS_PER_DEVICE_AND_DAY {
        let quarter = (day - 1) * READINGS_PER_DEVICE_AND_DAY + round;
        for (number, kind) in KINDS.iter().enumerate() {
            line.home
                .measure(measurement(kind, number, quarter))
                .await?;
        }
        for (number, kind) in KINDS.iter().enumerate() {
            let taken =
                json!({ "device": format!("{kind}-{number}"), "stored": 0, "connected": false });
            line.home.control(&json!({ "wait": taken })).await?;
        }
        // Whoever was met last is left alone until then.
        let end = Instant::now() + QUARTER;
        advertise_on(line).await?;
        reach(line, quarter, end).await?;
        sleep_until(end).await;
    }
    Ok(())
}

async fn advertise_on(line: &mut Line) -> anyhow::Result<()> {
    for (number, kind) in KINDS.iter().enumerate() {
        let pressed = json!({ "device": format!("{kind}-{number}"), "press_button": true });
        line.home.measure(pressed).await?;
    }
    Ok(())
}

/// Waits until as much was heard, and the scan was begun anew as often, as in so many quarters of a day.
async fn reach(line: &mut Line, quarters: usize, end: Instant) -> anyhow::Result<()> {
    let seconds = SECONDS_PER_DAY / READINGS_PER_DEVICE_AND_DAY as u64 * quarters as u64;
    let heard = seconds / HEARD_EVERY_SECONDS * KINDS.len() as u64;
    let scanned = seconds / SCAN_EVERY_SECONDS;
    loop {
        let counts = counts(line).await?;
        if counts.advertisements >= heard && counts.scans >= scanned {
            return Ok(());
        }
        ensure!(
            Instant::now() < end,
            "this machine is too busy for a week: {counts:?} after {quarters} quarters of a day, and not {heard} and {scanned}"
        );
        sleep(Duration::from_millis(20)).await;
    }
}

async fn counts(line: &mut Line) -> anyhow::Result<Counts> {
    let answer = line.home.control(&json!({ "counts": {} })).await?;
    let count = |name: &str| answer["counts"][name].as_u64().unwrap_or_default();
    Ok(Counts {
        advertisements: count("advertisements"),
        scans: count("scans"),
    })
}

/// Values that are no cause for anything.
fn measurement(kind: &str, number: usize, quarter: usize) -> Value {
    let device = format!("{kind}-{number}");
    match kind {
        "cuff" => {
            let cuff =
                json!({ "systolic": 110 + quarter % 10, "diastolic": 70, "map": 85, "pulse": 66 });
            json!({ "device": device, "cuff": cuff })
        }
        "oximeter" => {
            json!({ "device": device, "oximeter": { "spo2": 97, "pulse": 60 + quarter % 10 } })
        }
        _ => json!({ "device": device, "scale": { "weight_kg": format!("81.{}", quarter % 10) } }),
    }
}

async fn everything_arrived(line: Line) -> anyhow::Result<()> {
    let wanted = i64::try_from(DAYS * READINGS_PER_DEVICE_AND_DAY * KINDS.len())?;
    hearth_tests::wait::until("the outbox is empty", async || {
        (line.waiting().await.ok()? == 0).then_some(())
    })
    .await?;
    let stored = line.count("SELECT COUNT(*) FROM reading").await?;
    ensure!(stored == wanted, "{wanted} were measured, {stored} stored");
    line.stop().await
}
