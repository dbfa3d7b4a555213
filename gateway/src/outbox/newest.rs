//! The newest records, for the page at home: each with what receipts said of it.

use vitals::Record;
use vitals::wire::record;

use super::entries::HASH_TEXT_LEN;
use super::seal::{SealedRow, Table};
use super::{Outbox, OutboxError};

/// A record and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The record.
    pub record: Record,
    /// Where it is.
    pub place: Place,
}

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It waits for its receipt.
    Waiting,
    /// The server has confirmed it.
    Receipted,
    /// It is kept and not sent: the server has refused it.
    SetAside,
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    id: i64,
    is_receipted: bool,
    is_set_aside: bool,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

impl Outbox {
    /// Reads the records with the highest numbers, the newest first, at most `len_max`. What cannot be read is left out.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn newest(&self, len_max: usize) -> Result<Vec<Placed>, OutboxError> {
        let rows: Vec<PlacedRow> = sqlx::query_as(
            "SELECT e.sequence AS id, e.receipted_at IS NOT NULL AS is_receipted, e.set_aside IS NOT NULL AS is_set_aside, \
             s.salt, e.nonce, e.sealed AS bytes FROM entry e JOIN seal s ON s.id = e.seal ORDER BY e.sequence DESC LIMIT $1",
        )
        .bind(i64::try_from(len_max).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| self.placed(row))
            .collect())
    }

    fn placed(&self, row: PlacedRow) -> Option<Placed> {
        let text = self.sealer.open(Table::Entry, row.id, row.sealed).ok()?;
        let record = record::read(text.get(HASH_TEXT_LEN..)?).ok()?;
        let place = match (row.is_receipted, row.is_set_aside) {
            (true, _) => Place::Receipted,
            (_, true) => Place::SetAside,
            _ => Place::Waiting,
        };
        Some(Placed { record, place })
    }
}
