//! Leaving: somebody stops working here, once everything that they have is somebody else's. What has to be moved first is
//! named, all of it at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use clinical::PersonId;
use clinical::duty::{RotaEdit, amend};
use jiff::{Timestamp, ToSpan};

use super::noted;
use super::people::find;
use crate::audit::Action;
use crate::rights::Right;
use crate::store::roles::Grant;
use crate::store::staff::{self, Burden, StaffRow};
use crate::store::{Write, assignments, duty, people, roles, rota_gaps, sessions};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::duty::refusal_words;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;
use crate::web::words;

/// What the form posts for somebody who stays after all.
const BACK: &str = "back";
/// Why somebody has to stay an administrator who can sign in.
pub(super) const LAST: &str = "Nobody else would administer the service: make another person, who stays and can sign in, an \
                               administrator first.";

/// Asks for the last day.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let known = find(&state, &person).await?;
    let sheet = sheet(&known);
    me.must_be_fresh(&state, &sheet.action)?;
    Ok(sheet.show(&state, &me))
}

/// Lets somebody go: they leave every rota, and from the day after their last they have no role.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(person): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::ManagePeople)?;
    let filled = Filled::read(posted)?;
    let id: PersonId = person.parse().map_err(|_| PageError::NotFound)?;
    let local = state.local_time();
    let now = local.now();
    let mut write = state.store.write().await?;
    roles::lock_administrators(&mut write).await?;
    staff::lock(&mut write, &id).await?;
    let known = staff::find(&mut write, &id)
        .await?
        .ok_or(PageError::NotFound)?;
    let mut sheet = sheet(&known);
    let lock = std::mem::take(&mut sheet.lock);
    sheet = sheet.fill(&filled);
    if known.left_at.is_some() && filled.get("what") == BACK {
        if filled.get("lock") != lock {
            return Ok(sheet.conflict(lock, &state, &me));
        }
        return stays(&state, &me, write, &known).await;
    }
    let yesterday = local.today().saturating_sub(1.day());
    let last = filled.date("last").filter(|it| *it >= yesterday);
    let at = last.and_then(|last| local.midnight(last.saturating_add(1.day())));
    let (Some(last), Some(at)) = (last, at) else {
        sheet.wrong("last", "Choose the last day: yesterday or later");
        return Ok(sheet.show(&state, &me));
    };
    if filled.get("lock") != lock {
        return Ok(sheet.conflict(lock, &state, &me));
    }
    if !me.is_fresh(&state) {
        return Ok(sheet.not_fresh(&state, &me));
    }
    sheet.refused = held_back(&state, &mut write, &me, &known, at).await?;
    if sheet.refused.is_some() {
        return Ok(sheet.show(&state, &me));
    }
    staff::set_left(&mut write, &id, Some(at)).await?;
    if at <= now {
        roles::set(&mut write, &id, &BTreeSet::new(), Some(&me.id), now).await?;
        sessions::end_all(&mut write, &id, now).await?;
    }
    let sentence = format!(
        "{} leaves, last day {}",
        known.name,
        last.strftime("%-d %b %Y")
    );
    let subject = format!("person:{id}");
    noted::commit(
        &state,
        &me,
        write,
        (Action::PersonChanged, &subject, &sentence),
    )
    .await?;
    Ok(Redirect::to(&format!("/administration/people/{id}")).into_response())
}

/// Takes somebody out of every rota, or says why they cannot leave.
async fn held_back(
    state: &State,
    write: &mut Write<'_>,
    me: &Me,
    known: &StaffRow,
    at: Timestamp,
) -> anyhow::Result<Option<String>> {
    let id: PersonId = known.id.parse().context("a person's id")?;
    if id == me.id {
        let refused = "You cannot let yourself go: ask another administrator.";
        return Ok(Some(refused.to_owned()));
    }
    if is_last_administrator(write, &id).await? {
        return Ok(Some(LAST.to_owned()));
    }
    let now = state.clock.now();
    let mut first = burdens(&staff::burden(write, &id, now).await?);
    if first.is_empty() {
        first = leave_rotas(state, write, &id, at, now).await?;
    }
    let first = Some(first.join(". ")).filter(|it| !it.is_empty());
    Ok(first.map(|first| format!("{} cannot leave yet. {first}.", known.name)))
}

/// Keeps somebody who was to leave, or takes back who has left.
async fn stays(
    state: &State,
    me: &Me,
    mut write: Write<'_>,
    known: &StaffRow,
) -> Result<Response, PageError> {
    let id: PersonId = known.id.parse().context("a person's id")?;
    staff::set_left(&mut write, &id, None).await?;
    let sentence = format!("{} stays, or is back", known.name);
    let subject = format!("person:{id}");
    noted::commit(
        state,
        me,
        write,
        (Action::PersonChanged, &subject, &sentence),
    )
    .await?;
    Ok(Redirect::to(&format!("/administration/people/{id}")).into_response())
}

/// Tells whether nobody else would administer the service if somebody did not: nobody who stays and may sign in. The
/// administrators must have been taken ([`roles::lock_administrators`]).
pub(super) async fn is_last_administrator(
    write: &mut Write<'_>,
    person: &PersonId,
) -> anyhow::Result<bool> {
    let is_one = roles::held(write, person).await?.iter().any(manages);
    Ok(is_one && roles::other_administrators_len(write, person).await? == 0)
}

/// Tells whether a role administers the service.
pub(super) fn manages(grant: &Grant) -> bool {
    grant.role.may(Right::ManagePeople)
}

/// Says what has to be somebody else's first.
fn burdens(burden: &Burden) -> Vec<String> {
    let mut first = Vec::new();
    if burden.patients_len > 0 {
        let patients = words::count(burden.patients_len, "patient", "patients");
        first.push(format!("Give {patients} another care coordinator first"));
    }
    if burden.alerts_len > 0 {
        let alerts = words::count(burden.alerts_len, "open alert", "open alerts");
        first.push(format!("Let {alerts} be handed over or closed first"));
    }
    if burden.teams_len > 0 {
        first.push("Name another lead or person on call of their team first".to_owned());
    }
    first
}

/// Takes somebody out of every rota; gives why that is refused, for each team where it is.
async fn leave_rotas(
    state: &State,
    write: &mut Write<'_>,
    person: &PersonId,
    at: Timestamp,
    now: Timestamp,
) -> anyhow::Result<Vec<String>> {
    let names = people::names(state.store.readers()).await?;
    let name = |it: &PersonId| {
        names
            .get(it.as_str())
            .cloned()
            .unwrap_or_else(|| it.to_string())
    };
    let mut refused = Vec::new();
    for team in staff::memberships(write, person, at).await? {
        rota_gaps::lock(write, &team).await?;
        let Some(rota) = duty::rota(write, &team, Timestamp::MAX).await? else {
            continue;
        };
        let coordinators = assignments::of_team(write, &team).await?;
        let edit = RotaEdit::MemberLeaves {
            person: person.clone(),
            at,
        };
        match amend(&rota, &coordinators, &[edit], now) {
            Ok(amended) => {
                duty::save(write, &amended, now).await?;
            }
            Err(refusal) => {
                let why = refusal_words(&refusal, name);
                refused.push(why.trim_end_matches('.').to_owned());
            }
        }
    }
    Ok(refused)
}

fn sheet(known: &StaffRow) -> Sheet {
    let mut fields = vec![Field::new("last", "Last day", Kind::Date)];
    if known.left_at.is_some() {
        let choices = vec![
            ("date".to_owned(), "Another last day".to_owned()),
            (BACK.to_owned(), "They stay, or are back".to_owned()),
        ];
        let what = Field::new("what", "What changes?", Kind::Choice(choices));
        fields.insert(
            0,
            what.hint("Whoever is back needs roles again, and a place in a rota"),
        );
    }
    Sheet {
        title: format!("{} leaves the service", known.name),
        intro: vec![
            "They leave every rota after their last day, and can then see and do nothing here any more. What they did stays \
             written under their name."
                .to_owned(),
        ],
        fields,
        button: "Let them leave".to_owned(),
        action: format!("/administration/people/{}/leave", known.id),
        back: format!("/administration/people/{}", known.id),
        lock: known.left_at.map_or_else(|| "stays".to_owned(), |at| at.to_string()),
        ..Sheet::default()
    }
}
