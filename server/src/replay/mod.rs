//! Replay: what a proposed plan would have raised on patients' own journals, and whether journals are decided alike again.

mod check;
mod page;
mod proposed;
mod range;

use anyhow::{Context, bail};
use clinical::backtest::{BackTest, BackTester, Row, TeamBackTest};
use clinical::{PatientId, Plan, TeamId};
use jiff::Timestamp;

pub use check::{Checked, check};
pub use page::{of_patient, of_team};
pub use proposed::ProposedPlan;
pub use range::Range;

use crate::history;
use crate::store::{Store, patient_page, patients, people};

/// How many patients of a team are looked up at once.
const PATIENTS_PAGE_LEN: i64 = 100;

/// Tells what a proposed plan would have raised for one patient; see [`clinical::backtest`] for how. The journal is read
/// page by page.
///
/// # Errors
/// When the database fails, or the journal cannot be read.
pub async fn backtest(
    store: &Store,
    patient: &PatientId,
    proposed: &Plan,
    from: Timestamp,
    to: Timestamp,
) -> anyhow::Result<BackTest> {
    let mut reader = store.readers().acquire().await?;
    let mut tester = BackTester::new(proposed.clone(), from, to);
    let mut journal_len = 0;
    'journal: while let Some(rows) = history::next_page(&mut reader, patient, journal_len).await? {
        for row in rows {
            if tester.is_done(row.at) {
                break 'journal;
            }
            tester.row(&Row {
                at: row.at,
                event: &row.event,
                decisions: &row.decisions,
            });
            journal_len = row.number;
        }
    }
    Ok(tester.finish())
}

/// Finds the plan that is in force for a patient; `None` before monitoring has started.
///
/// # Errors
/// When there is no such patient, or the database fails.
pub async fn plan_in_force(store: &Store, patient: &PatientId) -> anyhow::Result<Option<Plan>> {
    if patient_page::patient(store.readers(), patient)
        .await?
        .is_none()
    {
        bail!("{patient} is not registered here");
    }
    let newest = patient_page::plans(store.readers(), patient, 1).await?;
    Ok(newest.into_iter().next().map(|it| it.plan))
}

/// Tells what a proposed plan would have raised for one patient in some days of theirs, in lines for a terminal.
///
/// # Errors
/// When there is no such patient, they are not monitored, or a journal cannot be read.
pub async fn tell_patient(
    store: &Store,
    patient: &PatientId,
    proposed: &ProposedPlan,
    range: &Range,
    now: Timestamp,
) -> anyhow::Result<String> {
    let in_force = plan_in_force(store, patient).await?;
    let in_force =
        in_force.with_context(|| format!("{patient} is not monitored: there is no plan"))?;
    let plan = proposed.of_patient(&in_force)?;
    let (from, to) = range.times(&in_force.care.zone, now)?;
    let test = backtest(store, patient, &plan, from, to).await?;
    Ok(page::of_patient(patient, &test, &plan.care.zone))
}

/// What a proposed plan would have raised for a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTold {
    /// All of it, in lines for a terminal; who was left out comes last, with the reason.
    pub text: String,
    /// How many monitored patients were left out.
    pub left_out_len: usize,
}

/// Tells what a proposed plan would have raised for every monitored patient of a team, one patient after the other.
/// A patient for whom the plan makes no sense, or whose journal cannot be read, is left out and named: one patient must
/// not keep the answer about all the others.
///
/// # Errors
/// When there is no such team, the days make no sense, or the team's patients cannot be listed.
pub async fn tell_team(
    store: &Store,
    team: &TeamId,
    proposed: &ProposedPlan,
    range: &Range,
    now: Timestamp,
) -> anyhow::Result<TeamTold> {
    let mut reader = store.readers().acquire().await?;
    if !people::has_team(&mut reader, team).await? {
        bail!("{team} is no team here");
    }
    let (from, to) = range.times(&clinical::Zone::utc(), now)?;
    let mut sum = TeamBackTest::new(from, to);
    let mut left_out = Vec::new();
    let mut after: Option<PatientId> = None;
    loop {
        let page = patients::of_team(&mut reader, team, after.as_ref(), PATIENTS_PAGE_LEN).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        for patient in page {
            match test_in_team(store, &patient, proposed, range, now).await {
                Ok(Some(test)) => sum.add(&patient, test),
                Ok(None) => {}
                Err(reason) => left_out.push((patient, format!("{reason:#}"))),
            }
        }
    }
    Ok(TeamTold {
        text: page::of_team(team, &sum, &left_out),
        left_out_len: left_out.len(),
    })
}

/// Tests a proposed plan on one patient of a team; `None` when they are not monitored.
async fn test_in_team(
    store: &Store,
    patient: &PatientId,
    proposed: &ProposedPlan,
    range: &Range,
    now: Timestamp,
) -> anyhow::Result<Option<BackTest>> {
    let Some(in_force) = plan_in_force(store, patient).await? else {
        return Ok(None);
    };
    let (from, to) = range.times(&in_force.care.zone, now)?;
    let plan = proposed.of_patient(&in_force)?;
    let test = backtest(store, patient, &plan, from, to)
        .await
        .context("the journal cannot be replayed")?;
    Ok(Some(test))
}
