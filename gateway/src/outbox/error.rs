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
const SQLITE_FULL: &str = "13";

impl From<sqlx::Error> for OutboxError {
    fn from(error: sqlx::Error) -> Self {
        let is_full = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| code == SQLITE_FULL);
        if is_full {
            Self::Full
        } else {
            Self::Storage(error)
        }
    }
}
