//! Events: everything that happens to a patient's case.

mod stored;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::GatewayId;

pub use stored::{AttemptStored, ReadingStored};

use crate::alert::{AlertNumber, Outcome};
use crate::contact::Contact;
use crate::deadline::Deadline;
use crate::discharge::Discharge;
use crate::history::Answers;
use crate::id::PersonId;
use crate::plan::Plan;
use crate::schedule::{Due, Pause};
use crate::silence;
use crate::strike::{Strike, StrikeBack};
use crate::watch::Watch;

/// Anything that happens to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Monitoring starts: the first event of a case, and later only after a discharge. The plan is then the next one.
    MonitoringStarted {
        /// Who answers for the patient.
        coordinator: PersonId,
        /// The plan that it starts with.
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
        /// Of which other alert it is a duplicate: asked for by that outcome, and by no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duplicate_of: Option<AlertNumber>,
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
        /// Whether the next reading that bears on it brings it back before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        until_reading: bool,
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
    /// The patient was called, visited or written to, whether somebody answered or not.
    Contacted(Contact),
    /// A reading was marked as wrong. It stays stored, and nothing is judged by it any more.
    ReadingStruck(Strike),
    /// A reading that was marked as wrong was right after all.
    StrikeTakenBack(StrikeBack),
    /// Monitoring ended. It may start again.
    Discharged(Discharge),
    /// A nurse asks whoever comes next to keep an eye on the patient.
    Watched(Watch),
    /// Nobody need keep an eye on the patient any more.
    WatchEnded {
        /// Who said so.
        by: PersonId,
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
    fn a_close_from_before_duplicates_is_still_read_and_a_duplicate_says_of_which() {
        let row = json!({
            "event": "alert_closed", "alert": 3, "by": "nurse-bo", "outcome": "advice_given", "note": "",
        });
        let Event::AlertClosed { duplicate_of, .. } = read(&row) else {
            panic!("a close");
        };
        assert_eq!(duplicate_of, None);
        assert_eq!(written(&read(&row)), row);
        let row = json!({
            "event": "alert_closed", "alert": 3, "by": "nurse-bo", "outcome": "duplicate", "note": "", "duplicate_of": 2,
        });
        assert_eq!(written(&read(&row)), row);
    }

    #[test]
    fn what_nurses_do_is_written_in_plain_words_and_read_back() {
        for row in [
            json!({
                "event": "contacted", "alert": 3, "by": "nurse-bo", "how": "phone", "result": "no_answer",
                "retry_at": "2026-11-21T09:00:00Z",
            }),
            json!({ "event": "contacted", "by": "nurse-bo", "how": "visit", "result": "spoke_with_carer", "note": "Well." }),
            json!({
                "event": "reading_struck", "reading": "381669ad555e823817e1370abe100834", "by": "nurse-bo",
                "reason": "another_person",
            }),
            json!({
                "event": "strike_taken_back", "reading": "381669ad555e823817e1370abe100834", "by": "nurse-bo",
                "note": "It was hers.",
            }),
            json!({ "event": "discharged", "by": "nurse-bo", "reason": "goals_met" }),
            json!({ "event": "watched", "note": "Dizzy", "until": "2026-11-22T20:00:00Z", "by": "nurse-bo" }),
            json!({ "event": "watch_ended", "by": "nurse-bo" }),
        ] {
            assert_eq!(written(&read(&row)), row);
        }
        let unknown = json!({ "event": "discharged", "by": "nurse-bo", "reason": "goals_met", "when": "now" });
        assert!(serde_json::from_value::<Event>(unknown).is_err());
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
