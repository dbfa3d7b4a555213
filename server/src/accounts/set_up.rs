//! Setting an account up: a code that works once lets a person set their own password, at first or when it is forgotten.

use std::net::IpAddr;

use anyhow::Context;
use clinical::PersonId;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::password::{Weak, check_new};
use super::policy::Audience;
use super::sessions::Stage;
use super::sign_in::{Begun, Door, Places, Refused, USERNAME_LEN_MAX, username};
use super::token;
use crate::audit::{self, Action, Actor, Entry};
use crate::clock::Clock;
use crate::store::{Store, Write, accounts, passkeys, people, sessions as stored, set_up_codes};

/// For how long a code is good.
const CODE_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// The letters of names for signing in, besides letters and digits.
const USERNAME_MARKS: &[char] = &['.', '-', '_', '@'];

/// A code, and for how long it is good. It can be shown only now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpCode {
    /// What the person types.
    pub code: String,
    /// When it stops to be good.
    pub expires_at: Timestamp,
    /// The name that they sign in by.
    pub name: String,
    /// Whether they had no sign-in before.
    pub is_new: bool,
    /// Whether their second step and passkeys were forgotten.
    pub forgets_second_step: bool,
}

/// Why an account was not set up.
#[derive(Debug, Error)]
pub enum NotSetUp {
    /// The code or the try was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The password is not good enough. The code stays good.
    #[error(transparent)]
    Weak(#[from] Weak),
}

/// Why nobody was given a code.
#[derive(Debug, Error)]
pub enum NotInvited {
    /// The name cannot be one.
    #[error(
        "a name for signing in has 2 to {USERNAME_LEN_MAX} letters, digits, dots, dashes, underscores and @, such as ada.okafor"
    )]
    BadName,
    /// The name is taken.
    #[error("somebody else signs in as {0}; choose another name")]
    Taken(String),
    /// There is no such person.
    #[error("there is nobody {0}; register them first")]
    Nobody(PersonId),
    /// The person is a patient or a carer.
    #[error("{0} is a patient or a carer: a nurse makes their codes on the patient's page")]
    AtHome(PersonId),
    /// Something of ours failed.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

/// Gives a person an account, if they have none, and a code by which they set their password. Codes made before are no
/// longer good; the second step is set up anew where `forget_second_step` says so. `by` is who does so, for the audit trail.
///
/// # Errors
/// When there is no such person, the name cannot be one or is somebody else's, or the database fails.
pub async fn invite(
    store: &Store,
    person: &PersonId,
    typed_name: &str,
    forget_second_step: bool,
    by: Actor,
    clock: &Clock,
) -> Result<SetUpCode, NotInvited> {
    let mut write = store.write().await?;
    let made = invite_in(&mut write, person, typed_name, forget_second_step, clock).await?;
    let entry = made.entry(by, person);
    audit::append(&mut write, &[entry], clock.now()).await?;
    write.commit().await.context("the code was not kept")?;
    Ok(made)
}

/// Does what [`invite`] does within a transaction, but for the entry in the audit trail ([`SetUpCode::entry`]), which is its
/// last statement.
///
/// # Errors
/// As [`invite`]: the transaction must be dropped.
pub async fn invite_in(
    write: &mut Write<'_>,
    person: &PersonId,
    typed_name: &str,
    forget_second_step: bool,
    clock: &Clock,
) -> Result<SetUpCode, NotInvited> {
    let name = username(typed_name);
    if !is_name(&name) {
        return Err(NotInvited::BadName);
    }
    if accounts::is_taken(write, &name, person).await? {
        return Err(NotInvited::Taken(name));
    }
    if !people::is_known(write, person).await? {
        return Err(NotInvited::Nobody(person.clone()));
    }
    if people::audience(write, person).await? != Audience::Staff {
        return Err(NotInvited::AtHome(person.clone()));
    }
    let now = clock.now();
    let is_new = accounts::put(write, person, &name, now).await?;
    if forget_second_step {
        accounts::forget_codes(write, person).await?;
        // The phone that was lost may hold one.
        passkeys::remove_all(write, person, now).await?;
    }
    accounts::set_disabled(write, person, None).await?;
    let made = SetUpCode {
        code: token::code(clock)?,
        expires_at: now + CODE_LASTS,
        name,
        is_new,
        forgets_second_step: forget_second_step,
    };
    let digest = token::digest_of(&made.code);
    set_up_codes::put(write, person, &digest, now, made.expires_at).await?;
    Ok(made)
}

impl SetUpCode {
    /// Says in the audit trail that it was made.
    pub fn entry(&self, by: Actor, person: &PersonId) -> Entry {
        let action = if self.is_new {
            Action::SignInMade
        } else {
            Action::SignInReset
        };
        let anew = if self.forgets_second_step {
            ", second step and passkeys forgotten"
        } else {
            ""
        };
        let entry = Entry::new(by, action).about(person);
        entry.detail(&format!("as {}{anew}", self.name))
    }
}

fn is_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || USERNAME_MARKS.contains(&letter);
    (2..=USERNAME_LEN_MAX).contains(&name.chars().count()) && name.chars().all(fits)
}

impl Door<'_> {
    /// Sets the password by a code, ends every other session of the person, and signs them in.
    ///
    /// # Errors
    /// When the code is not good, the password is weak, the try must wait, or something failed.
    pub async fn set_up(
        &self,
        typed_code: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<Begun, NotSetUp> {
        let digest = token::digest_of(&token::as_made(typed_code));
        // All who have a code type it at the same place: it is counted by address, and by the code.
        let places = Places::of(&digest, from);
        self.count(&places).await?;
        let now = self.clock.now();
        let account = accounts::of_code(self.store.readers(), &digest, now).await;
        let account = account.map_err(Refused::Broken)?;
        // Whoever is at home has no password, and comes in elsewhere.
        let account = account.filter(|it| it.audience() == Audience::Staff);
        let account = account.ok_or(Refused::Wrong)?;
        if let Err(weak) = check_new(password, &[&account.username, &account.name]) {
            self.take_back(&places).await?;
            return Err(weak.into());
        }
        let hash = self.passwords.hash(password, self.clock).await;
        let hash = hash.map_err(Refused::from)?;
        self.keep(&account.person, &digest, &hash).await?;
        let stage = self.stage_after_password(&account);
        Ok(self.begin(&account, stage, &places).await?)
    }

    async fn keep(&self, person: &str, digest: &str, hash: &str) -> Result<(), Refused> {
        let person: PersonId = person.parse().context("a stored id is none")?;
        let now = self.clock.now();
        let mut write = self.store.write().await?;
        if !set_up_codes::use_up(&mut write, digest, now).await? {
            return Err(Refused::Wrong);
        }
        accounts::set_password(&mut write, &person, hash, now).await?;
        stored::end_all(&mut write, &person, now).await?;
        let entry = Entry::new(Actor::person(&person, "staff"), Action::PasswordSet);
        audit::append(&mut write, &[entry.detail("by a code")], now).await?;
        write.commit().await.context("a password was not kept")?;
        Ok(())
    }

    /// Changes the password of somebody who knows it, ends every session of the person, and begins another. `by` is the person,
    /// for the audit trail.
    ///
    /// # Errors
    /// When the old password was not right, the new one is weak, the try must wait, or something failed.
    pub async fn change_password(
        &self,
        person: &PersonId,
        (old, new): (&str, &str),
        by: Actor,
        from: IpAddr,
    ) -> Result<Begun, NotSetUp> {
        let account = accounts::of_person(self.store.readers(), person).await;
        let account = account.map_err(Refused::Broken)?.ok_or(Refused::Wrong)?;
        let places = Places::of(&account.username, from);
        let queued = self.passwords.queue().map_err(Refused::from)?;
        self.count(&places).await?;
        let hash = account.password_hash.clone();
        let is_right = self.passwords.is_right(queued, old, hash).await;
        if !is_right.map_err(Refused::from)? {
            return Err(Refused::Wrong.into());
        }
        if let Err(weak) = check_new(new, &[&account.username, &account.name]) {
            self.take_back(&places).await?;
            return Err(weak.into());
        }
        let hash = self.passwords.hash(new, self.clock).await;
        let hash = hash.map_err(Refused::from)?;
        let now = self.clock.now();
        let mut write = self.store.write().await.map_err(Refused::from)?;
        let kept = async {
            accounts::set_password(&mut write, person, &hash, now).await?;
            stored::end_all(&mut write, person, now).await?;
            audit::append(&mut write, &[Entry::new(by, Action::PasswordSet)], now).await?;
            write.commit().await.context("a password was not kept")
        };
        kept.await.map_err(Refused::Broken)?;
        // Whoever is here has taken the second step, where there is one.
        Ok(self.begin(&account, Stage::Full, &places).await?)
    }
}
