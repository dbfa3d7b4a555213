//! Checked reading of little-endian fields, one after the other.

use crate::date_time::{DateTime, Validity};
use crate::error::DecodeError;
use crate::number::Number;
use crate::surprises::{Surprises, Warning};

/// The longest value of a characteristic, in bytes.
///
/// Bluetooth Core Specification, Vol 3 Part F §3.2.9: the maximum length of an attribute value is 512 octets.
pub const VALUE_LEN_MAX: usize = 512;

/// Reads a value field by field and gathers what is surprising on the way.
///
/// Every read names its field, so that a value that ends too early says where.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    surprises: Surprises,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(value: &'a [u8]) -> Result<Self, DecodeError> {
        if value.len() > VALUE_LEN_MAX {
            return Err(DecodeError::TooLong { len: value.len() });
        }
        Ok(Self {
            rest: value,
            surprises: Surprises::default(),
        })
    }

    /// Reads an optional field: the one way in which flags decide what follows.
    pub(crate) fn when<T>(
        &mut self,
        present: bool,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        present.then(|| read(self)).transpose()
    }

    pub(crate) fn take<const N: usize>(
        &mut self,
        at: &'static str,
    ) -> Result<[u8; N], DecodeError> {
        let (field, rest) = self
            .rest
            .split_first_chunk()
            .ok_or(DecodeError::Truncated { at })?;
        self.rest = rest;
        Ok(*field)
    }

    pub(crate) fn u8(&mut self, at: &'static str) -> Result<u8, DecodeError> {
        self.take(at).map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self, at: &'static str) -> Result<u16, DecodeError> {
        self.take(at).map(u16::from_le_bytes)
    }

    pub(crate) fn u24(&mut self, at: &'static str) -> Result<u32, DecodeError> {
        let [low, middle, high] = self.take(at)?;
        Ok(u32::from_le_bytes([low, middle, high, 0]))
    }

    pub(crate) fn u32(&mut self, at: &'static str) -> Result<u32, DecodeError> {
        self.take(at).map(u32::from_le_bytes)
    }

    pub(crate) fn sfloat(&mut self, at: &'static str) -> Result<Number, DecodeError> {
        self.take(at).map(Number::from_sfloat)
    }

    pub(crate) fn float(&mut self, at: &'static str) -> Result<Number, DecodeError> {
        self.take(at).map(Number::from_float)
    }

    /// Reads the seven bytes of a Date Time; one that is incomplete or impossible is kept, with a warning.
    pub(crate) fn date_time(&mut self) -> Result<DateTime, DecodeError> {
        let date_time = DateTime::from_bytes(self.take("timestamp")?);
        match date_time.validity() {
            Validity::Complete => {}
            Validity::Incomplete => self.warn(Warning::TimestampIncomplete),
            Validity::Invalid => self.warn(Warning::TimestampInvalid),
        }
        Ok(date_time)
    }

    /// Reads flags of which the low `bits_defined` bits have a meaning.
    pub(crate) fn flags_u8(&mut self, bits_defined: u32) -> Result<Flags, DecodeError> {
        let bits = u32::from(self.u8("flags")?);
        self.note_rfu_flags(bits >> bits_defined << bits_defined);
        Ok(Flags(bits))
    }

    pub(crate) fn flags_u16(&mut self, bits_defined: u32) -> Result<Flags, DecodeError> {
        let bits = u32::from(self.u16("flags")?);
        self.note_rfu_flags(bits >> bits_defined << bits_defined);
        Ok(Flags(bits))
    }

    /// Takes note of reserved bits: real devices set them, so they are reported and passed over, never refused.
    pub(crate) fn note_rfu_flags(&mut self, rfu_flags: u32) {
        self.surprises.rfu_flags |= rfu_flags;
        self.warn_if(rfu_flags != 0, Warning::RfuFlags);
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        if !self.surprises.warnings.contains(&warning) {
            self.surprises.warnings.push(warning);
        }
    }

    pub(crate) fn warn_if(&mut self, doubtful: bool, warning: Warning) {
        if doubtful {
            self.warn(warning);
        }
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes all bytes that are left, as part of the value.
    pub(crate) fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    pub(crate) fn finish(mut self) -> Surprises {
        if !self.rest.is_empty() {
            self.warn(Warning::TrailingBytes);
        }
        self.surprises.trailing_bytes = self.rest.to_vec();
        self.surprises
    }
}

/// Flags as they were on the wire, asked bit by bit.
#[derive(Clone, Copy)]
pub(crate) struct Flags(u32);

impl Flags {
    pub(crate) const fn bit(self, bit: u32) -> bool {
        self.0 >> bit & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_longest_length_is_read_and_one_byte_more_is_refused() {
        assert!(Cursor::new(&[0; VALUE_LEN_MAX]).is_ok());
        assert_eq!(
            Cursor::new(&[0; VALUE_LEN_MAX + 1]).err(),
            Some(DecodeError::TooLong {
                len: VALUE_LEN_MAX + 1
            })
        );
    }

    #[test]
    fn fields_are_little_endian() {
        let mut cursor = Cursor::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).unwrap();
        assert_eq!(cursor.u8("a"), Ok(1));
        assert_eq!(cursor.u16("b"), Ok(0x0302));
        assert_eq!(cursor.u24("c"), Ok(0x06_0504));
        assert_eq!(cursor.u32("d"), Ok(0x0A09_0807));
        assert_eq!(cursor.u8("e"), Err(DecodeError::Truncated { at: "e" }));
    }

    #[test]
    fn a_field_that_is_cut_short_is_not_consumed() {
        let mut cursor = Cursor::new(&[1, 2]).unwrap();
        assert_eq!(
            cursor.u24("wide"),
            Err(DecodeError::Truncated { at: "wide" })
        );
        let surprises = cursor.finish();
        assert_eq!(surprises.trailing_bytes, [1, 2]);
        assert_eq!(surprises.warnings, [Warning::TrailingBytes]);
    }

    #[test]
    fn the_same_doubt_is_reported_once() {
        let mut cursor = Cursor::new(&[0xF0, 0xE0]).unwrap();
        cursor.flags_u8(4).unwrap();
        cursor.flags_u8(5).unwrap();
        let surprises = cursor.finish();
        assert_eq!(surprises.warnings, [Warning::RfuFlags]);
        assert_eq!(surprises.rfu_flags, 0xF0);
    }
}
