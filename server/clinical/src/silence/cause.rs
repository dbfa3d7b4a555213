//! Causes of a silence: what each is called, who can mend it, and what people are told.

use serde::{Deserialize, Serialize};

use super::clue::Clue;
use crate::schedule::Measured;

/// Why a reading is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No readings were expected.
    Paused,
    /// Our server did not run.
    OutageOfServer,
    /// Our broker, or the way to it, could not be reached by many.
    OutageOfBroker,
    /// The gateway had no power, or was shut down.
    GatewayOff,
    /// The gateway ran, and the home had no internet.
    HomeInternetDown,
    /// The gateway did not know the time, without which it sends nothing.
    TimeUnknown,
    /// The reading came, dated outside its window.
    ClockWrong,
    /// The gateway could not hear its devices.
    BluetoothFault,
    /// The device's battery is flat.
    DeviceBattery,
    /// The device is too far away, off, or broken.
    DeviceOutOfRangeOrBroken,
    /// The patient probably left the reading out.
    PatientSkipped,
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Nobody yet.
    Nobody,
    /// The patient, by a reminder.
    PatientNudge,
    /// An installer, as a technical item.
    InstallerJob,
    /// Whoever runs the service.
    OperationsIncident,
    /// A nurse, who sees that the patient is well.
    SafeAndWell,
}

/// Why one window stayed empty, by what evidence, and who can mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The likeliest cause.
    pub cause: Cause,
    /// What it was found by, the strongest first.
    pub clues: Vec<Clue>,
    /// Who can mend it.
    pub route: Route,
    /// Whether a nurse is asked besides to see that the patient is well: nobody has seen a reading for the plan's number
    /// of windows, whatever the cause is.
    pub check_patient: bool,
}

impl Cause {
    /// Every cause, in the order in which they are looked for.
    pub const ALL: [Self; 11] = [
        Self::Paused,
        Self::OutageOfServer,
        Self::OutageOfBroker,
        Self::GatewayOff,
        Self::HomeInternetDown,
        Self::TimeUnknown,
        Self::ClockWrong,
        Self::BluetoothFault,
        Self::DeviceBattery,
        Self::DeviceOutOfRangeOrBroken,
        Self::PatientSkipped,
    ];

    /// Tells whether the home has nothing to do with it.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::OutageOfServer | Self::OutageOfBroker)
    }

    /// Gives a few words for lists.
    pub fn words(self) -> &'static str {
        match self {
            Self::Paused => "readings paused",
            Self::OutageOfServer => "our server was down",
            Self::OutageOfBroker => "our broker could not be reached",
            Self::GatewayOff => "box without power",
            Self::HomeInternetDown => "home internet down",
            Self::TimeUnknown => "box does not know the time",
            Self::ClockWrong => "clock wrong",
            Self::BluetoothFault => "Bluetooth fault in the box",
            Self::DeviceBattery => "device battery low",
            Self::DeviceOutOfRangeOrBroken => "device out of range or broken",
            Self::PatientSkipped => "reading probably left out",
        }
    }

    /// Says to a nurse or an installer what is the matter and what to do next.
    pub fn sentence(self, what: Measured) -> String {
        let (name, device) = (what.name(), what.device());
        match self {
            Self::Paused => format!("No {name} reading is expected: readings are paused."),
            Self::OutageOfServer => format!(
                "No {name} reading, because our server was down. Nothing to do in the home: readings wait in the box."
            ),
            Self::OutageOfBroker => format!(
                "No {name} reading, because many homes cannot reach us. Nothing to do in the home: readings wait in the box."
            ),
            Self::GatewayOff => format!(
                "No {name} reading: the box in the home seems to be without power. Ask whether its light is on, and have it plugged in."
            ),
            Self::HomeInternetDown => format!(
                "No {name} reading: the box runs but has no internet. Have the router or the mobile signal looked at; readings wait in the box."
            ),
            Self::TimeUnknown => format!(
                "No {name} reading: the box in the home does not know the time, and sends nothing until it does. Have the home's router let it reach a time server; readings wait in the box."
            ),
            Self::ClockWrong => format!(
                "A {name} reading came, but a wrong clock dated it outside its window. Set the clock, then correct the reading's time."
            ),
            Self::BluetoothFault => format!(
                "No {name} reading: the box cannot hear its devices. Restart it; if that does not help, exchange its Bluetooth adapter."
            ),
            Self::DeviceBattery => {
                format!("No {name} reading: the {device} probably needs new batteries.")
            }
            Self::DeviceOutOfRangeOrBroken => format!(
                "No {name} reading: the {device} is too far from the box, switched off or broken. Ask where it is kept, then test it or exchange it."
            ),
            Self::PatientSkipped => {
                format!("No {name} reading: the patient probably left it out.")
            }
        }
    }
}

impl Finding {
    /// Tells whether the window counts as missed. What was not expected, and what we missed ourselves, does not.
    pub fn counts_as_missed(&self) -> bool {
        self.cause != Cause::Paused && !self.cause.is_ours()
    }

    /// Tells whether a nurse is asked to see that the patient is well.
    pub fn asks_to_see_patient(&self) -> bool {
        self.check_patient || self.route == Route::SafeAndWell
    }

    /// Says to the patient what to do; `None` when the patient is not the one to mend it.
    pub fn for_patient(&self, what: Measured) -> Option<String> {
        if self.route != Route::PatientNudge {
            return None;
        }
        let (name, device) = (what.name(), what.device());
        let ask = match self.cause {
            Cause::DeviceBattery => format!(
                "Your {device} may need new batteries. Please put new ones in, then take a reading."
            ),
            _ => format!(
                "We do not have your latest {name} reading yet. Please take it when you can."
            ),
        };
        Some(format!(
            "{ask} If something does not work, call your care team. If you feel ill, call 111, or 999 in an emergency."
        ))
    }
}
