//! The scoring table: every band, point, response and exclusion of a score, with its source.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::Decimal;

use super::band::{Bands, Points};
use super::input::{Acvpu, Spo2Scale};
use super::response::{Response, Responses};
use super::words::{WordsError, check_words};

/// The longest age that a table or rule may allow its inputs: one week, in minutes.
pub const INPUTS_AGE_MINUTES_MAX: u32 = 7 * 24 * 60;

/// A table that has been checked; see [`Chart`] for what it holds.
///
/// It travels by value inside a plan, so that an old plan is judged by the table that it was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Chart")]
pub struct ScoreTable(Chart);

/// What a table says, as it is written in a file or a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// By which name templates and people refer to it, with its edition: `news2-rcp-2017`.
    pub name: String,
    /// What a complete score is called in sentences: `NEWS2`. A partial one never is.
    pub title: String,
    /// Where the bands are from.
    pub source: String,
    /// How old an input may be, in minutes; an older one counts as missing.
    pub inputs_age_minutes_max: u32,
    /// Breaths a minute.
    pub respiratory_rate: Bands,
    /// Oxygen saturation on the usual scale, percent.
    pub spo2_scale_1: Bands,
    /// Oxygen saturation on the scale for a prescribed 88 to 92 percent.
    pub spo2_scale_2: AirAndOxygen<Bands>,
    /// Breathing air or oxygen.
    pub air_or_oxygen: AirAndOxygen<Points>,
    /// Systolic blood pressure, mmHg.
    pub systolic: Bands,
    /// Pulse rate, per minute.
    pub pulse: Bands,
    /// How awake the person is.
    pub consciousness: ConsciousnessPoints,
    /// Body temperature, °C.
    pub temperature: Bands,
    /// What a complete score asks for.
    pub responses: Responses,
    /// What a partial score says to the patient.
    pub partial: PartialWords,
    /// For whom the score is not made.
    pub not_for: Exclusions,
}

/// Two of a kind: for a person who breathes air, and for one who breathes oxygen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirAndOxygen<T> {
    /// Breathing air.
    pub on_air: T,
    /// Breathing oxygen.
    pub on_oxygen: T,
}

impl<T> AirAndOxygen<T> {
    pub(super) fn get(&self, on_oxygen: bool) -> &T {
        if on_oxygen {
            &self.on_oxygen
        } else {
            &self.on_air
        }
    }
}

/// The points of each level of consciousness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsciousnessPoints {
    alert: Points,
    confusion: Points,
    voice: Points,
    pain: Points,
    unresponsive: Points,
}

impl ConsciousnessPoints {
    /// Gives the points of a level.
    pub fn points(&self, level: Acvpu) -> Points {
        match level {
            Acvpu::Alert => self.alert,
            Acvpu::Confusion => self.confusion,
            Acvpu::Voice => self.voice,
            Acvpu::Pain => self.pain,
            Acvpu::Unresponsive => self.unresponsive,
        }
    }
}

/// What a partial score says to the patient, after the sentence that names what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialWords {
    /// When nothing that was measured can be scored.
    pub nothing: String,
    /// When nothing that was measured scores.
    pub in_range: String,
    /// When something scores one or two.
    pub outside: String,
    /// When one parameter scores three.
    pub far_outside: String,
}

/// For whom a score is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusions {
    /// People younger than this, in years.
    pub under_age_years: u8,
    /// Women who are pregnant.
    pub pregnancy: bool,
}

/// A table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableError {
    /// Words that are missing or too long.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// An age of inputs that is zero or over [`INPUTS_AGE_MINUTES_MAX`].
    #[error("inputs_age_minutes_max must be 1 to {INPUTS_AGE_MINUTES_MAX}, found {0}")]
    Age(u32),
    /// Words of a partial score that call it by the name of the complete one.
    #[error("the words of a partial score may not say {0}: it is not one")]
    PartialSaysTitle(String),
}

impl ScoreTable {
    /// Gives what the table says.
    pub fn chart(&self) -> &Chart {
        &self.0
    }

    /// Gives the points of a saturation; `None` where they hang on air or oxygen and that is not known.
    pub fn spo2_points(
        &self,
        scale: Spo2Scale,
        value: &Decimal,
        on_oxygen: Option<bool>,
    ) -> Option<Points> {
        let scale_2 = &self.0.spo2_scale_2;
        match (scale, on_oxygen) {
            (Spo2Scale::One, _) => Some(self.0.spo2_scale_1.points(value)),
            (Spo2Scale::Two, Some(on_oxygen)) => Some(scale_2.get(on_oxygen).points(value)),
            (Spo2Scale::Two, None) => {
                let points = scale_2.on_air.points(value);
                (points == scale_2.on_oxygen.points(value)).then_some(points)
            }
        }
    }

    /// Finds what a complete score asks for.
    pub fn response(&self, total: u8, one_has_3: bool) -> &Response {
        self.0.responses.of(total, one_has_3)
    }

    /// Says why the score is not for a person; `None` when it is.
    pub fn excludes(&self, age_years: u8, pregnant: bool) -> Option<String> {
        let Exclusions {
            under_age_years,
            pregnancy,
        } = self.0.not_for;
        if age_years < under_age_years {
            let title = &self.0.title;
            return Some(format!("{title} is not for people under {under_age_years}"));
        }
        (pregnancy && pregnant).then(|| format!("{} is not for use in pregnancy", self.0.title))
    }
}

impl TryFrom<Chart> for ScoreTable {
    type Error = TableError;

    fn try_from(chart: Chart) -> Result<Self, TableError> {
        check_words("name", &chart.name)?;
        check_words("title", &chart.title)?;
        check_words("source", &chart.source)?;
        check_age(chart.inputs_age_minutes_max).map_err(TableError::Age)?;
        let partial = &chart.partial;
        let PartialWords {
            nothing,
            in_range,
            outside,
            far_outside,
        } = partial;
        for words in [nothing, in_range, outside, far_outside] {
            check_words("partial", words)?;
            if words.to_lowercase().contains(&chart.title.to_lowercase()) {
                return Err(TableError::PartialSaysTitle(chart.title));
            }
        }
        Ok(Self(chart))
    }
}

/// Checks an age of inputs.
///
/// # Errors
/// The age, when it is zero or over [`INPUTS_AGE_MINUTES_MAX`].
pub(super) fn check_age(minutes: u32) -> Result<(), u32> {
    if (1..=INPUTS_AGE_MINUTES_MAX).contains(&minutes) {
        Ok(())
    } else {
        Err(minutes)
    }
}
