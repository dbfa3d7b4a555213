//! Setting one-time codes up: a secret is offered, and in use once the person has shown a code of it.

use anyhow::Context;
use clinical::PersonId;

use super::sessions::Session;
use super::sign_in::{Door, Refused};
use super::totp::OneTimeCodes;
use crate::store::accounts;

impl Door<'_> {
    /// Gives the secret to set up: the one that was offered before and is not in use, or a new one.
    ///
    /// # Errors
    /// When codes are in use already, the database fails, or the system gives no entropy.
    pub async fn offer(&self, session: &Session) -> Result<OneTimeCodes, Refused> {
        let person: PersonId = session.row.person.parse().context("a stored id is none")?;
        let account = accounts::of_person(self.store.readers(), &person).await?;
        let account = account.ok_or(Refused::Wrong)?;
        if account.has_second_step() {
            return Err(Refused::Wrong);
        }
        if account.totp_secret.is_some() {
            return self.codes_of(&account);
        }
        let codes = OneTimeCodes::draw(self.clock)?;
        let sealed = self.vault.seal(&person, &codes.secret(), self.clock)?;
        let mut write = self.store.write().await?;
        accounts::offer_codes(&mut write, &person, &sealed).await?;
        write.commit().await.context("a secret was not kept")?;
        Ok(codes)
    }
}
