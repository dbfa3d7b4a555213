//! When a measurement was taken, by the clocks that there were.

use vitals::TimeBasis;

use super::*;

/// A weight of 70 kg with a time stamp.
fn weighed_at(year: u16, rest: &str) -> String {
    format!("02B036{}{rest}", hex::encode(year.to_le_bytes()))
}

#[test]
fn a_device_clock_that_was_read_is_corrected_by_its_offset() {
    let shown = weighed_at(2017, "0101000A00");
    let offset = 312_017_400;
    let record = of_capture(&capture("2A9D", &shown, Some(offset)));
    let times = record.times();
    assert_eq!(times.measured_at.to_string(), "2026-11-21T07:40:00Z");
    assert_eq!(
        times.basis,
        TimeBasis::DeviceClock {
            offset_seconds: offset
        }
    );
    assert!(quality(&record).is_empty());
}

#[test]
fn a_device_clock_that_was_not_read_is_taken_for_the_home_s() {
    let summer = of_capture(&capture("2A9D", &weighed_at(2026, "0701080000"), None));
    assert_eq!(
        summer.times().measured_at.to_string(),
        "2026-07-01T07:00:00Z"
    );
    assert_eq!(summer.times().basis, TimeBasis::HomeZone);
    assert_eq!(quality(&summer), [QualityMark::DeviceClockUnread]);
}

#[test]
fn without_a_complete_time_the_arrival_stands_in() {
    let no_time = of("2A9D", "00B036");
    let incomplete = of("2A9D", &weighed_at(0, "0101000A00"));
    let impossible = of("2A9D", &weighed_at(2026, "021E000A00"));
    let clock_not_set = of("2A5E", "1161004800EA0701010A0000");
    for record in [no_time, incomplete, impossible, clock_not_set] {
        let times = record.times();
        assert_eq!(times.measured_at.to_string(), ARRIVAL);
        assert_eq!(times.basis, TimeBasis::Arrival);
        assert_eq!(times.device_time, None);
        let expected = [
            QualityMark::DeviceClockUnset,
            QualityMark::PossibleDuplicate,
        ];
        assert_eq!(quality(&record), expected);
    }
}

#[test]
fn a_time_more_than_five_minutes_after_arrival_is_not_believed() {
    let shown = |rest: &str| of("2A9D", &weighed_at(2026, rest));
    let at_bound = shown("0B15080500");
    assert_eq!(
        at_bound.times().measured_at.to_string(),
        "2026-11-21T08:05:00Z"
    );
    assert!(quality(&at_bound).is_empty());
    let beyond = shown("0B15080501");
    assert_eq!(beyond.times().measured_at.to_string(), ARRIVAL);
    assert_eq!(beyond.times().basis, TimeBasis::Arrival);
    assert_eq!(quality(&beyond), [QualityMark::DeviceTimeInFuture]);
    assert!(
        beyond.times().device_time.is_some(),
        "what the device said is kept"
    );
}

#[test]
fn a_clock_that_was_never_set_and_cannot_be_read_gives_way_to_the_arrival() {
    let never_set = of_capture(&capture("2A9D", &weighed_at(2017, "0101000A00"), None));
    let times = never_set.times();
    assert_eq!(times.measured_at.to_string(), ARRIVAL);
    assert_eq!(times.basis, TimeBasis::Arrival);
    assert_eq!(
        times.device_time.unwrap().to_string(),
        "2017-01-01T00:10:00",
        "what the device said is kept, so its memory repeated is the same reading"
    );
    assert_eq!(
        quality(&never_set),
        [
            QualityMark::DeviceClockUnset,
            QualityMark::DeviceClockUnread
        ]
    );
    // An old memory is not called new.
    let old = of_capture(&capture("2A9D", &weighed_at(2022, "0101080000"), None));
    assert_eq!(old.times().measured_at.to_string(), "2022-01-01T08:00:00Z");
    assert_eq!(quality(&old), [QualityMark::DeviceClockUnread]);
}

#[test]
fn a_clock_that_is_years_ahead_and_was_read_is_corrected() {
    let offset = -126_230_400;
    let ahead = of_capture(&capture(
        "2A9D",
        &weighed_at(2030, "0B15073000"),
        Some(offset),
    ));
    assert_eq!(
        ahead.times().measured_at.to_string(),
        "2026-11-21T07:48:00Z"
    );
    assert!(quality(&ahead).is_empty());
}

#[test]
fn a_measurement_in_the_hour_that_occurs_twice_is_the_one_just_taken() {
    let shown = weighed_at(2026, "0A19011E00");
    for (arrival, expected) in [
        ("2026-10-25T00:30:20Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T01:30:20Z", "2026-10-25T01:30:00Z"),
    ] {
        let mut capture = capture("2A9D", &shown, None);
        capture.received_at = arrival.parse().unwrap();
        let record = of_capture(&capture);
        assert_eq!(record.times().measured_at.to_string(), expected);
        assert_eq!(quality(&record), [QualityMark::DeviceClockUnread]);
    }
}

#[test]
fn the_memory_of_a_device_repeated_is_the_same_reading() {
    let shown = weighed_at(2026, "0B15070000");
    let first = of_capture(&capture("2A9D", &shown, Some(0)));
    let mut later = capture("2A9D", &shown, Some(-2));
    later.received_at = "2026-11-22T08:00:00Z".parse().unwrap();
    assert_eq!(of_capture(&later).id(), first.id());
}

#[test]
fn a_cuff_that_counts_seconds_is_believed_by_the_time_that_people_see() {
    // Flags: time stamp, user-facing time, years from 2000; one day and one day and two hours.
    let record = of("2B34", "6278005000FF0780510100A06D0100");
    let shown = record.times().device_time.unwrap().to_string();
    assert_eq!(shown, "2000-01-02T02:00:00");
}
