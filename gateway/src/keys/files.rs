//! Files of the state folder, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Writes a file so that, whenever the power is cut, the old one or the new one is there.
///
/// # Errors
/// When the disk fails.
pub(super) fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    if beside.exists() {
        fs::remove_file(beside)?;
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(beside)?;
    file.write_all(bytes)?;
    give_to_owner_of(folder, &file)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Root sets a box up, and the gateway runs as a user of its own, to whom the folder belongs.
pub(super) fn give_to_owner_of(folder: &Path, file: &File) -> std::io::Result<()> {
    let (owner, ours) = (fs::metadata(folder)?, file.metadata()?);
    if (owner.uid(), owner.gid()) == (ours.uid(), ours.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(file, Some(owner.uid()), Some(owner.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_root_writes_belongs_to_whom_the_folder_does() {
        let folder = tempfile::tempdir().unwrap();
        // Only root can give a folder away; for everybody else it is theirs, and stays so.
        let _ = std::os::unix::fs::chown(folder.path(), Some(12_345), Some(12_345));
        let owner = fs::metadata(folder.path()).unwrap().uid();
        write_whole(folder.path(), &folder.path().join("key"), b"secret").unwrap();
        let key = fs::metadata(folder.path().join("key")).unwrap();
        assert_eq!((key.uid(), key.mode() & 0o777), (owner, 0o600));
        let _lock = crate::keys::lock_state(folder.path()).unwrap();
        let lock = fs::metadata(folder.path().join(crate::keys::LOCK_FILE)).unwrap();
        assert_eq!(lock.uid(), owner);
    }
}
