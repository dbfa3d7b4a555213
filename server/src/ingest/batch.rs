//! A batch: many messages in one transaction, so that one wait for the disk serves them all.

use std::collections::{BTreeMap, BTreeSet};

use clinical::PatientId;
use jiff::Timestamp;
use sqlx::AnyConnection;
use thiserror::Error;
use vitals::topic::Topic;
use vitals::wire::GatewayStatus;
use vitals::{DeviceId, GatewayId};

use super::asks;
use super::clones::Life;
use super::messages;
use super::receipts::{self, Tally};
use super::standing;
use crate::casework::Casebook;
use crate::crash;
use crate::store::Store;
use crate::store::devices::{self, Owner};
use crate::store::gateways::{self, Gateway};
use crate::store::heard;
use crate::store::quarantine::{self, Kept, Refused};

/// One message from a gateway.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Where it was published.
    pub topic: &'a Topic,
    /// What was published.
    pub payload: &'a [u8],
}

/// What one committed batch did.
#[derive(Debug)]
pub struct Stored {
    /// What to send to the gateways: sealed receipts.
    pub receipts: Vec<(Topic, Vec<u8>)>,
    /// What gateways are told of their standing, and asked, sealed.
    pub standings: Vec<(Topic, Vec<u8>)>,
    /// Whose pages have changed.
    pub patients: BTreeSet<PatientId>,
    /// What was refused and kept as evidence.
    pub set_aside: Vec<SetAside>,
    /// By what it can be told whether a gateway's identity is used in two places, in the order of arrival.
    pub lives: Vec<(GatewayId, Life)>,
}

/// Something that was refused, as it may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// On whose topic it came.
    pub gateway: GatewayId,
    /// What it was sent as.
    pub kind: &'static str,
    /// The refusal's stable name.
    pub reason: &'static str,
    /// Whether the quarantine took it; `None` for a record, which is kept as an entry.
    pub kept: Option<Kept>,
}

/// Why a batch was not stored. Nothing of it was.
#[derive(Debug, Error)]
pub enum BatchError {
    /// The database takes no transaction: every batch would fail.
    #[error("the database does not take a write")]
    Unavailable(#[source] anyhow::Error),
    /// This batch failed; one of its messages may be why.
    #[error("a batch of messages could not be stored")]
    Failed(#[source] anyhow::Error),
}

/// Stores and judges messages in one transaction. A device's clock is wrong that is off by `clock_wrong_from_seconds`.
///
/// # Errors
/// When the database fails. Nothing was stored then; no message may be acknowledged.
pub async fn store_batch(
    store: &Store,
    messages: &[Message<'_>],
    now: Timestamp,
    clock_wrong_from_seconds: u32,
) -> Result<Stored, BatchError> {
    let mut write = store.write().await.map_err(BatchError::Unavailable)?;
    let batch = Batch::new(now, clock_wrong_from_seconds);
    let stored = judge_batch(&mut write, messages, batch)
        .await
        .map_err(BatchError::Failed)?;
    crash::point("ingest.judged");
    write
        .commit()
        .await
        .map_err(|error| BatchError::Failed(error.into()))?;
    Ok(stored)
}

async fn judge_batch(
    connection: &mut AnyConnection,
    messages: &[Message<'_>],
    mut batch: Batch,
) -> anyhow::Result<Stored> {
    let now = batch.now;
    for message in messages {
        messages::take(connection, &mut batch, *message).await?;
    }
    batch.casebook.save(connection).await?;
    let receipts = receipts::write(connection, &batch.tally, &batch.gateways, now).await?;
    write_heard(connection, &batch.heard, now).await?;
    let mut standings = standing::write(&batch.heard, &batch.gateways)?;
    standings.extend(asks::write(connection, &batch.heard, &batch.gateways).await?);
    Ok(Stored {
        receipts,
        standings,
        patients: batch.patients,
        set_aside: batch.set_aside,
        lives: batch.lives,
    })
}

/// Notes who was heard. The gateways' order is the same in every batch, so that two batches never wait for each other.
async fn write_heard(
    connection: &mut AnyConnection,
    all: &BTreeMap<GatewayId, Option<GatewayStatus>>,
    now: Timestamp,
) -> anyhow::Result<()> {
    for (gateway, status) in all {
        heard::note(connection, gateway, now).await?;
        if let Some(status) = status {
            heard::note_status(connection, gateway, status, now).await?;
        }
    }
    Ok(())
}

/// What the messages of a batch share.
pub(super) struct Batch {
    pub(super) now: Timestamp,
    pub(super) clock_wrong_from_seconds: u32,
    pub(super) casebook: Casebook,
    pub(super) tally: Tally,
    pub(super) patients: BTreeSet<PatientId>,
    set_aside: Vec<SetAside>,
    lives: Vec<(GatewayId, Life)>,
    heard: BTreeMap<GatewayId, Option<GatewayStatus>>,
    gateways: BTreeMap<GatewayId, Option<Gateway>>,
    devices: BTreeMap<(GatewayId, DeviceId), Option<Owner>>,
}

impl Batch {
    fn new(now: Timestamp, clock_wrong_from_seconds: u32) -> Self {
        Self {
            now,
            clock_wrong_from_seconds,
            casebook: Casebook::default(),
            tally: Tally::default(),
            patients: BTreeSet::new(),
            set_aside: Vec::new(),
            lives: Vec::new(),
            heard: BTreeMap::new(),
            gateways: BTreeMap::new(),
            devices: BTreeMap::new(),
        }
    }

    /// Notes that a gateway was heard, with the status that it wrote itself if this is one.
    pub(super) fn note_heard(&mut self, gateway: &GatewayId, status: Option<&GatewayStatus>) {
        let known = self.heard.entry(gateway.clone()).or_default();
        *known = status.cloned().or(known.take());
    }

    /// Notes something that a gateway said which tells it from another of its name.
    pub(super) fn note_life(&mut self, gateway: &GatewayId, life: Life) {
        self.lives.push((gateway.clone(), life));
    }

    pub(super) async fn gateway(
        &mut self,
        connection: &mut AnyConnection,
        id: &GatewayId,
    ) -> anyhow::Result<Option<Gateway>> {
        if let Some(known) = self.gateways.get(id) {
            return Ok(known.clone());
        }
        let found = gateways::by_id(connection, id).await?;
        self.gateways.insert(id.clone(), found.clone());
        Ok(found)
    }

    pub(super) async fn owner_of(
        &mut self,
        connection: &mut AnyConnection,
        device: &DeviceId,
        gateway: &GatewayId,
    ) -> anyhow::Result<Option<Owner>> {
        let key = (gateway.clone(), device.clone());
        if let Some(known) = self.devices.get(&key) {
            return Ok(known.clone());
        }
        let found = devices::owner_of(connection, device, gateway).await?;
        self.devices.insert(key, found.clone());
        Ok(found)
    }

    /// Keeps what was refused whole in the quarantine.
    pub(super) async fn quarantine(
        &mut self,
        connection: &mut AnyConnection,
        refused: Refused<'_>,
    ) -> anyhow::Result<Kept> {
        let kept = quarantine::keep(connection, &refused, self.now).await?;
        self.set_aside.push(SetAside {
            gateway: refused.gateway.clone(),
            kind: refused.kind,
            reason: refused.reason,
            kept: Some(kept),
        });
        Ok(kept)
    }

    /// Notes a record that was refused and is kept as an entry.
    pub(super) fn note_refused_record(&mut self, gateway: &GatewayId, reason: &'static str) {
        self.set_aside.push(SetAside {
            gateway: gateway.clone(),
            kind: "record",
            reason,
            kept: None,
        });
    }
}
