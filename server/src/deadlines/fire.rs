//! Firing: every due deadline of a case happens, in order, in one transaction with what follows from it.

use std::collections::BTreeSet;

use anyhow::{bail, ensure};
use clinical::silence::{Missed, classify};
use clinical::{Case, Deadline, Event, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;

use super::FIRED_PER_CASE_MAX;
use super::signs::{self, Knowing};
use crate::casework::Casebook;
use crate::crash;
use crate::store::Store;

/// What one transaction did.
#[derive(Debug, Default)]
pub(super) struct Fired {
    /// To whom something happened.
    pub(super) patients: BTreeSet<PatientId>,
    /// How many deadlines passed.
    pub(super) len: usize,
    /// Whether something is due still.
    pub(super) is_left: bool,
}

/// Lets everything happen that is due in some cases, in one transaction.
///
/// # Errors
/// When the database fails, a case cannot be read, or a deadline does not go away. Nothing has happened then.
pub(super) async fn fire(
    store: &Store,
    patients: &[PatientId],
    knowing: Knowing<'_>,
) -> anyhow::Result<Fired> {
    let mut write = store.write().await?;
    let mut casebook = Casebook::default();
    let mut fired = Fired::default();
    for patient in patients {
        fire_case(&mut write, &mut casebook, patient, knowing, &mut fired).await?;
    }
    if fired.len == 0 {
        // Another server was faster.
        return Ok(fired);
    }
    casebook.save(&mut write).await?;
    crash::point("deadlines.fired");
    write.commit().await?;
    crash::point("deadlines.committed");
    Ok(fired)
}

async fn fire_case(
    connection: &mut AnyConnection,
    casebook: &mut Casebook,
    patient: &PatientId,
    knowing: Knowing<'_>,
    fired: &mut Fired,
) -> anyhow::Result<()> {
    for _ in 0..FIRED_PER_CASE_MAX {
        let case = casebook.case(connection, patient).await?;
        let Some((case, due)) = case.and_then(|case| Some((case, due(case, knowing.now)?))) else {
            return Ok(());
        };
        let event = event(connection, patient, case, due, knowing).await?;
        let decided = casebook
            .handle(connection, patient, &event, knowing.now)
            .await?;
        if let Err(refusal) = decided {
            bail!("a deadline of {patient} is refused: {refusal}");
        }
        // Every deadline moves on when it fires. One that did not would fill the journal.
        let after = casebook.case(connection, patient).await?;
        ensure!(
            after.and_then(|case| self::due(case, knowing.now)) != Some(due),
            "a deadline of {patient} passed and is due still: {due:?}"
        );
        fired.patients.insert(patient.clone());
        fired.len += 1;
    }
    let case = casebook.case(connection, patient).await?;
    fired.is_left |= case.is_some_and(|case| due(case, knowing.now).is_some());
    Ok(())
}

fn due(case: &Case, now: Timestamp) -> Option<(Timestamp, Deadline)> {
    case.next_deadline().filter(|(due_at, _)| *due_at <= now)
}

/// Says what happens. A window that closed without its reading closes with the likely cause.
async fn event(
    connection: &mut AnyConnection,
    patient: &PatientId,
    case: &Case,
    (due_at, what): (Timestamp, Deadline),
    knowing: Knowing<'_>,
) -> anyhow::Result<Event> {
    let passed = Event::DeadlinePassed { what, due_at };
    let Deadline::WindowCloses { what } = what else {
        return Ok(passed);
    };
    let Some(due) = case.expecting(what).map(|expecting| expecting.due) else {
        return Ok(passed);
    };
    if case.has_reading_in(&due) {
        return Ok(passed);
    }
    let Some(signs) = signs::gather(connection, patient, case, &due, knowing).await? else {
        return Ok(passed);
    };
    let step = case.missed_step(&due);
    let finding = classify(&Missed { due, step }, &signs, knowing.limits, knowing.now);
    Ok(Event::WindowClosed { due, finding })
}
