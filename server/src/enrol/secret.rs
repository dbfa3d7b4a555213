//! What is kept of a code: HMACs by a key of this server, so that whoever reads the database learns no code.

use std::fmt;

use ring::hmac;
use vitals::enrol::Code;

/// The length of the key, in bytes.
pub const CODE_KEY_LEN: usize = 32;
const HALF_DOMAIN: &[u8] = b"hearth code half v1:";
const CODE_DOMAIN: &[u8] = b"hearth code v1:";

/// The key by which codes are hashed.
pub struct CodeKey(hmac::Key);

/// A code as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// The HMAC of the letters before the dash, hexadecimal: a job is found by it, so that a code that is wrong only after
    /// the dash can be counted against its job.
    pub half: String,
    /// The HMAC of all letters, hexadecimal.
    pub whole: String,
}

impl CodeKey {
    /// Takes the key's bytes.
    pub fn new(bytes: &[u8; CODE_KEY_LEN]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Gives what is stored of a code.
    pub fn store(&self, code: &Code) -> StoredCode {
        let whole = [CODE_DOMAIN, code.letters().as_slice()].concat();
        StoredCode {
            half: self.half(code),
            whole: hex::encode(hmac::sign(&self.0, &whole).as_ref()),
        }
    }

    /// Gives what a job is found by.
    pub fn half(&self, code: &Code) -> String {
        let half = [HALF_DOMAIN, code.first_half()].concat();
        hex::encode(hmac::sign(&self.0, &half).as_ref())
    }

    /// Tells, in constant time, whether this is the code of which `whole` was stored.
    pub fn matches(&self, code: &Code, whole: &str) -> bool {
        let typed = [CODE_DOMAIN, code.letters().as_slice()].concat();
        hex::decode(whole).is_ok_and(|tag| hmac::verify(&self.0, &typed, &tag).is_ok())
    }
}

/// A key is a secret: its debug form shows nothing of it.
impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_code_fits_itself_only_and_by_its_own_key_only() {
        let key = CodeKey::new(&[1; CODE_KEY_LEN]);
        let code = |text: &str| text.parse::<Code>().unwrap();
        let stored = key.store(&code("WDJB-MJHT"));
        assert!(key.matches(&code("wdjbmjht"), &stored.whole));
        assert_eq!(key.half(&code("WDJB-BBBB")), stored.half);
        assert!(!key.matches(&code("WDJB-MJHX"), &stored.whole));
        assert!(!key.matches(&code("WDJB-MJHT"), &stored.half));
        assert!(!key.matches(&code("WDJB-MJHT"), &stored.whole[..32]));
        let other = CodeKey::new(&[2; CODE_KEY_LEN]);
        assert!(!other.matches(&code("WDJB-MJHT"), &stored.whole));
        assert_ne!(other.half(&code("WDJB-MJHT")), stored.half);
    }

    #[test]
    fn nothing_of_a_code_or_its_key_is_shown() {
        let key = CodeKey::new(&[1; CODE_KEY_LEN]);
        let stored = key.store(&"WDJB-MJHT".parse().unwrap());
        let shown = format!("{key:?} {stored:?}");
        assert!(!shown.contains("WDJB") && !shown.contains(&"01".repeat(8)));
    }
}
