//! Date Time (2A08) and Current Time (2A2B): local wall time without a zone.

use jiff::civil::DateTime;

use super::EncodeError;

/// Why a device's clock was last adjusted (2A2B, adjust reason bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustReason {
    /// Nobody has adjusted it.
    None,
    /// By hand (bit 0).
    Manual,
    /// By an external reference (bit 1), which a collector's write is.
    External,
}

/// Encodes 2A08; `None` is a clock that was never set: every field zero, "unknown".
pub fn date_time(at: Option<DateTime>) -> [u8; 7] {
    let Some(at) = at else { return [0; 7] };
    let year = at.year().to_le_bytes();
    [
        year[0],
        year[1],
        at.month().unsigned_abs(),
        at.day().unsigned_abs(),
        at.hour().unsigned_abs(),
        at.minute().unsigned_abs(),
        at.second().unsigned_abs(),
    ]
}

/// Encodes 2A2B: Date Time, day of week (1 Monday to 7 Sunday, 0 unknown), 1/256 s, adjust reason.
pub fn current_time(at: Option<DateTime>, reason: AdjustReason) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..7].copy_from_slice(&date_time(at));
    if let Some(at) = at {
        bytes[7] = at.weekday().to_monday_one_offset().unsigned_abs();
        let fraction = i64::from(at.subsec_nanosecond()) * 256 / 1_000_000_000;
        bytes[8] = u8::try_from(fraction).unwrap_or(u8::MAX);
    }
    bytes[9] = match reason {
        AdjustReason::None => 0,
        AdjustReason::Manual => 1,
        AdjustReason::External => 2,
    };
    bytes
}

/// Reads a 2A08 that a collector wrote.
///
/// # Errors
/// Refuses another length and fields that name no moment.
pub fn parse_date_time(bytes: &[u8]) -> Result<DateTime, EncodeError> {
    let &[year_low, year_high, month, day, hour, minute, second] = bytes else {
        return Err(EncodeError::DateTime(bytes.len()));
    };
    let field = |value: u8| i8::try_from(value).map_err(|_| EncodeError::DateTime(bytes.len()));
    let year = i16::from_le_bytes([year_low, year_high]);
    if !(1582..=9999).contains(&year) {
        return Err(EncodeError::DateTime(bytes.len()));
    }
    DateTime::new(
        year,
        field(month)?,
        field(day)?,
        field(hour)?,
        field(minute)?,
        field(second)?,
        0,
    )
    .map_err(|_| EncodeError::DateTime(bytes.len()))
}

/// Reads a 2A2B that a collector wrote; the day of week, fraction and reason are its own business.
///
/// # Errors
/// Refuses another length than 10 bytes and fields that name no moment.
pub fn parse_current_time(bytes: &[u8]) -> Result<DateTime, EncodeError> {
    match bytes {
        [date_time @ .., _day, _fraction, _reason] if bytes.len() == 10 => {
            parse_date_time(date_time)
        }
        _ => Err(EncodeError::DateTime(bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_little_endian_and_the_rest_single_bytes() {
        let at = jiff::civil::date(2024, 6, 15).at(17, 17, 27, 0);
        assert_eq!(date_time(Some(at)), [0xE8, 0x07, 6, 15, 17, 17, 27]);
        assert_eq!(parse_date_time(&date_time(Some(at))), Ok(at));
    }

    #[test]
    fn current_time_adds_weekday_fraction_and_reason() {
        let at = jiff::civil::date(2024, 6, 15).at(17, 17, 27, 500_000_000);
        let bytes = current_time(Some(at), AdjustReason::External);
        assert_eq!(bytes, [0xE8, 0x07, 6, 15, 17, 17, 27, 6, 128, 2]);
        assert_eq!(
            parse_current_time(&bytes),
            Ok(jiff::civil::date(2024, 6, 15).at(17, 17, 27, 0))
        );
    }

    #[test]
    fn an_unset_clock_is_all_zero() {
        assert_eq!(date_time(None), [0; 7]);
        assert_eq!(current_time(None, AdjustReason::None), [0; 10]);
    }

    #[test]
    fn a_moment_that_does_not_exist_is_refused() {
        assert!(parse_date_time(&[0xE8, 0x07, 2, 30, 0, 0, 0]).is_err());
        assert!(parse_date_time(&[0, 0, 1, 1, 0, 0, 0]).is_err());
        assert!(parse_date_time(&[0xE8, 0x07, 2, 3]).is_err());
        assert!(parse_current_time(&[0xE8, 0x07, 2, 3, 1, 1, 1]).is_err());
    }
}
