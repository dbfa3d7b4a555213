//! Quality marks from what devices say of their own measurements.

use gatt::{
    BloodPressureStatus, DeviceSensorStatus, MeasurementStatus, NoninStatus, PulseRange, Surprises,
    Warning,
};
use vitals::QualityMark;

/// BLS 1.1.1, Measurement Status.
pub(super) fn of_cuff(status: BloodPressureStatus) -> Vec<QualityMark> {
    let pulse = match status.pulse_range() {
        PulseRange::Within => None,
        PulseRange::AboveUpperLimit => Some(QualityMark::PulseAboveRange),
        PulseRange::BelowLowerLimit => Some(QualityMark::PulseBelowRange),
        PulseRange::Reserved => Some(QualityMark::ReservedBits),
    };
    let mut marks = chosen(&[
        (status.body_movement(), QualityMark::BodyMovement),
        (status.cuff_too_loose(), QualityMark::CuffTooLoose),
        (status.irregular_pulse(), QualityMark::IrregularPulse),
        (status.improper_position(), QualityMark::ImproperPosition),
    ]);
    marks.extend(pulse);
    marks
}

/// PLXS 1.0.1, Measurement Status.
pub(super) fn of_oximetry(status: MeasurementStatus) -> Vec<QualityMark> {
    chosen(&[
        (status.ongoing(), QualityMark::MeasurementOngoing),
        (status.early_estimate(), QualityMark::EarlyEstimate),
        (status.validated(), QualityMark::Validated),
        (status.fully_qualified(), QualityMark::FullyQualified),
        (status.from_storage(), QualityMark::FromStorage),
        (status.questionable(), QualityMark::Questionable),
    ])
}

/// PLXS 1.0.1, Device and Sensor Status.
pub(super) fn of_sensor(status: DeviceSensorStatus) -> Vec<QualityMark> {
    let malfunction = status.equipment_malfunction() || status.sensor_malfunctioning();
    let poor_signal = status.signal_processing_irregularity()
        || status.inadequate_signal()
        || status.poor_signal()
        || status.erratic_signal()
        || status.nonpulsatile_signal()
        || status.questionable_pulse();
    let displaced = status.sensor_unconnected_to_user()
        || status.sensor_displaced()
        || status.sensor_disconnected();
    chosen(&[
        (malfunction, QualityMark::SensorMalfunction),
        (poor_signal, QualityMark::PoorSignal),
        (status.low_perfusion(), QualityMark::LowPerfusion),
        (
            status.sensor_interference(),
            QualityMark::SensorInterference,
        ),
        (displaced, QualityMark::SensorDisplaced),
    ])
}

/// Nonin 113142-000-02, Status.
pub(super) fn of_nonin(status: NoninStatus) -> Vec<QualityMark> {
    let poor_signal = status.weak_signal() || status.searching();
    chosen(&[
        (status.smart_point(), QualityMark::Validated),
        (poor_signal, QualityMark::PoorSignal),
        (!status.finger_in(), QualityMark::SensorDisplaced),
    ])
}

pub(super) fn of_surprises(surprises: &Surprises) -> Vec<QualityMark> {
    let mark = |warning: &Warning| match warning {
        Warning::RfuFlags | Warning::RfuStatus | Warning::OutOfRange => {
            Some(QualityMark::ReservedBits)
        }
        Warning::TrailingBytes => Some(QualityMark::TrailingBytes),
        _ => None,
    };
    surprises.warnings.iter().filter_map(mark).collect()
}

fn chosen(marks: &[(bool, QualityMark)]) -> Vec<QualityMark> {
    marks
        .iter()
        .filter_map(|(set, mark)| set.then_some(*mark))
        .collect()
}
