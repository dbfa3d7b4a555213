//! People at home: how a patient or a carer gets an account, comes in by a code, and loses it again. There is no password and
//! nothing to remember: the code of a printed card works once, and a passkey or another code of the team does afterwards.

use std::net::IpAddr;

use anyhow::Context;
use clinical::{PatientId, PersonId, TeamId};
use jiff::{SignedDuration, Timestamp};

use super::policy::Audience;
use super::sessions::Stage;
use super::sign_in::{Begun, Door, Places, Refused};
use super::token;
use crate::audit::{self, Action, Actor, Entry};
use crate::clock::Clock;
use crate::rights::Role;
use crate::store::home_access::{self, NewAccess, Sees};
use crate::store::roles::{self, Grant};
use crate::store::{Write, accounts, passkeys, people, sessions, set_up_codes};

/// For how long the code of a card is good: it may come by post.
pub const CARD_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Random bytes of an id: nobody can tell from it who somebody is.
const ID_LEN: usize = 8;

/// The code of a card, which lets somebody at home in once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardCode {
    /// The code, as it is printed.
    pub code: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Somebody at home who is to have an account.
#[derive(Debug, Clone, Copy)]
pub struct Guest<'a> {
    /// Whose pages they are to see.
    pub patient: &'a PatientId,
    /// The patient's team.
    pub team: &'a TeamId,
    /// Their name.
    pub name: &'a str,
    /// What they are to the patient; `None` for the patient.
    pub relation: Option<&'a str>,
    /// What they are to see.
    pub sees: Sees,
    /// How the patient agreed; empty where the patient invites.
    pub consent: &'a str,
    /// Who invites them.
    pub by: &'a PersonId,
}

/// Makes an account for somebody at home, within a transaction, and the code of their card.
///
/// # Errors
/// When the database fails, or the system gives no entropy.
pub async fn invite(
    write: &mut Write<'_>,
    guest: Guest<'_>,
    clock: &Clock,
) -> anyhow::Result<CardCode> {
    let mut bytes = [0; ID_LEN];
    clock.fill_random(&mut bytes)?;
    let person: PersonId = format!("home-{}", hex::encode(bytes)).parse()?;
    let now = clock.now();
    let (role, relation) = match guest.relation {
        None => (Role::Patient, Role::Patient.label()),
        Some(relation) => (Role::Carer, relation),
    };
    people::put_at_home(write, &person, guest.name, relation, guest.team).await?;
    accounts::put(write, &person, person.as_str(), now).await?;
    let grants = [Grant { role, team: None }].into();
    roles::set(write, &person, &grants, Some(guest.by), now).await?;
    let access = NewAccess {
        patient: guest.patient,
        person: &person,
        is_own: guest.relation.is_none(),
        sees: guest.sees,
        consent: guest.consent,
        by: guest.by,
        now,
    };
    home_access::give(write, access).await?;
    new_code(write, &person, clock).await
}

/// Makes another code for somebody at home; the one before is no longer good.
///
/// # Errors
/// When the database fails, or the system gives no entropy.
pub async fn new_code(
    write: &mut Write<'_>,
    person: &PersonId,
    clock: &Clock,
) -> anyhow::Result<CardCode> {
    let now = clock.now();
    let made = CardCode {
        code: token::code(clock)?,
        expires_at: now + CARD_LASTS,
    };
    let digest = token::digest_of(&made.code);
    set_up_codes::put(write, person, &digest, now, made.expires_at).await?;
    Ok(made)
}

/// Takes back what somebody sees of a patient, at once. Whoever sees nothing any more is signed out everywhere, and neither
/// their code nor their passkeys let them in. Tells whether there was something to take back.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    write: &mut Write<'_>,
    patient: &PatientId,
    number: i64,
    by: &PersonId,
    clock: &Clock,
) -> anyhow::Result<bool> {
    let now = clock.now();
    let Some(person) = home_access::revoke(write, patient, number, by, now).await? else {
        return Ok(false);
    };
    if home_access::left_len(write, &person).await? == 0 {
        sessions::end_all(write, &person, now).await?;
        passkeys::remove_all(write, &person, now).await?;
        accounts::set_disabled(write, &person, Some(now)).await?;
    }
    Ok(true)
}

impl Door<'_> {
    /// Lets somebody at home in by the code of their card, which is used up.
    ///
    /// # Errors
    /// When the code is not good, the try must wait, or something failed.
    pub async fn by_card(&self, typed_code: &str, from: IpAddr) -> Result<Begun, Refused> {
        let digest = token::digest_of(&token::as_made(typed_code));
        let places = Places::of(&digest, from);
        self.count(&places).await?;
        let now = self.clock.now();
        let account = accounts::of_code(self.store.readers(), &digest, now).await?;
        // A code of staff is one for setting a password, and lets nobody in by itself.
        let account = account.filter(|it| it.audience() == Audience::Home);
        let account = account.ok_or(Refused::Wrong)?;
        let mut write = self.store.write().await?;
        if !set_up_codes::use_up(&mut write, &digest, now).await? {
            return Err(Refused::Wrong);
        }
        write.commit().await.context("a used code was not kept")?;
        self.begin(&account, Stage::Full, &places).await
    }

    /// Gives a carer who is signed in what the code of another card gives, instead of an account of its own. The audit trail
    /// says so of each patient.
    ///
    /// # Errors
    /// When the code is not good or is a patient's own, the try must wait, or something failed.
    pub async fn join(
        &self,
        carer: &PersonId,
        actor: &Actor,
        typed_code: &str,
        from: IpAddr,
    ) -> Result<(), Refused> {
        let digest = token::digest_of(&token::as_made(typed_code));
        let places = Places::of(&digest, from);
        self.count(&places).await?;
        let now = self.clock.now();
        let account = accounts::of_code(self.store.readers(), &digest, now).await?;
        let account = account.filter(|it| it.audience() == Audience::Home);
        let invited = account.filter(|it| it.person != carer.as_str());
        let invited = invited.ok_or(Refused::Wrong)?.person;
        let invited: PersonId = invited.parse().context("a stored id is none")?;
        let mut write = self.store.write().await?;
        let held = home_access::held_by(&mut write, &invited).await?;
        let is_own = held.iter().any(|it| it.is_own);
        if is_own || !set_up_codes::use_up(&mut write, &digest, now).await? {
            return Err(Refused::Wrong);
        }
        for it in &held {
            revoke(&mut write, &it.patient, it.number, carer, self.clock).await?;
            let access = NewAccess {
                patient: &it.patient,
                person: carer,
                is_own: false,
                sees: it.sees,
                consent: &it.consent,
                by: &it.given_by,
                now,
            };
            home_access::give(&mut write, access).await?;
            let entry = |action| Entry::new(actor.clone(), action).of(&it.patient);
            let revoked = entry(Action::HomeAccessRevoked).about(&it.number);
            let given = entry(Action::HomeAccessGiven).about("carer");
            let entries = [revoked, given.detail("by a card, with their own account")];
            audit::append(&mut write, &entries, now).await?;
        }
        write.commit().await.context("a card was not joined")?;
        self.take_back(&places).await
    }
}
