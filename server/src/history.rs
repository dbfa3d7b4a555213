//! History: a patient's journal decided again, or its projections written again.

use std::fmt;

use anyhow::{Context, bail, ensure};
use clinical::{Case, Event, PatientId, Plan, RULE_SET_VERSION, step};
use sqlx::AnyConnection;

use crate::projection;
use crate::store::cases::{self, LockedCase};
use crate::store::journal::{self, JournalRow};
use crate::store::{Store, Write, patients};

/// What deciding a patient's journal again gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The case at the end; `None` when nothing has happened.
    pub case: Option<Case>,
    /// How many events there were.
    pub journal_len: i64,
    /// The first event that is decided otherwise now, if any.
    pub difference: Option<Difference>,
}

/// An event that today's rules decide otherwise than was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The journal row.
    pub number: i64,
    /// The rules that decided then.
    pub rule_set_version: i64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "journal row {} was decided by rule set {} and is decided otherwise by rule set {RULE_SET_VERSION}",
            self.number, self.rule_set_version
        )
    }
}

/// Decides every event of a patient's journal again and compares the decisions byte for byte.
///
/// # Errors
/// When the database fails, the journal has a hole, or an event that happened is refused now.
pub async fn replay(
    connection: &mut AnyConnection,
    patient: &PatientId,
) -> anyhow::Result<Replayed> {
    let mut replayed = Replayed {
        case: None,
        journal_len: 0,
        difference: None,
    };
    while let Some(rows) = next_page(connection, patient, replayed.journal_len).await? {
        for row in rows {
            let again = step(replayed.case.take(), &row.event, row.at).with_context(|| {
                format!("journal row {} of {patient} is refused now", row.number)
            })?;
            let same = serde_json::to_string(&again.decisions)? == row.decisions_text;
            if !same && replayed.difference.is_none() {
                replayed.difference = Some(Difference {
                    number: row.number,
                    rule_set_version: row.rule_set_version,
                });
            }
            replayed.case = Some(again.case);
            replayed.journal_len = row.number;
        }
    }
    Ok(replayed)
}

/// Writes every patient's case and projections again from the journal, one transaction for each patient; gives how many.
///
/// # Errors
/// When the database fails or a journal cannot be read. Patients before that one are rebuilt.
pub async fn rebuild_all(store: &Store) -> anyhow::Result<usize> {
    let mut reader = store.readers().acquire().await?;
    let patients = patients::ids(&mut reader).await?;
    drop(reader);
    for patient in &patients {
        let mut write = store.write().await?;
        rebuild(&mut write, patient)
            .await
            .with_context(|| format!("patient {patient} was not rebuilt"))?;
        write.commit().await?;
    }
    Ok(patients.len())
}

/// Writes one patient's case and projections again. What was decided stays decided: the recorded decisions are applied,
/// not decided again.
///
/// # Errors
/// When the database fails or the journal cannot be read.
pub async fn rebuild(write: &mut Write<'_>, patient: &PatientId) -> anyhow::Result<()> {
    // Taking the case keeps everybody else from changing it meanwhile. Its state may be what is broken, so it is not read.
    cases::hold(write, patient).await?;
    projection::clear(write, patient).await?;
    let mut case: Option<Case> = None;
    let mut journal_len = 0;
    while let Some(rows) = next_page(write, patient, journal_len).await? {
        for row in rows {
            let after = applied(case.clone(), &row)?;
            projection::project(
                write,
                patient,
                case.as_ref(),
                &after,
                &row.decisions,
                row.at,
            )
            .await?;
            case = Some(after);
            journal_len = row.number;
        }
    }
    let Some(case) = case else {
        bail!("the journal is empty: monitoring never started");
    };
    cases::save(write, patient, &LockedCase { case, journal_len }).await
}

/// Reads the rows after `after`; `None` at the end.
///
/// # Errors
/// When the database fails, or the journal has a hole.
pub(crate) async fn next_page(
    connection: &mut AnyConnection,
    patient: &PatientId,
    after: i64,
) -> anyhow::Result<Option<Vec<JournalRow>>> {
    let rows = journal::page(connection, patient, after).await?;
    for (row, expected) in rows.iter().zip(after + 1..) {
        ensure!(
            row.number == expected,
            "journal row {expected} of {patient} is missing: restore the database from a backup"
        );
    }
    Ok(Some(rows).filter(|rows| !rows.is_empty()))
}

/// Carries out what a row says was decided.
pub(crate) fn applied(before: Option<Case>, row: &JournalRow) -> anyhow::Result<Case> {
    let case = match (before, &row.event) {
        (None, Event::MonitoringStarted { coordinator, plan }) => {
            Case::new(coordinator.clone(), Plan::clone(plan))
        }
        (None, _) => bail!("the journal does not begin with the start of monitoring"),
        (Some(case), _) => case,
    };
    Ok(row
        .decisions
        .iter()
        .fold(case, |case, decision| case.apply(decision, row.at)))
}
