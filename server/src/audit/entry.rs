//! Entries: what is said of one thing that somebody did, before it has a number.

use clinical::{PatientId, PersonId};

use super::action::Action;

/// The longest text of an entry but its detail, in characters.
pub const TEXT_LEN_MAX: usize = 100;
/// The longest detail, in characters.
pub const DETAIL_LEN_MAX: usize = 500;
/// Stands at the end of a text that was too long.
const CUT: char = '…';
/// Nobody's id begins with this letter, so these are never taken for members of staff.
const NOBODY: &str = "@unknown";
const OPERATOR: &str = "@operator";

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub(super) person: String,
    pub(super) role: String,
    pub(super) session: Option<String>,
}

impl Actor {
    /// A member of staff, or a patient, in the role that they acted by.
    pub fn person(id: &PersonId, role: &str) -> Self {
        Self {
            person: id.to_string(),
            role: bounded(role, TEXT_LEN_MAX),
            session: None,
        }
    }

    /// Somebody who has not signed in. Written as `@unknown`.
    pub fn unknown() -> Self {
        Self {
            person: NOBODY.to_owned(),
            role: "none".to_owned(),
            session: None,
        }
    }

    /// Somebody who runs this program's commands on its machine, by the number of their account there. Written as
    /// `@operator`.
    pub fn operator(uid: u32) -> Self {
        Self {
            person: OPERATOR.to_owned(),
            role: "operator".to_owned(),
            session: Some(format!("uid {uid}")),
        }
    }

    /// Adds by which session: a short name of it that lets nobody use it, such as the first digits of its hash.
    #[must_use]
    pub fn in_session(mut self, session: &str) -> Self {
        self.session = Some(bounded(session, TEXT_LEN_MAX));
        self
    }
}

/// What somebody did. It holds no vital sign and no secret: whoever may read the trail may not read those.
///
/// Texts that are too long are cut, and end with `…`: an entry that is a little shorter is better than none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(super) actor: Actor,
    pub(super) action: Action,
    pub(super) patient: Option<PatientId>,
    pub(super) subject: Option<String>,
    pub(super) detail: Option<String>,
}

impl Entry {
    /// Says who did what.
    pub fn new(actor: Actor, action: Action) -> Self {
        Self {
            actor,
            action,
            patient: None,
            subject: None,
            detail: None,
        }
    }

    /// Adds whose record it is about.
    #[must_use]
    pub fn of(mut self, patient: &PatientId) -> Self {
        self.patient = Some(patient.clone());
        self
    }

    /// Adds which thing it is about, as the action says: the alert's number, the plan's version, the team.
    #[must_use]
    pub fn about(mut self, subject: &(impl ToString + ?Sized)) -> Self {
        self.subject = Some(bounded(&subject.to_string(), TEXT_LEN_MAX));
        self
    }

    /// Adds what else is to be remembered, such as the reason that was given.
    #[must_use]
    pub fn detail(mut self, detail: &str) -> Self {
        self.detail = Some(bounded(detail, DETAIL_LEN_MAX));
        self
    }
}

/// One line of at most so many characters. PostgreSQL keeps no NUL, and no letter steers a terminal.
fn bounded(text: &str, len_max: usize) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    if text.chars().count() <= len_max {
        return text.chars().map(plain).collect();
    }
    let kept = text.chars().take(len_max - 1).map(plain);
    kept.chain([CUT]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_and_cut_where_it_is_too_long() {
        let anna = "nurse-1".parse().unwrap();
        let actor = Actor::person(&anna, "Community\nmatron").in_session(&"s".repeat(101));
        assert_eq!(actor.role, "Community matron");
        let session = actor.session.clone().unwrap();
        assert_eq!(session.chars().count(), TEXT_LEN_MAX);
        assert!(session.ends_with(CUT), "{session}");

        let entry = Entry::new(actor, Action::BreakGlassOpened)
            .of(&"ivor".parse().unwrap())
            .about(&3)
            .detail(&"ä".repeat(DETAIL_LEN_MAX));
        assert_eq!(entry.subject.as_deref(), Some("3"));
        assert_eq!(entry.detail, Some("ä".repeat(DETAIL_LEN_MAX)), "it fits");
        let longer = entry
            .detail(&"\0".repeat(DETAIL_LEN_MAX + 1))
            .detail
            .unwrap();
        assert_eq!(longer, format!("{}…", " ".repeat(DETAIL_LEN_MAX - 1)));
    }

    #[test]
    fn no_member_of_staff_is_named_like_those_who_are_none() {
        for name in [NOBODY, OPERATOR] {
            assert!(name.parse::<PersonId>().is_err(), "{name}");
        }
    }
}
