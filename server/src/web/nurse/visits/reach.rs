//! How a patient is reached: telephone, address, and what else there is to know.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::patient::about::About;
use super::super::patient::done;
use super::super::patient::form::{Field, Filled, Sent, too_long};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::cases;
use crate::store::visits::{self, Reach};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

const PHONE_LEN_MAX: usize = 40;
const TEXT_LEN_MAX: usize = 500;

/// Shows the form.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let known = visits::reach(&mut reader, &about.id).await?;
    let filled = Filled::with(&[
        ("phone", &known.phone),
        ("address", &known.address),
        ("note", &known.reach_note),
        ("before", &lock(&known)),
    ]);
    Ok(page(&about, &filled, [None, None, None]))
}

/// Changes it.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let wrong = [
        too_long(filled.text("phone"), PHONE_LEN_MAX),
        too_long(filled.text("address"), TEXT_LEN_MAX),
        too_long(filled.text("note"), TEXT_LEN_MAX),
    ];
    if wrong.iter().any(Option::is_some) {
        return Ok(page(&about, &filled, wrong));
    }
    let mut write = state.store.write().await?;
    cases::hold(&mut write, &about.id).await?;
    let known = visits::reach(&mut write, &about.id).await?;
    if filled.text("before") != lock(&known) {
        return Ok(about.was_changed("how the patient is reached"));
    }
    let reach = Reach {
        phone: filled.text("phone").to_owned(),
        address: filled.text("address").to_owned(),
        reach_note: filled.text("note").to_owned(),
    };
    visits::set_reach(&mut write, &about.id, &reach).await?;
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    state
        .trail
        .append(&mut write, &entry.about("reach"))
        .await?;
    write
        .commit()
        .await
        .context("how a patient is reached was not kept")?;
    Ok(Redirect::to(&done::href(&about.id, "reach")).into_response())
}

/// Names what was known when the form was made.
fn lock(known: &Reach) -> String {
    let text = format!("{}\n{}\n{}", known.phone, known.address, known.reach_note);
    crate::accounts::token::digest_of(&text)
}

fn page(about: &About<'_>, filled: &Filled, wrong: [Option<String>; 3]) -> Response {
    let [phone, address, note] = wrong;
    let mut page = about.form("How to reach", "Save how to reach");
    page.hidden = vec![("before".to_owned(), filled.text("before").to_owned())];
    page.fields = vec![
        Field::line("phone", "Telephone", filled).wrong(phone),
        Field::area("address", "Address", filled).wrong(address),
        Field::area(
            "note",
            "What else a caller or visitor needs to know",
            filled,
        )
        .hint("Such as: hard of hearing, let it ring; key safe by the back door")
        .wrong(note),
    ];
    page.answer()
}
