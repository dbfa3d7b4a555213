//! The Sensor Status Annunciation field of the Glucose Measurement.

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::error::DecodeError;
use crate::surprises::Warning;

bit_field! {
    /// Is what a glucose meter noticed, bits kept as sent.
    ///
    /// GATT Specification Supplement, Glucose Measurement, Sensor Status Annunciation.
    GlucoseStatus(u16) {
        /// Says whether the battery was low.
        0 => battery_low,
        /// Says whether the sensor malfunctioned.
        1 => sensor_malfunction,
        /// Says whether there was too little blood or solution on the strip.
        2 => sample_size_insufficient,
        /// Says whether the strip was inserted wrongly.
        3 => strip_insertion_error,
        /// Says whether the strip was of the wrong type.
        4 => strip_type_incorrect,
        /// Says whether the result was above what the meter can process.
        5 => result_too_high,
        /// Says whether the result was below what the meter can process.
        6 => result_too_low,
        /// Says whether it was too warm for a valid result.
        7 => temperature_too_high,
        /// Says whether it was too cold for a valid result.
        8 => temperature_too_low,
        /// Says whether the strip was pulled too soon.
        9 => read_interrupted,
        /// Says whether the meter had a general fault.
        10 => general_device_fault,
        /// Says whether the meter's time is wrong.
        11 => time_fault,
    }
}

impl GlucoseStatus {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let status = Self::from_bits(cursor.u16("status")?);
        cursor.warn_if(status.reserved() != 0, Warning::RfuStatus);
        Ok(status)
    }
}
