//! A point: one value of one vital sign, with its local day and time of day worked out once.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use vitals::{Decimal, ReadingId};

use crate::zone::Zone;

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
/// The furthest that local time is from UTC, in seconds: no zone is as much as 26 hours away.
const OFFSET_SECONDS_MAX: u32 = 26 * 60 * 60;
const IRREGULAR: u8 = 1;

/// One value of one vital sign.
///
/// It is written as `[at, offset, value, reading, flags]`: microseconds since 1970 UTC, seconds that local time was ahead
/// of UTC, the value in the sign's unit, the reading's id, and 1 when the pulse was marked irregular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    at: Timestamp,
    offset_seconds: i32,
    day: i32,
    minute: u16,
    value: Decimal,
    thousandths: i64,
    reading: ReadingId,
    is_irregular: bool,
}

impl Point {
    /// Makes a point of a value measured at a time in a home's zone.
    pub fn new(
        at: Timestamp,
        zone: &Zone,
        value: Decimal,
        reading: ReadingId,
        is_irregular: bool,
    ) -> Self {
        Self::at_offset(at, zone.offset_seconds(at), value, reading, is_irregular)
    }

    fn at_offset(
        at: Timestamp,
        offset_seconds: i32,
        value: Decimal,
        reading: ReadingId,
        is_irregular: bool,
    ) -> Self {
        let local = at.as_microsecond().div_euclid(1_000_000) + i64::from(offset_seconds);
        let minute = local.rem_euclid(SECONDS_A_DAY) / 60;
        Self {
            at,
            offset_seconds,
            // A timestamp reaches from year -9999 to 9999: under four million days either way.
            day: i32::try_from(local.div_euclid(SECONDS_A_DAY)).unwrap_or(i32::MAX),
            minute: u16::try_from(minute).unwrap_or(0),
            value,
            thousandths: value.thousandths(),
            reading,
            is_irregular,
        }
    }

    /// Gives when it was measured.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Gives the local day on which it was measured, in days since 1970-01-01.
    pub fn day(&self) -> i32 {
        self.day
    }

    /// Gives the local minute of the day at which it was measured.
    pub fn minute(&self) -> u16 {
        self.minute
    }

    /// Gives the value, in the sign's unit.
    pub fn value(&self) -> &Decimal {
        &self.value
    }

    /// Gives the value in thousandths of the sign's unit.
    pub fn thousandths(&self) -> i64 {
        self.thousandths
    }

    /// Gives the reading that it is of.
    pub fn reading(&self) -> ReadingId {
        self.reading
    }

    /// Tells whether the device marked the pulse as irregular.
    pub fn is_irregular(&self) -> bool {
        self.is_irregular
    }
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let flags = if self.is_irregular { IRREGULAR } else { 0 };
        (
            self.at.as_microsecond(),
            self.offset_seconds,
            self.value,
            self.reading,
            flags,
        )
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (at, offset_seconds, value, reading, flags) =
            <(i64, i32, Decimal, ReadingId, u8)>::deserialize(deserializer)?;
        let at = Timestamp::from_microsecond(at).map_err(de::Error::custom)?;
        if offset_seconds.unsigned_abs() > OFFSET_SECONDS_MAX || flags > IRREGULAR {
            return Err(de::Error::custom("a point's offset or flags are not known"));
        }
        let is_irregular = flags == IRREGULAR;
        Ok(Self::at_offset(
            at,
            offset_seconds,
            value,
            reading,
            is_irregular,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: &str) -> Point {
        let zone = "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap();
        let reading = "00112233445566778899aabbccddeeff".parse().unwrap();
        Point::new(
            at.parse().unwrap(),
            &zone,
            "83.50".parse().unwrap(),
            reading,
            true,
        )
    }

    #[test]
    fn the_day_and_the_minute_are_the_homes_own() {
        let winter = point("1970-01-02T23:59:59Z");
        assert_eq!((winter.day(), winter.minute()), (1, 1439));
        let summer = point("1970-07-02T23:30:00Z");
        assert_eq!((summer.day(), summer.minute()), (183, 30));
        let before = point("1969-12-31T12:00:00Z");
        assert_eq!((before.day(), before.minute()), (-1, 720));
    }

    #[test]
    fn a_point_is_written_in_one_line_and_read_back() {
        let summer = point("2026-07-02T06:30:00.5Z");
        let text = serde_json::to_string(&summer).unwrap();
        assert_eq!(
            text,
            r#"[1782973800500000,3600,"83.50","00112233445566778899aabbccddeeff",1]"#
        );
        assert_eq!(serde_json::from_str::<Point>(&text).unwrap(), summer);
        for wrong in [
            text.replace(",1]", ",2]"),
            text.replace("3600", "93601"),
            text.replace(",1]", "]"),
        ] {
            assert!(serde_json::from_str::<Point>(&wrong).is_err(), "{wrong}");
        }
    }
}
