//! The factory reset: the box forgets its home and proves that it did. It keeps the key that it signs with, by which the
//! office knows it.
//!
//! The proof is written before anything is removed, so that a reset that was cut off is finished by the next one, and the
//! proof can be printed again.

use std::path::Path;

use anyhow::{Context, ensure};
use jiff::Timestamp;
use vitals::GatewayId;
use vitals::enrol::wipe;

use crate::keys;
use crate::outbox;

/// The proof, which holds no secret: it stays.
const PROOF_FILE: &str = "wiped.txt";

/// Reads the proof of a reset that was done before; `None` for a box that was not reset.
pub fn proof(state_dir: &Path) -> Option<String> {
    std::fs::read_to_string(state_dir.join(PROOF_FILE)).ok()
}

/// Removes everything that the box knows, and gives the proof. Readings without a receipt are lost only as many as
/// `readings_lost` says.
///
/// # Errors
/// When the gateway runs, readings wait for the server, or something cannot be removed; then it is finished by the next
/// call.
pub async fn reset(
    state_dir: &Path,
    gateway: &GatewayId,
    size_bytes_max: u64,
    readings_lost: u64,
    now: Timestamp,
) -> anyhow::Result<String> {
    let lock = keys::lock_state(state_dir)?;
    let file = state_dir.join(outbox::FILE_NAME);
    if file.exists() {
        let waiting = outbox::status::of_file(&file, size_bytes_max)
            .await?
            .unreceipted_len;
        ensure!(
            waiting == readings_lost,
            "{waiting} readings wait for the server: start the gateway and let it send them. If they are to be lost for ever, \
             say so: --readings-lost {waiting}"
        );
    }
    let signing = keys::load_or_make_locked(state_dir, &lock)?.signing;
    let proof = wipe::statement(gateway, now, |bytes| signing.sign(bytes));
    keys::write(state_dir, PROOF_FILE, &lock, proof.as_bytes())?;
    let entries = std::fs::read_dir(state_dir).context("the state folder cannot be read")?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str());
        // By its signing key the office knows the box when it comes out of stock again; it tells nothing of the home.
        let stays = [PROOF_FILE, keys::LOCK_FILE, keys::SIGNING_KEY_FILE];
        if name.is_some_and(|name| stays.contains(&name)) {
            continue;
        }
        let removed = match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    std::fs::File::open(state_dir)?.sync_all()?;
    Ok(proof)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::outbox::Outbox;
    use vitals::enrol::wipe::Statement;

    const SIZE_MAX: u64 = 1 << 24;

    async fn used_box(folder: &Path) -> Vec<u8> {
        let keys = keys::load_or_make(folder).unwrap();
        let public = keys.signing.public_key().to_vec();
        let file = folder.join(outbox::FILE_NAME);
        let outbox = Outbox::open(&file, &"gw-1".parse().unwrap(), keys.sealing, SIZE_MAX)
            .await
            .unwrap();
        let capture = Capture {
            device: "scale-1".parse().unwrap(),
            characteristic: "2A9D".parse().unwrap(),
            raw: vec![0, 1, 0].try_into().unwrap(),
            received_at: "2026-11-21T08:00:00Z".parse().unwrap(),
            clock_offset_seconds: None,
            dialect: gatt::Dialect::default(),
        };
        outbox.commit_capture(&capture).await.unwrap();
        outbox.close().await;
        std::fs::create_dir(folder.join("aside")).unwrap();
        public
    }

    async fn reset_of(folder: &Path, readings_lost: u64) -> anyhow::Result<String> {
        let now = "2026-11-27T09:00:00Z".parse().unwrap();
        reset(
            folder,
            &"gw-1".parse().unwrap(),
            SIZE_MAX,
            readings_lost,
            now,
        )
        .await
    }

    #[tokio::test]
    async fn nothing_is_left_but_the_proof() {
        let folder = tempfile::tempdir().unwrap();
        let public = used_box(folder.path()).await;
        let refused = reset_of(folder.path(), 0).await.unwrap_err().to_string();
        assert!(refused.contains("--readings-lost 1"), "{refused}");
        assert!(folder.path().join(outbox::FILE_NAME).exists());

        let said = reset_of(folder.path(), 1).await.unwrap();
        Statement::read(&said).unwrap().verify(&public).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort_unstable();
        assert_eq!(left, [keys::LOCK_FILE, keys::SIGNING_KEY_FILE, PROOF_FILE]);
        assert_eq!(proof(folder.path()), Some(said));
    }

    #[tokio::test]
    async fn a_running_gateway_is_not_reset() {
        let folder = tempfile::tempdir().unwrap();
        used_box(folder.path()).await;
        let _running = keys::lock_state(folder.path()).unwrap();
        let refused = reset_of(folder.path(), 1).await.unwrap_err();
        assert!(
            format!("{refused:#}").contains("stop it first"),
            "{refused:#}"
        );
        assert!(folder.path().join(outbox::FILE_NAME).exists());
    }
}
