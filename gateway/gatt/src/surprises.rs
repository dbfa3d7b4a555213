//! What a decoder found in a value beside the measurement itself.

/// Holds everything unexpected in a value that could nevertheless be decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surprises {
    /// What is doubtful, in the order found, each once.
    pub warnings: Vec<Warning>,
    /// The reserved flag bits that were set, at their place in the flags field.
    pub rfu_flags: u32,
    /// The bytes after the last field.
    pub trailing_bytes: Vec<u8>,
}

/// Names one doubt about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Flag bits that are reserved for future use are set.
    RfuFlags,
    /// Status bits that are reserved for future use are set.
    RfuStatus,
    /// Year, month or day of a time stamp is unknown.
    TimestampIncomplete,
    /// A time stamp names a moment that does not exist.
    TimestampInvalid,
    /// The day of the week is none of the seven.
    DayOfWeekInvalid,
    /// A value lies in a range that is reserved for future use.
    OutOfRange,
    /// A number of records came in four bytes where two are usual.
    CountWidth,
    /// A text is not UTF-8.
    InvalidUtf8,
    /// The value was decoded as from a device known to send its last fields big-endian.
    BigEndianTail,
    /// Bytes follow the last field.
    TrailingBytes,
}

impl Warning {
    /// Names the warning in one word, as the vectors do.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RfuFlags => "rfu_flags",
            Self::RfuStatus => "rfu_status",
            Self::TimestampIncomplete => "timestamp_incomplete",
            Self::TimestampInvalid => "timestamp_invalid",
            Self::DayOfWeekInvalid => "day_of_week_invalid",
            Self::OutOfRange => "out_of_range",
            Self::CountWidth => "count_width",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::BigEndianTail => "big_endian_tail",
            Self::TrailingBytes => "trailing_bytes",
        }
    }
}
