//! The light's word in a file that is replaced whole, for a program beside this one to show.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

/// It holds no secret, and whoever shows it is another user.
const MODE: u32 = 0o644;

/// Replaces the file's word. It is not synced: after a power cut the box says it anew.
pub(super) fn write(path: &Path, word: &str) -> anyhow::Result<()> {
    let written = || {
        let beside = path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        writeln!(file, "{word}")?;
        fs::rename(beside, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_may_read_the_word_and_a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("light");
        write(&path, "ok").unwrap();
        write(&path, "call").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "call\n");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            MODE
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let error = write(&folder.path().join("none/light"), "ok").unwrap_err();
        assert!(format!("{error:#}").contains("none/light"), "{error:#}");
    }
}
