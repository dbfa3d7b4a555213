//! Asking before several alerts are changed: their names, what is left out and why, and what has to be said.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinical::{AlertNumber, Outcome, PatientId};

use super::bulk_rules::{BULK_LEN_MAX, Deed, Filled, Unusable, spans};
use super::colleagues::{self, Colleague};
use super::wrong::Wrong;
use super::{offer, once};
use crate::rights::Right;
use crate::store::worklist::AlertRow;
use crate::web::State;
use crate::web::alert_view::AlertView;
use crate::web::close::unfit;
use crate::web::conflict;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::listing::look;
use crate::web::session::Me;
use crate::web::take::find;

pub(super) type Fields = Result<Form<Vec<(String, String)>>, FormRejection>;

/// One alert of several.
pub(super) struct Item {
    /// As it is stored.
    pub(super) row: AlertRow,
    /// In words.
    pub(super) view: AlertView,
    /// Why it is left out.
    pub(super) left_out: Option<String>,
}

impl Item {
    /// Gives whose alert it is and which.
    ///
    /// # Errors
    /// When a stored id or number is none.
    pub(super) fn target(&self) -> anyhow::Result<(PatientId, AlertNumber)> {
        let number = u32::try_from(self.row.number)?;
        Ok((self.row.patient.parse()?, AlertNumber(number)))
    }
}

struct Choice {
    code: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "alert/bulk_ask.html")]
struct AskPage {
    frame: Frame,
    wrong: Wrong,
    deed: Deed,
    id: String,
    fit: Vec<Item>,
    left_out: Vec<Item>,
    unseen: usize,
    colleagues: Vec<Colleague>,
    spans: Vec<Choice>,
    reason: String,
    outcomes: Vec<Choice>,
    note: String,
}

#[derive(Template)]
#[template(path = "alert/bulk_none.html")]
struct NonePage {
    frame: Frame,
    text: String,
}

/// Asks whether it is meant so. Nothing is changed.
pub(crate) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    fields: Fields,
) -> Result<Response, PageError> {
    me.must(Right::ActOnAlerts)?;
    let Form(fields) = fields.map_err(|_| PageError::BadForm)?;
    let mut filled = match Filled::read(&fields) {
        Ok(filled) => filled,
        Err(unusable) => return unusable_page(&state, &me, unusable),
    };
    filled.id = once::new_id(&state)?;
    ask(&state, &me, filled, Wrong::default()).await
}

/// Says that there was nothing to do, or too much.
///
/// # Errors
/// [`PageError::BadForm`] when the form is none of ours.
pub(super) fn unusable_page(
    state: &State,
    me: &Me,
    unusable: Unusable,
) -> Result<Response, PageError> {
    let text = match unusable {
        Unusable::BadForm => return Err(PageError::BadForm),
        Unusable::Nothing => {
            "No alert was chosen. Go back, tick the alerts that you mean, and press the button again."
                .to_owned()
        }
        Unusable::TooMany(len) => format!(
            "{len} alerts were chosen; at most {BULK_LEN_MAX} are changed at once. Go back and choose fewer."
        ),
    };
    let frame = state.frame(Some(me));
    let page = render(&NonePage { frame, text });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Reads the alerts that a form names, in the order of the worklist; those that the person does not see are counted.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn items(
    state: &State,
    me: &Me,
    filled: &Filled,
) -> Result<(Vec<Item>, usize), PageError> {
    let mut rows = Vec::new();
    let mut unseen = 0;
    for name in &filled.alerts {
        match find(state, me, name.patient.as_str(), name.number.0).await {
            Ok((_, row)) => rows.push(row),
            Err(PageError::NotFound) => unseen += 1,
            Err(error) => return Err(error),
        }
    }
    let local = state.local_time();
    let mut items = Vec::new();
    for listed in look(state, rows).await? {
        let view = AlertView::new(&listed, &me.id, &local)?;
        let row = listed.row;
        let left_out = left_out(me, filled.deed, &row, &view)?;
        items.push(Item {
            row,
            view,
            left_out,
        });
    }
    Ok((items, unseen))
}

/// Says why an alert is left out as it stands; the case itself decides when it is done.
fn left_out(
    me: &Me,
    deed: Deed,
    row: &AlertRow,
    view: &AlertView,
) -> anyhow::Result<Option<String>> {
    let number = AlertNumber(u32::try_from(row.number)?);
    let refusal = match deed {
        Deed::Take => unfit(me, row, number).filter(|_| view.state.take.is_none()),
        Deed::Offer => offer::unfit(me, row, number),
        Deed::Snooze | Deed::Close => unfit(me, row, number),
    };
    let refused = refusal.map(|refusal| {
        let (heading, _) = conflict::words(view, &refusal);
        format!("{heading}.")
    });
    let by_rule = deed.not_in_bulk(row.priority()).map(str::to_owned);
    Ok(by_rule.or(refused))
}

/// Shows the page that asks; with what is wrong when something is.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn ask(
    state: &State,
    me: &Me,
    filled: Filled,
    wrong: Wrong,
) -> Result<Response, PageError> {
    let (items, unseen) = items(state, me, &filled).await?;
    let (left_out, fit): (Vec<Item>, Vec<Item>) =
        items.into_iter().partition(|it| it.left_out.is_some());
    let status = if wrong.any() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else if fit.is_empty() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    let outcomes = Outcome::ALL.map(|it| Choice {
        code: it.code().to_owned(),
        label: it.label().to_owned(),
        chosen: it.code() == filled.outcome,
    });
    let spans = spans().map(|(minutes, label)| Choice {
        code: minutes.to_string(),
        chosen: minutes.to_string() == filled.span,
        label,
    });
    let page = AskPage {
        frame: state.frame(Some(me)),
        wrong,
        deed: filled.deed,
        colleagues: whom(state, me, filled.deed, &fit, &filled.to).await?,
        id: filled.id,
        fit,
        left_out,
        unseen,
        spans: spans.collect(),
        reason: filled.reason,
        outcomes: outcomes.into(),
        note: filled.note,
    };
    Ok((status, render(&page)).into_response())
}

/// Lists who may see the patients of all the alerts.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn whom(
    state: &State,
    me: &Me,
    deed: Deed,
    items: &[Item],
    chosen: &str,
) -> Result<Vec<Colleague>, PageError> {
    if deed != Deed::Offer {
        return Ok(Vec::new());
    }
    let mut teams: Vec<&str> = items.iter().map(|it| it.row.team.as_str()).collect();
    teams.sort_unstable();
    teams.dedup();
    let mut whom: Option<Vec<Colleague>> = None;
    for team in teams {
        let of_team = colleagues::of_team(state, me, team, false, chosen).await?;
        whom = Some(match whom {
            None => of_team,
            Some(mut so_far) => {
                so_far.retain(|it| of_team.iter().any(|other| other.id == it.id));
                so_far
            }
        });
    }
    Ok(whom.unwrap_or_default())
}
