//! The audit trail's part of the configuration file.

use std::path::PathBuf;

use anyhow::ensure;
use serde::Deserialize;

/// The most keys that may have signed besides this server's own.
const TRUSTED_KEYS_LEN_MAX: usize = 64;
/// An Ed25519 public key, in hexadecimal digits.
const KEY_DIGITS: usize = 64;

/// `[audit]`: where each day's head is signed. Without it the trail is recorded and chained, and not signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// The folder of the key, which is made on first use, and of the file of heads.
    pub folder: PathBuf,
    /// The public keys of other servers on the same database, and of keys that were replaced; hexadecimal.
    #[serde(default)]
    pub trusted_keys: Vec<String>,
}

impl AuditConfig {
    /// Checks what the file cannot say.
    ///
    /// # Errors
    /// When a key is wrong; the error names it and says what to write.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.folder.is_absolute(),
            "audit.folder: write an absolute path, such as /var/lib/hearth-server/audit"
        );
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_key = |key: &String| key.len() == KEY_DIGITS && key.bytes().all(is_digit);
        ensure!(
            self.trusted_keys.len() <= TRUSTED_KEYS_LEN_MAX && self.trusted_keys.iter().all(is_key),
            "audit.trusted_keys: write at most {TRUSTED_KEYS_LEN_MAX} keys as `server audit head` prints them, each of \
             {KEY_DIGITS} digits 0-9 and a-f"
        );
        Ok(())
    }

    /// Says in a sentence what was read, or what it means that nothing was.
    pub fn explain(read: Option<&Self>) -> String {
        match read {
            Some(config) => format!(
                "Audit trail: each day's head is signed by the key in {}, and written to heads.log there",
                config.folder.display()
            ),
            None => "Audit trail: recorded, and not signed without [audit]".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &str, key: &str) -> AuditConfig {
        toml::from_str(&format!("folder = {folder:?}\ntrusted_keys = [{key:?}]")).unwrap()
    }

    #[test]
    fn a_refusal_names_its_key() {
        read("/var/lib/x", &"0f".repeat(32)).check().unwrap();
        for (config, key) in [
            (read("x", &"0f".repeat(32)), "audit.folder"),
            (read("/x", &"0F".repeat(32)), "audit.trusted_keys"),
            (read("/x", "0f"), "audit.trusted_keys"),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }
}
