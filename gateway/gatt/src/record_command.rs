//! Requests to a Record Access Control Point, 0x2A52: what a gateway writes to read a device's memory.

use crate::record_access::Opcode;

/// Chooses records by their sequence number: filter type 1 of the Glucose and Blood Pressure Services.
const FILTER_SEQUENCE_NUMBER: u8 = 1;

/// Asks a device for something about its stored records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordCommand {
    /// Send the records.
    Report(Records),
    /// Delete the records.
    Delete(Records),
    /// Stop sending.
    Abort,
    /// Say how many records there are.
    ReportNumber(Records),
    /// Send the records, then say how many they were.
    CombinedReport(Records),
}

/// Chooses among a device's stored records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// All of them.
    All,
    /// Those with this number or a lower one.
    UpTo(u16),
    /// Those with this number or a higher one.
    From(u16),
    /// Those within a range of numbers, both ends included.
    Within {
        /// The lowest number.
        min: u16,
        /// The highest number.
        max: u16,
    },
    /// The oldest one.
    First,
    /// The most recent one.
    Last,
}

impl RecordCommand {
    /// Writes the bytes of the request.
    ///
    /// GATT Specification Supplement, Record Access Control Point: op code, operator, operand.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::Report(records) => request(Opcode::Report, records),
            Self::Delete(records) => request(Opcode::Delete, records),
            Self::Abort => vec![Opcode::Abort.code(), 0],
            Self::ReportNumber(records) => request(Opcode::ReportNumber, records),
            Self::CombinedReport(records) => request(Opcode::CombinedReport, records),
        }
    }
}

fn request(opcode: Opcode, records: Records) -> Vec<u8> {
    let (operator, bounds) = match records {
        Records::All => (1, vec![]),
        Records::UpTo(max) => (2, vec![max]),
        Records::From(min) => (3, vec![min]),
        Records::Within { min, max } => (4, vec![min, max]),
        Records::First => (5, vec![]),
        Records::Last => (6, vec![]),
    };
    let mut bytes = vec![opcode.code(), operator];
    if !bounds.is_empty() {
        bytes.push(FILTER_SEQUENCE_NUMBER);
    }
    bytes.extend(bounds.into_iter().flat_map(u16::to_le_bytes));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_access::{Operand, RecordAccess};

    #[test]
    fn requests_are_the_bytes_of_the_specification() {
        let cases: [(RecordCommand, &[u8]); 9] = [
            (RecordCommand::Report(Records::All), &[1, 1]),
            (
                RecordCommand::Report(Records::From(0x0102)),
                &[1, 3, 1, 0x02, 0x01],
            ),
            (RecordCommand::Report(Records::First), &[1, 5]),
            (RecordCommand::Report(Records::Last), &[1, 6]),
            (RecordCommand::Delete(Records::UpTo(7)), &[2, 2, 1, 7, 0]),
            (RecordCommand::Abort, &[3, 0]),
            (RecordCommand::ReportNumber(Records::All), &[4, 1]),
            (
                RecordCommand::ReportNumber(Records::Within { min: 5, max: 9 }),
                &[4, 4, 1, 5, 0, 9, 0],
            ),
            (RecordCommand::CombinedReport(Records::All), &[7, 1]),
        ];
        for (command, bytes) in cases {
            assert_eq!(command.encode(), bytes);
        }
    }

    #[test]
    fn a_request_reads_back_as_one() {
        let message =
            RecordAccess::decode(&RecordCommand::Report(Records::From(4)).encode()).unwrap();
        assert_eq!(message.opcode, Opcode::Report);
        assert_eq!(message.operator, 3);
        assert_eq!(message.operand, Operand::Raw(vec![1, 4, 0]));
    }
}
