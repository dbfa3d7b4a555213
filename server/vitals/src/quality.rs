//! Quality marks: every doubt that a device, a decoder or the gateway had about a value, by name.

use serde::{Deserialize, Serialize};

/// The most marks one record can carry: more than there are names.
pub const MARKS_LEN_MAX: usize = 48;

/// One doubt or circumstance of a measurement. Marks travel with the value and never change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityMark {
    /// The body moved (2A35 status bit 0).
    BodyMovement,
    /// The cuff was too loose (2A35 status bit 1).
    CuffTooLoose,
    /// An irregular pulse was detected (2A35 status bit 2).
    IrregularPulse,
    /// The device says the pulse is above its own range (2A35 status bits 3-4).
    PulseAboveRange,
    /// The device says the pulse is below its own range (2A35 status bits 3-4).
    PulseBelowRange,
    /// The arm was held wrongly (2A35 status bit 5).
    ImproperPosition,
    /// The measurement was still going on (PLX measurement status bit 5).
    MeasurementOngoing,
    /// An early estimate (PLX measurement status bit 6).
    EarlyEstimate,
    /// Validated by the device (PLX measurement status bit 7).
    Validated,
    /// Fully qualified by the device (PLX measurement status bit 8).
    FullyQualified,
    /// Sent from the device's memory (PLX measurement status bit 9).
    FromStorage,
    /// Questionable (PLX measurement status bit 14).
    Questionable,
    /// The sensor's equipment is malfunctioning (PLX device status bits 1 and 14).
    SensorMalfunction,
    /// Signal irregular, weak, erratic or not pulsatile (PLX device status bits 2-4, 6-8).
    PoorSignal,
    /// Low perfusion (PLX device status bit 5).
    LowPerfusion,
    /// Interference on the sensor (PLX device status bit 10).
    SensorInterference,
    /// The sensor was off the finger or displaced (PLX device status bits 11, 13, 15).
    SensorDisplaced,
    /// The device's clock is not set or gave no complete time; the time of arrival stands in.
    DeviceClockUnset,
    /// The device's time lay after the time of arrival; the time of arrival stands in.
    DeviceTimeInFuture,
    /// The device's clock could not be read; the home's time zone was assumed.
    DeviceClockUnread,
    /// The gateway's own clock was not yet synchronised.
    GatewayClockUnsure,
    /// Flag bits reserved for future use were set.
    ReservedBits,
    /// Bytes were left over after the last field.
    TrailingBytes,
    /// The device has neither record number nor time: whether it repeats an earlier value cannot be told.
    PossibleDuplicate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_written_in_snake_case() {
        let text = serde_json::to_string(&QualityMark::CuffTooLoose).unwrap();
        assert_eq!(text, "\"cuff_too_loose\"");
        assert!(serde_json::from_str::<QualityMark>("\"fine\"").is_err());
    }
}
