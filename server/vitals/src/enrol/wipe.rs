//! The proof of a wipe: a box that is reset to how it left the factory signs that it was, and the server checks it later.
//!
//! Names of boxes are never used twice, so that a proof is good for one life of one box only. Its time is the box's own
//! word: a box that was just reset may not know the time yet, and proves no less.

use std::fmt;

use jiff::Timestamp;
use ring::signature::{ED25519, UnparsedPublicKey};
use thiserror::Error;

use crate::chain::framed;
use crate::id::GatewayId;

const DOMAIN: &[u8] = b"hearth wipe v1";
/// What a statement begins with.
const FIRST_WORD: &str = "WIPED";
const SIGNATURE_LEN: usize = 64;
/// How many characters of the signature stand together, for whoever types them.
const GROUP_LEN: usize = 8;
/// The longest statement that is read, in bytes: twice what a statement with the longest name takes.
pub const STATEMENT_LEN_MAX: usize = 512;

/// What a box says when it was wiped. It is believed only by its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The name that the box had until then.
    pub gateway: GatewayId,
    /// When it was wiped, by the box's clock, in whole seconds.
    pub at: Timestamp,
    signature: [u8; SIGNATURE_LEN],
}

/// Why a text proves no wipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WipeError {
    /// It is no statement.
    #[error(
        "this is no proof of a wipe: it begins with {FIRST_WORD} and the box's name, as `gateway factory-reset` prints it; \
         copy or scan the whole line"
    )]
    Malformed,
    /// Another key signed it, or a letter is wrong.
    #[error(
        "this proof was not signed by the box of this name, or a character of it is wrong: copy or scan the whole line again"
    )]
    Signature,
}

/// Gives the bytes that the box's signing key signs.
pub fn signed_bytes(gateway: &GatewayId, at: Timestamp) -> Vec<u8> {
    framed(&[
        DOMAIN,
        gateway.as_str().as_bytes(),
        &at.as_second().to_be_bytes(),
    ])
}

/// Writes the statement of a wipe, which `sign` signs with the box's signing key: one line of capitals, digits and signs
/// that a QR code holds in its short form.
pub fn statement(
    gateway: &GatewayId,
    at: Timestamp,
    sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_LEN],
) -> String {
    Statement {
        gateway: gateway.clone(),
        at: Timestamp::from_second(at.as_second()).unwrap_or(at),
        signature: sign(&signed_bytes(gateway, at)),
    }
    .to_string()
}

impl Statement {
    /// Reads what was typed or scanned: in any case, with any spaces between its words and groups.
    ///
    /// # Errors
    /// When it is no statement.
    pub fn read(text: &str) -> Result<Self, WipeError> {
        if text.len() > STATEMENT_LEN_MAX {
            return Err(WipeError::Malformed);
        }
        let mut words = text.split_whitespace();
        let mut word = || words.next().ok_or(WipeError::Malformed);
        if !word()?.eq_ignore_ascii_case(FIRST_WORD) {
            return Err(WipeError::Malformed);
        }
        let gateway = word()?.to_ascii_lowercase();
        let at = word()?.to_ascii_uppercase();
        let digits: String = words.flat_map(|it| it.split('-')).collect();
        let mut signature = [0; SIGNATURE_LEN];
        hex::decode_to_slice(&digits, &mut signature).map_err(|_| WipeError::Malformed)?;
        Ok(Self {
            gateway: gateway.try_into().map_err(|_| WipeError::Malformed)?,
            at: at.parse().map_err(|_| WipeError::Malformed)?,
            signature,
        })
    }

    /// Checks that the box whose public key this is signed it.
    ///
    /// # Errors
    /// When it did not.
    pub fn verify(&self, public_key: &[u8]) -> Result<(), WipeError> {
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(&signed_bytes(&self.gateway, self.at), &self.signature)
            .map_err(|_| WipeError::Signature)
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.gateway.as_str().to_ascii_uppercase();
        write!(f, "{FIRST_WORD} {name} {}", self.at)?;
        let digits = hex::encode_upper(self.signature);
        let mut before = ' ';
        for (index, digit) in digits.chars().enumerate() {
            if index % GROUP_LEN == 0 {
                write!(f, "{before}")?;
                before = '-';
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};

    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn said(gateway: &str, seed: u8) -> String {
        let at = "2026-11-27T09:00:00.25Z".parse().unwrap();
        statement(&gateway.parse().unwrap(), at, |bytes| {
            pair(seed).sign(bytes).as_ref().try_into().unwrap()
        })
    }

    #[test]
    fn a_statement_is_read_as_it_was_written_however_it_was_typed() {
        let text = said("gw-wdjbmj", 1);
        assert!(
            text.starts_with("WIPED GW-WDJBMJ 2026-11-27T09:00:00Z "),
            "{text}"
        );
        let short = |it: char| it.is_ascii_uppercase() || it.is_ascii_digit() || " -:".contains(it);
        assert!(text.chars().all(short) && text.len() < 200, "{text}");
        let (words, signature) = text.rsplit_once(' ').unwrap();
        let typed = format!(
            "{}  {}",
            words.to_lowercase(),
            signature.replace('-', " - ")
        );
        for text in [
            text.clone(),
            typed,
            text.replace(' ', "\n"),
            text.to_lowercase(),
        ] {
            let read = Statement::read(&text).unwrap();
            assert_eq!(read.gateway.as_str(), "gw-wdjbmj");
            assert_eq!(read.verify(pair(1).public_key().as_ref()), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_statement_is_one_boxs_of_one_name_and_time() {
        let text = said("gw-wdjbmj", 1);
        let key = pair(1).public_key().as_ref().to_vec();
        let other = pair(2).public_key().as_ref().to_vec();
        assert_eq!(
            Statement::read(&text).unwrap().verify(&other),
            Err(WipeError::Signature)
        );
        for (from, to) in [("WDJBMJ", "WDJBMK"), ("09:00:00Z", "09:00:01Z")] {
            let changed = text.replace(from, to);
            assert_ne!(changed, text);
            let read = Statement::read(&changed).unwrap();
            assert_eq!(read.verify(&key), Err(WipeError::Signature), "{changed}");
        }
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        let text = said("gw-wdjbmj", 1);
        let long = format!("{text}{}", " ".repeat(STATEMENT_LEN_MAX));
        let cut = &text[..text.len() - 1];
        let named = text.replace("GW-WDJBMJ", "GW_1");
        for refused in ["", "WIPED", "WIPED GW-1", cut, &long, &named, &text[1..]] {
            assert_eq!(Statement::read(refused), Err(WipeError::Malformed));
        }
    }
}
