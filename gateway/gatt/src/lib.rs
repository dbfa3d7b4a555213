//! Bluetooth health characteristics: bytes to measurements, and the few that are written back.
//!
//! A decoder never judges, drops, rounds or invents. What a device reported arrives in its own units and by its own
//! clock; doubt travels along as [`Warning`]s; bytes that cannot be understood are a named [`DecodeError`].
//!
//! [`decode`] takes any supported characteristic; each type also has a `decode` of its own, and [`Dialect::decode`] serves
//! devices that are known to break the specification. [`Measurement::describe`]
//! and [`DecodeError::describe`] render the outcome as JSON for support staff.
//!
//! Sources: the Bluetooth SIG's GATT Specification Supplement, and the Blood Pressure, Pulse Oximeter, Weight Scale
//! and Glucose Service specifications.

mod battery_level;
mod bit_field;
mod blood_pressure;
mod blood_pressure_feature;
mod blood_pressure_status;
mod body_composition;
pub mod characteristic;
mod coded_enum;
mod current_time;
mod cursor;
mod date_time;
mod describe;
mod device_date_time;
mod device_information;
mod dialect;
mod enhanced_blood_pressure;
mod error;
mod glucose;
mod glucose_status;
mod heart_rate;
mod intermediate_cuff_pressure;
mod measured;
mod measurement;
mod nonin_oximetry;
mod number;
mod omron_state;
mod plx_continuous;
mod plx_features;
mod plx_spot_check;
mod plx_status;
mod record_access;
mod record_command;
mod surprises;
mod system_id;
mod temperature;
mod units;
mod user_control;
mod weight;
mod weight_scale_feature;
mod xiaomi_scale;

pub use battery_level::BatteryLevel;
pub use blood_pressure::BloodPressureMeasurement;
pub use blood_pressure_feature::{BloodPressureFeature, BloodPressureFeatures};
pub use blood_pressure_status::{BloodPressureStatus, PulseRange};
pub use body_composition::BodyCompositionMeasurement;
pub use current_time::{AdjustReason, CurrentTime};
pub use cursor::VALUE_LEN_MAX;
pub use date_time::{DateTime, Validity};
pub use device_date_time::DeviceDateTime;
pub use device_information::{DeviceInformation, InformationField};
pub use dialect::Dialect;
pub use enhanced_blood_pressure::{EnhancedBloodPressureMeasurement, Epoch};
pub use error::DecodeError;
pub use glucose::{Concentration, GlucoseMeasurement, SampleLocation, SampleType};
pub use glucose_status::GlucoseStatus;
pub use heart_rate::HeartRateMeasurement;
pub use intermediate_cuff_pressure::IntermediateCuffPressure;
pub use measured::Measured;
pub use measurement::{Measurement, decode};
pub use nonin_oximetry::{NoninOximetry, NoninStatus};
pub use number::{Decimal, Number};
pub use omron_state::{OMRON_COMPANY, OmronFlags, OmronState, OmronUser};
pub use plx_continuous::{PlxContinuousMeasurement, SpO2AndPulse};
pub use plx_features::{PlxFeatureBits, PlxFeatures};
pub use plx_spot_check::PlxSpotCheckMeasurement;
pub use plx_status::{DeviceSensorStatus, MeasurementStatus};
pub use record_access::{Opcode, Operand, RecordAccess, ResponseCode};
pub use record_command::{RecordCommand, Records};
pub use surprises::{Surprises, Warning};
pub use system_id::SystemId;
pub use temperature::{TemperatureMeasurement, TemperatureType};
pub use units::{ConcentrationUnit, MeasurementSystem, PressureUnit, TemperatureUnit};
pub use user_control::{
    CONSENT_CODE_MAX, ConsentCode, UserCommand, UserControl, UserOpcode, UserResponse,
    UserResponseCode,
};
pub use weight::WeightMeasurement;
pub use weight_scale_feature::WeightScaleFeature;
pub use xiaomi_scale::{XiaomiUnit, XiaomiWeighing};

/// The User ID by which a device says that it does not know whose measurement this is.
///
/// GATT Specification Supplement, Blood Pressure Measurement, Weight Measurement, Body Composition Measurement.
pub const USER_ID_UNKNOWN: u8 = 0xFF;
