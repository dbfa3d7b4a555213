//! A part of a score: one parameter, what was measured, and its points.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{Decimal, ReadingId};

use super::band::Points;
use super::input::{Acvpu, Parameter};

/// What was measured or seen, as it came in, before any rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum PartValue {
    /// A number, in the parameter's unit.
    Number {
        /// The number.
        value: Decimal,
    },
    /// Air or oxygen.
    Breathes {
        /// Whether it is oxygen.
        oxygen: bool,
    },
    /// How awake the person is.
    Consciousness {
        /// The level.
        level: Acvpu,
    },
}

/// One parameter's part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Which parameter.
    pub parameter: Parameter,
    /// What was measured.
    pub value: PartValue,
    /// What it scores.
    pub points: Points,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// The reading that it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingId>,
}

impl Part {
    /// Says the part: `oxygen 91% (3)`, `on air (0)`, `alert (0)`.
    pub fn words(&self) -> String {
        let value = match &self.value {
            PartValue::Number { value } => format!(
                "{} {}{}",
                self.parameter.name(),
                value.plain(),
                self.parameter.unit()
            ),
            PartValue::Breathes { oxygen: true } => "on oxygen".to_owned(),
            PartValue::Breathes { oxygen: false } => "on air".to_owned(),
            PartValue::Consciousness { level } => level.words().to_owned(),
        };
        format!("{value} ({})", self.points.get())
    }
}

/// Adds up the points of the parts.
pub(super) fn sum(parts: &[Part]) -> u8 {
    parts
        .iter()
        .fold(0, |sum, part| sum.saturating_add(part.points.get()))
}

/// Finds the first parameter that has the most points that one can have.
pub(super) fn one_with_3(parts: &[Part]) -> Option<Parameter> {
    parts
        .iter()
        .find(|part| part.points == Points::MAX)
        .map(|part| part.parameter)
}
