//! Matters: the single things that a plan says, by names that people can write.

use std::fmt;
use std::str::FromStr;

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::QualityMark;

use crate::alert::Priority;
use crate::limits::{Level, Side};
use crate::rules::RuleId;
use crate::schedule::Measured;
use crate::sentence::words;
use crate::sign::VitalSign;

/// One thing that a plan says: small enough for two plans to say the same or to differ about. In the order that a nurse
/// reads them.
///
/// It is written as a path: `limits.systolic.soon_high`, `rules.weight-gain-3-days`, `escalation.urgent`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Matter {
    /// One limit of a vital sign.
    Limit(VitalSign, Line),
    /// One rule.
    Rule(RuleId),
    /// The score.
    Score,
    /// How a vital sign's first breach is confirmed.
    Confirmation(VitalSign),
    /// How many readings clear a condition.
    ClearingReadings,
    /// How far inside clears a condition.
    ClearingMargin(VitalSign),
    /// A mark that makes a reading doubtful.
    Doubtful(QualityMark),
    /// The values that can be.
    Plausible(VitalSign),
    /// The least pulse pressure.
    PulsePressure,
    /// A change that no body makes.
    Jump(VitalSign),
    /// How many unusable measurements make a technical item.
    Unusable,
    /// When a reading is late.
    Lateness,
    /// When one kind of reading is expected.
    Expected(Measured),
    /// How soon somebody must act on one priority.
    Response(Priority),
    /// When somebody watches.
    Hours,
    /// The home's time zone.
    Zone,
    /// How many days after it came in force a plan is looked at again.
    Review,
    /// From when to when the plan is meant.
    Term,
}

/// One of a vital sign's four limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Urgent at or under it.
    UrgentLow,
    /// Soon at or under it.
    SoonLow,
    /// Soon at or over it.
    SoonHigh,
    /// Urgent at or over it.
    UrgentHigh,
}

impl Line {
    /// Gives the line of a level on a side.
    pub fn of(level: Level, side: Side) -> Self {
        match (level, side) {
            (Level::Urgent, Side::Low) => Self::UrgentLow,
            (Level::Soon, Side::Low) => Self::SoonLow,
            (Level::Soon, Side::High) => Self::SoonHigh,
            (Level::Urgent, Side::High) => Self::UrgentHigh,
        }
    }

    /// Gives the side on which values reach it.
    pub fn side(self) -> Side {
        match self {
            Self::UrgentLow | Self::SoonLow => Side::Low,
            Self::SoonHigh | Self::UrgentHigh => Side::High,
        }
    }

    /// Gives the lines of a side, the worse first.
    pub(super) fn of_side(side: Side) -> std::array::IntoIter<Self, 2> {
        let levels = [Level::Urgent, Level::Soon];
        levels.map(|level| Self::of(level, side)).into_iter()
    }

    fn words(self) -> &'static str {
        match self {
            Self::UrgentLow => "low urgent",
            Self::SoonLow => "low soon",
            Self::SoonHigh => "high soon",
            Self::UrgentHigh => "high urgent",
        }
    }
}

/// A text that names nothing that a plan says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} names nothing that a plan says; write it like limits.systolic.soon_high or rules.home-average"
)]
pub struct MatterError(String);

impl Matter {
    /// Names it in words, to begin a sentence with: `systolic, high soon limit`.
    pub fn words(&self) -> String {
        match self {
            Self::Limit(sign, line) => format!("{}, {} limit", sign.name(), line.words()),
            Self::Rule(rule) => format!("rule {rule}"),
            Self::Score => "score".to_owned(),
            Self::Confirmation(sign) => format!("confirmation of {}", sign.name()),
            Self::ClearingReadings => "readings inside that clear an alert".to_owned(),
            Self::ClearingMargin(sign) => format!("margin that clears {}", sign.name()),
            Self::Doubtful(mark) => format!("readings marked “{}”", words(mark)),
            Self::Plausible(sign) => format!("possible values of {}", sign.name()),
            Self::PulsePressure => "least pulse pressure".to_owned(),
            Self::Jump(sign) => format!("jump of {} that no body makes", sign.name()),
            Self::Unusable => "unusable measurements in a row".to_owned(),
            Self::Lateness => "late readings".to_owned(),
            Self::Expected(what) => format!("{} schedule", what.name()),
            Self::Response(priority) => format!("response to {} alerts", priority.name()),
            Self::Hours => "monitoring hours".to_owned(),
            Self::Zone => "time zone".to_owned(),
            Self::Review => "next review".to_owned(),
            Self::Term => "start, review and end".to_owned(),
        }
    }
}

/// Gives a name as the journal writes it.
fn code(name: &impl fmt::Debug) -> String {
    words(name).replace(' ', "_")
}

fn named<'a, T: Deserialize<'a>>(code: &'a str) -> Option<T> {
    let deserializer: StrDeserializer<'a, serde::de::value::Error> = code.into_deserializer();
    T::deserialize(deserializer).ok()
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(sign, line) => write!(f, "limits.{}.{}", code(sign), code(line)),
            Self::Rule(rule) => write!(f, "rules.{rule}"),
            Self::Score => f.write_str("score"),
            Self::Confirmation(sign) => write!(f, "confirmation.{}", code(sign)),
            Self::ClearingReadings => f.write_str("clearing.readings"),
            Self::ClearingMargin(sign) => write!(f, "clearing.margins.{}", code(sign)),
            Self::Doubtful(mark) => write!(f, "quality.doubtful.{}", code(mark)),
            Self::Plausible(sign) => write!(f, "quality.plausible.{}", code(sign)),
            Self::PulsePressure => f.write_str("quality.pulse_pressure_min"),
            Self::Jump(sign) => write!(f, "quality.jumps.{}", code(sign)),
            Self::Unusable => f.write_str("quality.unusable_in_a_row"),
            Self::Lateness => f.write_str("lateness"),
            Self::Expected(what) => write!(f, "schedule.{}", code(what)),
            Self::Response(priority) => write!(f, "escalation.{}", code(priority)),
            Self::Hours => f.write_str("hours"),
            Self::Zone => f.write_str("zone"),
            Self::Review => f.write_str("review"),
            Self::Term => f.write_str("term"),
        }
    }
}

impl FromStr for Matter {
    type Err = MatterError;

    fn from_str(text: &str) -> Result<Self, MatterError> {
        let parts: Vec<&str> = text.split('.').collect();
        let found = match parts.as_slice() {
            ["limits", sign, line] => {
                named(sign).and_then(|sign| Some(Self::Limit(sign, named(line)?)))
            }
            ["rules", rule] => rule.parse().ok().map(Self::Rule),
            ["score"] => Some(Self::Score),
            ["confirmation", sign] => named(sign).map(Self::Confirmation),
            ["clearing", "readings"] => Some(Self::ClearingReadings),
            ["clearing", "margins", sign] => named(sign).map(Self::ClearingMargin),
            ["quality", "doubtful", mark] => named(mark).map(Self::Doubtful),
            ["quality", "plausible", sign] => named(sign).map(Self::Plausible),
            ["quality", "pulse_pressure_min"] => Some(Self::PulsePressure),
            ["quality", "jumps", sign] => named(sign).map(Self::Jump),
            ["quality", "unusable_in_a_row"] => Some(Self::Unusable),
            ["lateness"] => Some(Self::Lateness),
            ["schedule", what] => named(what).map(Self::Expected),
            ["escalation", priority] => named(priority).map(Self::Response),
            ["hours"] => Some(Self::Hours),
            ["zone"] => Some(Self::Zone),
            ["review"] => Some(Self::Review),
            ["term"] => Some(Self::Term),
            _ => None,
        };
        found.ok_or_else(|| MatterError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Matter {
    type Error = MatterError;

    fn try_from(text: String) -> Result<Self, MatterError> {
        text.parse()
    }
}

impl From<Matter> for String {
    fn from(matter: Matter) -> Self {
        matter.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_matter_is_written_as_a_path_and_read_again() {
        for text in [
            "limits.systolic.soon_high",
            "limits.spo2.urgent_low",
            "rules.weight-gain-3-days",
            "score",
            "confirmation.diastolic",
            "clearing.readings",
            "clearing.margins.weight",
            "quality.doubtful.cuff_too_loose",
            "quality.plausible.temperature",
            "quality.pulse_pressure_min",
            "quality.jumps.weight",
            "quality.unusable_in_a_row",
            "lateness",
            "schedule.blood_pressure",
            "escalation.urgent",
            "hours",
            "zone",
            "review",
            "term",
        ] {
            assert_eq!(text.parse::<Matter>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "limits.systolic",
            "limits.sistolic.soon_high",
            "rules.",
            "care",
        ] {
            let error = wrong.parse::<Matter>().unwrap_err().to_string();
            assert!(error.contains("limits.systolic.soon_high"), "{error}");
        }
    }
}
