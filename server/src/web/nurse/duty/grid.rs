//! The grid of a team's week: who works when, on whose shift, who is away, and who is on call.

use clinical::PersonId;
use clinical::duty::Worked;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Opened;

/// A day of the week, as its column says it.
pub(super) struct Day {
    pub(super) label: String,
    pub(super) is_today: bool,
}

/// What one person does in a week.
pub(super) struct Row {
    pub(super) name: String,
    /// What is so of all days.
    pub(super) note: &'static str,
    pub(super) cells: Vec<Cell>,
}

/// What one person does on one day.
pub(super) struct Cell {
    pub(super) label: String,
    pub(super) is_today: bool,
    pub(super) lines: Vec<String>,
}

/// Names the days.
pub(super) fn days(opened: &Opened, dates: &[Date], now: Timestamp) -> Vec<Day> {
    let today = opened.rota.team().zone.date(now);
    let day = |date: &Date| Day {
        label: date.strftime("%a %-d %b").to_string(),
        is_today: *date == today,
    };
    dates.iter().map(day).collect()
}

/// Gives a row for everybody who is in post in the week, and one for who is on call.
pub(super) fn people(opened: &Opened, dates: &[Date], now: Timestamp) -> Vec<Row> {
    let (rota, zone) = (&opened.rota, &opened.rota.team().zone);
    let spans: Vec<(Timestamp, Timestamp)> = dates
        .iter()
        .map(|date| (zone.midnight(*date), zone.midnight_after(*date)))
        .collect();
    let worked: Vec<Vec<Worked>> = spans
        .iter()
        .map(|(from, until)| rota.worked(*from, *until))
        .collect();
    let mut people: Vec<(String, &PersonId)> = Vec::new();
    for member in &rota.team().members {
        let in_post = spans.iter().any(|(from, until)| {
            member.from < *until && member.until.is_none_or(|end| *from < end)
        });
        if in_post && people.iter().all(|(_, it)| **it != member.person) {
            people.push((opened.name(&member.person), &member.person));
        }
    }
    people.sort();
    let heads = days(opened, dates, now);
    let cells = |lines: &dyn Fn(usize) -> Vec<String>| {
        let heads = heads.iter().enumerate();
        let cell = |(place, head): (usize, &Day)| Cell {
            label: head.label.clone(),
            is_today: head.is_today,
            lines: lines(place),
        };
        heads.map(cell).collect()
    };
    let mut rows: Vec<Row> = people
        .into_iter()
        .map(|(name, person)| Row {
            name,
            note: match rota.shifts().is_empty() || rota.has_shifts(person) {
                true => "",
                false => "no shifts",
            },
            cells: cells(&|place| match (worked.get(place), spans.get(place)) {
                (Some(worked), Some(span)) => lines(opened, person, worked, *span),
                _ => Vec::new(),
            }),
        })
        .collect();
    rows.push(Row {
        name: "On call".to_owned(),
        note: "",
        cells: cells(&|place| {
            let who = spans
                .get(place)
                .and_then(|(from, _)| rota.on_call_at(*from));
            vec![who.map_or_else(|| "Nobody".to_owned(), |it| opened.name(it))]
        }),
    });
    rows
}

/// Says what somebody does on one day.
fn lines(
    opened: &Opened,
    person: &PersonId,
    worked: &[Worked],
    (from, until): (Timestamp, Timestamp),
) -> Vec<String> {
    let (rota, zone) = (&opened.rota, &opened.rota.team().zone);
    let clock = |at: Timestamp| match at == until {
        true => "24:00".to_owned(),
        false => zone.local(at).strftime("%H:%M").to_string(),
    };
    let mut said: Vec<String> = worked
        .iter()
        .filter(|it| it.person == *person)
        .map(|it| {
            let instead = it.instead_of.as_ref();
            let instead =
                instead.map_or_else(String::new, |who| format!(" for {}", opened.name(who)));
            format!("{}–{}{instead}", clock(it.from), clock(it.until))
        })
        .collect();
    let leaves = rota.leaves().iter();
    for leave in leaves.filter(|it| it.person == *person && it.from < until && from < it.until) {
        said.push(match &leave.cover {
            Some(cover) => format!("Away, {} covers", opened.name(cover)),
            None => "Away".to_owned(),
        });
    }
    said
}
