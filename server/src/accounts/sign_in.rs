//! Signing in: a name and a password, then a one-time code. Whoever fails learns only that it was not right.

use std::net::IpAddr;

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use thiserror::Error;

use super::password::{LEN_MAX, NotNow, Passwords};
use super::policy::{Audience, Policy, SecondStep};
use super::sessions::{self, Session, Stage};
use super::throttle::{FORGOTTEN_AFTER, Place};
use super::token;
use super::totp::OneTimeCodes;
use super::vault::Vault;
use crate::audit::{self, Action, Actor, Entry};
use crate::clock::Clock;
use crate::connections::network;
use crate::store::accounts::{self, AccountRow};
use crate::store::{Store, sessions as stored, sign_in_failures};

/// The longest name that is looked up, in characters.
pub const USERNAME_LEN_MAX: usize = 100;

/// What signing in needs of the program around it.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// Where accounts and sessions are.
    pub store: &'a Store,
    /// The time and randomness.
    pub clock: &'a Clock,
    /// What the operator decided.
    pub policy: &'a Policy,
    /// Where passwords are worked on.
    pub passwords: &'a Passwords,
    /// By what the secrets of one-time codes are opened.
    pub vault: &'a Vault,
}

/// A session that has just begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What the browser keeps.
    pub token: String,
    /// What is still asked.
    pub stage: Stage,
    /// Whose it is.
    pub person: PersonId,
    /// Of what kind they are.
    pub audience: Audience,
}

/// Why nobody was signed in.
#[derive(Debug, Error)]
pub enum Refused {
    /// It was not right: the name, the password or the code; which of them is not said.
    #[error("that was not right")]
    Wrong,
    /// Too many tries failed.
    #[error("too many tries failed; the next may be at {0}")]
    Throttled(Timestamp),
    /// Too many people are signing in.
    #[error("too many people are signing in at this moment")]
    Busy,
    /// Something of ours failed.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

impl From<NotNow> for Refused {
    fn from(error: NotNow) -> Self {
        match error {
            NotNow::Busy => Self::Busy,
            NotNow::Broken(error) => Self::Broken(error),
        }
    }
}

/// Writes a name as accounts have it.
pub fn username(typed: &str) -> String {
    typed.trim().to_lowercase()
}

impl Door<'_> {
    /// Signs in by name and password.
    ///
    /// # Errors
    /// When it was not right, must wait, or something failed.
    pub async fn by_password(
        &self,
        typed_name: &str,
        password: &str,
        from: IpAddr,
    ) -> Result<Begun, Refused> {
        let name = username(typed_name);
        let is_readable =
            name.chars().count() <= USERNAME_LEN_MAX && password.chars().count() <= LEN_MAX;
        let places = Places::of(&name, from);
        // First of all: what is not looked at is no failure, and costs the database nothing that readings wait for.
        let queued = self.passwords.queue()?;
        self.count(&places).await?;
        let account = match is_readable {
            true => accounts::by_username(self.store.readers(), &name).await?,
            false => None,
        };
        let account = account.filter(|it| it.may_sign_in(self.clock.now()));
        let hash = account.as_ref().and_then(|it| it.password_hash.clone());
        // An unreadable password is looked at in vain, for the same time.
        let looked_at = if is_readable { password } else { "" };
        let is_right = self.passwords.is_right(queued, looked_at, hash).await?;
        let account = account
            .filter(|_| is_right && is_readable)
            .ok_or(Refused::Wrong)?;
        let stage = self.stage_after_password(&account);
        self.begin(&account, stage, &places).await
    }

    /// Takes the second step: a code that was not used before. The session is another from then on.
    ///
    /// # Errors
    /// When it was not right, must wait, or something failed.
    pub async fn by_code(
        &self,
        session: &Session,
        code: &str,
        from: IpAddr,
    ) -> Result<Begun, Refused> {
        let person: PersonId = session.row.person.parse().context("a stored id is none")?;
        let account = accounts::of_person(self.store.readers(), &person).await?;
        let account = account.ok_or(Refused::Wrong)?;
        let places = Places::of(&account.username, from);
        self.count(&places).await?;
        let now = self.clock.now();
        let step = self.codes_of(&account)?.step_of(code, now);
        let step = step.ok_or(Refused::Wrong)?;
        let mut write = self.store.write().await?;
        if !accounts::use_step(&mut write, &person, step, now).await? {
            return Err(Refused::Wrong);
        }
        stored::end(&mut write, &session.row.digest, now).await?;
        if !account.has_second_step() {
            let entry = Entry::new(Actor::person(&person, "staff"), Action::SecondStepSet);
            audit::append(&mut write, &[entry], now).await?;
        }
        write.commit().await.context("a used code was not kept")?;
        self.begin(&account, Stage::Full, &places).await
    }

    /// Opens the secret of a person's one-time codes.
    pub(super) fn codes_of(&self, account: &AccountRow) -> Result<OneTimeCodes, Refused> {
        let person: PersonId = account.person.parse().context("a stored id is none")?;
        let sealed = account.totp_secret.as_deref().ok_or(Refused::Wrong)?;
        Ok(OneTimeCodes::read(&self.vault.unseal(&person, sealed)?)?)
    }

    /// Gives what is asked after the password.
    pub fn stage_after_password(&self, account: &AccountRow) -> Stage {
        match self.policy.second_step {
            _ if account.has_second_step() => Stage::Code,
            SecondStep::Required => Stage::Enrol,
            SecondStep::Optional => Stage::Full,
        }
    }

    /// Counts a failure before anything is looked at, so that many tries at once count as many. It is taken back when the
    /// try was right.
    pub(super) async fn count(&self, places: &Places) -> Result<(), Refused> {
        let now = self.clock.now();
        for (place, key) in places.each() {
            let known = sign_in_failures::at(self.store.readers(), key).await?;
            if let Some(at) = known.next_try_at(place, now) {
                return Err(Refused::Throttled(at));
            }
        }
        let mut write = self.store.write().await?;
        for (_, key) in places.each() {
            sign_in_failures::count(&mut write, key, now - FORGOTTEN_AFTER, now).await?;
        }
        write.commit().await.context("a try was not counted")?;
        Ok(())
    }

    /// Takes a counted failure back: it was none.
    pub(super) async fn take_back(&self, places: &Places) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        for (_, key) in places.each() {
            sign_in_failures::take_back(&mut write, key).await?;
        }
        write.commit().await.context("a try was not taken back")?;
        Ok(())
    }

    pub(super) async fn begin(
        &self,
        account: &AccountRow,
        stage: Stage,
        places: &Places,
    ) -> Result<Begun, Refused> {
        let person: PersonId = account.person.parse().context("a stored id is none")?;
        let mut write = self.store.write().await?;
        let fresh = sessions::begin(&mut write, &person, stage, self.policy, self.clock).await?;
        sign_in_failures::take_back(&mut write, &places.address).await?;
        if stage == Stage::Full {
            sign_in_failures::forget(&mut write, &places.account).await?;
        } else {
            sign_in_failures::take_back(&mut write, &places.account).await?;
        }
        write.commit().await.context("a session was not kept")?;
        Ok(Begun {
            token: fresh.token,
            stage,
            person,
            audience: fresh.audience,
        })
    }
}

/// Where a try is counted, as digests: neither names nor addresses are kept in clear.
#[derive(Debug, Clone)]
pub(super) struct Places {
    account: String,
    address: String,
}

impl Places {
    pub(super) fn of(name: &str, from: IpAddr) -> Self {
        Self {
            account: token::digest_of(&format!("account {name}")),
            address: token::digest_of(&format!("address {}", network(from))),
        }
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    fn each(&self) -> [(Place, &str); 2] {
        [
            (Place::Account, &self.account),
            (Place::Address, &self.address),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_network_are_counted_together() {
        let key = |text: &str| Places::of("ada", text.parse().unwrap()).address;
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        assert_eq!(username(" Ada.Okafor "), "ada.okafor");
    }
}
