//! The rules of tiers: what counts how many points, and from how many points on a closer eye is kept. All of it is data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Tier;
use super::ladder::Ladder;
use crate::alert::Priority;
use crate::history::DAYS_KEPT;
use crate::rules::Direction;
use crate::score::WORDS_LEN_MAX;
use crate::sign::VitalSign;

/// The furthest back that a score or an unusable measurement counts, in hours.
pub const AGE_HOURS_MAX: u16 = 7 * 24;
/// The most signs whose drift is looked at.
pub const DRIFT_SIGNS_LEN_MAX: usize = 12;

/// What a file of tier rules says: `config/tiers.toml` is the sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSettings {
    /// The fewest points of [`Tier::Closer`].
    pub closer_from: u16,
    /// The fewest points of [`Tier::Closest`].
    pub closest_from: u16,
    /// Where these two are from.
    pub source: String,
    /// Points by the score.
    pub score: ScoreBands,
    /// Points by how far the last days are from what was usual.
    pub drift: Drift,
    /// Points by the worst open alert.
    pub open_alert: OpenAlert,
    /// Points by the days without a reading.
    pub no_data: NoData,
    /// Points by unusable measurements in a row.
    pub poor_quality: PoorQuality,
}

/// Points by the score of the plan over the latest values, complete or partial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreBands {
    /// How old a value may be, in hours.
    pub within_hours: u16,
    /// By the score's points.
    pub ladder: Ladder,
    /// Where the numbers are from.
    pub source: String,
}

/// Points by how far the median of the last days is from the median of the days before them. The worst sign counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// How many days are the last days, today included.
    pub recent_days: u8,
    /// How many of them must have readings.
    pub recent_days_min: u8,
    /// How many days before them make up what was usual.
    pub usual_days: u8,
    /// How many of these must have readings.
    pub usual_days_min: u8,
    /// What is looked at.
    pub signs: Vec<DriftSign>,
    /// Where the numbers are from.
    pub source: String,
}

/// How far one sign may drift one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSign {
    /// The sign.
    pub sign: VitalSign,
    /// Which way.
    pub direction: Direction,
    /// By the distance, in the sign's unit.
    pub ladder: Ladder,
}

/// Points by the priority of the worst open alert; a priority that is left out has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAlert {
    /// The points.
    pub points: BTreeMap<Priority, u8>,
    /// Where the numbers are from.
    pub source: String,
}

/// Points by the days without a reading, each of 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoData {
    /// By the days.
    pub ladder: Ladder,
    /// Where the numbers are from.
    pub source: String,
}

/// Points by unusable measurements in a row, of the kind that has most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoorQuality {
    /// For how many hours after the last one they count.
    pub within_hours: u16,
    /// By how many in a row.
    pub ladder: Ladder,
    /// Where the numbers are from.
    pub source: String,
}

/// Tier rules that have been checked; see [`TierSettings`] for what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TierSettings", into = "TierSettings")]
pub struct TierRules(TierSettings);

/// Tier rules that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TierRulesError {
    /// The two tiers do not follow each other.
    #[error("closer_from is 1 or more, and closest_from is over it")]
    Tiers,
    /// An age that is nothing or too long.
    #[error("{0}.within_hours must be 1 to {AGE_HOURS_MAX}")]
    Age(&'static str),
    /// Days that are not kept, or fewer than must have readings.
    #[error(
        "drift: recent_days and usual_days together are {DAYS_KEPT} at most, and recent_days_min and usual_days_min are 1 \
         to as many as theirs"
    )]
    Days,
    /// Too many signs.
    #[error("drift.signs has {DRIFT_SIGNS_LEN_MAX} entries at most")]
    Signs,
    /// Nobody could tell where the numbers come from.
    #[error("{0} needs words, at most {WORDS_LEN_MAX} characters")]
    Source(&'static str),
}

impl TierRules {
    /// Gives what the rules say.
    pub fn settings(&self) -> &TierSettings {
        &self.0
    }

    /// Gives the tier of so many points.
    pub fn tier_of(&self, points: u16) -> Tier {
        if points >= self.0.closest_from {
            Tier::Closest
        } else if points >= self.0.closer_from {
            Tier::Closer
        } else {
            Tier::Usual
        }
    }
}

impl TryFrom<TierSettings> for TierRules {
    type Error = TierRulesError;

    fn try_from(it: TierSettings) -> Result<Self, TierRulesError> {
        if it.closer_from == 0 || it.closest_from <= it.closer_from {
            return Err(TierRulesError::Tiers);
        }
        for (name, hours) in [
            ("score", it.score.within_hours),
            ("poor_quality", it.poor_quality.within_hours),
        ] {
            if !(1..=AGE_HOURS_MAX).contains(&hours) {
                return Err(TierRulesError::Age(name));
            }
        }
        let days = &it.drift;
        let kept = days.recent_days.saturating_add(days.usual_days) <= DAYS_KEPT;
        let recent = (1..=days.recent_days).contains(&days.recent_days_min);
        let usual = (1..=days.usual_days).contains(&days.usual_days_min);
        if !(kept && recent && usual) {
            return Err(TierRulesError::Days);
        }
        if days.signs.len() > DRIFT_SIGNS_LEN_MAX {
            return Err(TierRulesError::Signs);
        }
        for (name, source) in [
            ("source", &it.source),
            ("score.source", &it.score.source),
            ("drift.source", &it.drift.source),
            ("open_alert.source", &it.open_alert.source),
            ("no_data.source", &it.no_data.source),
            ("poor_quality.source", &it.poor_quality.source),
        ] {
            if source.trim().is_empty() || source.chars().count() > WORDS_LEN_MAX {
                return Err(TierRulesError::Source(name));
            }
        }
        Ok(Self(it))
    }
}

impl From<TierRules> for TierSettings {
    fn from(rules: TierRules) -> Self {
        rules.0
    }
}
