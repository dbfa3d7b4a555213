//! Leaves: somebody is away from a first to a last day, and somebody stands in.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::Response;
use clinical::duty::{Leave, RotaEdit};
use jiff::ToSpan;

use super::edit::save;
use super::shift::with_nobody;
use super::{Opened, named, words};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// Asks who is away, and who stands in.
pub(super) async fn get_add(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    Ok(add_sheet(&state, &opened).show(&state, &me))
}

/// Adds a leave.
pub(super) async fn post_add(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let filled = Filled::read(posted)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let mut sheet = add_sheet(&state, &opened).fill(&filled);
    let Some(leave) = read_leave(&opened, &filled, &mut sheet) else {
        return Ok(sheet.show(&state, &me));
    };
    let zone = &opened.rota.team().zone;
    let dates = words::dates(leave.from, Some(leave.until), zone, state.clock.now());
    let cover = leave.cover.as_ref();
    let cover = cover.map_or_else(
        || "nobody covers".to_owned(),
        |it| format!("{} covers", opened.name(it)),
    );
    let sentence = format!(
        "Leave of {} added: {dates}, {cover}",
        opened.name(&leave.person)
    );
    let edits = vec![RotaEdit::AddLeave { leave }];
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

/// Asks when somebody is back.
pub(super) async fn get_end(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((team, row)): Path<(String, String)>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let leave = find(&opened, &row)?;
    let zone = &opened.rota.team().zone;
    let last = words::last_day(leave.until, zone).to_string();
    let first = Filled::with(&[("last", &last)]);
    Ok(end_sheet(&state, &opened, &leave, &row)
        .fill(&first)
        .show(&state, &me))
}

/// Ends a leave early.
pub(super) async fn post_end(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((team, row)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let filled = Filled::read(posted)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let leave = find(&opened, &row)?;
    let mut sheet = end_sheet(&state, &opened, &leave, &row).fill(&filled);
    let zone = &opened.rota.team().zone;
    let yesterday = zone.date(state.clock.now()).saturating_sub(1.day());
    let latest = words::last_day(leave.until, zone);
    let last = filled.date("last");
    let Some(last) = last.filter(|last| (yesterday..=latest).contains(last)) else {
        sheet.wrong(
            "last",
            "Choose the last day away: from yesterday to the last day that it has now",
        );
        return Ok(sheet.show(&state, &me));
    };
    let sentence = format!(
        "Leave of {} ends on {}",
        opened.name(&leave.person),
        words::day(last)
    );
    let edits = vec![RotaEdit::EndLeave {
        person: leave.person,
        from: leave.from,
        at: zone.midnight_after(last),
    }];
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

fn find(opened: &Opened, row: &str) -> Result<Leave, PageError> {
    for leave in opened.rota.leaves() {
        if named(leave)? == row {
            return Ok(leave.clone());
        }
    }
    Err(PageError::NotFound)
}

fn add_sheet(state: &State, opened: &Opened) -> Sheet {
    let choices = opened.choices(state.clock.now());
    Sheet {
        title: format!("Add a leave in the {}", opened.rota.team().name),
        intro: vec![
            "Who covers answers for the patients of who is away, and works their shifts."
                .to_owned(),
        ],
        fields: vec![
            Field::new(
                "person",
                "Who is away?",
                Kind::Choice(with_nobody(choices.clone(), "Choose")),
            ),
            Field::new("first", "First day away", Kind::Date),
            Field::new("last", "Last day away", Kind::Date),
            Field::new(
                "cover",
                "Who covers?",
                Kind::Choice(with_nobody(choices, "Nobody")),
            ),
        ],
        button: "Add the leave".to_owned(),
        action: format!("{}/leave", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    }
}

fn end_sheet(state: &State, opened: &Opened, leave: &Leave, row: &str) -> Sheet {
    let zone = &opened.rota.team().zone;
    let dates = words::dates(leave.from, Some(leave.until), zone, state.clock.now());
    Sheet {
        title: format!("End the leave of {}", opened.name(&leave.person)),
        intro: vec![format!("Away {dates}.")],
        fields: vec![
            Field::new("last", "Last day away", Kind::Date)
                .hint("To take the leave out from today on, choose yesterday"),
        ],
        button: "End the leave".to_owned(),
        action: format!("{}/leave/{row}", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    }
}

fn read_leave(opened: &Opened, filled: &Filled, sheet: &mut Sheet) -> Option<Leave> {
    let zone = &opened.rota.team().zone;
    let person = filled.get("person").parse();
    if person.is_err() {
        sheet.wrong("person", "Choose who is away");
    }
    let first = filled.date("first");
    if first.is_none() {
        sheet.wrong("first", "Choose the first day away");
    }
    let last = filled.date("last");
    let last = last.filter(|last| first.is_none_or(|first| first <= *last));
    if last.is_none() {
        sheet.wrong("last", "Choose a last day that is not before the first");
    }
    let cover = match filled.get("cover") {
        "" => None,
        cover => match cover.parse() {
            Ok(cover) => Some(cover),
            Err(_) => {
                sheet.wrong("cover", "Choose somebody of the list, or nobody");
                return None;
            }
        },
    };
    Some(Leave {
        person: person.ok()?,
        from: zone.midnight(first?),
        until: zone.midnight_after(last?),
        cover,
    })
}
