//! The outbox: every capture and record, sealed on disk, until the server's receipt and a while longer.

mod captures;
mod entries;
mod error;
mod latest;
mod newest;
mod receipts;
mod room;
mod salvage;
mod seal;
pub mod status;
#[cfg(test)]
mod tests;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{StatVfsMountFlags, statvfs};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::sync::watch;
use vitals::{Epoch, GatewayId};

use crate::clock;
use crate::keys::SealingKey;

pub use captures::{CaptureRow, Leftover};
pub use entries::{Appended, ChainEnd};
pub use error::OutboxError;
pub use latest::{Delivery, LOOKED_THROUGH_LEN_MAX, LatestRecord};
pub use newest::{Place, Placed};
pub use receipts::ReceiptEffect;
pub use salvage::damaged_are_kept;
pub use status::OutboxStatus;

use seal::{NumberedRow, SealedRow, Sealer, Table};

/// The database's file name in the state folder.
pub const FILE_NAME: &str = "outbox.db";

const PAGE_LEN: u64 = 4096;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const JOURNAL_SIZE_LIMIT_BYTES: &str = "4194304";

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The durable queue of one gateway. All of its methods commit with fsync before they return.
#[derive(Debug)]
pub struct Outbox {
    pool: SqlitePool,
    sealer: Sealer,
    seal_row: i64,
    gateway: GatewayId,
    epoch: Epoch,
    pages_max: i64,
    file: PathBuf,
    waiting: watch::Sender<()>,
}

impl Outbox {
    /// Opens the outbox in the file, and makes it first where there is none. Of a file that is damaged, what can be read
    /// and has no receipt is taken over into a new one.
    ///
    /// # Errors
    /// When the file belongs to another gateway or was sealed with another key, has a schema that is not known, the disk
    /// fails, or has damaged too many files.
    pub async fn open(
        file: &Path,
        gateway: &GatewayId,
        sealing_key: SealingKey,
        size_bytes_max: u64,
    ) -> Result<Self, OutboxError> {
        let open = || Self::open_whole(file, gateway, sealing_key.clone(), size_bytes_max);
        let outbox = match open().await {
            Err(OutboxError::Damaged(why)) => {
                tracing::error!(error = why, "the outbox's file is damaged; it is set aside");
                salvage::set_aside(file)?;
                open().await?
            }
            other => other?,
        };
        salvage::finish(&outbox, file, sealing_key).await?;
        Ok(outbox)
    }

    async fn open_whole(
        file: &Path,
        gateway: &GatewayId,
        sealing_key: SealingKey,
        size_bytes_max: u64,
    ) -> Result<Self, OutboxError> {
        make_private(file)?;
        let pages_max = i64::try_from(size_bytes_max / PAGE_LEN).unwrap_or(i64::MAX);
        // One connection: the journey of a reading is a line, and the box has little memory.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options(file, pages_max))
            .await?;
        check_whole(&pool).await?;
        MIGRATOR
            .run(&pool)
            .await
            .map_err(OutboxError::UnknownSchema)?;
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
        let epoch = load_or_begin_epoch(&mut tx, gateway).await?;
        let sealer = Sealer::new(sealing_key, gateway, epoch)?;
        check_sealing_key(&mut tx, &sealer).await?;
        let seal_row = begin_seal(&mut tx, &sealer).await?;
        tx.commit().await?;
        Ok(Self {
            pool,
            sealer,
            seal_row,
            gateway: gateway.clone(),
            epoch,
            pages_max,
            file: file.to_owned(),
            waiting: watch::Sender::new(()),
        })
    }

    /// Gives the life of this outbox.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Gives the gateway that it belongs to.
    pub fn gateway(&self) -> &GatewayId {
        &self.gateway
    }

    /// Gives a receiver that changes whenever records begin to wait for the uplink.
    pub fn waiting(&self) -> watch::Receiver<()> {
        self.waiting.subscribe()
    }

    /// Closes the database, its journal written back.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// SQLite rolls back by itself when the disk is full; sqlx then fails to, believes for ever in a transaction that is
    /// gone, and begins no other. So such a connection is given up.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, OutboxError> {
        self.check_writable()?;
        let begun = self.pool.begin_with("BEGIN IMMEDIATE").await;
        if let Err(sqlx::Error::InvalidSavePointStatement) = begun {
            let spoilt = self.pool.acquire().await?;
            if let Err(error) = spoilt.close().await {
                tracing::debug!(error = %error, "a connection to the outbox was not closed cleanly");
            }
            return Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?);
        }
        Ok(begun?)
    }

    /// Refuses a disk that was made read-only while the file was open: Linux up to 6.14 then lets ext4 take a write into
    /// memory, and says of its fsync that all is well although nothing reaches the disk.
    fn check_writable(&self) -> Result<(), OutboxError> {
        let found = statvfs(&self.file)
            .map_err(|error| OutboxError::Storage(sqlx::Error::Io(error.into())))?;
        if found.f_flag.contains(StatVfsMountFlags::RDONLY) {
            return Err(OutboxError::ReadOnly);
        }
        Ok(())
    }
}

/// SQLite gives its journal the mode that the database has, so the file is made before SQLite makes it for all to read.
fn make_private(file: &Path) -> Result<(), OutboxError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(file)
        .map(drop)
        .map_err(|error| OutboxError::Storage(error.into()))
}

/// A page that a worn disk lost is found now, and not when the reading on it is wanted.
async fn check_whole(pool: &SqlitePool) -> Result<(), OutboxError> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(pool)
        .await?;
    if found == "ok" {
        Ok(())
    } else {
        Err(OutboxError::Damaged(found))
    }
}

fn options(file: &Path, pages_max: i64) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .page_size(4096)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT_BYTES)
        .pragma("max_page_count", pages_max.to_string())
}

async fn load_or_begin_epoch(
    connection: &mut SqliteConnection,
    gateway: &GatewayId,
) -> Result<Epoch, OutboxError> {
    let known: Option<(String, String)> = sqlx::query_as("SELECT gateway, epoch FROM meta")
        .fetch_optional(&mut *connection)
        .await?;
    if let Some((owner, epoch)) = known {
        if owner != gateway.as_str() {
            return Err(OutboxError::WrongGateway { owner });
        }
        return epoch
            .parse()
            .map_err(|_| OutboxError::Corrupt { what: "an epoch" });
    }
    let mut bytes = [0; 8];
    clock::fill_random(&mut bytes).map_err(|_| OutboxError::Seal("no random bytes"))?;
    let epoch = Epoch(u64::from_be_bytes(bytes));
    sqlx::query(
        "INSERT INTO meta (id, gateway, epoch, last_sequence, head, last_capture) VALUES (1, $1, $2, 0, $3, 0)",
    )
    .bind(gateway.as_str())
    .bind(epoch.to_string())
    .bind(epoch.genesis(gateway).to_string())
    .execute(connection)
    .await?;
    Ok(epoch)
}

/// The proof of the last opening opens only with the key that sealed it: better one clear refusal here than one for each row.
async fn check_sealing_key(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
) -> Result<(), OutboxError> {
    let last: Option<NumberedRow> =
        sqlx::query_as("SELECT id, salt, nonce, proof AS bytes FROM seal ORDER BY id DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    let Some(last) = last else {
        return Ok(());
    };
    match sealer.open(Table::Seal, last.id, last.sealed) {
        Err(OutboxError::SealBroken { .. }) => Err(OutboxError::WrongSealingKey),
        other => other.map(|_| ()),
    }
}

/// Records the salt of this opening, and drops those under which nothing is sealed any more.
async fn begin_seal(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
) -> Result<i64, OutboxError> {
    let id: i64 = sqlx::query_scalar("SELECT coalesce(max(id), 0) + 1 FROM seal")
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM seal WHERE id NOT IN (SELECT seal FROM capture) AND id NOT IN (SELECT seal FROM entry)",
    )
    .execute(&mut *connection)
    .await?;
    let proof = sealer.seal(Table::Seal, id, "")?;
    sqlx::query("INSERT INTO seal (id, salt, nonce, proof) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(sealer.salt())
        .bind(proof.nonce.as_slice())
        .bind(proof.bytes)
        .execute(connection)
        .await?;
    Ok(id)
}
