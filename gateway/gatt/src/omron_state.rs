//! What Omron's devices advertise of themselves: manufacturer data of company 0x020E.

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::error::DecodeError;
use crate::surprises::{Surprises, Warning};

/// Omron Healthcare Co., Ltd. (Bluetooth SIG, Assigned Numbers, Company Identifiers).
pub const OMRON_COMPANY: u16 = 0x020E;

/// The type of data that tells of each user.
const EACH_USER_DATA: u8 = 0x01;
const USERS_MASK: u8 = 0b11;

bit_field! {
    /// Says how the device stands, bits kept as sent.
    OmronFlags(u8) {
        /// Says whether the clock was never set.
        2 => time_not_set,
        /// Says whether the device waits to be paired.
        3 => pairing_mode,
        /// Says whether the device sends what it measures just now.
        4 => streaming,
        /// Says whether the device has the standard services, rather than Omron's own.
        5 => standard_services,
    }
}

/// Is what an Omron device advertises of its clock, its pairing and what it keeps.
///
/// Read from StanfordSpezi/SpeziDevices, `OmronManufacturerData.swift`; there is no public specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OmronState {
    /// How the device stands.
    pub flags: OmronFlags,
    /// Its users, one to four, the first first.
    pub users: Vec<OmronUser>,
    /// What was unexpected in the data.
    pub surprises: Surprises,
}

/// Is what an Omron device keeps of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OmronUser {
    /// The sequence number of the last record.
    pub sequence_number: u16,
    /// How many records are kept.
    pub records: u8,
}

impl OmronState {
    /// Decodes manufacturer data of 0x020E, without the company number before it.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let kind = cursor.u8("data_type")?;
        cursor.warn_if(kind != EACH_USER_DATA, Warning::OutOfRange);
        let bits = cursor.u8("flags")?;
        let flags = OmronFlags::from_bits(bits);
        cursor.note_rfu_flags((flags.reserved() & !USERS_MASK).into());
        let mut users = Vec::with_capacity(usize::from(USERS_MASK) + 1);
        for _ in 0..=bits & USERS_MASK {
            users.push(OmronUser {
                sequence_number: cursor.u16("sequence_number")?,
                records: cursor.u8("records")?,
            });
        }
        Ok(Self {
            flags,
            users,
            surprises: cursor.finish(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of SpeziDevices' `SpeziOmronTests.swift`, in the bytes that its encoder writes.
    #[test]
    fn each_case_of_the_source_is_read() {
        let user = |sequence_number, records| OmronUser {
            sequence_number,
            records,
        };
        let cases: [(&[u8], &[&str], &[OmronUser]); 4] = [
            (
                &[1, 0x28, 3, 0, 8],
                &["pairing_mode", "standard_services"],
                &[user(3, 8)],
            ),
            (
                &[1, 0x15, 3, 0, 8, 0, 0, 0],
                &["time_not_set", "streaming"],
                &[user(3, 8), user(0, 0)],
            ),
            (
                &[1, 0x16, 3, 0, 8, 0, 0, 0, 5, 0, 0],
                &["time_not_set", "streaming"],
                &[user(3, 8), user(0, 0), user(5, 0)],
            ),
            (
                &[1, 0x17, 3, 0, 8, 0, 0, 0, 5, 0, 0, 9, 1, 0],
                &["time_not_set", "streaming"],
                &[user(3, 8), user(0, 0), user(5, 0), user(0x0109, 0)],
            ),
        ];
        for (bytes, flags, users) in cases {
            let state = OmronState::decode(bytes).unwrap();
            assert_eq!(state.flags.names(), flags);
            assert_eq!(state.users, users);
            assert_eq!(state.surprises, Surprises::default());
        }
    }

    #[test]
    fn what_is_missing_left_over_or_unknown_is_said() {
        for (value, at) in [
            (&[][..], "data_type"),
            (&[1], "flags"),
            (&[1, 0x20, 3], "sequence_number"),
            (&[1, 0x20, 3, 0], "records"),
            (&[1, 0x21, 3, 0, 8], "sequence_number"),
        ] {
            assert_eq!(
                OmronState::decode(value),
                Err(DecodeError::Truncated { at })
            );
        }
        let odd = OmronState::decode(&[2, 0xC0, 0, 0, 0, 7]).unwrap();
        assert_eq!(
            odd.surprises.warnings,
            [
                Warning::OutOfRange,
                Warning::RfuFlags,
                Warning::TrailingBytes
            ]
        );
    }
}
