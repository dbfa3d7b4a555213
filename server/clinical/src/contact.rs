//! Contacts: somebody called, visited or wrote to the patient, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::AlertNumber;
use crate::id::PersonId;

/// How the patient was contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactHow {
    /// By telephone.
    Phone,
    /// At home.
    Visit,
    /// By video.
    Video,
    /// By a message.
    Message,
}

impl ContactHow {
    /// Every way, in the order that they are offered.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Visit, Self::Video, Self::Message];

    /// Gives the word that a nurse chooses by.
    pub fn label(self) -> &'static str {
        match self {
            Self::Phone => "Phone",
            Self::Visit => "Visit",
            Self::Video => "Video",
            Self::Message => "Message",
        }
    }

    /// Gives the name that forms, the database and the journal use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Visit => "visit",
            Self::Video => "video",
            Self::Message => "message",
        }
    }

    /// Says what was done, as what follows a person's name: `called`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Phone => "called",
            Self::Visit => "visited",
            Self::Video => "called by video",
            Self::Message => "sent a message",
        }
    }

    /// Finds a way by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// What came of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactResult {
    /// The patient answered.
    SpokeWithPatient,
    /// A carer answered.
    SpokeWithCarer,
    /// Nobody answered.
    NoAnswer,
    /// Nobody answered, and a message was left.
    LeftMessage,
}

impl ContactResult {
    /// Every result, in the order that they are offered.
    pub const ALL: [Self; 4] = [
        Self::SpokeWithPatient,
        Self::SpokeWithCarer,
        Self::NoAnswer,
        Self::LeftMessage,
    ];

    /// Gives the words that a nurse chooses by.
    pub fn label(self) -> &'static str {
        match self {
            Self::SpokeWithPatient => "Spoke with the patient",
            Self::SpokeWithCarer => "Spoke with a carer",
            Self::NoAnswer => "No answer",
            Self::LeftMessage => "Left a message",
        }
    }

    /// Gives the name that forms, the database and the journal use.
    pub fn code(self) -> &'static str {
        match self {
            Self::SpokeWithPatient => "spoke_with_patient",
            Self::SpokeWithCarer => "spoke_with_carer",
            Self::NoAnswer => "no_answer",
            Self::LeftMessage => "left_message",
        }
    }

    /// Says it within a sentence: `spoke with the patient`.
    pub fn words(self) -> &'static str {
        match self {
            Self::SpokeWithPatient => "spoke with the patient",
            Self::SpokeWithCarer => "spoke with a carer",
            Self::NoAnswer => "no answer",
            Self::LeftMessage => "left a message",
        }
    }

    /// Tells whether nobody answered. Whether a message that was left is heard, nobody knows.
    pub fn is_unanswered(self) -> bool {
        matches!(self, Self::NoAnswer | Self::LeftMessage)
    }

    /// Finds a result by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// One contact with the patient, about an alert or about none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// About which open alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertNumber>,
    /// Who contacted the patient.
    pub by: PersonId,
    /// How.
    pub how: ContactHow,
    /// What came of it.
    pub result: ContactResult,
    /// What was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When the holder of the alert will try again: until then it waits for the patient. Only where nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_the_journal_writes() {
        for how in ContactHow::ALL {
            assert_eq!(ContactHow::from_code(how.code()), Some(how));
            assert_eq!(serde_json::to_value(how).unwrap(), how.code());
        }
        for result in ContactResult::ALL {
            assert_eq!(ContactResult::from_code(result.code()), Some(result));
            assert_eq!(serde_json::to_value(result).unwrap(), result.code());
        }
        assert_eq!(ContactHow::from_code("fax"), None);
        assert_eq!(ContactResult::from_code("perhaps"), None);
    }
}
