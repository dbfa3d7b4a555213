//! The chain head as a message body.

use serde::{Deserialize, Serialize};

use super::WireError;
use crate::chain::{ChainError, ChainHead, Sequence};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHead {
    epoch: String,
    sequence: u64,
    hash: String,
    signed_at: String,
    signature: String,
}

/// Gives the body to be sealed into an envelope.
pub fn to_body(head: &ChainHead) -> impl Serialize + use<> {
    WireHead {
        epoch: head.epoch.to_string(),
        sequence: head.sequence.get(),
        hash: head.hash.to_string(),
        signed_at: head.signed_at.to_string(),
        signature: hex::encode(head.signature),
    }
}

/// Reads the body of an opened envelope. The signature is not checked here: see [`ChainHead::verify`].
///
/// # Errors
/// A named refusal.
pub fn from_body(body: &str) -> Result<ChainHead, WireError> {
    let wire: WireHead = serde_json::from_str(body)?;
    let mut signature = [0; 64];
    hex::decode_to_slice(&wire.signature, &mut signature).map_err(|_| ChainError::Signature)?;
    Ok(ChainHead {
        epoch: wire.epoch.parse()?,
        sequence: Sequence::new(wire.sequence)?,
        hash: wire.hash.parse()?,
        signed_at: wire.signed_at.parse()?,
        signature,
    })
}
