//! Setting an account up: a code that works once lets a person set their own password, at first or when it is forgotten.

use std::net::IpAddr;

use anyhow::{Context, ensure};
use clinical::PersonId;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::password::{Weak, check_new};
use super::sessions::Stage;
use super::sign_in::{Begun, Door, Places, Refused, USERNAME_LEN_MAX, username};
use super::token;
use crate::clock::Clock;
use crate::store::{Store, accounts, passkeys, people, sessions as stored};

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

/// Gives a person an account, if they have none, and a code by which they set their password. Codes made before are no
/// longer good; the second step is set up anew where `forget_second_step` says so.
///
/// # Errors
/// When there is no such person, the name cannot be one or is somebody else's, or the database fails.
pub async fn invite(
    store: &Store,
    person: &PersonId,
    typed_name: &str,
    forget_second_step: bool,
    clock: &Clock,
) -> anyhow::Result<SetUpCode> {
    let name = username(typed_name);
    check_name(&name)?;
    let taken = accounts::by_username(store.readers(), &name).await?;
    ensure!(
        taken.is_none_or(|it| it.person == person.as_str()),
        "somebody else signs in as {name}; choose another name"
    );
    let now = clock.now();
    let made = SetUpCode {
        code: token::code(clock)?,
        expires_at: now + CODE_LASTS,
    };
    let mut write = store.write().await?;
    ensure!(
        people::is_known(&mut write, person).await?,
        "there is nobody {person}; register them first"
    );
    accounts::put(&mut write, person, &name, now).await?;
    if forget_second_step {
        accounts::forget_codes(&mut write, person).await?;
        // The phone that was lost may hold one.
        passkeys::remove_all(&mut write, person, now).await?;
    }
    accounts::set_disabled(&mut write, person, None).await?;
    let digest = token::digest_of(&made.code);
    accounts::put_code(&mut write, person, &digest, now, made.expires_at).await?;
    write.commit().await.context("the code was not kept")?;
    Ok(made)
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let fits = |letter: char| letter.is_alphanumeric() || USERNAME_MARKS.contains(&letter);
    ensure!(
        (2..=USERNAME_LEN_MAX).contains(&name.chars().count()) && name.chars().all(fits),
        "a name for signing in has 2 to {USERNAME_LEN_MAX} letters, digits, dots, dashes, underscores and @, such as ada.okafor"
    );
    Ok(())
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
        let account = account.map_err(Refused::Broken)?.ok_or(Refused::Wrong)?;
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
        if !accounts::use_code(&mut write, digest, now).await? {
            return Err(Refused::Wrong);
        }
        accounts::set_password(&mut write, &person, hash, now).await?;
        stored::end_all(&mut write, &person, now).await?;
        write.commit().await.context("a password was not kept")?;
        Ok(())
    }

    /// Changes the password of somebody who knows it, ends every session of the person, and begins another.
    ///
    /// # Errors
    /// When the old password was not right, the new one is weak, the try must wait, or something failed.
    pub async fn change_password(
        &self,
        person: &PersonId,
        old: &str,
        new: &str,
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
            write.commit().await.context("a password was not kept")
        };
        kept.await.map_err(Refused::Broken)?;
        // Whoever is here has taken the second step, where there is one.
        Ok(self.begin(&account, Stage::Full, &places).await?)
    }
}
