//! Actions: everything that the audit trail can say of a person.

use std::fmt;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What somebody did. Codes are stored for ever: one is added for what is new, and none is ever changed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Gives the code that is stored.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

actions! {
    /// Looked at a patient's page: readings, charts, alerts, plan.
    RecordViewed = "record_viewed",
    /// Looked at the list of alerts; of many patients, so the entry names none.
    WorklistViewed = "worklist_viewed",
    /// Looked at an alert by itself; the subject is its number.
    AlertViewed = "alert_viewed",
    /// Took an alert; the subject is its number.
    AlertTaken = "alert_taken",
    /// Handed an alert over; the subject is its number.
    AlertHandedOver = "alert_handed_over",
    /// Escalated an alert; the subject is its number.
    AlertEscalated = "alert_escalated",
    /// Put an alert aside until later; the subject is its number.
    AlertPutAside = "alert_put_aside",
    /// Closed an alert; the subject is its number.
    AlertClosed = "alert_closed",
    /// Reopened an alert that was closed; the subject is its number.
    AlertReopened = "alert_reopened",
    /// Noted a contact with the patient; the subject is the number of the alert that it was about.
    ContactNoted = "contact_noted",
    /// Marked a reading as wrong, or took that back.
    ReadingMarked = "reading_marked",
    /// Changed a patient's plan, at once or from a later time; the subject is the plan's version.
    PlanChanged = "plan_changed",
    /// Took back a plan that was to hold from a later time; the subject is the plan's version.
    PlanWithdrawn = "plan_withdrawn",
    /// Asked a prescriber for a plan; the subject is the request's number.
    PlanRequested = "plan_requested",
    /// Answered such a request or took it back; the subject is its number, the detail what became of it.
    PlanRequestAnswered = "plan_request_answered",
    /// Opened the record of a patient who is not theirs; the detail is the reason.
    BreakGlassOpened = "break_glass_opened",
    /// Registered a patient, or changed what is known of them.
    PatientChanged = "patient_changed",
    /// Signed in.
    SignedIn = "signed_in",
    /// Signed out.
    SignedOut = "signed_out",
    /// Failed to sign in; the subject is the account, where there is one. Never what was typed.
    SignInFailed = "sign_in_failed",
    /// Looked at who had looked.
    AccessLogViewed = "access_log_viewed",
    /// Took records out of the system; the detail says which.
    Exported = "exported",
    /// Changed the rota, a leave or a cover; the subject is the team.
    DutyChanged = "duty_changed",
    /// Registered a member of staff or changed what they may do; the subject is who.
    PersonChanged = "person_changed",
    /// Changed their own roles; the subject is who, the detail which roles they have now.
    OwnRolesChanged = "own_roles_changed",
    /// Changed the organisation, an area, a clinic or a team's name; the subject is which.
    PlaceChanged = "place_changed",
    /// Signed a handover; the subject is who takes over.
    HandoverSigned = "handover_signed",
    /// Closed the records of other teams' patients that they had opened.
    BreakGlassClosed = "break_glass_closed",
    /// Made a sign-in for somebody, or gave them another name for it; the subject is who.
    SignInMade = "sign_in_made",
    /// Made a code by which somebody sets their password again; the subject is who.
    SignInReset = "sign_in_reset",
    /// Kept somebody from signing in; the subject is who.
    SignInClosed = "sign_in_closed",
    /// Let somebody sign in again who was kept from it; the subject is who.
    SignInOpened = "sign_in_opened",
    /// Set their own password.
    PasswordSet = "password_set",
    /// Set up one-time codes as their second step.
    SecondStepSet = "second_step_set",
    /// Added a passkey; the detail is its name.
    PasskeyAdded = "passkey_added",
    /// Gave a passkey another name; the detail is the name.
    PasskeyRenamed = "passkey_renamed",
    /// Removed a passkey; the subject is its number.
    PasskeyRemoved = "passkey_removed",
    /// Ended all their sessions.
    SignedOutEverywhere = "signed_out_everywhere",
    /// Proved again who they are, before something risky.
    ProvedAgain = "proved_again",
    /// Armed, signed off, moved on or revoked a box; the subject is the box.
    BoxChanged = "box_changed",
}

impl Action {
    /// Finds an action by its code; `None` when this program does not know it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.code() == code)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_its_own_and_is_found_again() {
        let codes: HashSet<_> = Action::ALL.iter().map(|it| it.code()).collect();
        assert_eq!(codes.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::from_code(action.code()), Some(*action));
        }
        assert_eq!(Action::from_code("record_eaten"), None);
        assert_eq!(Action::PlanChanged.to_string(), "plan_changed");
    }
}
