//! The partial physiological score: the points of what is known, and what is missing. It is never called NEWS2.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::band::Points;
use super::input::{Parameter, Spo2Scale};
use super::part::{Part, sum};
use super::table::ScoreTable;
use super::words::listed;

/// Why a parameter is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// Nothing is known of it.
    NotMeasured,
    /// It was not measured at about this time.
    OutOfDate,
    /// It was measured, but its points hang on air or oxygen, which is not known.
    AirOrOxygenNotKnown,
}

/// A parameter that a partial score lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// Which.
    pub parameter: Parameter,
    /// Why.
    pub reason: MissingReason,
}

impl Missing {
    fn words(&self) -> String {
        let name = self.parameter.name();
        match self.reason {
            MissingReason::NotMeasured => name.to_owned(),
            MissingReason::OutOfDate => format!("{name} (out of date)"),
            MissingReason::AirOrOxygenNotKnown => {
                format!("{name} (not known whether on air or oxygen)")
            }
        }
    }
}

/// The points of the parameters that are known, when not all are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedPartial")]
pub struct PartialScore {
    scale: Spo2Scale,
    parts: Vec<Part>,
    missing: Vec<Missing>,
    advice: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedPartial {
    scale: Spo2Scale,
    parts: Vec<Part>,
    missing: Vec<Missing>,
    advice: String,
}

/// Parts and missing parameters that are not each of the seven once, or of which none is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a partial score has or lacks each of the seven parameters once, and lacks at least one")]
pub struct NotPartialError;

impl PartialScore {
    /// Makes a partial score; its advice to the patient is the table's.
    pub(super) fn of(
        table: &ScoreTable,
        scale: Spo2Scale,
        parts: Vec<Part>,
        missing: Vec<Missing>,
    ) -> Self {
        let words = &table.chart().partial;
        let outside = parts.iter().filter(|part| is_outside(part));
        let advice = match outside.map(|part| part.points).max() {
            None if !parts.iter().any(is_finding) => &words.nothing,
            None => &words.in_range,
            Some(Points::MAX) => &words.far_outside,
            Some(_) => &words.outside,
        };
        Self {
            scale,
            parts,
            missing,
            advice: advice.clone(),
        }
    }

    /// Gives the sum of the points that are known.
    pub fn sum(&self) -> u8 {
        sum(&self.parts)
    }

    /// Gives the scale by which oxygen saturation was scored.
    pub fn scale(&self) -> Spo2Scale {
        self.scale
    }

    /// Gives the parts that are known, in the order of the chart.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Gives the parameters that are missing, in the order of the chart.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Says the score to a nurse, with what it is from and what it lacks.
    pub fn nurse_sentence(&self) -> String {
        let missing: Vec<String> = self.missing.iter().map(Missing::words).collect();
        let missing = missing.join(", ");
        if self.parts.is_empty() {
            return format!("No physiological score; missing: {missing}.");
        }
        let parts: Vec<String> = self.parts.iter().map(Part::words).collect();
        format!(
            "Partial physiological score {}{} from {}; missing: {missing}. The full score may be higher.",
            self.sum(),
            self.scale.words(),
            listed(&parts),
        )
    }

    /// Says to the patient what was measured, what is outside the range, and what to do.
    pub fn patient_sentence(&self) -> String {
        let names = |wanted: fn(&Part) -> bool| -> Vec<String> {
            let wanted = self.parts.iter().filter(|part| wanted(part));
            wanted
                .map(|part| part.parameter.patient_name().to_owned())
                .collect()
        };
        let outside = names(is_outside);
        let measured = names(is_finding);
        let said = if !outside.is_empty() {
            range_sentence(&outside, "outside")
        } else if !measured.is_empty() {
            range_sentence(&measured, "inside")
        } else {
            "We do not have enough readings yet to say how you are.".to_owned()
        };
        format!("{said} {}", self.advice)
    }
}

fn range_sentence(names: &[String], side: &str) -> String {
    let verb = if names.len() == 1 { "was" } else { "were" };
    format!(
        "Your {} {verb} {side} the range we look for.",
        listed(names)
    )
}

/// Tells whether a part says how the person is. Breathing oxygen scores, but it is a treatment and no finding.
fn is_finding(part: &Part) -> bool {
    part.parameter != Parameter::AirOrOxygen
}

fn is_outside(part: &Part) -> bool {
    part.points.get() > 0 && is_finding(part)
}

impl TryFrom<UncheckedPartial> for PartialScore {
    type Error = NotPartialError;

    fn try_from(it: UncheckedPartial) -> Result<Self, NotPartialError> {
        let known = it.parts.iter().map(|part| part.parameter);
        let mut found: Vec<Parameter> = known
            .chain(it.missing.iter().map(|it| it.parameter))
            .collect();
        found.sort_unstable();
        if it.missing.is_empty() || found != Parameter::ALL {
            return Err(NotPartialError);
        }
        Ok(Self {
            scale: it.scale,
            parts: it.parts,
            missing: it.missing,
            advice: it.advice,
        })
    }
}
