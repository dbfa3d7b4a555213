//! People: added, and what is known of them changed.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;

use super::{ids, noted};
use crate::audit::Action;
use crate::rights::Right;
use crate::store::office::{self, Named};
use crate::store::people::{self, Person};
use crate::store::staff::{self, StaffRow};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// Asks for a new person.
pub(super) async fn get_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    Ok(sheet(&state, None).await?.show(&state, &me))
}

/// Adds a person. What they may do is the next page's.
pub(super) async fn post_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let mut sheet = sheet(&state, None).await?.fill(&filled);
    let mut write = state.store.write().await?;
    office::lock(&mut write).await?;
    let Some(mut person) = read(&filled, &mut sheet) else {
        return Ok(sheet.show(&state, &me));
    };
    let id = ids::free(&mut write, Named::Person, &person.name).await?;
    person.id = id.parse().context("an id")?;
    people::put_person(&mut write, &person).await?;
    let sentence = format!("{} added as {}", person.name, person.role);
    let subject = format!("person:{id}");
    noted::commit(
        &state,
        &me,
        write,
        (Action::PersonChanged, &subject, &sentence),
    )
    .await?;
    Ok(Redirect::to(&format!("/administration/people/{id}/roles")).into_response())
}

/// Asks what is to change about a person.
pub(super) async fn get_edit(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(&state, &person).await?;
    let first = Filled::with(&[
        ("name", &known.name),
        ("role", &known.role),
        ("team", &known.team),
        (
            "prescriber",
            if known.prescriber == 0 { "no" } else { "yes" },
        ),
    ]);
    let sheet = sheet(&state, Some(&known)).await?;
    Ok(sheet.fill(&first).show(&state, &me))
}

/// Changes a person.
pub(super) async fn post_edit(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let id: PersonId = person.parse().map_err(|_| PageError::NotFound)?;
    let mut write = state.store.write().await?;
    staff::lock(&mut write, &id).await?;
    let known = staff::find(&mut write, &id)
        .await?
        .ok_or(PageError::NotFound)?;
    let mut sheet = sheet(&state, Some(&known)).await?.fill(&filled);
    let Some(mut next) = read(&filled, &mut sheet) else {
        return Ok(sheet.show(&state, &me));
    };
    let lock = lock_of(Some(&known));
    if filled.get("lock") != lock {
        return Ok(sheet.conflict(lock, &state, &me));
    }
    next.id = id;
    if people::put_person(&mut write, &next).await? {
        let prescribes = if next.prescriber { ", prescriber" } else { "" };
        let sentence = format!(
            "{} is {}, team {}{prescribes}",
            next.name, next.role, next.team
        );
        let subject = format!("person:{}", next.id);
        noted::commit(
            &state,
            &me,
            write,
            (Action::PersonChanged, &subject, &sentence),
        )
        .await?;
    }
    Ok(Redirect::to(&format!("/administration/people/{}", next.id)).into_response())
}

/// Finds a person.
///
/// # Errors
/// [`PageError::NotFound`] when there is nobody of that id; when the database does not answer.
pub(super) async fn find(state: &State, person: &str) -> Result<StaffRow, PageError> {
    let id: PersonId = person.parse().map_err(|_| PageError::NotFound)?;
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let found = staff::find(&mut reader, &id).await?;
    found.ok_or(PageError::NotFound)
}

fn read(filled: &Filled, sheet: &mut Sheet) -> Option<Person> {
    let name = filled.line("name");
    if name.is_none() {
        sheet.wrong("name", "Write the name, as patients and colleagues know it");
    }
    let role = filled.line("role");
    if role.is_none() {
        sheet.wrong("role", "Write what they do, such as Community matron");
    }
    for (field, what) in [
        ("team", "Choose the team to which they belong"),
        ("prescriber", "Say whether they are a prescriber"),
    ] {
        if !sheet.offers(field, filled.get(field)) {
            sheet.wrong(field, what);
        }
    }
    if sheet.is_wrong() {
        return None;
    }
    Some(Person {
        // The caller's: a new one, or the one that is changed.
        id: "new".parse().ok()?,
        name: name?,
        role: role?,
        team: filled.get("team").parse().ok()?,
        prescriber: filled.get("prescriber") == "yes",
    })
}

fn lock_of(known: Option<&StaffRow>) -> String {
    known.map_or_else(String::new, |it| {
        format!("{}|{}|{}|{}", it.name, it.role, it.team, it.prescriber)
    })
}

async fn sheet(state: &State, known: Option<&StaffRow>) -> Result<Sheet, PageError> {
    let mut teams = vec![(String::new(), "Choose".to_owned())];
    let all = staff::teams(state.store.readers()).await?;
    teams.extend(all.into_iter().map(|it| (it.id, it.name)));
    let choices = vec![
        ("no".to_owned(), "No".to_owned()),
        (
            "yes".to_owned(),
            "Yes: may let a plan go beyond the hard stops".to_owned(),
        ),
    ];
    let (title, action, back) = match known {
        None => (
            "Add a person".to_owned(),
            "/administration/people/new".to_owned(),
            "/administration".to_owned(),
        ),
        Some(it) => (
            format!("Change what is known of {}", it.name),
            format!("/administration/people/{}/edit", it.id),
            format!("/administration/people/{}", it.id),
        ),
    };
    Ok(Sheet {
        title,
        intro: vec!["Shifts and leave are in the rota of each team. What a person may see and do is decided by their roles.".to_owned()],
        fields: vec![
            Field::new("name", "Name", Kind::Line),
            Field::new("role", "What they do", Kind::Line).hint("As patients and colleagues read it, such as Community matron"),
            Field::new("team", "Team", Kind::Choice(teams)),
            Field::new("prescriber", "Prescriber", Kind::Choice(choices)),
        ],
        button: "Save".to_owned(),
        action,
        back,
        lock: lock_of(known),
        ..Sheet::default()
    })
}
