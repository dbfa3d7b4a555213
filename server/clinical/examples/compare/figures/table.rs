//! The table: the figures of every arm side by side, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use clinical::{Priority, Problem};

use super::{Figures, Found};
use crate::arms::Arm;
use crate::stream::EpisodeKind;
use crate::stream::clock::{DAY, HOUR, Minute};

/// Writes the two tables.
pub(crate) fn table(figures: &BTreeMap<Arm, Figures>) -> String {
    let mut text = String::new();
    let names: Vec<&str> = figures.keys().map(|arm| arm.name()).collect();
    line(
        &mut text,
        "per 100 patient-days, unless it says otherwise",
        &names,
    );
    let _ = writeln!(text, "|---|{}", "--:|".repeat(names.len()));
    for (name, of) in rows() {
        let cells: Vec<String> = figures.values().map(of).collect();
        line(&mut text, name, &cells);
    }
    for (name, of) in beside_first() {
        let cells: Vec<String> = figures.values().map(|it| of(figures, it)).collect();
        line(&mut text, name, &cells);
    }
    let _ = writeln!(text);
    kinds(&mut text, figures);
    text
}

type Row = (&'static str, fn(&Figures) -> String);

fn rows() -> Vec<Row> {
    vec![
        ("alerts about the patient", |it| rate(it.all_alerts(), it)),
        ("– urgent (now)", |it| rate(of(it, Priority::Urgent), it)),
        ("– soon (today)", |it| rate(of(it, Priority::Soon), it)),
        ("– check (next working day)", |it| {
            rate(of(it, Priority::Check), it)
        }),
        ("**false alerts: nothing was happening**", |it| {
            format!("**{}**", rate(it.all_false(), it))
        }),
        ("– urgent", |it| {
            let urgent = it.false_alerts.get(&Priority::Urgent);
            rate(urgent.copied().unwrap_or(0), it)
        }),
        ("share of alerts that were true", |it| {
            percent(it.all_alerts() - it.all_false(), it.all_alerts())
        }),
        (
            "share of false alerts from technique or another person",
            |it| percent(it.mistaken, it.all_false()),
        ),
        ("share of quiet days that had an alert", |it| {
            percent(it.disturbed_days, it.quiet_days)
        }),
        ("requests to measure again", |it| rate(it.requests, it)),
        ("reminders of a missing reading", |it| rate(it.nudges, it)),
        ("no readings, or kit or measuring to mend", |it| {
            let plan = it.others.get(&Problem::PlanReview).copied().unwrap_or(0);
            rate(it.others.values().sum::<i64>() - plan, it)
        }),
        ("everything that a nurse handles", |it| {
            rate(it.all_alerts() + it.others_for_nurses, it)
        }),
        ("**episodes found, of all**", |it| {
            let found = it.all_found().filter(|it| it.delay.is_some()).count();
            format!("**{found} of {}**", it.all_found().count())
        }),
        (
            "delay to the first alert that told: median, 90th percentile",
            |it| delays(it.all_found().filter_map(|it| it.delay)),
        ),
        ("episodes that an urgent alert told of", |it| {
            it.all_found()
                .filter(|it| it.urgent.is_some())
                .count()
                .to_string()
        }),
    ]
}

fn of(it: &Figures, priority: Priority) -> i64 {
    it.alerts.get(&priority).copied().unwrap_or(0)
}

type BesideFirst = (
    &'static str,
    fn(&BTreeMap<Arm, Figures>, &Figures) -> String,
);

/// What is compared with the first column, episode by episode.
fn beside_first() -> [BesideFirst; 2] {
    [
        (
            "– missed, though the first column has an urgent alert",
            |all, it| {
                let missed = both(all, it);
                let missed =
                    missed.filter(|(first, it)| first.urgent.is_some() && it.delay.is_none());
                missed.count().to_string()
            },
        ),
        (
            "– first urgent alert later than in the first column: median, 90th percentile",
            |all, it| {
                let later = both(all, it);
                delays(later.filter_map(|(first, it)| Some(it.urgent? - first.urgent?)))
            },
        ),
    ]
}

fn both<'a>(
    all: &'a BTreeMap<Arm, Figures>,
    it: &'a Figures,
) -> impl Iterator<Item = (&'a Found, &'a Found)> {
    let first = all.get(&Arm::EveryBreach);
    first
        .into_iter()
        .flat_map(Figures::all_found)
        .zip(it.all_found())
}

fn kinds(text: &mut String, figures: &BTreeMap<Arm, Figures>) {
    let names: Vec<&str> = figures.keys().map(|arm| arm.name()).collect();
    line(
        text,
        "found · delay: median, 90th percentile · same days without an episode",
        &names,
    );
    let _ = writeln!(text, "|---|{}", "---|".repeat(names.len()));
    for kind in EpisodeKind::ALL {
        let of_kind = |it: &Figures| it.found.get(&kind).cloned().unwrap_or_default();
        let count = figures.values().next().map_or(0, |it| of_kind(it).len());
        let cells: Vec<String> = figures.values().map(|it| cell(&of_kind(it))).collect();
        line(text, &format!("{} ({count})", kind.name()), &cells);
    }
}

fn cell(found: &[Found]) -> String {
    let seen = found.iter().filter(|it| it.delay.is_some()).count();
    let delays = delays(found.iter().filter_map(|it| it.delay));
    let controls = || found.iter().filter_map(|it| it.by_chance);
    let chance = percent(
        count(controls().filter(|it| *it).count()),
        count(controls().count()),
    );
    format!("{seen} · {delays} · {chance}")
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap()
}

fn line(text: &mut String, first: &str, cells: &[impl AsRef<str>]) {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    let _ = writeln!(text, "| {first} | {} |", cells.join(" | "));
}

fn rate(count: i64, it: &Figures) -> String {
    tenths(count * 1_000, it.patient_days)
}

fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{} %", (part * 100 + whole / 2) / whole)
}

fn tenths(tenfold: i64, whole: i64) -> String {
    let rounded = (tenfold + whole / 2) / whole;
    format!("{}.{}", rounded / 10, rounded % 10)
}

fn delays(delays: impl Iterator<Item = Minute>) -> String {
    let mut delays: Vec<Minute> = delays.collect();
    delays.sort_unstable();
    let at = |percent: usize| delays.get(delays.len().saturating_sub(1) * percent / 100);
    match (at(50), at(90)) {
        (Some(median), Some(ninth)) => format!("{}, {}", time(*median), time(*ninth)),
        _ => "–".to_owned(),
    }
}

fn time(minutes: Minute) -> String {
    match minutes {
        ..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", tenths(minutes * 10, HOUR)),
        _ => format!("{} d", tenths(minutes * 10, DAY)),
    }
}
