//! Record Access Control Point, 0x2A52: what a device answers about its memory.

use serde_json::Value;

use crate::coded_enum::coded_enum;
use crate::cursor::Cursor;
use crate::describe::{Description, hex};
use crate::error::DecodeError;
use crate::surprises::{Surprises, Warning};

coded_enum! {
    /// Names a procedure. GATT Specification Supplement, Record Access Control Point, Op Code.
    Opcode {
        /// Report stored records.
        1 => Report,
        /// Delete stored records.
        2 => Delete,
        /// Abort the running procedure.
        3 => Abort,
        /// Report how many records are stored.
        4 => ReportNumber,
        /// How many records are stored.
        5 => NumberResponse,
        /// How a procedure ended.
        6 => Response,
        /// Report stored records, then their number.
        7 => CombinedReport,
        /// How many records a combined report sent.
        8 => CombinedResponse,
    }
}

coded_enum! {
    /// Says how a procedure ended. GATT Specification Supplement, Record Access Control Point, Response Code Values.
    ResponseCode {
        /// It succeeded.
        0x1 => Success,
        /// The device does not know the procedure.
        0x2 => OpcodeNotSupported,
        /// The operator does not suit the procedure.
        0x3 => InvalidOperator,
        /// The device does not know the operator.
        0x4 => OperatorNotSupported,
        /// The operand does not suit the operator.
        0x5 => InvalidOperand,
        /// No record meets the request.
        0x6 => NoRecordsFound,
        /// Nothing could be aborted.
        0x7 => AbortUnsuccessful,
        /// The procedure could not be completed.
        0x8 => NotCompleted,
        /// The device does not know the operand.
        0x9 => OperandNotSupported,
        /// The device is busy.
        0xA => ServerBusy,
    }
}

/// Is what follows the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// The number of records, of a number response or a combined response.
    Count(u32),
    /// How a procedure ended, of a response.
    Outcome {
        /// The procedure that ended.
        request: Opcode,
        /// How it ended.
        code: ResponseCode,
    },
    /// The operand of a request or of an unknown procedure, as sent.
    Raw(Vec<u8>),
}

/// Is one message of the control point, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAccess {
    /// The procedure.
    pub opcode: Opcode,
    /// The operator: 0 null, 1 all, 2 at most, 3 at least, 4 within, 5 first, 6 last, others reserved.
    pub operator: u8,
    /// What follows the operator.
    pub operand: Operand,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl RecordAccess {
    /// Decodes a value of 0x2A52.
    ///
    /// GATT Specification Supplement, Record Access Control Point.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`], [`DecodeError::CountWidth`] or [`DecodeError::TooLong`]; the bytes are the
    /// caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let opcode = Opcode::from_code(cursor.u8("opcode")?);
        let operator = cursor.u8("operator")?;
        let operand = match opcode {
            Opcode::NumberResponse | Opcode::CombinedResponse => {
                Operand::Count(count(&mut cursor)?)
            }
            Opcode::Response => Operand::Outcome {
                request: Opcode::from_code(cursor.u8("request_opcode")?),
                code: ResponseCode::from_code(cursor.u8("response_code")?),
            },
            _ => Operand::Raw(cursor.take_rest().to_vec()),
        };
        cursor.warn_if(matches!(opcode, Opcode::Reserved(_)), Warning::OutOfRange);
        Ok(Self {
            opcode,
            operator,
            operand,
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        let description = Description::default()
            .set("opcode", opcode_name(self.opcode))
            .set("operator", self.operator);
        let description = match &self.operand {
            Operand::Count(count) => description.set("count", *count),
            Operand::Outcome { request, code } => description
                .set("request_opcode", request.code())
                .set("response_code", code.code()),
            Operand::Raw(bytes) => {
                description.maybe("operand", (!bytes.is_empty()).then(|| hex(bytes)))
            }
        };
        description.surprises(&self.surprises).into()
    }
}

/// The service defines the width of the count: 2 bytes are usual, 4 are met.
fn count(cursor: &mut Cursor<'_>) -> Result<u32, DecodeError> {
    match cursor.remaining() {
        0..=2 => cursor.u16("count").map(u32::from),
        4 => {
            cursor.warn(Warning::CountWidth);
            cursor.u32("count")
        }
        len => Err(DecodeError::CountWidth { len }),
    }
}

fn opcode_name(opcode: Opcode) -> String {
    let name = match opcode {
        Opcode::Report => "report",
        Opcode::Delete => "delete",
        Opcode::Abort => "abort",
        Opcode::ReportNumber => "report_number",
        Opcode::NumberResponse => "number_response",
        Opcode::Response => "response",
        Opcode::CombinedReport => "combined_report",
        Opcode::CombinedResponse => "combined_response",
        Opcode::Reserved(code) => return format!("reserved_0x{code:02X}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_two_bytes_or_four() {
        let operand = |value: &[u8]| RecordAccess::decode(value).map(|message| message.operand);
        assert_eq!(operand(&[5, 0, 0, 0]), Ok(Operand::Count(0)));
        assert_eq!(operand(&[8, 0, 2, 1]), Ok(Operand::Count(258)));
        assert_eq!(
            operand(&[5, 0, 4, 3, 2, 1]),
            Ok(Operand::Count(0x0102_0304))
        );
        assert_eq!(
            operand(&[5, 0]),
            Err(DecodeError::Truncated { at: "count" })
        );
        assert_eq!(
            operand(&[5, 0, 1]),
            Err(DecodeError::Truncated { at: "count" })
        );
        assert_eq!(
            operand(&[5, 0, 1, 2, 3]),
            Err(DecodeError::CountWidth { len: 3 })
        );
        assert_eq!(
            operand(&[5, 0, 1, 2, 3, 4, 5]),
            Err(DecodeError::CountWidth { len: 5 })
        );
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let value = [6, 0, 1, 6];
        for (len, at) in [
            (0, "opcode"),
            (1, "operator"),
            (2, "request_opcode"),
            (3, "response_code"),
        ] {
            assert_eq!(
                RecordAccess::decode(&value[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }

    #[test]
    fn an_outcome_is_named_and_bytes_after_it_are_kept() {
        let message = RecordAccess::decode(&[6, 0, 4, 6, 0xAA]).unwrap();
        let no_records = Operand::Outcome {
            request: Opcode::ReportNumber,
            code: ResponseCode::NoRecordsFound,
        };
        assert_eq!(message.operand, no_records);
        assert_eq!(message.surprises.trailing_bytes, [0xAA]);
    }

    #[test]
    fn an_unknown_procedure_is_kept_whole() {
        let message = RecordAccess::decode(&[0x0C, 1, 2, 3]).unwrap();
        assert_eq!(message.operand, Operand::Raw(vec![2, 3]));
        assert_eq!(message.surprises.warnings, [Warning::OutOfRange]);
        assert_eq!(message.describe()["opcode"], "reserved_0x0C");
    }
}
