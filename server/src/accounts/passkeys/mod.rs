//! Passkeys (WebAuthn): a device of the person proves that it is there, and that it has recognised the person. That is both
//! steps of signing in at once.

#[cfg(test)]
pub(crate) mod device;
pub mod relying_party;
#[cfg(test)]
mod tests;

use anyhow::Context;
use clinical::PersonId;
use thiserror::Error;
use tracing::warn;

use super::policy::{Audience, Policy};
use super::questions::{self, About};
use super::sessions::{self, Session, Stage};
use super::sign_in::Begun;
use crate::audit::{self, Action, Actor, Entry};
use crate::clock::Clock;
use crate::store::passkeys::{self, NewPasskey};
use crate::store::{Store, Write, accounts, people};
use relying_party::{NotProved, Proof, RelyingParty};

/// The most passkeys that one person has.
pub const PASSKEYS_LEN_MAX: usize = 20;
/// The longest name of a passkey, in characters.
pub const NAME_LEN_MAX: usize = 60;
/// The longest answer of a browser that is looked at, in bytes.
pub const ANSWER_LEN_MAX: usize = 16 * 1024;

/// What signing in by a passkey needs of the program around it.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// Where accounts, passkeys and sessions are.
    pub store: &'a Store,
    /// The time and randomness.
    pub clock: &'a Clock,
    /// What the operator decided.
    pub policy: &'a Policy,
    /// Who asks, by the name that browsers know.
    pub party: &'a RelyingParty,
}

/// What a browser is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// By which the answer names its question.
    pub word: String,
    /// The options of `navigator.credentials`, as JSON.
    pub options: String,
}

/// Why a passkey was not added, or nobody was signed in.
#[derive(Debug, Error)]
pub enum Refused {
    /// The question was answered before, is too old, or was never asked.
    #[error("the question is not open any more")]
    Late,
    /// The answer proves nothing.
    #[error("that was not right")]
    Wrong,
    /// The device has counted fewer uses than we have: there may be two of it.
    #[error("the passkey may have been copied")]
    Copied,
    /// The passkey is known already.
    #[error("the passkey is known already")]
    Known,
    /// There are too many passkeys of this person, or too many questions open.
    #[error("there are too many")]
    TooMany,
    /// Something of ours failed.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

impl From<NotProved> for Refused {
    fn from(error: NotProved) -> Self {
        match error {
            NotProved::Wrong => Self::Wrong,
            NotProved::Copied => Self::Copied,
        }
    }
}

impl Desk<'_> {
    /// Asks a browser for a new passkey of a person.
    ///
    /// # Errors
    /// When the person has too many, or something failed.
    pub async fn ask_for_new(&self, person: &PersonId) -> Result<Question, Refused> {
        let readers = self.store.readers();
        let known = passkeys::of_person(readers, person).await?;
        if known.len() >= PASSKEYS_LEN_MAX {
            return Err(Refused::TooMany);
        }
        let account = accounts::of_person(readers, person).await?;
        let account = account.context("whoever is signed in has an account")?;
        let handle = match passkeys::handle_of(readers, person).await? {
            Some(handle) => relying_party::handle_of(&handle)?,
            None => {
                let mut bytes = [0; 16];
                self.clock.fill_random(&mut bytes)?;
                bytes
            }
        };
        let ids = known.iter().map(|it| it.id.as_str());
        let asked = self
            .party
            .ask_for_new(handle, &account.username, &account.name, ids)?;
        self.ask(About::NewPasskey, Some(person), asked).await
    }

    /// Asks a browser for any passkey that it has for us.
    ///
    /// # Errors
    /// When too many are being asked, or something failed.
    pub async fn ask_for_known(&self) -> Result<Question, Refused> {
        self.ask(About::Passkey, None, self.party.ask_for_known()?)
            .await
    }

    async fn ask(
        &self,
        about: About,
        person: Option<&PersonId>,
        asked: relying_party::Asked,
    ) -> Result<Question, Refused> {
        let word = questions::ask(self.store, self.clock, about, person, asked.state).await?;
        Ok(Question {
            word: word.ok_or(Refused::TooMany)?,
            options: asked.options,
        })
    }

    async fn answered(
        &self,
        about: About,
        person: Option<&PersonId>,
        word: &str,
    ) -> Result<String, Refused> {
        let state = questions::answered(self.store, self.clock, about, person, word).await?;
        state.ok_or(Refused::Late)
    }

    /// Adds a passkey to a person's.
    ///
    /// # Errors
    /// When the answer is late or proves nothing, the passkey is known, or something failed.
    pub async fn add(
        &self,
        person: &PersonId,
        word: &str,
        answer: &str,
        name: &str,
    ) -> Result<(), Refused> {
        let state = self.answered(About::NewPasskey, Some(person), word).await?;
        let made = self.party.made(answer, &state)?;
        let mut write = self.store.write().await?;
        let new = NewPasskey {
            id: &made.id,
            person,
            handle: &made.handle,
            name,
            credential: &made.credential,
            now: self.clock.now(),
        };
        if !passkeys::put(&mut write, new).await? {
            return Err(Refused::Known);
        }
        let kind = match people::audience(&mut write, person).await? {
            Audience::Staff => "staff",
            Audience::Home => "home",
        };
        let entry = Entry::new(Actor::person(person, kind), Action::PasskeyAdded);
        audit::append(&mut write, &[entry.detail(name)], new.now).await?;
        write.commit().await.context("a passkey was not kept")?;
        Ok(())
    }

    /// Signs in by a passkey: the session is begun in the transaction that keeps the device's count.
    ///
    /// # Errors
    /// When the answer is late or proves nothing, or something failed.
    pub async fn sign_in(&self, word: &str, answer: &str) -> Result<Begun, Refused> {
        let state = self.answered(About::Passkey, None, word).await?;
        let mut write = self.store.write().await?;
        let person = self.proved(&mut write, answer, &state).await?;
        let stage = Stage::Full;
        let fresh = sessions::begin(&mut write, &person, stage, self.policy, self.clock).await?;
        write.commit().await.context("a session was not kept")?;
        Ok(Begun {
            token: fresh.token,
            stage,
            person,
            audience: fresh.audience,
        })
    }

    /// Takes a passkey of who is signed in as proof that it is still them, before something risky. The session is another from
    /// then on, and ends when it would have ended.
    ///
    /// # Errors
    /// When the answer is late, proves nothing or is somebody else's, or something failed.
    pub async fn prove_again(
        &self,
        session: &Session,
        word: &str,
        answer: &str,
    ) -> Result<Begun, Refused> {
        let state = self.answered(About::Passkey, None, word).await?;
        let mut write = self.store.write().await?;
        let person = self.proved(&mut write, answer, &state).await?;
        if person.as_str() != session.row.person {
            return Err(Refused::Wrong);
        }
        let token = sessions::go_on(&mut write, session, self.clock).await?;
        let token = token.ok_or(Refused::Wrong)?;
        let entry = Entry::new(Actor::person(&person, "staff"), Action::ProvedAgain);
        let now = self.clock.now();
        audit::append(&mut write, &[entry.detail("by passkey")], now).await?;
        write.commit().await.context("a proof was not kept")?;
        Ok(Begun {
            token,
            stage: session.stage,
            person,
            audience: session.row.audience(),
        })
    }

    /// Finds who an answer proves to be here, and keeps the device's count.
    async fn proved(
        &self,
        write: &mut Write<'_>,
        answer: &str,
        state: &str,
    ) -> Result<PersonId, Refused> {
        let proof = Proof::read(answer)?;
        let now = self.clock.now();
        let row = passkeys::by_id(write, proof.id()).await?;
        let row = row
            .filter(|row| proof.is_of(&row.handle))
            .ok_or(Refused::Wrong)?;
        let proved = self.party.proved(&proof, state, &row.credential);
        if matches!(proved, Err(NotProved::Copied)) {
            warn!(
                "a passkey was refused because its device has counted fewer uses than this server"
            );
        }
        let credential = proved?;
        let person: PersonId = row.person.parse().context("a stored id is none")?;
        let account = accounts::of_person(self.store.readers(), &person).await?;
        if account.is_none_or(|account| !account.may_sign_in(now)) {
            return Err(Refused::Wrong);
        }
        if !passkeys::was_used(write, &row, &credential, now).await? {
            return Err(Refused::Wrong);
        }
        Ok(person)
    }
}
