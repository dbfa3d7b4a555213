//! The key of the heads: Ed25519, made on first use, in a folder of the operator that is not in the database.

use std::fmt;
use std::path::Path;

use anyhow::{Context, ensure};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::clock::Clock;
use crate::enrol::folder::Folder;

const KEY_FILE: &str = "head.key";
const PUBLIC_KEY_FILE: &str = "head.pub";
const SEED_LEN: usize = 32;
const IF_READ: &str =
    "move the whole folder away: a new key is made then; write the old one to audit.trusted_keys";

/// The key that signs.
pub struct HeadKey {
    pair: Ed25519KeyPair,
    public_key: String,
}

/// Keys are secrets: the debug form shows the public half.
impl fmt::Debug for HeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadKey")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

impl HeadKey {
    /// Reads the key in the folder, and makes it when it is missing.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be used, or the two halves are not of one key.
    pub fn load_or_make(path: &Path, clock: &Clock) -> anyhow::Result<Self> {
        let folder = Folder::hold(path, IF_READ)?;
        // Not through the folder: the public half may be for everybody to read.
        let public = public_key_in(path)?;
        let seed = match folder.read(KEY_FILE)? {
            Some(seed) => seed,
            None => {
                ensure!(
                    public.is_none(),
                    broken(path, KEY_FILE, "is missing, and its public half is there")
                );
                let mut seed = vec![0; SEED_LEN];
                clock.fill_random(&mut seed)?;
                folder.write(KEY_FILE, &seed)?;
                seed
            }
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .ok()
            .with_context(|| broken(path, KEY_FILE, "does not hold 32 bytes"))?;
        let public_key = hex::encode(pair.public_key());
        match public {
            Some(known) => ensure!(
                known == public_key,
                broken(path, PUBLIC_KEY_FILE, "is not the other half of head.key")
            ),
            None => folder.write(PUBLIC_KEY_FILE, format!("{public_key}\n").as_bytes())?,
        }
        Ok(Self { pair, public_key })
    }

    /// Gives the public half, hexadecimal.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    pub(super) fn pair(&self) -> &Ed25519KeyPair {
        &self.pair
    }
}

/// Reads the public half in the folder, hexadecimal, and makes nothing; `None` before the server has made a key.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn public_key_in(path: &Path) -> anyhow::Result<Option<String>> {
    let file = path.join(PUBLIC_KEY_FILE);
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(Some(text.trim_end().to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

fn broken(path: &Path, name: &str, what: &str) -> String {
    format!(
        "{} {what}; restore the folder from a backup, or move it away: a new key is made then; write the old public key to \
         audit.trusted_keys",
        path.join(name).display()
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn load(path: &Path) -> anyhow::Result<HeadKey> {
        HeadKey::load_or_make(path, &Clock::system())
    }

    #[test]
    fn it_is_made_once_for_this_user_alone_and_its_public_half_is_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit");
        assert_eq!(public_key_in(&path).unwrap(), None);
        let first = load(&path).unwrap();
        let again = load(&path).unwrap();
        assert_eq!(first.public_key(), again.public_key());
        assert_eq!(
            public_key_in(&path).unwrap().as_deref(),
            Some(first.public_key())
        );
        let mode = fs::metadata(path.join(KEY_FILE)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        let secret = hex::encode(fs::read(path.join(KEY_FILE)).unwrap());
        assert!(!format!("{first:?}").contains(&secret));
        fs::remove_file(path.join(PUBLIC_KEY_FILE)).unwrap();
        assert_eq!(load(&path).unwrap().public_key(), first.public_key());
        assert!(path.join(PUBLIC_KEY_FILE).exists());
    }

    #[test]
    fn a_broken_half_is_named_and_not_replaced() {
        for (name, bytes) in [(KEY_FILE, "no"), (PUBLIC_KEY_FILE, "00\n")] {
            let dir = tempfile::tempdir().unwrap();
            load(dir.path()).unwrap();
            fs::write(dir.path().join(name), bytes).unwrap();
            let error = load(dir.path()).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
            assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), bytes);
        }
        let dir = tempfile::tempdir().unwrap();
        load(dir.path()).unwrap();
        fs::remove_file(dir.path().join(KEY_FILE)).unwrap();
        let error = load(dir.path()).unwrap_err().to_string();
        assert!(error.contains("head.key is missing"), "{error}");
    }
}
