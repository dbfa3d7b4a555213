//! Words of the trail: what an entry says, to people.

use std::collections::BTreeMap;

use crate::audit::{Action, Recorded};
use crate::rights::Role;

/// What stands for whoever has not signed in, and for whoever runs the program's commands.
pub(super) const NOBODIES: [(&str, &str); 2] = [
    ("@unknown", "Somebody who had not signed in"),
    ("@operator", "Whoever runs the server, by a command"),
];

/// Says what somebody did.
pub(super) fn title(action: Action) -> &'static str {
    match action {
        Action::RecordViewed => "Looked at the record",
        Action::WorklistViewed => "Looked at the list of alerts",
        Action::AlertViewed => "Looked at an alert",
        Action::AlertTaken => "Took an alert",
        Action::AlertHandedOver => "Handed an alert over, or answered a handover",
        Action::AlertEscalated => "Escalated an alert",
        Action::AlertPutAside => "Put an alert aside",
        Action::AlertClosed => "Closed an alert",
        Action::AlertReopened => "Reopened an alert",
        Action::ContactNoted => "Noted a contact",
        Action::ReadingMarked => "Marked a reading as wrong, or took that back",
        Action::PlanChanged => "Changed the plan",
        Action::PlanWithdrawn => "Took back a plan that was to hold later",
        Action::PlanRequested => "Asked a prescriber for a plan",
        Action::PlanRequestAnswered => "Answered what a prescriber was asked for, or took it back",
        Action::HomeAccessGiven => "Let the patient or a carer see the patient's own pages",
        Action::HomeAccessRevoked => "Took the patient's own pages away from somebody",
        Action::HomeCodeMade => "Made a code for somebody at home to sign in",
        Action::ReadingRemarked => {
            "Said at home that a reading was not the patient's, or took that back"
        }
        Action::BreakGlassOpened => "Opened another team's record by breaking the glass",
        Action::BreakGlassClosed => "Closed the records opened by breaking the glass",
        Action::PatientChanged => "Changed what is known of the patient",
        Action::SignedIn => "Signed in",
        Action::SignedOut => "Signed out",
        Action::SignInFailed => "Failed to sign in",
        Action::ProvedAgain => "Proved again who they are",
        Action::SignedOutEverywhere => "Signed out everywhere",
        Action::PasswordSet => "Set their password",
        Action::SecondStepSet => "Set up their second step",
        Action::PasskeyAdded => "Added a passkey",
        Action::PasskeyRenamed => "Gave a passkey another name",
        Action::PasskeyRemoved => "Removed a passkey",
        Action::AccessLogViewed => "Looked at who had looked",
        Action::Exported => "Took records out of the system",
        Action::DutyChanged => "Changed a rota",
        Action::HandoverSigned => "Signed a handover",
        Action::PersonChanged => "Changed a member of staff or their roles",
        Action::OwnRolesChanged => "Changed their own roles",
        Action::SignInMade => "Made a sign-in",
        Action::SignInReset => "Made a new code for a sign-in",
        Action::SignInClosed => "Closed a sign-in",
        Action::SignInOpened => "Opened a sign-in again",
        Action::PlaceChanged => "Changed the organisation, an area, a clinic or a team's name",
        Action::BoxChanged => "Armed, signed off, moved on or revoked a box",
    }
}

/// Says what an entry is of, by its stored code. One that a newer program wrote is said by the code.
pub(super) fn title_of(code: &str) -> String {
    Action::from_code(code).map_or_else(|| code.replace('_', " "), |it| title(it).to_owned())
}

/// Says which thing an entry is about; nothing where it is about none.
pub(super) fn thing(entry: &Recorded, names: &BTreeMap<String, String>) -> Option<String> {
    let subject = entry.subject.as_deref()?;
    Some(match Action::from_code(&entry.action) {
        Some(
            Action::AlertViewed
            | Action::AlertTaken
            | Action::AlertHandedOver
            | Action::AlertEscalated
            | Action::AlertPutAside
            | Action::AlertClosed
            | Action::AlertReopened
            | Action::ContactNoted,
        ) => format!("alert {subject}"),
        Some(Action::PlanChanged | Action::PlanWithdrawn) => format!("version {subject}"),
        Some(Action::PlanRequested | Action::PlanRequestAnswered) => format!("request {subject}"),
        Some(Action::PasskeyRenamed | Action::PasskeyRemoved) => format!("passkey {subject}"),
        _ => names
            .get(subject)
            .map_or_else(|| subject.to_owned(), |name| format!("{name} ({subject})")),
    })
}

/// Says who did it: the name, or what stands for nobody.
pub(super) fn who(person: &str, names: &BTreeMap<String, String>) -> String {
    let nobody = NOBODIES.iter().find(|(id, _)| *id == person);
    let known = nobody.map(|(_, words)| (*words).to_owned());
    let known = known.or_else(|| names.get(person).cloned());
    known.unwrap_or_else(|| person.to_owned())
}

/// Says the roles that they acted by: `Care coordinator or nurse, Team lead`. What is no role is said as it stands.
pub(super) fn roles(stored: &str) -> String {
    let all = stored.split(' ').filter(|it| !it.is_empty());
    let all: Vec<&str> = all
        .map(|code| Role::from_code(code).map_or(code, |it| it.label()))
        .collect();
    match all.as_slice() {
        ["staff"] | ["none"] | ["operator"] => String::new(),
        ["home"] => "Somebody at home".to_owned(),
        all => all.join(", "),
    }
}

/// Tells whether what is to be remembered of an entry was written about a patient by somebody who cares for them: it is then
/// for those who see the record, and nobody else.
pub(super) fn is_of_the_record(entry: &Recorded) -> bool {
    entry.action == Action::BreakGlassOpened.code()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::audit::chain::GENESIS;
    use crate::audit::{Actor, Entry};

    #[test]
    fn every_kind_has_words_of_its_own() {
        let titles: BTreeSet<&str> = Action::ALL.iter().map(|it| title(*it)).collect();
        assert_eq!(titles.len(), Action::ALL.len());
        assert_eq!(title_of("record_eaten"), "record eaten");
    }

    #[test]
    fn things_and_people_are_named_where_their_names_are_known() {
        let names = BTreeMap::from([("ada".to_owned(), "Ada Okafor".to_owned())]);
        let thing_of = |action, subject: &str| {
            let actor = Actor::person(&"bo".parse().unwrap(), "nurse");
            let entry = Entry::new(actor, action).about(subject);
            let at = "2026-11-27T08:00:00Z".parse().unwrap();
            thing(&Recorded::link(GENESIS, 1, at, &entry), &names).unwrap()
        };
        assert_eq!(thing_of(Action::AlertTaken, "3"), "alert 3");
        assert_eq!(thing_of(Action::SignInMade, "ada"), "Ada Okafor (ada)");
        assert_eq!(thing_of(Action::DutyChanged, "north"), "north");
        assert_eq!(who("ada", &names), "Ada Okafor");
        assert_eq!(who("zoe", &names), "zoe");
        assert_eq!(who("@unknown", &names), "Somebody who had not signed in");
        assert_eq!(
            roles("nurse team_lead"),
            "Care coordinator or nurse, Team lead"
        );
        assert_eq!((roles("staff"), roles("")), (String::new(), String::new()));
    }
}
