//! Silence: why an expected reading is missing, and who can mend it.

mod cause;
mod classify;
mod clue;
mod incident;
mod limits;
mod order;
mod seen;
mod signs;

pub use cause::{Cause, Finding, Route};
pub use classify::{Missed, classify, reclassify};
pub use clue::Clue;
pub use incident::{Fleet, HomeQuiet, Incident, Scope, incidents};
pub use limits::{SilenceLimits, SilenceLimitsError};
pub use signs::{
    DeviceSigns, GatewaySigns, HomeSigns, LastWord, Outage, Presence, Signs, Stretch, Surroundings,
};
