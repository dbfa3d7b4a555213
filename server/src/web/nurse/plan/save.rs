//! Saving: the form becomes a proposal, and the proposal a plan, or a page says why not. Nothing typed is lost.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use clinical::plan::{Crossed, Crossing, ProposalRefusal};
use clinical::{Plan, PlanVersion, Refusal};

use super::edit::{Shown, refused, today};
use super::fields::Field;
use super::form::decided::{FROM, said};
use super::form::place::of_refusal;
use super::form::start::BASED_ON;
use super::form::typed::{Typed, Wrongs};
use super::form::{self, Draft};
use super::record::{Record, Who};
use super::{request, stale};
use crate::planning::{Accepted, PlanningRefusal, propose_with_return};
use crate::store::people;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;

/// The field of a prescriber's reason.
const CROSSING: &str = "crossing";
/// The most prescribers that a page names.
const PRESCRIBERS_MAX: i64 = 20;

#[derive(Template)]
#[template(path = "plan/stop.html")]
struct StopPage {
    frame: Frame,
    who: Who,
    may_cross: bool,
    crossed: Vec<(String, String)>,
    prescribers: Vec<(String, String)>,
    reason: Field,
    hidden: Vec<(String, String)>,
}

/// How a form is to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// As it is.
    Saved,
    /// As it is, by a prescriber who has answered the page that stopped it.
    Crossing,
    /// By a prescriber later, when it is stopped.
    Asked,
}

/// Saves the form.
///
/// # Errors
/// When the form cannot be read, or the database does not answer.
pub(crate) async fn save(
    state: &State,
    me: &Me,
    shown: Shown<'_>,
    how: How,
) -> Result<Response, PageError> {
    let record = shown.record;
    let based_on = shown.typed.trimmed(BASED_ON).parse();
    let based_on = PlanVersion(based_on.map_err(|_| PageError::BadForm)?);
    if based_on != record.current.version {
        return stale::page(state, me, record, based_on, shown.start, shown.typed).await;
    }
    let draft = match form::draft(shown.content, shown.typed, today(state, record)) {
        Ok(draft) => draft,
        Err(wrongs) => return Ok(refused(state, me, Shown { wrongs, ..shown })),
    };
    let mut wrongs = Wrongs::default();
    let crossing = (how == How::Crossing).then(|| Crossing {
        prescriber: me.id.clone(),
        reason: said(
            shown.typed,
            CROSSING,
            "Say why this patient needs it",
            &mut wrongs,
        ),
    });
    let refusal = match proposed(state, me, record, based_on, &draft, crossing).await? {
        Ok(accepted) => {
            request::was_set(state, me, record, shown.typed).await?;
            return Ok(done(record, &accepted));
        }
        Err(refusal) => refusal,
    };
    let is_stopped = matches!(
        refusal,
        PlanningRefusal::Proposal(ProposalRefusal::HardStop(_))
    );
    if is_stopped && how == How::Asked {
        return request::ask(state, me, record, based_on, shown.typed).await;
    }
    refusal_page(state, me, shown, &draft, refusal, &wrongs).await
}

async fn proposed(
    state: &State,
    me: &Me,
    record: &Record,
    based_on: PlanVersion,
    draft: &Draft,
    crossing: Option<Crossing>,
) -> anyhow::Result<Result<Accepted, PlanningRefusal>> {
    let now = state.clock.now();
    let proposal = draft.proposal(based_on, &me.id, crossing, now);
    let back = |before: &Plan, temporary: &Plan| draft.return_to(before, temporary);
    let stops = &state.templates.hard_stops;
    let accepted = propose_with_return(
        &state.store,
        &record.id,
        |_| Ok(proposal),
        back,
        stops,
        me.actor(),
        now,
    )
    .await?;
    if accepted.is_ok() {
        state.changes.announce(record.id.clone());
    }
    Ok(accepted)
}

fn done(record: &Record, accepted: &Accepted) -> Response {
    let (how, version) = match accepted {
        Accepted::InForce(version) => ("saved", version),
        Accepted::Scheduled(version, _) => ("scheduled", version),
    };
    Redirect::to(&format!("/patients/{}/plan?{how}={version}", record.id)).into_response()
}

async fn refusal_page(
    state: &State,
    me: &Me,
    shown: Shown<'_>,
    draft: &Draft,
    refusal: PlanningRefusal,
    crossing_wrongs: &Wrongs,
) -> Result<Response, PageError> {
    let mut wrongs = Wrongs::default();
    match refusal {
        PlanningRefusal::NotMonitored(_) => return Err(PageError::NotMonitored),
        PlanningRefusal::Nobody(_) => return Err(PageError::NotAllowed),
        PlanningRefusal::Proposal(ProposalRefusal::Stale { based_on, .. }) => {
            // Somebody was faster between our reading and our writing.
            let record = Record::find(state, me, shown.record.id.as_str()).await?;
            return stale::page(state, me, &record, based_on, shown.start, shown.typed).await;
        }
        PlanningRefusal::Proposal(
            ProposalRefusal::HardStop(_)
            | ProposalRefusal::NotAPrescriber(_)
            | ProposalRefusal::CrossingUnexplained,
        ) => return stop(state, me, &shown, draft, crossing_wrongs).await,
        PlanningRefusal::Proposal(refusal) => of_refusal(&refusal, &draft.content, &mut wrongs),
        PlanningRefusal::Case(Refusal::PlanScheduledAlready) => wrongs.add(
            FROM,
            "Another plan waits for its day already. Withdraw it on the plan's page first, or leave the first day empty.",
        ),
        PlanningRefusal::Case(refusal) => wrongs.add(FROM, refusal.to_string()),
    }
    Ok(refused(state, me, Shown { wrongs, ..shown }))
}

/// Interrupts: what goes beyond the hard stops needs a prescriber and a reason. Others are told whom to ask.
async fn stop(
    state: &State,
    me: &Me,
    shown: &Shown<'_>,
    draft: &Draft,
    wrongs: &Wrongs,
) -> Result<Response, PageError> {
    let record = shown.record;
    let may_cross = may_cross(state, me).await?;
    let prescribers =
        people::prescribers_for(state.store.readers(), &record.id, PRESCRIBERS_MAX).await?;
    let wanted = draft
        .content
        .as_plan(record.current.version, me.id.as_str(), state.clock.now());
    let stops = &state.templates.hard_stops;
    let crossed = wanted.map(|wanted| stops.crossed(Some(&record.current), &wanted));
    let said = |it: Crossed| (it.sentence(), it.source);
    let page = StopPage {
        frame: state.frame(Some(me)),
        who: record.who(&state.local_time()),
        may_cross,
        crossed: crossed.into_iter().flatten().map(said).collect(),
        prescribers,
        reason: Field {
            name: CROSSING.to_owned(),
            label: "Why does this patient need it?".to_owned(),
            of: String::new(),
            value: shown.typed.text(CROSSING).to_owned(),
            unit: "",
            wrong: wrongs.of(CROSSING).map(str::to_owned),
            is_number: false,
        },
        hidden: hidden(shown.typed, &[CROSSING, "action"]),
    };
    let status = if may_cross {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::FORBIDDEN
    };
    Ok((status, render(&page)).into_response())
}

/// Tells whether a person may allow what goes beyond the hard stops.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn may_cross(state: &State, me: &Me) -> anyhow::Result<bool> {
    let mut reader = state.store.readers().acquire().await?;
    Ok(people::prescribers(&mut reader).await?.contains(&me.id))
}

/// Carries a form on through a page that asks something else.
pub(crate) fn hidden(typed: &Typed, but: &[&str]) -> Vec<(String, String)> {
    typed
        .iter()
        .filter(|(name, _)| !but.contains(name))
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}
