//! Text ids of the things that speak to each other: gateways and devices.

use thiserror::Error;

/// The longest id, in characters: it must fit a topic level, a certificate's common name and a label.
pub const ID_LEN_MAX: usize = 40;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} must be 1 to {ID_LEN_MAX} characters of a-z, 0-9 and '-', found {found:?}")]
pub struct IdError {
    /// What the id names, such as "gateway id".
    pub kind: &'static str,
    /// The text refused, cut to [`ID_LEN_MAX`] characters.
    pub found: String,
}

/// Checks the one grammar that all text ids share.
///
/// # Errors
/// When the text is empty, too long, or holds a character outside `a-z 0-9 -`.
pub fn check(kind: &'static str, text: &str) -> Result<(), IdError> {
    let fits = !text.is_empty()
        && text.len() <= ID_LEN_MAX
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if fits {
        Ok(())
    } else {
        Err(IdError {
            kind,
            found: text.chars().take(ID_LEN_MAX).collect(),
        })
    }
}

/// Declares a checked text id: `1..=40` characters of `a-z 0-9 -`, serialised as plain text.
#[macro_export]
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Gives the id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::id::IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                $crate::id::check($kind, &text)?;
                Ok(Self(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Names one gateway: the box in a home. It is the MQTT client id and a level of its topics.
    GatewayId,
    "gateway id"
);

text_id!(
    /// Names one registered device: a cuff, oximeter or scale bound to one patient by an installer.
    ///
    /// It is not the Bluetooth address, which stays on the gateway.
    DeviceId,
    "device id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_lower_case_and_safe_in_a_topic() {
        assert_eq!("gw-4f7k".parse::<GatewayId>().unwrap().as_str(), "gw-4f7k");
        for bad in [
            "",
            "GW",
            "a/b",
            "a+",
            "#",
            "a b",
            "é",
            &"x".repeat(ID_LEN_MAX + 1),
        ] {
            assert!(bad.parse::<GatewayId>().is_err(), "{bad:?} must be refused");
        }
    }

    #[test]
    fn the_refusal_says_what_is_allowed() {
        let error = "A/B".parse::<DeviceId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "device id must be 1 to 40 characters of a-z, 0-9 and '-', found \"A/B\""
        );
    }
}
