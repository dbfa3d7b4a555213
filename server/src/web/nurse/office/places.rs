//! The organisation's name, and its areas.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::Response;
use clinical::duty::{Area, AreaId, Organisation};

use super::{back, ids, noted};
use crate::audit::Action;
use crate::rights::Right;
use crate::store::office::{self, Named};
use crate::store::organisation;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// What is changed.
enum Place {
    Organisation,
    NewArea,
    Area(AreaId),
}

/// Asks for the organisation's name.
pub(super) async fn get_organisation(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    show(&state, &me, &Place::Organisation).await
}

/// Changes the organisation's name.
pub(super) async fn post_organisation(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    save(&state, &me, Place::Organisation, &Filled::read(posted)?).await
}

/// Asks for a new area's name.
pub(super) async fn get_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    show(&state, &me, &Place::NewArea).await
}

/// Adds an area.
pub(super) async fn post_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    save(&state, &me, Place::NewArea, &Filled::read(posted)?).await
}

/// Asks for an area's name.
pub(super) async fn get_area(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(area): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let area = area.parse().map_err(|_| PageError::NotFound)?;
    show(&state, &me, &Place::Area(area)).await
}

/// Changes an area's name.
pub(super) async fn post_area(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(area): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let area = area.parse().map_err(|_| PageError::NotFound)?;
    save(&state, &me, Place::Area(area), &Filled::read(posted)?).await
}

async fn show(state: &Arc<State>, me: &Me, place: &Place) -> Result<Response, PageError> {
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let known = organisation::read(&mut reader).await?;
    drop(reader);
    let name = name_of(place, known.as_ref())?;
    let sheet = sheet(place, &name);
    Ok(sheet
        .fill(&Filled::with(&[("name", &name)]))
        .show(state, me))
}

/// Gives the name that a place has now; nothing for one that is not there yet.
fn name_of(place: &Place, known: Option<&Organisation>) -> Result<String, PageError> {
    match (place, known) {
        (Place::NewArea, _) | (Place::Organisation, None) => Ok(String::new()),
        (Place::Organisation, Some(known)) => Ok(known.name.clone()),
        (Place::Area(id), known) => {
            let areas = known.map_or(&[][..], |it| it.areas.as_slice());
            let area = areas.iter().find(|it| it.id == *id);
            Ok(area.ok_or(PageError::NotFound)?.name.clone())
        }
    }
}

async fn save(
    state: &Arc<State>,
    me: &Me,
    place: Place,
    filled: &Filled,
) -> Result<Response, PageError> {
    let mut write = state.store.write().await?;
    office::lock(&mut write).await?;
    let known = organisation::read(&mut write).await?;
    let before = name_of(&place, known.as_ref())?;
    let mut sheet = sheet(&place, &before).fill(filled);
    let Some(name) = filled.line("name") else {
        sheet.wrong("name", "Write a name of up to 200 characters");
        return Ok(sheet.show(state, me));
    };
    if filled.get("lock") != before {
        return Ok(sheet.conflict(before, state, me));
    }
    let known = known.unwrap_or_else(|| Organisation {
        name: "This service".to_owned(),
        areas: Vec::new(),
    });
    let (next, sentence) = match place {
        Place::Organisation => {
            let sentence = format!("The organisation is called {name}");
            (
                Organisation {
                    name,
                    areas: Vec::new(),
                },
                sentence,
            )
        }
        Place::NewArea => {
            let id = ids::free(&mut write, Named::Area, &name)
                .await?
                .parse()
                .context("an id")?;
            let sentence = format!("Area {name} added");
            (
                Organisation {
                    name: known.name,
                    areas: vec![Area { id, name }],
                },
                sentence,
            )
        }
        Place::Area(id) => {
            let sentence = format!("Area {before} is called {name}");
            (
                Organisation {
                    name: known.name,
                    areas: vec![Area { id, name }],
                },
                sentence,
            )
        }
    };
    organisation::put(&mut write, &next).await?;
    let what = (Action::PlaceChanged, "organisation", sentence.as_str());
    noted::commit(state, me, write, what).await?;
    Ok(back())
}

fn sheet(place: &Place, before: &str) -> Sheet {
    let (title, action) = match place {
        Place::Organisation => (
            "Name of the organisation".to_owned(),
            "/administration/organisation".to_owned(),
        ),
        Place::NewArea => (
            "Add an area".to_owned(),
            "/administration/areas/new".to_owned(),
        ),
        Place::Area(id) => (
            format!("Name of the area {before}"),
            format!("/administration/areas/{id}"),
        ),
    };
    Sheet {
        title,
        fields: vec![Field::new("name", "Name", Kind::Line)],
        button: "Save".to_owned(),
        action,
        back: "/administration".to_owned(),
        lock: before.to_owned(),
        ..Sheet::default()
    }
}
