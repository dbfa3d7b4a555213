//! Strikes: a reading is marked as wrong, and that may be taken back. The reading itself stays as it was stored.

use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use crate::id::PersonId;

/// Why a reading is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrikeReason {
    /// Somebody else used the device.
    AnotherPerson,
    /// The device was at fault.
    DeviceFault,
    /// Wrong technique or posture.
    WrongTechnique,
    /// It was entered or sent by mistake.
    EnteredByMistake,
    /// Something else, which the note says.
    Other,
}

impl StrikeReason {
    /// Every reason, in the order that they are offered.
    pub const ALL: [Self; 5] = [
        Self::AnotherPerson,
        Self::DeviceFault,
        Self::WrongTechnique,
        Self::EnteredByMistake,
        Self::Other,
    ];

    /// Gives the words that a nurse chooses by.
    pub fn label(self) -> &'static str {
        match self {
            Self::AnotherPerson => "Somebody else used the device",
            Self::DeviceFault => "The device was at fault",
            Self::WrongTechnique => "Wrong technique or posture",
            Self::EnteredByMistake => "Entered by mistake",
            Self::Other => "Another reason",
        }
    }

    /// Says it within a sentence: `somebody else used the device`.
    pub fn words(self) -> &'static str {
        match self {
            Self::AnotherPerson => "somebody else used the device",
            Self::DeviceFault => "the device was at fault",
            Self::WrongTechnique => "wrong technique or posture",
            Self::EnteredByMistake => "entered by mistake",
            Self::Other => "another reason",
        }
    }

    /// Gives the name that forms, the database and the journal use.
    pub fn code(self) -> &'static str {
        match self {
            Self::AnotherPerson => "another_person",
            Self::DeviceFault => "device_fault",
            Self::WrongTechnique => "wrong_technique",
            Self::EnteredByMistake => "entered_by_mistake",
            Self::Other => "other",
        }
    }

    /// Finds a reason by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// A reading marked as wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strike {
    /// The reading.
    pub reading: ReadingId,
    /// Who marked it.
    pub by: PersonId,
    /// Why.
    pub reason: StrikeReason,
    /// What they wrote; [`StrikeReason::Other`] asks for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A strike taken back: the reading counts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrikeBack {
    /// The reading.
    pub reading: ReadingId,
    /// Who took it back.
    pub by: PersonId,
    /// Why.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_the_journal_writes() {
        for reason in StrikeReason::ALL {
            assert_eq!(StrikeReason::from_code(reason.code()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
        assert_eq!(StrikeReason::from_code("inconvenient"), None);
    }
}
