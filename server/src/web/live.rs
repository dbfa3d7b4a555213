//! The live worklist: one stream of server-sent events for each open page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::unfold;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::alert_view::AlertView;
use super::assets;
use super::board::{Board, Counts};
use super::boards::Watching;
use super::error::PageError;
use super::listing::Listed;
use super::session::Me;
use super::show::{Asked, Show};
use super::{Live, State};
use crate::accounts::sessions;
use crate::audit::{Action, Entry};
use crate::rights::Right;

/// How often it is looked whether the person of an open page is still signed in.
const CHECKED_EVERY: SignedDuration = SignedDuration::from_secs(5);

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
    show: Show,
    watching: Watching,
    elsewhere: Vec<Arc<Listed>>,
    checked_at: Timestamp,
    /// In the order of the list; the pages of a team share the rows.
    shown: Vec<Arc<Listed>>,
    duty: String,
    /// At most a page of rows, twice, their order, duty, and a tick.
    pending: VecDeque<Event>,
    shutdown: CancellationToken,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

/// Why a page is told nothing more.
enum Ended {
    /// The server stops, a row cannot be shown, or the person may do other things now: the page starts again from a fresh
    /// list.
    Again,
    /// Nobody is signed in there any more.
    SignedOut,
}

/// Opens the stream, when there is a place left.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Extension(live): Extension<Live>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeRecords)?;
    let place = live
        .places
        .try_acquire_owned()
        .map_err(|_| PageError::TooManyLive)?;
    state
        .trail
        .seen(Entry::new(me.actor(), Action::WorklistViewed))
        .await?;
    let checked_at = state.clock.now();
    let mut page = Page {
        // Subscribed before the first reading: no change falls between the two.
        watching: live.boards.watch(&me.teams),
        state,
        me,
        show: asked.map(|Query(asked)| asked.show()).unwrap_or_default(),
        elsewhere: Vec::new(),
        checked_at,
        shown: Vec::new(),
        duty: String::new(),
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
        let teams = self.watching.read(&self.state).await?;
        self.elsewhere = Board::elsewhere(&self.state, &self.me.id).await?;
        let now = self.state.clock.now();
        let board = Board::of(teams, self.elsewhere.clone(), now);
        self.pending.push_back(event(
            "hello",
            &Hello {
                build: assets::build(),
                cursor: board.cursor.clone(),
            },
        )?);
        self.shown = self.rows(&board);
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
            let told = match self.board().await {
                Ok(Some(board)) => self.tell(&board).map_err(|_| Ended::Again),
                Ok(None) => Ok(()),
                Err(ended) => Err(ended),
            };
            if let Err(ended) = told {
                self.ended = true;
                let name = match ended {
                    Ended::Again => "reload",
                    Ended::SignedOut => "signed_out",
                };
                self.pending
                    .push_back(Event::default().event(name).data("again"));
            }
        }
    }

    /// Waits until boards have been read; gives none while one of this page's is not of now, so that it misses its tick.
    async fn board(&mut self) -> Result<Option<Board>, Ended> {
        tokio::select! {
            () = self.shutdown.cancelled() => return Err(Ended::Again),
            changed = self.watching.changed() => changed.ok_or(Ended::Again)?,
        }
        let now = self.state.clock.now();
        if now.duration_since(self.checked_at) >= CHECKED_EVERY {
            self.check(now).await?;
        }
        let teams = self.watching.fresh(now);
        Ok(teams.map(|teams| Board::of(teams, self.elsewhere.clone(), now)))
    }

    /// Looks now and then whether the person is still signed in and may do what they might, and what they have of other
    /// teams.
    async fn check(&mut self, now: Timestamp) -> Result<(), Ended> {
        let policy = &self.state.policy;
        let session = sessions::by_digest(&self.state.store, &self.me.session, policy, now).await;
        match session {
            Ok(Some(_)) => {}
            Ok(None) => return Err(Ended::SignedOut),
            Err(_) => return Ok(()),
        }
        match self.me.has_other_roles(&self.state).await {
            Ok(false) => {}
            Ok(true) => return Err(Ended::Again),
            Err(_) => return Ok(()),
        }
        if let Ok(elsewhere) = Board::elsewhere(&self.state, &self.me.id).await {
            self.elsewhere = elsewhere;
            self.checked_at = now;
        }
        Ok(())
    }

    fn rows(&self, board: &Board) -> Vec<Arc<Listed>> {
        let me = self.me.id.as_str();
        let rows = board.all_rows();
        let mut rows: Vec<_> = rows
            .filter(|it| self.show.includes(it, me))
            .cloned()
            .collect();
        rows.shrink_to_fit();
        rows
    }

    /// Queues what differs from what the page shows.
    fn tell(&mut self, board: &Board) -> anyhow::Result<()> {
        let fresh = self.rows(board);
        let listed: BTreeSet<_> = fresh.iter().map(|it| it.key()).collect();
        for gone in self.shown.iter().filter(|it| !listed.contains(&it.key())) {
            self.pending
                .push_back(Event::default().event("gone").data(id(gone)));
        }
        let before: BTreeMap<_, _> = self.shown.iter().map(|it| (it.key(), it)).collect();
        let local = self.state.local_time();
        for listed in &fresh {
            let shown = before.get(&listed.key());
            if shown.is_some_and(|it| *it == listed) {
                continue;
            }
            let html = AlertView::new(listed, &self.me.id, &local)?.render()?;
            self.pending
                .push_back(Event::default().event("row").data(html));
        }
        // It changes with time alone too: what was due becomes overdue.
        let is_in_order = fresh
            .iter()
            .map(|it| it.key())
            .eq(self.shown.iter().map(|it| it.key()));
        if !is_in_order {
            let order: Vec<String> = fresh.iter().map(|it| id(it)).collect();
            self.pending.push_back(event("order", &order)?);
        }
        self.shown = fresh;
        self.tick(board)
    }

    fn tick(&mut self, board: &Board) -> anyhow::Result<()> {
        let local = self.state.local_time();
        let duty = board.duty(&self.me.id, &local).render()?;
        if duty != self.duty {
            let event = Event::default().event("duty").data(&duty);
            self.pending.push_back(event);
            self.duty = duty;
        }
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

/// The id of its row on the page.
fn id(listed: &Listed) -> String {
    format!("alert-{}-{}", listed.row.patient, listed.row.number)
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
    async fn only_what_was_asked_for_travels() {
        let (mut sample, served) = open().await;
        let mut events = served
            .events_of("/alerts/live?show=urgent", "nurse-1")
            .await;
        events.next("hello").await.unwrap();
        sample
            .reading("ivor", "2026-03-14T12:19:30Z", oxygen(86, 70), &[])
            .await;
        let worse = events.next("row").await.unwrap();
        assert!(worse.contains("id=\"alert-ivor-1\""), "{worse}");
        let form = "outcome=referred&note=";
        served.post("/alerts/ivor/1/take", "nurse-2", "").await;
        served.post("/alerts/ivor/1/close", "nurse-2", form).await;
        assert_eq!(events.next("gone").await.unwrap(), "alert-ivor-1");
        let page = served.get("/alerts?show=snoozed", "nurse-1").await.body;
        assert!(
            page.contains("No open alert is in “Put aside” now."),
            "{page}"
        );
    }

    #[tokio::test]
    async fn whoever_is_signed_out_is_shown_nothing_more() {
        let (sample, served) = open().await;
        let mut events = served.events("nurse-1").await;
        events.next("tick").await.unwrap();
        sample.hand.advance(SignedDuration::from_mins(15));
        assert_eq!(events.next("signed_out").await.unwrap(), "again");
    }

    #[tokio::test]
    async fn a_nurse_of_another_team_sees_nothing_of_it() {
        let (sample, served) = open().await;
        let mut write = sample.state.store.write().await.unwrap();
        for statement in [
            "INSERT INTO team (id, name) VALUES ('south', 'South team')",
            "INSERT INTO person (id, name, role, team) VALUES ('nurse-9', 'Siân Vaughan', 'Nurse', 'south')",
            "INSERT INTO role_grant (person, number, role, team, granted_at) VALUES ('nurse-9', 1, 'nurse', 'south', 0)",
        ] {
            run(&mut write, statement, &[]).await;
        }
        write.commit().await.unwrap();
        let page = served.get("/alerts", "nurse-9").await.body;
        assert!(!page.contains("alert-ivor-1"), "{page}");
        assert!(page.contains("<b data-count=\"soon\">0</b>"), "{page}");
        assert_eq!(served.get("/patients/ivor", "nurse-9").await.status, 404);
        assert_eq!(
            served
                .post("/alerts/ivor/1/take", "nurse-9", "")
                .await
                .status,
            404
        );
        let mut events = served.events("nurse-9").await;
        let tick = events.next("tick").await.unwrap();
        assert!(tick.contains("\"open\":0"), "{tick}");
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
        for number in 0..LIVE_PAGES_MAX {
            if number % 50 == 0 {
                // One person may not ask for more at once.
                sample.hand.advance(SignedDuration::from_secs(6));
            }
            let mut page = served.events("nurse-1").await;
            page.next("hello").await.unwrap();
            pages.push(page);
        }
        let refused = served.get("/alerts/live", "nurse-1").await;
        assert_eq!(refused.status, 503);
        assert!(refused.body.contains("reload this one yourself"));
    }
}
