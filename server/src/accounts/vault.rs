//! The vault: the secrets of one-time codes stand sealed in the database, by a key that is not in it. Whoever has a copy of the
//! database can make nobody's codes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clinical::PersonId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::enrol::folder::Folder;
use crate::store::{Store, sealed_codes};

const KEY_FILE: &str = "codes.key";
const KEY_LEN: usize = 32;
const IF_READ: &str = "move the folder away and start the server: a new key is made; then everybody sets up their second step \
                       anew, by `server account PERSON --forget-second-step`";
/// What a sealed secret begins with. Another way to seal gets another number.
const MARK: &str = "v1:";
const DOMAIN: &str = "hearth one-time codes v1";
/// How many secrets are sealed in one transaction: so few that ingest is not held up.
const AT_ONCE_MAX: i64 = 100;

/// Seals and opens secrets; cheap to clone.
#[derive(Clone)]
pub struct Vault(Option<Arc<Key>>);

struct Key {
    key: LessSafeKey,
    folder: PathBuf,
}

/// A key is a secret: the debug form shows where it is.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.0.as_ref().map(|it| &it.folder);
        f.debug_struct("Vault").field("folder", &folder).finish()
    }
}

impl Vault {
    /// Reads the key in the folder, and makes it when it is missing. Without a folder nothing is sealed, which is said.
    ///
    /// # Errors
    /// When the folder or the key cannot be used, or others can read it.
    pub fn open(folder: Option<&Path>, clock: &Clock) -> anyhow::Result<Self> {
        let Some(path) = folder else {
            warn!(
                "the secrets of one-time codes are kept in clear: name a folder for their key as sign_in.folder"
            );
            return Ok(Self(None));
        };
        let folder = Folder::hold(path, IF_READ)?;
        let bytes = match folder.read(KEY_FILE)? {
            Some(bytes) => bytes,
            None => {
                let mut bytes = vec![0; KEY_LEN];
                clock.fill_random(&mut bytes)?;
                folder.write(KEY_FILE, &bytes)?;
                bytes
            }
        };
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| {
            anyhow!(
                "{} does not hold {KEY_LEN} bytes; restore the folder from a backup, or {IF_READ}",
                path.join(KEY_FILE).display()
            )
        })?;
        Ok(Self(Some(Arc::new(Key {
            key: LessSafeKey::new(key),
            folder: path.to_owned(),
        }))))
    }

    /// Seals a person's secret: what comes back can be opened as theirs only.
    ///
    /// # Errors
    /// When the system gives no entropy.
    pub fn seal(&self, person: &PersonId, secret: &str, clock: &Clock) -> anyhow::Result<String> {
        let Some(key) = &self.0 else {
            return Ok(secret.to_owned());
        };
        // Random nonces: one for each time that somebody sets up their codes is far from the 2^32 that they are good for.
        let mut nonce = [0; NONCE_LEN];
        clock.fill_random(&mut nonce)?;
        let mut bytes = secret.as_bytes().to_vec();
        key.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to(person)),
                &mut bytes,
            )
            .map_err(|_| anyhow!("a secret was not sealed"))?;
        Ok(format!(
            "{MARK}{}{}",
            hex::encode(nonce),
            hex::encode(bytes)
        ))
    }

    /// Opens a person's secret. One that was kept before there was a key is in clear.
    ///
    /// # Errors
    /// When it is not this person's, or was sealed by another key.
    pub fn unseal(&self, person: &PersonId, stored: &str) -> anyhow::Result<String> {
        let Some(sealed) = stored.strip_prefix(MARK) else {
            return Ok(stored.to_owned());
        };
        let key = self.0.as_ref().context(
            "one-time codes were sealed by a key that is not named any more: write sign_in.folder as it was",
        )?;
        let broken = || {
            format!(
                "a secret of one-time codes cannot be opened by the key in {}; restore that folder from a backup, or let the \
                 person set up their second step anew",
                key.folder.display()
            )
        };
        let bytes = hex::decode(sealed).with_context(broken)?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN).with_context(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| anyhow!(broken()))?;
        let mut rest = rest.to_vec();
        let opened = key
            .key
            .open_in_place(nonce, Aad::from(bound_to(person)), &mut rest);
        let opened = opened.map_err(|_| anyhow!(broken()))?;
        String::from_utf8(opened.to_vec()).with_context(broken)
    }

    /// Seals what stands in clear in the database, and gives how many that were. That what was sealed before was sealed by
    /// this key is looked at, and said where it was not: then nobody's code is right, and readings arrive all the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seal_all(&self, store: &Store, clock: &Clock) -> anyhow::Result<usize> {
        if let Some((person, sealed)) = sealed_codes::any(store.readers()).await?
            && let Err(error) = self.unseal(&person.parse()?, &sealed)
        {
            error!(
                error = format!("{error:#}"),
                "nobody can sign in by a one-time code"
            );
        }
        let mut sealed_len = 0;
        while self.0.is_some() {
            let mut write = store.write().await?;
            let clear = sealed_codes::in_clear(&mut write, AT_ONCE_MAX).await?;
            if clear.is_empty() {
                break;
            }
            for (person, secret) in &clear {
                let sealed = self.seal(&person.parse()?, secret, clock)?;
                sealed_codes::seal(&mut write, person, secret, &sealed).await?;
            }
            write.commit().await.context("secrets were not sealed")?;
            sealed_len += clear.len();
        }
        if sealed_len > 0 {
            info!(
                accounts.sealed = sealed_len,
                "the secrets of one-time codes are sealed now; copies of the database from before hold them in clear"
            );
        }
        Ok(sealed_len)
    }
}

/// What a sealed secret is bound to: in another account's row it cannot be opened.
fn bound_to(person: &PersonId) -> Vec<u8> {
    [DOMAIN, person.as_str()].join("\0").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;

    use super::*;
    use crate::clock::ManualClock;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn person(id: &str) -> PersonId {
        id.parse().unwrap()
    }

    fn clock() -> Clock {
        ManualClock::new(Timestamp::UNIX_EPOCH, 3).clock()
    }

    #[test]
    fn a_secret_is_opened_as_its_persons_by_its_own_key_only() {
        let (dir, other, clock) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            clock(),
        );
        let vault = Vault::open(Some(dir.path()), &clock).unwrap();
        let sealed = vault.seal(&person("ada"), SECRET, &clock).unwrap();
        assert!(
            sealed.starts_with(MARK) && !sealed.contains(SECRET),
            "{sealed}"
        );
        assert_ne!(sealed, vault.seal(&person("ada"), SECRET, &clock).unwrap());
        let again = Vault::open(Some(dir.path()), &clock).unwrap();
        assert_eq!(again.unseal(&person("ada"), &sealed).unwrap(), SECRET);
        again.unseal(&person("bo"), &sealed).unwrap_err();
        let foreign = Vault::open(Some(other.path()), &clock).unwrap();
        let error = foreign
            .unseal(&person("ada"), &sealed)
            .unwrap_err()
            .to_string();
        assert!(error.contains("restore that folder"), "{error}");
        for broken in ["v1:", "v1:00", "v1:zz", &sealed[..sealed.len() - 2]] {
            again.unseal(&person("ada"), broken).unwrap_err();
        }
        let error = Vault(None)
            .unseal(&person("ada"), &sealed)
            .unwrap_err()
            .to_string();
        assert!(error.contains("sign_in.folder"), "{error}");
    }

    #[test]
    fn what_was_kept_before_there_was_a_key_is_read_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        for vault in [
            Vault(None),
            Vault::open(Some(dir.path()), &clock()).unwrap(),
        ] {
            assert_eq!(vault.unseal(&person("ada"), SECRET).unwrap(), SECRET);
        }
        assert_eq!(
            Vault(None).seal(&person("ada"), SECRET, &clock()).unwrap(),
            SECRET
        );
    }

    #[test]
    fn the_key_is_for_the_servers_user_alone_and_never_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(KEY_FILE);
        let vault = Vault::open(Some(dir.path()), &clock()).unwrap();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let secret = hex::encode(fs::read(&file).unwrap());
        assert!(!format!("{vault:?}").contains(&secret));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Vault::open(Some(dir.path()), &clock())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("chmod 600") && error.contains("--forget-second-step"),
            "{error}"
        );
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file, "short").unwrap();
        let error = Vault::open(Some(dir.path()), &clock())
            .unwrap_err()
            .to_string();
        assert!(error.contains("32 bytes"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "short");
    }
}
