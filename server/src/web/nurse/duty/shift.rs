//! Shifts: weekly hours of one person are added, ended, or given to somebody else.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::Response;
use clinical::duty::{RotaEdit, Shift};
use jiff::ToSpan;
use jiff::civil::Date;

use super::edit::save;
use super::hours::{DAYS, read_hours};
use super::{Opened, named, words};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// Asks who works when.
pub(super) async fn get_add(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let today = opened.rota.team().zone.date(state.clock.now()).to_string();
    let first = Filled::with(&[("from", "09:00"), ("until", "17:00"), ("first", &today)]);
    Ok(add_sheet(&state, &opened).fill(&first).show(&state, &me))
}

/// Adds a shift.
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
    let Some(shift) = read_shift(&state, &opened, &filled, &mut sheet) else {
        return Ok(sheet.show(&state, &me));
    };
    let zone = &opened.rota.team().zone;
    let said = words::shift(&shift, zone, state.clock.now());
    let sentence = format!("Shift of {} added: {said}", opened.name(&shift.person));
    let edits = vec![RotaEdit::AddShift { shift }];
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

/// Asks until when a shift holds, and who works its hours then.
pub(super) async fn get_end(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((team, row)): Path<(String, String)>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let shift = find(&opened, &row)?;
    let today = opened.rota.team().zone.date(state.clock.now()).to_string();
    let first = Filled::with(&[("last", &today)]);
    Ok(end_sheet(&state, &opened, &shift, &row)
        .fill(&first)
        .show(&state, &me))
}

/// Ends a shift, and adds one of the same hours for who works them next.
pub(super) async fn post_end(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path((team, row)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let filled = Filled::read(posted)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let shift = find(&opened, &row)?;
    let mut sheet = end_sheet(&state, &opened, &shift, &row).fill(&filled);
    let zone = &opened.rota.team().zone;
    let yesterday = zone.date(state.clock.now()).saturating_sub(1.day());
    let Some(last) = filled.date("last").filter(|last| *last >= yesterday) else {
        sheet.wrong("last", "Choose the last day: yesterday or later");
        return Ok(sheet.show(&state, &me));
    };
    let at = zone.midnight_after(last);
    let who = opened.name(&shift.person);
    let mut sentence = format!(
        "Shift of {who} ({}) ends on {}",
        words::hours(&shift.hours),
        words::day(last)
    );
    let mut edits = vec![RotaEdit::EndShift {
        shift: shift.clone(),
        at,
    }];
    if !filled.get("next").is_empty() {
        let Ok(person) = filled.get("next").parse() else {
            sheet.wrong("next", "Choose somebody of the list, or nobody");
            return Ok(sheet.show(&state, &me));
        };
        sentence.push_str(&format!(", then {} works it", opened.name(&person)));
        let shift = Shift {
            person,
            from: at.max(shift.from),
            ..shift
        };
        edits.push(RotaEdit::AddShift { shift });
    }
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

fn find(opened: &Opened, row: &str) -> Result<Shift, PageError> {
    for shift in opened.rota.shifts() {
        if named(shift)? == row {
            return Ok(shift.clone());
        }
    }
    Err(PageError::NotFound)
}

fn add_sheet(state: &State, opened: &Opened) -> Sheet {
    let choices = opened.choices(state.clock.now());
    let days = DAYS.map(|(code, name)| (code.to_owned(), name.to_owned(), false));
    Sheet {
        title: format!("Add a shift to the {}", opened.rota.team().name),
        intro: vec![
            "One person's hours of every week. A shift over midnight ends on the next morning."
                .to_owned(),
        ],
        fields: vec![
            Field::new(
                "person",
                "Who works?",
                Kind::Choice(with_nobody(choices, "Choose")),
            ),
            Field::new("day", "On which days?", Kind::Several(days.to_vec())),
            Field::new("from", "From", Kind::Time),
            Field::new("until", "Until", Kind::Time)
                .hint("00:00 is midnight at the end of the day"),
            Field::new("first", "First day", Kind::Date),
            Field::new("last", "Last day", Kind::Date)
                .hint("Leave it empty if the shift goes on until further notice"),
        ],
        button: "Add the shift".to_owned(),
        action: format!("{}/shift", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    }
}

fn end_sheet(state: &State, opened: &Opened, shift: &Shift, row: &str) -> Sheet {
    let now = state.clock.now();
    let choices = opened.choices(now).into_iter();
    let others = choices.filter(|(id, _)| id != shift.person.as_str());
    let zone = &opened.rota.team().zone;
    Sheet {
        title: format!("End a shift of {}", opened.name(&shift.person)),
        intro: vec![format!("{}.", words::shift(shift, zone, now))],
        fields: vec![
            Field::new("last", "Last day of this shift", Kind::Date)
                .hint("To take the shift out from today on, choose yesterday"),
            Field::new(
                "next",
                "Who works these hours after that?",
                Kind::Choice(with_nobody(others.collect(), "Nobody else")),
            ),
        ],
        button: "End the shift".to_owned(),
        action: format!("{}/shift/{row}", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    }
}

/// Puts a choice of nobody before the others.
pub(super) fn with_nobody(mut choices: Vec<(String, String)>, text: &str) -> Vec<(String, String)> {
    choices.insert(0, (String::new(), text.to_owned()));
    choices
}

fn read_shift(state: &State, opened: &Opened, filled: &Filled, sheet: &mut Sheet) -> Option<Shift> {
    let zone = &opened.rota.team().zone;
    let today = zone.date(state.clock.now());
    let person = filled.get("person").parse();
    if person.is_err() {
        sheet.wrong("person", "Choose who works");
    }
    let days: Vec<&str> = filled.all("day").collect();
    let hours = read_hours(&days, filled, sheet);
    let first = filled.date("first").filter(|first| *first >= today);
    if first.is_none() {
        sheet.wrong("first", "Choose the first day: today or later");
    }
    let last = read_last(filled, first, sheet);
    Some(Shift {
        person: person.ok()?,
        hours: hours?,
        from: zone.midnight(first?),
        until: last?.map(|last| zone.midnight_after(last)),
    })
}

/// Reads a last day that may be empty; `None` when it is wrong.
fn read_last(filled: &Filled, first: Option<Date>, sheet: &mut Sheet) -> Option<Option<Date>> {
    if filled.get("last").is_empty() {
        return Some(None);
    }
    let last = filled.date("last");
    let last = last.filter(|last| first.is_none_or(|first| first <= *last));
    if last.is_none() {
        sheet.wrong(
            "last",
            "Choose a last day that is not before the first, or leave it empty",
        );
    }
    last.map(Some)
}
