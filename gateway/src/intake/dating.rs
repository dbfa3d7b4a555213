//! Dating: what arrived while the box did not know the time gets its times once it does.
//!
//! Such a capture is stamped by the time since the program's start (see `clock.rs`), and its device's clock was compared with
//! that stamp too, so one difference puts both right. What an earlier run of the program left has a stamp that nobody can
//! read any more: it gets the earliest time that it can have, so that no rule takes it for fresh.

use jiff::Timestamp;
use vitals::{QualityMark, Record};

use crate::capture::Capture;
use crate::clock::{self, Certainty, Clock};

/// A capture with its true times, and whether they are known by the gateway's clock alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) capture: Capture,
    pub(super) is_unsure: bool,
}

/// Dates a capture of this run of the program; `None` while the time is not known.
pub(super) fn of_this_run(capture: &Capture, clock: &Clock) -> Option<Dated> {
    let received_at = clock.time_of(capture.received_at)?;
    let is_stamp = clock::is_stamp(capture.received_at);
    Some(Dated {
        capture: received_later(capture, received_at),
        is_unsure: is_stamp || clock.certainty() != Certainty::Known,
    })
}

/// Dates a capture that an earlier run of the program left: it came after what was the newest by then.
pub(super) fn of_an_earlier_run(capture: &Capture, newest: Option<Timestamp>) -> Dated {
    if !clock::is_stamp(capture.received_at) {
        return Dated {
            capture: capture.clone(),
            is_unsure: false,
        };
    }
    let received_at = newest.unwrap_or_else(clock::earliest);
    Dated {
        capture: Capture {
            // What it was compared with is not known any more.
            clock_offset_seconds: None,
            ..received_later(capture, received_at)
        },
        is_unsure: true,
    }
}

fn received_later(capture: &Capture, received_at: Timestamp) -> Capture {
    let later = received_at.duration_since(capture.received_at);
    let offset = capture.clock_offset_seconds;
    Capture {
        received_at,
        clock_offset_seconds: offset.map(|it| it.saturating_add(later.as_secs())),
        ..capture.clone()
    }
}

/// Marks a record whose times the gateway's clock was not sure of.
pub(super) fn marked(record: Record, is_unsure: bool) -> Record {
    let mut record = record;
    let quality = match &mut record {
        Record::Reading(reading) => &mut reading.quality,
        Record::Attempt(attempt) => &mut attempt.quality,
    };
    if is_unsure && !quality.contains(&QualityMark::GatewayClockUnsure) {
        quality.push(QualityMark::GatewayClockUnsure);
        quality.sort_unstable();
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatt::Dialect;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn capture(received_at: Timestamp, clock_offset_seconds: Option<i64>) -> Capture {
        Capture {
            device: "scale-1".parse().unwrap(),
            characteristic: "2A9D".parse().unwrap(),
            raw: vec![0, 1, 2].try_into().unwrap(),
            received_at,
            clock_offset_seconds,
            dialect: Dialect::default(),
        }
    }

    #[test]
    fn the_time_that_has_passed_dates_what_came_before_the_time_was_known() {
        let (clock, hand) = Clock::manual(Timestamp::UNIX_EPOCH);
        hand.advance_seconds(30);
        // The device showed 07:00:30, read as if it were UTC, 30 s after the start.
        let shown = at("2026-11-21T07:00:30Z").as_second();
        let captured = capture(clock.now(), Some(30 - shown));
        assert_eq!(of_this_run(&captured, &clock), None);
        hand.advance_seconds(600);
        hand.set(at("2026-11-21T08:10:30Z"));
        let dated = of_this_run(&captured, &clock).unwrap();
        assert!(dated.is_unsure);
        assert_eq!(dated.capture.received_at, at("2026-11-21T08:00:30Z"));
        assert_eq!(dated.capture.clock_offset_seconds, Some(3600));
        let later = capture(clock.now(), None);
        let dated = of_this_run(&later, &clock).unwrap();
        assert_eq!((dated.capture, dated.is_unsure), (later, false));
    }

    #[test]
    fn what_an_earlier_run_left_is_never_fresh() {
        let stamped = capture(at("1970-01-01T00:02:00Z"), Some(-5));
        let dated = of_an_earlier_run(&stamped, Some(at("2026-11-18T20:00:00Z")));
        assert!(dated.is_unsure);
        assert_eq!(dated.capture.received_at, at("2026-11-18T20:00:00Z"));
        assert_eq!(dated.capture.clock_offset_seconds, None);
        let first = of_an_earlier_run(&stamped, None);
        assert_eq!(first.capture.received_at, clock::earliest());
        let sure = capture(at("2026-11-18T20:00:00Z"), Some(1));
        let dated = of_an_earlier_run(&sure, None);
        assert_eq!((dated.capture, dated.is_unsure), (sure, false));
    }
}
