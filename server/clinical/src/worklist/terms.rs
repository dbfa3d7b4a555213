//! The five terms of a tier.

use jiff::Timestamp;
use jiff::civil::Date;
use vitals::Decimal;

use super::rules::{Drift, DriftSign, NoData, OpenAlert, PoorQuality, ScoreBands, TierSettings};
use super::tier::{Term, TermKind};
use crate::case::Case;
use crate::decide::score_inputs::score_inputs;
use crate::history::median::median;
use crate::history::{DayMedian, Point};
use crate::rules::words::{count, decimal, quantity};
use crate::schedule::Measured;
use crate::score::score_within;
use crate::sentence::capitalised;
use crate::sign::VitalSign;

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;
const MINUTES_OF_HOUR: u32 = 60;

/// Works out every term, in the order of [`TermKind`].
pub(super) fn all(case: &Case, rules: &TierSettings, now: Timestamp) -> Vec<Term> {
    vec![
        score(case, &rules.score, now),
        drift(case, &rules.drift, now),
        open_alert(case, &rules.open_alert),
        no_data(case, &rules.no_data, now),
        poor_quality(case, &rules.poor_quality, now),
    ]
}

fn nothing(kind: TermKind, sentence: &str) -> Term {
    Term {
        kind,
        points: 0,
        at: None,
        sentence: sentence.to_owned(),
    }
}

fn score(case: &Case, rules: &ScoreBands, now: Timestamp) -> Term {
    let Some(rule) = &case.plan().care.score else {
        return nothing(TermKind::Score, "The plan has no score.");
    };
    let settings = rule.settings();
    let age_minutes_max = u32::from(rules.within_hours) * MINUTES_OF_HOUR;
    let inputs = score_inputs(case.history(), now);
    let score = score_within(
        &settings.table,
        settings.scale,
        &inputs,
        age_minutes_max,
        now,
    );
    Term {
        kind: TermKind::Score,
        points: rules.ladder.points(&Decimal::whole(score.points().into())),
        at: score.parts().iter().map(|part| part.measured_at).max(),
        sentence: score.nurse_sentence(),
    }
}

fn drift(case: &Case, rules: &Drift, now: Timestamp) -> Term {
    let today = day_number(case.plan().care.zone.date(now));
    let found = rules
        .signs
        .iter()
        .filter_map(|sign| drift_of(case, rules, sign, today));
    // Of several alike the first in the file.
    let worst = found.reduce(|worst, next| {
        if next.points > worst.points {
            next
        } else {
            worst
        }
    });
    worst.unwrap_or_else(|| {
        nothing(
            TermKind::Drift,
            "Not enough days with readings yet to compare with what is usual.",
        )
    })
}

fn drift_of(case: &Case, rules: &Drift, it: &DriftSign, today: i32) -> Option<Term> {
    let series = case.history().series(it.sign)?;
    let recent_first = today
        .saturating_sub(i32::from(rules.recent_days))
        .saturating_add(1);
    let usual_first = recent_first.saturating_sub(i32::from(rules.usual_days));
    let recent = series.days(recent_first, today);
    let usual = series.days(usual_first, recent_first.saturating_sub(1));
    if recent.len() < usize::from(rules.recent_days_min)
        || usual.len() < usize::from(rules.usual_days_min)
    {
        return None;
    }
    let (recent, usual) = (median_of(recent)?, median_of(usual)?);
    let by = decimal(it.direction.distance(usual, recent));
    let points = it.ladder.points(&by);
    let name = capitalised(it.sign.name());
    let (recent, usual) = (
        quantity(it.sign, decimal(recent)),
        quantity(it.sign, decimal(usual)),
    );
    let compared = if points == 0 {
        format!("not far from the usual {usual}")
    } else {
        let by = quantity(it.sign, by);
        format!("{by} {} the usual {usual}", it.direction.preposition())
    };
    Some(Term {
        kind: TermKind::Drift,
        points,
        at: case.history().latest(it.sign).map(Point::at),
        sentence: format!(
            "{name} of the last {}: {recent}, {compared} of the {} before.",
            count(rules.recent_days, "day"),
            count(rules.usual_days, "day")
        ),
    })
}

fn median_of(days: &[DayMedian]) -> Option<i64> {
    let mut values: Vec<i64> = days.iter().map(|it| it.median_thousandths).collect();
    median(&mut values)
}

/// Gives a date as history counts days: since 1970-01-01.
fn day_number(date: Date) -> i32 {
    let days = Date::constant(1970, 1, 1).until(date);
    days.map_or(0, |span| span.get_days())
}

fn open_alert(case: &Case, rules: &OpenAlert) -> Term {
    let worst = case
        .open_alerts()
        .max_by_key(|it| (it.priority, std::cmp::Reverse((it.opened_at, it.number))));
    let Some(alert) = worst else {
        return nothing(TermKind::OpenAlert, "No open alert.");
    };
    Term {
        kind: TermKind::OpenAlert,
        points: rules.points.get(&alert.priority).copied().unwrap_or(0),
        at: Some(alert.opened_at),
        sentence: format!(
            "The worst open alert is {}: {}.",
            alert.priority.name(),
            alert.problem.name()
        ),
    }
}

fn no_data(case: &Case, rules: &NoData, now: Timestamp) -> Term {
    if let Some(pause) = case.pauses().iter().find(|it| it.covers(now)) {
        let sentence = format!("Readings are paused: {}.", pause.reason.words());
        return nothing(TermKind::NoData, &sentence);
    }
    let history = case.history();
    let latest = VitalSign::ALL
        .into_iter()
        .filter_map(|sign| Some(history.latest(sign)?.at()))
        .max();
    let since = latest.unwrap_or(case.plan().in_force_from);
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    let days = i32::try_from(seconds / SECONDS_OF_DAY).unwrap_or(i32::MAX);
    let counted = count(u32::try_from(days).unwrap_or(0), "day");
    Term {
        kind: TermKind::NoData,
        points: rules.ladder.points(&Decimal::whole(days)),
        at: latest,
        sentence: match latest {
            Some(_) if days == 0 => "There is a reading of the last 24 hours.".to_owned(),
            Some(_) => format!("No reading for {counted}."),
            None => format!("No reading yet in the {counted} of this plan."),
        },
    }
}

fn poor_quality(case: &Case, rules: &PoorQuality, now: Timestamp) -> Term {
    let seconds_max = i64::from(rules.within_hours) * 60 * 60;
    let counts = |at: Timestamp| now.as_second().saturating_sub(at.as_second()) <= seconds_max;
    let rows = Measured::ALL
        .into_iter()
        .filter_map(|what| Some((what, case.unusable(what)?)))
        .filter(|(_, row)| counts(row.last_at));
    let most = rows.reduce(|most, next| {
        if next.1.in_a_row > most.1.in_a_row {
            next
        } else {
            most
        }
    });
    let Some((what, row)) = most else {
        return nothing(TermKind::PoorQuality, "No unusable measurements in a row.");
    };
    Term {
        kind: TermKind::PoorQuality,
        points: rules.ladder.points(&Decimal::whole(row.in_a_row.into())),
        at: Some(row.last_at),
        sentence: format!(
            "{} of {} in a row could not be used.",
            count(row.in_a_row, "measurement"),
            what.name()
        ),
    }
}
