//! Settings of a team's duty: who leads it, who is on call, and when somebody must be at work.

use std::sync::Arc;

use axum::extract::{self, Path};
use axum::response::Response;
use clinical::duty::RotaEdit;
use clinical::{Hours, PersonId, Span};

use super::edit::save;
use super::{Opened, words};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::nurse::form::{Field, Filled, Kind, Posted, Sheet};
use crate::web::session::Me;

/// Shows who leads, who is on call, and the staffed hours.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let team = opened.rota.team();
    let spans: Vec<String> = team.staffed.spans().iter().map(Span::to_string).collect();
    let first = Filled::with(&[
        ("lead", team.lead.as_str()),
        ("on_call", team.on_call.as_str()),
        ("staffed", &spans.join("\n")),
    ]);
    Ok(sheet(&state, &opened).fill(&first).show(&state, &me))
}

/// Changes them.
pub(super) async fn post(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(team): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    me.must(Right::EditDuty)?;
    let filled = Filled::read(posted)?;
    let opened = Opened::to_edit(&state, &me, &team).await?;
    let mut sheet = sheet(&state, &opened).fill(&filled);
    let lead = read_person(&opened, &filled, "lead", &mut sheet);
    let on_call = read_person(&opened, &filled, "on_call", &mut sheet);
    let staffed = read_staffed(filled.get("staffed"));
    if let Err(line) = &staffed {
        let text =
            format!("“{line}” are no hours: write one line for each, such as mon-fri 09:00-17:00");
        sheet.wrong("staffed", text);
    }
    let (Some(lead), Some(on_call), Ok(staffed)) = (lead, on_call, staffed) else {
        return Ok(sheet.show(&state, &me));
    };
    let team = opened.rota.team();
    let mut edits = Vec::new();
    let mut said = Vec::new();
    if lead != team.lead {
        said.push(format!("{} leads the team", opened.name(&lead)));
        edits.push(RotaEdit::ChangeLead { lead });
    }
    if on_call != team.on_call {
        said.push(format!("{} is on call", opened.name(&on_call)));
        edits.push(RotaEdit::ChangeOnCall { on_call });
    }
    if staffed != team.staffed {
        said.push(format!("staffed hours are {}", words::hours(&staffed)));
        edits.push(RotaEdit::ChangeStaffedHours { staffed });
    }
    if edits.is_empty() {
        sheet.refused = Some("Everything is as it was: change what is to be different.".to_owned());
        return Ok(sheet.show(&state, &me));
    }
    let sentence = format!("From now on {}", said.join(", and "));
    save(&state, &me, &opened, &filled, sheet, (edits, sentence)).await
}

fn read_person(
    opened: &Opened,
    filled: &Filled,
    name: &'static str,
    sheet: &mut Sheet,
) -> Option<PersonId> {
    let person: Option<PersonId> = filled.get(name).parse().ok();
    let person = person.filter(|it| opened.names.contains_key(it.as_str()));
    if person.is_none() {
        sheet.wrong(name, "Choose somebody of the list");
    }
    person
}

/// Reads one line for each span of hours; the error is the line that is none.
fn read_staffed(text: &str) -> Result<Hours, String> {
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    let read = |line: &str| {
        line.to_lowercase()
            .parse::<Span>()
            .map_err(|_| line.to_owned())
    };
    let spans: Vec<Span> = lines.map(read).collect::<Result<_, _>>()?;
    if spans.is_empty() {
        return Err(String::new());
    }
    Ok(Hours::new(spans))
}

fn sheet(state: &State, opened: &Opened) -> Sheet {
    let choices = opened.choices(state.clock.now());
    Sheet {
        title: format!("Lead, on call and hours of the {}", opened.rota.team().name),
        intro: Vec::new(),
        fields: vec![
            Field::new("lead", "Team lead", Kind::Choice(choices.clone()))
                .hint("Is asked when nobody has acted in time"),
            Field::new("on_call", "On call", Kind::Choice(choices))
                .hint("Answers outside the staffed hours, and when nobody else can"),
            Field::new("staffed", "When must somebody be at work?", Kind::Lines)
                .hint("One line for each, such as mon-fri 09:00-17:00"),
        ],
        button: "Save".to_owned(),
        action: format!("{}/settings", opened.href()),
        back: opened.href(),
        lock: opened.lock.clone(),
        ..Sheet::default()
    }
}
