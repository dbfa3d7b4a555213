//! The server's folder of secrets: files that only its own user can read, each whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

const LOCK_FILE: &str = "lock";
const FILE_LEN_MAX: u64 = 16 * 1024;

/// The folder, made if it was missing. While it is held, no other program makes what is missing in it.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    if_read: &'static str,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is missing, and waits until no other program holds it. `if_read` says what to do when others
    /// may have read what is in it.
    ///
    /// # Errors
    /// When it cannot be made or written to.
    pub fn hold(path: &Path, if_read: &'static str) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| {
                format!(
                    "cannot make the folder {}; make it and give it to the server's user",
                    path.display()
                )
            })?;
        let lock = path.join(LOCK_FILE);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&lock)
            .with_context(|| format!("cannot open {}", lock.display()))?;
        file.lock()
            .with_context(|| format!("cannot lock {}", lock.display()))?;
        Ok(Self {
            path: path.to_owned(),
            if_read,
            _lock: file,
        })
    }

    /// Reads a file; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read, is too long, or can be read by other users.
    pub fn read(&self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.path.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let about = || format!("cannot read {}", path.display());
        let metadata = fs::metadata(&path).with_context(about)?;
        ensure!(
            metadata.permissions().mode() & 0o077 == 0,
            "{} can be read by other users; run: chmod 600 {0}, and if it may have been read, {}",
            path.display(),
            self.if_read
        );
        ensure!(
            metadata.len() <= FILE_LEN_MAX,
            "{} is longer than anything this program writes there",
            path.display()
        );
        fs::read(&path).with_context(about).map(Some)
    }

    /// Writes a file that was not there: beside it, synced and renamed, so that a crash leaves the whole file or none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path.join(name);
        let beside = self.path.join(format!("{name}.new"));
        let write = || -> std::io::Result<()> {
            if beside.exists() {
                fs::remove_file(&beside)?;
            }
            let mut file = OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IF_READ: &str = "make it again";

    #[test]
    fn a_file_is_whole_and_for_this_user_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("enrol");
        let folder = Folder::hold(&path, IF_READ).unwrap();
        assert_eq!(folder.read("a.key").unwrap(), None);
        fs::write(path.join("a.key.new"), "half").unwrap();
        folder.write("a.key", b"whole").unwrap();
        assert_eq!(folder.read("a.key").unwrap().unwrap(), b"whole");
        assert!(!path.join("a.key.new").exists());
        let mode = |name: &Path| fs::metadata(name).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path.join("a.key")), 0o600);
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::hold(dir.path(), IF_READ).unwrap();
        folder.write("a.key", b"secret").unwrap();
        fs::set_permissions(dir.path().join("a.key"), fs::Permissions::from_mode(0o640)).unwrap();
        let error = folder.read("a.key").unwrap_err().to_string();
        assert!(
            error.contains("chmod 600") && error.ends_with(IF_READ),
            "{error}"
        );
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::hold(dir.path(), IF_READ).unwrap();
        folder
            .write("a", &vec![0; usize::try_from(FILE_LEN_MAX).unwrap() + 1])
            .unwrap();
        assert!(folder.read("a").is_err());
    }

    #[test]
    fn one_program_at_a_time_makes_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let held = Folder::hold(dir.path(), IF_READ).unwrap();
        let other = File::open(dir.path().join(LOCK_FILE)).unwrap();
        assert!(other.try_lock().is_err());
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}
