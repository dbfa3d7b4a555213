//! The user of a measurement: which of the people that share a device it was, as the device numbers them.

use gatt::{Measurement, USER_ID_UNKNOWN};

/// Gives the user index of a measurement; `None` when the device sends none, or says that it does not know.
///
/// GATT Specification Supplement, Blood Pressure Measurement, Weight Measurement, Body Composition Measurement: User ID.
pub(super) fn user_of(measurement: &Measurement) -> Option<u8> {
    let said = match measurement {
        Measurement::BloodPressure(it) => it.user_id,
        Measurement::EnhancedBloodPressure(it) => it.user_id,
        Measurement::IntermediateCuffPressure(it) => it.user_id,
        Measurement::Weight(it) => it.user_id,
        Measurement::BodyComposition(it) => it.user_id,
        _ => None,
    };
    // Bytes left over mean another format, so the user's number may be any other byte.
    let follows_format = measurement.surprises().trailing_bytes.is_empty();
    said.filter(|user| follows_format && *user != USER_ID_UNKNOWN)
}
