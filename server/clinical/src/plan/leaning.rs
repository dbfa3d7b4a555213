//! Leaning: whether a change makes a plan raise alerts sooner, later, or neither beyond doubt.

use std::cmp::Ordering;

use vitals::Decimal;

use super::{Clock, Confirmation, Lateness, Matter, Response, Setting};
use crate::limits::Side;
use crate::schedule::Expected;

/// Which way a change leans. The reader of a change sees at once which ones take care away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaning {
    /// Something raises an alert, or asks for an answer, that did not before, or sooner.
    Tightened,
    /// Something no longer raises an alert, or asks for an answer, or later.
    Loosened,
    /// Both, or not to be told from the numbers.
    Other,
}

impl Leaning {
    /// Gives the word that a clinician reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tightened => "tightened",
            Self::Loosened => "loosened",
            Self::Other => "changed",
        }
    }

    /// Tells whether the change may take care away: a review date is asked for then.
    pub fn may_loosen(self) -> bool {
        self != Self::Tightened
    }

    fn flipped(self) -> Self {
        match self {
            Self::Tightened => Self::Loosened,
            Self::Loosened => Self::Tightened,
            Self::Other => Self::Other,
        }
    }
}

/// Tells which way a change of one matter leans.
pub fn leaning(from: Option<&Setting>, to: Option<&Setting>, matter: &Matter) -> Leaning {
    match (from, to) {
        (Some(from), Some(to)) => between(from, to, matter),
        (None, Some(_)) => added(matter),
        (Some(_), None) => added(matter).flipped(),
        (None, None) => Leaning::Other,
    }
}

/// What asks for a repeat, or takes a reading for impossible, holds an alert back.
fn added(matter: &Matter) -> Leaning {
    match matter {
        Matter::Confirmation(_)
        | Matter::Doubtful(_)
        | Matter::Plausible(_)
        | Matter::PulsePressure
        | Matter::Jump(_)
        | Matter::Lateness => Leaning::Loosened,
        Matter::Limit(..)
        | Matter::Rule(_)
        | Matter::Score
        | Matter::ClearingReadings
        | Matter::ClearingMargin(_)
        | Matter::Unusable
        | Matter::Expected(_)
        | Matter::Response(_)
        | Matter::Review => Leaning::Tightened,
        Matter::Hours | Matter::Zone | Matter::Term => Leaning::Other,
    }
}

fn between(from: &Setting, to: &Setting, matter: &Matter) -> Leaning {
    match (from, to) {
        (Setting::Limit { at: from, .. }, Setting::Limit { at: to, .. }) => {
            let rises = to.compare(from);
            let side = match matter {
                Matter::Limit(_, line) => line.side(),
                _ => return Leaning::Other,
            };
            of([match side {
                Side::Low => rises,
                Side::High => rises.reverse(),
            }])
        }
        (Setting::Rule(from), Setting::Rule(to)) if from.kind() == to.kind() => {
            of([to.priority().cmp(&from.priority())])
        }
        (Setting::Confirmation(from), Setting::Confirmation(to)) => confirmation(from, to),
        (
            Setting::ClearingReadings { readings: from, .. },
            Setting::ClearingReadings { readings: to, .. },
        ) => of([to.cmp(from)]),
        (
            Setting::ClearingMargin { margin: from, .. },
            Setting::ClearingMargin { margin: to, .. },
        ) => of([to.compare(from)]),
        (Setting::Plausible { range: from, .. }, Setting::Plausible { range: to, .. }) => {
            of([from.min.compare(&to.min), to.max.compare(&from.max)])
        }
        (Setting::PulsePressure { least: from, .. }, Setting::PulsePressure { least: to, .. }) => {
            of([from.compare(to)])
        }
        (Setting::Jump { jump: from, .. }, Setting::Jump { jump: to, .. }) => of([
            to.more_than.compare(&from.more_than),
            from.within_hours.cmp(&to.within_hours),
        ]),
        (
            Setting::Unusable {
                in_a_row: from,
                within_minutes: from_within,
                ..
            },
            Setting::Unusable {
                in_a_row: to,
                within_minutes: to_within,
                ..
            },
        ) => of([from.cmp(to), longer(*from_within, *to_within)]),
        (Setting::Lateness(from), Setting::Lateness(to)) => lateness(from, to),
        (Setting::Expected(from), Setting::Expected(to)) => expected(from, to),
        (Setting::Response(from), Setting::Response(to)) => response(from, to),
        (Setting::Review(from), Setting::Review(to)) => of([from.after_days.cmp(&to.after_days)]),
        _ => Leaning::Other,
    }
}

/// Puts comparisons together, each `Greater` where the change is stricter.
fn of<const N: usize>(stricter: [Ordering; N]) -> Leaning {
    let any = |wanted: Ordering| stricter.contains(&wanted);
    match (any(Ordering::Greater), any(Ordering::Less)) {
        (true, false) => Leaning::Tightened,
        (false, true) => Leaning::Loosened,
        _ => Leaning::Other,
    }
}

/// Compares times of which the longer is stricter, and none is without end.
fn longer(from: Option<u32>, to: Option<u32>) -> Ordering {
    let end = |minutes: Option<u32>| minutes.map_or(u64::MAX, u64::from);
    end(to).cmp(&end(from))
}

/// Compares waits, of which none is the shortest: it raises at once.
fn shorter_wait(from: Option<u32>, to: Option<u32>) -> Ordering {
    from.cmp(&to)
}

fn confirmation(from: &Confirmation, to: &Confirmation) -> Leaning {
    // Without a value, nothing is raised at once by it.
    let low = |it: Option<Decimal>| it.map_or(i64::MIN, |it| it.thousandths());
    let high = |it: Option<Decimal>| it.map_or(i64::MAX, |it| it.thousandths());
    of([
        shorter_wait(from.soon_minutes, to.soon_minutes),
        shorter_wait(from.urgent_minutes, to.urgent_minutes),
        low(to.at_once_low).cmp(&low(from.at_once_low)),
        high(from.at_once_high).cmp(&high(to.at_once_high)),
    ])
}

fn lateness(from: &Lateness, to: &Lateness) -> Leaning {
    of([
        to.late_minutes.cmp(&from.late_minutes),
        to.urgent_becomes.cmp(&from.urgent_becomes),
    ])
}

fn expected(from: &Expected, to: &Expected) -> Leaning {
    if (&from.windows, from.every) != (&to.windows, to.every) {
        return Leaning::Other;
    }
    of([
        from.grace_minutes.cmp(&to.grace_minutes),
        from.nudge_after.cmp(&to.nudge_after),
        from.check_after.cmp(&to.check_after),
    ])
}

fn response(from: &Response, to: &Response) -> Leaning {
    let counts_all = |it: &Response| it.clock == Clock::Always;
    // Without a bound is the most.
    let tries = |it: &Response| it.unanswered_max.unwrap_or(u8::MAX);
    of([
        from.take_minutes.cmp(&to.take_minutes),
        from.act_minutes.cmp(&to.act_minutes),
        from.step_minutes.cmp(&to.step_minutes),
        from.snooze_minutes_max.cmp(&to.snooze_minutes_max),
        counts_all(to).cmp(&counts_all(from)),
        from.ends_by_itself.cmp(&to.ends_by_itself),
        from.rest_days.cmp(&to.rest_days),
        tries(from).cmp(&tries(to)),
    ])
}
