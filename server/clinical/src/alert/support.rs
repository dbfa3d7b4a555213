//! Support: which readings speak for an alert, so that it is known what is left when one of them is struck out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::ReadingId;

use super::{Evidence, Grounds};

/// The most readings that an alert remembers to speak for it, the newest.
pub const SUPPORTS_LEN_MAX: usize = 16;

/// What speaks for an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// By time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    readings: Vec<Supporting>,
    /// Whether something else speaks for it: answers, an absence, or readings before those that are remembered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    besides: bool,
}

/// A reading that speaks for an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Supporting {
    pub(crate) reading: ReadingId,
    pub(crate) at: Timestamp,
    /// Whether its own values speak for it, and not only a rule or a score that rests on others too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_itself: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) struck: bool,
}

/// Of an alert from before it was noted nothing is known, so that no strike leaves it without support.
impl Default for Support {
    fn default() -> Self {
        Self {
            readings: Vec::new(),
            besides: true,
        }
    }
}

impl Support {
    /// Tells whether no reading is known to speak for it.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether something besides the remembered readings speaks for it.
    pub fn has_others(&self) -> bool {
        self.besides
    }

    /// Tells whether a reading speaks for it, struck out or not.
    pub fn has(&self, reading: ReadingId) -> bool {
        self.readings.iter().any(|it| it.reading == reading)
    }

    /// Tells whether a remembered reading speaks for it that is not struck out.
    pub fn has_one_unstruck(&self) -> bool {
        self.unstruck().next().is_some()
    }

    pub(crate) fn unstruck(&self) -> impl DoubleEndedIterator<Item = &Supporting> {
        self.readings.iter().filter(|it| !it.struck)
    }

    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut support = Self {
            readings: Vec::new(),
            besides: false,
        };
        support.add(evidence);
        support
    }

    /// Adds a piece of evidence, where it speaks for the alert.
    pub(crate) fn add(&mut self, evidence: &Evidence) {
        if evidence.priority().is_none() {
            return;
        }
        let Some(reading) = evidence.reading else {
            self.besides = true;
            return;
        };
        let known = self.readings.iter_mut().find(|it| it.reading == reading);
        if let Some(known) = known {
            known.by_itself |= by_itself(evidence);
            return;
        }
        let supporting = Supporting {
            reading,
            at: evidence.measured_at,
            by_itself: by_itself(evidence),
            struck: false,
        };
        let place = self.readings.partition_point(|it| it.at <= supporting.at);
        self.readings.insert(place, supporting);
        if self.readings.len() > SUPPORTS_LEN_MAX {
            self.besides |= !self.readings.remove(0).struck;
        }
    }

    /// Notes that a reading was struck out, or counts again.
    pub(crate) fn strike(&mut self, reading: ReadingId, struck: bool) {
        let found = self.readings.iter_mut().find(|it| it.reading == reading);
        if let Some(supporting) = found {
            supporting.struck = struck;
        }
    }
}

fn by_itself(evidence: &Evidence) -> bool {
    let is_beyond = evidence.findings.iter().any(|it| it.breach.is_some());
    let by_rule = matches!(
        evidence.grounds,
        None | Some(Grounds::LateRule { .. } | Grounds::LateUrgent { .. })
    );
    is_beyond || !by_rule
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Measured;
    use crate::verdict::Doubt;
    use vitals::AttemptReason;

    fn reading(number: usize) -> ReadingId {
        format!("{number:032x}").parse().unwrap()
    }

    fn evidence(number: usize) -> Evidence {
        let at = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
        let doubt = Doubt::NoReading {
            reason: AttemptReason::NoValue,
        };
        let grounds = Grounds::Unusable {
            what: Measured::Weight,
            in_a_row: 2,
            doubt,
        };
        Evidence {
            reading: Some(reading(number)),
            ..Evidence::of_grounds(grounds, at)
        }
    }

    #[test]
    fn a_reading_that_is_struck_out_supports_nothing_until_that_is_taken_back() {
        let mut support = Support::of(&evidence(1));
        assert!(support.has(reading(1)) && support.has_one_unstruck());
        support.strike(reading(1), true);
        assert!(support.has(reading(1)) && !support.has_one_unstruck());
        support.strike(reading(1), false);
        assert!(support.has_one_unstruck() && !support.has_others());
    }

    #[test]
    fn what_is_no_longer_remembered_supports_all_the_same() {
        let mut support = Support::of(&evidence(0));
        for number in 1..SUPPORTS_LEN_MAX {
            support.add(&evidence(number));
        }
        assert!(!support.has_others());
        support.add(&evidence(SUPPORTS_LEN_MAX));
        assert!(support.has_others() && !support.has(reading(0)));
    }

    #[test]
    fn an_alert_from_before_it_was_noted_keeps_its_unknown_support() {
        let read: Support = serde_json::from_str("{\"besides\":true}").unwrap();
        assert!(read.is_unknown() && Support::default().has_others());
    }
}
