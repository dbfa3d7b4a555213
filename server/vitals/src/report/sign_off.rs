//! The sign-off: what the installer says at the end of a visit. Monitoring starts once the office has accepted it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::DeviceId;

/// The longest name of whoever signs, in bytes.
pub const NAME_LEN_MAX: usize = 60;

/// What an installer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOff {
    /// When, by the box's clock.
    pub at: Timestamp,
    /// Who: the installer's name as the office knows it; never the patient's.
    pub by: String,
    /// Whether the patient, or who helps them, was shown how to measure and did it.
    pub patient_shown: bool,
    /// Whether it was read out that nobody watches all the time, and whom to call.
    pub safety_text_read: bool,
    /// Whether the leaflet was left.
    pub leaflet_left: bool,
    /// How strongly the box heard each device where it is used, in dBm; at most
    /// [`DEVICES_LEN_MAX`](crate::wire::DEVICES_LEN_MAX). A box from before this was told leaves it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals_dbm: Vec<(DeviceId, i16)>,
}

impl SignOff {
    /// Tells whether everything was done that has to be.
    pub fn is_complete(&self) -> bool {
        let named = !self.by.trim().is_empty() && self.by.len() <= NAME_LEN_MAX;
        named && self.patient_shown && self.safety_text_read && self.leaflet_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_over_when_everything_was_done_and_somebody_signs() {
        let done = SignOff {
            at: Timestamp::UNIX_EPOCH,
            by: "Sam Fitter".to_owned(),
            patient_shown: true,
            safety_text_read: true,
            leaflet_left: true,
            signals_dbm: Vec::new(),
        };
        assert!(done.is_complete());
        for change in [
            |it: &mut SignOff| it.by = " ".to_owned(),
            |it: &mut SignOff| it.by = "x".repeat(NAME_LEN_MAX + 1),
            |it: &mut SignOff| it.patient_shown = false,
            |it: &mut SignOff| it.safety_text_read = false,
            |it: &mut SignOff| it.leaflet_left = false,
        ] {
            let mut undone = done.clone();
            change(&mut undone);
            assert!(!undone.is_complete(), "{undone:?}");
        }
    }
}
