//! A trial: the proposed plan on the patient's own journal. It is bounded in rows, time and number, and computes where it
//! holds up nobody: readings go on being stored and judged meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use clinical::backtest::{BackTest, BackTester, Row};
use clinical::{Event, Level, PatientId, Plan, ReadingStored, VitalSign};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use vitals::Decimal;

use crate::history;
use crate::store::journal::JournalRow;
use crate::web::State;

/// How many trials may run at the same time.
pub const TRIALS_MAX: usize = 2;
/// How many days back alerts count: a month, and as far as a history goes.
pub(crate) const DAYS: [i64; 2] = [30, 90];
/// The longest journal that is tried on: several years of one patient.
const JOURNAL_LEN_MAX: i64 = 50_000;
/// How long a trial may take; less than a page may.
const TRIAL_WAIT_MAX: Duration = Duration::from_secs(10);
/// The most readings of another class that are kept, the newest ones.
pub(crate) const RECLASSED_LEN_MAX: usize = 100;
/// How many pages of the journal wait to be tried.
const PAGES_AHEAD: usize = 2;

/// What a trial found.
#[derive(Debug)]
pub(crate) struct Trial {
    /// For each of [`DAYS`].
    pub(crate) tests: [BackTest; 2],
    /// The newest readings of the longer time that would be of another class, newest first.
    pub(crate) reclassed: Vec<Reclassed>,
    /// How many there are.
    pub(crate) reclassed_len: usize,
}

/// A value that reaches other limits under the proposed plan than under the plan in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reclassed {
    pub(crate) at: Timestamp,
    pub(crate) sign: VitalSign,
    pub(crate) value: Decimal,
    /// How bad it is by the plan in force; `None` when it is inside.
    pub(crate) now: Option<Level>,
    /// How bad it would be.
    pub(crate) proposed: Option<Level>,
}

/// Why there is no trial. Nothing was changed, and nothing typed is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoTrial {
    /// Others are trying plans.
    Busy,
    /// The journal is too long, or it took too long.
    TooLong,
}

enum Piece {
    Rows(Vec<JournalRow>),
    /// The journal has come to its end: only now may a result be given.
    End,
}

/// Tries a plan. The outer error is of the database; the inner one says why there is no trial.
///
/// # Errors
/// When the database fails, or the journal cannot be read.
pub(crate) async fn run(
    state: &State,
    patient: &PatientId,
    current: &Plan,
    proposed: Plan,
) -> anyhow::Result<Result<Trial, NoTrial>> {
    let Ok(permit) = Arc::clone(&state.trials).try_acquire_owned() else {
        return Ok(Err(NoTrial::Busy));
    };
    let (pages, received) = mpsc::channel(PAGES_AHEAD);
    let (current, now) = (current.clone(), state.clock.now());
    let judging = spawn_blocking(move || {
        // Held until the computing ends, whoever has stopped waiting for it.
        let _permit = permit;
        judge(received, &current, &proposed, now)
    });
    let both = async { tokio::join!(read(state, patient, pages), judging) };
    match timeout(TRIAL_WAIT_MAX, both).await {
        Ok((read, judged)) => {
            read?;
            Ok(judged?.ok_or(NoTrial::TooLong))
        }
        Err(_) => Ok(Err(NoTrial::TooLong)),
    }
}

async fn read(
    state: &State,
    patient: &PatientId,
    pages: mpsc::Sender<Piece>,
) -> anyhow::Result<()> {
    let mut reader = state.store.readers().acquire().await?;
    let mut journal_len = 0;
    while let Some(rows) = history::next_page(&mut reader, patient, journal_len).await? {
        journal_len = rows.last().map_or(journal_len, |row| row.number);
        if journal_len > JOURNAL_LEN_MAX || pages.send(Piece::Rows(rows)).await.is_err() {
            return Ok(());
        }
    }
    // Who is not there any more needs no end.
    let _ = pages.send(Piece::End).await;
    Ok(())
}

/// Takes the journal page by page; `None` when it broke off.
fn judge(
    mut pages: mpsc::Receiver<Piece>,
    current: &Plan,
    proposed: &Plan,
    now: Timestamp,
) -> Option<Trial> {
    let from = |days: i64| {
        let days = SignedDuration::from_hours(24 * days);
        now.saturating_sub(days).unwrap_or(Timestamp::MIN)
    };
    let mut testers = DAYS.map(|days| BackTester::new(proposed.clone(), from(days), now));
    let mut reclassed = VecDeque::new();
    let mut reclassed_len = 0;
    let oldest = DAYS.map(from).into_iter().min()?;
    while let Piece::Rows(rows) = pages.blocking_recv()? {
        for row in &rows {
            for tester in &mut testers {
                tester.row(&Row {
                    at: row.at,
                    event: &row.event,
                    decisions: &row.decisions,
                });
            }
            if let Event::ReadingStored(reading) = &row.event
                && reading.measured_at >= oldest
            {
                for it in reclassed_of(reading, current, proposed) {
                    reclassed_len += 1;
                    reclassed.push_front(it);
                    reclassed.truncate(RECLASSED_LEN_MAX);
                }
            }
        }
    }
    Some(Trial {
        tests: testers.map(BackTester::finish),
        reclassed: reclassed.into(),
        reclassed_len,
    })
}

/// Lists the values of a reading that reach other limits. Repeats, doubts and rules are the back-test's.
fn reclassed_of<'a>(
    reading: &'a ReadingStored,
    current: &'a Plan,
    proposed: &'a Plan,
) -> impl Iterator<Item = Reclassed> + 'a {
    let level = |plan: &Plan, sign: &VitalSign, value: &Decimal| {
        let limits = plan.limits.get(sign)?;
        limits.breach(value).map(|it| it.level)
    };
    let values = reading.values.iter().filter(|_| !reading.drill);
    values.filter_map(move |(sign, value)| {
        let now = level(current, sign, value);
        let proposed = level(proposed, sign, value);
        (now != proposed).then_some(Reclassed {
            at: reading.measured_at,
            sign: *sign,
            value: *value,
            now,
            proposed,
        })
    })
}
