//! The numbers within a rule: where each is, how a nurse reads it, and what it counts.

use clinical::{Rule, VitalSign};
use serde_json::Value;
use vitals::Decimal;

/// What a number of a rule counts, and how a nurse reads it: in the order of the form.
const NUMBERS: [(&str, &str, Unit); 21] = [
    ("baseline", "Agreed value", Unit::OfTheSign),
    ("limit", "Limit", Unit::OfTheSign),
    ("at_least", "By at least", Unit::OfTheSign),
    (
        "per_week_at_least",
        "By at least, each week",
        Unit::OfTheSign,
    ),
    (
        "urgent_low",
        "Under the agreed value, urgent",
        Unit::OfTheSign,
    ),
    ("soon_low", "Under the agreed value", Unit::OfTheSign),
    ("soon_high", "Over the agreed value", Unit::OfTheSign),
    (
        "urgent_high",
        "Over the agreed value, urgent",
        Unit::OfTheSign,
    ),
    ("systolic_limit", "Average systolic", Unit::Word("mmHg")),
    ("diastolic_limit", "Average diastolic", Unit::Word("mmHg")),
    ("n", "Readings that reach it", Unit::Word("")),
    ("m", "Of the last readings", Unit::Word("")),
    (
        "sessions_with_min",
        "Sessions with the mark",
        Unit::Word(""),
    ),
    ("of_sessions", "Of the last sessions", Unit::Word("")),
    ("within_days", "Within", Unit::Word("days")),
    ("within_hours", "Within", Unit::Word("hours")),
    ("median_days", "Usual is the median of", Unit::Word("days")),
    ("days", "Looks at", Unit::Word("days")),
    ("days_max", "Looks at up to", Unit::Word("days")),
    ("days_min", "Needs readings on", Unit::Word("days")),
    (
        "agreement_percent_min",
        "Pairs of days that agree, at least",
        Unit::Word("%"),
    ),
];

/// Those that most nurses never change stand behind the others, under the names of the plan.
const REST: [(&str, &str, Unit); 5] = [
    (
        "same_time_of_day_hours",
        "At the same time of day, give or take",
        Unit::Word("hours"),
    ),
    (
        "readings_apart_minutes_min",
        "Two readings at least apart by",
        Unit::Word("minutes"),
    ),
    (
        "readings_a_session_min",
        "Readings that make a session",
        Unit::Word(""),
    ),
    (
        "sessions_a_day_min",
        "Sessions that make a day",
        Unit::Word(""),
    ),
    (
        "session_gap_minutes",
        "A new session after",
        Unit::Word("minutes"),
    ),
];

#[derive(Clone, Copy)]
enum Unit {
    OfTheSign,
    Word(&'static str),
}

/// One number of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// Where it is within the rule: `at_least`, `second.systolic_limit`, `all.0.at_least`.
    pub(crate) path: String,
    /// How a nurse reads it.
    pub(crate) label: String,
    /// What it counts.
    pub(crate) unit: &'static str,
    /// The number.
    pub(super) text: String,
    pub(super) is_whole: bool,
    place: usize,
}

/// Lists the numbers of a rule in the order of the form.
pub(crate) fn numbers(rule: &Rule) -> Vec<Number> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::to_value(rule.kind()) {
        walk(&value, "", None, &mut found);
    }
    // Parts of a combined rule, and a second level, stay together.
    found.sort_by_key(|it| {
        let parent = it
            .path
            .rsplit_once('.')
            .map(|(parent, _)| parent.to_owned());
        (parent, it.place)
    });
    found
}

fn walk(value: &Value, path: &str, sign: Option<VitalSign>, found: &mut Vec<Number>) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match value {
        Value::Object(fields) => {
            let own = fields.get("sign");
            let own = own.and_then(|it| serde_json::from_value(it.clone()).ok());
            for (key, value) in fields {
                walk(value, &below(key), own.or(sign), found);
            }
        }
        Value::Array(parts) => {
            for (place, value) in parts.iter().enumerate() {
                walk(value, &below(&place.to_string()), sign, found);
            }
        }
        Value::Number(it) => found.extend(number(path, it.to_string(), true, sign)),
        Value::String(it) if it.parse::<Decimal>().is_ok() => {
            found.extend(number(path, it.clone(), false, sign));
        }
        _ => {}
    }
}

fn number(path: &str, text: String, is_whole: bool, sign: Option<VitalSign>) -> Option<Number> {
    let last = path.rsplit('.').next()?;
    let all = NUMBERS.iter().chain(&REST).enumerate();
    let (place, (_, label, unit)) = all.clone().find(|(_, (name, _, _))| *name == last)?;
    let label = match path.split('.').next() {
        Some("second") => format!("Second level: {}", label.to_lowercase()),
        Some("all") => {
            let part: usize = path.split('.').nth(1)?.parse().ok()?;
            format!("Part {}: {}", part + 1, label.to_lowercase())
        }
        _ => (*label).to_owned(),
    };
    Some(Number {
        path: path.to_owned(),
        label,
        unit: match unit {
            Unit::Word(word) => word,
            Unit::OfTheSign => sign.map_or("", |it| it.unit().trim()),
        },
        text,
        is_whole,
        place,
    })
}

/// The most that a rule's field can hold; the rule itself says what makes sense.
pub(super) fn most(path: &str) -> u32 {
    match path.rsplit('.').next() {
        Some("within_hours" | "session_gap_minutes") => u32::from(u16::MAX),
        _ => u32::from(u8::MAX),
    }
}
