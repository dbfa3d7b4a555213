//! One message: believed by its tag, then taken by its kind, or set aside whole.

use jiff::Timestamp;
use sqlx::AnyConnection;
use thiserror::Error;
use vitals::chain::ChainError;
use vitals::report::Report;
use vitals::topic::Kind;
use vitals::wire::{Envelope, GatewayState, GatewayStatus, Readings, WireError, head};
use vitals::{ChainHead, GatewayId};

use super::batch::{Batch, Message};
use super::clones::Life;
use super::{readings, time_known};
use crate::store::gateways::Gateway;
use crate::store::quarantine::Refused;
use crate::store::{heads, reports, statuses};

/// Why a message is refused whole.
#[derive(Debug, Error)]
enum MessageRefusal {
    /// No such gateway is registered.
    #[error("no gateway of this name is registered")]
    UnknownGateway,
    /// The gateway was revoked.
    #[error("this gateway was revoked at {0}; nothing that it says is believed any more")]
    Revoked(Timestamp),
    /// A kind that only the server sends.
    #[error("a gateway does not send messages of this kind")]
    NotAnUplink,
    /// The head was signed by another key, or not at all.
    #[error(transparent)]
    Signature(ChainError),
    /// The message breaks the wire contract.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl MessageRefusal {
    fn name(&self) -> &'static str {
        match self {
            Self::UnknownGateway => "unknown_gateway",
            Self::Revoked(_) => "revoked",
            Self::NotAnUplink => "not_an_uplink",
            Self::Signature(_) => "wrong_signature",
            Self::Wire(error) => error.name(),
        }
    }
}

/// A message whose tag is its gateway's.
enum Believed {
    Readings(Readings),
    Head(ChainHead),
    Status(GatewayStatus),
    Report(Report),
}

/// Takes one message. A refusal is an answer like any other: it is kept, and the message is done with.
pub(super) async fn take(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    message: Message<'_>,
) -> anyhow::Result<()> {
    let gateway = &message.topic.gateway;
    let known = batch.gateway(connection, gateway).await?;
    match believe(known.as_ref(), message, batch.now) {
        Ok(Believed::Readings(readings)) => {
            batch.note_heard(gateway, None);
            readings::take(connection, batch, gateway, &readings).await
        }
        Ok(Believed::Head(head)) => {
            batch.note_heard(gateway, None);
            if heads::insert(connection, gateway, &head, batch.now).await? {
                batch.note_life(gateway, Life::Epoch(head.epoch));
            }
            Ok(())
        }
        Ok(Believed::Status(status)) => {
            // A last will is the broker's word: the gateway was not heard.
            if status.state != GatewayState::Offline {
                batch.note_heard(gateway, Some(&status));
                time_known::take(connection, batch, gateway, &status).await?;
                if let Some(run) = status.run {
                    let at = status.at;
                    batch.note_life(gateway, Life::Run { run, at });
                }
            }
            statuses::put(connection, gateway, &status, batch.now).await
        }
        Ok(Believed::Report(report)) => {
            batch.note_heard(gateway, None);
            reports::put(connection, gateway, &report, batch.now).await
        }
        Err(refusal) => set_aside(connection, batch, message, &refusal).await,
    }
}

fn believe(
    gateway: Option<&Gateway>,
    message: Message<'_>,
    now: Timestamp,
) -> Result<Believed, MessageRefusal> {
    let gateway = gateway.ok_or(MessageRefusal::UnknownGateway)?;
    if let Some(since) = gateway.revoked_at.or(gateway.life.drained_at(now)) {
        return Err(MessageRefusal::Revoked(since));
    }
    let envelope = Envelope::read(message.topic, message.payload)?;
    let body = envelope.open(&gateway.tag_key)?;
    match message.topic.kind {
        Kind::Readings => Ok(Believed::Readings(Readings::from_body(body)?)),
        Kind::Head => believe_head(gateway, &message.topic.gateway, body),
        Kind::Status => Ok(Believed::Status(GatewayStatus::from_body(body)?)),
        Kind::Report => Ok(Believed::Report(Report::from_body(body)?)),
        Kind::Receipt | Kind::Standing | Kind::Ask => Err(MessageRefusal::NotAnUplink),
    }
}

fn believe_head(gateway: &Gateway, id: &GatewayId, body: &str) -> Result<Believed, MessageRefusal> {
    let head = head::from_body(body)?;
    head.verify(id, &gateway.signing_public_key)
        .map_err(MessageRefusal::Signature)?;
    Ok(Believed::Head(head))
}

async fn set_aside(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    message: Message<'_>,
    refusal: &MessageRefusal,
) -> anyhow::Result<()> {
    let refused = Refused {
        gateway: &message.topic.gateway,
        kind: message.topic.kind.as_str(),
        reason: refusal.name(),
        detail: &refusal.to_string(),
        payload: message.payload,
    };
    batch.quarantine(connection, refused).await.map(drop)
}
