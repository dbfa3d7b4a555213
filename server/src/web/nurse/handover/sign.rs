//! Signing: each alert that the outgoing nurse holds is offered, all in one transaction. What cannot be is named.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
use axum::extract;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::refusal::NOTE_LEN_MAX;
use clinical::{AlertNumber, Event, PatientId, PersonId, Refusal};

use super::page::{ALERTS_MAX, COLLEAGUES_MAX, Typed, page};
use super::{alert_of, asked_by, is_mine, name_of};
use crate::audit::{self, Action, Entry};
use crate::casework::Casebook;
use crate::rights::Right;
use crate::store::handovers;
use crate::store::worklist::{self, AlertRow};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Filled, Posted};
use crate::web::session::Me;

/// The most alerts that one form names.
const NAMED_MAX: usize = 500;

/// Who asks whom for which alerts.
type Offers = BTreeMap<(PatientId, AlertNumber), PersonId>;

/// Signs the handover.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let filled = Filled::read(posted)?;
    let mut typed = Typed {
        to: filled.get("to").to_owned(),
        note: filled.get("note").replace("\r\n", "\n"),
        ..Typed::default()
    };
    let readers = state.store.readers();
    let colleagues = handovers::colleagues(readers, &me.id, COLLEAGUES_MAX).await?;
    let known = |id: &str| colleagues.iter().any(|(known, _)| known == id);
    let to: Option<PersonId> = filled
        .get("to")
        .parse()
        .ok()
        .filter(|it: &PersonId| known(it.as_str()));
    let Some(to) = to else {
        typed.wrong = Some("Choose who takes over from you");
        return page(&state, &me, None, typed).await;
    };
    if typed.note.chars().count() > NOTE_LEN_MAX {
        typed.wrong = Some("Shorten the note to 2,000 characters");
        return page(&state, &me, None, typed).await;
    }
    let now = state.clock.now();
    let rows = worklist::open_in_sight(readers, me.viewer(now), ALERTS_MAX).await?;
    let offers = offers(&me, &rows, &filled, &to, known);
    let (offered, refused) = carry_out(&state, &me, &to, &typed.note, offers).await?;
    typed.done_len = offered.len();
    typed.left_out = say(&state, &me, refused).await?;
    for patient in offered {
        state.changes.announce(patient);
    }
    if typed.left_out.is_empty() {
        return Ok(Redirect::to("/handover?done=signed").into_response());
    }
    page(&state, &me, None, typed).await
}

/// Gathers what the page showed as the nurse's own and what is hers now, each with who is to have it. What is on offer to
/// them already stays so.
fn offers(
    me: &Me,
    rows: &[AlertRow],
    filled: &Filled,
    to: &PersonId,
    known: impl Fn(&str) -> bool,
) -> Offers {
    let held = rows.iter().filter(|row| is_mine(row, me.id.as_str()));
    let held: BTreeMap<String, Option<&str>> = held
        .map(|row| (name_of(row), asked_by(row, me.id.as_str())))
        .collect();
    let shown = filled.all("alert").take(NAMED_MAX).map(str::to_owned);
    let names: BTreeSet<String> = held.keys().cloned().chain(shown).collect();
    let mut offers = Offers::new();
    for name in names {
        let other = filled.get(&format!("to-{name}"));
        let other = Some(other)
            .filter(|it| known(it))
            .and_then(|it| it.parse().ok());
        let to = other.unwrap_or_else(|| to.clone());
        let is_offered = held.get(&name).is_some_and(|it| *it == Some(to.as_str()));
        if let Some(alert) = alert_of(&name).filter(|_| !is_offered) {
            offers.insert(alert, to);
        }
    }
    offers
}

/// Why an alert could not be offered.
type Refused = Vec<((PatientId, AlertNumber), Refusal)>;

/// Offers the alerts and signs, or changes nothing when the database fails. Gives whose were offered, and what was refused.
async fn carry_out(
    state: &State,
    me: &Me,
    to: &PersonId,
    note: &str,
    offers: Offers,
) -> anyhow::Result<(Vec<PatientId>, Refused)> {
    let now = state.clock.now();
    let mut write = state.store.write().await?;
    let mut casebook = Casebook::default();
    let (mut offered, mut refused, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    // In the order of patients: two who hand over at once do not wait for each other.
    for ((patient, alert), to) in offers {
        let by = me.id.clone();
        let event = Event::AlertOffered { alert, by, to };
        match casebook.handle(&mut write, &patient, &event, now).await? {
            Ok(_) => {
                entries.push(Entry::of_event(me.actor(), &patient, &event));
                offered.push(patient);
            }
            Err(refusal) => refused.push(((patient, alert), refusal)),
        }
    }
    casebook.save(&mut write).await?;
    let offered_len = i64::try_from(offered.len())?;
    handovers::sign(&mut write, (&me.id, to), note, offered_len, now).await?;
    entries.push(Entry::new(me.actor(), Action::HandoverSigned).about(to));
    audit::append(&mut write, &entries, now).await?;
    write
        .commit()
        .await
        .context("a handover cannot be committed")?;
    Ok((offered, refused))
}

/// Names what was left out, of patients whom the nurse sees.
async fn say(state: &State, me: &Me, refused: Refused) -> Result<Vec<String>, PageError> {
    let names = crate::store::people::names(state.store.readers()).await?;
    let mut said = Vec::new();
    for ((patient, alert), refusal) in refused {
        let found = crate::web::take::find(state, me, patient.as_str(), alert.0).await;
        let what = match found {
            Ok((_, row)) => format!(
                "{} {} {} – {}",
                row.title, row.given_name, row.family_name, row.why
            ),
            Err(PageError::NotFound) => "A patient whom you no longer see".to_owned(),
            Err(error) => return Err(error),
        };
        let why = match &refusal {
            Refusal::TakenBy { by, .. } => {
                let name = names
                    .get(by.as_str())
                    .cloned()
                    .unwrap_or_else(|| by.to_string());
                format!("{name} has it meanwhile, and answers for it")
            }
            Refusal::NotOpen(_) => "it is closed meanwhile".to_owned(),
            Refusal::NotTaken(_) => "nobody has taken it: it is the care coordinator's".to_owned(),
            other => other.to_string(),
        };
        said.push(format!("{what}: {why}"));
    }
    Ok(said)
}
