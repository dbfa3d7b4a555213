//! The nurse's board with many open alerts, beside as many bytes that the server only has to send, and the rows' statement.

use std::time::Duration;

use anyhow::Context;
use clinical::TeamId;
use hearth_tests::nurse::Nurse;
use server::store::worklist::{Lane, open_alerts};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::percentiles;
use crate::visitor::Visitor;
use crate::ward::{COORDINATOR, Ward};

const ALERTS_LEN: usize = 500;
/// Days on which each patient has weighed in before.
const DAYS: u32 = 10;
const REQUESTS_LEN: usize = 200;
/// One person may ask for ten pages a second, and one caller for a hundred files.
const PACE: Duration = Duration::from_millis(250);
/// As many rows as one page lists.
const ROWS_MAX: i64 = 200;
const TEAM: &str = "north";

/// Times the page, the raw limit and the statement in turns.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut ward = Ward::open(ALERTS_LEN, 0).await?;
    ward.fill(DAYS).await?;
    let cookie = Nurse::at(&ward.server, COORDINATOR).sign_in().await?;
    let mut visitor = Visitor::come(&ward.server, &cookie).await?;
    let plain = visitor.get("/alerts", false).await?.body;
    let packed = visitor.get("/alerts", true).await?;
    let text = String::from_utf8(plain)?;
    println!(
        "board of {ALERTS_LEN} open alerts, {} rows listed: {} bytes, sent as {} ({})",
        text.matches("data-rank=").count(),
        text.len(),
        packed.body.len(),
        packed.encoding.as_deref().unwrap_or("not packed")
    );
    let style = style_of(&text)?;
    let style_len = visitor.get(style, true).await?.body.len();
    // As many bytes as the page has, in as many files of one size.
    let files = packed.body.len().div_ceil(style_len);

    let team: TeamId = TEAM.parse()?;
    let (mut first_byte, mut whole, mut raw, mut rows) = (vec![], vec![], vec![], vec![]);
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..REQUESTS_LEN {
        pace.tick().await;
        let page = visitor.get("/alerts", true).await?;
        first_byte.push(page.first_byte);
        whole.push(page.whole);
        let begun = Instant::now();
        for _ in 0..files {
            visitor.get(style, true).await?;
        }
        raw.push(begun.elapsed());
        let begun = Instant::now();
        let now = ward.clock.now();
        open_alerts(ward.store.readers(), &team, Lane::Patients, now, ROWS_MAX).await?;
        rows.push(begun.elapsed());
    }
    println!(
        "board to its first byte over {REQUESTS_LEN}: {}",
        percentiles(first_byte)
    );
    println!("board whole: {}", percentiles(whole));
    println!(
        "the same server sends {} bytes of style in {files} files, in turn with these: {}",
        files * style_len,
        percentiles(raw)
    );
    println!(
        "the statement of its rows alone, from another process: {}",
        percentiles(rows)
    );
    ward.close().await
}

fn style_of(page: &str) -> anyhow::Result<&str> {
    let mut quoted = page.split('"');
    let style = quoted.find(|it| it.starts_with("/static/") && it.ends_with(".css"));
    style.context("the page has no style")
}
