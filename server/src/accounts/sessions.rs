//! Sessions: begun after a proof, rotated at each step, ended by idleness, by time, or by the person.

use clinical::PersonId;
use jiff::{SignedDuration, Timestamp};

use super::policy::Policy;
use super::token;
use crate::clock::Clock;
use crate::store::sessions::{self, NewSession, SessionRow};
use crate::store::{Store, Write};

/// How long somebody may take for the second step.
const STEP_WAIT_MAX: SignedDuration = SignedDuration::from_mins(10);
/// How much time must have passed before it is noted again that something was done: not every page writes.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// How long after its end a session is still kept.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How many sessions are forgotten whenever one begins: more than one, so that their number falls.
const FORGOTTEN_AT_ONCE_MAX: i64 = 16;

/// What is still asked of whoever has a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A one-time code.
    Code,
    /// Setting the second step up.
    Enrol,
    /// Nothing.
    Full,
}

impl Stage {
    /// Gives the name that the database uses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Enrol => "enrol",
            Self::Full => "full",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Code, Self::Enrol, Self::Full]
            .into_iter()
            .find(|stage| stage.code() == code)
    }
}

/// A session that holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// As it is stored.
    pub row: SessionRow,
    /// What is still asked.
    pub stage: Stage,
}

/// Begins a session, within the transaction that keeps the proof, and gives its token.
///
/// # Errors
/// When the database fails, or the system gives no entropy.
pub async fn begin(
    write: &mut Write<'_>,
    person: &PersonId,
    stage: Stage,
    policy: &Policy,
    clock: &Clock,
) -> anyhow::Result<String> {
    begin_proved(write, person, stage, clock.now(), policy, clock).await
}

/// Begins a session as [`begin`] does, of somebody who proved who they are at another time.
///
/// # Errors
/// As [`begin`].
pub async fn begin_proved(
    write: &mut Write<'_>,
    person: &PersonId,
    stage: Stage,
    proved_at: Timestamp,
    policy: &Policy,
    clock: &Clock,
) -> anyhow::Result<String> {
    let token = token::token(clock)?;
    let now = clock.now();
    let lasts = match stage {
        Stage::Full => policy.session_max(),
        Stage::Code | Stage::Enrol => STEP_WAIT_MAX,
    };
    let new = NewSession {
        digest: &token::digest_of(&token),
        person,
        stage: stage.code(),
        now,
        proved_at,
        ends_at: now + lasts,
    };
    sessions::put(write, new).await?;
    sessions::forget(write, now - FORGOTTEN_AFTER, FORGOTTEN_AT_ONCE_MAX).await?;
    Ok(token)
}

/// Begins a session in the place of one whose person has proved again who they are, and gives its token. It ends when the
/// other would have ended; `None` when that was ended meanwhile.
///
/// # Errors
/// When the database fails, or the system gives no entropy.
pub async fn go_on(
    write: &mut Write<'_>,
    session: &Session,
    clock: &Clock,
) -> anyhow::Result<Option<String>> {
    let now = clock.now();
    if !sessions::end(write, &session.row.digest, now).await? {
        return Ok(None);
    }
    let token = token::token(clock)?;
    let new = NewSession {
        digest: &token::digest_of(&token),
        person: &session.row.person.parse()?,
        stage: session.stage.code(),
        now,
        proved_at: now,
        ends_at: Timestamp::from_microsecond(session.row.ends_at)?,
    };
    sessions::put(write, new).await?;
    Ok(Some(token))
}

/// Finds the session of a token, if it holds now.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    store: &Store,
    token: &str,
    policy: &Policy,
    now: Timestamp,
) -> anyhow::Result<Option<Session>> {
    if token.len() > token::TEXT_LEN_MAX {
        return Ok(None);
    }
    by_digest(store, &token::digest_of(token), policy, now).await
}

/// Finds a session by the digest of its token, if it holds now.
///
/// # Errors
/// When the database does not answer.
pub async fn by_digest(
    store: &Store,
    digest: &str,
    policy: &Policy,
    now: Timestamp,
) -> anyhow::Result<Option<Session>> {
    let row = sessions::by_digest(store.readers(), digest, now).await?;
    Ok(row.and_then(|row| holding(row, policy, now)))
}

/// Notes that something was done in a session, now and then.
///
/// # Errors
/// When the database fails.
pub async fn keep_alive(store: &Store, session: &Session, now: Timestamp) -> anyhow::Result<()> {
    let seen_at = Timestamp::from_microsecond(session.row.seen_at)?;
    if now < seen_at + SEEN_EVERY {
        return Ok(());
    }
    let mut write = store.write().await?;
    sessions::seen(&mut write, &session.row.digest, now).await?;
    write.commit().await?;
    Ok(())
}

/// Tells whether a stored session holds: not idle for too long, not over.
fn holding(row: SessionRow, policy: &Policy, now: Timestamp) -> Option<Session> {
    let stage = Stage::from_code(&row.stage)?;
    let seen_at = Timestamp::from_microsecond(row.seen_at).ok()?;
    let ends_at = Timestamp::from_microsecond(row.ends_at).ok()?;
    let holds = now < ends_at && now < seen_at + policy.idle_max();
    holds.then_some(Session { row, stage })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stage: &str) -> SessionRow {
        SessionRow {
            digest: String::new(),
            person: "nurse-1".to_owned(),
            name: String::new(),
            role: String::new(),
            team: String::new(),
            stage: stage.to_owned(),
            began_at: 0,
            seen_at: at(0).as_microsecond(),
            ends_at: at(12 * 60).as_microsecond(),
            proved_at: 0,
        }
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn a_session_ends_after_a_quarter_of_an_hour_without_a_click_and_at_its_end() {
        let policy = Policy::default();
        let holds = |row: SessionRow, minutes| holding(row, &policy, at(minutes)).is_some();
        assert!(holds(row("full"), 14));
        assert!(!holds(row("full"), 15));
        let busy = SessionRow {
            seen_at: at(12 * 60 - 1).as_microsecond(),
            ..row("full")
        };
        assert!(holds(busy.clone(), 12 * 60 - 1));
        assert!(!holds(busy, 12 * 60));
        assert!(!holds(row("root"), 1), "a stage that nobody knows");
    }
}
