//! The boards of all teams that anybody looks at, kept current by one task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use clinical::{PatientId, TeamId};
use jiff::SignedDuration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::State;
use super::team_board::TeamBoard;
use crate::store::patients;

/// How often boards are read even when no change was announced: another server may have written.
pub(crate) const TICK: Duration = Duration::from_secs(5);
/// How long after one reading the boards rest, however many changes are announced.
pub(crate) const SPACING: Duration = Duration::from_millis(100);
/// How many changed patients are looked up for their teams; with more, every team is read.
const CHANGED_LEN_MAX: usize = 32;
/// How many pages that open read their boards at the same time: until rows are shared, each reading has all of its own, and a
/// whole shift opens its pages at once.
const OPENING_LEN_MAX: usize = 4;
/// A board older than this is not shown as if it were current.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(8);

/// The boards that pages look at.
#[derive(Debug, Clone)]
pub(crate) struct Boards {
    watched: Arc<Mutex<BTreeMap<TeamId, Watched>>>,
    /// Counts the readings, so that pages look again.
    read: watch::Sender<u64>,
    opening: Arc<Semaphore>,
}

#[derive(Debug)]
struct Watched {
    /// Alive while a page looks at the team.
    anybody: Weak<()>,
    board: Option<Arc<TeamBoard>>,
}

/// A page's look at the boards of some teams. While it lives, they are kept current.
#[derive(Debug)]
pub(crate) struct Watching {
    boards: Boards,
    teams: Vec<(TeamId, Arc<()>)>,
    read: watch::Receiver<u64>,
}

impl Boards {
    /// Starts with nobody looking.
    pub(crate) fn new() -> Self {
        Self {
            watched: Arc::default(),
            read: watch::Sender::new(0),
            opening: Arc::new(Semaphore::new(OPENING_LEN_MAX)),
        }
    }

    /// Looks at the boards of some teams from now on.
    pub(crate) fn watch(&self, teams: &BTreeSet<TeamId>) -> Watching {
        let mut watched = self.lock();
        let alive = teams.iter().map(|team| {
            let known = watched.get(team).and_then(|it| it.anybody.upgrade());
            let alive = known.unwrap_or_else(|| {
                let alive = Arc::new(());
                let anybody = Arc::downgrade(&alive);
                watched.insert(
                    team.clone(),
                    Watched {
                        anybody,
                        board: None,
                    },
                );
                alive
            });
            (team.clone(), alive)
        });
        let teams = alive.collect();
        drop(watched);
        Watching {
            boards: self.clone(),
            teams,
            read: self.read.subscribe(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<TeamId, Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the teams that somebody looks at, and forgets the others.
    fn teams(&self) -> Vec<TeamId> {
        let mut watched = self.lock();
        watched.retain(|_, it| it.anybody.strong_count() > 0);
        watched.keys().cloned().collect()
    }

    fn board_of(&self, team: &TeamId) -> Option<Arc<TeamBoard>> {
        self.lock().get(team)?.board.clone()
    }

    /// Reads a team's board. Its rows that say what they said before are those of before.
    async fn read(&self, state: &State, team: &TeamId) -> anyhow::Result<Arc<TeamBoard>> {
        let mut board = TeamBoard::read(state, team).await?;
        if let Some(before) = self.board_of(team) {
            board.take_rows_of(&before);
        }
        Ok(Arc::new(board))
    }

    fn put(&self, team: &TeamId, board: Arc<TeamBoard>) {
        if let Some(watched) = self.lock().get_mut(team) {
            watched.board = Some(board);
        }
    }

    /// Keeps the first board of a team that was read for a page, before the next tick reads another.
    fn put_first(&self, team: &TeamId, board: &Arc<TeamBoard>) {
        if let Some(watched) = self.lock().get_mut(team) {
            watched.board.get_or_insert_with(|| Arc::clone(board));
        }
    }

    /// Reads boards again and wakes the pages. One that cannot be read stays as it was: its pages miss their tick and say
    /// so.
    async fn read_again(&self, state: &State, changed: Changed) {
        for team in self.teams() {
            if !changed.touches(&team) {
                continue;
            }
            match self.read(state, &team).await {
                Ok(board) => self.put(&team, board),
                Err(error) => {
                    let chain = format!("{error:#}");
                    tracing::warn!(error.chain = chain, "a team's worklist cannot be read");
                }
            }
        }
        self.read
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Watching {
    /// Waits until boards have been read; `None` when they are read no more.
    pub(crate) async fn changed(&mut self) -> Option<()> {
        self.read.changed().await.ok()
    }

    /// Reads the boards now, for a page that opens: one that was read before it asked could lack what the page has just
    /// shown.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn read(&self, state: &State) -> anyhow::Result<Vec<Arc<TeamBoard>>> {
        let _turn = self.boards.opening.acquire().await?;
        let mut boards = Vec::with_capacity(self.teams.len());
        for (team, _) in &self.teams {
            let board = self.boards.read(state, team).await?;
            self.boards.put_first(team, &board);
            boards.push(board);
        }
        Ok(boards)
    }

    /// Gives the boards as they were last read; `None` while one of them is missing or not of now.
    pub(crate) fn fresh(&self, now: jiff::Timestamp) -> Option<Vec<Arc<TeamBoard>>> {
        let watched = self.boards.lock();
        let board = |(team, _): &(TeamId, Arc<()>)| {
            let board = watched.get(team)?.board.clone()?;
            (now.duration_since(board.at) < FRESH_FOR).then_some(board)
        };
        self.teams.iter().map(board).collect()
    }
}

/// Which teams to read again.
enum Changed {
    All,
    Teams(BTreeSet<TeamId>),
}

impl Changed {
    fn touches(&self, team: &TeamId) -> bool {
        match self {
            Self::All => true,
            Self::Teams(teams) => teams.contains(team),
        }
    }

    /// Finds the teams of a changed patient and of all that were announced since; one that is not found may be anybody's.
    async fn of(
        first: Result<PatientId, RecvError>,
        changes: &mut Receiver<PatientId>,
        state: &State,
    ) -> Self {
        let Ok(first) = first else { return Self::All };
        let mut patients = BTreeSet::from([first]);
        loop {
            match changes.try_recv() {
                Ok(patient) => patients.insert(patient),
                Err(TryRecvError::Empty) => break,
                Err(_) => return Self::All,
            };
            if patients.len() > CHANGED_LEN_MAX {
                return Self::All;
            }
        }
        let mut teams = BTreeSet::new();
        for patient in &patients {
            match patients::team_of(state.store.readers(), patient).await {
                Ok(Some(team)) => teams.insert(team),
                _ => return Self::All,
            };
        }
        Self::Teams(teams)
    }
}

/// Reads the boards at every tick and after every announced change, while anybody looks at them.
pub(crate) async fn keep_current(state: Arc<State>, boards: Boards, shutdown: CancellationToken) {
    let mut changes = state.changes.subscribe();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let changed = tokio::select! {
            () = shutdown.cancelled() => return,
            _ = tick.tick() => Changed::All,
            change = changes.recv() => {
                if change == Err(RecvError::Closed) { return }
                Changed::of(change, &mut changes, &state).await
            }
        };
        let rested_at = Instant::now() + SPACING;
        boards.read_again(&state, changed).await;
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep_until(rested_at) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::board::Board;
    use crate::web::sample::Sample;
    use crate::web::sample_values::{oxygen, plan};

    const NOW: &str = "2026-03-14T12:20:00Z";

    async fn two_alerts() -> Sample {
        let mut sample = Sample::open(NOW).await;
        sample.ivor().await;
        let names = ["Mrs", "Mair", "Llewellyn"];
        let limits = plan(1, "2026-03-01T09:00:00Z", 135);
        sample
            .patient("mair", names, "1938-02-02", "9434765870", limits)
            .await;
        for patient in ["ivor", "mair"] {
            sample
                .reading(patient, "2026-03-14T12:19:00Z", oxygen(91, 70), &[])
                .await;
        }
        sample
    }

    /// Opens a page of the team, and gives what it keeps of the list.
    async fn open(boards: &Boards, sample: &Sample) -> (Watching, Board) {
        let watching = boards.watch(&BTreeSet::from(["north".parse().unwrap()]));
        let teams = watching.read(&sample.state).await.unwrap();
        let board = Board::of(teams, Vec::new(), NOW.parse().unwrap());
        assert_eq!(board.rows.len(), 2);
        (watching, board)
    }

    fn is_kept_once(one: &Board, other: &Board, patient: &str) -> bool {
        let row = |board: &Board| {
            let mut rows = board.all_rows();
            Arc::clone(rows.find(|it| it.row.patient == patient).unwrap())
        };
        Arc::ptr_eq(&row(one), &row(other))
    }

    #[tokio::test]
    async fn pages_of_a_team_keep_each_row_once() {
        let mut sample = two_alerts().await;
        let boards = Boards::new();
        let (_one, first) = open(&boards, &sample).await;
        let (other, second) = open(&boards, &sample).await;
        assert!(is_kept_once(&first, &second, "ivor") && is_kept_once(&first, &second, "mair"));

        sample
            .reading("ivor", "2026-03-14T12:19:30Z", oxygen(86, 70), &[])
            .await;
        let (_another, third) = open(&boards, &sample).await;
        assert!(!is_kept_once(&first, &third, "ivor"), "what it said before");
        assert!(is_kept_once(&first, &third, "mair"));

        boards.read_again(&sample.state, Changed::All).await;
        let now = NOW.parse().unwrap();
        let ticked = Board::of(other.fresh(now).unwrap(), Vec::new(), now);
        assert_eq!(ticked.cursor, third.cursor);
        assert!(is_kept_once(&first, &ticked, "mair"));
    }

    #[tokio::test]
    async fn a_page_that_opens_waits_for_a_place_and_gives_it_back() {
        let sample = two_alerts().await;
        let boards = Boards::new();
        let watching = boards.watch(&BTreeSet::from(["north".parse().unwrap()]));
        let all = u32::try_from(OPENING_LEN_MAX).unwrap();
        let taken = boards.opening.acquire_many(all).await.unwrap();
        let mut reading = std::pin::pin!(watching.read(&sample.state));
        // Whatever else is ready, a page without a place has not begun to read.
        assert!(futures::poll!(reading.as_mut()).is_pending());
        assert_eq!(boards.opening.available_permits(), 0);
        drop(taken);
        assert_eq!(
            boards.opening.available_permits(),
            OPENING_LEN_MAX - 1,
            "it is next"
        );
        assert_eq!(reading.await.unwrap().len(), 1);
        assert_eq!(boards.opening.available_permits(), OPENING_LEN_MAX);
    }
}
