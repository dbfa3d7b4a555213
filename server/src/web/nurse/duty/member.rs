//! Members: who joins a team, and who leaves it.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::Response;
use clinical::PersonId;
use clinical::duty::RotaEdit;
use jiff::ToSpan;

use super::edit::save;
use super::shift::with_nobody;
use super::{Opened, words};
use crate::rights::Right;
use crate::store::staff;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// Asks who joins.
pub(super) async fn get_join(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let today = opened.rota.team().zone.date(state.clock.now()).to_string();
    let first = Filled::with(&[("first", &today)]);
    let sheet = join_sheet(&state, &opened).await?;
    Ok(sheet.fill(&first).show(&state, &me))
}

/// Takes somebody into the team.
pub(super) async fn post_join(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let filled = Filled::read(posted)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let mut sheet = join_sheet(&state, &opened).await?.fill(&filled);
    let zone = &opened.rota.team().zone;
    let today = zone.date(state.clock.now());
    let person: Option<PersonId> = filled.get("person").parse().ok();
    let person = person.filter(|it| opened.names.contains_key(it.as_str()));
    if person.is_none() {
        sheet.wrong("person", "Choose who joins");
    }
    let first = filled.date("first").filter(|first| *first >= today);
    if first.is_none() {
        sheet.wrong("first", "Choose the first day: today or later");
    }
    let (Some(person), Some(first)) = (person, first) else {
        return Ok(sheet.show(&state, &me));
    };
    let sentence = format!("{} joins on {}", opened.name(&person), words::day(first));
    let from = zone.midnight(first);
    let edits = vec![RotaEdit::MemberJoins { person, from }];
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

/// Asks who leaves.
pub(super) async fn get_go(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    Ok(go_sheet(&state, &opened).show(&state, &me))
}

/// Lets somebody leave the team. Their shifts end too.
pub(super) async fn post_go(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let filled = Filled::read(posted)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let mut sheet = go_sheet(&state, &opened).fill(&filled);
    let zone = &opened.rota.team().zone;
    let yesterday = zone.date(state.clock.now()).saturating_sub(1.day());
    let person: Option<PersonId> = filled.get("person").parse().ok();
    if person.is_none() {
        sheet.wrong("person", "Choose who leaves");
    }
    let last = filled.date("last").filter(|last| *last >= yesterday);
    if last.is_none() {
        sheet.wrong("last", "Choose the last day: yesterday or later");
    }
    let (Some(person), Some(last)) = (person, last) else {
        return Ok(sheet.show(&state, &me));
    };
    let at = zone.midnight_after(last);
    let sentence = format!("{} leaves after {}", opened.name(&person), words::day(last));
    let edits = vec![RotaEdit::MemberLeaves { person, at }];
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

async fn join_sheet(state: &State, opened: &Opened) -> Result<Sheet, PageError> {
    let now = state.clock.now();
    let stays = |person: &str| {
        let members = opened.rota.team().members.iter();
        let mut members = members.filter(|it| it.person.as_str() == person);
        members.any(|it| it.until.is_none())
    };
    let all = staff::all(state.store.readers()).await?.into_iter();
    let gone = |left_at: Option<i64>| left_at.is_some_and(|left| left <= now.as_microsecond());
    let others = all.filter(|it| !gone(it.left_at) && !stays(&it.id));
    let choices = others.map(|it| (it.id, format!("{}, {}", it.name, it.role)));
    Ok(Sheet {
        title: format!("Take somebody into the {}", opened.rota.team().name),
        intro: vec![
            "Whoever joins can be given shifts, leave and patients from the first day on. What they may see and do is \
             decided by their roles, which an administrator gives."
                .to_owned(),
        ],
        fields: vec![
            Field::new("person", "Who joins?", Kind::Choice(with_nobody(choices.collect(), "Choose"))),
            Field::new("first", "First day", Kind::Date),
        ],
        button: "Take them in".to_owned(),
        action: format!("{}/join", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    })
}

fn go_sheet(state: &State, opened: &Opened) -> Sheet {
    let choices = opened.choices(state.clock.now());
    Sheet {
        title: format!("Let somebody leave the {}", opened.rota.team().name),
        intro: vec!["Their shifts end with their last day. Whoever is still a care coordinator, covers for somebody, leads the team or is on call cannot leave before that is given to somebody else.".to_owned()],
        fields: vec![
            Field::new("person", "Who leaves?", Kind::Choice(with_nobody(choices, "Choose"))),
            Field::new("last", "Last day", Kind::Date),
        ],
        button: "Let them leave".to_owned(),
        action: format!("{}/go", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    }
}
