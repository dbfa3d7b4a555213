//! Any supported value: decoded by the number of its characteristic.

use serde_json::Value;

use crate::battery_level::BatteryLevel;
use crate::blood_pressure::BloodPressureMeasurement;
use crate::blood_pressure_feature::BloodPressureFeature;
use crate::body_composition::BodyCompositionMeasurement;
use crate::characteristic as uuid;
use crate::current_time::CurrentTime;
use crate::device_date_time::DeviceDateTime;
use crate::device_information::{DeviceInformation, InformationField};
use crate::enhanced_blood_pressure::EnhancedBloodPressureMeasurement;
use crate::error::DecodeError;
use crate::glucose::GlucoseMeasurement;
use crate::heart_rate::HeartRateMeasurement;
use crate::intermediate_cuff_pressure::IntermediateCuffPressure;
use crate::nonin_oximetry::NoninOximetry;
use crate::plx_continuous::PlxContinuousMeasurement;
use crate::plx_features::PlxFeatures;
use crate::plx_spot_check::PlxSpotCheckMeasurement;
use crate::record_access::RecordAccess;
use crate::surprises::Surprises;
use crate::system_id::SystemId;
use crate::temperature::TemperatureMeasurement;
use crate::user_control::UserControl;
use crate::weight::WeightMeasurement;
use crate::weight_scale_feature::WeightScaleFeature;
use crate::xiaomi_scale::XiaomiWeighing;

/// Is the value of any characteristic that has a decoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measurement {
    /// A blood pressure.
    BloodPressure(BloodPressureMeasurement),
    /// The pressure in a cuff that is measuring.
    IntermediateCuffPressure(IntermediateCuffPressure),
    /// What a cuff can detect.
    BloodPressureFeature(BloodPressureFeature),
    /// A blood pressure of a cuff that counts seconds.
    EnhancedBloodPressure(EnhancedBloodPressureMeasurement),
    /// A finished oximeter measurement.
    PlxSpotCheck(PlxSpotCheckMeasurement),
    /// An oximeter that is measuring.
    PlxContinuous(PlxContinuousMeasurement),
    /// A Nonin oximeter that is measuring.
    NoninOximetry(NoninOximetry),
    /// What an oximeter can report.
    PlxFeatures(PlxFeatures),
    /// A weight.
    Weight(WeightMeasurement),
    /// What a scale can report.
    WeightScaleFeature(WeightScaleFeature),
    /// An analysis of a body.
    BodyComposition(BodyCompositionMeasurement),
    /// What a Xiaomi scale advertises.
    XiaomiWeighing(XiaomiWeighing),
    /// A temperature.
    Temperature(TemperatureMeasurement),
    /// A heart rate.
    HeartRate(HeartRateMeasurement),
    /// A record of a glucose meter.
    Glucose(GlucoseMeasurement),
    /// A message about a device's memory.
    RecordAccess(RecordAccess),
    /// A message about the users of a device.
    UserControl(UserControl),
    /// A device's clock.
    DateTime(DeviceDateTime),
    /// A device's clock, and why it was adjusted.
    CurrentTime(CurrentTime),
    /// The charge of a battery.
    BatteryLevel(BatteryLevel),
    /// A device's unique identifier.
    SystemId(SystemId),
    /// A string by which a device describes itself.
    DeviceInformation(DeviceInformation),
}

/// Decodes a value of the characteristic with this 16-bit number.
///
/// # Errors
///
/// [`DecodeError::UnsupportedCharacteristic`] where there is no decoder, else what the decoder found. The bytes are
/// the caller's to keep.
pub fn decode(characteristic: u16, value: &[u8]) -> Result<Measurement, DecodeError> {
    use Measurement as M;
    match characteristic {
        uuid::BLOOD_PRESSURE_MEASUREMENT => {
            BloodPressureMeasurement::decode(value).map(M::BloodPressure)
        }
        uuid::INTERMEDIATE_CUFF_PRESSURE => {
            IntermediateCuffPressure::decode(value).map(M::IntermediateCuffPressure)
        }
        uuid::BLOOD_PRESSURE_FEATURE => {
            BloodPressureFeature::decode(value).map(M::BloodPressureFeature)
        }
        uuid::ENHANCED_BLOOD_PRESSURE_MEASUREMENT => {
            EnhancedBloodPressureMeasurement::decode(value).map(M::EnhancedBloodPressure)
        }
        uuid::PLX_SPOT_CHECK => PlxSpotCheckMeasurement::decode(value).map(M::PlxSpotCheck),
        uuid::PLX_CONTINUOUS => PlxContinuousMeasurement::decode(value).map(M::PlxContinuous),
        uuid::NONIN_OXIMETRY => NoninOximetry::decode(value).map(M::NoninOximetry),
        uuid::PLX_FEATURES => PlxFeatures::decode(value).map(M::PlxFeatures),
        uuid::WEIGHT_MEASUREMENT => WeightMeasurement::decode(value).map(M::Weight),
        uuid::WEIGHT_SCALE_FEATURE => WeightScaleFeature::decode(value).map(M::WeightScaleFeature),
        uuid::BODY_COMPOSITION_MEASUREMENT => {
            BodyCompositionMeasurement::decode(value).map(M::BodyComposition)
        }
        uuid::XIAOMI_WEIGHT => XiaomiWeighing::decode_weight(value).map(M::XiaomiWeighing),
        uuid::XIAOMI_BODY_COMPOSITION => {
            XiaomiWeighing::decode_body_composition(value).map(M::XiaomiWeighing)
        }
        uuid::TEMPERATURE_MEASUREMENT => TemperatureMeasurement::decode(value).map(M::Temperature),
        uuid::HEART_RATE_MEASUREMENT => HeartRateMeasurement::decode(value).map(M::HeartRate),
        uuid::GLUCOSE_MEASUREMENT => GlucoseMeasurement::decode(value).map(M::Glucose),
        uuid::RECORD_ACCESS_CONTROL_POINT => RecordAccess::decode(value).map(M::RecordAccess),
        uuid::USER_CONTROL_POINT => UserControl::decode(value).map(M::UserControl),
        uuid::DATE_TIME => DeviceDateTime::decode(value).map(M::DateTime),
        uuid::CURRENT_TIME => CurrentTime::decode(value).map(M::CurrentTime),
        uuid::BATTERY_LEVEL => BatteryLevel::decode(value).map(M::BatteryLevel),
        uuid::SYSTEM_ID => SystemId::decode(value).map(M::SystemId),
        _ => {
            let field = information_field(characteristic)
                .ok_or(DecodeError::UnsupportedCharacteristic { characteristic })?;
            DeviceInformation::decode(field, value).map(M::DeviceInformation)
        }
    }
}

const fn information_field(characteristic: u16) -> Option<InformationField> {
    match characteristic {
        uuid::MODEL_NUMBER => Some(InformationField::ModelNumber),
        uuid::SERIAL_NUMBER => Some(InformationField::SerialNumber),
        uuid::FIRMWARE_REVISION => Some(InformationField::FirmwareRevision),
        uuid::HARDWARE_REVISION => Some(InformationField::HardwareRevision),
        uuid::SOFTWARE_REVISION => Some(InformationField::SoftwareRevision),
        uuid::MANUFACTURER_NAME => Some(InformationField::ManufacturerName),
        _ => None,
    }
}

impl Measurement {
    /// Returns what was unexpected in the value.
    pub const fn surprises(&self) -> &Surprises {
        match self {
            Self::BloodPressure(it) => &it.surprises,
            Self::IntermediateCuffPressure(it) => &it.surprises,
            Self::BloodPressureFeature(it) => &it.surprises,
            Self::EnhancedBloodPressure(it) => &it.surprises,
            Self::PlxSpotCheck(it) => &it.surprises,
            Self::PlxContinuous(it) => &it.surprises,
            Self::NoninOximetry(it) => &it.surprises,
            Self::PlxFeatures(it) => &it.surprises,
            Self::Weight(it) => &it.surprises,
            Self::WeightScaleFeature(it) => &it.surprises,
            Self::BodyComposition(it) => &it.surprises,
            Self::XiaomiWeighing(it) => &it.surprises,
            Self::Temperature(it) => &it.surprises,
            Self::HeartRate(it) => &it.surprises,
            Self::Glucose(it) => &it.surprises,
            Self::RecordAccess(it) => &it.surprises,
            Self::UserControl(it) => it.surprises(),
            Self::DateTime(it) => &it.surprises,
            Self::CurrentTime(it) => &it.surprises,
            Self::BatteryLevel(it) => &it.surprises,
            Self::SystemId(it) => &it.surprises,
            Self::DeviceInformation(it) => &it.surprises,
        }
    }

    /// Renders the measurement as JSON for support staff: decimals as text that keeps their precision.
    pub fn describe(&self) -> Value {
        match self {
            Self::BloodPressure(it) => it.describe(),
            Self::IntermediateCuffPressure(it) => it.describe(),
            Self::BloodPressureFeature(it) => it.describe(),
            Self::EnhancedBloodPressure(it) => it.describe(),
            Self::PlxSpotCheck(it) => it.describe(),
            Self::PlxContinuous(it) => it.describe(),
            Self::NoninOximetry(it) => it.describe(),
            Self::PlxFeatures(it) => it.describe(),
            Self::Weight(it) => it.describe(),
            Self::WeightScaleFeature(it) => it.describe(),
            Self::BodyComposition(it) => it.describe(),
            Self::XiaomiWeighing(it) => it.describe(),
            Self::Temperature(it) => it.describe(),
            Self::HeartRate(it) => it.describe(),
            Self::Glucose(it) => it.describe(),
            Self::RecordAccess(it) => it.describe(),
            Self::UserControl(it) => it.describe(),
            Self::DateTime(it) => it.describe(),
            Self::CurrentTime(it) => it.describe(),
            Self::BatteryLevel(it) => it.describe(),
            Self::SystemId(it) => it.describe(),
            Self::DeviceInformation(it) => it.describe(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_characteristic_without_a_decoder_is_a_named_error() {
        let error = decode(0x2A00, b"Cuff").unwrap_err();
        assert_eq!(
            error,
            DecodeError::UnsupportedCharacteristic {
                characteristic: 0x2A00
            }
        );
        assert_eq!(
            error.describe(),
            serde_json::json!({"error": "unsupported_characteristic", "at": ""})
        );
        assert!(
            error
                .to_string()
                .starts_with("characteristic 2A00 is not supported")
        );
    }

    #[test]
    fn each_string_is_told_apart_by_its_number() {
        let fields = [
            (0x2A24, InformationField::ModelNumber),
            (0x2A25, InformationField::SerialNumber),
            (0x2A26, InformationField::FirmwareRevision),
            (0x2A27, InformationField::HardwareRevision),
            (0x2A28, InformationField::SoftwareRevision),
            (0x2A29, InformationField::ManufacturerName),
        ];
        for (characteristic, field) in fields {
            let expected =
                DeviceInformation::decode(field, b"A&D").map(Measurement::DeviceInformation);
            assert_eq!(decode(characteristic, b"A&D"), expected);
        }
    }
}
