//! The 16-bit numbers of the characteristics that have a decoder (Bluetooth SIG, Assigned Numbers).
//!
//! Two are those of services, whose advertised data some scales fill: no characteristic has a number of a service.
//! Those under 0x0100 are our own, for vendors' characteristics, which have only a UUID: the Bluetooth SIG gives these
//! numbers to protocols.

/// Nonin's oximetry: what its oximeters send each second while a finger is in.
pub const NONIN_OXIMETRY: u16 = 0x0001;

/// The vendors' characteristics, by our number and their UUID.
pub const VENDORS: [(u16, u128); 1] = [(NONIN_OXIMETRY, 0x0AAD_7EA0_0D60_11E2_8E3C_0002_A5D5_C51B)];

/// Body Composition, the service: what Xiaomi's scales advertise under its number.
pub const XIAOMI_BODY_COMPOSITION: u16 = 0x181B;
/// Weight Scale, the service: what Xiaomi's scales advertise under its number.
pub const XIAOMI_WEIGHT: u16 = 0x181D;

/// Date Time.
pub const DATE_TIME: u16 = 0x2A08;
/// Glucose Measurement.
pub const GLUCOSE_MEASUREMENT: u16 = 0x2A18;
/// Battery Level.
pub const BATTERY_LEVEL: u16 = 0x2A19;
/// Temperature Measurement.
pub const TEMPERATURE_MEASUREMENT: u16 = 0x2A1C;
/// System ID.
pub const SYSTEM_ID: u16 = 0x2A23;
/// Model Number String.
pub const MODEL_NUMBER: u16 = 0x2A24;
/// Serial Number String.
pub const SERIAL_NUMBER: u16 = 0x2A25;
/// Firmware Revision String.
pub const FIRMWARE_REVISION: u16 = 0x2A26;
/// Hardware Revision String.
pub const HARDWARE_REVISION: u16 = 0x2A27;
/// Software Revision String.
pub const SOFTWARE_REVISION: u16 = 0x2A28;
/// Manufacturer Name String.
pub const MANUFACTURER_NAME: u16 = 0x2A29;
/// Current Time.
pub const CURRENT_TIME: u16 = 0x2A2B;
/// Blood Pressure Measurement.
pub const BLOOD_PRESSURE_MEASUREMENT: u16 = 0x2A35;
/// Intermediate Cuff Pressure.
pub const INTERMEDIATE_CUFF_PRESSURE: u16 = 0x2A36;
/// Heart Rate Measurement.
pub const HEART_RATE_MEASUREMENT: u16 = 0x2A37;
/// Blood Pressure Feature.
pub const BLOOD_PRESSURE_FEATURE: u16 = 0x2A49;
/// Record Access Control Point.
pub const RECORD_ACCESS_CONTROL_POINT: u16 = 0x2A52;
/// PLX Spot-check Measurement.
pub const PLX_SPOT_CHECK: u16 = 0x2A5E;
/// PLX Continuous Measurement.
pub const PLX_CONTINUOUS: u16 = 0x2A5F;
/// PLX Features.
pub const PLX_FEATURES: u16 = 0x2A60;
/// Body Composition Measurement.
pub const BODY_COMPOSITION_MEASUREMENT: u16 = 0x2A9C;
/// Weight Measurement.
pub const WEIGHT_MEASUREMENT: u16 = 0x2A9D;
/// Weight Scale Feature.
pub const WEIGHT_SCALE_FEATURE: u16 = 0x2A9E;
/// User Control Point.
pub const USER_CONTROL_POINT: u16 = 0x2A9F;
/// Enhanced Blood Pressure Measurement.
pub const ENHANCED_BLOOD_PRESSURE_MEASUREMENT: u16 = 0x2B34;
