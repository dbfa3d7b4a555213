//! A readings message: each record is stored as an entry, and a new reading or attempt happens to its patient's case.

use anyhow::bail;
use clinical::{DeviceClock, Event, ReadingStored};
use sqlx::AnyConnection;
use vitals::wire::{self, Entry, Readings, RefusalReason};
use vitals::{GatewayId, Record};

use super::batch::Batch;
use super::clones::Life;
use super::receipts::Answer;
use crate::boxes::life::is_of_before;
use crate::store::devices::Owner;
use crate::store::entries::{self, Place};
use crate::store::quarantine::{Kept, Refused};
use crate::store::{readings, test_records};

pub(super) async fn take(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    gateway: &GatewayId,
    message: &Readings,
) -> anyhow::Result<()> {
    for entry in &message.entries {
        let place = Place {
            gateway: gateway.clone(),
            epoch: message.epoch,
            sequence: entry.sequence,
        };
        let answer = take_entry(connection, batch, &place, entry).await?;
        batch.tally.note(&place, answer);
    }
    Ok(())
}

async fn take_entry(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    place: &Place,
    entry: &Entry,
) -> anyhow::Result<Answer> {
    let read = read(connection, batch, place, entry).await?;
    let refused = read.as_ref().err().copied();
    if !entries::insert(connection, place, entry, refused, batch.now).await? {
        return known_number(connection, batch, place, entry).await;
    }
    batch.note_life(&place.gateway, Life::Epoch(place.epoch));
    match read {
        Ok((record, owner)) => {
            happen(connection, batch, place, &record, &owner).await?;
            Ok(Answer::Stored)
        }
        Err(reason) => {
            batch.note_refused_record(&place.gateway, entries::refusal_code(reason));
            Ok(Answer::Refused(reason))
        }
    }
}

/// Reads the record and finds whose it is, or says why it will never count.
async fn read(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    place: &Place,
    entry: &Entry,
) -> anyhow::Result<Result<(Record, Owner), RefusalReason>> {
    let Ok(record) = wire::record::read(&entry.record) else {
        return Ok(Err(RefusalReason::Malformed));
    };
    let owner = batch
        .owner_of(connection, record.device(), &place.gateway)
        .await?;
    Ok(owner
        .filter(|owner| owner.until.is_none_or(|until| is_of_before(&record, until)))
        .map(|owner| (record, owner))
        .ok_or(RefusalReason::UnknownDevice))
}

/// The number came before: with the same content it is answered as it was then, with other content it is a conflict.
async fn known_number(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    place: &Place,
    entry: &Entry,
) -> anyhow::Result<Answer> {
    let Some(known) = entries::known(connection, place).await? else {
        bail!("an entry was neither stored nor there before");
    };
    if known.hash == entry.hash(place.epoch) {
        return Ok(known.refused.map_or(Answer::Stored, Answer::Refused));
    }
    let detail = format!(
        "epoch {} number {} came before with other content: this outbox was copied, or the message was forged",
        place.epoch,
        place.sequence.get()
    );
    let refused = Refused {
        gateway: &place.gateway,
        kind: "record",
        reason: entries::refusal_code(RefusalReason::SequenceConflict),
        detail: &detail,
        payload: entry.record.as_bytes(),
    };
    if batch.quarantine(connection, refused).await? != Kept::Before {
        batch.note_life(&place.gateway, Life::Conflict);
    }
    Ok(Answer::Refused(RefusalReason::SequenceConflict))
}

async fn happen(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    place: &Place,
    record: &Record,
    owner: &Owner,
) -> anyhow::Result<()> {
    let now = batch.now;
    let patient = &owner.patient;
    let gateway = batch.gateway(connection, &place.gateway).await?;
    if gateway.is_some_and(|gateway| gateway.life.makes_a_test_of(record)) {
        if test_records::insert(connection, record, patient, place, now).await? {
            batch.patients.insert(patient.clone());
        }
        return Ok(());
    }
    let (is_new, event) = match record {
        Record::Reading(reading) => (
            readings::insert_reading(connection, reading, patient, place, now).await?,
            Event::ReadingStored(ReadingStored {
                registered_user: owner.user_index,
                clock: DeviceClock::of(reading, batch.clock_wrong_from_seconds),
                ..reading.into()
            }),
        ),
        Record::Attempt(attempt) => (
            readings::insert_attempt(connection, attempt, patient, place, now).await?,
            Event::AttemptStored(attempt.into()),
        ),
    };
    // A device that repeats its memory gets a new number for what was counted before.
    if !is_new {
        return Ok(());
    }
    if let Err(refusal) = batch
        .casebook
        .handle(connection, patient, &event, now)
        .await?
    {
        bail!("a reading cannot be judged, so it is not taken: {refusal}");
    }
    batch.patients.insert(patient.clone());
    Ok(())
}
