//! Values as a patient says them: `128 over 76`, and whether that is in the range of the plan.

use clinical::{Level, Side, VitalSign};
use vitals::Vital;

use crate::store::patient_page::{StoredPlan, StoredReading};
use crate::web::trend;

/// A value, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueView {
    /// `blood pressure`.
    pub(crate) thing: &'static str,
    /// `128 over 76`.
    pub(crate) value: String,
    /// `pulse 70`; empty when there was none.
    pub(crate) pulse: String,
    /// How it stands to the plan: a sentence.
    pub(crate) standing: &'static str,
    /// It is outside.
    pub(crate) is_outside: bool,
    /// It is inside, by limits that there are.
    pub(crate) is_inside: bool,
}

/// Names what was measured.
pub(crate) fn thing(vital: &Vital) -> &'static str {
    match vital {
        Vital::BloodPressure { .. } => "blood pressure",
        Vital::Oximetry { .. } => "oxygen level",
        Vital::Weight { .. } => "weight",
        Vital::Temperature { .. } => "temperature",
    }
}

impl ValueView {
    /// Puts a reading into words.
    pub(crate) fn new(stored: &StoredReading, plans: &[StoredPlan]) -> Self {
        let vital = &stored.reading.vital;
        let marks = trend::marks(stored, plans);
        let worst = marks.iter().filter_map(|mark| mark.breach);
        let worst = worst.max_by_key(|breach| breach.level);
        let is_limited = marks.iter().any(|mark| mark.is_limited);
        let standing = match worst.map(|it| (it.level, it.side)) {
            None if is_limited => "This is in the range of the plan.",
            None => "The plan has no range for this.",
            Some((Level::Soon, Side::High)) => "This is higher than the range of the plan.",
            Some((Level::Soon, Side::Low)) => "This is lower than the range of the plan.",
            Some((Level::Urgent, Side::High)) => "This is much higher than the range of the plan.",
            Some((Level::Urgent, Side::Low)) => "This is much lower than the range of the plan.",
        };
        Self {
            thing: thing(vital),
            value: value(vital),
            pulse: pulse(vital).map_or_else(String::new, |pulse| format!("pulse {pulse}")),
            standing,
            is_outside: worst.is_some(),
            is_inside: worst.is_none() && is_limited,
        }
    }
}

/// Says the value by itself.
pub(crate) fn value(vital: &Vital) -> String {
    let values = VitalSign::values_of(vital);
    let of = |sign: VitalSign| {
        let found = values.iter().find(|(found, _)| *found == sign);
        found.map(|(_, value)| value.plain()).unwrap_or_default()
    };
    match vital {
        Vital::BloodPressure { .. } => {
            format!(
                "{} over {}",
                of(VitalSign::Systolic),
                of(VitalSign::Diastolic)
            )
        }
        Vital::Oximetry { .. } => format!("{}%", of(VitalSign::Spo2)),
        Vital::Weight { .. } => format!("{} kg", of(VitalSign::Weight)),
        Vital::Temperature { .. } => format!("{} °C", of(VitalSign::Temperature)),
    }
}

fn pulse(vital: &Vital) -> Option<String> {
    let values = VitalSign::values_of(vital);
    let found = values.iter().find(|(sign, _)| *sign == VitalSign::Pulse);
    found.map(|(_, value)| value.plain())
}
