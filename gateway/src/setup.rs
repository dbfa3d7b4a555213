//! What setting up a box remembers between its steps, so that it goes on where it was left.
//!
//! The steps themselves ask the box how it is: a device that is bound needs no note. Only what cannot be seen is noted.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use vitals::DeviceId;
use vitals::report::SignOff;

use crate::keys;

const NOTES_FILE: &str = "setup.json";
/// The weakest signal at which values get through reliably, in dBm; below it a body in between is enough to lose them.
/// Receivers of Bluetooth LE reach -70 dBm by specification (Core Specification 5.4, Vol 6, Part A, 4.1) and about
/// -90 dBm in practice.
pub const SIGNAL_FAIR_DBM: i16 = -80;

/// A step of setting up, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Power, heat, disk, clock, Bluetooth.
    Box,
    /// From this home to the server.
    Internet,
    /// The one-time code becomes the box's name.
    Code,
    /// Every device of the kit is paired.
    Devices,
    /// A reading travels to the server and its receipt comes back.
    TestReading,
    /// Signals where measurements are taken, and what happens without the network.
    Place,
    /// The patient was shown how; the office is asked to let monitoring start.
    SignOff,
}

impl Step {
    /// All steps, in their order.
    pub const ALL: [Self; 7] = [
        Self::Box,
        Self::Internet,
        Self::Code,
        Self::Devices,
        Self::TestReading,
        Self::Place,
        Self::SignOff,
    ];

    /// Gives the step's heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Box => "Checking this box",
            Self::Internet => "Internet",
            Self::Code => "Code",
            Self::Devices => "Devices",
            Self::TestReading => "Test reading",
            Self::Place => "Place and signal",
            Self::SignOff => "Sign-off",
        }
    }

    /// Gives the step's number, from 1.
    pub fn number(self) -> usize {
        Self::ALL
            .iter()
            .position(|it| *it == self)
            .map_or(0, |it| it + 1)
    }
}

/// What is remembered between the steps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notes {
    /// Devices that the installer left out on purpose.
    pub skipped: Vec<DeviceId>,
    /// Whether the installer saw the test through.
    pub test_confirmed: Vec<DeviceId>,
    /// How strongly each device was heard where it is used, in dBm; the sign-off tells it.
    #[serde(alias = "signals")]
    pub signals_dbm: Vec<(DeviceId, i16)>,
    /// Whether the place was looked at.
    pub placed: bool,
    /// What the installer said at the end.
    pub sign_off: Option<SignOff>,
}

impl Notes {
    /// Reads what is remembered; a box that is new remembers nothing.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(state_dir: &Path) -> anyhow::Result<Self> {
        let path = state_dir.join(NOTES_FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let about = || format!("cannot read {}; remove it to begin anew", path.display());
        let text = std::fs::read_to_string(&path).with_context(about)?;
        serde_json::from_str(&text).with_context(about)
    }

    /// Keeps them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, state_dir: &Path) -> anyhow::Result<()> {
        keys::write_beside(state_dir, NOTES_FILE, &serde_json::to_vec_pretty(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Notes::read(folder.path()).unwrap(), Notes::default());
        let notes = Notes {
            skipped: vec!["scale-1".parse().unwrap()],
            signals_dbm: vec![("cuff-1".parse().unwrap(), -71)],
            placed: true,
            ..Notes::default()
        };
        notes.keep(folder.path()).unwrap();
        assert_eq!(Notes::read(folder.path()).unwrap(), notes);
        std::fs::write(folder.path().join(NOTES_FILE), "{").unwrap();
        let error = Notes::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("begin anew"), "{error}");
    }

    #[test]
    fn steps_are_numbered_as_they_are_shown() {
        let numbers: Vec<usize> = Step::ALL.iter().map(|it| it.number()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
    }
}
