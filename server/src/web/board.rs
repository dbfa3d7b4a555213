//! The board: the worklist and its counts as all live pages share them, kept current by one task.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clinical::PersonId;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::State;
use crate::store::worklist::{self, AlertRow, KitCounts, OpenCounts};

/// The most alerts that one page lists; the line under it says how many more there are.
pub(crate) const WORKLIST_ROWS_MAX: usize = 200;
/// How often the board is read even when no change was announced: another server may have written.
pub(crate) const TICK: Duration = Duration::from_secs(5);
/// How long after one reading the board rests, however many changes are announced.
pub(crate) const SPACING: Duration = Duration::from_millis(100);

/// The open alerts and everything that is counted about them, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Board {
    /// When it was read.
    pub(crate) at: Timestamp,
    /// At most [`WORKLIST_ROWS_MAX`] rows, in the order of the list.
    pub(crate) rows: Vec<AlertRow>,
    open: OpenCounts,
    kit: KitCounts,
    by_person: BTreeMap<PersonId, i64>,
    /// Grows with everything that happens to any patient.
    pub(crate) cursor: i64,
}

/// The counters of one person's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// To be looked at now.
    pub(crate) urgent: i64,
    /// To be looked at today.
    pub(crate) soon: i64,
    /// Answered for by this person.
    pub(crate) mine: i64,
    /// Taken by nobody yet.
    pub(crate) not_taken: i64,
    /// Registered gateways that are not online.
    pub(crate) gateways_offline: usize,
    /// Messages that were refused whole.
    pub(crate) refused: i64,
    /// All open alerts.
    pub(crate) open: i64,
    /// Open alerts that the page has no room for.
    pub(crate) more: i64,
}

impl Board {
    /// Reads the board.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn read(state: &State) -> anyhow::Result<Self> {
        let readers = state.store.readers();
        let at = state.clock.now();
        // The cursor comes first: what is written meanwhile then makes the board look old, never new.
        let cursor = worklist::journal_len(readers).await?;
        let rows_max = i64::try_from(WORKLIST_ROWS_MAX)?;
        Ok(Self {
            at,
            rows: worklist::open_alerts(readers, rows_max).await?,
            open: worklist::open_counts(readers).await?,
            kit: worklist::kit_counts(readers, at).await?,
            by_person: worklist::open_by_person(readers)
                .await?
                .into_iter()
                .collect(),
            cursor,
        })
    }

    /// Counts for one person.
    pub(crate) fn counts(&self, me: &PersonId) -> Counts {
        let shown = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        Counts {
            urgent: self.open.urgent,
            soon: self.open.open - self.open.urgent,
            mine: self.by_person.get(me).copied().unwrap_or_default(),
            not_taken: self.open.not_taken,
            gateways_offline: self.kit.gateways_offline,
            refused: self.kit.refused,
            open: self.open.open,
            more: (self.open.open - shown).max(0),
        }
    }
}

/// Reads the board at every tick and after every announced change, while anybody looks at it.
///
/// A board that cannot be read is not sent: the pages then miss their tick and say so.
pub(crate) async fn keep_current(
    state: Arc<State>,
    board: watch::Sender<Option<Arc<Board>>>,
    shutdown: CancellationToken,
) {
    let mut changes = state.changes.subscribe();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = tick.tick() => {}
            change = changes.recv() => if change == Err(RecvError::Closed) { return },
        }
        let rested_at = Instant::now() + SPACING;
        // Whatever was announced up to here is in what is read now.
        changes = changes.resubscribe();
        if board.receiver_count() > 0 {
            match Board::read(&state).await {
                Ok(read) => board.send_modify(|current| *current = Some(Arc::new(read))),
                Err(error) => {
                    let chain = format!("{error:#}");
                    tracing::warn!(error.chain = chain, "the worklist cannot be read");
                }
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep_until(rested_at) => {}
        }
    }
}
