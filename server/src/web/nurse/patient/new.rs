//! Adding a patient: who they are, who answers for them, and which templates their first plan starts from.

use std::sync::Arc;

use axum::extract;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::plan::Template;
use clinical::{Event, PatientId, Plan};

use super::done;
use super::form::{Field, Filled, FormPage, Sent};
use super::new_person::{First, first_page};
use super::new_plan::{self, PlanForm};
use crate::audit::Entry;
use crate::casework;
use crate::rights::Right;
use crate::store::patients::{self, Patient};
use crate::store::people;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// What the first page is called.
const FIRST: &str = "Add a patient";
/// The hidden field that says that the second page was filled in.
const STEP: &str = "step";
/// How many random bytes name a patient.
const ID_LEN: usize = 6;

/// Shows the first page.
pub(crate) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePatients)?;
    let filled = Filled::with(&[("coordinator", me.id.as_str())]);
    let (fields, _) = first_page(&state, &me, &filled, false).await?;
    Ok(page(&state, &me, FIRST, "Go on to the plan", fields).answer())
}

/// Goes on to the second page, or registers the patient.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    sent: Sent,
) -> Result<Response, PageError> {
    me.must(Right::ManagePatients)?;
    let filled = Filled::read(sent)?;
    let (fields, first) = first_page(&state, &me, &filled, true).await?;
    let Some(first) = first else {
        return Ok(page(&state, &me, FIRST, "Go on to the plan", fields).answer());
    };
    let templates = state.templates.pick(&first.templates)?;
    let is_sent = filled.text(STEP) == "plan";
    let second = |form: PlanForm| second_page(&state, &me, &filled, &first, form).answer();
    if !is_sent {
        let is_prescriber = is_prescriber(&state, &me).await?;
        return Ok(second(new_plan::empty(&templates, &filled, is_prescriber)));
    }
    match plan(&state, &me, &templates, &filled).await? {
        Ok(plan) => register(&state, &me, first, plan).await,
        Err(form) => Ok(second(form)),
    }
}

async fn is_prescriber(state: &State, me: &Me) -> Result<bool, PageError> {
    let acquired = state.store.readers().acquire().await;
    let mut connection = acquired.map_err(anyhow::Error::from)?;
    Ok(people::prescribers(&mut connection).await?.contains(&me.id))
}

async fn plan(
    state: &State,
    me: &Me,
    templates: &[&Template],
    filled: &Filled,
) -> Result<Result<Plan, PlanForm>, PageError> {
    let is_prescriber = is_prescriber(state, me).await?;
    let author = new_plan::Author {
        id: &me.id,
        is_prescriber,
        now: state.clock.now(),
    };
    Ok(new_plan::settle(
        templates,
        &state.templates.hard_stops,
        filled,
        &author,
    ))
}

async fn register(state: &State, me: &Me, first: First, plan: Plan) -> Result<Response, PageError> {
    let id = new_id(state)?;
    let patient = Patient {
        id: id.clone(),
        title: first.person.title,
        given_name: first.person.given_name,
        family_name: first.person.family_name,
        born_on: first.person.born_on,
        nhs_number: first.person.nhs_number,
        team: first.team,
        coordinator: first.coordinator.clone(),
    };
    let event = Event::MonitoringStarted {
        coordinator: first.coordinator,
        plan: Box::new(plan),
    };
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    patients::put(&mut write, &patient, now).await?;
    let outcome = casework::handle(&mut write, &id, &event, now).await?;
    outcome.map_err(anyhow::Error::from)?;
    let entry = Entry::of_event(me.actor(), &id, &event);
    state.commit(write, &entry).await?;
    state.changes.announce(id.clone());
    Ok(Redirect::to(&done::href(&id, "added")).into_response())
}

fn new_id(state: &State) -> anyhow::Result<PatientId> {
    let mut bytes = [0; ID_LEN];
    state.clock.fill_random(&mut bytes)?;
    Ok(format!("patient-{}", hex::encode(bytes)).parse()?)
}

fn page(state: &State, me: &Me, heading: &str, button: &str, fields: Vec<Field>) -> FormPage {
    FormPage {
        frame: state.frame(Some(me)),
        banner: None,
        heading: heading.to_owned(),
        back_href: "/patients".to_owned(),
        lead: Vec::new(),
        notes: Vec::new(),
        wrong: Vec::new(),
        hidden: Vec::new(),
        fields,
        button: button.to_owned(),
    }
}

/// The second page carries the first along unseen: nothing is kept before the patient is registered.
fn second_page(state: &State, me: &Me, filled: &Filled, first: &First, form: PlanForm) -> FormPage {
    let person = &first.person;
    let spoken = super::banner::spoken(&person.title, &person.given_name, &person.family_name);
    let heading = format!("First plan of {spoken}");
    let button = format!("Register {spoken} and start monitoring");
    let mut page = page(state, me, &heading, &button, form.fields);
    page.lead = form.lead;
    page.wrong = form.wrong;
    let carried = [
        "title",
        "given_name",
        "family_name",
        "born_on",
        "nhs_number",
        "team",
        "coordinator",
    ];
    page.hidden = carried
        .map(|name| (name.to_owned(), filled.text(name).to_owned()))
        .into();
    let templates = first.templates.iter();
    page.hidden
        .extend(templates.map(|it| ("template".to_owned(), it.to_string())));
    page.hidden.push((STEP.to_owned(), "plan".to_owned()));
    page
}

#[cfg(test)]
mod tests;
