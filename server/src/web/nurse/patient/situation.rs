//! The situation: how many of the expected readings came, and what is usual for this patient.

use clinical::adherence::{Kept, kept};
use clinical::history::{USUAL_DAYS, rounded};
use clinical::rules::{HomeAverage, RuleKind};
use clinical::{Case, Measured, Plan, VitalSign};
use jiff::{SignedDuration, Timestamp};

use super::timeline_words::Names;
use crate::store::patient_page::StoredPlan;
use crate::templates::Templates;
use crate::web::local_time::LocalTime;
use crate::web::words;

/// Over how many days it is counted how many expected readings came.
pub(crate) const DAYS: i64 = 7;

/// How many of the expected readings came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AdherenceView {
    /// `11 of 14 expected readings in 7 days`, or why there is nothing to count.
    pub(crate) sentence: String,
    /// `blood pressure 8 of 10`, where more than one kind is expected.
    pub(crate) of_kinds: Vec<String>,
    /// Fewer than half came.
    pub(crate) is_poor: bool,
}

/// One line of what is worked out from several readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SummaryView {
    /// `Home average`.
    pub(crate) what: String,
    /// `138/84 mmHg`, or why there is none.
    pub(crate) value: String,
    /// How it was worked out.
    pub(crate) how: String,
}

/// Gives the moment since when things are counted.
pub(crate) fn since(now: Timestamp) -> Timestamp {
    let span = SignedDuration::from_hours(24 * DAYS);
    now.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// Counts the expected readings of the last days, by the plans of the time.
pub(crate) fn adherence(case: &Case, plans: &[&Plan], now: Timestamp) -> AdherenceView {
    let kinds = kept(plans, case.history(), case.pauses(), since(now), now);
    let all = kinds.values().fold(Kept::default(), |sum, it| sum.and(*it));
    let is_asked = case.plan().care.schedule.expected.is_empty();
    let sentence = match (all.expected, is_asked) {
        (0, true) => "No readings are expected by the plan.".to_owned(),
        (0, false) => format!("No reading has been due in the last {DAYS} days."),
        (expected, _) => format!(
            "{} of {expected} expected readings in {DAYS} days",
            all.came
        ),
    };
    let of_kind = |(what, it): (&Measured, &Kept)| {
        (it.expected > 0).then(|| format!("{} {} of {}", what.name(), it.came, it.expected))
    };
    let of_kinds: Vec<String> = kinds.iter().filter_map(of_kind).collect();
    AdherenceView {
        sentence,
        of_kinds: if of_kinds.len() > 1 {
            of_kinds
        } else {
            Vec::new()
        },
        is_poor: all.expected > 0 && all.came.saturating_mul(2) < all.expected,
    }
}

/// Gives the plans alone.
pub(crate) fn plans_of(stored: &[StoredPlan]) -> Vec<&Plan> {
    stored.iter().map(|it| &it.plan).collect()
}

/// Gives what NICE NG136 calls the home average, by the rule of the plan, or else by that of the templates.
pub(crate) fn home_average(
    case: &Case,
    templates: &Templates,
    now: Timestamp,
) -> Option<SummaryView> {
    case.history().latest(VitalSign::Systolic)?;
    let own = case.plan().care.rules.iter().map(clinical::Rule::kind);
    let own = own.into_iter().find_map(of_average);
    let others = || {
        let settings = templates.iter().flat_map(|it| it.particulars().iter());
        let rules = settings.filter_map(|(_, setting)| match setting {
            clinical::plan::Setting::Rule(rule) => of_average(rule.kind()),
            _ => None,
        });
        rules.into_iter().next()
    };
    let whose = if own.is_some() {
        "the plan's rule"
    } else {
        "the template's rule"
    };
    let rule = own.or_else(others)?;
    let asks = format!(
        "By {whose} (NICE NG136): {} readings at least {} min apart, morning and evening, at least {} days of the last {}{}. \
         Under {}/{} mmHg is the aim.",
        rule.readings_a_session_min,
        rule.readings_apart_minutes_min,
        rule.days_min,
        rule.days_max,
        if rule.drop_first_day {
            ", the first day left out"
        } else {
            ""
        },
        rule.systolic_limit.plain(),
        rule.diastolic_limit.plain(),
    );
    let (value, how) = match rule.average(case.history(), now) {
        Ok(found) => (
            format!(
                "{}/{} mmHg",
                found.systolic.plain(),
                found.diastolic.plain()
            ),
            format!(
                "{} days, {} readings averaged. {asks}",
                found.days, found.readings
            ),
        ),
        Err(lack) => (lack.to_string(), asks),
    };
    Some(SummaryView {
        what: "Home average blood pressure".to_owned(),
        value,
        how,
    })
}

fn of_average(kind: &RuleKind) -> Option<HomeAverage> {
    match kind {
        RuleKind::HomeAverage(rule) => Some(*rule),
        _ => None,
    }
}

/// Gives the usual range of each vital sign: the middle half of the last days' readings.
pub(crate) fn usual_ranges(case: &Case, now: Timestamp) -> Vec<SummaryView> {
    let of_sign = |sign: VitalSign| {
        let found = case.history().usual(sign, now)?;
        Some(SummaryView {
            what: format!("Usual {}", words::sign_title(sign).to_lowercase()),
            value: found.range(sign),
            how: format!(
                "Median {}; the middle half of {} in {USUAL_DAYS} days.",
                rounded(sign, found.median),
                words::count(
                    i64::try_from(found.readings).unwrap_or(i64::MAX),
                    "reading",
                    "readings"
                ),
            ),
        })
    };
    VitalSign::ALL.into_iter().filter_map(of_sign).collect()
}

/// Says when the case can be judged: `None` once it is monitored.
pub(crate) fn standing(case: Option<&Case>, local: &LocalTime) -> Option<String> {
    let Some(case) = case else {
        return Some("Monitoring has not started.".to_owned());
    };
    if let Some(it) = case.discharged() {
        let (at, why) = (local.show(it.at).text, it.reason.words());
        return Some(format!("This patient was discharged {at}: {why}."));
    }
    let pause = case.pauses().iter().find(|it| it.covers(local.now()))?;
    let (reason, until) = (pause.reason.words(), local.show(pause.until).text);
    Some(format!("Readings are paused until {until}: {reason}."))
}

/// Gives what somebody asks to keep an eye on, while it holds.
pub(crate) fn watch(case: &Case, names: &Names, local: &LocalTime) -> Option<String> {
    let watch = case.watch().filter(|it| it.until > local.now())?;
    let (until, by) = (local.show(watch.until).text, names.of(&watch.by));
    Some(format!(
        "Keep an eye on this until {until}: {} ({by})",
        watch.note
    ))
}
