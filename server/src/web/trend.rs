//! Trends: readings and plans become one chart for each thing that is watched.

use clinical::{Breach, Problem, VitalSign};
use jiff::Timestamp;

use super::chart::{Data, Mark, Point, Step};
use super::chart_flags::{Flag, Gain};
use super::chart_scale::Window;
use super::local_time::LocalTime;
use super::words;
use crate::store::patient_page::{StoredPlan, StoredReading};

/// What is charted, in the order of the page.
pub(crate) const PROBLEMS: [Problem; 5] = [
    Problem::BloodPressure,
    Problem::Pulse,
    Problem::Oxygen,
    Problem::Weight,
    Problem::Temperature,
];

/// Finds the limits that held when something was measured. What was measured before the first plan is held against that.
pub(crate) fn plan_at(plans: &[StoredPlan], at: Timestamp) -> Option<&StoredPlan> {
    plans
        .iter()
        .rev()
        .find(|stored| stored.plan.in_force_from <= at)
        .or(plans.first())
}

/// Holds one reading's vital signs against the limits that were in force.
pub(crate) fn marks(stored: &StoredReading, plans: &[StoredPlan]) -> Vec<Mark> {
    let plan = plan_at(plans, stored.reading.times.measured_at);
    VitalSign::values_of(&stored.reading.vital)
        .into_iter()
        .map(|(sign, value)| {
            let limits = plan.and_then(|stored| stored.plan.limits.get(&sign));
            Mark {
                sign,
                value,
                breach: limits.and_then(|limits| limits.breach(&value)),
                is_limited: limits.is_some_and(|limits| !limits.lines().is_empty()),
            }
        })
        .collect()
}

/// What a chart shows besides readings and limits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// What happened meanwhile, oldest first.
    pub(crate) flags: Vec<Flag>,
    /// How far the weight went.
    pub(crate) weight_gain: Option<Gain>,
}

/// Gathers what one chart shows. `readings` are newest first, `plans` oldest first.
pub(crate) fn data(
    problem: Problem,
    readings: &[StoredReading],
    plans: &[StoredPlan],
    beside: &Beside,
    window: Window,
    local: &LocalTime,
) -> Data {
    let points: Vec<Point> = readings
        .iter()
        .rev()
        .map(|stored| Point {
            at: stored.reading.times.measured_at,
            marks: of_problem(marks(stored, plans), problem),
            is_struck: stored.struck.is_some(),
        })
        .filter(|point| !point.marks.is_empty())
        .collect();
    let gain = beside.weight_gain.clone();
    let gain = gain.filter(|gain| problem == Problem::Weight && gain.from.0 >= window.from);
    Data {
        id: format!(
            "trend-{}",
            words::problem_title(problem)
                .to_lowercase()
                .replace(' ', "-")
        ),
        title: title(problem),
        sentence: sentence(&points, gain.as_ref(), local),
        points,
        steps: steps(problem, plans, window),
        flags: beside.flags.clone(),
        gain,
        window,
    }
}

fn of_problem(marks: Vec<Mark>, problem: Problem) -> Vec<Mark> {
    marks
        .into_iter()
        .filter(|mark| mark.sign.problem() == problem)
        .collect()
}

fn title(problem: Problem) -> String {
    let sign = VitalSign::ALL
        .into_iter()
        .find(|sign| sign.problem() == problem);
    let unit = sign.map_or("", words::unit_title);
    format!("{}, {unit}", words::problem_title(problem))
}

fn steps(problem: Problem, plans: &[StoredPlan], window: Window) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, stored) in plans.iter().enumerate() {
        let from = stored.plan.in_force_from.max(window.from);
        let next = plans.get(index + 1);
        let until = next.map_or(window.until, |next| {
            next.plan.in_force_from.min(window.until)
        });
        let signs = stored
            .plan
            .limits
            .iter()
            .filter(|(sign, _)| sign.problem() == problem && from < until);
        steps.extend(signs.flat_map(|(sign, limits)| {
            limits.lines().into_iter().map(|limit| Step {
                sign: *sign,
                limit,
                from,
                until,
            })
        }));
    }
    // Stable: the steps of one line stay oldest first.
    steps.sort_by_key(|step| {
        (
            step.sign,
            step.limit.level,
            step.limit.side == clinical::Side::Low,
        )
    });
    steps
}

/// Says what the picture shows, for who cannot see it and for who has no time to.
fn sentence(points: &[Point], gain: Option<&Gain>, local: &LocalTime) -> String {
    let all_len = points.len();
    let points: Vec<&Point> = points.iter().filter(|point| !point.is_struck).collect();
    let struck = match all_len - points.len() {
        0 => String::new(),
        len => format!(" {len} struck out as wrong."),
    };
    let Some(latest) = points.last() else {
        return format!("No readings in this time.{struck}");
    };
    let outside = points
        .iter()
        .filter(|point| point.marks.iter().any(|mark| mark.breach.is_some()))
        .count();
    let limited = points
        .iter()
        .any(|point| point.marks.iter().any(|mark| mark.is_limited));
    let outside = if limited {
        format!("{outside} outside the limits")
    } else {
        "no limits set".to_owned()
    };
    let readings = i64::try_from(points.len()).unwrap_or(i64::MAX);
    let gain = gain.map_or_else(String::new, |gain| format!(" {}.", gain.text));
    format!(
        "{}, {outside}. Latest: {} ({}).{gain}{struck}",
        words::count(readings, "reading", "readings"),
        say_marks(&latest.marks),
        local.show(latest.at).text,
    )
}

/// Says marks with the limits that they reached: `systolic 152 mmHg (soon limit: 135 or over), diastolic 80 mmHg`.
pub(crate) fn say_marks(marks: &[Mark]) -> String {
    let said: Vec<String> = marks
        .iter()
        .map(|mark| {
            let value = format!(
                "{} {}{}",
                mark.sign.name(),
                mark.value.plain(),
                mark.sign.unit()
            );
            match mark.breach {
                Some(breach) => format!("{value} ({})", say_limit(&breach)),
                None => value,
            }
        })
        .collect();
    said.join(", ")
}

/// Says a limit in the clinical crate's own words.
pub(crate) fn say_limit(breach: &Breach) -> String {
    clinical::sentence::limit(breach)
}
