//! What is measured: the readings that a schedule expects, one kind for each kind of device.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use crate::sign::VitalSign;

/// One kind of reading that a patient is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// By a cuff.
    BloodPressure,
    /// By a pulse oximeter.
    Oximetry,
    /// By a scale.
    Weight,
    /// By a thermometer.
    Temperature,
}

impl Measured {
    /// Every kind, in the order that a nurse reads them.
    pub const ALL: [Self; 4] = [
        Self::BloodPressure,
        Self::Oximetry,
        Self::Weight,
        Self::Temperature,
    ];

    /// Gives the kind of reading that only this vital sign belongs to; `None` for the pulse, which a cuff and an oximeter
    /// both tell.
    pub fn of(sign: VitalSign) -> Option<Self> {
        match sign {
            VitalSign::Systolic | VitalSign::Diastolic => Some(Self::BloodPressure),
            VitalSign::Spo2 => Some(Self::Oximetry),
            VitalSign::Weight => Some(Self::Weight),
            VitalSign::Temperature => Some(Self::Temperature),
            VitalSign::Pulse => None,
        }
    }

    /// Gives what kind of reading these values are; `None` for values without any that decides.
    pub fn of_values(values: &[(VitalSign, Decimal)]) -> Option<Self> {
        values.iter().find_map(|(sign, _)| Self::of(*sign))
    }

    /// Tells whether a reading of this kind has the vital sign.
    pub fn has(self, sign: VitalSign) -> bool {
        match sign {
            VitalSign::Pulse => matches!(self, Self::BloodPressure | Self::Oximetry),
            other => Self::of(other) == Some(self),
        }
    }

    /// Gives the reading's name, as nurses read it: `no blood pressure reading`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BloodPressure => "blood pressure",
            Self::Oximetry => "oxygen",
            Self::Weight => "weight",
            Self::Temperature => "temperature",
        }
    }

    /// Gives the name that the database uses; the journal writes the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::BloodPressure => "blood_pressure",
            Self::Oximetry => "oximetry",
            Self::Weight => "weight",
            Self::Temperature => "temperature",
        }
    }

    /// Gives the device's name, as patients know it.
    pub fn device(self) -> &'static str {
        match self {
            Self::BloodPressure => "blood pressure monitor",
            Self::Oximetry => "finger oxygen monitor",
            Self::Weight => "scale",
            Self::Temperature => "thermometer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_what_the_journal_writes() {
        for what in Measured::ALL {
            assert_eq!(serde_json::to_value(what).unwrap(), what.code());
        }
    }

    #[test]
    fn each_kind_has_its_signs_and_the_pulse_decides_nothing() {
        let signs = |kind: Measured| {
            let all = VitalSign::ALL.into_iter();
            all.filter(|sign| kind.has(*sign)).collect::<Vec<_>>()
        };
        assert_eq!(
            signs(Measured::BloodPressure),
            [VitalSign::Systolic, VitalSign::Diastolic, VitalSign::Pulse]
        );
        assert_eq!(
            signs(Measured::Oximetry),
            [VitalSign::Pulse, VitalSign::Spo2]
        );
        assert_eq!(signs(Measured::Weight), [VitalSign::Weight]);
        assert_eq!(signs(Measured::Temperature), [VitalSign::Temperature]);
        let value = Decimal::whole(70);
        let oximetry = [(VitalSign::Pulse, value), (VitalSign::Spo2, value)];
        assert_eq!(Measured::of_values(&oximetry), Some(Measured::Oximetry));
        assert_eq!(Measured::of_values(&[(VitalSign::Pulse, value)]), None);
    }
}
