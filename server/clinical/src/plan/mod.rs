//! A plan: what one patient is judged by, who set it, when and why. It is never edited in place.

mod ask;
mod care;
mod care_error;
mod check;
mod confirmation;
mod conflict;
mod consent;
mod diff;
mod escalation;
mod hard_stops;
mod leaning;
mod matter;
mod merge;
mod particulars;
mod place;
mod proposal;
mod quality;
mod said;
mod setting;
mod template;
mod template_file;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use ask::{ASK_KEY_LEN_MAX, Answer, Ask, AskedRule, QUESTION_LEN_MAX};
pub use care::{Care, Clearing, Crossing, Lateness, Term};
pub use care_error::{CareError, MINUTES_MAX, PlanError, RULES_LEN_MAX};
pub use confirmation::Confirmation;
pub use conflict::{Conflict, MergeError, Obstacle};
pub use consent::PatientView;
pub use diff::{Change, Departure, changes, departures};
pub use escalation::{
    Clock, Escalation, RESPONSE_MINUTES_MIN, REST_DAYS_MAX, Response, UNANSWERED_MAX,
};
pub use hard_stops::{Crossed, HardStops, HardStopsError};
pub use leaning::{Leaning, leaning};
pub use matter::{Line, Matter, MatterError};
pub use merge::{Choice, Content, TEMPLATES_LEN_MAX, Wishes, merge};
pub use particulars::Particulars;
pub use proposal::{Proposal, ProposalRefusal, Roles};
pub use quality::{Jump, Plausible, Quality};
pub use setting::Setting;
pub use template::{Review, TEXT_LEN_MAX, Template, TemplateError, TemplateName, TemplateWrong};
pub use template_file::{ServiceFile, TemplateFile};

use crate::id::PersonId;
use crate::limits::Limits;
use crate::sign::VitalSign;

/// The number of a plan: 1 for a patient's first, one more for each change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanVersion(pub u32);

impl std::fmt::Display for PlanVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One patient's plan, as in force from a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Which plan of this patient it is.
    pub version: PlanVersion,
    /// The limits of each vital sign that is watched.
    pub limits: BTreeMap<VitalSign, Limits>,
    /// Everything else that readings are judged by and people act by.
    #[serde(default, skip_serializing_if = "Care::is_empty")]
    pub care: Care,
    /// The clinician who set it.
    pub set_by: PersonId,
    /// Why it was set, in the clinician's words, with the source of its numbers.
    pub reason: String,
    /// What the patient said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_view: Option<PatientView>,
    /// From when it holds.
    pub in_force_from: Timestamp,
}
