//! Page: the result of a back-test, in parts for a terminal.

use clinical::backtest::{BackTest, Later, Load, Raised, TeamBackTest, per_week};
use clinical::{Outcome, PatientId, TeamId, Zone};
use jiff::{SignedDuration, Timestamp};

use crate::terminal::{Text, clock, count};

/// The most alerts that one part lists.
const LISTED_LEN_MAX: usize = 40;

/// Writes what a plan would have raised for one patient. Times are by the home's clock.
pub fn of_patient(patient: &PatientId, test: &BackTest, zone: &Zone) -> String {
    let mut text = Text::default();
    let (from, to) = (clock(test.from, zone), clock(test.to, zone));
    text.paragraph(
        0,
        &format!("{patient}, from {from} until {to} by the home's clock"),
    );
    text.paragraph(0, &test.sentence());
    if !test.is_as_live() {
        let (live, now) = (test.live.len(), test.in_force.len());
        text.paragraph(
            0,
            &format!(
                "The rules have changed since: {} raised then, and today's rules raise {now} by the plans in force.",
                were(live)
            ),
        );
    }
    loads(
        &mut text,
        test.load_in_force,
        test.load_proposed,
        test.from,
        test.to,
    );
    let missed = test.missed.iter().map(|it| acted_on(it, zone));
    list(
        &mut text,
        "Would have been missed, and people acted on them",
        missed,
    );
    let later = test.later.iter().map(|it| of_later(it, zone));
    list(
        &mut text,
        "Would have come later or as less urgent, and people acted on them",
        later,
    );
    let new = test.new.iter().map(|it| raised(it, zone));
    list(&mut text, "Would have been new", new);
    let all = test.proposed.iter().map(|it| raised(it, zone));
    list(&mut text, "All that would have been raised", all);
    text.finish()
}

/// Writes what a plan would have raised for a team, and who was left out for which reason.
pub fn of_team(team: &TeamId, test: &TeamBackTest, left_out: &[(PatientId, String)]) -> String {
    let mut text = Text::default();
    text.paragraph(
        0,
        &format!(
            "Team {team}, {}",
            count(test.patients_len, "monitored patient")
        ),
    );
    text.paragraph(0, &test.sentence());
    text.paragraph(
        0,
        &format!(
            "{} would have come later or as less urgent; {} would have been new.",
            test.later_len, test.new_len
        ),
    );
    loads(
        &mut text,
        test.load_in_force,
        test.load_proposed,
        test.from,
        test.to,
    );
    if !left_out.is_empty() {
        let len = count(left_out.len(), "patient");
        text.paragraph(
            0,
            &format!("Left out, named at the end and counted nowhere: {len}."),
        );
    }
    let top = test.top.iter().map(|it| {
        format!(
            "{}: {} instead of {}, {} missed",
            it.patient, it.proposed, it.in_force, it.missed
        )
    });
    list(&mut text, "For whom most would change", top);
    let utc = Zone::utc();
    let missed = test
        .missed
        .iter()
        .map(|(patient, it)| format!("{patient}/{} {}", it.alert, acted_on(it, &utc)));
    list(
        &mut text,
        "Would have been missed, and people acted on them (times in UTC)",
        missed,
    );
    if !left_out.is_empty() {
        text.heading("Left out, each with the reason");
    }
    // All of them: whoever is left out and not named seems to be counted.
    for (patient, reason) in left_out {
        text.paragraph(2, &format!("{patient}: {reason}"));
    }
    text.finish()
}

fn loads(text: &mut Text, in_force: Load, proposed: Load, from: Timestamp, to: Timestamp) {
    text.heading("The load");
    text.line(&format!(
        "  {:<22}{:>9}{:>10}{:>9}{:>10}",
        "", "in force", "proposed", "a week", "a week"
    ));
    let week = |count| per_week(count, from, to).map_or_else(|| "-".to_owned(), |it| it.plain());
    for ((name, before), (_, after)) in in_force.lines().into_iter().zip(proposed.lines()) {
        text.line(&format!(
            "  {name:<22}{before:>9}{after:>10}{:>9}{:>10}",
            week(before),
            week(after)
        ));
    }
}

fn list(text: &mut Text, heading: &str, lines: impl ExactSizeIterator<Item = String>) {
    let len = lines.len();
    if len == 0 {
        return;
    }
    text.heading(heading);
    for line in lines.take(LISTED_LEN_MAX) {
        text.paragraph(2, &line);
    }
    if len > LISTED_LEN_MAX {
        text.paragraph(2, &format!("and {} more", len - LISTED_LEN_MAX));
    }
}

fn raised(it: &Raised, zone: &Zone) -> String {
    let at = clock(it.opened_at, zone);
    format!(
        "{at} {}, {}: {}",
        it.problem.name(),
        it.priority.name(),
        it.why
    )
}

fn acted_on(it: &Raised, zone: &Zone) -> String {
    let outcome = it.outcome.map_or("", Outcome::label);
    format!("{} [{outcome}]", raised(it, zone))
}

fn of_later(it: &Later, zone: &Zone) -> String {
    let wait = it.opened_at.duration_since(it.live.opened_at);
    let then = if wait > SignedDuration::ZERO {
        format!("{} later", long(wait))
    } else {
        "at the same time".to_owned()
    };
    format!(
        "{}; {then}, as {}",
        acted_on(&it.live, zone),
        it.priority.name()
    )
}

fn long(wait: SignedDuration) -> String {
    match wait.as_mins() {
        minutes @ 0..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

fn were(count: usize) -> String {
    match count {
        1 => "1 alert was".to_owned(),
        _ => format!("{count} alerts were"),
    }
}
