//! Sentences: why an alert was raised, in words that a tired nurse can read once.

use vitals::AttemptReason;

use crate::alert::{Evidence, Grounds};
use crate::limits::{Breach, Level, Side};
use crate::rules::Holding;
use crate::score::Because;
use crate::verdict::{Doubt, Finding};

/// Says why evidence raised or kept an alert: what was found, worst first, or that everything was inside the limits.
///
/// For example `Systolic 186 mmHg (urgent limit: 180 or over), diastolic 112 mmHg (soon limit: 85 or over)`.
pub fn why(evidence: &Evidence) -> String {
    let breaches: Vec<String> = worst_first(evidence)
        .iter()
        .map(|(finding, breach)| format!("{} ({})", value(finding), limit(breach)))
        .collect();
    let mut sentences: Vec<String> = Vec::new();
    if !breaches.is_empty() {
        sentences.push(capitalised(&breaches.join(", ")));
    }
    sentences.extend(evidence.holdings.iter().map(Holding::for_nurse));
    sentences.extend(evidence.score.iter().map(|it| it.nurse_sentence()));
    sentences.extend(evidence.grounds.iter().map(grounds));
    if sentences.is_empty() && evidence.findings.is_empty() {
        return "No rule holds any more".to_owned();
    }
    if sentences.is_empty() {
        let inside = evidence
            .findings
            .iter()
            .map(|finding| format!("{} (inside the limits)", value(finding)));
        sentences.push(capitalised(&inside.collect::<Vec<_>>().join(", ")));
    }
    let sentences: Vec<&str> = sentences
        .iter()
        .map(|it| it.trim_end_matches('.'))
        .collect();
    sentences.join(". ")
}

/// Names the rules that a piece of evidence speaks for: limits by their vital sign and level, rules by their id.
pub fn rule_names(evidence: &Evidence) -> Vec<String> {
    let limits = worst_first(evidence).into_iter().map(|(finding, breach)| {
        format!("{} limit of {}", level(breach.level), finding.sign.name())
    });
    let rules = evidence.holdings.iter().map(|it| it.rule.to_string());
    let score = evidence.score.iter().map(|_| "score".to_owned());
    let grounds = evidence
        .grounds
        .iter()
        .map(|it| grounds_name(it).to_owned());
    limits.chain(rules).chain(score).chain(grounds).collect()
}

/// Says what would have stopped a piece of evidence from raising an alert.
pub fn stopped_by(evidence: &Evidence) -> String {
    let limits = worst_first(evidence).into_iter().map(|(finding, breach)| {
        let side = match breach.side {
            Side::Low => "over",
            Side::High => "under",
        };
        let limit = breach.limit.plain();
        format!(
            "{} {side} {limit}{}",
            finding.sign.name(),
            finding.sign.unit()
        )
    });
    let rules = evidence.holdings.iter().map(Holding::would_have_stopped);
    let score = evidence
        .score
        .iter()
        .filter_map(|it| Some(fewer_points(it.reached?.because)));
    let grounds = evidence
        .grounds
        .iter()
        .map(|it| grounds_stopped_by(it).to_owned());
    let parts: Vec<String> = limits.chain(rules).chain(score).chain(grounds).collect();
    parts.join("; ")
}

fn fewer_points(because: Because) -> String {
    match because {
        Because::Points { at_least } => format!("a score under {at_least}"),
        Because::OneParameter { parameter } => format!("{} under 3 points", parameter.name()),
    }
}

fn worst_first(evidence: &Evidence) -> Vec<(&Finding, Breach)> {
    let mut breaches: Vec<(&Finding, Breach)> = evidence
        .findings
        .iter()
        .filter_map(|finding| Some((finding, finding.breach?)))
        .collect();
    breaches.sort_by_key(|(_, breach)| std::cmp::Reverse(breach.level));
    breaches
}

/// Says a finding's value with its unit: `systolic 186 mmHg`.
pub fn value(finding: &Finding) -> String {
    format!(
        "{} {}{}",
        finding.sign.name(),
        finding.value.plain(),
        finding.sign.unit()
    )
}

/// Says a limit: `urgent limit: 180 or over`.
pub fn limit(breach: &Breach) -> String {
    let side = match breach.side {
        Side::Low => "or under",
        Side::High => "or over",
    };
    format!(
        "{} limit: {} {side}",
        level(breach.level),
        breach.limit.plain()
    )
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Soon => "soon",
        Level::Urgent => "urgent",
    }
}

/// Says why a measurement is to be repeated, to a nurse.
pub fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Marked { mark } => format!("the device reported {}", words(mark)),
        Doubt::Implausible { sign } => format!("the {} cannot be right", sign.name()),
        Doubt::Jump { sign, from, to } => format!(
            "{} went from {} to {}{}, as no body does",
            sign.name(),
            from.plain(),
            to.plain(),
            sign.unit()
        ),
        Doubt::AnotherUser { user } => format!("the device says that its user {user} measured"),
        Doubt::NoReading { reason } => attempt(*reason).to_owned(),
    }
}

/// Says why a measurement is no reading.
pub fn attempt(reason: AttemptReason) -> &'static str {
    match reason {
        AttemptReason::NoValue => "the device gave no value",
        AttemptReason::OutOfDeviceRange => "the value was outside what the device can measure",
        AttemptReason::DeclaredInvalid => "the device called the value invalid",
        AttemptReason::NotAPatient => "the value came from a demonstration or a test",
        AttemptReason::NotTheQuantity => "the value cannot be what it claims to be",
        AttemptReason::Undecodable => "what the device sent could not be read",
        AttemptReason::SetAside => "what the device sent could not be read and was set aside",
        AttemptReason::Unsupported => "the device sent something that is not supported yet",
    }
}

/// Gives the words of a name as the journal writes it: `cuff too loose`.
pub(crate) fn words(name: &impl std::fmt::Debug) -> String {
    let mut text = String::new();
    for letter in format!("{name:?}").chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn grounds(grounds: &Grounds) -> String {
    match grounds {
        Grounds::NotRepeated { .. } => "No valid repeat came in time".to_owned(),
        Grounds::LateUrgent { .. } | Grounds::LateRule { .. } => {
            "It arrived late: measured then, not now".to_owned()
        }
        Grounds::Unusable {
            what,
            in_a_row,
            doubt: last,
        } => format!(
            "{in_a_row} unusable {} measurements in a row; the last: {}",
            what.name(),
            doubt(last)
        ),
        Grounds::ClockWrong {
            device,
            ahead_seconds,
        } => {
            let (amount, side) = (about(ahead_seconds.unsigned_abs()), side(*ahead_seconds));
            format!(
                "The clock of device {device} is {amount} {side}: readings are dated right all the same; set it by hand if it stays so"
            )
        }
        Grounds::TimeUnknown { gateway } => format!(
            "Box {gateway} does not know the time: it keeps its readings and sends none. Most likely it reaches no time server: have the home's router let it, or exchange the box"
        ),
        Grounds::Jump { sign, from, to } => format!(
            "{} went from {} to {}{} and the repeat agrees: ask who measured",
            capitalised(sign.name()),
            from.plain(),
            to.plain(),
            sign.unit()
        ),
        Grounds::Missing {
            what,
            missed,
            finding,
            ..
        } => {
            let windows = if *missed == 1 { "window" } else { "windows" };
            let in_a_row = if *missed > 1 { " in a row" } else { "" };
            let cause = finding.cause.sentence(*what);
            format!("{cause} {missed} {windows} missed{in_a_row}")
        }
        Grounds::ReviewDue { by } => format!("The plan was to be reviewed by {by}"),
        Grounds::PlanEnded { on } => {
            format!("The plan ended on {on}; its limits still hold until there is another")
        }
        Grounds::PlanSetAside { author, by, .. } => format!(
            "The plan of {author} that was to hold later was set aside, because {by} put another in force: look whether it is still wanted"
        ),
    }
}

fn side(ahead_seconds: i64) -> &'static str {
    if ahead_seconds < 0 { "behind" } else { "ahead" }
}

/// Says a length of time in its largest unit, rounded down: `2 hours`.
fn about(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (count, unit) = match seconds {
        0..HOUR => (seconds / MINUTE, "minute"),
        HOUR..DAY => (seconds / HOUR, "hour"),
        _ => (seconds / DAY, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn grounds_name(grounds: &Grounds) -> &'static str {
    match grounds {
        Grounds::NotRepeated { .. } => "confirmation",
        Grounds::LateUrgent { .. } | Grounds::LateRule { .. } => "late reading",
        Grounds::Unusable { .. } => "unusable measurements",
        Grounds::ClockWrong { .. } => "device's clock",
        Grounds::TimeUnknown { .. } => "box's clock",
        Grounds::Jump { .. } => "wrong-person guard",
        Grounds::Missing { .. } => "schedule",
        Grounds::ReviewDue { .. } | Grounds::PlanEnded { .. } => "term of the plan",
        Grounds::PlanSetAside { .. } => "plan for later",
    }
}

fn grounds_stopped_by(grounds: &Grounds) -> &'static str {
    match grounds {
        Grounds::NotRepeated { .. } => "a valid repeat inside the limits, in time",
        Grounds::LateUrgent { .. } => "a value inside the urgent limits",
        Grounds::LateRule { .. } => "a newer reading by which it no longer holds",
        Grounds::Unusable { .. } => "one usable measurement",
        Grounds::ClockWrong { .. } => "a clock that is right",
        Grounds::TimeUnknown { .. } => "a box that knows the time",
        Grounds::Jump { .. } => "a repeat like the values before",
        Grounds::Missing { .. } => "a reading in its window",
        Grounds::ReviewDue { .. } | Grounds::PlanEnded { .. } => "a new plan before that day",
        Grounds::PlanSetAside { .. } => "no plan put in force before it",
    }
}

/// Begins a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
