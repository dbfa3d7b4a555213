//! Ownership: what people have done about an open alert, and what they may do next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::AlertNumber;
use crate::id::PersonId;
use crate::refusal::Refusal;

/// What people have done about an open alert. Each state owns just the facts that are true in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Ownership {
    /// Nobody has taken it: whoever is on duty for the patient's care coordinator answers.
    New,
    /// Somebody has taken it, and answers.
    Taken {
        /// Who.
        by: PersonId,
        /// When.
        at: Timestamp,
        /// Who was asked to take it over and has not said yes: ownership has not moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offered_to: Option<PersonId>,
    },
    /// The owner waits for the patient to answer or to measure. It comes back at the time given.
    Waiting {
        /// Who answers.
        by: PersonId,
        /// Since when.
        at: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Who was asked to take it over and has not said yes: ownership has not moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offered_to: Option<PersonId>,
    },
    /// The owner has asked a clinician to take it.
    Escalated {
        /// Who asked.
        by: PersonId,
        /// Who answers now.
        to: PersonId,
        /// When.
        at: Timestamp,
        /// Who was asked to take it over and has not said yes: ownership has not moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offered_to: Option<PersonId>,
        /// Who was asked to follow it up in the place of who escalated it, and has not said yes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        follow_up_offered_to: Option<PersonId>,
    },
    /// Put aside for a reason. It comes back at the time given, or when a reading is worse.
    Snoozed {
        /// Who answers.
        by: PersonId,
        /// Since when.
        at: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Whether the next reading that bears on it brings it back before, whatever it says.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        until_reading: bool,
        /// Why.
        reason: String,
        /// Who was asked to take it over and has not said yes: ownership has not moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offered_to: Option<PersonId>,
    },
}

impl Ownership {
    /// Names who was asked to take the alert over and has not said yes.
    pub fn offered_to(&self) -> Option<&PersonId> {
        match self {
            Self::New => None,
            Self::Taken { offered_to, .. }
            | Self::Waiting { offered_to, .. }
            | Self::Escalated { offered_to, .. }
            | Self::Snoozed { offered_to, .. } => offered_to.as_ref(),
        }
    }

    /// Names the person who holds the alert; `None` when nobody has taken it.
    pub fn holder(&self) -> Option<&PersonId> {
        match self {
            Self::New => None,
            Self::Taken { by, .. } | Self::Waiting { by, .. } | Self::Snoozed { by, .. } => {
                Some(by)
            }
            Self::Escalated { to, .. } => Some(to),
        }
    }

    /// Gives the name that the database uses.
    pub fn code(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Taken { .. } => "taken",
            Self::Waiting { .. } => "waiting",
            Self::Escalated { .. } => "escalated",
            Self::Snoozed { .. } => "snoozed",
        }
    }

    /// Gives the alert to a person. `None` when it is theirs already. From whoever holds it an alert is taken only by who
    /// `may_take_over`: anybody when nobody acted in time, and who answers by duty when the holder does not.
    ///
    /// # Errors
    /// When somebody else holds it.
    pub fn take(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        may_take_over: bool,
        now: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        match self {
            Self::Taken { by: holder, .. } if holder == by => Ok(None),
            _ if may_take_over || self.holder().is_none_or(|holder| holder == by) => {
                Ok(Some(Self::taken(by, now)))
            }
            _ => Err(self.held_by_another(alert)),
        }
    }

    /// Waits for the patient.
    ///
    /// # Errors
    /// When the person does not hold the alert.
    pub fn wait(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.held_by(alert, by)?;
        Ok(Self::Waiting {
            by: by.clone(),
            at: now,
            until,
            offered_to: None,
        })
    }

    /// Waits for the patient whom nobody has reached. Unlike a wait of the holder's own choice, it leaves an offer standing.
    ///
    /// # Errors
    /// When the person does not hold the alert.
    pub fn wait_to_retry(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.held_by(alert, by)?;
        Ok(Self::Waiting {
            by: by.clone(),
            at: now,
            until,
            offered_to: self.offered_to().cloned(),
        })
    }

    /// Puts the alert aside until a time; with `until_reading` until the next reading that bears on it, if that is before.
    ///
    /// # Errors
    /// When the person does not hold the alert.
    pub fn snooze(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        (until, until_reading): (Timestamp, bool),
        reason: &str,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.held_by(alert, by)?;
        Ok(Self::Snoozed {
            by: by.clone(),
            at: now,
            until,
            until_reading,
            reason: reason.to_owned(),
            offered_to: None,
        })
    }

    /// Asks a clinician to take the alert.
    ///
    /// # Errors
    /// When the person does not hold the alert, or asks themselves.
    pub fn escalate(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        to: &PersonId,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.held_by(alert, by)?;
        if by == to {
            return Err(Refusal::ToOneself(alert));
        }
        Ok(Self::Escalated {
            by: by.clone(),
            to: to.clone(),
            at: now,
            offered_to: None,
            follow_up_offered_to: None,
        })
    }

    /// Checks that a person holds the alert.
    ///
    /// # Errors
    /// When nobody or somebody else does.
    pub fn held_by(&self, alert: AlertNumber, by: &PersonId) -> Result<(), Refusal> {
        match self.holder() {
            None => Err(Refusal::NotTaken(alert)),
            Some(holder) if holder == by => Ok(()),
            Some(_) => Err(self.held_by_another(alert)),
        }
    }

    pub(super) fn taken(by: &PersonId, at: Timestamp) -> Self {
        Self::Taken {
            by: by.clone(),
            at,
            offered_to: None,
        }
    }

    pub(super) fn held_by_another(&self, alert: AlertNumber) -> Refusal {
        match self.holder() {
            Some(holder) => Refusal::TakenBy {
                alert,
                by: holder.clone(),
            },
            None => Refusal::NotTaken(alert),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERT: AlertNumber = AlertNumber(3);

    fn person(name: &str) -> PersonId {
        name.parse().unwrap()
    }

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-22T{hour:02}:00:00Z").parse().unwrap()
    }

    fn taken() -> Ownership {
        Ownership::New
            .take(ALERT, &person("ann"), false, at(8))
            .unwrap()
            .unwrap()
    }

    #[test]
    fn only_the_first_takes_it_and_pressing_twice_changes_nothing() {
        let taken = taken();
        assert_eq!(taken.take(ALERT, &person("ann"), false, at(9)), Ok(None));
        let refused = taken.take(ALERT, &person("bo"), false, at(9)).unwrap_err();
        assert_eq!(refused.to_string(), "Alert 3 was already taken by ann.");
    }

    #[test]
    fn what_nobody_acted_on_in_time_may_be_taken_over() {
        let taken_over = taken().take(ALERT, &person("bo"), true, at(9)).unwrap();
        assert_eq!(taken_over.unwrap().holder(), Some(&person("bo")));
    }

    #[test]
    fn an_escalated_alert_is_the_receivers() {
        let (ann, dr) = (person("ann"), person("dr-bell"));
        let escalated = taken().escalate(ALERT, &ann, &dr, at(9)).unwrap();
        assert_eq!(escalated.holder(), Some(&dr));
        assert!(escalated.take(ALERT, &ann, false, at(9)).is_err());
        let taken = escalated.take(ALERT, &dr, false, at(9)).unwrap().unwrap();
        assert_eq!(taken.code(), "taken");
    }

    #[test]
    fn what_is_not_ones_own_cannot_be_put_aside_or_passed_on() {
        let bo = person("bo");
        for ownership in [Ownership::New, taken()] {
            assert!(ownership.wait(ALERT, &bo, at(10), at(9)).is_err());
            assert!(
                ownership
                    .snooze(ALERT, &bo, (at(10), false), "lunch", at(9))
                    .is_err()
            );
            assert!(
                ownership
                    .escalate(ALERT, &bo, &person("cy"), at(9))
                    .is_err()
            );
            assert!(ownership.offer(ALERT, &bo, &person("cy")).is_err());
        }
        let ann = person("ann");
        assert!(taken().offer(ALERT, &ann, &ann).is_err());
        assert!(taken().escalate(ALERT, &ann, &ann, at(9)).is_err());
    }

    #[test]
    fn a_journal_of_the_first_rules_is_still_read() {
        let text = r#"{"is":"taken","by":"ann","at":"2026-11-22T08:00:00Z"}"#;
        assert_eq!(serde_json::from_str::<Ownership>(text).unwrap(), taken());
        assert_eq!(serde_json::to_string(&taken()).unwrap(), text);
    }
}
