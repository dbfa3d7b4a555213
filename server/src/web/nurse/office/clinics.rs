//! Clinics: added, changed and ended.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::Response;

use super::{back, ids, noted};
use crate::audit::Action;
use crate::rights::Right;
use crate::store::clinics::{self, ClinicRow};
use crate::store::office::{self, Named};
use crate::store::organisation;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// Asks for a new clinic.
pub(super) async fn get_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let sheet = sheet(&areas(&state).await?, None);
    Ok(sheet.show(&state, &me))
}

/// Adds a clinic.
pub(super) async fn post_new(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    save(&state, &me, None, &Filled::read(posted)?).await
}

/// Asks what is to change about a clinic.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(clinic): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let known = clinics::find(&mut reader, &clinic)
        .await?
        .ok_or(PageError::NotFound)?;
    drop(reader);
    let first = Filled::with(&[
        ("name", &known.name),
        ("area", &known.area),
        ("days", &known.days),
        ("contact", &known.contact),
        ("goes_on", "yes"),
    ]);
    let sheet = sheet(&areas(&state).await?, Some(&known));
    Ok(sheet.fill(&first).show(&state, &me))
}

/// Changes or ends a clinic.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(clinic): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    save(&state, &me, Some(clinic), &Filled::read(posted)?).await
}

async fn save(
    state: &Arc<State>,
    me: &Me,
    clinic: Option<String>,
    filled: &Filled,
) -> Result<Response, PageError> {
    let now = state.clock.now();
    let areas = areas(state).await?;
    let mut write = state.store.write().await?;
    office::lock(&mut write).await?;
    let known = match &clinic {
        Some(id) => Some(
            clinics::find(&mut write, id)
                .await?
                .ok_or(PageError::NotFound)?,
        ),
        None => None,
    };
    let mut sheet = sheet(&areas, known.as_ref()).fill(filled);
    let Some(mut next) = read(&areas, filled, &mut sheet) else {
        return Ok(sheet.show(state, me));
    };
    let lock = lock_of(known.as_ref());
    if filled.get("lock") != lock {
        return Ok(sheet.conflict(lock, state, me));
    }
    let sentence = match &known {
        Some(known) if filled.get("goes_on") == "no" => {
            clinics::end(&mut write, &known.id, now).await?;
            format!("Clinic {} ended", known.name)
        }
        Some(known) => {
            next.id.clone_from(&known.id);
            clinics::put(&mut write, &next).await?;
            format!("Clinic {}: {}, {}", next.name, next.days, next.contact)
        }
        None => {
            next.id = ids::free(&mut write, Named::Clinic, &next.name).await?;
            clinics::put(&mut write, &next).await?;
            format!(
                "Clinic {} added: {}, {}",
                next.name, next.days, next.contact
            )
        }
    };
    let what = (Action::PlaceChanged, "organisation", sentence.as_str());
    noted::commit(state, me, write, what).await?;
    Ok(back())
}

/// Lists the areas, by id and name.
async fn areas(state: &State) -> Result<Vec<(String, String)>, PageError> {
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let known = organisation::read(&mut reader).await?;
    let areas = known.map_or_else(Vec::new, |it| it.areas);
    let areas = areas.into_iter().map(|it| (it.id.to_string(), it.name));
    Ok(areas.collect())
}

fn read(areas: &[(String, String)], filled: &Filled, sheet: &mut Sheet) -> Option<ClinicRow> {
    let area = filled.get("area");
    if areas.iter().all(|(id, _)| id != area) {
        sheet.wrong("area", "Choose the area that the clinic is for");
    }
    let mut line = |name, what: &'static str| {
        let text = filled.line(name);
        if text.is_none() {
            sheet.wrong(name, what);
        }
        text
    };
    let name = line(
        "name",
        "Write what people call the clinic, in up to 200 characters",
    );
    let days = line(
        "days",
        "Write on which days it is held, such as Tuesdays 9am to 12 noon",
    );
    let contact = line("contact", "Write whom to call, with a telephone number");
    let clinic = ClinicRow {
        id: String::new(),
        name: name?,
        area: area.to_owned(),
        days: days?,
        contact: contact?,
    };
    let asks_goes_on = sheet.fields.iter().any(|it| it.name == "goes_on");
    if asks_goes_on && !sheet.offers("goes_on", filled.get("goes_on")) {
        sheet.wrong("goes_on", "Say whether the clinic goes on");
    }
    (!sheet.is_wrong()).then_some(clinic)
}

fn lock_of(known: Option<&ClinicRow>) -> String {
    known.map_or_else(String::new, |it| {
        format!("{}|{}|{}|{}", it.name, it.area, it.days, it.contact)
    })
}

fn sheet(areas: &[(String, String)], known: Option<&ClinicRow>) -> Sheet {
    let mut choices = areas.to_vec();
    choices.insert(0, (String::new(), "Choose".to_owned()));
    let mut fields = vec![
        Field::new("name", "Name", Kind::Line),
        Field::new("area", "Area", Kind::Choice(choices)),
        Field::new("days", "Days and times", Kind::Line)
            .hint("For example: Tuesdays 9am to 12 noon"),
        Field::new("contact", "Whom to call", Kind::Line)
            .hint("A name or a desk, and its telephone number"),
    ];
    let mut action = "/administration/clinics/new".to_owned();
    let mut title = "Add a clinic".to_owned();
    if let Some(known) = known {
        let choices = vec![
            ("yes".to_owned(), "Yes".to_owned()),
            (
                "no".to_owned(),
                "No, there is no such clinic any more".to_owned(),
            ),
        ];
        fields.push(Field::new(
            "goes_on",
            "Does it go on?",
            Kind::Choice(choices),
        ));
        action = format!("/administration/clinics/{}", known.id);
        title = format!("Clinic {}", known.name);
    }
    Sheet {
        title,
        fields,
        button: "Save".to_owned(),
        action,
        back: "/administration".to_owned(),
        lock: lock_of(known),
        ..Sheet::default()
    }
}
