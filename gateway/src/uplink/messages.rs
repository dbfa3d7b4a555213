//! The gateway's messages, sealed and ready to publish; and receipts, opened and checked.

use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use vitals::topic::{Kind, Topic};
use vitals::wire::{
    Entry, Envelope, GatewayState, GatewayStatus, Readings, Receipt, WireError, head, seal,
};
use vitals::{Epoch, GatewayId, TagKey};

use crate::keys::SigningKey;
use crate::outbox::{ChainEnd, OutboxStatus};
use crate::radio::RadioStatus;

/// A message and where it goes.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
}

/// What this gateway says of itself.
pub(crate) fn status_of(
    state: GatewayState,
    outbox: &OutboxStatus,
    radio: &RadioStatus,
    now: Timestamp,
) -> GatewayStatus {
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
        devices: radio.devices(),
    }
}

/// Writes this gateway's messages and reads its receipts.
pub(super) struct Messages {
    gateway: GatewayId,
    tag_key: TagKey,
    signing_key: SigningKey,
    radio: Arc<RadioStatus>,
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
        }
    }

    pub(super) fn gateway(&self) -> &GatewayId {
        &self.gateway
    }

    pub(super) fn password(&self) -> String {
        self.tag_key.broker_password(&self.gateway)
    }

    pub(super) fn receipt_topic(&self) -> Topic {
        self.topic(Kind::Receipt)
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
        outbox: &OutboxStatus,
        now: Timestamp,
    ) -> anyhow::Result<Message> {
        self.sealed(Kind::Status, &status_of(state, outbox, &self.radio, now))
    }

    /// Reads what arrived: only a message on our own receipt topic, tagged with our own key, is a receipt.
    pub(super) fn receipt(&self, topic: &[u8], payload: &[u8]) -> Result<Receipt, WireError> {
        let topic = std::str::from_utf8(topic)
            .ok()
            .and_then(Topic::parse)
            .filter(|topic| *topic == self.receipt_topic())
            .ok_or(WireError::WrongTopic)?;
        let envelope = Envelope::read(&topic, payload)?;
        Receipt::from_body(envelope.open(&self.tag_key)?)
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
