//! A damaged outbox: its file is set aside, and what can be read of it is taken over into a new one.
//!
//! Each row is sealed by itself, so a lost page costs the rows on it and no others. They are read from the first on and
//! from the last back, each way until the damage.

use std::path::{Path, PathBuf};

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use vitals::wire::record;

use super::entries::HASH_TEXT_LEN;
use super::seal::{NumberedRow, Sealer, Table};
use super::{Outbox, OutboxError, captures};
use crate::keys::SealingKey;

/// The most damaged files that are kept.
const DAMAGED_FILES_MAX: u32 = 8;

/// Which rows are read, the next after a number and the last before one.
const ENTRIES: [&str; 2] = [
    "SELECT e.sequence AS id, s.salt, e.nonce, e.sealed AS bytes FROM entry e NOT INDEXED JOIN seal s ON s.id = e.seal \
     WHERE e.sequence > $1 AND e.receipted_at IS NULL ORDER BY e.sequence LIMIT 1",
    "SELECT e.sequence AS id, s.salt, e.nonce, e.sealed AS bytes FROM entry e NOT INDEXED JOIN seal s ON s.id = e.seal \
     WHERE e.sequence < $1 AND e.receipted_at IS NULL ORDER BY e.sequence DESC LIMIT 1",
];
const CAPTURES: [&str; 2] = [
    "SELECT c.id, s.salt, c.nonce, c.sealed AS bytes FROM capture c NOT INDEXED JOIN seal s ON s.id = c.seal \
     WHERE c.id > $1 ORDER BY c.id LIMIT 1",
    "SELECT c.id, s.salt, c.nonce, c.sealed AS bytes FROM capture c NOT INDEXED JOIN seal s ON s.id = c.seal \
     WHERE c.id < $1 ORDER BY c.id DESC LIMIT 1",
];

/// Tells whether the state folder keeps files of a damaged outbox: somebody is to look at the disk, and then to remove them.
pub fn damaged_are_kept(state_dir: &Path) -> bool {
    let file = state_dir.join(super::FILE_NAME);
    let mut kept = (1..=DAMAGED_FILES_MAX).map(|number| kept_as(&file, number));
    damaged(&file).exists() || kept.any(|it| it.exists())
}

/// Sets a damaged file aside, with its journal. Until all is taken over it has this name, whatever happens meanwhile.
///
/// # Errors
/// When the disk fails.
pub(super) fn set_aside(file: &Path) -> Result<(), OutboxError> {
    for suffix in ["-wal", ""] {
        let from = with_suffix(file, suffix);
        if from.exists() {
            rename(&from, &with_suffix(&damaged(file), suffix))?;
        }
    }
    Ok(())
}

/// Takes over what a damaged file holds, if there is one, and then keeps the file under a number.
///
/// # Errors
/// When the new outbox cannot take something, or too many damaged files are kept; the next start goes on then.
pub(super) async fn finish(
    outbox: &Outbox,
    file: &Path,
    sealing_key: SealingKey,
) -> Result<(), OutboxError> {
    let damaged = damaged(file);
    if !damaged.exists() {
        return Ok(());
    }
    let kept = (1..=DAMAGED_FILES_MAX)
        .map(|number| kept_as(file, number))
        .find(|kept| !kept.exists())
        .ok_or(OutboxError::DamagedOften(DAMAGED_FILES_MAX))?;
    let (records_len, captures_len) = take_over(outbox, &damaged, sealing_key).await?;
    tracing::error!(
        records.len = records_len,
        captures.len = captures_len,
        file = %kept.display(),
        "the outbox was damaged: what could be read was taken over and is sent; the file is kept, and the disk should be replaced"
    );
    for suffix in ["-wal", ""] {
        let from = with_suffix(&damaged, suffix);
        if from.exists() {
            rename(&from, &with_suffix(&kept, suffix))?;
        }
    }
    Ok(())
}

async fn take_over(
    outbox: &Outbox,
    damaged: &Path,
    sealing_key: SealingKey,
) -> Result<(usize, usize), OutboxError> {
    let options = SqliteConnectOptions::new().filename(damaged);
    let Ok(mut old) = SqliteConnection::connect_with(&options).await else {
        return Ok((0, 0));
    };
    let epoch: Result<String, _> = sqlx::query_scalar("SELECT epoch FROM meta")
        .fetch_one(&mut old)
        .await;
    let Some(epoch) = epoch.ok().and_then(|it| it.parse().ok()) else {
        return Ok((0, 0));
    };
    let sealer = Sealer::new(sealing_key, outbox.gateway(), epoch)?;
    let (mut records_len, mut captures_len) = (0, 0);
    for row in rows(&mut old, ENTRIES).await {
        let Ok(text) = sealer.open(Table::Entry, row.id, row.sealed) else {
            continue;
        };
        let record = text.get(HASH_TEXT_LEN..).map(record::read);
        if let Some(Ok(record)) = record {
            outbox.take_over(&record).await?;
            records_len += 1;
        }
    }
    for row in rows(&mut old, CAPTURES).await {
        let Ok(text) = sealer.open(Table::Capture, row.id, row.sealed) else {
            continue;
        };
        if let Ok(capture) = captures::read(&text) {
            outbox.commit_capture(&capture).await?;
            captures_len += 1;
        }
    }
    Ok((records_len, captures_len))
}

/// Reads the rows of a table from both ends, in their order, without those between that are damaged.
async fn rows(old: &mut SqliteConnection, [next, previous]: [&'static str; 2]) -> Vec<NumberedRow> {
    let mut first = Vec::new();
    let mut at = 0;
    while let Ok(Some(row)) = row(old, next, at).await {
        at = row.id;
        first.push(row);
    }
    let end_of_first = at;
    let mut last = Vec::new();
    at = i64::MAX;
    while let Ok(Some(row)) = row(old, previous, at).await {
        if row.id <= end_of_first {
            break;
        }
        at = row.id;
        last.push(row);
    }
    first.extend(last.into_iter().rev());
    first
}

async fn row(
    old: &mut SqliteConnection,
    statement: &'static str,
    at: i64,
) -> sqlx::Result<Option<NumberedRow>> {
    sqlx::query_as(statement).bind(at).fetch_optional(old).await
}

fn damaged(file: &Path) -> PathBuf {
    file.with_extension("damaged.db")
}

fn kept_as(file: &Path, number: u32) -> PathBuf {
    file.with_extension(format!("damaged-{number}.db"))
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn rename(from: &Path, to: &Path) -> Result<(), OutboxError> {
    std::fs::rename(from, to).map_err(|error| OutboxError::Storage(error.into()))
}
