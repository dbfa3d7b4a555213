//! What to do now: what the plan asks for at this moment, in the patient's words; pure.

use clinical::case::Suspicion;
use clinical::{Case, Due, Measured, Pause};
use jiff::Timestamp;

use super::clock_words as clock;
use super::say;
use crate::web::local_time::LocalTime;

/// One thing to do, or that there is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Todo {
    /// `Take your blood pressure.`
    pub(crate) heading: String,
    /// By when, and why.
    pub(crate) lines: Vec<String>,
    /// How it is done; may be empty.
    pub(crate) how_to: Vec<&'static str>,
    /// There is something to do.
    pub(crate) is_asked: bool,
}

impl Todo {
    fn nothing(heading: &str, lines: Vec<String>) -> Self {
        Self {
            heading: heading.to_owned(),
            lines,
            how_to: Vec::new(),
            is_asked: false,
        }
    }
}

/// Says what there is to do now, the most pressing first. There is always something said.
pub(crate) fn todo(case: Option<&Case>, local: &LocalTime) -> Vec<Todo> {
    let now = local.now();
    let Some(case) = case else {
        return vec![Todo::nothing(
            say::NOT_STARTED.0,
            vec![say::NOT_STARTED.1.to_owned()],
        )];
    };
    if case.discharged().is_some() {
        return vec![Todo::nothing(say::ENDED.0, vec![say::ENDED.1.to_owned()])];
    }
    let mut all: Vec<Todo> = again(case, now).map(|it| ask_again(it, local)).collect();
    if let Some(pause) = case.pauses().iter().find(|it| it.covers(now)) {
        all.push(paused(pause, local));
        return all;
    }
    let mut expected: Vec<&Due> = case.expected().collect();
    expected.sort_by_key(|due| (due.opens, due.what));
    let repeated: Vec<Measured> = again(case, now).map(|it| it.what).collect();
    let asked = expected.iter().filter(|due| {
        due.opens <= now
            && now < due.due_at
            && !case.has_reading_in(due)
            && !repeated.contains(&due.what)
    });
    all.extend(asked.map(|due| ask(due, local)));
    if all.is_empty() {
        all.push(done(case, &expected, now, local));
    }
    all
}

/// The first breaches that wait for their repeat, one for each thing to measure.
fn again(case: &Case, now: Timestamp) -> impl Iterator<Item = &Suspicion> {
    let mut asked: Vec<Measured> = Vec::new();
    case.suspicions().filter(move |it| {
        let is_new = !asked.contains(&it.what);
        asked.push(it.what);
        is_new && now < it.until
    })
}

fn ask_again(it: &Suspicion, local: &LocalTime) -> Todo {
    let until = clock::end(it.until, local);
    Todo {
        heading: say::take_again(it.what),
        lines: vec![say::again_until(&until), say::AGAIN_WHY.to_owned()],
        how_to: say::how_to(it.what).to_vec(),
        is_asked: true,
    }
}

fn paused(pause: &Pause, local: &LocalTime) -> Todo {
    let until = clock::date(pause.until, local);
    Todo::nothing(say::PAUSED, vec![say::paused_until(&until)])
}

fn ask(due: &Due, local: &LocalTime) -> Todo {
    let line = if local.now() < due.closes {
        say::due_between(
            &clock::time(&local.zoned(due.opens)),
            &clock::end(due.closes, local),
        )
    } else {
        say::due_still(&clock::end(due.due_at, local))
    };
    Todo {
        heading: say::take(due.what),
        lines: vec![line],
        how_to: say::how_to(due.what).to_vec(),
        is_asked: true,
    }
}

/// Nothing is to be done now: when the next reading is due.
fn done(case: &Case, expected: &[&Due], now: Timestamp, local: &LocalTime) -> Todo {
    let care = &case.plan().care;
    let next = expected
        .iter()
        .filter(|due| due.opens > now)
        .map(|due| **due)
        .chain(care.schedule.next_windows(now, &care.zone, case.pauses()))
        .min_by_key(|due| (due.opens, due.what));
    let Some(next) = next else {
        return Todo::nothing(say::NOTHING_DUE, vec![say::NO_TIMES.to_owned()]);
    };
    let line = say::next_is(
        next.what,
        &clock::day(next.opens, local),
        &clock::time(&local.zoned(next.opens)),
        &clock::time(&local.zoned(next.closes)),
    );
    Todo::nothing(say::NOTHING_DUE, vec![line])
}

#[cfg(test)]
mod tests {
    use clinical::{Event, PauseReason, ReadingStored, VitalSign, step};
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;
    use vitals::Decimal;

    use super::*;
    use crate::web::home::tests::care_plan;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn started() -> Case {
        let event = Event::MonitoringStarted {
            coordinator: "nurse-1".parse().unwrap(),
            plan: Box::new(care_plan()),
        };
        step(None, &event, at("2026-03-14T00:30:00Z")).unwrap().case
    }

    fn said(case: Option<&Case>, now: &str) -> Vec<String> {
        let local = LocalTime::new(TimeZone::get("Europe/London").unwrap(), at(now));
        let all = todo(case, &local).into_iter();
        all.map(|it| format!("{} {}", it.heading, it.lines.join(" ")))
            .collect()
    }

    fn measured(case: Case, systolic: i32, now: &str) -> Case {
        let event = Event::ReadingStored(ReadingStored {
            id: format!("{systolic:032x}").parse().unwrap(),
            values: vec![(VitalSign::Systolic, Decimal::whole(systolic))],
            quality: Vec::new(),
            measured_at: at(now),
            received_at: at(now),
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        });
        step(Some(case), &event, at(now)).unwrap().case
    }

    #[test]
    fn what_is_due_is_asked_for_until_it_is_done() {
        let case = started();
        assert_eq!(
            said(Some(&case), "2026-03-14T05:00:00Z"),
            ["Nothing to do right now. Next: your blood pressure, today between 7am and 10am."]
        );
        assert_eq!(
            said(Some(&case), "2026-03-14T08:00:00Z"),
            ["Take your blood pressure. Do it between 7am and 10am today."]
        );
        assert_eq!(
            said(Some(&case), "2026-03-14T10:20:00Z"),
            [
                "Take your blood pressure. It is a bit late, and still fine. Do it before 11am today."
            ]
        );
        let case = measured(case, 124, "2026-03-14T08:10:00Z");
        assert_eq!(
            said(Some(&case), "2026-03-14T08:11:00Z"),
            ["Nothing to do right now. Next: your blood pressure, tomorrow between 7am and 10am."]
        );
    }

    #[test]
    fn a_first_high_value_is_measured_again() {
        let case = measured(started(), 150, "2026-03-14T08:10:00Z");
        let asked = said(Some(&case), "2026-03-14T08:11:00Z");
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(
            asked[0].starts_with("Take your blood pressure again. Do it before "),
            "{asked:?}"
        );
    }

    #[test]
    fn without_a_plan_away_and_at_the_end_nothing_is_asked() {
        assert!(said(None, "2026-03-14T08:00:00Z")[0].starts_with("Your team has not started"));
        let case = started();
        let now = at("2026-03-14T08:00:00Z");
        let pause = Event::Paused {
            pause: Pause {
                from: now,
                until: now + SignedDuration::from_hours(48),
                reason: PauseReason::Holiday,
            },
            by: "nurse-1".parse().unwrap(),
        };
        let away = step(Some(case.clone()), &pause, now).unwrap().case;
        assert_eq!(
            said(Some(&away), "2026-03-14T08:30:00Z"),
            ["You are having a break. We do not expect readings until Monday 16 March."]
        );
        let ended = Event::Discharged(clinical::Discharge {
            by: "nurse-1".parse().unwrap(),
            reason: clinical::DischargeReason::ALL[0],
            note: String::new(),
        });
        let over = step(Some(case), &ended, now).unwrap().case;
        assert!(
            said(Some(&over), "2026-03-14T08:30:00Z")[0].starts_with("Your monitoring has ended.")
        );
    }
}
