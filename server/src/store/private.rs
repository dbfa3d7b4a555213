//! The embedded database's file: only this program's user can read it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::Context;

/// Makes a database file that does not exist yet so that only this program's user can read it: it will hold patients.
/// SQLite gives the files beside it the same rights.
pub(super) fn make_private(url: &str) -> anyhow::Result<()> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    let path = path.split('?').next().unwrap_or_default();
    if path == ":memory:" {
        return Ok(());
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .with_context(|| {
            format!("cannot open {path}; make its folder, and let this program's user write there")
        })?;
    Ok(())
}
