//! When readings are expected and how soon somebody must act, as fields of the form.

use clinical::plan::{MINUTES_MAX, Matter, Response};
use clinical::schedule::{Days, GRACE_MINUTES_MAX, Window, WindowError};
use clinical::{Expected, Measured, Priority};

use super::typed::{Typed, Wrongs, whole};
use super::{Content, OWN_SOURCE};
use crate::web::words::capital;

/// The parts of a schedule's entry: the end of the field's name, its label and its unit.
pub(crate) const SCHEDULE: [(&str, &str, &str); 5] = [
    ("every", "On which days", ""),
    ("windows", "Between", ""),
    ("grace_minutes", "Waited for after that, for", "minutes"),
    ("nudge_after", "Remind the patient after", "missed"),
    ("check_after", "Ask a nurse to check after", "missed"),
];

/// The parts of a response: the end of the field's name, its label.
pub(crate) const RESPONSE: [(&str, &str); 4] = [
    ("take_minutes", "Somebody takes it within"),
    ("act_minutes", "Then acts within"),
    ("step_minutes", "The next person is asked after"),
    ("snooze_minutes_max", "Can be put aside for at most"),
];

/// Names a field of a schedule's entry.
pub(crate) fn schedule_field(what: Measured, part: &str) -> String {
    format!("{}.{part}", Matter::Expected(what))
}

/// Names a field of a response.
pub(crate) fn response_field(priority: Priority, part: &str) -> String {
    format!("{}.{part}", Matter::Response(priority))
}

fn schedule_fields(what: Measured) -> [String; 5] {
    SCHEDULE.map(|(part, _, _)| schedule_field(what, part))
}

fn response_fields(priority: Priority) -> [String; 4] {
    RESPONSE.map(|(part, _)| response_field(priority, part))
}

pub(super) fn write(content: &Content, typed: &mut Typed) {
    for what in Measured::ALL {
        let texts = content.care.schedule.of(what).map(|it| {
            let windows: Vec<String> = it.windows.iter().map(ToString::to_string).collect();
            [
                it.every.to_string(),
                windows.join(", "),
                it.grace_minutes.to_string(),
                it.nudge_after.to_string(),
                it.check_after.to_string(),
            ]
        });
        let texts = texts.unwrap_or_default();
        for (name, text) in schedule_fields(what).into_iter().zip(texts) {
            typed.put(name, text);
        }
    }
    for (priority, it) in &content.care.escalation.0 {
        let numbers = [
            it.take_minutes,
            it.act_minutes,
            it.step_minutes,
            it.snooze_minutes_max,
        ];
        for (name, number) in response_fields(*priority).into_iter().zip(numbers) {
            typed.put(name, number.to_string());
        }
    }
}

/// Reads both over `content`: what was not changed keeps its source.
pub(super) fn read(content: &mut Content, typed: &Typed, before: &Typed, wrongs: &mut Wrongs) {
    for what in Measured::ALL {
        if typed.agrees(before, schedule_fields(what).iter()) {
            continue;
        }
        let found = expected(what, typed, wrongs);
        let entries = &mut content.care.schedule.expected;
        let place = entries.iter().position(|it| it.what == what);
        match (place, found) {
            (Some(place), Some(found)) => entries[place] = found,
            (Some(place), None) => {
                entries.remove(place);
            }
            (None, Some(found)) => entries.push(found),
            (None, None) => {}
        }
    }
    for (priority, response) in &mut content.care.escalation.0 {
        if !typed.agrees(before, response_fields(*priority).iter()) {
            read_response(*priority, response, typed, wrongs);
        }
    }
}

fn expected(what: Measured, typed: &Typed, wrongs: &mut Wrongs) -> Option<Expected> {
    let [every, windows, grace, nudge, check] = schedule_fields(what);
    let names = [&every, &windows, &grace, &nudge, &check];
    if names.iter().all(|name| typed.trimmed(name).is_empty()) {
        return None;
    }
    let label = |part: usize| {
        let (_, label, _) = SCHEDULE[part];
        format!(
            "{} schedule, {}",
            capital(what.name()),
            label.to_lowercase()
        )
    };
    let mut number = |name: &str, part: usize, bounds: (u32, u32)| {
        if typed.trimmed(name).is_empty() {
            let (least, most) = bounds;
            wrongs.add(
                name,
                format!(
                    "{}: enter a whole number from {least} to {most}",
                    label(part)
                ),
            );
            return None;
        }
        whole(typed, name, &label(part), bounds, wrongs)
    };
    let counts = (1, u32::from(u8::MAX));
    let grace = number(&grace, 2, (0, GRACE_MINUTES_MAX));
    let nudge = number(&nudge, 3, counts);
    let check = number(&check, 4, counts);
    let days = noted(typed.trimmed(&every).parse::<Days>(), &every, wrongs);
    let parsed: Result<Vec<Window>, WindowError> = typed
        .trimmed(&windows)
        .split(',')
        .map(|it| it.trim().parse())
        .collect();
    let found = Expected {
        what,
        every: days?,
        windows: noted(parsed, &windows, wrongs)?,
        grace_minutes: grace?,
        nudge_after: u8::try_from(nudge?).ok()?,
        check_after: u8::try_from(check?).ok()?,
        source: OWN_SOURCE.to_owned(),
    };
    if let Err(error) = found.check() {
        wrongs.add(windows, capital(&error.to_string()));
    }
    Some(found)
}

fn noted<T>(parsed: Result<T, WindowError>, name: &str, wrongs: &mut Wrongs) -> Option<T> {
    match parsed {
        Ok(it) => Some(it),
        Err(error) => {
            wrongs.add(name, error.to_string());
            None
        }
    }
}

fn read_response(priority: Priority, it: &mut Response, typed: &Typed, wrongs: &mut Wrongs) {
    let names = response_fields(priority);
    let numbers = [
        &mut it.take_minutes,
        &mut it.act_minutes,
        &mut it.step_minutes,
        &mut it.snooze_minutes_max,
    ];
    for ((name, (_, label)), number) in names.iter().zip(RESPONSE).zip(numbers) {
        let label = format!(
            "{} alerts, {}",
            capital(priority.name()),
            label.to_lowercase()
        );
        if typed.trimmed(name).is_empty() {
            wrongs.add(
                name,
                format!("{label}: enter a whole number from 1 to {MINUTES_MAX}"),
            );
        } else if let Some(found) = whole(typed, name, &label, (1, MINUTES_MAX), wrongs) {
            *number = found;
        }
    }
    OWN_SOURCE.clone_into(&mut it.source);
}
