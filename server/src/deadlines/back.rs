//! Back: a gateway is heard again, and the windows that its silence had left empty are explained by what is known now.

use std::collections::BTreeSet;

use anyhow::bail;
use clinical::case::MissedWindow;
use clinical::silence::{Cause, Missed, Stretch, reclassify};
use clinical::{Event, PatientId};
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;
use vitals::GatewayId;

use super::signs::{self, Knowing};
use super::{CASES_PER_WRITE_MAX, DUE_LEN_MAX};
use crate::casework::Casebook;
use crate::store::{Store, heard, homes};

/// Looks again at the windows of the gateways that are back and had the time to deliver what they hold. Gives to whom
/// something happened.
///
/// # Errors
/// When the database fails or a case cannot be read. What was not looked at is looked at again.
pub(super) async fn explain(
    store: &Store,
    knowing: Knowing<'_>,
) -> anyhow::Result<BTreeSet<PatientId>> {
    let settle = SignedDuration::from_mins(knowing.limits.settle_minutes.into());
    let over_by = knowing.now.checked_sub(settle).unwrap_or(Timestamp::MIN);
    let mut reader = store.readers().acquire().await?;
    let back = heard::to_look_at(&mut reader, over_by, DUE_LEN_MAX).await?;
    drop(reader);
    let mut explained = BTreeSet::new();
    for chunk in back.chunks(CASES_PER_WRITE_MAX) {
        explained.extend(explain_chunk(store, chunk, knowing).await?);
    }
    Ok(explained)
}

async fn explain_chunk(
    store: &Store,
    back: &[(GatewayId, Stretch)],
    knowing: Knowing<'_>,
) -> anyhow::Result<BTreeSet<PatientId>> {
    let mut write = store.write().await?;
    // In the order in which every server takes cases.
    let mut silences: BTreeSet<(PatientId, Timestamp, Timestamp)> = BTreeSet::new();
    for (gateway, stretch) in back {
        if !heard::note_looked_at(&mut write, gateway, stretch, knowing.now).await? {
            // Another server was faster.
            continue;
        }
        let until = stretch.until.unwrap_or(knowing.now);
        for patient in homes::patients_of(&mut write, gateway).await? {
            silences.insert((patient, stretch.from, until));
        }
    }
    let mut casebook = Casebook::default();
    let mut explained = BTreeSet::new();
    for (patient, from, until) in silences {
        let case = casebook.case(&mut write, &patient).await?;
        let missed = case.into_iter().flat_map(clinical::Case::last_missed);
        let missed: Vec<MissedWindow> = missed
            .filter(|it| is_of_the_home(it.finding.cause))
            .filter(|it| from < it.due.due_at && it.due.opens < until)
            .cloned()
            .collect();
        for window in missed {
            if explain_window(&mut write, &mut casebook, &patient, window, knowing).await? {
                explained.insert(patient.clone());
            }
        }
    }
    casebook.save(&mut write).await?;
    write.commit().await?;
    Ok(explained)
}

/// Tells whether a cause was found by a silence that might have been one or the other.
fn is_of_the_home(cause: Cause) -> bool {
    matches!(cause, Cause::GatewayOff | Cause::HomeInternetDown)
}

async fn explain_window(
    connection: &mut AnyConnection,
    casebook: &mut Casebook,
    patient: &PatientId,
    window: MissedWindow,
    knowing: Knowing<'_>,
) -> anyhow::Result<bool> {
    let MissedWindow { due, finding } = window;
    let Some(case) = casebook.case(connection, patient).await? else {
        return Ok(false);
    };
    let step = case.step_so_far(due.what);
    let Some(signs) = signs::gather(connection, patient, case, &due, knowing).await? else {
        return Ok(false);
    };
    let missed = Missed { due, step };
    let Some(finding) = reclassify(&finding, &missed, &signs, knowing.limits, knowing.now) else {
        return Ok(false);
    };
    let event = Event::WindowExplained { due, finding };
    let decided = casebook
        .handle(connection, patient, &event, knowing.now)
        .await?;
    if let Err(refusal) = decided {
        bail!("a window of {patient} cannot be explained: {refusal}");
    }
    Ok(true)
}
