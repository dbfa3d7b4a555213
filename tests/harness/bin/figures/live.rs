//! The live board: from the commit of a reading to the row on a screen, and to two hundred nurses at once beside one.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use hearth_tests::nurse::Nurse;
use hearth_tests::seed;
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::process::resident_of;
use crate::screen::Screen;
use crate::ward::{COORDINATOR, Ward, weight};
use crate::{PACE, percentiles};

const ALERTS_LEN: usize = 500;
const NURSES_LEN: usize = 200;
const READINGS_LEN: u32 = 200;
/// Two of the server's ticks and more, so that each stream has been served and memory is what it stays.
const SETTLED_AFTER: Duration = Duration::from_secs(12);
/// The longest that an event may take to come.
const EVENT_WAIT_MAX: Duration = Duration::from_secs(30);
/// The most text that is kept while an event is waited for.
const KEPT_LEN_MAX: usize = 1 << 20;

/// Times readings to a screen, to one stream, and to all of them.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut ward = Ward::open(ALERTS_LEN, NURSES_LEN).await?;
    ward.fill(0).await?;
    let page = Nurse::at(&ward.server, COORDINATOR).page("/alerts").await?;
    let alert = first_alert(&page)?;
    let mut next = 1;
    to_screen(&mut ward, alert, &mut next).await?;
    to_streams(&mut ward, alert, &mut next).await?;
    ward.close().await
}

/// Finds an alert that the page lists.
fn first_alert(page: &str) -> anyhow::Result<&str> {
    let (_, rest) = page
        .split_once("id=\"alert-")
        .context("the page lists no alert")?;
    let id = rest.split('"').next().context("the page is cut off")?;
    let begins = page.len() - rest.len() - "alert-".len();
    Ok(&page[begins..begins + "alert-".len() + id.len()])
}

/// Gives whose alert it is, of an id such as `alert-patient-7-1`.
fn patient_of(alert: &str) -> anyhow::Result<usize> {
    let number = alert.split('-').nth(2).context("an odd id")?;
    Ok(number.parse()?)
}

/// Delivers the next weight, another each time, and gives how the row says it and when it was committed.
async fn weigh(ward: &mut Ward, alert: &str, next: &mut u32) -> anyhow::Result<(String, Instant)> {
    let grams = 100_000 + 5 * *next;
    *next += 1;
    let reading = weight(patient_of(alert)?, grams, ward.clock.now())?;
    let delivered = ward.voice.deliver(&[reading]).await?;
    Ok((said(grams), delivered.acknowledged))
}

/// Says a weight in kilograms as the pages do.
fn said(grams: u32) -> String {
    let text = format!("{}.{:03}", grams / 1000, grams % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

async fn to_screen(ward: &mut Ward, alert: &str, next: &mut u32) -> anyhow::Result<()> {
    let logs = tempfile::tempdir()?;
    let screen = Screen::open(&ward.server, COORDINATOR, alert, logs.path()).await?;
    let mut committed = Vec::new();
    for _ in 0..READINGS_LEN {
        sleep(PACE).await;
        let (weight, at) = weigh(ward, alert, next).await?;
        let ago = SignedDuration::try_from(at.elapsed())?;
        committed.push((weight, ward.clock.now() - ago));
    }
    sleep(SETTLED_AFTER).await;
    let shown = screen.shown().await?;
    let mut times = Vec::with_capacity(committed.len());
    for (weight, at) in &committed {
        let shown = shown.get(weight);
        let shown = shown.with_context(|| format!("{weight} kg was never on the screen"))?;
        // A frame can begin before the acknowledgement has travelled back.
        times.push(Duration::try_from(shown.duration_since(*at)).unwrap_or_default());
    }
    println!(
        "commit to row on the screen of Chromium over {READINGS_LEN}, {ALERTS_LEN} open alerts: {}",
        percentiles(times)
    );
    Ok(())
}

async fn to_streams(ward: &mut Ward, alert: &str, next: &mut u32) -> anyhow::Result<()> {
    let mut cookies = Vec::with_capacity(NURSES_LEN);
    for number in 0..NURSES_LEN {
        let nurse = Nurse::at(&ward.server, &seed::crowd_nurse(number));
        cookies.push(nurse.sign_in().await?);
    }
    let mut streams = Streams::new(ward);
    streams.open(&cookies[..1]).await?;
    let one = streams.time(ward, alert, next).await?;
    sleep(SETTLED_AFTER).await;
    let before = resident_of(ward.process()?)?;
    streams.open(&cookies[1..]).await?;
    sleep(SETTLED_AFTER).await;
    let opened = resident_of(ward.process()?)?;
    let all = streams.time(ward, alert, next).await?;
    let after = resident_of(ward.process()?)?;
    let each = |now: u64| now.saturating_sub(before) / 1024 / (NURSES_LEN as u64 - 1);
    println!(
        "server's memory for each of {NURSES_LEN} open boards: {} KiB once open, {} KiB after {READINGS_LEN} readings",
        each(opened),
        each(after)
    );
    println!("commit to event, 1 board open: {}", percentiles(one));
    println!(
        "commit to event, {NURSES_LEN} boards open: {}",
        percentiles(all)
    );
    Ok(())
}

/// Open streams, which say when they have shown what is looked for.
struct Streams {
    address: String,
    wanted: watch::Sender<String>,
    seen: (mpsc::UnboundedSender<Seen>, mpsc::UnboundedReceiver<Seen>),
    tasks: JoinSet<anyhow::Result<()>>,
}

type Seen = (String, Instant);

impl Streams {
    fn new(ward: &Ward) -> Self {
        let origin = ward.server.page("");
        Self {
            address: origin.trim_start_matches("http://").to_owned(),
            wanted: watch::Sender::new("event: hello".to_owned()),
            seen: mpsc::unbounded_channel(),
            tasks: JoinSet::new(),
        }
    }

    /// Opens one for each session, and waits for their greetings.
    async fn open(&mut self, cookies: &[String]) -> anyhow::Result<()> {
        self.wanted.send_replace("event: hello".to_owned());
        for cookie in cookies {
            let mut stream = TcpStream::connect(&self.address).await?;
            let request = format!(
                "GET /alerts/live HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n",
                self.address
            );
            stream.write_all(request.as_bytes()).await?;
            let (wanted, seen) = (self.wanted.subscribe(), self.seen.0.clone());
            self.tasks.spawn(look(stream, wanted, seen));
        }
        self.all_saw("event: hello", cookies.len()).await.map(drop)
    }

    /// Times some readings from their commit to each stream.
    async fn time(
        &mut self,
        ward: &mut Ward,
        alert: &str,
        next: &mut u32,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::new();
        for _ in 0..READINGS_LEN {
            sleep(PACE).await;
            let wanted = format!("Weight {} kg", said(100_000 + 5 * *next));
            self.wanted.send_replace(wanted.clone());
            let (_, committed) = weigh(ward, alert, next).await?;
            for at in self.all_saw(&wanted, self.tasks.len()).await? {
                times.push(at.saturating_duration_since(committed));
            }
        }
        Ok(times)
    }

    async fn all_saw(&mut self, wanted: &str, len: usize) -> anyhow::Result<Vec<Instant>> {
        let mut times = Vec::with_capacity(len);
        while times.len() < len {
            let seen = tokio::select! {
                seen = timeout(EVENT_WAIT_MAX, self.seen.1.recv()) => seen,
                Some(ended) = self.tasks.join_next() => bail!("a stream ended: {ended:?}"),
            };
            let seen = seen.with_context(|| {
                format!("{} of {len} streams have shown {wanted:?}", times.len())
            })?;
            let (shown, at) = seen.context("the streams are gone")?;
            ensure!(shown == wanted, "{shown:?} came late");
            times.push(at);
        }
        Ok(times)
    }
}

/// Reads a stream, and says when it has shown what is looked for, once for each.
async fn look(
    mut stream: TcpStream,
    wanted: watch::Receiver<String>,
    seen: mpsc::UnboundedSender<Seen>,
) -> anyhow::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    let (mut text, mut told) = (String::new(), String::new());
    loop {
        let len = stream.read(&mut bytes).await?;
        let at = Instant::now();
        ensure!(len > 0, "the server ended it");
        text.push_str(&String::from_utf8_lossy(&bytes[..len]));
        let looked_for = wanted.borrow().clone();
        if looked_for != told && text.contains(&looked_for) {
            text.clear();
            told.clone_from(&looked_for);
            seen.send((looked_for, at))?;
        }
        if text.len() > KEPT_LEN_MAX {
            text.clear();
        }
    }
}
