//! Combined: several things at once that say more together than each alone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use super::check::{Wrong, between, fine};
use super::judgement::{Counted, Facts, Found, Held, Lack};
use super::part::{Part, PartFacts};
use super::view::{View, evidence};
use super::words;
use crate::history::Point;
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// The most parts of a combined rule.
pub const PARTS_LEN_MAX: usize = 6;
/// The longest time within which the parts of a rule may come together, in hours.
const WITHIN_HOURS_MAX: u16 = 7 * 24;

/// Holds when every part holds by its newest value, none of them older than so many hours. It needs a value of every part
/// in that time; an older one is not known to be so still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combined {
    /// What must all be so: 2 to [`PARTS_LEN_MAX`] parts.
    pub all: Vec<Part>,
    /// Within how many hours.
    pub within_hours: u16,
}

impl Combined {
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        between("all", count(self.all.len()), 2, count(PARTS_LEN_MAX))?;
        between("within_hours", self.within_hours, 1, WITHIN_HOURS_MAX)?;
        self.all.iter().try_for_each(|part| match part {
            Part::Limit { limit, .. } => fine("limit", *limit),
            Part::Change(change) => change.check(),
            Part::Symptom { .. } => Ok(()),
        })
    }

    pub(super) fn looks_at(&self, sign: VitalSign) -> bool {
        self.all.iter().any(|part| part.sign() == Some(sign))
    }

    pub(super) fn looks_at_answers(&self) -> bool {
        let is_symptom = |part: &Part| matches!(part, Part::Symptom { .. });
        self.all.iter().any(is_symptom)
    }

    pub(super) fn judge(&self, view: &View<'_>) -> Found {
        let need = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let within = SignedDuration::from_hours(i64::from(self.within_hours));
        let view = &View { margin: 0, ..*view };
        let (mut parts, mut known) = (Vec::new(), 0_u32);
        let mut newest_at = Timestamp::MIN;
        for part in &self.all {
            let recent = part
                .known(view)
                .filter(|it| view.as_of.duration_since(it.at) <= within);
            let Some(recent) = recent else { continue };
            let Some(facts) = recent.holds else {
                return Ok(None);
            };
            known += 1;
            newest_at = newest_at.max(recent.at);
            parts.push(facts);
        }
        if known < need {
            return Err(Lack::new(known, need, Counted::Parts));
        }
        Ok(Some(Held {
            newest_at,
            readings: readings_of(&parts, view),
            facts: Facts::Combined(CombinedFacts {
                parts,
                within_hours: self.within_hours,
            }),
            priority: None,
        }))
    }
}

/// Gathers the readings of all parts by time, each once.
fn readings_of(parts: &[PartFacts], view: &View<'_>) -> Vec<ReadingId> {
    let mut points: Vec<&Point> = Vec::new();
    for part in parts {
        match part {
            PartFacts::Limit { sign, .. } => points.extend(view.points(*sign).last()),
            PartFacts::Change(facts) => points.extend(facts.compared(view)),
            PartFacts::Symptom { .. } => {}
        }
    }
    points.sort_by_key(|it| (it.at(), it.reading()));
    points.dedup_by_key(|it| it.reading());
    evidence(points.into_iter().rev())
}

/// The parts of a combined rule, as they were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CombinedFacts {
    /// Every part of the rule.
    pub parts: Vec<PartFacts>,
    /// Within how many hours they had to come.
    pub within_hours: u16,
}

impl CombinedFacts {
    fn joined(&self, words: impl Fn(&PartFacts) -> String, last: &str) -> String {
        let parts: Vec<String> = self.parts.iter().map(words).collect();
        words::joined(&parts, last)
    }

    pub(super) fn for_nurse(&self) -> String {
        let parts = capitalised(&self.joined(PartFacts::for_nurse, "and"));
        let hours = words::count(self.within_hours, "hour");
        format!("{parts}, together within {hours}")
    }

    pub(super) fn for_patient(&self) -> String {
        let parts = self.joined(PartFacts::for_patient, "and");
        format!("These came together: {parts}.")
    }

    pub(super) fn would_have_stopped(&self) -> String {
        self.joined(PartFacts::would_have_stopped, "or")
    }
}
