//! The file of heads: one line of JSON for each signed head, beside the key and outside of the database.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::head::Head;

/// The longest file that is read, in bytes: a line a day for more than a hundred years.
pub const FILE_LEN_MAX: u64 = 16 * 1024 * 1024;
const FILE: &str = "heads.log";

/// Where it is.
#[derive(Debug, Clone)]
pub struct HeadsFile(PathBuf);

/// What it holds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The heads, in order.
    pub heads: Vec<Head>,
    /// The lines that are none, counted from 1.
    pub broken: Vec<usize>,
}

impl Lines {
    fn of(bytes: &[u8]) -> Self {
        let mut lines = Self::default();
        let each = bytes.split_inclusive(|byte| *byte == b'\n');
        for (index, line) in each.enumerate() {
            match serde_json::from_slice(line) {
                Ok(head) => lines.heads.push(head),
                Err(_) => lines.broken.push(index + 1),
            }
        }
        lines
    }
}

/// Reads heads that somebody kept elsewhere, as `server audit head` prints them. Lines that are not JSON are notes.
///
/// # Errors
/// When the file cannot be read, or a line of JSON is no head.
pub fn kept_elsewhere(path: &Path) -> anyhow::Result<Vec<Head>> {
    let about = || format!("cannot read {}", path.display());
    let length = std::fs::metadata(path).with_context(about)?.len();
    ensure!(
        length <= FILE_LEN_MAX,
        "{} is longer than any file of heads",
        path.display()
    );
    let text = std::fs::read_to_string(path).with_context(about)?;
    let lines = text.lines().enumerate();
    let heads = lines.filter(|(_, line)| line.starts_with('{'));
    heads
        .map(|(index, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("{} line {}: this is no head", path.display(), index + 1))
        })
        .collect()
}

impl HeadsFile {
    /// Names the file in the folder.
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Reads it. A line that a crash cut off is none; a file that is not there holds nothing.
    ///
    /// # Errors
    /// When it cannot be read or is too long.
    pub fn read(&self) -> anyhow::Result<Lines> {
        let bytes = match File::open(&self.0) {
            Ok(file) => self.bytes_of(&file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| self.about("read")),
        };
        let whole = &bytes[..whole_len(&bytes)];
        Ok(Lines::of(whole))
    }

    /// Adds heads at its end, and waits until they are on the disk. A line that a crash cut off is removed first: what it
    /// was is in the database, and among what is added.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, heads: &[Head]) -> anyhow::Result<()> {
        let mut text = String::new();
        for head in heads {
            text.push_str(&serde_json::to_string(head)?);
            text.push('\n');
        }
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .mode(0o600)
            .open(&self.0)
            .with_context(|| self.about("open"))?;
        let bytes = self.bytes_of(&file)?;
        let mut write = || -> std::io::Result<()> {
            let whole_len = whole_len(&bytes);
            if whole_len < bytes.len() {
                file.set_len(whole_len as u64)?;
            }
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            match self.0.parent() {
                Some(folder) => File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        write().with_context(|| self.about("write"))
    }

    fn bytes_of(&self, file: &File) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut bounded = file.take(FILE_LEN_MAX + 1);
        bounded
            .read_to_end(&mut bytes)
            .with_context(|| self.about("read"))?;
        ensure!(
            bytes.len() as u64 <= FILE_LEN_MAX,
            "{} is longer than anything this program writes there; see what wrote to it",
            self.0.display()
        );
        Ok(bytes)
    }

    fn about(&self, what: &str) -> String {
        format!("cannot {what} {}", self.0.display())
    }
}

fn whole_len(bytes: &[u8]) -> usize {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    end.map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn head(number: i64) -> Head {
        Head {
            day: format!("2026-11-{number:02}"),
            number,
            hash: "ab".repeat(32),
            signed_at: 0,
            public_key: "cd".repeat(32),
            signature: "ef".repeat(64),
        }
    }

    #[test]
    fn what_was_added_is_read_in_order_by_this_user_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = HeadsFile::of(dir.path());
        assert_eq!(file.read().unwrap(), Lines::default());
        file.append(&[head(1), head(2)]).unwrap();
        file.append(&[head(3)]).unwrap();
        let lines = file.read().unwrap();
        assert_eq!(lines.heads, [head(1), head(2), head(3)]);
        assert!(lines.broken.is_empty());
        let mode = fs::metadata(&file.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_line_that_was_cut_off_is_written_again_and_a_broken_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = HeadsFile::of(dir.path());
        file.append(&[head(1), head(2)]).unwrap();
        let text = fs::read_to_string(&file.0).unwrap();
        fs::write(&file.0, &text[..text.len() - 9]).unwrap();
        assert_eq!(file.read().unwrap().heads, [head(1)]);
        file.append(&[head(2)]).unwrap();
        assert_eq!(fs::read_to_string(&file.0).unwrap(), text);

        fs::write(&file.0, format!("no\n{text}")).unwrap();
        let lines = file.read().unwrap();
        assert_eq!((lines.heads.len(), lines.broken), (2, vec![1]));
    }

    #[test]
    fn what_was_kept_elsewhere_is_read_as_it_was_printed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kept");
        let line = serde_json::to_string(&head(1)).unwrap();
        fs::write(&path, format!("{line}\nPublic key: cd\n{line}")).unwrap();
        assert_eq!(kept_elsewhere(&path).unwrap(), [head(1), head(1)]);
        fs::write(&path, format!("{line}\n{{}}")).unwrap();
        let error = format!("{:#}", kept_elsewhere(&path).unwrap_err());
        assert!(error.contains("line 2"), "{error}");
        assert!(kept_elsewhere(dir.path()).is_err());
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = HeadsFile::of(dir.path());
        let made = File::create(&file.0).unwrap();
        made.set_len(FILE_LEN_MAX + 1).unwrap();
        assert!(file.read().is_err());
        assert!(file.append(&[head(1)]).is_err());
        assert!(kept_elsewhere(&file.0).is_err());
    }
}
