//! Directions: which way a value has to go for a rule to hold.

use serde::{Deserialize, Serialize};

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Up.
    Rise,
    /// Down.
    Fall,
}

impl Direction {
    /// Gives how far a value went this way; negative when it went the other way.
    pub(crate) fn distance(self, from: i64, to: i64) -> i64 {
        match self {
            Self::Rise => to.saturating_sub(from),
            Self::Fall => from.saturating_sub(to),
        }
    }

    pub(super) fn adverb(self) -> &'static str {
        match self {
            Self::Rise => "up",
            Self::Fall => "down",
        }
    }

    pub(crate) fn preposition(self) -> &'static str {
        match self {
            Self::Rise => "over",
            Self::Fall => "under",
        }
    }

    pub(super) fn participle(self) -> &'static str {
        match self {
            Self::Rise => "rising",
            Self::Fall => "falling",
        }
    }
}
