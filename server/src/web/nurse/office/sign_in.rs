//! The sign-in of a person: made by a name and a code that works once, and made anew when it was lost.

use std::sync::Arc;

use anyhow::Context;
use askama::Template;
use axum::extract::{self, Path};
use axum::response::Response;
use clinical::PersonId;

use super::people::find;
use crate::accounts::set_up::{self, NotInvited, SetUpCode};
use crate::rights::Right;
use crate::store::accounts::{self, AccountRow};
use crate::store::staff::{self, StaffRow};
use crate::store::{Write, office, roles};
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::Shown;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

const FORGET: &str = "forget";

#[derive(Template)]
#[template(path = "office/code.html")]
struct CodePage {
    frame: Frame,
    name: String,
    href: String,
    made: SetUpCode,
    until: Shown,
}

/// Asks for the name by which a person is to sign in.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(&state, &person).await?;
    let account = account_of(&state, &known).await?;
    let sheet = sheet(&known, account.as_ref());
    me.must_be_fresh(&state, &sheet.action)?;
    let username = account.map(|it| it.username).unwrap_or_default();
    let first = Filled::with(&[("username", &username), (FORGET, "no")]);
    Ok(sheet.fill(&first).show(&state, &me))
}

/// Makes the sign-in, or a new code for it, and shows the code once.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let (mut write, known, id) = taken(&state, &person).await?;
    let account = account_of(&state, &known).await?;
    let mut sheet = sheet(&known, account.as_ref());
    let lock = std::mem::take(&mut sheet.lock);
    sheet = sheet.fill(&filled);
    if !me.is_fresh(&state) {
        return Ok(sheet.not_fresh(&state, &me));
    }
    if filled.get("lock") != lock {
        return Ok(sheet.conflict(lock, &state, &me));
    }
    let now = state.clock.now();
    if known.left_at.is_some_and(|at| at <= now.as_microsecond()) {
        sheet.refused = Some(format!(
            "{} does not work here any more. Let them come back first: then they can sign in.",
            known.name
        ));
        return Ok(sheet.show(&state, &me));
    }
    if !["", "no", "yes"].contains(&filled.get(FORGET)) {
        sheet.wrong(FORGET, "Choose yes or no");
        return Ok(sheet.show(&state, &me));
    }
    let forgets = account.is_some() && filled.get(FORGET) == "yes";
    let name = filled.get("username");
    let made = set_up::invite_in(&mut write, &id, name, forgets, &state.clock).await;
    let made = match made {
        Ok(made) => made,
        Err(NotInvited::Broken(error)) => return Err(error.into()),
        Err(NotInvited::Nobody(_) | NotInvited::AtHome(_)) => return Err(PageError::NotFound),
        Err(wrong @ (NotInvited::BadName | NotInvited::Taken(_))) => {
            sheet.wrong("username", crate::web::words::capital(&wrong.to_string()));
            return Ok(sheet.show(&state, &me));
        }
    };
    let sentence = sentence(&known, &made);
    office::note(&mut write, &subject(&id), &me.id, &sentence, now).await?;
    let entry = made.entry(me.actor(), &id);
    state.commit(write, &entry).await?;
    Ok(render(&CodePage {
        frame: state.frame(Some(&me)),
        name: known.name,
        href: href(&id),
        until: state.local_time().show(made.expires_at),
        made,
    }))
}

/// Takes a person to change how they sign in.
pub(super) async fn taken(
    state: &State,
    person: &str,
) -> Result<(Write<'static>, StaffRow, PersonId), PageError> {
    let id: PersonId = person.parse().map_err(|_| PageError::NotFound)?;
    let mut write = state.store.write().await?;
    roles::lock_administrators(&mut write).await?;
    staff::lock(&mut write, &id).await?;
    let known = staff::find(&mut write, &id).await?;
    Ok((write, known.ok_or(PageError::NotFound)?, id))
}

/// Finds how a person signs in.
pub(super) async fn account_of(
    state: &State,
    known: &StaffRow,
) -> Result<Option<AccountRow>, PageError> {
    let id: PersonId = known.id.parse().context("a person's id")?;
    Ok(accounts::of_person(state.store.readers(), &id).await?)
}

/// Gives where a person is in the office.
pub(super) fn href(id: &PersonId) -> String {
    format!("/administration/people/{id}")
}

/// Names a person among what is changed.
pub(super) fn subject(id: &PersonId) -> String {
    format!("person:{id}")
}

fn sentence(known: &StaffRow, made: &SetUpCode) -> String {
    let (name, anew) = (&known.name, made.forgets_second_step);
    match made.is_new {
        true => format!("Sign-in of {name} made: {}", made.name),
        false if anew => format!(
            "New code for {name}, who signs in as {}; the second step is set up anew",
            made.name
        ),
        false => format!("New code for {name}, who signs in as {}", made.name),
    }
}

fn sheet(known: &StaffRow, account: Option<&AccountRow>) -> Sheet {
    let name = &known.name;
    let mut fields = vec![
        Field::new("username", "Name for signing in", Kind::Line)
            .hint("Letters, digits, dots, dashes, underscores and @, such as ada.okafor"),
    ];
    let mut intro = vec![format!(
        "The next page shows a code, once. Give it to {name} in person or by telephone, and to nobody else: whoever has it sets \
         the password."
    )];
    let (title, button) = match account {
        None => (format!("Make a sign-in for {name}"), "Make the sign-in"),
        Some(account) => {
            intro.push(
                "A code that was made before is then no longer good. The password stays until another is set by the code."
                    .to_owned(),
            );
            if account.disabled_at.is_some() {
                intro.push("This sign-in is closed. A new code opens it again.".to_owned());
            }
            let choices = vec![
                ("no".to_owned(), "No, it stays as it is".to_owned()),
                (
                    "yes".to_owned(),
                    "Yes: they have lost their phone, or it was stolen".to_owned(),
                ),
            ];
            let forget = Field::new(
                FORGET,
                "Are the second step and the passkeys to be set up anew?",
                Kind::Choice(choices),
            );
            fields.push(forget);
            (format!("Make a new code for {name}"), "Make the code")
        }
    };
    Sheet {
        title,
        intro,
        fields,
        button: button.to_owned(),
        action: format!("/administration/people/{}/sign-in", known.id),
        back: format!("/administration/people/{}", known.id),
        lock: account.map_or_else(|| "none".to_owned(), lock_of),
        ..Sheet::default()
    }
}

/// Names the state of a sign-in.
pub(super) fn lock_of(account: &AccountRow) -> String {
    let state = if account.disabled_at.is_some() {
        "closed"
    } else {
        "open"
    };
    format!("{}/{state}", account.username)
}
