//! `server account` and `server administrator`: who may sign in, by a code that works once. There is no default password.

use anyhow::{Context, bail};
use clap::Args;
use clinical::{PersonId, TeamId};

use super::audit::operator;
use super::{ConfigFile, say};
use crate::accounts::set_up;
use crate::audit::{self, Action, Entry};
use crate::clock::Clock;
use crate::rights::Role;
use crate::store::people::{self, Person};
use crate::store::roles::{self, Grant};
use crate::store::{Store, Write, accounts, sessions};

#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The person's id
    person: PersonId,
    /// The name that they sign in by; left out, the one that they have
    #[arg(long)]
    username: Option<String>,
    /// They have lost their phone: the second step is set up anew
    #[arg(long)]
    forget_second_step: bool,
    /// They may not sign in any more, and are signed out everywhere
    #[arg(long, conflicts_with_all = ["username", "forget_second_step"])]
    disable: bool,
}

#[derive(Debug, Args)]
pub(super) struct AdministratorArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The person's id
    person: PersonId,
    /// The name that they sign in by
    #[arg(long)]
    username: String,
    /// Their name, for somebody who is not registered yet
    #[arg(long, requires = "team")]
    name: Option<String>,
    /// Their team, for somebody who is not registered yet; a new one is made
    #[arg(long, requires = "name")]
    team: Option<TeamId>,
}

impl AccountArgs {
    pub(super) async fn run(self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let told = if self.disable {
            disable(&store, &self.person, clock).await
        } else {
            self.invite(&store, clock).await
        };
        store.close().await;
        say(&told?)
    }

    async fn invite(&self, store: &Store, clock: &Clock) -> anyhow::Result<String> {
        let known = accounts::of_person(store.readers(), &self.person).await?;
        let Some(username) = self.username.clone().or(known.map(|it| it.username)) else {
            bail!(
                "{} has no account yet: name one with --username",
                self.person
            );
        };
        invite(
            store,
            &self.person,
            &username,
            self.forget_second_step,
            clock,
        )
        .await
    }
}

impl AdministratorArgs {
    pub(super) async fn run(self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.migrate().await?;
        let told = self.make(&store, clock).await;
        store.close().await;
        say(&told?)
    }

    async fn make(&self, store: &Store, clock: &Clock) -> anyhow::Result<String> {
        let mut write = store.write().await?;
        self.register(&mut write).await?;
        let mut grants = roles::held(&mut write, &self.person).await?;
        grants.insert(Grant {
            role: Role::Administrator,
            team: None,
        });
        let now = clock.now();
        roles::set(&mut write, &self.person, &grants, None, now).await?;
        let entry = Entry::new(operator(), Action::PersonChanged).about(&self.person);
        audit::append(&mut write, &[entry.detail("made an administrator")], now).await?;
        write
            .commit()
            .await
            .context("the administrator was not kept")?;
        invite(store, &self.person, &self.username, false, clock).await
    }

    /// Registers somebody who is not known yet.
    async fn register(&self, write: &mut Write<'_>) -> anyhow::Result<()> {
        if people::is_known(write, &self.person).await? {
            return Ok(());
        }
        let (Some(name), Some(team)) = (&self.name, &self.team) else {
            bail!(
                "there is nobody {}: register them with --name and --team",
                self.person
            );
        };
        if !people::has_team(write, team).await? {
            let name = team.to_string();
            let team = people::Team {
                id: team.clone(),
                name,
            };
            people::put_team(write, &team).await?;
        }
        let person = Person {
            id: self.person.clone(),
            name: name.clone(),
            role: Role::Administrator.label().to_owned(),
            team: team.clone(),
            prescriber: false,
        };
        people::put_person(write, &person).await?;
        Ok(())
    }
}

async fn invite(
    store: &Store,
    person: &PersonId,
    username: &str,
    forget_second_step: bool,
    clock: &Clock,
) -> anyhow::Result<String> {
    let by = operator();
    let made = set_up::invite(store, person, username, forget_second_step, by, clock).await?;
    Ok(format!(
        "Code for {person}, who signs in as {}: {}\nIt works once, at /set-up of the pages, until {}. \
         It is not shown again; this command makes another.",
        made.name, made.code, made.expires_at
    ))
}

async fn disable(store: &Store, person: &PersonId, clock: &Clock) -> anyhow::Result<String> {
    if accounts::of_person(store.readers(), person)
        .await?
        .is_none()
    {
        bail!("{person} has no account");
    }
    let now = clock.now();
    let mut write = store.write().await?;
    accounts::set_disabled(&mut write, person, Some(now)).await?;
    let sessions = sessions::end_all(&mut write, person, now).await?;
    let entry = Entry::new(operator(), Action::SignInClosed).about(person);
    audit::append(&mut write, &[entry], now).await?;
    write
        .commit()
        .await
        .context("the account was not disabled")?;
    Ok(format!(
        "{person} may not sign in any more; {sessions} sessions were ended. `server account {person}` lets them in again."
    ))
}
