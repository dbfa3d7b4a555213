//! Devices that break the specification in a known way.

use gatt::Dialect;

use super::*;

/// Recorded from a Beurer BM85: derdilla/blood-pressure-monitor-fl, ble_measurement_data_test.dart.
const BM85: &str = "56770046000000EA07080B1439000057010040";

fn heard_as(dialect: Dialect, raw: &str) -> Record {
    of_capture(&Capture {
        dialect,
        ..capture("2A35", raw, Some(0))
    })
}

#[test]
fn a_cuff_that_ends_big_endian_gives_its_own_pulse_and_user() {
    let Record::Reading(reading) = heard_as(Dialect::BigEndianTail, BM85) else {
        panic!("a whole measurement is a reading");
    };
    let text = record::write(&Record::Reading(reading.clone())).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        value["vital"].to_string(),
        r#"{"blood_pressure":{"diastolic":"70","pulse_per_minute":"87","systolic":"119","unit":"mmHg"}}"#
    );
    assert_eq!(reading.user, Some(1));
    assert_eq!(reading.raw, BM85.parse().unwrap());
    // 0x0040 is a reserved bit; read little-endian it would have been a movement that nobody made.
    assert_eq!(reading.quality, [QualityMark::ReservedBits]);
}

#[test]
fn the_same_bytes_of_a_device_that_is_not_known_are_an_attempt() {
    let Record::Attempt(attempt) = heard_as(Dialect::Standard, BM85) else {
        panic!("bytes left over mean another format");
    };
    assert_eq!(attempt.reason, AttemptReason::NotTheQuantity);
    assert_eq!(attempt.raw, BM85.parse().unwrap());
}

#[test]
fn a_known_device_that_follows_the_specification_after_all_gives_no_false_reading() {
    // 120/80, pulse 72; without and with a user id of its own.
    for (raw, expected) in [
        ("1478005000000048000000", AttemptReason::Undecodable),
        ("1C780050000000480001 0000", AttemptReason::NotTheQuantity),
    ] {
        let raw = raw.replace(' ', "");
        let Record::Attempt(attempt) = heard_as(Dialect::BigEndianTail, &raw) else {
            panic!("{raw} is of another dialect");
        };
        assert_eq!(attempt.reason, expected, "{raw}");
    }
}

#[test]
fn what_a_xiaomi_scale_advertises_at_rest_is_a_weight() {
    // esphome/esphome, xiaomi_miscale.cpp: an example in a comment, before the scale was empty again.
    for (characteristic, raw) in [
        ("181D", "226036E30707110F1F11"),
        ("181B", "0226E30707110F1F11F4016036"),
    ] {
        assert_eq!(
            written(characteristic, raw),
            r#"{"weight":{"mass":"69.600","unit":"kg"}}"#
        );
        let record = of(characteristic, raw);
        let shown = record.times().device_time.unwrap().to_string();
        assert_eq!(shown, "2019-07-17T15:31:17");
    }
    assert_eq!(
        written("181D", "236036E30707110F1F11"),
        r#"{"weight":{"mass":"139.20","unit":"lb"}}"#
    );
}

#[test]
fn anything_else_that_it_advertises_is_an_attempt() {
    use AttemptReason as Why;
    for (characteristic, raw, expected) in [
        // Not at rest; empty again; a thing; jin; nothing on it; another format.
        ("181D", "026036E30707110F1F11", Why::NoValue),
        ("181D", "A26036E30707110F1F11", Why::NoValue),
        ("181D", "266036E30707110F1F11", Why::NotAPatient),
        ("181D", "326036E30707110F1F11", Why::NotTheQuantity),
        ("181D", "220000E30707110F1F11", Why::NotTheQuantity),
        ("181D", "226036E30707110F1F1100", Why::NotTheQuantity),
        ("181B", "0206E30707110F1F11F4016036", Why::NoValue),
        ("181B", "02A6E30707110F1F11F4016036", Why::NoValue),
        ("181B", "0226E30707110F1F11F401", Why::Undecodable),
    ] {
        assert_eq!(reason(characteristic, raw), expected, "{raw}");
    }
}

#[test]
fn what_a_nonin_oximeter_sends_is_a_saturation_and_what_it_misses_is_an_attempt() {
    // The public simulator of a 3230: synchronised, SmartPoint, finger in; 97 % and 63 per minute.
    assert_eq!(
        written("0001", "0A151E0549000961003F"),
        r#"{"oximetry":{"pulse_per_minute":"63","spo2_percent":"97"}}"#
    );
    let Record::Reading(good) = of("0001", "0A151E0549000961003F") else {
        panic!("a whole measurement is a reading");
    };
    // A value that is sent as it is measured carries no time, of no oximeter.
    assert_eq!(
        good.quality,
        [QualityMark::Validated, QualityMark::DeviceClockUnset]
    );
    // No pulse (511): the saturation stands alone. Weak, looking for a pulse, the finger not in as it should be.
    let Record::Reading(weak) = of("0001", "0A0A1E000100096101FF") else {
        panic!("a saturation alone is a reading");
    };
    assert_eq!(
        weak.quality,
        [
            QualityMark::PoorSignal,
            QualityMark::SensorDisplaced,
            QualityMark::DeviceClockUnset
        ]
    );
    let Record::Attempt(none) = of("0001", "0A081E000100097F01FF") else {
        panic!("127 is no saturation");
    };
    assert_eq!(none.reason, AttemptReason::NoValue);
}
