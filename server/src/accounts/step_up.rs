//! Proving again who one is, before something risky: whoever finds a browser left open does not know the password.

use std::net::IpAddr;

use anyhow::Context;
use clinical::PersonId;

use super::password::LEN_MAX;
use super::sessions::{self, Session};
use super::sign_in::{Begun, Door, Places, Refused};
use crate::audit::{self, Action, Actor, Entry};
use crate::store::{accounts, sign_in_failures};

impl Door<'_> {
    /// Takes what a person also signs in by: the password, and a code where they have set codes up. The session is another
    /// from then on, and ends when it would have ended.
    ///
    /// # Errors
    /// When it was not right, must wait, or something failed.
    pub async fn prove_again(
        &self,
        session: &Session,
        password: &str,
        code: &str,
        from: IpAddr,
    ) -> Result<Begun, Refused> {
        let person: PersonId = session.row.person.parse().context("a stored id is none")?;
        let account = accounts::of_person(self.store.readers(), &person).await?;
        let account = account.ok_or(Refused::Wrong)?;
        let places = Places::of(&account.username, from);
        let queued = self.passwords.queue()?;
        self.count(&places).await?;
        let is_readable = password.chars().count() <= LEN_MAX;
        let looked_at = if is_readable { password } else { "" };
        let hash = account.password_hash.clone();
        let is_right = self.passwords.is_right(queued, looked_at, hash).await?;
        if !(is_right && is_readable) {
            return Err(Refused::Wrong);
        }
        let now = self.clock.now();
        let mut write = self.store.write().await?;
        if account.has_second_step() {
            let step = self.codes_of(&account)?.step_of(code, now);
            let step = step.ok_or(Refused::Wrong)?;
            if !accounts::use_step(&mut write, &person, step, now).await? {
                return Err(Refused::Wrong);
            }
        }
        let token = sessions::go_on(&mut write, session, self.clock).await?;
        let token = token.ok_or(Refused::Wrong)?;
        sign_in_failures::take_back(&mut write, places.address()).await?;
        sign_in_failures::forget(&mut write, places.account()).await?;
        let entry = Entry::new(Actor::person(&person, "staff"), Action::ProvedAgain);
        audit::append(&mut write, &[entry.detail(&format!("from {from}"))], now).await?;
        write.commit().await.context("a proof was not kept")?;
        Ok(Begun {
            token,
            stage: session.stage,
            person,
            audience: session.row.audience(),
        })
    }
}
