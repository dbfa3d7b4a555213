//! Who looked at one patient's record, and who changed something in it: by day and person, for those who see the record.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::words;
use crate::audit::{Action, Recorded};
use crate::store::audit::{self, Filter};
use crate::store::people;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::local_time::LocalTime;
use crate::web::nurse::patient::banner::Banner;
use crate::web::session::Me;
use crate::web::sight;

/// How many entries a page tells of; a day that does not fit is on the next page whole.
const ENTRIES_LEN_MAX: u32 = 300;

/// Where the page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "audit/looked.html")]
struct LookedPage {
    frame: Frame,
    banner: Banner,
    days: Vec<Day>,
    earlier: Option<i64>,
    is_first: bool,
}

/// One day, as the clock on the wall has it.
#[derive(Debug, PartialEq, Eq)]
struct Day {
    text: String,
    people: Vec<Person>,
}

/// What one person did on one day.
#[derive(Debug, PartialEq, Eq)]
struct Person {
    who: String,
    roles: String,
    did: Vec<String>,
}

/// Shows who looked, once that somebody looks at that is an entry too.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    Path(patient): Path<String>,
    from: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    let (id, row) = sight::patient_for(&state, &me, &patient, Action::AccessLogViewed).await?;
    let Query(from) = from.map_err(|_| PageError::BadForm)?;
    let (local, readers) = (state.local_time(), state.store.readers());
    let filter = Filter::of_patient(id.as_str());
    let found = audit::newest_first(readers, &filter, from.before, ENTRIES_LEN_MAX).await?;
    let (shown, earlier) = whole_days(&found, ENTRIES_LEN_MAX as usize, &local);
    let names = people::names(readers).await?;
    Ok(render(&LookedPage {
        frame: state.frame(Some(&me)),
        banner: Banner::new(&row, &local),
        days: days(shown, &names, &local),
        earlier,
        is_first: from.before.is_none(),
    }))
}

/// Leaves a last day out that goes on behind the page's end, unless the page has only that one, and gives before which entry
/// the next page begins.
fn whole_days<'a>(
    found: &'a [Recorded],
    len_max: usize,
    local: &LocalTime,
) -> (&'a [Recorded], Option<i64>) {
    if found.len() < len_max {
        return (found, None);
    }
    let day = |entry: &Recorded| date(entry, local);
    let last = found.last().map(day);
    let whole = found.iter().take_while(|it| Some(day(it)) != last).count();
    let shown = match whole {
        0 => found,
        whole => found.get(..whole).unwrap_or(found),
    };
    (shown, shown.last().map(|it| it.number))
}

fn date(entry: &Recorded, local: &LocalTime) -> Date {
    let at = Timestamp::from_microsecond(entry.at).unwrap_or(Timestamp::UNIX_EPOCH);
    local.zoned(at).date()
}

/// What was done of one kind to one thing.
#[derive(Default)]
struct Times {
    len: usize,
    first: String,
    last: String,
}

/// Gathers entries, newest first, by day and by who did it.
fn days(found: &[Recorded], names: &BTreeMap<String, String>, local: &LocalTime) -> Vec<Day> {
    found
        .chunk_by(|a, b| date(a, local) == date(b, local))
        .filter_map(|of_day| {
            let first = of_day.first()?;
            let mut people: Vec<(&str, Vec<&Recorded>)> = Vec::new();
            for entry in of_day {
                match people.iter_mut().find(|(id, _)| *id == entry.person) {
                    Some((_, theirs)) => theirs.push(entry),
                    None => people.push((&entry.person, vec![entry])),
                }
            }
            let people = people.into_iter();
            Some(Day {
                text: date(first, local).strftime("%A %-d %B %Y").to_string(),
                people: people
                    .map(|(id, theirs)| person(id, &theirs, names, local))
                    .collect(),
            })
        })
        .collect()
}

fn person(
    id: &str,
    theirs: &[&Recorded],
    names: &BTreeMap<String, String>,
    local: &LocalTime,
) -> Person {
    let mut kinds: Vec<(String, Times)> = Vec::new();
    for entry in theirs {
        let what = said(entry, names);
        let at = Timestamp::from_microsecond(entry.at).unwrap_or(Timestamp::UNIX_EPOCH);
        let at = local.zoned(at).strftime("%H:%M").to_string();
        let place = kinds.iter().position(|(it, _)| *it == what);
        let place = place.unwrap_or_else(|| {
            kinds.push((what, Times::default()));
            kinds.len() - 1
        });
        if let Some((_, times)) = kinds.get_mut(place) {
            times.len += 1;
            times.first.clone_from(&at);
            if times.last.is_empty() {
                times.last = at;
            }
        }
    }
    Person {
        who: words::who(id, names),
        roles: theirs
            .first()
            .map_or_else(String::new, |it| words::roles(&it.role)),
        did: kinds
            .iter()
            .map(|(what, times)| line(what, times))
            .collect(),
    }
}

fn said(entry: &Recorded, names: &BTreeMap<String, String>) -> String {
    let mut what = words::title_of(&entry.action);
    if let Some(thing) = words::thing(entry, names) {
        what = format!("{what}, {thing}");
    }
    match &entry.detail {
        Some(reason) if words::is_of_the_record(entry) => format!("{what}: “{reason}”"),
        Some(detail) if entry.action == Action::PatientChanged.code() => {
            format!("{what}: {detail}")
        }
        _ => what,
    }
}

fn line(what: &str, times: &Times) -> String {
    let Times { len, first, last } = times;
    match len {
        1 => format!("{what}, {first}"),
        2 => format!("{what}, twice, {first} and {last}"),
        len => format!("{what}, {len} times, {first} to {last}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::audit::chain::GENESIS;
    use crate::audit::{Actor, Entry};

    fn local() -> LocalTime {
        let now = "2026-07-02T12:00:00Z".parse().unwrap();
        LocalTime::new(TimeZone::get("Europe/London").unwrap(), now)
    }

    fn entry(number: i64, person: &str, at: &str, action: Action) -> Recorded {
        let actor = Actor::person(&person.parse().unwrap(), "nurse");
        let entry = Entry::new(actor, action);
        let entry = match action {
            Action::AlertTaken => entry.about(&2),
            Action::BreakGlassOpened => entry.detail("He rang us"),
            _ => entry,
        };
        Recorded::link(GENESIS, number, at.parse().unwrap(), &entry)
    }

    fn some() -> Vec<Recorded> {
        use Action::{AlertTaken, BreakGlassOpened, RecordViewed};
        vec![
            entry(6, "ada", "2026-07-02T08:30:00Z", RecordViewed),
            entry(5, "bo", "2026-07-02T08:20:00Z", BreakGlassOpened),
            entry(4, "ada", "2026-07-02T08:10:00Z", AlertTaken),
            entry(3, "ada", "2026-07-01T23:10:00Z", RecordViewed),
            entry(2, "ada", "2026-07-01T22:59:00Z", RecordViewed),
            entry(1, "ada", "2026-06-30T08:00:00Z", RecordViewed),
        ]
    }

    #[test]
    fn what_a_person_did_on_a_day_is_told_together() {
        let names = BTreeMap::from([("ada".to_owned(), "Ada Okafor".to_owned())]);
        let days = days(&some(), &names, &local());
        let texts: Vec<&str> = days.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Thursday 2 July 2026",
                "Wednesday 1 July 2026",
                "Tuesday 30 June 2026"
            ],
            "the clock on the wall says when a day begins"
        );
        let ada = &days[0].people[0];
        assert_eq!(
            (ada.who.as_str(), ada.roles.as_str()),
            ("Ada Okafor", "Care coordinator or nurse")
        );
        assert_eq!(
            ada.did,
            [
                "Looked at the record, twice, 00:10 and 09:30",
                "Took an alert, alert 2, 09:10"
            ]
        );
        let bo = &days[0].people[1];
        assert_eq!(
            (bo.who.as_str(), bo.did[0].as_str()),
            (
                "bo",
                "Opened another team's record by breaking the glass: “He rang us”, 09:20"
            )
        );
    }

    #[test]
    fn a_day_is_on_one_page_where_it_can_be() {
        let (some, local) = (some(), local());
        assert_eq!(whole_days(&some, 7, &local), (&some[..], None));
        assert_eq!(whole_days(&some[..5], 5, &local), (&some[..4], Some(3)));
        assert_eq!(
            whole_days(&some[..3], 3, &local),
            (&some[..3], Some(4)),
            "only one day"
        );
        assert_eq!(whole_days(&[], 7, &local), (&[][..], None));
    }
}
