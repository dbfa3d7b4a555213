//! Captures and the records that they must become.

mod dialects;
mod times;

use vitals::wire::record;

use super::*;

const ARRIVAL: &str = "2026-11-21T08:00:00Z";

fn capture(characteristic: &str, raw: &str, clock_offset_seconds: Option<i64>) -> Capture {
    Capture {
        device: "device-1".parse().unwrap(),
        characteristic: characteristic.parse().unwrap(),
        raw: raw.parse().unwrap(),
        received_at: ARRIVAL.parse().unwrap(),
        clock_offset_seconds,
        dialect: gatt::Dialect::default(),
    }
}

fn of(characteristic: &str, raw: &str) -> Record {
    of_capture(&capture(characteristic, raw, Some(0)))
}

fn of_capture(capture: &Capture) -> Record {
    let record = record_of(capture, &TimeZone::get("Europe/London").unwrap());
    let text = record::write(&record).unwrap();
    assert_eq!(
        record::read(&text).unwrap(),
        record,
        "each record must survive the wire"
    );
    record
}

fn vital(characteristic: &str, raw: &str) -> Vital {
    match of(characteristic, raw) {
        Record::Reading(reading) => reading.vital,
        Record::Attempt(attempt) => panic!("{:?}", attempt.reason),
    }
}

fn reason(characteristic: &str, raw: &str) -> AttemptReason {
    match of(characteristic, raw) {
        Record::Attempt(attempt) => attempt.reason,
        Record::Reading(reading) => panic!("{:?}", reading.vital),
    }
}

fn quality(record: &Record) -> &[QualityMark] {
    match record {
        Record::Reading(reading) => &reading.quality,
        Record::Attempt(attempt) => &attempt.quality,
    }
}

/// The vital as it travels: values as text, with the device's precision.
fn written(characteristic: &str, raw: &str) -> String {
    vital(characteristic, raw);
    let text = record::write(&of(characteristic, raw)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["vital"].to_string()
}

#[test]
fn a_real_cuff_measurement_becomes_a_reading() {
    // Recorded: derdilla/blood-pressure-monitor-fl, ble_measurement_data_test.dart.
    let raw = "167C0056006100E807060F11111B33000000";
    assert_eq!(
        written("2A35", raw),
        r#"{"blood_pressure":{"diastolic":"86","mean":"97","pulse_per_minute":"51","systolic":"124","unit":"mmHg"}}"#
    );
    let record = of("2A35", raw);
    assert!(quality(&record).is_empty());
    assert_eq!(
        record.times().device_time.unwrap().to_string(),
        "2024-06-15T17:17:27"
    );
}

#[test]
fn each_kind_of_value_keeps_its_unit_and_precision() {
    assert_eq!(
        written("2A35", "01B0F0A0F0FF07"),
        r#"{"blood_pressure":{"diastolic":"16.0","systolic":"17.6","unit":"kPa"}}"#
    );
    assert_eq!(
        written("2B34", "00780050005D00"),
        r#"{"blood_pressure":{"diastolic":"80","mean":"93","systolic":"120","unit":"mmHg"}}"#
    );
}

#[test]
fn oximeters_scales_and_thermometers_become_readings() {
    assert_eq!(
        written("2A5E", "0061004800"),
        r#"{"oximetry":{"pulse_per_minute":"72","spo2_percent":"97"}}"#
    );
    assert_eq!(
        written("2A5F", "006100FF07"),
        r#"{"oximetry":{"spo2_percent":"97"}}"#
    );
    assert_eq!(
        written("2A9D", "0EF22FE507071715211F02D400A406"),
        r#"{"weight":{"mass":"61.370","unit":"kg"}}"#
    );
    assert_eq!(
        written("2A9D", "01483C"),
        r#"{"weight":{"mass":"154.32","unit":"lb"}}"#
    );
    assert_eq!(
        written("2A1C", "006C0100FF"),
        r#"{"temperature":{"temperature":"36.4","unit":"C"}}"#
    );
    assert_eq!(
        written("2A1C", "01DA0300FF"),
        r#"{"temperature":{"temperature":"98.6","unit":"F"}}"#
    );
}

#[test]
fn a_mean_or_pulse_that_the_cuff_did_not_measure_is_absent() {
    for mean in ["0000", "FF07", "0008", "FE07"] {
        for pulse in ["0000", "FF07"] {
            let raw = format!("0478005000{mean}{pulse}");
            let Vital::BloodPressure { mean, pulse, .. } = vital("2A35", &raw) else {
                panic!("{raw} is a blood pressure");
            };
            assert_eq!((mean, pulse), (None, None), "{raw}");
        }
    }
}

#[test]
fn a_failed_measurement_is_an_attempt_with_its_reason() {
    use AttemptReason as Why;
    for (characteristic, raw, expected) in [
        // Recorded: derdilla/blood-pressure-monitor-fl issue #80, cuff loose.
        ("2A35", "16FF07FF07FF07E80706170E2F3BFF070000", Why::NoValue),
        ("2A35", "0000085000FF07", Why::NoValue),
        ("2A35", "0001085000FF07", Why::NoValue),
        ("2A35", "00FE075000FF07", Why::OutOfDeviceRange),
        ("2A35", "0078000208FF07", Why::OutOfDeviceRange),
        ("2A9D", "00FFFF", Why::NoValue),
        ("2A1C", "00FFFF7F00", Why::NoValue),
        ("2A5E", "00FF074800", Why::NoValue),
        ("2A5E", "02620048000080", Why::DeclaredInvalid),
        ("2A5E", "02620048000020", Why::DeclaredInvalid),
        ("2A5E", "02620048000004", Why::NotAPatient),
        ("2A5E", "02620048000008", Why::NotAPatient),
        ("2A5F", "04620048000010", Why::NotAPatient),
        ("2A5E", "007F00FF00", Why::NotTheQuantity),
        ("2A9D", "000000", Why::NotTheQuantity),
        ("2A35", "0088FF50005D00", Why::NotTheQuantity),
        ("2A35", "00780050005D00AA", Why::NotTheQuantity),
        // Recorded from a Beurer BM85, whose pulse and status are big-endian.
        (
            "2A35",
            "56770046000000EA07080B1439000057010040",
            Why::NotTheQuantity,
        ),
        ("2A35", "007800", Why::Undecodable),
        ("2A35", "", Why::Undecodable),
        ("2A36", "007800FF07FF07", Why::Unsupported),
        ("2A00", "41", Why::Unsupported),
    ] {
        assert_eq!(
            reason(characteristic, raw),
            expected,
            "{characteristic} {raw}"
        );
    }
}

#[test]
fn what_devices_say_of_themselves_travels_as_marks() {
    use QualityMark as Mark;
    let cuff = of("2A35", "F078005000FF072F80");
    assert_eq!(
        quality(&cuff),
        [
            Mark::BodyMovement,
            Mark::CuffTooLoose,
            Mark::IrregularPulse,
            Mark::PulseAboveRange,
            Mark::ImproperPosition,
            Mark::DeviceClockUnset,
            Mark::ReservedBits,
            Mark::PossibleDuplicate,
        ]
    );
    let oximeter = of(
        "2A5F",
        "0C61004800E04300FEFF00"
            .replace("00FEFF00", "FEFF00")
            .as_str(),
    );
    assert_eq!(
        quality(&oximeter),
        [
            Mark::MeasurementOngoing,
            Mark::EarlyEstimate,
            Mark::Validated,
            Mark::FullyQualified,
            Mark::FromStorage,
            Mark::Questionable,
            Mark::SensorMalfunction,
            Mark::PoorSignal,
            Mark::LowPerfusion,
            Mark::SensorInterference,
            Mark::SensorDisplaced,
            Mark::DeviceClockUnset,
        ]
    );
    assert!(quality(&of("2A5E", "006100FE07")).contains(&Mark::PulseAboveRange));
    assert!(quality(&of("2A35", "00780050005D00AA")).contains(&Mark::TrailingBytes));
}

#[test]
fn the_user_that_a_shared_device_names_travels_with_its_measurement() {
    for (characteristic, raw, user) in [
        // Recorded from a Beurer BF600: oliexdev/openScale issue #219.
        ("2A9D", "0EF22FE507071715211F02D400A406", Some(2)),
        ("2A9D", "04B036FF", None),
        ("2A9D", "006040", None),
        // A failed measurement has a user too.
        ("2A9D", "0EFFFFEA0701010000000100000000", Some(1)),
        ("2A35", "1E8A00580078000000041114293B3C00012700", Some(1)),
        // User 0 is a user.
        ("2A35", "1C80004B005D005000000000", Some(0)),
        ("2A35", "1C80004B005D005000FF0000", None),
        ("2B34", "7E780050005D0000E1A12F4800010000102FA22F", Some(1)),
        ("2A36", "1E0400000000000000041114293B3C00012700", Some(1)),
        ("2A9C", "0404FFFF02B036", Some(2)),
        ("2A9C", "0404FFFFFFB036", None),
        ("2A5E", "0061004800", None),
        // Bytes left over: what stands where the user's number should be may be anything.
        ("2A9D", "04B03603AA", None),
    ] {
        let record = of(characteristic, raw);
        assert_eq!(record.user(), user, "{characteristic} {raw}");
    }
}

#[test]
fn bytes_set_aside_are_kept_unread() {
    let capture = capture("2A35", "167C0056006100E807060F11111B33000000", Some(0));
    let Record::Attempt(attempt) = set_aside(&capture) else {
        panic!("bytes set aside are no reading");
    };
    assert_eq!(attempt.reason, AttemptReason::SetAside);
    assert_eq!(attempt.raw, capture.raw);
}
