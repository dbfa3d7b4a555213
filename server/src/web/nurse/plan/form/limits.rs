//! The limits of each vital sign and how a first breach is confirmed, as fields of the form.

use std::collections::BTreeMap;

use clinical::plan::{Confirmation, Line, MINUTES_MAX, Matter};
use clinical::{Breach, Limits, VitalSign};
use vitals::Decimal;

use super::typed::{Typed, Wrongs, decimal, whole};
use super::{Content, OWN_SOURCE};
use crate::web::words::sign_title;

/// The lines of a vital sign as they lie on the number line, each with its label.
pub(crate) const LINES: [(Line, &str); 4] = [
    (Line::UrgentLow, "Urgent low"),
    (Line::SoonLow, "Soon low"),
    (Line::SoonHigh, "Soon high"),
    (Line::UrgentHigh, "Urgent high"),
];

/// The parts of a confirmation: the end of the field's name, its label, and whether it counts minutes.
pub(crate) const CONFIRMATION: [(&str, &str, bool); 4] = [
    (
        "urgent_minutes",
        "After an urgent value, wait for a repeat for",
        true,
    ),
    (
        "soon_minutes",
        "After a soon value, wait for a repeat for",
        true,
    ),
    ("at_once_low", "Alert at once at or under", false),
    ("at_once_high", "Alert at once at or over", false),
];

/// Names the field of a limit: its matter's path.
pub(crate) fn field(sign: VitalSign, line: Line) -> String {
    Matter::Limit(sign, line).to_string()
}

/// Names a field of a sign's confirmation.
pub(crate) fn confirmation_field(sign: VitalSign, part: &str) -> String {
    format!("{}.{part}", Matter::Confirmation(sign))
}

/// Gives one line of limits.
pub(crate) fn at(limits: &Limits, line: Line) -> Option<Decimal> {
    let is_it = |it: &Breach| Line::of(it.level, it.side) == line;
    limits.lines().into_iter().find(is_it).map(|it| it.limit)
}

fn fields(sign: VitalSign) -> [String; 4] {
    LINES.map(|(line, _)| field(sign, line))
}

fn confirmation_fields(sign: VitalSign) -> [String; 4] {
    CONFIRMATION.map(|(part, _, _)| confirmation_field(sign, part))
}

pub(super) fn write(content: &Content, typed: &mut Typed) {
    for sign in VitalSign::ALL {
        let limits = content.limits.get(&sign);
        for (line, _) in LINES {
            let text = limits.and_then(|it| at(it, line)).map(|it| it.to_string());
            typed.put(field(sign, line), text.unwrap_or_default());
        }
        let it = content.care.confirmation.get(&sign);
        let minutes = |of: Option<u32>| of.map(|it| it.to_string()).unwrap_or_default();
        let value = |of: Option<Decimal>| of.map(|it| it.to_string()).unwrap_or_default();
        let texts = [
            minutes(it.and_then(|it| it.urgent_minutes)),
            minutes(it.and_then(|it| it.soon_minutes)),
            value(it.and_then(|it| it.at_once_low)),
            value(it.and_then(|it| it.at_once_high)),
        ];
        for (name, text) in confirmation_fields(sign).into_iter().zip(texts) {
            typed.put(name, text);
        }
    }
}

/// Reads limits and confirmations over `content`, which says what the form started from: what was not changed keeps its
/// source. `before` is the form as it started.
pub(super) fn read(content: &mut Content, typed: &Typed, before: &Typed, wrongs: &mut Wrongs) {
    for sign in VitalSign::ALL {
        if !typed.agrees(before, fields(sign).iter()) {
            read_limits(sign, content, typed, wrongs);
        }
        if !typed.agrees(before, confirmation_fields(sign).iter()) {
            let found = confirmation(sign, typed, wrongs);
            set(&mut content.care.confirmation, sign, found);
        }
    }
}

fn read_limits(sign: VitalSign, content: &mut Content, typed: &Typed, wrongs: &mut Wrongs) {
    let known = wrongs.0.len();
    let given = LINES.map(|(line, label)| {
        let label = format!("{}, {}", sign_title(sign), label.to_lowercase());
        decimal(typed, &field(sign, line), &label, wrongs)
    });
    let mut below: Option<(Decimal, &str)> = None;
    for ((line, label), at) in LINES.into_iter().zip(given) {
        let Some(at) = at else { continue };
        if let Some((lower, name)) = below.filter(|(lower, _)| at.compare(lower).is_le()) {
            let (title, lower) = (sign_title(sign), lower.plain());
            let (label, name) = (label.to_lowercase(), name.to_lowercase());
            wrongs.add(
                field(sign, line),
                format!("{title}, {label}: must be over {name}, which is {lower}"),
            );
        }
        below = Some((at, label));
    }
    if wrongs.0.len() > known {
        return;
    }
    let [urgent_low, soon_low, soon_high, urgent_high] = given;
    let limits = Limits::new(urgent_low, soon_low, soon_high, urgent_high).ok();
    let limits = limits.filter(|it| !it.lines().is_empty());
    let source = limits.map(|_| OWN_SOURCE.to_owned());
    set(&mut content.care.limits_from, sign, source);
    set(&mut content.limits, sign, limits);
}

fn confirmation(sign: VitalSign, typed: &Typed, wrongs: &mut Wrongs) -> Option<Confirmation> {
    let names = confirmation_fields(sign);
    if names.iter().all(|name| typed.trimmed(name).is_empty()) {
        return None;
    }
    let label = |part: usize| {
        let (_, label, _) = CONFIRMATION[part];
        format!("{}: {}", sign_title(sign), label.to_lowercase())
    };
    let bounds = (1, MINUTES_MAX);
    Some(Confirmation {
        urgent_minutes: whole(typed, &names[0], &label(0), bounds, wrongs),
        soon_minutes: whole(typed, &names[1], &label(1), bounds, wrongs),
        at_once_low: decimal(typed, &names[2], &label(2), wrongs),
        at_once_high: decimal(typed, &names[3], &label(3), wrongs),
        source: OWN_SOURCE.to_owned(),
    })
}

fn set<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
