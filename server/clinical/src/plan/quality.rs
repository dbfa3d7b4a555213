//! Quality: which readings are not to be believed before they are repeated.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use vitals::{Decimal, QualityMark};

use crate::sign::VitalSign;

/// What makes a reading one to repeat rather than to judge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Marks that make a reading doubtful.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub doubtful: BTreeSet<QualityMark>,
    /// The values that a living person at home can have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plausible: BTreeMap<VitalSign, Plausible>,
    /// The least difference between systolic and diastolic pressure, mmHg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulse_pressure_min: Option<Decimal>,
    /// Changes that no body makes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jumps: BTreeMap<VitalSign, Jump>,
    /// How many unusable measurements in a row make a technical item; without it none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable_in_a_row: Option<u8>,
    /// How many minutes after the last unusable measurement they no longer count as in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable_within_minutes: Option<u32>,
    /// Where the numbers are from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// The values that a vital sign can have: both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plausible {
    /// The lowest.
    pub min: Decimal,
    /// The highest.
    pub max: Decimal,
}

impl Plausible {
    /// Tells whether a value can be.
    pub fn has(&self, value: &Decimal) -> bool {
        value.compare(&self.min).is_ge() && value.compare(&self.max).is_le()
    }
}

/// A change that no body makes within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// More than this, in the sign's unit.
    pub more_than: Decimal,
    /// Within this many hours of the reading before.
    pub within_hours: u32,
}
