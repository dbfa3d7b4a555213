//! The status fields of the pulse oximeter characteristics.

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::error::DecodeError;
use crate::surprises::Warning;

bit_field! {
    /// Says how a saturation came about, bits kept as sent. PLXS 1.0.1, Measurement Status.
    MeasurementStatus(u16) {
        /// Says whether the measurement is still going on.
        5 => ongoing,
        /// Says whether the value is an early estimate.
        6 => early_estimate,
        /// Says whether the value is validated.
        7 => validated,
        /// Says whether the value is fully qualified.
        8 => fully_qualified,
        /// Says whether the value comes from the device's memory.
        9 => from_storage,
        /// Says whether the value is for demonstration.
        10 => demo,
        /// Says whether the value is for testing.
        11 => test,
        /// Says whether the device is calibrating.
        12 => calibration_ongoing,
        /// Says whether the measurement is unavailable.
        13 => unavailable,
        /// Says whether the measurement is questionable.
        14 => questionable,
        /// Says whether the measurement is invalid.
        15 => invalid,
    }
}

bit_field! {
    /// Says what an oximeter and its sensor notice about themselves, 24 bits kept as sent.
    ///
    /// PLXS 1.0.1, Device and Sensor Status.
    DeviceSensorStatus(u32) {
        /// Says whether the display updates more slowly than usual.
        0 => extended_display_update,
        /// Says whether the equipment malfunctions.
        1 => equipment_malfunction,
        /// Says whether signal processing is irregular.
        2 => signal_processing_irregularity,
        /// Says whether the signal is inadequate.
        3 => inadequate_signal,
        /// Says whether the signal is poor.
        4 => poor_signal,
        /// Says whether perfusion is low.
        5 => low_perfusion,
        /// Says whether the signal is erratic.
        6 => erratic_signal,
        /// Says whether the signal has no pulse.
        7 => nonpulsatile_signal,
        /// Says whether the pulse is questionable.
        8 => questionable_pulse,
        /// Says whether the signal is still being analysed.
        9 => signal_analysis_ongoing,
        /// Says whether something interferes with the sensor.
        10 => sensor_interference,
        /// Says whether the sensor is not on a person.
        11 => sensor_unconnected_to_user,
        /// Says whether the sensor is of an unknown kind.
        12 => unknown_sensor,
        /// Says whether the sensor is displaced.
        13 => sensor_displaced,
        /// Says whether the sensor malfunctions.
        14 => sensor_malfunctioning,
        /// Says whether the sensor is disconnected from the device.
        15 => sensor_disconnected,
    }
}

impl MeasurementStatus {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let status = Self::from_bits(cursor.u16("measurement_status")?);
        cursor.warn_if(status.reserved() != 0, Warning::RfuStatus);
        Ok(status)
    }
}

impl DeviceSensorStatus {
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        let status = Self::from_bits(cursor.u24("device_status")?);
        cursor.warn_if(status.reserved() != 0, Warning::RfuStatus);
        Ok(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_have_names_and_the_reserved_ones_are_told_apart() {
        let status = MeasurementStatus::from_bits(0x8C01);
        assert_eq!(status.names(), ["demo", "test", "invalid"]);
        assert!(status.demo() && status.test() && status.invalid() && !status.ongoing());
        assert_eq!(status.reserved(), 1);
        assert_eq!(status.bits(), 0x8C01);

        let status = DeviceSensorStatus::from_bits(0x81_0820);
        assert_eq!(
            status.names(),
            ["low_perfusion", "sensor_unconnected_to_user"]
        );
        assert_eq!(status.reserved(), 0x81_0000);
    }
}
