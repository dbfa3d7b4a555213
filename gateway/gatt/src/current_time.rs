//! Current Time, 0x2A2B: a clock that also says why it was last adjusted.

use serde_json::Value;

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::date_time::DateTime;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::surprises::{Surprises, Warning};

bit_field! {
    /// Says why a clock was adjusted. GATT Specification Supplement, Current Time.
    AdjustReason(u8) {
        /// Says whether a person set it.
        0 => manual_update,
        /// Says whether it was set from an external reference.
        1 => external_reference,
        /// Says whether the time zone changed.
        2 => time_zone_change,
        /// Says whether daylight saving time began or ended.
        3 => daylight_saving_change,
    }
}

/// Is the time by a clock, to 1/256 of a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentTime {
    /// The moment: local wall time, no zone.
    pub date_time: DateTime,
    /// The day of the week: 1 Monday to 7 Sunday, 0 unknown.
    pub day_of_week: u8,
    /// The fraction of the second, in 1/256.
    pub fractions256: u8,
    /// Why the clock was last adjusted.
    pub adjust_reason: AdjustReason,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl CurrentTime {
    /// Makes the value that sets a clock to `date_time`; the day of the week follows from the date.
    pub fn new(date_time: DateTime, fractions256: u8, adjust_reason: AdjustReason) -> Self {
        Self {
            date_time,
            day_of_week: date_time.day_of_week(),
            fractions256,
            adjust_reason,
            surprises: Surprises::default(),
        }
    }

    /// Decodes a value of 0x2A2B.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let date_time = cursor.date_time()?;
        let day_of_week = cursor.u8("day_of_week")?;
        cursor.warn_if(day_of_week > 7, Warning::DayOfWeekInvalid);
        let fractions256 = cursor.u8("fractions256")?;
        let adjust_reason = AdjustReason::from_bits(cursor.u8("adjust_reason")?);
        cursor.warn_if(adjust_reason.reserved() != 0, Warning::RfuStatus);
        Ok(Self {
            date_time,
            day_of_week,
            fractions256,
            adjust_reason,
            surprises: cursor.finish(),
        })
    }

    /// Writes the ten bytes of the value, as a gateway does to set a device's clock.
    pub const fn encode(&self) -> [u8; 10] {
        let [year_low, year_high, month, day, hours, minutes, seconds] = self.date_time.encode();
        [
            year_low,
            year_high,
            month,
            day,
            hours,
            minutes,
            seconds,
            self.day_of_week,
            self.fractions256,
            self.adjust_reason.bits(),
        ]
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("datetime", self.date_time)
            .set("day_of_week", self.day_of_week)
            .set("fractions256", self.fractions256)
            .set("adjust_reason", self.adjust_reason.bits())
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: [u8; 10] = [0xE9, 0x07, 1, 15, 14, 30, 45, 3, 33, 0b0101];

    #[test]
    fn what_is_encoded_to_set_a_clock_reads_back_from_it() {
        let date_time = DateTime::from_bytes([0xE9, 0x07, 1, 15, 14, 30, 45]);
        let clock = CurrentTime::new(date_time, 33, AdjustReason::from_bits(0b0101));
        assert_eq!(clock.encode(), VALUE);
        assert_eq!(CurrentTime::decode(&VALUE), Ok(clock));
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        for (len, at) in [
            (6, "timestamp"),
            (7, "day_of_week"),
            (8, "fractions256"),
            (9, "adjust_reason"),
        ] {
            assert_eq!(
                CurrentTime::decode(&VALUE[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn the_reasons_have_names() {
        let reason = CurrentTime::decode(&VALUE).unwrap().adjust_reason;
        assert_eq!(reason.names(), ["manual_update", "time_zone_change"]);
        assert!(reason.time_zone_change() && !reason.external_reference());
    }
}
