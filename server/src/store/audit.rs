//! The audit trail as stored: entries are added and read, never changed.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool};

use crate::audit::Action;
use crate::audit::chain::Recorded;
use crate::audit::head::Head;

/// The most entries that are read at once.
pub const PAGE_LEN_MAX: u32 = 500;

macro_rules! select_entries {
    ($rest:literal) => {
        concat!(
            "SELECT number, at, person, role, session, patient, action, subject, detail, previous, hash FROM audit \
             WHERE ",
            $rest
        )
    };
}

/// Where the trail ends.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Tip {
    /// The newest entry's number; 0 before the first.
    pub number: i64,
    /// The newest entry's hash.
    pub hash: String,
}

/// Which entries are wanted: those for which all of this holds. By default all of them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Of this patient. As text: what is not registered, or no id at all, has no entries.
    pub patient: Option<String>,
    /// By this person: the id of a member of staff, `@unknown` or `@operator`.
    pub person: Option<String>,
    /// Of this kind.
    pub action: Option<Action>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Everything about one patient's record: who looked at it, and who changed it.
    pub fn of_patient(patient: &str) -> Self {
        Self {
            patient: Some(patient.to_owned()),
            ..Self::default()
        }
    }

    /// An empty text stands for any.
    fn texts(&self) -> [&str; 3] {
        [
            self.patient.as_deref().unwrap_or_default(),
            self.person.as_deref().unwrap_or_default(),
            self.action.map_or("", Action::code),
        ]
    }

    fn times(&self) -> [i64; 2] {
        [
            self.from.map_or(i64::MIN, Timestamp::as_microsecond),
            self.until.map_or(i64::MAX, Timestamp::as_microsecond),
        ]
    }
}

/// Takes the end of the trail for this transaction: nobody else appends until it ends.
///
/// # Errors
/// When the database fails.
pub async fn lock_tip(connection: &mut AnyConnection) -> anyhow::Result<Tip> {
    sqlx::query_as(
        "UPDATE audit_tip SET lock_count = lock_count + 1 WHERE one = 1 RETURNING number, hash",
    )
    .fetch_one(connection)
    .await
    .context("the end of the audit trail cannot be taken")
}

/// Reads the end of the trail.
///
/// # Errors
/// When the database fails.
pub async fn tip(connection: &mut AnyConnection) -> anyhow::Result<Tip> {
    sqlx::query_as("SELECT number, hash FROM audit_tip WHERE one = 1")
        .fetch_one(connection)
        .await
        .context("the end of the audit trail cannot be read")
}

/// Adds an entry and makes it the end. The end must be taken, and the entry linked to it.
///
/// # Errors
/// When the database fails, or the number is taken.
pub async fn append(connection: &mut AnyConnection, entry: &Recorded) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO audit (number, at, person, role, session, patient, action, subject, detail, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(entry.number)
    .bind(entry.at)
    .bind(&entry.person)
    .bind(&entry.role)
    .bind(&entry.session)
    .bind(&entry.patient)
    .bind(&entry.action)
    .bind(&entry.subject)
    .bind(&entry.detail)
    .bind(&entry.previous)
    .bind(&entry.hash)
    .execute(&mut *connection)
    .await
    .context("an entry cannot be added to the audit trail")?;
    sqlx::query("UPDATE audit_tip SET number = $1, hash = $2 WHERE one = 1")
        .bind(entry.number)
        .bind(&entry.hash)
        .execute(connection)
        .await
        .context("the end of the audit trail cannot be moved")?;
    Ok(())
}

/// Reads entries in their order, those after the number `after`, at most `len_max` and never more than
/// [`PAGE_LEN_MAX`].
///
/// # Errors
/// When the database fails.
pub async fn in_order(
    connection: &mut AnyConnection,
    filter: &Filter,
    after: i64,
    len_max: u32,
) -> anyhow::Result<Vec<Recorded>> {
    let statement = select_entries!(
        "($1 = '' OR patient = $1) AND ($2 = '' OR person = $2) AND ($3 = '' OR action = $3) \
         AND at >= $4 AND at < $5 AND number > $6 ORDER BY number LIMIT $7"
    );
    let ([patient, person, action], [from, until]) = (filter.texts(), filter.times());
    sqlx::query_as(statement)
        .bind(patient)
        .bind(person)
        .bind(action)
        .bind(from)
        .bind(until)
        .bind(after)
        .bind(i64::from(len_max.min(PAGE_LEN_MAX)))
        .fetch_all(connection)
        .await
        .context("the audit trail cannot be read")
}

/// Reads entries for a page, newest first: those before the number `before`, or the newest; at most `len_max` and never
/// more than [`PAGE_LEN_MAX`]. The next page is before the number of the last one that was given.
///
/// # Errors
/// When the database fails.
pub async fn newest_first(
    readers: &AnyPool,
    filter: &Filter,
    before: Option<i64>,
    len_max: u32,
) -> anyhow::Result<Vec<Recorded>> {
    // The same, led by the index of what is asked for: SQLite does not see through `OR`.
    let statement = match (&filter.patient, &filter.person) {
        (Some(_), _) => select_entries!(
            "patient = $1 AND ($2 = '' OR person = $2) AND ($3 = '' OR action = $3) \
             AND at >= $4 AND at < $5 AND number < $6 ORDER BY number DESC LIMIT $7"
        ),
        (None, Some(_)) => select_entries!(
            "person = $2 AND ($1 = '' OR patient = $1) AND ($3 = '' OR action = $3) \
             AND at >= $4 AND at < $5 AND number < $6 ORDER BY number DESC LIMIT $7"
        ),
        (None, None) => select_entries!(
            "($1 = '' OR patient = $1) AND ($2 = '' OR person = $2) AND ($3 = '' OR action = $3) \
             AND at >= $4 AND at < $5 AND number < $6 ORDER BY number DESC LIMIT $7"
        ),
    };
    let ([patient, person, action], [from, until]) = (filter.texts(), filter.times());
    sqlx::query_as(statement)
        .bind(patient)
        .bind(person)
        .bind(action)
        .bind(from)
        .bind(until)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(len_max.min(PAGE_LEN_MAX)))
        .fetch_all(readers)
        .await
        .context("the audit trail cannot be searched")
}

/// Keeps a signed head. The first of a day and a key stays.
///
/// # Errors
/// When the database fails.
pub async fn insert_head(connection: &mut AnyConnection, head: &Head) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO audit_head (day, public_key, number, hash, signed_at, signature) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (day, public_key) DO NOTHING",
    )
    .bind(&head.day)
    .bind(&head.public_key)
    .bind(head.number)
    .bind(&head.hash)
    .bind(head.signed_at)
    .bind(&head.signature)
    .execute(connection)
    .await
    .context("a head of the audit trail cannot be kept")?;
    Ok(())
}

/// Tells whether a key has signed on a day.
///
/// # Errors
/// When the database fails.
pub async fn is_signed(
    connection: &mut AnyConnection,
    day: &str,
    public_key: &str,
) -> anyhow::Result<bool> {
    let heads_len: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM audit_head WHERE day = $1 AND public_key = $2")
            .bind(day)
            .bind(public_key)
            .fetch_one(connection)
            .await
            .context("it cannot be read whether the audit trail is signed")?;
    Ok(heads_len > 0)
}

/// Reads the head that a key signed over the most entries.
///
/// # Errors
/// When the database fails.
pub async fn newest_head(
    connection: &mut AnyConnection,
    public_key: &str,
) -> anyhow::Result<Option<Head>> {
    sqlx::query_as(
        "SELECT day, public_key, number, hash, signed_at, signature FROM audit_head WHERE public_key = $1 \
         ORDER BY number DESC, signed_at DESC LIMIT 1",
    )
    .bind(public_key)
    .fetch_optional(connection)
    .await
    .context("the newest head of the audit trail cannot be read")
}

/// Reads heads in the order of their days and keys, those after the day and key `after`, at most [`PAGE_LEN_MAX`].
///
/// # Errors
/// When the database fails.
pub async fn heads(
    connection: &mut AnyConnection,
    after: (&str, &str),
) -> anyhow::Result<Vec<Head>> {
    let (day, public_key) = after;
    sqlx::query_as(
        "SELECT day, public_key, number, hash, signed_at, signature FROM audit_head \
         WHERE day > $1 OR (day = $1 AND public_key > $2) ORDER BY day, public_key LIMIT $3",
    )
    .bind(day)
    .bind(public_key)
    .bind(i64::from(PAGE_LEN_MAX))
    .fetch_all(connection)
    .await
    .context("the heads of the audit trail cannot be read")
}

/// Reads the head over the most entries, whichever key signed it.
///
/// # Errors
/// When the database fails.
pub async fn last_head(connection: &mut AnyConnection) -> anyhow::Result<Option<Head>> {
    sqlx::query_as(
        "SELECT day, public_key, number, hash, signed_at, signature FROM audit_head \
         ORDER BY number DESC, signed_at DESC, public_key LIMIT 1",
    )
    .fetch_optional(connection)
    .await
    .context("the last head of the audit trail cannot be read")
}
