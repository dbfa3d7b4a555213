//! Care: everything in a plan besides its limits.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vitals::Decimal;

use crate::alert::Priority;
use crate::hours::Hours;
use crate::id::PersonId;
use crate::plan::{Confirmation, Escalation, Quality};
use crate::rules::Rule;
use crate::schedule::Schedule;
use crate::score::ScoreRule;
use crate::sign::VitalSign;
use crate::zone::Zone;

/// What readings are judged by and people act by, besides limits. Whatever is left out does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Care {
    /// The templates that it started from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<String>,
    /// Where the limits of each vital sign are from; what the clinician set for this patient is in the plan's reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits_from: BTreeMap<VitalSign, String>,
    /// The rules, besides limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The score over several vital signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<ScoreRule>,
    /// How first breaches are confirmed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub confirmation: BTreeMap<VitalSign, Confirmation>,
    /// When an alert's condition clears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearing: Option<Clearing>,
    /// Which readings are not to be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// When a reading is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lateness: Option<Lateness>,
    /// When readings are expected.
    #[serde(default, skip_serializing_if = "is_no_schedule")]
    pub schedule: Schedule,
    /// How soon somebody must act.
    #[serde(default, skip_serializing_if = "is_no_escalation")]
    pub escalation: Escalation,
    /// When somebody watches.
    #[serde(default, skip_serializing_if = "is_never")]
    pub hours: Hours,
    /// The home's time zone; Coordinated Universal Time when left out.
    #[serde(default = "Zone::utc", skip_serializing_if = "Zone::is_utc")]
    pub zone: Zone,
    /// From when to when the plan is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// The prescriber who let the plan go beyond the hard stops, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<Crossing>,
}

/// Leave to go beyond the hard stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossing {
    /// Who gave it.
    pub prescriber: PersonId,
    /// Why, in the prescriber's words.
    pub reason: String,
}

/// When an alert's condition clears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clearing {
    /// How many valid readings in a row must be well inside.
    pub readings: u8,
    /// How far inside the limit is well inside, in the sign's unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub margins: BTreeMap<VitalSign, Decimal>,
    /// Where the numbers are from.
    pub source: String,
}

/// When a reading is late: it is judged by its limits, and says nothing about now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lateness {
    /// Minutes between measuring and storing after which a reading is late.
    pub late_minutes: u32,
    /// The priority of a late reading that was out of its urgent limits.
    pub urgent_becomes: Priority,
    /// Where the numbers are from.
    pub source: String,
}

/// From when to when a plan is meant. Limits hold until the next plan all the same: nobody is left unwatched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The day by which somebody must look at it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Date>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Date>,
}

impl Default for Care {
    fn default() -> Self {
        Self {
            templates: Vec::new(),
            limits_from: BTreeMap::new(),
            rules: Vec::new(),
            score: None,
            confirmation: BTreeMap::new(),
            clearing: None,
            quality: None,
            lateness: None,
            schedule: Schedule::default(),
            escalation: Escalation::default(),
            hours: Hours::default(),
            zone: Zone::utc(),
            term: None,
            crossing: None,
        }
    }
}

impl Care {
    /// Tells whether nothing applies, as in plans of the first rule set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_no_escalation(escalation: &Escalation) -> bool {
    escalation.0.is_empty()
}

fn is_no_schedule(schedule: &Schedule) -> bool {
    schedule.expected.is_empty()
}

fn is_never(hours: &Hours) -> bool {
    hours.spans().is_empty()
}
