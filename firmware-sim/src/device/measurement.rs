//! What a simulated device measures, and the bytes it stores for it.

use jiff::civil::DateTime;
use serde::Deserialize;

use super::{Decimal, DeviceError, DeviceKind};
use crate::encode::{
    BloodPressure, BloodPressureStatus, Bmi, PlxContinuous, PlxSpotCheck, PressureUnit, Sfloat,
    SpotClock, Weight, WeightUnit, date_time,
};

/// One use of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measurement {
    /// A cuff's measurement.
    Cuff(CuffMeasurement),
    /// An oximeter's stored spot-check.
    Oximeter(OximeterMeasurement),
    /// A finger that stays in the oximeter: one notification a second, never stored.
    Continuous(ContinuousMeasurement),
    /// A scale's weighing.
    Scale(ScaleMeasurement),
    /// A measurement that failed: every value NaN, or an unsuccessful weight.
    Failed,
    /// Recorded bytes, stored and sent as they are.
    Raw(Vec<u8>),
}

/// A blood pressure, in mmHg unless `kpa` is set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CuffMeasurement {
    /// Systolic pressure.
    pub systolic: Decimal,
    /// Diastolic pressure.
    pub diastolic: Decimal,
    /// Mean arterial pressure; absent is sent as NaN.
    pub map: Option<Decimal>,
    /// Beats per minute; absent leaves the field out.
    pub pulse: Option<Decimal>,
    /// User number of the cuff's memory.
    pub user: Option<u8>,
    /// The values are kilopascal.
    #[serde(default)]
    pub kpa: bool,
    /// The cuff felt an irregular pulse.
    #[serde(default)]
    pub irregular_pulse: bool,
    /// The patient moved.
    #[serde(default)]
    pub body_movement: bool,
    /// The cuff was too loose.
    #[serde(default)]
    pub cuff_too_loose: bool,
}

/// A spot-check.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OximeterMeasurement {
    /// Oxygen saturation, percent.
    pub spo2: Decimal,
    /// Pulse rate per minute.
    pub pulse: Decimal,
    /// Measurement status bits of 2A5E.
    pub measurement_status: Option<u16>,
    /// Device and sensor status bits of 2A5E.
    pub sensor_status: Option<u32>,
}

/// A finger that stays in for some seconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContinuousMeasurement {
    /// Oxygen saturation, percent.
    pub spo2: Decimal,
    /// Pulse rate per minute.
    pub pulse: Decimal,
    /// How many notifications follow, one a second.
    pub seconds: u32,
}

/// A weighing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleMeasurement {
    /// Weight in kilograms, in steps of 0.005.
    pub weight_kg: Decimal,
    /// User number of the scale's memory.
    pub user: Option<u8>,
    /// Body mass index in steps of 0.1; sent only together with the height.
    pub bmi: Option<Decimal>,
    /// Height in metres, in steps of 0.001.
    pub height_m: Option<Decimal>,
}

impl Measurement {
    /// Returns the bytes that a device of `kind` stores when its own clock shows `shown`.
    ///
    /// # Errors
    /// Refuses another device's measurement and values that the wire format cannot hold.
    pub(super) fn encode(
        &self,
        kind: DeviceKind,
        shown: Option<DateTime>,
    ) -> Result<Vec<u8>, DeviceError> {
        let stamp = date_time(shown);
        match (kind, self) {
            (_, Self::Raw(bytes)) => Ok(bytes.clone()),
            (DeviceKind::Cuff, Self::Cuff(cuff)) => cuff.encode(stamp),
            (DeviceKind::Oximeter, Self::Oximeter(spot)) => spot.encode(shown.is_some(), stamp),
            (DeviceKind::Scale, Self::Scale(weighing)) => weighing.encode(stamp),
            (_, Self::Failed) => Ok(failed(kind, shown.is_some(), stamp)),
            _ => Err(DeviceError::OtherKind(kind)),
        }
    }
}

impl CuffMeasurement {
    fn encode(&self, stamp: [u8; 7]) -> Result<Vec<u8>, DeviceError> {
        let status = BloodPressureStatus {
            body_movement: self.body_movement,
            cuff_too_loose: self.cuff_too_loose,
            irregular_pulse: self.irregular_pulse,
            ..BloodPressureStatus::default()
        };
        let value = BloodPressure {
            unit: if self.kpa {
                PressureUnit::KPa
            } else {
                PressureUnit::MmHg
            },
            systolic: self.systolic.sfloat()?,
            diastolic: self.diastolic.sfloat()?,
            map: self.map.map_or(Ok(Sfloat::NAN), Decimal::sfloat)?,
            timestamp: Some(stamp),
            pulse: self.pulse.map(Decimal::sfloat).transpose()?,
            user: self.user,
            status: Some(status),
        };
        Ok(value.encode())
    }
}

impl OximeterMeasurement {
    fn encode(&self, clock_set: bool, stamp: [u8; 7]) -> Result<Vec<u8>, DeviceError> {
        let value = PlxSpotCheck {
            spo2: self.spo2.sfloat()?,
            pulse: self.pulse.sfloat()?,
            clock: spot_clock(clock_set, stamp),
            measurement_status: self.measurement_status,
            sensor_status: self.sensor_status,
            amplitude_index: None,
        };
        Ok(value.encode())
    }
}

impl ContinuousMeasurement {
    /// Returns the bytes of the first notification of a Nonin oximeter: length, status (synchronised, good, finger in),
    /// battery, amplitude, counter, saturation, pulse; all big-endian.
    ///
    /// # Errors
    /// Refuses values that are no whole numbers.
    pub(super) fn encode_nonin(&self) -> Result<Vec<u8>, DeviceError> {
        let spo2 = self.spo2.steps(1000, "1 %")?;
        let pulse = self.pulse.steps(1000, "1 per minute")?;
        let [_, spo2] = spo2.to_be_bytes();
        let [high, low] = pulse.to_be_bytes();
        Ok(vec![0x0A, 0x15, 0x1E, 0x05, 0x49, 0, 0, spo2, high, low])
    }

    /// Returns the bytes of each notification.
    ///
    /// # Errors
    /// Refuses values that an SFLOAT cannot hold.
    pub(super) fn encode(&self) -> Result<Vec<u8>, DeviceError> {
        let value = PlxContinuous {
            normal: (self.spo2.sfloat()?, self.pulse.sfloat()?),
            fast: None,
            slow: None,
            measurement_status: None,
            sensor_status: None,
            amplitude_index: None,
        };
        Ok(value.encode())
    }
}

/// Where a Nonin oximeter's value has its count of seconds, big-endian.
const NONIN_COUNTER: std::ops::Range<usize> = 5..7;

/// Counts one second on, as a Nonin oximeter does from value to value.
pub(super) fn count_nonin(value: &mut [u8]) {
    if let Some(&mut [ref mut high, ref mut low]) = value.get_mut(NONIN_COUNTER) {
        let counted = u16::from_be_bytes([*high, *low]).wrapping_add(1);
        [*high, *low] = counted.to_be_bytes();
    }
}

impl ScaleMeasurement {
    fn encode(&self, stamp: [u8; 7]) -> Result<Vec<u8>, DeviceError> {
        let bmi = match (self.bmi, self.height_m) {
            (Some(bmi), Some(height)) => Some(Bmi {
                bmi: bmi.steps(100, "0.1")?,
                height: height.steps(1, "0.001 m")?,
            }),
            _ => None,
        };
        let value = Weight {
            unit: WeightUnit::Si,
            weight: self.weight_kg.steps(5, "0.005 kg")?,
            timestamp: Some(stamp),
            user: self.user,
            bmi,
        };
        Ok(value.encode())
    }
}

fn spot_clock(clock_set: bool, stamp: [u8; 7]) -> SpotClock {
    if clock_set {
        SpotClock::Stamp(stamp)
    } else {
        SpotClock::NotSet(stamp)
    }
}

fn failed(kind: DeviceKind, clock_set: bool, stamp: [u8; 7]) -> Vec<u8> {
    match kind {
        // Real cuffs leave the status bits clear even when they know why (derdilla issue 80).
        DeviceKind::Cuff => BloodPressure {
            unit: PressureUnit::MmHg,
            systolic: Sfloat::NAN,
            diastolic: Sfloat::NAN,
            map: Sfloat::NAN,
            timestamp: Some(stamp),
            pulse: Some(Sfloat::NAN),
            user: None,
            status: Some(BloodPressureStatus::default()),
        }
        .encode(),
        DeviceKind::Oximeter => PlxSpotCheck {
            spo2: Sfloat::NAN,
            pulse: Sfloat::NAN,
            clock: spot_clock(clock_set, stamp),
            measurement_status: None,
            sensor_status: None,
            amplitude_index: None,
        }
        .encode(),
        DeviceKind::Scale => Weight {
            unit: WeightUnit::Si,
            weight: Weight::UNSUCCESSFUL,
            timestamp: Some(stamp),
            user: None,
            bmi: None,
        }
        .encode(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_cuff_measurement_is_what_a_real_cuff_sends() {
        // derdilla/blood-pressure-monitor-fl issue 80, with the user and pulse fields of that cuff.
        let shown = jiff::civil::date(2024, 6, 23).at(14, 47, 59, 0);
        let bytes = Measurement::Failed
            .encode(DeviceKind::Cuff, Some(shown))
            .unwrap();
        assert_eq!(
            hex::encode_upper(bytes),
            "16FF07FF07FF07E80706170E2F3BFF070000"
        );
    }

    #[test]
    fn another_kinds_measurement_is_refused() {
        let spot = OximeterMeasurement {
            spo2: 97.into(),
            pulse: 70.into(),
            measurement_status: None,
            sensor_status: None,
        };
        let refused = Measurement::Oximeter(spot).encode(DeviceKind::Cuff, None);
        assert_eq!(refused, Err(DeviceError::OtherKind(DeviceKind::Cuff)));
    }

    #[test]
    fn a_shared_device_says_which_user_it_was_told() {
        let cuff = "systolic = 124\ndiastolic = 86\nmap = 97\npulse = 51\nuser = 2";
        let cuff = Measurement::Cuff(toml::from_str(cuff).unwrap());
        let scale = Measurement::Scale(toml::from_str("weight_kg = 70\nuser = 3").unwrap());
        for (kind, measurement, sent) in [
            (
                DeviceKind::Cuff,
                cuff,
                "1E7C0056006100000000000000003300020000",
            ),
            (DeviceKind::Scale, scale, "06B0360000000000000003"),
        ] {
            let bytes = measurement.encode(kind, None).unwrap();
            assert_eq!(hex::encode_upper(bytes), sent);
        }
    }

    #[test]
    fn raw_bytes_stay_as_they_are() {
        let raw = Measurement::Raw(vec![1, 2, 3]);
        assert_eq!(raw.encode(DeviceKind::Scale, None), Ok(vec![1, 2, 3]));
    }

    #[test]
    fn a_value_between_two_steps_is_refused() {
        let weighing = ScaleMeasurement {
            weight_kg: Decimal::parse("80.003").unwrap(),
            user: None,
            bmi: None,
            height_m: None,
        };
        assert!(matches!(
            Measurement::Scale(weighing).encode(DeviceKind::Scale, None),
            Err(DeviceError::Encode(_))
        ));
    }
}
