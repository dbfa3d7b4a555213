//! Questions that a browser takes elsewhere, to a device or to another service, and brings an answer to: each is answered once,
//! within minutes, and by nobody who does not know its word.

use anyhow::Context;
use clinical::PersonId;
use jiff::SignedDuration;

use super::token;
use crate::clock::Clock;
use crate::store::Store;
use crate::store::questions::{self, QuestionRow};

/// How long a browser may take to answer.
pub const QUESTION_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A new passkey.
    NewPasskey,
    /// Signing in by a passkey.
    Passkey,
    /// Signing in by another service.
    Oidc,
}

impl About {
    fn code(self) -> &'static str {
        match self {
            Self::NewPasskey => "new_passkey",
            Self::Passkey => "passkey",
            Self::Oidc => "oidc",
        }
    }
}

/// Keeps what an answer is checked by, and gives the word of the question; `None` when too many are open.
///
/// # Errors
/// When the database fails, or the system gives no entropy.
pub async fn ask(
    store: &Store,
    clock: &Clock,
    about: About,
    person: Option<&PersonId>,
    state: String,
) -> anyhow::Result<Option<String>> {
    let word = token::token(clock)?;
    let question = QuestionRow {
        kind: about.code().to_owned(),
        person: person.map(ToString::to_string),
        state,
    };
    let (digest, now) = (token::digest_of(&word), clock.now());
    let mut write = store.write().await?;
    if !questions::ask(&mut write, &digest, &question, now + QUESTION_LIFE, now).await? {
        return Ok(None);
    }
    write.commit().await.context("a question was not kept")?;
    Ok(Some(word))
}

/// Takes the question of an answer, which can be answered once, however wrongly, and gives what the answer is checked by.
/// `None` when it is not open, or is another one's.
///
/// # Errors
/// When the database fails.
pub async fn answered(
    store: &Store,
    clock: &Clock,
    about: About,
    person: Option<&PersonId>,
    word: &str,
) -> anyhow::Result<Option<String>> {
    if word.len() > token::TEXT_LEN_MAX {
        return Ok(None);
    }
    let mut write = store.write().await?;
    let question = questions::answered(&mut write, &token::digest_of(word), clock.now()).await?;
    write.commit().await.context("a question was not taken")?;
    let question = question.filter(|it| {
        it.kind == about.code() && it.person.as_deref() == person.map(PersonId::as_str)
    });
    Ok(question.map(|it| it.state))
}
