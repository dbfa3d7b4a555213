//! The live worklist: one stream of server-sent events for each open page.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::unfold;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use super::alert_view::AlertView;
use super::assets;
use super::board::{Board, Counts};
use super::error::PageError;
use super::listing::Listed;
use super::session::Me;
use super::{Live, State};

#[derive(Serialize)]
struct Hello {
    build: &'static str,
    cursor: String,
}

#[derive(Serialize)]
struct Tick {
    time: String,
    now: String,
    counts: Counts,
    cursor: String,
}

/// One page that listens. What it has been shown is remembered, so that only differences travel.
struct Page {
    state: Arc<State>,
    me: Me,
    board: watch::Receiver<Option<Arc<Board>>>,
    shown: BTreeMap<(String, i64), Listed>,
    order: Vec<String>,
    /// At most a page of rows, twice, their order, and a tick.
    pending: VecDeque<Event>,
    shutdown: CancellationToken,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

/// Opens the stream, when there is a place left.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Extension(live): Extension<Live>,
) -> Result<Response, PageError> {
    let place = live
        .places
        .try_acquire_owned()
        .map_err(|_| PageError::TooManyLive)?;
    let mut page = Page {
        state,
        me,
        // Subscribed before the first reading: no change falls between the two.
        board: live.board.subscribe(),
        shown: BTreeMap::new(),
        order: Vec::new(),
        pending: VecDeque::new(),
        shutdown: live.shutdown,
        ended: false,
        _place: place,
    };
    page.begin().await?;
    let no_buffering = [(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    )];
    Ok((no_buffering, Sse::new(page.events())).into_response())
}

impl Page {
    async fn begin(&mut self) -> anyhow::Result<()> {
        let board = Board::read(&self.state).await?;
        self.pending.push_back(event(
            "hello",
            &Hello {
                build: assets::build(),
                cursor: board.cursor.clone(),
            },
        )?);
        self.shown = board.all_rows().map(keyed).collect();
        self.order = order(&board);
        self.tick(&board)
    }

    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        unfold(self, |mut page| async move {
            let event = page.next().await?;
            Some((Ok(event), page))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            let board = tokio::select! {
                () = self.shutdown.cancelled() => None,
                changed = self.board.changed() => changed.ok().and_then(|()| self.board.borrow_and_update().clone()),
            };
            let told = board.map(|board| self.tell(&board));
            if !matches!(told, Some(Ok(()))) {
                // Stopping, or a row that cannot be shown: the page starts again from a fresh list.
                self.ended = true;
                self.pending
                    .push_back(Event::default().event("reload").data("again"));
            }
        }
    }

    /// Queues what differs from what the page shows.
    fn tell(&mut self, board: &Board) -> anyhow::Result<()> {
        let fresh: BTreeMap<_, _> = board.all_rows().map(keyed).collect();
        for key in self.shown.keys().filter(|key| !fresh.contains_key(*key)) {
            let id = format!("alert-{}-{}", key.0, key.1);
            self.pending
                .push_back(Event::default().event("gone").data(id));
        }
        let local = self.state.local_time();
        for listed in board.all_rows() {
            if self.shown.get(&key(listed)) != Some(listed) {
                let html = AlertView::new(listed, &self.me.id, &local)?.render()?;
                self.pending
                    .push_back(Event::default().event("row").data(html));
            }
        }
        self.shown = fresh;
        let order = order(board);
        if order != self.order {
            self.pending.push_back(event("order", &order)?);
            self.order = order;
        }
        self.tick(board)
    }

    fn tick(&mut self, board: &Board) -> anyhow::Result<()> {
        let local = self.state.local_time();
        self.pending.push_back(event(
            "tick",
            &Tick {
                time: local.clock(),
                now: local.show(local.now()).iso,
                counts: board.counts(&self.me.id),
                cursor: board.cursor.clone(),
            },
        )?);
        Ok(())
    }
}

fn key(listed: &Listed) -> (String, i64) {
    (listed.row.patient.clone(), listed.row.number)
}

fn keyed(listed: &Listed) -> ((String, i64), Listed) {
    (key(listed), listed.clone())
}

/// Gives the ids of the rows in their order. It changes with time alone too: what was due becomes overdue.
fn order(board: &Board) -> Vec<String> {
    let rows = board.all_rows();
    rows.map(|it| format!("alert-{}-{}", it.row.patient, it.row.number))
        .collect()
}

fn event(name: &str, data: &impl Serialize) -> anyhow::Result<Event> {
    Ok(Event::default()
        .event(name)
        .data(serde_json::to_string(data)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::LIVE_PAGES_MAX;
    use crate::web::browser::Served;
    use crate::web::sample::{Sample, run};
    use crate::web::sample_values::{oxygen, plan};

    async fn open() -> (Sample, Served) {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.ivor().await;
        sample
            .reading("ivor", "2026-03-14T12:19:00Z", oxygen(91, 70), &[])
            .await;
        let served = Served::start(&sample.state).await;
        (sample, served)
    }

    #[tokio::test]
    async fn a_row_comes_changes_and_goes() {
        let (mut sample, served) = open().await;
        let mut events = served.events("nurse-1").await;
        let hello = events.next("hello").await.unwrap();
        let page = served.get("/alerts", "nurse-1").await.body;
        let shown = page.split("data-cursor=\"").nth(1).unwrap();
        let cursor = shown.split('"').next().unwrap();
        assert_eq!(
            hello,
            format!(
                "{{\"build\":\"{}\",\"cursor\":\"{cursor}\"}}",
                assets::build()
            )
        );
        let tick = events.next("tick").await.unwrap();
        assert!(tick.contains("\"time\":\"12:20:00\""), "{tick}");
        assert!(
            tick.contains("\"overdue\":0,\"mine\":1,\"not_taken\":1"),
            "{tick}"
        );

        sample
            .reading("ivor", "2026-03-14T12:19:30Z", oxygen(86, 70), &[])
            .await;
        let worse = events.next("row").await.unwrap();
        assert!(worse.contains("id=\"alert-ivor-1\"") && worse.contains("Oxygen 86%"));
        served.post("/alerts/ivor/1/take", "nurse-2", "").await;
        let taken = events.next("row").await.unwrap();
        assert!(taken.contains("Taken by <b>Bilal Khan</b>"), "{taken}");
        let form = "outcome=referred&note=Rang+111";
        served.post("/alerts/ivor/1/close", "nurse-2", form).await;
        assert_eq!(events.next("gone").await.unwrap(), "alert-ivor-1");
    }

    #[tokio::test]
    async fn what_another_server_wrote_is_seen_at_the_next_tick() {
        let (sample, served) = open().await;
        let mut events = served.events("nurse-1").await;
        events.next("hello").await.unwrap();
        let mut write = sample.state.store.write().await.unwrap();
        let taken = "UPDATE alert SET ownership_is = 'taken', answers = 'nurse-2', held_by = 'nurse-2', taken_at = 1";
        run(&mut write, taken, &[]).await;
        write.commit().await.unwrap();
        assert!(events.next("row").await.unwrap().contains("Bilal Khan"));
    }

    #[tokio::test]
    async fn time_alone_makes_a_row_overdue_and_moves_it_up() {
        let (mut sample, served) = open().await;
        let long = ["Mrs", "Mair", "Llewellyn"];
        let limits = plan(1, "2026-03-01T09:00:00Z", 135);
        sample
            .patient("mair", long, "1938-02-02", "9434765870", limits)
            .await;
        sample
            .reading("mair", "2026-03-14T12:19:30Z", oxygen(86, 70), &[])
            .await;
        let mut write = sample.state.store.write().await.unwrap();
        let due = "UPDATE alert SET respond_by = CAST($1 AS BIGINT) WHERE patient = 'ivor'";
        let at: jiff::Timestamp = "2026-03-14T12:30:00Z".parse().unwrap();
        run(&mut write, due, &[&at.as_microsecond().to_string()]).await;
        write.commit().await.unwrap();
        let mut events = served.events("nurse-1").await;
        events.next("hello").await.unwrap();
        let tick = events.next("tick").await.unwrap();
        assert!(tick.contains("\"overdue\":0"), "{tick}");
        let cursor = |text: &str| text.split("\"cursor\":").nth(1).unwrap().to_owned();

        sample.hand.set("2026-03-14T12:31:00Z".parse().unwrap());
        let row = events.next("row").await.unwrap();
        assert!(
            row.contains("alert-ivor-1") && row.contains("1 min late"),
            "{row}"
        );
        let order = events.next("order").await.unwrap();
        assert_eq!(order, "[\"alert-ivor-1\",\"alert-mair-1\"]");
        let later = events.next("tick").await.unwrap();
        assert!(later.contains("\"overdue\":1"), "{later}");
        assert_ne!(
            cursor(&tick),
            cursor(&later),
            "a page that missed it asks again"
        );
    }

    #[tokio::test]
    async fn stopping_tells_open_pages_and_does_not_wait_for_them() {
        let (_sample, served) = open().await;
        let mut events = served.events("nurse-1").await;
        events.next("hello").await.unwrap();
        served.shutdown.cancel();
        assert_eq!(events.next("reload").await.unwrap(), "again");
        assert_eq!(events.next("tick").await, None);
        served.task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn one_page_too_many_is_asked_to_reload_by_hand() {
        let (sample, served) = open().await;
        let mut pages = Vec::new();
        for _ in 0..LIVE_PAGES_MAX {
            // No faster than one person may come.
            sample.hand.advance(jiff::SignedDuration::from_secs(1));
            let mut page = served.events("nurse-1").await;
            page.next("hello").await.unwrap();
            pages.push(page);
        }
        let refused = served.get("/alerts/live", "nurse-1").await;
        assert_eq!(refused.status, 503);
        assert!(refused.body.contains("reload this one yourself"));
    }
}
