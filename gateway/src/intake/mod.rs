//! Intake: a capture becomes a record, a reading where its value is usable and an attempt where it is not.
//!
//! The mapping is pure: it takes the capture and the home's time zone, and gives the same record whenever it is asked.

mod dating;
mod marks;
mod saving;
pub mod task;
#[cfg(test)]
mod tests;
mod times;
mod user;
mod values;

use jiff::tz::TimeZone;
use vitals::{Attempt, AttemptReason, QualityMark, Reading, ReadingId, Record, Times, Vital};

use crate::capture::Capture;
pub use saving::Saving;
use times::Timing;

/// Makes the record of a capture.
pub fn record_of(capture: &Capture, home: &TimeZone) -> Record {
    let decoded = capture
        .dialect
        .decode(capture.characteristic.0, capture.raw.as_slice());
    let measurement = match decoded {
        Ok(measurement) => measurement,
        Err(gatt::DecodeError::UnsupportedCharacteristic { .. }) => {
            return unread(capture, AttemptReason::Unsupported, None);
        }
        Err(_) => return unread(capture, AttemptReason::Undecodable, None),
    };
    let user = user::user_of(&measurement);
    let Some(value) = values::value_of(&measurement) else {
        return unread(capture, AttemptReason::Unsupported, user);
    };
    let surprises = measurement.surprises();
    let mut quality = value.marks;
    quality.extend(marks::of_surprises(surprises));
    let Timing { times, marks } = times::of(capture, value.time, home);
    quality.extend(marks);
    let outcome = match value.outcome {
        // A value with bytes left over does not follow the format, so its numbers may be other numbers.
        Ok(_) if !surprises.trailing_bytes.is_empty() => Err(AttemptReason::NotTheQuantity),
        outcome => outcome,
    };
    finished(capture, outcome, quality, times, user)
}

/// Makes the record of a capture whose decoding has stopped the program before: its bytes are kept, unread.
pub fn set_aside(capture: &Capture) -> Record {
    unread(capture, AttemptReason::SetAside, None)
}

fn unread(capture: &Capture, reason: AttemptReason, user: Option<u8>) -> Record {
    finished(
        capture,
        Err(reason),
        Vec::new(),
        times::of_arrival(capture, None),
        user,
    )
}

fn finished(
    capture: &Capture,
    outcome: Result<Vital, AttemptReason>,
    mut quality: Vec<QualityMark>,
    times: Times,
    user: Option<u8>,
) -> Record {
    quality.sort_unstable();
    quality.dedup();
    let device = capture.device.clone();
    let characteristic = capture.characteristic;
    let raw = capture.raw.clone();
    let id = ReadingId::derive(&device, characteristic, &raw, &times);
    match outcome {
        Ok(vital) => Record::Reading(Reading {
            id,
            device,
            characteristic,
            vital,
            quality,
            raw,
            times,
            user,
            test: false,
        }),
        Err(reason) => Record::Attempt(Attempt {
            id,
            device,
            characteristic,
            reason,
            quality,
            raw,
            times,
            user,
            test: false,
        }),
    }
}
