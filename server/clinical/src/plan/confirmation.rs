//! Confirmation: when a reading out of limits is asked for again before it raises an alert.

use serde::{Deserialize, Serialize};
use vitals::Decimal;

use crate::limits::{Level, Side};

/// How a vital sign's first breach is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Minutes to wait for the reading after a first *soon* breach. Without it, such a breach raises at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soon_minutes: Option<u32>,
    /// Minutes to wait for a repeat after a first *urgent* breach. Without it, such a breach raises at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent_minutes: Option<u32>,
    /// At or under this value with a good signal, an alert is raised at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once_low: Option<Decimal>,
    /// At or over this value with a good signal, an alert is raised at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once_high: Option<Decimal>,
    /// Where the numbers are from.
    pub source: String,
}

impl Confirmation {
    /// Gives how long to wait for a repeat of a value that reached a limit; `None` when it raises at once.
    pub fn wait_minutes(&self, value: &Decimal, level: Level, side: Side) -> Option<u32> {
        let at_once = match side {
            Side::Low => self
                .at_once_low
                .is_some_and(|limit| value.compare(&limit).is_le()),
            Side::High => self
                .at_once_high
                .is_some_and(|limit| value.compare(&limit).is_ge()),
        };
        if at_once {
            return None;
        }
        match level {
            Level::Soon => self.soon_minutes,
            Level::Urgent => self.urgent_minutes,
        }
    }
}
