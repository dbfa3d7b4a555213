//! Why the outbox could not do what it was asked.

use thiserror::Error;
use vitals::wire::WireError;

/// A named failure of the outbox.
#[derive(Debug, Error)]
pub enum OutboxError {
    /// No room is left, and everything that may be removed has been.
    #[error(
        "the outbox is full of readings that the server does not have; restore the connection to the server, or raise \
         outbox.size_mib_max"
    )]
    Full,
    /// The disk has no room left.
    #[error(
        "the disk has no room left for readings; remove what else is on it, or put in a larger one"
    )]
    DiskFull,
    /// The disk lets nothing be written.
    #[error(
        "nothing can be written to the disk of the outbox; it may be worn out: see `dmesg`, and mount it for writing again or \
         replace it"
    )]
    ReadOnly,
    /// A row was altered, or copied from elsewhere.
    #[error(
        "the seal of {table} {row} is broken: the row was altered or copied from another outbox; it is kept and not sent"
    )]
    SealBroken {
        /// The table's name.
        table: &'static str,
        /// The row's number.
        row: i64,
    },
    /// The database was sealed with another key.
    #[error(
        "the outbox was sealed with another sealing.key; put back the key that belongs to it, or move outbox.db away to begin \
         a new one"
    )]
    WrongSealingKey,
    /// The database is another gateway's.
    #[error(
        "the outbox belongs to the gateway {owner}; give this gateway its own state_dir, or correct gateway_id"
    )]
    WrongGateway {
        /// The gateway that made it.
        owner: String,
    },
    /// A stored value is not what this program wrote.
    #[error(
        "the outbox holds {what} that this program did not write; move outbox.db away and report it"
    )]
    Corrupt {
        /// What is wrong.
        what: &'static str,
    },
    /// The file is damaged: a disk that lost power, or wears out.
    #[error(
        "the outbox's file is damaged ({0}); what can be read of it is taken over into a new one, and the file is kept"
    )]
    Damaged(String),
    /// So many damaged files are kept that another would fill the disk.
    #[error(
        "{0} damaged outboxes are kept in the state folder; the disk wears out: copy them away, replace it, and remove them"
    )]
    DamagedOften(u32),
    /// The database was made by another version of the program.
    #[error(
        "the outbox has a schema that this version does not know; install the version that made it, or a newer one: {0}"
    )]
    UnknownSchema(#[source] sqlx::migrate::MigrateError),
    /// The record cannot be written as wire v1.
    #[error("a record cannot be written: {0}")]
    Record(#[from] WireError),
    /// The system gave no randomness, or the key could not be used.
    #[error("a record cannot be sealed: {0}")]
    Seal(&'static str),
    /// The database failed.
    #[error("the outbox's database failed; check the disk: {0}")]
    Storage(sqlx::Error),
}

/// SQLite's result code for "database or disk is full" (sqlite.org/rescode.html, SQLITE_FULL).
const SQLITE_FULL: u32 = 13;
/// SQLite's result code for a database that cannot be written (SQLITE_READONLY).
const SQLITE_READONLY: u32 = 8;
/// SQLite's extended codes for what the system did not let it write (SQLITE_IOERR_WRITE, _FSYNC, _TRUNCATE, _SHMSIZE): a
/// disk that became read-only under an open file says so by these.
const SQLITE_UNWRITTEN: [u32; 4] = [778, 1034, 1546, 4874];
/// SQLite's result codes for a damaged file, and for one that is no database (SQLITE_CORRUPT, SQLITE_NOTADB). Extended
/// codes have the plain one in their lowest byte.
const SQLITE_DAMAGED: [u32; 2] = [11, 26];
const PLAIN_CODE: u32 = 0xFF;

fn extended_code(error: &sqlx::Error) -> Option<u32> {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.and_then(|it| it.parse::<u32>().ok())
}

impl From<sqlx::Error> for OutboxError {
    fn from(error: sqlx::Error) -> Self {
        let Some(code) = extended_code(&error) else {
            return Self::Storage(error);
        };
        match code & PLAIN_CODE {
            _ if SQLITE_UNWRITTEN.contains(&code) => Self::ReadOnly,
            SQLITE_FULL => Self::DiskFull,
            SQLITE_READONLY => Self::ReadOnly,
            code if SQLITE_DAMAGED.contains(&code) => Self::Damaged(error.to_string()),
            _ => Self::Storage(error),
        }
    }
}
