//! Several alerts at once, after it was confirmed: each by itself, and what became of each is said by name.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::{AlertNumber, Event, Outcome, PatientId};
use jiff::{SignedDuration, Timestamp};

use super::bulk_ask::{Fields, Item, ask, items, unusable_page, whom};
use super::bulk_rules::{Deed, Filled};
use super::colleagues::{self, Colleague};
use super::once::{self, Once};
use super::wrong::Wrong;
use crate::rights::Right;
use crate::web::State;
use crate::web::conflict;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;
use crate::web::take::instead_of;

/// What became of one alert.
struct Line {
    spoken: String,
    href: String,
    why: String,
    text: String,
    /// Where the limits are changed, when that is what comes next.
    plan_href: Option<String>,
}

#[derive(Template)]
#[template(path = "alert/bulk_done.html")]
struct DonePage {
    frame: Frame,
    deed: Deed,
    done: Vec<Line>,
    not_done: Vec<Line>,
    unseen: usize,
}

/// What is done to each alert.
struct Order {
    filled: Filled,
    to: Option<Colleague>,
    until: Option<Timestamp>,
    until_text: String,
    outcome: Option<Outcome>,
}

/// Does it.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    fields: Fields,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(fields) = fields.map_err(|_| PageError::BadForm)?;
    let filled = match Filled::read(&fields) {
        Ok(filled) => filled,
        Err(unusable) => return unusable_page(&state, &me, unusable),
    };
    let (items, unseen) = items(&state, &me, &filled).await?;
    let mut wrong = Wrong::default();
    filled.check(&mut wrong);
    let whom = whom(&state, &me, filled.deed, &items, &filled.to).await?;
    let to = colleagues::find(&whom, &filled.to).cloned();
    if filled.deed == Deed::Offer && to.is_none() {
        wrong.add("to", "Choose a colleague from the list");
    }
    if wrong.any() {
        return ask(&state, &me, filled, wrong).await;
    }
    let order = order(&state, filled, to);
    let (mut done, mut not_done) = (Vec::new(), Vec::new());
    for item in &items {
        match one(&state, &me, &order, item).await? {
            Ok(line) => done.push(line),
            Err(line) => not_done.push(line),
        }
    }
    let status = if done.is_empty() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let page = DonePage {
        frame: state.frame(Some(&me)),
        deed: order.filled.deed,
        done,
        not_done,
        unseen,
    };
    Ok((status, render(&page)).into_response())
}

fn order(state: &State, filled: Filled, to: Option<Colleague>) -> Order {
    let now = state.clock.now();
    let minutes = filled.minutes().map(i64::from);
    let until = minutes.and_then(|it| now.checked_add(SignedDuration::from_mins(it)).ok());
    let local = state.local_time();
    Order {
        to,
        until,
        until_text: until.map_or_else(String::new, |at| local.show(at).text),
        outcome: filled.outcome(),
        filled,
    }
}

/// Does it to one alert; an error is the line that says why not.
async fn one(
    state: &State,
    me: &Me,
    order: &Order,
    item: &Item,
) -> Result<Result<Line, Line>, PageError> {
    let (patient, number) = item.target()?;
    let line = |text: String| Line {
        spoken: item.view.spoken.clone(),
        href: item.view.action_href.clone(),
        why: item.view.why.clone(),
        text,
        plan_href: None,
    };
    if let Some(why) = order.filled.deed.not_in_bulk(item.row.priority()) {
        return Ok(Err(line(why.to_owned())));
    }
    let Some(event) = event(state, me, order, item, number).await? else {
        return Err(PageError::BadForm);
    };
    let target = (&patient, number);
    let done = once::happen(state, me, target, &event, &order.filled.id).await?;
    Ok(match done {
        Once::Refused(refusal) => {
            let (heading, next) = conflict::words(&item.view, &refusal);
            Err(line(format!("{heading}. {next}")))
        }
        Once::Done => Ok(Line {
            plan_href: plan_href(order, &patient),
            ..line(told(order))
        }),
        Once::Before => Ok(line(
            "This had been done before. Nothing was changed now.".to_owned(),
        )),
    })
}

async fn event(
    state: &State,
    me: &Me,
    order: &Order,
    item: &Item,
    alert: AlertNumber,
) -> Result<Option<Event>, PageError> {
    let by = me.id.clone();
    let filled = &order.filled;
    Ok(match filled.deed {
        Deed::Take => Some(Event::AlertTaken {
            alert,
            by,
            instead_of: instead_of(state, me, &item.row).await?,
        }),
        Deed::Offer => order.to.as_ref().map(|to| Event::AlertOffered {
            alert,
            by,
            to: to.id.clone(),
        }),
        Deed::Snooze => order.until.map(|until| Event::AlertSnoozed {
            alert,
            by,
            until,
            until_reading: false,
            reason: filled.reason.clone(),
        }),
        Deed::Close => order.outcome.map(|outcome| Event::AlertClosed {
            alert,
            by,
            outcome,
            note: filled.note.clone(),
            duplicate_of: None,
        }),
    })
}

fn told(order: &Order) -> String {
    match order.filled.deed {
        Deed::Take => "You have taken it.".to_owned(),
        Deed::Offer => {
            let to = order.to.as_ref().map_or("", |it| it.name.as_str());
            format!("Offered to {to}. It stays yours until {to} accepts it.")
        }
        Deed::Snooze => format!("Put aside until {}.", order.until_text),
        Deed::Close => {
            let outcome = order.outcome.map_or("", Outcome::label);
            format!("Closed: {outcome}.")
        }
    }
}

fn plan_href(order: &Order, patient: &PatientId) -> Option<String> {
    let changes =
        order.filled.deed == Deed::Close && order.outcome == Some(Outcome::LimitsNeedChanging);
    changes.then(|| format!("/patients/{patient}/plan"))
}
