//! Escalation: how soon somebody must act on an alert, and what happens when nobody does.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alert::Priority;
use crate::hours::Hours;
use crate::zone::Zone;

/// The least that anybody is given, in minutes: a deadline that fires always moves on.
pub const RESPONSE_MINUTES_MIN: u32 = 1;

/// The longest rest after a person has closed an alert, in days: no patient is forgotten for longer than a month.
pub const REST_DAYS_MAX: u8 = 28;

/// The most times that any plan lets a patient be tried without an answer.
pub const UNANSWERED_MAX: u8 = 10;

/// Which minutes count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// All of them.
    Always,
    /// Those within the plan's monitoring hours.
    Monitored,
}

/// How soon somebody must act on alerts of one priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// Minutes until somebody must have taken it.
    pub take_minutes: u32,
    /// Minutes from taking it until it must be closed, put aside or passed on.
    pub act_minutes: u32,
    /// Minutes that each further step up the chain has.
    pub step_minutes: u32,
    /// Which minutes count.
    pub clock: Clock,
    /// The longest that it may be put aside.
    pub snooze_minutes_max: u32,
    /// How many days after a person has closed such an alert the same problem does not raise another that is no worse:
    /// the same weeks of readings would otherwise raise it again at the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_days: Option<u8>,
    /// How many times in a row the patient may be tried without an answer before the alert is to be escalated; without a
    /// bound when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered_max: Option<u8>,
    /// Whether it ends by itself once what raised it no longer holds and nobody has taken it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_by_itself: bool,
    /// Where the numbers are from.
    pub source: String,
}

/// The response of each priority. A priority without one has no deadline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Escalation(pub BTreeMap<Priority, Response>);

impl Escalation {
    /// Gives the response of a priority.
    pub fn of(&self, priority: Priority) -> Option<&Response> {
        self.0.get(&priority)
    }
}

impl Response {
    /// Gives the moment at which `minutes` that count have passed, at least [`RESPONSE_MINUTES_MIN`]. When the hours
    /// never open, all minutes count.
    pub fn after(&self, minutes: u32, now: Timestamp, hours: &Hours, zone: &Zone) -> Timestamp {
        let minutes = minutes.max(RESPONSE_MINUTES_MIN);
        let always = || {
            now.checked_add(SignedDuration::from_mins(i64::from(minutes)))
                .unwrap_or(Timestamp::MAX)
        };
        match self.clock {
            Clock::Always => always(),
            Clock::Monitored => hours
                .after_open_minutes(now, minutes, zone)
                .unwrap_or_else(always),
        }
    }
}
