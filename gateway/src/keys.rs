//! The gateway's own keys: made on first start, kept in files that only the gateway's user can read.

mod files;

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use ring::signature::{Ed25519KeyPair, KeyPair};
use vitals::tag::TAG_KEY_LEN;
use vitals::{ChainHash, ChainHead, Epoch, GatewayId, Sequence, TagKey};

use crate::clock;
use crate::outbox::OutboxError;
use files::{give_to_owner_of, write_whole};

/// The length of the key that seals the outbox, in bytes.
pub const SEALING_KEY_LEN: usize = 32;

/// The key that the gateway shares with the server.
pub const TAG_KEY_FILE: &str = "tag.key";
pub(crate) const SIGNING_KEY_FILE: &str = "signing.key";
const SEALING_KEY_FILE: &str = "sealing.key";
pub(crate) const LOCK_FILE: &str = "lock";
// An Ed25519 key pair in PKCS#8 v2, as ring writes it, takes 83 bytes; a certificate in PEM less than 1,000.
const KEY_FILE_LEN_MAX: u64 = 4096;

/// The gateway's keys.
pub struct Keys {
    /// Shared with the server: tags messages and signs in to the broker.
    pub tag: TagKey,
    /// Signs chain heads.
    pub signing: SigningKey,
    /// Seals the records that wait on the disk.
    pub sealing: SealingKey,
}

/// The Ed25519 key whose public half the server registers.
pub struct SigningKey(Ed25519KeyPair);

/// The key from which the outbox derives one key for each opening.
#[derive(Clone)]
pub struct SealingKey([u8; SEALING_KEY_LEN]);

/// Holds the state folder for one program at a time; released when dropped or when the program ends.
#[derive(Debug)]
pub struct StateLock(#[expect(dead_code, reason = "open for as long as the lock is held")] File);

/// Keys are secrets: the debug form shows nothing of them.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl SigningKey {
    /// Signs where the chain stands.
    pub fn sign_head(
        &self,
        gateway: &GatewayId,
        epoch: Epoch,
        sequence: Sequence,
        hash: ChainHash,
        signed_at: jiff::Timestamp,
    ) -> ChainHead {
        let signed = ChainHead::signed_bytes(gateway, epoch, sequence, hash, signed_at);
        ChainHead {
            epoch,
            sequence,
            hash,
            signed_at,
            signature: self.sign(&signed),
        }
    }

    /// Signs the proof of an enrolment.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(bytes).as_ref());
        signature
    }

    /// Gives the public half, which the server registers.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

impl SealingKey {
    /// Takes the key's bytes.
    pub fn new(bytes: [u8; SEALING_KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// Gives the key's bytes.
    pub fn as_bytes(&self) -> &[u8; SEALING_KEY_LEN] {
        &self.0
    }
}

/// Makes the state folder if it is missing and holds it for this program alone.
///
/// # Errors
/// When the folder cannot be made or another program holds it.
pub fn lock_state(state_dir: &Path) -> anyhow::Result<StateLock> {
    make_state_dir(state_dir)?;
    let path = state_dir.join(LOCK_FILE);
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .map_err(|error| match error.kind() {
            ErrorKind::ReadOnlyFilesystem => OutboxError::ReadOnly.into(),
            _ => anyhow!(error).context(format!("cannot open {}", path.display())),
        })?;
    give_to_owner_of(state_dir, &file)?;
    file.try_lock().with_context(|| {
        format!(
            "{} is held by another gateway program; stop it first, or give this one its own state_dir",
            state_dir.display()
        )
    })?;
    Ok(StateLock(file))
}

/// Reads the gateway's keys and makes those that are missing.
///
/// # Errors
/// When a key cannot be made or read, has the wrong length, or can be read by other users.
pub fn load_or_make(state_dir: &Path) -> anyhow::Result<Keys> {
    if !all_made(state_dir) {
        let _lock = lock_state(state_dir)?;
        make_missing(state_dir)?;
    }
    read(state_dir)
}

/// As [`load_or_make`], for a program that holds the state folder already.
///
/// # Errors
/// As [`load_or_make`].
pub fn load_or_make_locked(state_dir: &Path, _lock: &StateLock) -> anyhow::Result<Keys> {
    make_missing(state_dir)?;
    read(state_dir)
}

/// Gives the part of the server's seed file that registers this gateway.
///
/// # Errors
/// As [`load_or_make`].
pub fn registration(gateway: &GatewayId, state_dir: &Path) -> anyhow::Result<String> {
    let keys = load_or_make(state_dir)?;
    let tag_key_file = state_dir.join(TAG_KEY_FILE);
    Ok(format!(
        "[[gateway]]\nid = \"{gateway}\"\ntag_key_file = {}\nsigning_public_key = \"{}\"\n",
        toml::Value::String(tag_key_file.display().to_string()),
        hex::encode(keys.signing.public_key())
    ))
}

/// Reads a key, or makes and writes it when it is not there.
///
/// # Errors
/// When it cannot be made or written, or can be read by other users.
pub fn read_or_write(
    state_dir: &Path,
    name: &str,
    lock: &StateLock,
    make: impl FnOnce() -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Vec<u8>> {
    let path = state_dir.join(name);
    if !path.exists() {
        write(state_dir, name, lock, &make()?)?;
    }
    read_key(&path)
}

/// Writes a file that only the gateway's user can read, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(state_dir: &Path, name: &str, _lock: &StateLock, bytes: &[u8]) -> anyhow::Result<()> {
    write_beside(state_dir, name, bytes)
}

/// Writes a file of the state folder as [`write`] does. It needs no lock where one program alone ever writes that file.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_beside(state_dir: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = state_dir.join(name);
    write_whole(state_dir, &path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn all_made(state_dir: &Path) -> bool {
    [TAG_KEY_FILE, SIGNING_KEY_FILE, SEALING_KEY_FILE]
        .iter()
        .all(|name| state_dir.join(name).exists())
}

fn make_missing(state_dir: &Path) -> anyhow::Result<()> {
    let mut tag = [0; TAG_KEY_LEN];
    clock::fill_random(&mut tag)?;
    let mut sealing = [0; SEALING_KEY_LEN];
    clock::fill_random(&mut sealing)?;
    let signing = Ed25519KeyPair::generate_pkcs8(&clock::entropy())
        .ok()
        .context("no signing key could be made; see whether /dev/urandom can be read")?;
    for (name, bytes) in [
        (TAG_KEY_FILE, tag.as_slice()),
        (SEALING_KEY_FILE, sealing.as_slice()),
        (SIGNING_KEY_FILE, signing.as_ref()),
    ] {
        let path = state_dir.join(name);
        if !path.exists() {
            write_whole(state_dir, &path, bytes)
                .with_context(|| format!("cannot make the key {}", path.display()))?;
        }
    }
    Ok(())
}

/// Writes beside, syncs, and renames, so that after a crash there is the whole key or none.
fn make_state_dir(state_dir: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(state_dir)
        .with_context(|| {
            format!(
                "cannot make the folder {}; make it and give it to the gateway's user",
                state_dir.display()
            )
        })
}

fn read(state_dir: &Path) -> anyhow::Result<Keys> {
    let signing_path = state_dir.join(SIGNING_KEY_FILE);
    let signing = Ed25519KeyPair::from_pkcs8(&read_key(&signing_path)?)
        .ok()
        .with_context(|| broken(&signing_path, "is not an Ed25519 key pair in PKCS#8"))?;
    Ok(Keys {
        tag: TagKey::new(&read_exactly(&state_dir.join(TAG_KEY_FILE))?),
        signing: SigningKey(signing),
        sealing: SealingKey(read_exactly(&state_dir.join(SEALING_KEY_FILE))?),
    })
}

fn read_exactly<const LEN: usize>(path: &Path) -> anyhow::Result<[u8; LEN]> {
    let bytes = read_key(path)?;
    let Ok(key) = <[u8; LEN]>::try_from(bytes.as_slice()) else {
        bail!(broken(
            path,
            &format!("holds {} bytes and must hold {LEN}", bytes.len())
        ));
    };
    Ok(key)
}

/// Reads a file that only the gateway's user can read.
///
/// # Errors
/// When it cannot be read, is too long, or can be read by other users.
pub fn read_key(path: &Path) -> anyhow::Result<Vec<u8>> {
    let about = || format!("cannot read the key {}", path.display());
    let metadata = fs::metadata(path).with_context(about)?;
    ensure!(
        metadata.permissions().mode() & 0o077 == 0,
        "the key {} can be read by other users; run: chmod 600 {0}, and register this gateway anew if it may have been read",
        path.display()
    );
    ensure!(
        metadata.len() <= KEY_FILE_LEN_MAX,
        broken(path, "is too long for a key")
    );
    fs::read(path).with_context(about)
}

fn broken(path: &Path, what: &str) -> String {
    format!(
        "the key {} {what}; restore it from where it was copied, or move it away: a new one is made at the next start and \
         this gateway must then be registered again",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let state_dir = folder.path().join("state");
        let first = load_or_make(&state_dir).unwrap();
        let again = load_or_make(&state_dir).unwrap();
        assert_eq!(first.signing.public_key(), again.signing.public_key());
        assert_eq!(first.sealing.as_bytes(), again.sealing.as_bytes());
        let gateway = "gw-1".parse().unwrap();
        assert_eq!(
            first.tag.broker_password(&gateway),
            again.tag.broker_password(&gateway)
        );
        for name in [TAG_KEY_FILE, SIGNING_KEY_FILE, SEALING_KEY_FILE] {
            let mode = fs::metadata(state_dir.join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_key_left_half_written_by_a_crash_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tag.key.new"), [1, 2, 3]).unwrap();
        load_or_make(folder.path()).unwrap();
        assert_eq!(
            fs::read(folder.path().join(TAG_KEY_FILE)).unwrap().len(),
            TAG_KEY_LEN
        );
        assert!(!folder.path().join("tag.key.new").exists());
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused_by_name_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        load_or_make(folder.path()).unwrap();
        let path = folder.path().join(SEALING_KEY_FILE);
        fs::write(&path, [7; 31]).unwrap();
        let error = load_or_make(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("sealing.key") && error.contains("31 bytes"),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), [7; 31]);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        load_or_make(folder.path()).unwrap();
        let path = folder.path().join(TAG_KEY_FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = load_or_make(folder.path()).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn one_program_holds_the_state_folder() {
        let folder = tempfile::tempdir().unwrap();
        let lock = lock_state(folder.path()).unwrap();
        assert!(
            lock_state(folder.path())
                .unwrap_err()
                .to_string()
                .contains("stop it first")
        );
        load_or_make_locked(folder.path(), &lock).unwrap();
        drop(lock);
        lock_state(folder.path()).unwrap();
    }

    #[test]
    fn the_registration_is_toml_that_names_the_public_key() {
        let folder = tempfile::tempdir().unwrap();
        let text = registration(&"gw-1".parse().unwrap(), folder.path()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let gateway = &table["gateway"][0];
        assert_eq!(gateway["id"].as_str(), Some("gw-1"));
        let keys = load_or_make(folder.path()).unwrap();
        assert_eq!(
            gateway["signing_public_key"].as_str().unwrap(),
            hex::encode(keys.signing.public_key())
        );
        let tag_key_file = gateway["tag_key_file"].as_str().unwrap();
        assert_eq!(fs::read(tag_key_file).unwrap().len(), TAG_KEY_LEN);
    }

    #[test]
    fn a_signed_head_is_believed_by_the_public_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys = load_or_make(folder.path()).unwrap();
        let gateway: GatewayId = "gw-1".parse().unwrap();
        let epoch = Epoch(9);
        let at = "2026-11-21T08:00:00Z".parse().unwrap();
        let head = keys.signing.sign_head(
            &gateway,
            epoch,
            Sequence::FIRST,
            epoch.genesis(&gateway),
            at,
        );
        assert_eq!(head.verify(&gateway, keys.signing.public_key()), Ok(()));
    }
}
