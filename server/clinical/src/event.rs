//! Events: everything that happens to a patient's case.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{
    Attempt, AttemptReason, Characteristic, Decimal, DeviceId, GatewayId, QualityMark, Reading,
    ReadingId,
};

use crate::alert::{AlertNumber, Outcome};
use crate::deadline::Deadline;
use crate::device_clock::DeviceClock;
use crate::history::Answers;
use crate::id::PersonId;
use crate::plan::Plan;
use crate::schedule::{Due, Measured, Pause};
use crate::sign::VitalSign;
use crate::silence;

/// The facts of a stored reading that judgement needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingStored {
    /// The reading.
    pub id: ReadingId,
    /// Its vital signs, in the units of plans.
    pub values: Vec<(VitalSign, Decimal)>,
    /// Its quality marks.
    pub quality: Vec<QualityMark>,
    /// When it was measured.
    pub measured_at: Timestamp,
    /// When the gateway received it.
    pub received_at: Timestamp,
    /// The device that measured; `None` in rows from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Who used the device, as it numbers its users; `None` when it does not say or does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u8>,
    /// The number that this patient has on the device, by its registration; `None` where the device is theirs alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_user: Option<u8>,
    /// What the device's clock showed; `None` where it tells nothing, and in rows from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<DeviceClock>,
    /// A drill travels the whole way and is about nobody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}

impl From<&Reading> for ReadingStored {
    fn from(reading: &Reading) -> Self {
        Self {
            id: reading.id,
            values: VitalSign::values_of(&reading.vital),
            quality: reading.quality.clone(),
            measured_at: reading.times.measured_at,
            received_at: reading.times.received_at,
            device: Some(reading.device.clone()),
            user: reading.user,
            registered_user: None,
            clock: None,
            drill: false,
        }
    }
}

/// The facts of a stored attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptStored {
    /// The attempt.
    pub id: ReadingId,
    /// Why it is not a reading.
    pub reason: AttemptReason,
    /// Its quality marks.
    pub quality: Vec<QualityMark>,
    /// When it was made.
    pub measured_at: Timestamp,
    /// The device that measured; `None` in rows from before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Who used the device, as it numbers its users; `None` when it does not say or does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u8>,
    /// What was to be measured; `None` in rows from before it was noted, and where the bytes do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<Measured>,
}

impl From<&Attempt> for AttemptStored {
    fn from(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id,
            reason: attempt.reason,
            quality: attempt.quality.clone(),
            measured_at: attempt.times.measured_at,
            device: Some(attempt.device.clone()),
            user: attempt.user,
            what: measured_by(attempt.characteristic),
        }
    }
}

/// Gives what a characteristic measures (Bluetooth Assigned Numbers, 3.8; 0x0001 is Nonin's, see [`Characteristic`]).
fn measured_by(characteristic: Characteristic) -> Option<Measured> {
    match characteristic.0 {
        0x2A35 | 0x2A36 | 0x2B34 => Some(Measured::BloodPressure),
        0x2A5E | 0x2A5F | 0x0001 => Some(Measured::Oximetry),
        0x2A9C | 0x2A9D => Some(Measured::Weight),
        0x2A1C | 0x2A1E => Some(Measured::Temperature),
        _ => None,
    }
}

/// Anything that happens to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Monitoring starts: always the first event of a case, and only then.
    MonitoringStarted {
        /// Who answers for the patient.
        coordinator: PersonId,
        /// The first plan.
        plan: Box<Plan>,
    },
    /// A reading was stored.
    ReadingStored(ReadingStored),
    /// A failed or unusable measurement was stored.
    AttemptStored(AttemptStored),
    /// A plan was put in force.
    PlanInForce {
        /// The plan.
        plan: Box<Plan>,
    },
    /// A plan was accepted that is to hold from a later time.
    PlanScheduled {
        /// The plan.
        plan: Box<Plan>,
    },
    /// A plan that was to hold later was taken back.
    PlanWithdrawn {
        /// Who took it back.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// A care coordinator was made answerable.
    CoordinatorAssigned {
        /// Who.
        coordinator: PersonId,
    },
    /// Somebody took an alert.
    AlertTaken {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// Who held it and did not answer, by the duty of the moment, when whoever takes it did; `None` otherwise, and in
        /// rows from before it was noted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<PersonId>,
    },
    /// Somebody closed an alert.
    AlertClosed {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// How it ended.
        outcome: Outcome,
        /// What they wrote.
        note: String,
    },
    /// A deadline of the case passed.
    DeadlinePassed {
        /// Which.
        what: Deadline,
        /// When it was due.
        due_at: Timestamp,
    },
    /// A window in which a reading was expected has closed. In case it closed without one, this is the likely cause, by
    /// what was known of the home then.
    WindowClosed {
        /// The window.
        due: Due,
        /// The cause.
        finding: silence::Finding,
    },
    /// More is known about a window that had closed without its reading: the gateway is back, and this is the likely cause.
    WindowExplained {
        /// The window.
        due: Due,
        /// The cause.
        finding: silence::Finding,
    },
    /// A gateway has run for too long without knowing the time, or knows it.
    GatewayClock {
        /// The gateway.
        gateway: GatewayId,
        /// Whether it does not know the time.
        unset: bool,
    },
    /// The patient, or a nurse with the patient, answered questions.
    Answered(Answers),
    /// The holder of an alert waits for the patient.
    AlertWaits {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// Until when.
        until: Timestamp,
    },
    /// The holder of an alert put it aside.
    AlertSnoozed {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// The holder of an alert asked a clinician to take it.
    AlertEscalated {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// To whom.
        to: PersonId,
        /// Situation, background, assessment and recommendation, as it was sent.
        note: String,
    },
    /// The holder of an alert offered it to somebody else.
    AlertOffered {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// To whom.
        to: PersonId,
    },
    /// The person to whom an alert was offered answered.
    OfferAnswered {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// Whether they take it.
        accepted: bool,
    },
    /// Somebody reopened an alert that was closed.
    AlertReopened {
        /// Which.
        alert: AlertNumber,
        /// Who.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// No readings are expected for a time.
    Paused {
        /// From when to when, and why.
        pause: Pause,
        /// Who arranged it.
        by: PersonId,
    },
    /// Readings are expected again.
    Resumed {
        /// Who arranged it.
        by: PersonId,
    },
    /// A clinician overrode the tier by which the patient's worklist rows are ordered, or took the override back.
    TierSet {
        /// The tier; `None` takes the override back.
        tier: Option<crate::worklist::Tier>,
        /// Who.
        by: PersonId,
        /// Why.
        reason: String,
        /// Until when it holds.
        until: Option<Timestamp>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(row: &serde_json::Value) -> Event {
        serde_json::from_value(row.clone()).unwrap()
    }

    /// Writes the event as the journal does, so that what replay reads is what was there.
    fn written(event: &Event) -> serde_json::Value {
        serde_json::to_value(event).unwrap()
    }

    #[test]
    fn a_reading_from_before_devices_and_users_were_noted_is_still_read() {
        let row = json!({
            "event": "reading_stored", "id": "381669ad555e823817e1370abe100834", "values": [["systolic", "124"]],
            "quality": [], "measured_at": "2026-11-21T08:00:27Z", "received_at": "2026-11-21T08:00:31Z",
        });
        let Event::ReadingStored(stored) = read(&row) else {
            panic!("a stored reading");
        };
        assert_eq!(
            (&stored.device, stored.user, stored.registered_user),
            (&None, None, None)
        );
        assert_eq!(written(&Event::ReadingStored(stored)), row);
    }

    #[test]
    fn an_attempt_from_before_devices_and_users_were_noted_is_still_read() {
        let row = json!({
            "event": "attempt_stored", "id": "a42513910269dc616bfaf29ff65c4ddf", "reason": "no_value", "quality": [],
            "measured_at": "2026-11-21T08:04:59Z",
        });
        let Event::AttemptStored(stored) = read(&row) else {
            panic!("a stored attempt");
        };
        assert_eq!((&stored.device, stored.user), (&None, None));
        assert_eq!(written(&Event::AttemptStored(stored)), row);
    }

    #[test]
    fn a_take_from_before_duty_was_noted_is_still_read_and_one_by_duty_says_for_whom() {
        let row = json!({ "event": "alert_taken", "alert": 3, "by": "nurse-bo" });
        let Event::AlertTaken { instead_of, .. } = read(&row) else {
            panic!("a take");
        };
        assert_eq!(instead_of, None);
        assert_eq!(written(&read(&row)), row);
        let row = json!({ "event": "alert_taken", "alert": 3, "by": "ooh-ward", "instead_of": "nurse-bo" });
        assert_eq!(written(&read(&row)), row);
    }

    #[test]
    fn who_used_which_device_is_in_the_row() {
        let row = json!({
            "event": "reading_stored", "id": "381669ad555e823817e1370abe100834", "values": [["systolic", "124"]],
            "quality": [], "measured_at": "2026-11-21T08:00:27Z", "received_at": "2026-11-21T08:00:31Z",
            "device": "cuff-1", "user": 2, "registered_user": 1,
        });
        let Event::ReadingStored(stored) = read(&row) else {
            panic!("a stored reading");
        };
        assert_eq!(stored.device, Some("cuff-1".parse().unwrap()));
        assert_eq!((stored.user, stored.registered_user), (Some(2), Some(1)));
        assert_eq!(written(&Event::ReadingStored(stored)), row);
    }
}
