//! MQTT topics: who may publish what, and where.

use std::fmt;

use crate::id::GatewayId;

/// What the server subscribes to on a broker: everything that gateways send up.
pub const UPLINK_FILTER: &str = "hearth/v1/+/up/+";

const PREFIX: &str = "hearth/v1/";

/// The kinds of message. The kind is the last level of the topic, stands in the envelope, and is covered by the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Up: a batch of records.
    Readings,
    /// Up: a signed chain head.
    Head,
    /// Up: the gateway's status, also its last will.
    Status,
    /// Up: what the gateway found when it looked at itself.
    Report,
    /// Down: the server's word that records are stored and judged.
    Receipt,
    /// Down: whether what the gateway records counts, or is a test.
    Standing,
    /// Down: the office wants a report.
    Ask,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Readings,
        Self::Head,
        Self::Status,
        Self::Report,
        Self::Receipt,
        Self::Standing,
        Self::Ask,
    ];

    /// Gives the kind's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readings => "readings",
            Self::Head => "head",
            Self::Status => "status",
            Self::Report => "report",
            Self::Receipt => "receipt",
            Self::Standing => "standing",
            Self::Ask => "ask",
        }
    }

    /// Finds a kind by its name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    fn direction(self) -> &'static str {
        match self {
            Self::Readings | Self::Head | Self::Status | Self::Report => "up",
            Self::Receipt | Self::Standing | Self::Ask => "down",
        }
    }
}

/// One gateway's topic for one kind of message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Whose topic it is.
    pub gateway: GatewayId,
    /// What is published there.
    pub kind: Kind,
}

impl Topic {
    /// Makes the topic of a gateway for a kind of message.
    pub fn new(gateway: GatewayId, kind: Kind) -> Self {
        Self { gateway, kind }
    }

    /// Reads a topic; `None` when it is not one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let mut levels = text.strip_prefix(PREFIX)?.split('/');
        let (gateway, direction, kind) = (levels.next()?, levels.next()?, levels.next()?);
        let kind = Kind::from_name(kind).filter(|kind| kind.direction() == direction)?;
        if levels.next().is_some() {
            return None;
        }
        Some(Self {
            gateway: gateway.parse().ok()?,
            kind,
        })
    }

    /// Tells whether it is sent by a gateway to the server.
    pub fn is_uplink(&self) -> bool {
        self.kind.direction() == "up"
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{PREFIX}{}/{}/{}",
            self.gateway,
            self.kind.direction(),
            self.kind.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_read_back_as_written() {
        for kind in Kind::ALL {
            let topic = Topic::new("gw-1".parse().unwrap(), kind);
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
        let receipt = Topic::new("gw-1".parse().unwrap(), Kind::Receipt);
        assert_eq!(receipt.to_string(), "hearth/v1/gw-1/down/receipt");
        assert!(!receipt.is_uplink());
    }

    #[test]
    fn topics_of_no_gateway_kind_or_direction_are_not_ours() {
        for text in [
            "hearth/v1/gw-1/up/receipt",
            "hearth/v1/gw-1/up/standing",
            "hearth/v1/gw-1/down/readings",
            "hearth/v1/+/up/readings",
            "hearth/v1/gw-1/up/readings/x",
            "hearth/v1/gw-1/up",
            "hearth/v2/gw-1/up/readings",
            "",
        ] {
            assert_eq!(Topic::parse(text), None, "{text}");
        }
    }
}
