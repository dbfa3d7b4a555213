//! Accounts: how each person signs in. There is no password in them before the person has set one.

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

/// How a person signs in.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct AccountRow {
    /// The person.
    pub person: String,
    /// The name that they type.
    pub username: String,
    /// What others call them.
    pub name: String,
    /// The hash of their password (PHC string); `None` before they set one.
    pub password_hash: Option<String>,
    /// The secret of their one-time codes, sealed ([`crate::accounts::Vault`]); `None` before they began to set them up.
    pub totp_secret: Option<String>,
    /// Since when their one-time codes are in use.
    pub totp_confirmed_at: Option<i64>,
    /// Since when they may not sign in.
    pub disabled_at: Option<i64>,
    /// From when on they do not work here any more.
    pub left_at: Option<i64>,
}

/// Hashes and secrets stay out of logs.
impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow")
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

impl AccountRow {
    /// Tells whether the second step is set up.
    pub fn has_second_step(&self) -> bool {
        self.totp_secret.is_some() && self.totp_confirmed_at.is_some()
    }

    /// Tells whether the person may sign in at a moment: the account is not closed, and they work here.
    pub fn may_sign_in(&self, now: Timestamp) -> bool {
        let works = self.left_at.is_none_or(|left| left > now.as_microsecond());
        works && self.disabled_at.is_none()
    }
}

macro_rules! select_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT a.person, a.username, w.name, a.password_hash, a.totp_secret, a.totp_confirmed_at, a.disabled_at, \
             w.left_at \
             FROM account a JOIN person w ON w.id = a.person ",
            $rest
        )
    };
}

/// Finds an account by the name that a person types, in lower case.
///
/// # Errors
/// When the database does not answer.
pub async fn by_username(readers: &AnyPool, username: &str) -> anyhow::Result<Option<AccountRow>> {
    sqlx::query_as(select_accounts!("WHERE a.username = $1"))
        .bind(username)
        .fetch_optional(readers)
        .await
        .context("cannot read an account")
}

/// Finds a person's account.
///
/// # Errors
/// When the database does not answer.
pub async fn of_person(readers: &AnyPool, person: &PersonId) -> anyhow::Result<Option<AccountRow>> {
    sqlx::query_as(select_accounts!("WHERE a.person = $1"))
        .bind(person.as_str())
        .fetch_optional(readers)
        .await
        .context("cannot read an account")
}

/// Tells whether somebody else has a name, in lower case.
///
/// # Errors
/// When the database fails.
pub async fn is_taken(
    connection: &mut AnyConnection,
    username: &str,
    person: &PersonId,
) -> anyhow::Result<bool> {
    let found: Option<String> =
        sqlx::query_scalar("SELECT person FROM account WHERE username = $1 AND person <> $2")
            .bind(username)
            .bind(person.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}

/// Gives a person an account, or another name for it. What they have set stays. Tells whether they had none.
///
/// # Errors
/// When the database fails, the person is not known, or somebody else has the name.
pub async fn put(
    connection: &mut AnyConnection,
    person: &PersonId,
    username: &str,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let renamed = sqlx::query("UPDATE account SET username = $2 WHERE person = $1")
        .bind(person.as_str())
        .bind(username)
        .execute(&mut *connection)
        .await?;
    if renamed.rows_affected() > 0 {
        return Ok(false);
    }
    sqlx::query("INSERT INTO account (person, username, created_at) VALUES ($1, $2, $3)")
        .bind(person.as_str())
        .bind(username)
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(true)
}

/// Keeps a new password's hash.
///
/// # Errors
/// When the database fails.
pub async fn set_password(
    connection: &mut AnyConnection,
    person: &PersonId,
    hash: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE account SET password_hash = $2, password_set_at = $3 WHERE person = $1")
        .bind(person.as_str())
        .bind(hash)
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps a secret of one-time codes that is not in use before the person has shown a code of it.
///
/// # Errors
/// When the database fails.
pub async fn offer_codes(
    connection: &mut AnyConnection,
    person: &PersonId,
    secret: &str,
) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE account SET totp_secret = $2, totp_confirmed_at = NULL, totp_step_used = NULL WHERE person = $1",
    )
    .bind(person.as_str())
    .bind(secret)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets a person's one-time codes: they are to set them up anew.
///
/// # Errors
/// When the database fails.
pub async fn forget_codes(connection: &mut AnyConnection, person: &PersonId) -> anyhow::Result<()> {
    sqlx::query(
        "UPDATE account SET totp_secret = NULL, totp_confirmed_at = NULL, totp_step_used = NULL WHERE person = $1",
    )
    .bind(person.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks a step's code as used, and the codes as in use from now on; tells whether it was not used before.
///
/// # Errors
/// When the database fails.
pub async fn use_step(
    connection: &mut AnyConnection,
    person: &PersonId,
    step: i64,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE account SET totp_step_used = $2, totp_confirmed_at = COALESCE(totp_confirmed_at, $3) \
         WHERE person = $1 AND (totp_step_used IS NULL OR totp_step_used < $2)",
    )
    .bind(person.as_str())
    .bind(step)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Keeps a person from signing in, or lets them again.
///
/// # Errors
/// When the database fails.
pub async fn set_disabled(
    connection: &mut AnyConnection,
    person: &PersonId,
    at: Option<Timestamp>,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE account SET disabled_at = $2 WHERE person = $1")
        .bind(person.as_str())
        .bind(at.map(Timestamp::as_microsecond))
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds whose code it is, while it is good.
///
/// # Errors
/// When the database does not answer.
pub async fn of_code(
    readers: &AnyPool,
    digest: &str,
    now: Timestamp,
) -> anyhow::Result<Option<AccountRow>> {
    sqlx::query_as(select_accounts!(
        "JOIN set_up_code c ON c.person = a.person \
         WHERE c.digest = $1 AND c.used_at IS NULL AND c.expires_at > $2 AND a.disabled_at IS NULL \
         AND (w.left_at IS NULL OR w.left_at > $2)"
    ))
    .bind(digest)
    .bind(now.as_microsecond())
    .fetch_optional(readers)
    .await
    .context("cannot read a code")
}
