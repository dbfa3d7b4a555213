//! Words: how people, values, doubts and failures are written on every page.

use clinical::{Level, Problem, VitalSign};
use jiff::civil::Date;
use vitals::{AttemptReason, BodyTemperature, Mass, Pressure, QualityMark, Vital};

/// Writes a name as on an NHS patient banner: `EVANS, Ivor (Mr)`.
pub(crate) fn banner_name(family: &str, given: &str, title: &str) -> String {
    format!("{}, {given} ({title})", family.to_uppercase())
}

/// Writes a date of birth with the age it makes today: `14-Jul-1945 (81y)`. What is no date is shown as it is stored.
pub(crate) fn born(born_on: &str, today: Date) -> String {
    let Ok(date) = born_on.parse::<Date>() else {
        return born_on.to_owned();
    };
    let had_birthday = (today.month(), today.day()) >= (date.month(), date.day());
    let years = today.year() - date.year() - i16::from(!had_birthday);
    format!("{} ({years}y)", date.strftime("%d-%b-%Y"))
}

/// Groups an NHS number as it is read aloud: `129 728 7652`.
pub(crate) fn nhs_number(digits: &str) -> String {
    match (digits.get(..3), digits.get(3..6), digits.get(6..)) {
        (Some(first), Some(second), Some(rest)) => format!("{first} {second} {rest}"),
        _ => digits.to_owned(),
    }
}

/// Writes a count with its noun: `1 reading`, `3 readings`.
pub(crate) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Names a vital sign at the start of a line.
pub(crate) fn sign_title(sign: VitalSign) -> &'static str {
    match sign {
        VitalSign::Systolic => "Systolic",
        VitalSign::Diastolic => "Diastolic",
        VitalSign::Pulse => "Pulse",
        VitalSign::Spo2 => "Oxygen",
        VitalSign::Weight => "Weight",
        VitalSign::Temperature => "Temperature",
    }
}

/// Names how bad a breach is.
pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::Soon => "soon",
        Level::Urgent => "urgent",
    }
}

/// Names a unit where it stands alone: in the title of a chart or a row.
pub(crate) fn unit_title(sign: VitalSign) -> &'static str {
    match sign {
        VitalSign::Pulse => "per minute",
        other => other.unit().trim(),
    }
}

/// Begins a text with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Names what is watched; one chart and one card each.
pub(crate) fn problem_title(problem: Problem) -> String {
    capital(problem.name())
}

/// Names a stored problem; one that this program does not know by its code.
pub(crate) fn problem_of(code: &str) -> String {
    let mut known = Problem::ALL.into_iter();
    let known = known.find(|it| it.code() == code);
    known.map_or_else(|| code.to_owned(), problem_title)
}

/// Writes a measured value in the device's unit and, where plans use another, in that one too.
pub(crate) fn value(vital: &Vital) -> String {
    match vital {
        Vital::BloodPressure {
            systolic,
            diastolic,
            ..
        } => pressures(systolic, diastolic),
        Vital::Oximetry { spo2, .. } => format!("{}%", spo2.in_percent().plain()),
        Vital::Weight {
            mass: mass @ Mass::Lb(pounds),
        } => format!("{} lb ({} kg)", pounds.plain(), mass.in_kg().plain()),
        Vital::Weight {
            mass: Mass::Kg(mass),
        } => format!("{} kg", mass.plain()),
        Vital::Temperature {
            temperature: it @ BodyTemperature::Fahrenheit(degrees),
        } => format!("{} °F ({} °C)", degrees.plain(), it.in_celsius().plain()),
        Vital::Temperature {
            temperature: BodyTemperature::Celsius(degrees),
        } => format!("{} °C", degrees.plain()),
    }
}

fn pressures(systolic: &Pressure, diastolic: &Pressure) -> String {
    let mmhg = format!(
        "{}/{} mmHg",
        systolic.in_mmhg().plain(),
        diastolic.in_mmhg().plain()
    );
    match (systolic, diastolic) {
        (Pressure::Kpa(systolic), Pressure::Kpa(diastolic)) => {
            format!("{}/{} kPa ({mmhg})", systolic.plain(), diastolic.plain())
        }
        _ => mmhg,
    }
}

/// Writes the pulse that came with a value.
pub(crate) fn pulse(vital: &Vital) -> Option<String> {
    match vital {
        Vital::BloodPressure { pulse, .. } | Vital::Oximetry { pulse, .. } => {
            pulse.map(|pulse| format!("{} a minute", pulse.in_per_minute().plain()))
        }
        Vital::Weight { .. } | Vital::Temperature { .. } => None,
    }
}

/// Names what was measured.
pub(crate) fn measured(vital: &Vital) -> &'static str {
    match vital {
        Vital::BloodPressure { .. } => "Blood pressure",
        Vital::Oximetry { .. } => "Oxygen",
        Vital::Weight { .. } => "Weight",
        Vital::Temperature { .. } => "Temperature",
    }
}

/// Says why an attempt has no value, and what that device did.
pub(crate) fn failed(device_kind: &str, reason: AttemptReason) -> String {
    match reason {
        AttemptReason::NoValue => format!("The {device_kind} could not measure – no value"),
        AttemptReason::OutOfDeviceRange => {
            format!("Beyond what the {device_kind} can measure – no value")
        }
        AttemptReason::DeclaredInvalid => {
            format!("The {device_kind} called its own result invalid – no value")
        }
        AttemptReason::NotAPatient => {
            format!("The {device_kind} was in test or demonstration mode – not this patient")
        }
        AttemptReason::NotTheQuantity => {
            format!("The {device_kind} sent an impossible number – not used")
        }
        AttemptReason::Undecodable => {
            format!("The {device_kind} sent data that could not be read – kept for support")
        }
        AttemptReason::SetAside => {
            format!("The {device_kind} sent data that was set aside – kept for support")
        }
        AttemptReason::Unsupported => {
            format!("The {device_kind} sent a kind of measurement that is not used yet")
        }
    }
}

/// Says one doubt about a value.
pub(crate) fn mark(mark: QualityMark) -> &'static str {
    match mark {
        QualityMark::BodyMovement => "moved while measuring",
        QualityMark::CuffTooLoose => "cuff too loose",
        QualityMark::IrregularPulse => "irregular pulse seen",
        QualityMark::PulseAboveRange => "pulse above the device's range",
        QualityMark::PulseBelowRange => "pulse below the device's range",
        QualityMark::ImproperPosition => "arm held wrongly",
        QualityMark::MeasurementOngoing => "still measuring",
        QualityMark::EarlyEstimate => "early estimate",
        QualityMark::Validated => "validated by the device",
        QualityMark::FullyQualified => "fully qualified by the device",
        QualityMark::FromStorage => "sent from the device's memory",
        QualityMark::Questionable => "questionable, says the device",
        QualityMark::SensorMalfunction => "sensor fault",
        QualityMark::PoorSignal => "poor signal",
        QualityMark::LowPerfusion => "weak blood flow at the sensor",
        QualityMark::SensorInterference => "interference at the sensor",
        QualityMark::SensorDisplaced => "sensor slipped off",
        QualityMark::DeviceClockUnset => "device clock not set, time of arrival used",
        QualityMark::DeviceTimeInFuture => "device clock ahead, time of arrival used",
        QualityMark::DeviceClockUnread => "device clock not checked",
        QualityMark::GatewayClockUnsure => "gateway clock not yet certain",
        QualityMark::ReservedBits => "unknown flags from the device",
        QualityMark::TrailingBytes => "extra bytes from the device",
        QualityMark::PossibleDuplicate => "may repeat an earlier value",
    }
}

/// Says every doubt about a value, in one line.
pub(crate) fn marks(marks: &[QualityMark]) -> String {
    let words: Vec<&str> = marks.iter().map(|it| mark(*it)).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_is_written_as_on_an_nhs_banner() {
        assert_eq!(banner_name("Evans", "Ivor", "Mr"), "EVANS, Ivor (Mr)");
        let today: Date = "2026-07-13".parse().unwrap();
        assert_eq!(born("1945-07-14", today), "14-Jul-1945 (80y)");
        assert_eq!(
            born("1945-07-14", today.tomorrow().unwrap()),
            "14-Jul-1945 (81y)"
        );
        assert_eq!(born("unknown", today), "unknown");
        assert_eq!(nhs_number("1297287652"), "129 728 7652");
        assert_eq!(nhs_number("12"), "12");
    }

    #[test]
    fn a_device_in_other_units_shows_both() {
        let decimal = |text: &str| text.parse().unwrap();
        let vital = Vital::BloodPressure {
            systolic: Pressure::from_kpa(decimal("17.6")).unwrap(),
            diastolic: Pressure::from_kpa(decimal("12.0")).unwrap(),
            mean: None,
            pulse: None,
        };
        assert_eq!(value(&vital), "17.6/12 kPa (132/90 mmHg)");
        let pounds = Vital::Weight {
            mass: Mass::from_lb(decimal("150.00")).unwrap(),
        };
        assert_eq!(value(&pounds), "150 lb (68.04 kg)");
        let temperature = Vital::Temperature {
            temperature: BodyTemperature::from_fahrenheit(decimal("98.6")).unwrap(),
        };
        assert_eq!(value(&temperature), "98.6 °F (37 °C)");
    }
}
