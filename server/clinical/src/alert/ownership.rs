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
    },
    /// The owner has asked a clinician to take it.
    Escalated {
        /// Who asked.
        by: PersonId,
        /// Who answers now.
        to: PersonId,
        /// When.
        at: Timestamp,
    },
    /// Put aside for a reason. It comes back at the time given, or when a reading is worse.
    Snoozed {
        /// Who answers.
        by: PersonId,
        /// Since when.
        at: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
}

impl Ownership {
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
        })
    }

    /// Puts the alert aside.
    ///
    /// # Errors
    /// When the person does not hold the alert.
    pub fn snooze(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        until: Timestamp,
        reason: &str,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.held_by(alert, by)?;
        Ok(Self::Snoozed {
            by: by.clone(),
            at: now,
            until,
            reason: reason.to_owned(),
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
        })
    }

    /// Offers the alert to somebody else. The owner stays until the offer is accepted.
    ///
    /// # Errors
    /// When the person has not taken the alert, or offers it to themselves.
    pub fn offer(&self, alert: AlertNumber, by: &PersonId, to: &PersonId) -> Result<Self, Refusal> {
        match self {
            Self::Taken { by: holder, at, .. } if holder == by => {
                if by == to {
                    return Err(Refusal::ToOneself(alert));
                }
                Ok(Self::Taken {
                    by: by.clone(),
                    at: *at,
                    offered_to: Some(to.clone()),
                })
            }
            Self::New => Err(Refusal::NotTaken(alert)),
            _ if self.holder() == Some(by) => Err(Refusal::TakeFirst(alert)),
            _ => Err(self.held_by_another(alert)),
        }
    }

    /// Answers an offer: ownership moves when it is accepted, and stays when it is declined.
    ///
    /// # Errors
    /// When the alert is not on offer to this person.
    pub fn answer_offer(
        &self,
        alert: AlertNumber,
        by: &PersonId,
        accepted: bool,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        match self {
            Self::Taken {
                by: holder,
                at,
                offered_to: Some(to),
            } if to == by => Ok(if accepted {
                Self::taken(by, now)
            } else {
                Self::Taken {
                    by: holder.clone(),
                    at: *at,
                    offered_to: None,
                }
            }),
            _ => Err(Refusal::NotOffered {
                alert,
                to: by.clone(),
            }),
        }
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

    fn taken(by: &PersonId, at: Timestamp) -> Self {
        Self::Taken {
            by: by.clone(),
            at,
            offered_to: None,
        }
    }

    fn held_by_another(&self, alert: AlertNumber) -> Refusal {
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
    fn ownership_moves_only_when_the_offer_is_accepted() {
        let (ann, bo) = (person("ann"), person("bo"));
        let offered = taken().offer(ALERT, &ann, &bo).unwrap();
        assert_eq!(offered.holder(), Some(&ann));
        let accepted = offered.answer_offer(ALERT, &bo, true, at(9)).unwrap();
        assert_eq!(accepted.holder(), Some(&bo));
        let declined = offered.answer_offer(ALERT, &bo, false, at(9)).unwrap();
        assert_eq!(declined, taken());
        let stranger = offered.answer_offer(ALERT, &person("cy"), true, at(9));
        assert!(stranger.is_err());
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
                    .snooze(ALERT, &bo, at(10), "lunch", at(9))
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
