//! Words that the sentences of several rules share.

use vitals::Decimal;

use crate::limits::Side;
use crate::sign::VitalSign;

/// Makes the shortest decimal of so many thousandths.
pub(crate) fn decimal(thousandths: i64) -> Decimal {
    let (mut mantissa, mut exponent) = (thousandths, -3_i8);
    while exponent < 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    // Out of bounds only for values that no quantity can have.
    Decimal::new(mantissa, exponent).unwrap_or(Decimal::whole(if thousandths < 0 {
        i32::MIN
    } else {
        i32::MAX
    }))
}

/// Writes a number as finely as a sign's devices show it: weight in hundredths, all else in tenths.
pub(super) fn number(sign: VitalSign, value: Decimal) -> String {
    let scale = if sign == VitalSign::Weight { 2 } else { 1 };
    value.convert(1, 1, scale).unwrap_or(value).plain()
}

/// Writes a number with the sign's unit: `83.5 kg`.
pub(crate) fn quantity(sign: VitalSign, value: Decimal) -> String {
    format!("{}{}", number(sign, value), sign.unit())
}

/// Names a sign as a patient knows it.
pub(super) fn patient_name(sign: VitalSign) -> &'static str {
    match sign {
        VitalSign::Systolic => "top blood pressure number",
        VitalSign::Diastolic => "bottom blood pressure number",
        VitalSign::Pulse => "pulse",
        VitalSign::Spo2 => "oxygen level",
        VitalSign::Weight => "weight",
        VitalSign::Temperature => "temperature",
    }
}

/// Writes a count of things: `1 day`, `3 days`.
pub(crate) fn count(number: impl Into<u32>, one: &str) -> String {
    match number.into() {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    }
}

/// Writes a limit: `92% or under`.
pub(super) fn limit(sign: VitalSign, side: Side, limit: Decimal) -> String {
    let side = match side {
        Side::Low => "under",
        Side::High => "over",
    };
    format!("{}{} or {side}", limit.plain(), sign.unit())
}

/// Writes the side of a limit that does not reach it: `over 92%`.
pub(super) fn inside(sign: VitalSign, side: Side, limit: Decimal) -> String {
    let side = match side {
        Side::Low => "over",
        Side::High => "under",
    };
    format!("{side} {}{}", limit.plain(), sign.unit())
}

/// Joins parts as people do: `a, b and c`.
pub(super) fn joined(parts: &[String], last: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
