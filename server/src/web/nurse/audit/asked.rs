//! What a search of the trail asks for, as it was typed and as the store takes it.

use clinical::PatientId;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::audit::entry::TEXT_LEN_MAX;
use crate::audit::{Action, Entry};
use crate::store::audit::Filter;
use crate::web::local_time::LocalTime;
use crate::web::session::{Me, encoded};

/// What is typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) person: String,
    #[serde(default)]
    pub(super) patient: String,
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) to: String,
    #[serde(default)]
    pub(super) before: String,
}

/// What is wrong with it, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) patient: Option<&'static str>,
    pub(super) kind: Option<&'static str>,
    pub(super) from: Option<&'static str>,
    pub(super) to: Option<&'static str>,
}

impl Wrong {
    /// Tells whether anything is.
    pub(super) fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

impl Asked {
    /// Reads it. The last day is searched to its end.
    ///
    /// # Errors
    /// When a field cannot be read, with what to write there.
    pub(super) fn read(&self, local: &LocalTime) -> Result<Filter, Wrong> {
        let mut wrong = Wrong::default();
        let text = |typed: &str| Some(typed.trim().to_owned()).filter(|it| !it.is_empty());
        let patient = text(&self.patient);
        if patient
            .as_ref()
            .is_some_and(|it| it.parse::<PatientId>().is_err())
        {
            wrong.patient = Some(
                "Write a patient's id as the entries have it, such as patient-1. Names are not searched here",
            );
        }
        let action = text(&self.kind).map(|it| Action::from_code(&it));
        if action == Some(None) {
            wrong.kind = Some("Choose a kind of the list");
        }
        let day = |typed: &str| text(typed).map(|it| it.parse::<Date>().ok());
        let (from, to) = (day(&self.from), day(&self.to));
        if from == Some(None) {
            wrong.from = Some("Choose a day, or write one such as 2026-11-01");
        }
        if to == Some(None) {
            wrong.to = Some("Choose a day, or write one such as 2026-11-30");
        }
        let (from, to) = (from.flatten(), to.flatten());
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            wrong.to = Some("Choose a last day that is not before the first");
        }
        if wrong.is_any() {
            return Err(wrong);
        }
        let begins = |day: Option<Date>| day.and_then(|day| local.midnight(day));
        Ok(Filter {
            patient,
            person: text(&self.person).map(|it| it.chars().take(TEXT_LEN_MAX).collect()),
            action: action.flatten(),
            from: begins(from),
            until: begins(to.map(|day| day.saturating_add(1.day()))),
        })
    }

    /// Writes it as the query of an address, without where the page begins.
    pub(super) fn query(&self) -> String {
        let pairs = [
            ("person", &self.person),
            ("patient", &self.patient),
            ("kind", &self.kind),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let typed = pairs.iter().filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<String> = typed
            .map(|(name, value)| format!("{name}={}", encoded(value.trim())))
            .collect();
        pairs.join("&")
    }

    /// Says in the trail that this was asked for.
    pub(super) fn entry(&self, me: &Me, action: Action) -> Entry {
        let asked = self.query();
        let asked = if asked.is_empty() {
            "everything"
        } else {
            &asked
        };
        let entry = Entry::new(me.actor(), action).detail(&format!("audit trail: {asked}"));
        match self.patient.trim().parse() {
            Ok(patient) => entry.of(&patient),
            Err(_) => entry,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        let value = |name: &str| {
            let found = pairs.iter().find(|(it, _)| *it == name);
            found.map_or_else(String::new, |(_, value)| (*value).to_owned())
        };
        Asked {
            person: value("person"),
            patient: value("patient"),
            kind: value("kind"),
            from: value("from"),
            to: value("to"),
            before: String::new(),
        }
    }

    fn local() -> LocalTime {
        let now = "2026-04-02T12:00:00Z".parse().unwrap();
        LocalTime::new(TimeZone::get("Europe/London").unwrap(), now)
    }

    #[test]
    fn days_are_whole_by_the_clock_on_the_wall() {
        let asked = asked(&[
            ("from", "2026-03-28"),
            ("to", "2026-03-29"),
            ("person", " ada "),
        ]);
        let filter = asked.read(&local()).unwrap();
        assert_eq!(filter.from, Some("2026-03-28T00:00:00Z".parse().unwrap()));
        assert_eq!(filter.until, Some("2026-03-29T23:00:00Z".parse().unwrap()));
        assert_eq!(filter.person.as_deref(), Some("ada"));
        assert_eq!(asked.query(), "person=ada&from=2026-03-28&to=2026-03-29");
    }

    #[test]
    fn what_cannot_be_searched_says_what_to_write() {
        for pair in [
            ("patient", "Ivor Evans"),
            ("kind", "record_eaten"),
            ("from", "yesterday"),
            ("to", "2026-02-30"),
        ] {
            assert!(
                asked(&[pair]).read(&local()).unwrap_err().is_any(),
                "{pair:?}"
            );
        }
        let backwards = asked(&[("from", "2026-03-29"), ("to", "2026-03-28")]);
        assert!(backwards.read(&local()).unwrap_err().to.is_some());
        assert_eq!(asked(&[]).read(&local()), Ok(Filter::default()));
    }
}
