//! Casework: an event happens to a patient's case, and everything that follows is written in one transaction.

use std::collections::BTreeMap;

use clinical::{Case, Decision, Event, PatientId, Refusal, step};
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::projection;
use crate::store::cases::{self, LockedCase};
use crate::store::{Write, journal, readings};

/// Lets one event happen and saves the case.
///
/// The outer error is of the database: the write must then be dropped. The inner one is a refusal: nothing happened.
///
/// # Errors
/// When the database fails.
pub async fn handle(
    write: &mut Write<'_>,
    patient: &PatientId,
    event: &Event,
    now: Timestamp,
) -> anyhow::Result<Result<Vec<Decision>, Refusal>> {
    let mut casebook = Casebook::default();
    let decisions = casebook.handle(write, patient, event, now).await?;
    casebook.save(write).await?;
    Ok(decisions)
}

/// The cases that one transaction has taken: each is loaded once and saved once, however many events happen to it.
#[derive(Debug, Default)]
pub struct Casebook {
    taken: BTreeMap<PatientId, Option<LockedCase>>,
}

impl Casebook {
    /// Gives a patient's case, taking it first; `None` before monitoring has started.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case(
        &mut self,
        connection: &mut AnyConnection,
        patient: &PatientId,
    ) -> anyhow::Result<Option<&Case>> {
        self.take(connection, patient).await?;
        let taken = self.taken.get(patient).and_then(Option::as_ref);
        Ok(taken.map(|locked| &locked.case))
    }

    /// Lets one event happen: decides, writes the journal row and the projections. The case itself is saved by
    /// [`Casebook::save`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn handle(
        &mut self,
        connection: &mut AnyConnection,
        patient: &PatientId,
        event: &Event,
        now: Timestamp,
    ) -> anyhow::Result<Result<Vec<Decision>, Refusal>> {
        self.take(connection, patient).await?;
        if let Event::ReadingStruck(strike) = event
            && !readings::is_of(connection, strike.reading, patient).await?
        {
            return Ok(Err(Refusal::NotTheirReading(strike.reading)));
        }
        let taken = self.taken.get(patient).cloned().flatten();
        let before = taken.as_ref().map(|locked| locked.case.clone());
        let number = taken.map_or(0, |locked| locked.journal_len) + 1;
        let step = match step(before.clone(), event, now) {
            Ok(step) => step,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let plan = step.case.plan().version;
        journal::append(
            connection,
            patient,
            number,
            event,
            &step.decisions,
            plan,
            now,
        )
        .await?;
        projection::project(
            connection,
            patient,
            before.as_ref(),
            &step.case,
            &step.decisions,
            now,
        )
        .await?;
        let locked = LockedCase {
            case: step.case,
            journal_len: number,
        };
        self.taken.insert(patient.clone(), Some(locked));
        Ok(Ok(step.decisions))
    }

    /// Saves every case that was taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(self, connection: &mut AnyConnection) -> anyhow::Result<()> {
        for (patient, locked) in self.taken {
            if let Some(locked) = locked {
                cases::save(connection, &patient, &locked).await?;
            }
        }
        Ok(())
    }

    async fn take(
        &mut self,
        connection: &mut AnyConnection,
        patient: &PatientId,
    ) -> anyhow::Result<()> {
        if !self.taken.contains_key(patient) {
            let locked = cases::lock(connection, patient).await?;
            self.taken.insert(patient.clone(), locked);
        }
        Ok(())
    }
}
