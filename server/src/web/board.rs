//! The board: the worklist and its counts as all live pages share them, kept current by one task.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
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
use super::answering::Staff;
use super::listing::{Listed, list};
use crate::store::counts::{self, Group, KitCounts, OpenCounts};
use crate::store::test_records::{self, SettingUp};
use crate::store::worklist::{Lane, open_alerts};

/// The most alerts about patients that one page lists; the line under it says how many more there are.
pub(crate) const WORKLIST_ROWS_MAX: usize = 200;
/// The most technical alerts that one page lists. They never take the place of one about a patient.
pub(crate) const KIT_ROWS_MAX: usize = 100;
/// How often the board is read even when no change was announced: another server may have written.
pub(crate) const TICK: Duration = Duration::from_secs(5);
/// How long after one reading the board rests, however many changes are announced.
pub(crate) const SPACING: Duration = Duration::from_millis(100);

/// The open alerts and everything that is counted about them, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Board {
    /// When it was read.
    pub(crate) at: Timestamp,
    /// At most [`WORKLIST_ROWS_MAX`] alerts about patients, in the order of the list.
    pub(crate) rows: Vec<Listed>,
    /// At most [`KIT_ROWS_MAX`] technical alerts, in the order of the list.
    pub(crate) kit_rows: Vec<Listed>,
    /// Devices of boxes that are being set up, each with its latest test.
    pub(crate) setting_up: Vec<SettingUp>,
    open: OpenCounts,
    kit: KitCounts,
    by_person: BTreeMap<String, i64>,
    /// Changes with everything that happens to any patient, and with what time alone does to the list.
    pub(crate) cursor: String,
}

/// The counters of one person's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// To be looked at now.
    pub(crate) urgent: i64,
    /// To be looked at today.
    pub(crate) soon: i64,
    /// To be looked at on the next working day.
    pub(crate) check: i64,
    /// About the kit.
    pub(crate) technical: i64,
    /// Nobody has acted in time.
    pub(crate) overdue: i64,
    /// Answered for by this person now.
    pub(crate) mine: i64,
    /// Taken by nobody yet.
    pub(crate) not_taken: i64,
    /// Registered gateways that are not online.
    pub(crate) gateways_offline: usize,
    /// Messages that were refused whole.
    pub(crate) refused: i64,
    /// Gateways whose identity is used in two places.
    pub(crate) copied: usize,
    /// All open alerts.
    pub(crate) open: i64,
    /// Open alerts about patients that the page has no room for.
    pub(crate) more: i64,
    /// Open technical alerts that the page has no room for.
    pub(crate) more_kit: i64,
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
        let journal_len = counts::journal_len(readers).await?;
        let staff = Staff::read(state, at).await?;
        let read = async |lane, rows_max: usize| {
            open_alerts(readers, lane, at, i64::try_from(rows_max)?).await
        };
        let rows = read(Lane::Patients, WORKLIST_ROWS_MAX).await?;
        let tiers = state.tiers.of(readers, &rows, at).await;
        let rows = list(&staff, rows, &tiers)?;
        let kit_rows = read(Lane::Kit, KIT_ROWS_MAX).await?;
        let kit_rows = list(&staff, kit_rows, &BTreeMap::new())?;
        Ok(Self {
            at,
            cursor: cursor(journal_len, rows.iter().chain(&kit_rows)),
            rows,
            kit_rows,
            setting_up: test_records::setting_up(readers).await?,
            open: counts::open(readers, at).await?,
            kit: counts::kit(readers, at).await?,
            by_person: by_person(&staff, &counts::groups(readers).await?)?,
        })
    }

    /// Counts for one person.
    pub(crate) fn counts(&self, me: &PersonId) -> Counts {
        let len = |rows: &[Listed]| i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let OpenCounts {
            open, technical, ..
        } = self.open;
        Counts {
            urgent: self.open.urgent,
            soon: self.open.soon,
            check: self.open.check_by,
            technical,
            overdue: self.open.overdue,
            mine: self.by_person.get(me.as_str()).copied().unwrap_or_default(),
            not_taken: self.open.not_taken,
            gateways_offline: self.kit.gateways_offline,
            refused: self.kit.refused,
            copied: self.kit.copied,
            open,
            more: (open - technical - len(&self.rows)).max(0),
            more_kit: (technical - len(&self.kit_rows)).max(0),
        }
    }

    /// Gives every listed alert, those about patients first.
    pub(crate) fn all_rows(&self) -> impl Iterator<Item = &Listed> {
        self.rows.iter().chain(&self.kit_rows)
    }
}

/// Two boards with the same cursor list the same rows, saying the same, in the same order.
fn cursor<'a>(journal_len: i64, rows: impl Iterator<Item = &'a Listed>) -> String {
    let mut hasher = DefaultHasher::new();
    for listed in rows {
        (&listed.row.patient, listed.row.number).hash(&mut hasher);
        listed.version().hash(&mut hasher);
    }
    format!("{journal_len}-{:016x}", hasher.finish())
}

/// Counts for how many open alerts each person answers now, listed or not.
fn by_person(staff: &Staff, groups: &[Group]) -> anyhow::Result<BTreeMap<String, i64>> {
    let answering = staff.answering();
    let mut by_person = BTreeMap::new();
    for group in groups {
        let who = answering.of_group(group)?;
        *by_person.entry(who.person).or_default() += group.alerts_len;
    }
    Ok(by_person)
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
