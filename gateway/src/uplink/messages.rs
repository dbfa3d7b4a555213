//! The gateway's messages, sealed and ready to publish; and receipts, opened and checked.

use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use vitals::report::{Ask, Report};
use vitals::topic::{Kind, Topic};
use vitals::wire::{
    Entry, Envelope, GatewayState, GatewayStatus, Readings, Receipt, Standing, WireError, head,
    seal,
};
use vitals::{Epoch, GatewayId, TagKey};

use crate::clock;
use crate::keys::SigningKey;
use crate::outbox::{ChainEnd, OutboxStatus};
use crate::radio::RadioStatus;

/// The largest number that every reader of JSON reads exactly.
const RUN_MAX: u64 = (1 << 53) - 1;

/// A message and where it goes.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
}

/// What this gateway says of itself.
pub(crate) fn status_of(
    state: GatewayState,
    told: Told<'_>,
    radio: &RadioStatus,
    now: Timestamp,
) -> GatewayStatus {
    let outbox = told.outbox;
    GatewayStatus {
        state,
        at: now,
        software_version: env!("CARGO_PKG_VERSION").to_owned(),
        outbox_len: outbox.unreceipted_len,
        oldest_unreceipted_at: outbox.oldest_unreceipted_at,
        outbox_used_percent: outbox.used_percent,
        refused_len: outbox.refused_len,
        radio_ready: radio.is_ready(),
        strangers_ignored: radio.strangers_ignored(),
        started_at: radio.started_at(now),
        run: None,
        certificate_ends_at: told.certificate_ends_at,
        devices: radio.devices(),
    }
}

/// What a status tells of this box beside its radio.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) outbox: &'a OutboxStatus,
    pub(crate) certificate_ends_at: Option<Timestamp>,
}

/// What the server says to this gateway.
#[derive(Debug)]
pub(super) enum Word {
    /// It has records.
    Receipt(Receipt),
    /// Where the gateway stands.
    Standing(Standing),
    /// The office wants a report.
    Ask,
}

/// Writes this gateway's messages and reads the server's.
pub(super) struct Messages {
    gateway: GatewayId,
    tag_key: TagKey,
    signing_key: SigningKey,
    radio: Arc<RadioStatus>,
    /// `None` when the system gave no randomness.
    run: Option<u64>,
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Messages")
            .field("gateway", &self.gateway)
            .finish_non_exhaustive()
    }
}

impl Messages {
    pub(super) fn new(
        gateway: GatewayId,
        tag_key: TagKey,
        signing_key: SigningKey,
        radio: Arc<RadioStatus>,
    ) -> Self {
        Self {
            gateway,
            tag_key,
            signing_key,
            radio,
            run: clock::random_up_to(RUN_MAX).ok(),
        }
    }

    pub(super) fn gateway(&self) -> &GatewayId {
        &self.gateway
    }

    pub(super) fn password(&self) -> String {
        self.tag_key.broker_password(&self.gateway)
    }

    /// Gives the topics on which the server speaks to this gateway.
    pub(super) fn down_topics(&self) -> [Topic; 3] {
        [Kind::Receipt, Kind::Standing, Kind::Ask].map(|kind| self.topic(kind))
    }

    pub(super) fn readings(&self, epoch: Epoch, entries: Vec<Entry>) -> anyhow::Result<Message> {
        let body = Readings { epoch, entries }.to_body()?;
        self.sealed(Kind::Readings, &body)
    }

    pub(super) fn head(
        &self,
        epoch: Epoch,
        end: ChainEnd,
        now: Timestamp,
    ) -> anyhow::Result<Message> {
        let head = self
            .signing_key
            .sign_head(&self.gateway, epoch, end.sequence, end.hash, now);
        self.sealed(Kind::Head, &head::to_body(&head))
    }

    pub(super) fn status(
        &self,
        state: GatewayState,
        told: Told<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Message> {
        let status = GatewayStatus {
            run: self.run,
            ..status_of(state, told, &self.radio, now)
        };
        self.sealed(Kind::Status, &status)
    }

    pub(super) fn report(&self, report: &Report) -> anyhow::Result<Message> {
        self.sealed(Kind::Report, report)
    }

    /// Reads what arrived: only a message on one of our own topics, tagged with our own key, is the server's word.
    pub(super) fn read(&self, topic: &[u8], payload: &[u8]) -> Result<Word, WireError> {
        let topic = std::str::from_utf8(topic)
            .ok()
            .and_then(Topic::parse)
            .filter(|topic| self.down_topics().contains(topic))
            .ok_or(WireError::WrongTopic)?;
        let envelope = Envelope::read(&topic, payload)?;
        let body = envelope.open(&self.tag_key)?;
        match topic.kind {
            Kind::Standing => Ok(Word::Standing(Standing::from_body(body)?)),
            Kind::Ask => Ask::from_body(body).map(|_| Word::Ask),
            _ => Ok(Word::Receipt(Receipt::from_body(body)?)),
        }
    }

    fn topic(&self, kind: Kind) -> Topic {
        Topic::new(self.gateway.clone(), kind)
    }

    fn sealed(&self, kind: Kind, body: &impl serde::Serialize) -> anyhow::Result<Message> {
        let topic = self.topic(kind);
        let payload = seal(&topic, &self.tag_key, body)
            .with_context(|| format!("a {} message cannot be written", kind.as_str()))?;
        Ok(Message {
            topic: topic.to_string(),
            payload,
        })
    }
}
