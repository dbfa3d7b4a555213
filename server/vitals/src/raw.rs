//! The bytes that a device sent, kept with everything that is made of them.

use thiserror::Error;

/// The longest attribute value (Bluetooth Core, Vol 3 Part F, 3.2.9).
pub const RAW_LEN_MAX: usize = 512;

/// A 16-bit GATT characteristic number, such as `0x2A35`.
///
/// A vendor's characteristic has a UUID of 128 bits and no such number. It has one of ours, 0x0001 to 0x00FF: these the
/// Bluetooth SIG gives to protocols (Assigned Numbers, 3.2), and to no characteristic. `gatt::characteristic` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Characteristic(pub u16);

impl std::fmt::Display for Characteristic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl std::str::FromStr for Characteristic {
    type Err = RawError;

    fn from_str(text: &str) -> Result<Self, RawError> {
        let four_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = if four_digits {
            u16::from_str_radix(text, 16).ok()
        } else {
            None
        };
        number.map(Self).ok_or(RawError::Characteristic)
    }
}

/// The bytes of one characteristic value, as they arrived.
#[derive(Clone, PartialEq, Eq)]
pub struct RawBytes(Vec<u8>);

/// Why bytes or a text are not a raw value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RawError {
    /// Longer than an attribute can be.
    #[error("a characteristic value has at most {RAW_LEN_MAX} bytes")]
    TooLong,
    /// Not pairs of hexadecimal digits.
    #[error("raw bytes are written in hexadecimal")]
    NotHex,
    /// Not four hexadecimal digits.
    #[error("a characteristic is written as four hexadecimal digits, like 2A35")]
    Characteristic,
}

impl RawBytes {
    /// Gives the bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// Bytes hold a vital sign, so the debug form shows only how many there are.
impl std::fmt::Debug for RawBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawBytes({} bytes)", self.0.len())
    }
}

impl TryFrom<Vec<u8>> for RawBytes {
    type Error = RawError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, RawError> {
        if bytes.len() > RAW_LEN_MAX {
            Err(RawError::TooLong)
        } else {
            Ok(Self(bytes))
        }
    }
}

/// Upper-case hexadecimal, two digits a byte.
impl std::fmt::Display for RawBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode_upper(&self.0))
    }
}

impl std::str::FromStr for RawBytes {
    type Err = RawError;

    fn from_str(text: &str) -> Result<Self, RawError> {
        if text.len() > 2 * RAW_LEN_MAX {
            return Err(RawError::TooLong);
        }
        hex::decode(text).map(Self).map_err(|_| RawError::NotHex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_hexadecimal_and_never_in_debug() {
        let raw = RawBytes::try_from(vec![0x16, 0x7C]).unwrap();
        assert_eq!(raw.to_string(), "167C");
        assert_eq!("167c".parse::<RawBytes>().unwrap(), raw);
        assert_eq!(format!("{raw:?}"), "RawBytes(2 bytes)");
    }

    #[test]
    fn a_value_longer_than_an_attribute_is_refused() {
        assert!(RawBytes::try_from(vec![0; RAW_LEN_MAX]).is_ok());
        assert_eq!(
            RawBytes::try_from(vec![0; RAW_LEN_MAX + 1]),
            Err(RawError::TooLong)
        );
        assert_eq!("1".parse::<RawBytes>(), Err(RawError::NotHex));
    }

    #[test]
    fn a_characteristic_is_four_hexadecimal_digits() {
        assert_eq!("2A35".parse(), Ok(Characteristic(0x2A35)));
        for bad in ["2A3", "+A35", "02A35", "XXXX"] {
            assert_eq!(bad.parse::<Characteristic>(), Err(RawError::Characteristic));
        }
    }
}
