//! A failed attempt: what may have gone wrong and what to try, without blame.

use vitals::{Attempt, AttemptReason, Characteristic, QualityMark, Record};

use super::words::{self, Notice};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cuff,
    Oximeter,
    Scale,
    Thermometer,
    Other,
}

/// Bluetooth SIG, Assigned Numbers: the measurements of each kind of device.
fn kind_of(characteristic: Characteristic) -> Kind {
    use gatt::characteristic as number;
    match characteristic.0 {
        number::BLOOD_PRESSURE_MEASUREMENT | number::ENHANCED_BLOOD_PRESSURE_MEASUREMENT => {
            Kind::Cuff
        }
        number::PLX_SPOT_CHECK | number::PLX_CONTINUOUS => Kind::Oximeter,
        number::WEIGHT_MEASUREMENT => Kind::Scale,
        number::TEMPERATURE_MEASUREMENT => Kind::Thermometer,
        _ => Kind::Other,
    }
}

/// Names what was to be measured.
pub(super) fn device_of(record: &Record) -> &'static str {
    match kind_of(record.source().0) {
        Kind::Cuff => "Blood pressure",
        Kind::Oximeter => "Oxygen level",
        Kind::Scale => "Weight",
        Kind::Thermometer => "Temperature",
        Kind::Other => "Your device",
    }
}

fn sentences(attempt: &Attempt) -> Vec<&'static str> {
    let cause = match attempt.reason {
        AttemptReason::NotAPatient => vec!["The device was in test mode."],
        AttemptReason::Undecodable
        | AttemptReason::SetAside
        | AttemptReason::Unsupported
        | AttemptReason::NotTheQuantity => vec!["The box could not read what your device sent."],
        AttemptReason::NoValue
        | AttemptReason::OutOfDeviceRange
        | AttemptReason::DeclaredInvalid => cause_of(attempt),
    };
    let again = [
        "Try again in a minute or two.",
        "If it does not work after 3 tries, call us.",
    ];
    cause.into_iter().chain(again).collect()
}

/// Says what to do after it, under a heading.
pub(super) fn notice(attempt: &Attempt) -> Notice {
    words::notice("Try again", &sentences(attempt))
}

fn cause_of(attempt: &Attempt) -> Vec<&'static str> {
    let has = |mark| attempt.quality.contains(&mark);
    match kind_of(attempt.characteristic) {
        Kind::Cuff if has(QualityMark::BodyMovement) => {
            vec!["You may have moved.", "Sit still, and do not talk."]
        }
        Kind::Cuff if has(QualityMark::ImproperPosition) => {
            vec![
                "Your arm may be too low or too high.",
                "Rest it on a table.",
            ]
        }
        Kind::Cuff => vec![
            "The cuff may be loose.",
            "Put it on your bare arm, snug but not tight.",
            "Sit still, and do not talk.",
        ],
        Kind::Oximeter => vec![
            "The clip may have slipped, or your hand may be cold.",
            "Warm your hand, put the clip on, and keep still.",
        ],
        Kind::Scale => vec![
            "Put the scale on a hard floor.",
            "Stand still on it with bare feet.",
        ],
        Kind::Thermometer => vec!["It may have moved or been taken away too soon."],
        Kind::Other => Vec::new(),
    }
}
