//! User Control Point, 0x2A9F: how a scale is told whose weights a gateway may have, and what it answers.

use serde_json::Value;

use crate::coded_enum::coded_enum;
use crate::cursor::Cursor;
use crate::describe::{Description, hex};
use crate::error::DecodeError;
use crate::surprises::{Surprises, Warning};

/// The largest consent code: four decimal digits (User Data Service 1.1, User Control Point).
pub const CONSENT_CODE_MAX: u16 = 9999;

coded_enum! {
    /// Names a procedure. User Data Service 1.1, User Control Point, Op Code.
    UserOpcode {
        /// Register a user.
        0x01 => RegisterNewUser,
        /// Give access to the data of a user.
        0x02 => Consent,
        /// Delete the data of the user to whom access was given.
        0x03 => DeleteUserData,
        /// Tell all users.
        0x04 => ListAllUsers,
        /// Delete a user.
        0x05 => DeleteUsers,
        /// How a procedure ended.
        0x20 => Response,
    }
}

coded_enum! {
    /// Says how a procedure ended. User Data Service 1.1, User Control Point, Response Value.
    UserResponseCode {
        /// It succeeded.
        0x01 => Success,
        /// The device does not know the procedure.
        0x02 => OpcodeNotSupported,
        /// The parameter does not suit the procedure, such as a user that there is not.
        0x03 => InvalidParameter,
        /// It could not be done, such as a registration where all places are taken.
        0x04 => OperationFailed,
        /// The consent code is not that of the user.
        0x05 => NotAuthorised,
    }
}

/// Asks a scale for access to a user's data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum UserCommand {
    /// Register a user with this code; the answer tells the user's index.
    RegisterNewUser {
        /// What the user will consent with.
        consent_code: ConsentCode,
    },
    /// Give access to the data of a user.
    Consent {
        /// The user's index on the device.
        user: u8,
        /// What was chosen when the user was registered.
        consent_code: ConsentCode,
    },
}

/// Is the code by which a user consents, 0 to 9999. It is a secret between user and device, so it has no debug form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ConsentCode(u16);

impl ConsentCode {
    /// Takes a code; `None` where it has more than four digits.
    pub const fn new(code: u16) -> Option<Self> {
        if code > CONSENT_CODE_MAX {
            return None;
        }
        Some(Self(code))
    }
}

impl UserCommand {
    /// Writes the bytes of the request.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::RegisterNewUser { consent_code } => {
                let [low, high] = consent_code.0.to_le_bytes();
                vec![UserOpcode::RegisterNewUser.code(), low, high]
            }
            Self::Consent { user, consent_code } => {
                let [low, high] = consent_code.0.to_le_bytes();
                vec![UserOpcode::Consent.code(), user, low, high]
            }
        }
    }
}

impl std::fmt::Debug for UserCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RegisterNewUser { .. } => "RegisterNewUser",
            Self::Consent { .. } => "Consent",
        })
    }
}

/// Is what a device says of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserControl {
    /// How a procedure ended.
    Response(UserResponse),
    /// A request, or an unknown procedure: its parameter is kept as sent.
    Request {
        /// The procedure.
        opcode: UserOpcode,
        /// What follows.
        parameter: Vec<u8>,
        /// What was unexpected in the value.
        surprises: Surprises,
    },
}

/// Is how a procedure ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserResponse {
    /// The procedure that ended.
    pub request: UserOpcode,
    /// How it ended.
    pub code: UserResponseCode,
    /// The index of the user that was registered.
    pub registered: Option<u8>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl UserControl {
    /// Decodes a value of 0x2A9F, of either direction.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let opcode = UserOpcode::from_code(cursor.u8("opcode")?);
        if opcode != UserOpcode::Response {
            cursor.warn_if(
                matches!(opcode, UserOpcode::Reserved(_)),
                Warning::OutOfRange,
            );
            return Ok(Self::Request {
                opcode,
                parameter: cursor.take_rest().to_vec(),
                surprises: cursor.finish(),
            });
        }
        let request = UserOpcode::from_code(cursor.u8("request_opcode")?);
        let code = UserResponseCode::from_code(cursor.u8("response_code")?);
        let is_registration =
            request == UserOpcode::RegisterNewUser && code == UserResponseCode::Success;
        Ok(Self::Response(UserResponse {
            request,
            code,
            registered: cursor.when(is_registration, |cursor| cursor.u8("user_id"))?,
            surprises: cursor.finish(),
        }))
    }

    pub(crate) const fn surprises(&self) -> &Surprises {
        match self {
            Self::Response(it) => &it.surprises,
            Self::Request { surprises, .. } => surprises,
        }
    }

    pub(crate) fn describe(&self) -> Value {
        match self {
            Self::Response(it) => Description::default()
                .set("opcode", UserOpcode::Response.code())
                .set("request_opcode", it.request.code())
                .set("response_code", it.code.code())
                .maybe("user_id", it.registered),
            Self::Request {
                opcode, parameter, ..
            } => Description::default()
                .set("opcode", opcode.code())
                .set("parameter", hex(parameter)),
        }
        .surprises(self.surprises())
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described(value: &[u8]) -> Value {
        UserControl::decode(value).unwrap().describe()
    }

    #[test]
    fn requests_are_written_little_endian_and_read_back() {
        let consent_code = ConsentCode::new(3289).unwrap();
        let register = UserCommand::RegisterNewUser { consent_code };
        assert_eq!(register.encode(), [0x01, 0xD9, 0x0C]);
        let consent = UserCommand::Consent {
            user: 2,
            consent_code,
        };
        assert_eq!(consent.encode(), [0x02, 0x02, 0xD9, 0x0C]);
        assert_eq!(
            described(&consent.encode()),
            json!({"opcode": 2, "parameter": "02D90C"})
        );
        assert_eq!(format!("{consent:?}"), "Consent");
    }

    #[test]
    fn a_code_has_at_most_four_digits() {
        assert!(ConsentCode::new(9_999).is_some());
        assert!(ConsentCode::new(10_000).is_none());
    }

    #[test]
    fn only_a_registration_that_succeeded_tells_a_user() {
        let registered =
            json!({"opcode": 32, "request_opcode": 1, "response_code": 1, "user_id": 3});
        assert_eq!(described(&[0x20, 0x01, 0x01, 0x03]), registered);
        let consented = json!({"opcode": 32, "request_opcode": 2, "response_code": 1});
        assert_eq!(described(&[0x20, 0x02, 0x01]), consented);
        let refused = UserControl::decode(&[0x20, 0x02, 0x05]).unwrap();
        let UserControl::Response(refused) = refused else {
            panic!("0x20 is a response");
        };
        assert_eq!(refused.code, UserResponseCode::NotAuthorised);
    }

    #[test]
    fn what_is_missing_left_over_or_unknown_is_said() {
        for (value, at) in [
            (&[][..], "opcode"),
            (&[0x20], "request_opcode"),
            (&[0x20, 0x01], "response_code"),
            (&[0x20, 0x01, 0x01], "user_id"),
        ] {
            assert_eq!(
                UserControl::decode(value),
                Err(DecodeError::Truncated { at })
            );
        }
        let unknown = UserControl::decode(&[0x77, 1]).unwrap();
        assert_eq!(unknown.surprises().warnings, [Warning::OutOfRange]);
        let longer = UserControl::decode(&[0x20, 0x02, 0x01, 9]).unwrap();
        assert_eq!(longer.surprises().trailing_bytes, [9]);
    }
}
