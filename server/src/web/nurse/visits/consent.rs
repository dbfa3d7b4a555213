//! What visitors see: whether the patient agreed that voluntary visitors see readings, who recorded it and when.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::patient::about::About;
use super::super::patient::done;
use super::super::patient::form::{Field, Filled, Input, Offer, Sent, needed};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::cases;
use crate::store::visits::{self, ConsentRow};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

const HOW_LEN_MAX: usize = 500;
/// The most earlier answers that the form shows.
const ROWS_MAX: i64 = 10;

#[derive(Default)]
struct Wrong {
    may: Option<String>,
    how: Option<String>,
}

/// Shows the form, with what was recorded before.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    page(&about, &Filled::default(), Wrong::default()).await
}

/// Records what the patient said.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let may = match filled.text("may") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let how = filled.text("how");
    let wrong = Wrong {
        may: may
            .is_none()
            .then(|| "Choose what the patient said".to_owned()),
        how: needed(how, HOW_LEN_MAX, "Write how and when the patient said so"),
    };
    let (Some(may), None) = (may, &wrong.how) else {
        return page(&about, &filled, wrong).await;
    };
    let mut write = state.store.write().await?;
    cases::hold(&mut write, &about.id).await?;
    let now = state.clock.now();
    visits::record_consent(&mut write, &about.id, may, how, &me.id, now).await?;
    let entry = Entry::new(me.actor(), Action::PatientChanged).of(&about.id);
    let detail = if may {
        "visitors may see readings"
    } else {
        "visitors may not see readings"
    };
    let entry = entry.about("visitors").detail(detail);
    state.trail.append(&mut write, &entry).await?;
    write.commit().await.context("consent was not kept")?;
    let code = if may {
        "visitors_may"
    } else {
        "visitors_may_not"
    };
    Ok(Redirect::to(&done::href(&about.id, code)).into_response())
}

async fn page(about: &About<'_>, filled: &Filled, wrong: Wrong) -> Result<Response, PageError> {
    let readers = about.state.store.readers();
    let before = visits::consents(readers, &about.id, ROWS_MAX).await?;
    let mut page = about.form("What visitors see of", "Record what was said by");
    page.lead = vec![
        "Voluntary visitors of the team see how to reach a patient, whether they have measured, and when somebody was in \
         touch. They see readings only if the patient agrees, and the patient may change their mind at any time."
            .to_owned(),
        match before.first() {
            Some(newest) if newest.may_see == 1 => "Now visitors see the latest readings.".to_owned(),
            _ => "Now visitors do not see readings.".to_owned(),
        },
    ];
    let notes: Result<Vec<String>, PageError> = before.iter().map(|row| note(about, row)).collect();
    page.notes = notes?;
    let chosen = filled.text("may");
    let offers = [
        ("yes", "Visitors may see the latest readings"),
        ("no", "Visitors may not see readings"),
    ];
    let offers = offers.map(|(code, label)| Offer::new(code, label, code == chosen));
    page.fields = vec![
        Field::new(
            "may",
            "What did the patient say?",
            Input::Radio(offers.into()),
        )
        .wrong(wrong.may),
        Field::area("how", "How and when did they say so?", filled)
            .hint("Such as: said so on the phone today; form signed on 3 March")
            .wrong(wrong.how),
    ];
    Ok(page.answer())
}

fn note(about: &About<'_>, row: &ConsentRow) -> Result<String, PageError> {
    let at = about.local.show_stored(row.at)?.text;
    let said = if row.may_see == 1 {
        "agreed"
    } else {
        "did not agree"
    };
    let (how, by) = (&row.how, &row.by_name);
    Ok(format!("{at}: {said}. {how} (recorded by {by})"))
}
