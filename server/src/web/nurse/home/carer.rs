//! Inviting a carer on the patient's behalf: who it is, what they may see, and how the patient agreed.

use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::Response;

use super::super::patient::about::About;
use super::super::patient::form::{Field, Filled, Input, Offer, Sent, needed};
use super::{list, show_card};
use crate::accounts::home::{self, Guest};
use crate::audit::{Action, Entry};
use crate::rights::Right;
use crate::store::cases;
use crate::store::home_access::Sees;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

/// The most carers that one patient has.
pub(crate) const CARERS_MAX: usize = 10;
/// The longest name.
pub(crate) const NAME_LEN_MAX: usize = 80;
/// The longest words for what somebody is to the patient.
pub(crate) const RELATION_LEN_MAX: usize = 40;
const CONSENT_LEN_MAX: usize = 500;
const SEES: [(&str, &str); 3] = [
    ("readings", "The readings, with their numbers"),
    (
        "alerts",
        "What became of each reading, and what the team wrote to the patient",
    ),
    ("contacts", "When the team was in touch"),
];

#[derive(Default)]
struct Wrong {
    name: Option<String>,
    relation: Option<String>,
    consent: Option<String>,
    whole: Vec<String>,
}

/// Shows the form.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    Ok(page(&about, &Filled::default(), Wrong::default()))
}

/// Invites the carer, and shows the card.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    sent: Sent,
) -> Result<Response, PageError> {
    let about = About::find(&state, &me, Right::ManagePatients, &patient).await?;
    let filled = Filled::read(sent)?;
    let mut wrong = read(&filled);
    let team = about.team().await?;
    let mut write = state.store.write().await?;
    // Two who invite at once do so one after the other.
    cases::hold(&mut write, &about.id).await?;
    let rows = list::rows(&about).await?;
    if rows.iter().filter(|it| it.is_own == 0).count() >= CARERS_MAX {
        let text = format!("There are {CARERS_MAX} carers already. Take one back first.");
        wrong.whole.push(text);
    }
    if wrong.name.is_some()
        || wrong.relation.is_some()
        || wrong.consent.is_some()
        || !wrong.whole.is_empty()
    {
        return Ok(page(&about, &filled, wrong));
    }
    let guest = Guest {
        patient: &about.id,
        team: &team,
        name: filled.text("name"),
        relation: Some(filled.text("relation")),
        sees: sees(&filled),
        consent: filled.text("consent"),
        by: &me.id,
    };
    let made = home::invite(&mut write, guest, &state.clock).await?;
    let entry = Entry::new(me.actor(), Action::HomeAccessGiven).of(&about.id);
    state
        .trail
        .append(&mut write, &entry.about("carer"))
        .await?;
    write.commit().await.context("an invitation was not kept")?;
    show_card(
        &about,
        filled.text("name"),
        Some(&about.banner.spoken),
        &made,
    )
    .await
}

fn read(filled: &Filled) -> Wrong {
    Wrong {
        name: needed(filled.text("name"), NAME_LEN_MAX, "Write the carer's name"),
        relation: needed(
            filled.text("relation"),
            RELATION_LEN_MAX,
            "Write what they are to the patient, such as Daughter",
        ),
        consent: needed(
            filled.text("consent"),
            CONSENT_LEN_MAX,
            "Write how and when the patient agreed",
        ),
        whole: Vec::new(),
    }
}

/// Reads which boxes were ticked.
pub(crate) fn sees(filled: &Filled) -> Sees {
    let ticked = filled.all("sees");
    Sees {
        readings: ticked.contains(&"readings"),
        alerts: ticked.contains(&"alerts"),
        contacts: ticked.contains(&"contacts"),
    }
}

fn page(about: &About<'_>, filled: &Filled, wrong: Wrong) -> Response {
    let mut page = about.form("Invite a carer of", "Make a card for a carer of");
    page.back_href = format!("{}/home", about.banner.href);
    page.lead = vec![
        "A carer signs in with a card of their own, and sees whether the patient has measured. Whatever else they see, the \
         patient decides, and may take back at any time."
            .to_owned(),
    ];
    let ticked = filled.all("sees");
    let offers = SEES.map(|(code, label)| Offer::new(code, label, ticked.contains(&code)));
    page.fields = vec![
        Field::line("name", "Name of the carer", filled).wrong(wrong.name),
        Field::line("relation", "What they are to the patient", filled)
            .hint("Such as Daughter, Neighbour, Home help")
            .wrong(wrong.relation),
        Field::new(
            "sees",
            "What else may they see?",
            Input::Checks(offers.into()),
        ),
        Field::area("consent", "How and when did the patient agree?", filled)
            .hint("Such as: said so on the phone today; form signed on 3 March")
            .wrong(wrong.consent),
    ];
    page.wrong = wrong.whole;
    page.answer()
}
