//! Ingest beside a flood of sign-ins: what a guesser costs the readings.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::percentiles;
use crate::ward::{Ward, weight};

/// Sign-ins a second.
const TRIES_PER_SECOND: u64 = 200;
/// Loopback addresses that they come from in turns; each person, each network has a count of its own.
const ADDRESSES_LEN: u64 = 250;
/// Patients whose readings arrive meanwhile.
const PATIENTS_LEN: usize = 100;
const READINGS_PACE: Duration = Duration::from_millis(50);
/// How long each stretch with or without the flood lasts, and how many of each there are, in turns.
const STRETCH: Duration = Duration::from_secs(20);
const STRETCHES_LEN: usize = 3;
/// The longest that one try may take.
const TRY_WAIT_MAX: Duration = Duration::from_secs(30);

/// Times readings in turns without and with the flood.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut ward = Ward::open(PATIENTS_LEN, 0).await?;
    ward.fill(0).await?;
    let page = ward.server.page("");
    let address: SocketAddr = page.trim_start_matches("http://").parse()?;
    let (mut calm, mut beside) = (Vec::new(), Vec::new());
    let mut answers = BTreeMap::new();
    let mut number = 0;
    for _ in 0..STRETCHES_LEN {
        calm.extend(readings(&mut ward, &mut number).await?);
        let flood = tokio::spawn(flood(address));
        beside.extend(readings(&mut ward, &mut number).await?);
        for (status, count) in flood.await?? {
            *answers.entry(status).or_insert(0) += count;
        }
    }
    let seconds = STRETCH.as_secs() * STRETCHES_LEN as u64;
    println!(
        "sign-ins tried in {seconds} s, {TRIES_PER_SECOND} a second, by their answers: {answers:?}"
    );
    println!(
        "publish to receipt without them over {}: {}",
        calm.len(),
        percentiles(calm)
    );
    println!(
        "publish to receipt beside them over {}: {}",
        beside.len(),
        percentiles(beside)
    );
    ward.close().await
}

/// Delivers readings one after the other for a stretch; each patient's weight is another each time.
async fn readings(ward: &mut Ward, number: &mut u32) -> anyhow::Result<Vec<Duration>> {
    let mut pace = interval(READINGS_PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let end = Instant::now() + STRETCH;
    let mut times = Vec::new();
    while Instant::now() < end {
        pace.tick().await;
        *number += 1;
        let patient = usize::try_from(*number)? % PATIENTS_LEN;
        let reading = weight(patient, 80_000 + 5 * (*number % 1_000), ward.clock.now())?;
        let delivered = ward.voice.deliver(&[reading]).await?;
        times.push(delivered.receipted - delivered.published);
    }
    Ok(times)
}

/// Tries to sign in for a stretch, and counts the answers by their status.
async fn flood(server: SocketAddr) -> anyhow::Result<BTreeMap<u16, usize>> {
    let mut pace = interval(Duration::from_secs(1) / u32::try_from(TRIES_PER_SECOND)?);
    // Late ones are made up for: so many come, however slow the server is.
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut tries = JoinSet::new();
    for number in 0..TRIES_PER_SECOND * STRETCH.as_secs() {
        pace.tick().await;
        tries.spawn(timeout(TRY_WAIT_MAX, sign_in(server, number)));
    }
    let mut answers = BTreeMap::new();
    while let Some(tried) = tries.join_next().await {
        let status = tried?.context("a try was not answered in time")??;
        *answers.entry(status).or_insert(0) += 1;
    }
    Ok(answers)
}

/// Tries one name and one password, and gives the status of the answer.
async fn sign_in(server: SocketAddr, number: u64) -> anyhow::Result<u16> {
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(2 + number % ADDRESSES_LEN)?;
    socket.bind(SocketAddr::new(
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)),
        0,
    ))?;
    let mut stream = socket.connect(server).await?;
    let form = format!("username=guess-{number}&password=wet+stone+pillow+{number}");
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status = answer.get(9..12).context("an answer without a status")?;
    let status = std::str::from_utf8(status)?.parse()?;
    ensure!(status != 404, "there is no sign-in");
    Ok(status)
}
