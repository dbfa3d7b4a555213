//! What a score is made from: seven parameters, each with the time at which it was measured.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{Decimal, ReadingId};

use crate::sign::VitalSign;

/// One of the seven parameters of the score, in the order of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// Breaths a minute.
    RespiratoryRate,
    /// Oxygen saturation, percent.
    Spo2,
    /// Whether the person breathes air or oxygen.
    AirOrOxygen,
    /// Systolic blood pressure, mmHg.
    Systolic,
    /// Pulse rate, per minute.
    Pulse,
    /// How awake the person is.
    Consciousness,
    /// Body temperature, °C.
    Temperature,
}

impl Parameter {
    /// Every parameter, in the order of the chart.
    pub const ALL: [Self; 7] = [
        Self::RespiratoryRate,
        Self::Spo2,
        Self::AirOrOxygen,
        Self::Systolic,
        Self::Pulse,
        Self::Consciousness,
        Self::Temperature,
    ];

    /// Gives the vital sign that it is measured as; `None` for what is observed or answered.
    pub fn sign(self) -> Option<VitalSign> {
        match self {
            Self::Spo2 => Some(VitalSign::Spo2),
            Self::Systolic => Some(VitalSign::Systolic),
            Self::Pulse => Some(VitalSign::Pulse),
            Self::Temperature => Some(VitalSign::Temperature),
            Self::RespiratoryRate | Self::AirOrOxygen | Self::Consciousness => None,
        }
    }

    /// Gives the name that a nurse reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::RespiratoryRate => "respiratory rate",
            Self::Spo2 => VitalSign::Spo2.name(),
            Self::AirOrOxygen => "air or oxygen",
            Self::Systolic => VitalSign::Systolic.name(),
            Self::Pulse => VitalSign::Pulse.name(),
            Self::Consciousness => "consciousness",
            Self::Temperature => VitalSign::Temperature.name(),
        }
    }

    /// Gives the name that a patient reads.
    pub fn patient_name(self) -> &'static str {
        match self {
            Self::RespiratoryRate => "breathing rate",
            Self::Spo2 => "oxygen level",
            Self::AirOrOxygen => "extra oxygen",
            Self::Systolic => "blood pressure",
            Self::Pulse => "pulse",
            Self::Consciousness => "alertness",
            Self::Temperature => "temperature",
        }
    }

    /// Gives the unit, with the space that belongs before it.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::RespiratoryRate | Self::Pulse => VitalSign::Pulse.unit(),
            Self::Spo2 => VitalSign::Spo2.unit(),
            Self::Systolic => VitalSign::Systolic.unit(),
            Self::Temperature => VitalSign::Temperature.unit(),
            Self::AirOrOxygen | Self::Consciousness => "",
        }
    }
}

/// How awake a person is. Anything but alert is new: confusion that is usual for the person counts as alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acvpu {
    /// Fully awake.
    Alert,
    /// Newly confused.
    Confusion,
    /// Responds to a voice.
    Voice,
    /// Responds to pain.
    Pain,
    /// Does not respond.
    Unresponsive,
}

impl Acvpu {
    /// Gives the words that a nurse reads.
    pub fn words(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Confusion => "newly confused",
            Self::Voice => "responds to voice only",
            Self::Pain => "responds to pain only",
            Self::Unresponsive => "unresponsive",
        }
    }
}

/// By which of the two charts oxygen saturation is scored.
///
/// Scale two is only for a person for whom a clinician has prescribed a target of 88 to 92 percent (RCP 2017): the plan
/// says so, never the readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spo2Scale {
    /// The usual chart.
    One,
    /// The chart for a prescribed target of 88 to 92 percent.
    Two,
}

impl Spo2Scale {
    /// Gives the words that stand behind a score, with the space before them: nothing for the usual chart.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::One => "",
            Self::Two => " (oxygen scale 2)",
        }
    }
}

/// One input: its value, when it was measured, and in which reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input<T> {
    /// The value, in the parameter's unit.
    pub value: T,
    /// When it was measured or observed.
    pub measured_at: Timestamp,
    /// The reading that it is from; none for what a person said or saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<ReadingId>,
}

impl<T> Input<T> {
    /// Tells whether the input was measured within `age_minutes_max` of `now`.
    ///
    /// A time that far ahead is a clock at fault, and says as little about now as one that far back.
    pub fn is_current(&self, age_minutes_max: u32, now: Timestamp) -> bool {
        let most = Duration::from_secs(u64::from(age_minutes_max) * 60);
        now.duration_since(self.measured_at).unsigned_abs() <= most
    }
}

/// What is known of the seven parameters; what is not known is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Breaths a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respiratory_rate: Option<Input<Decimal>>,
    /// Oxygen saturation, percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spo2: Option<Input<Decimal>>,
    /// Whether the person breathes oxygen rather than air.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_oxygen: Option<Input<bool>>,
    /// Systolic blood pressure, mmHg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub systolic: Option<Input<Decimal>>,
    /// Pulse rate, per minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulse: Option<Input<Decimal>>,
    /// How awake the person is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consciousness: Option<Input<Acvpu>>,
    /// Body temperature, °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Input<Decimal>>,
}
