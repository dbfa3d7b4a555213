//! The timeline: what happened to a patient in some days, newest first, and the numbered flags that charts show.

use clinical::{Event, Outcome};
use jiff::Timestamp;

use super::timeline_words::{Names, of_event};
use crate::store::alert_ends::ENDED_BY_ITSELF;
use crate::store::patient_page::{StoredAttempt, StoredPlan, StoredReading};
use crate::store::patient_record::{DeviceRow, PastAlert, PastEvent};
use crate::web::chart_flags::Flag;
use crate::web::chart_scale::Window;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::patient_view::ReadingView;
use crate::web::words;

/// How many entries are shown before somebody asks for all.
pub(crate) const SHORT_LEN: usize = 30;

/// What an entry is about; the timeline can be filtered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A reading, or a measurement that failed.
    Reading,
    /// An alert was raised, taken, passed on or closed.
    Alert,
    /// Somebody was in touch with the patient.
    Contact,
    /// The plan changed.
    Plan,
    /// A device was registered.
    Device,
    /// Readings were paused or expected again.
    Pause,
    /// Who answers, and how the worklist is ordered.
    People,
}

impl Kind {
    /// Every kind, in the order that they are offered.
    pub(crate) const ALL: [Self; 7] = [
        Self::Reading,
        Self::Alert,
        Self::Contact,
        Self::Plan,
        Self::Device,
        Self::Pause,
        Self::People,
    ];

    /// Gives the name that addresses use.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Reading => "readings",
            Self::Alert => "alerts",
            Self::Contact => "contacts",
            Self::Plan => "plan",
            Self::Device => "devices",
            Self::Pause => "pauses",
            Self::People => "people",
        }
    }

    /// Gives the words for pages.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Reading => "Readings",
            Self::Alert => "Alerts",
            Self::Contact => "Contacts",
            Self::Plan => "Plan and limits",
            Self::Device => "Devices",
            Self::Pause => "Pauses",
            Self::People => "People",
        }
    }

    /// Finds a kind by the name that addresses use.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One entry, before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When.
    pub(crate) at: Timestamp,
    /// What it is about.
    pub(crate) kind: Kind,
    /// What happened, in one line.
    pub(crate) text: String,
    /// What charts say of it, in a few words; `None` for what they do not show.
    pub(crate) flag: Option<String>,
}

/// One entry, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryView {
    /// When.
    pub(crate) at: Shown,
    /// What it is about.
    pub(crate) kind: &'static str,
    /// What happened.
    pub(crate) text: String,
    /// Its number in the charts.
    pub(crate) flag: Option<usize>,
}

/// One flag of the list below the charts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FlagView {
    /// Its number.
    pub(crate) number: usize,
    /// When.
    pub(crate) at: Shown,
    /// What happened, in a few words.
    pub(crate) text: String,
}

/// Everything that a timeline is made of.
pub(crate) struct Sources<'a> {
    /// Newest first.
    pub(crate) readings: &'a [StoredReading],
    /// Newest first.
    pub(crate) attempts: &'a [StoredAttempt],
    /// Oldest first.
    pub(crate) plans: &'a [StoredPlan],
    /// What people did.
    pub(crate) events: &'a [PastEvent],
    /// What was raised.
    pub(crate) alerts: &'a [PastAlert],
    /// What is registered.
    pub(crate) devices: &'a [DeviceRow],
    /// The names of the staff.
    pub(crate) names: &'a Names,
}

/// Puts the entries of a stretch of time in order, newest first.
pub(crate) fn entries(sources: &Sources<'_>, window: Window, local: &LocalTime) -> Vec<Entry> {
    let readings = sources.readings.iter().map(|stored| {
        let view = ReadingView::new(stored, sources.plans, local);
        let pulse = view
            .pulse
            .map(|pulse| format!(", pulse {pulse}"))
            .unwrap_or_default();
        plain(
            stored.reading.times.measured_at,
            Kind::Reading,
            format!(
                "{} {}{pulse} – {}",
                view.what, view.value, view.standing.text
            ),
        )
    });
    let attempts = sources.attempts.iter().map(|stored| {
        let text = words::failed(&stored.device_kind, stored.reason);
        plain(stored.measured_at, Kind::Reading, text)
    });
    let devices = sources.devices.iter().map(|device| Entry {
        flag: Some(format!("{} registered", device.label)),
        ..plain(
            device.registered_at,
            Kind::Device,
            format!("{} registered with box {}", device.label, device.gateway),
        )
    });
    let events = sources.events.iter();
    let events = events.filter_map(|past| of_event(past, sources.names, local));
    let alerts = sources.alerts.iter().flat_map(of_alert);
    let mut all: Vec<Entry> = readings
        .chain(attempts)
        .chain(devices)
        .chain(events)
        .chain(alerts)
        .filter(|entry| window.from <= entry.at && entry.at <= window.until)
        .collect();
    // Stable: what is of the same moment stays in the order of its sources.
    all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    all
}

/// Makes an entry that charts do not show.
pub(super) fn plain(at: Timestamp, kind: Kind, text: String) -> Entry {
    Entry {
        at,
        kind,
        text,
        flag: None,
    }
}

/// That an alert was raised, and that it ended by itself: what people did with it is in the journal.
fn of_alert(alert: &PastAlert) -> Vec<Entry> {
    let at = |us: i64| Timestamp::from_microsecond(us).ok();
    let opened = at(alert.opened_at).map(|at| {
        let text = format!(
            "Alert {} raised, {}: {}",
            alert.number, alert.priority, alert.why
        );
        plain(at, Kind::Alert, text)
    });
    let by_itself = alert.outcome.as_deref() == Some(ENDED_BY_ITSELF);
    let ended = alert.closed_at.and_then(at).filter(|_| by_itself);
    let ended = ended.map(|at| {
        let text = format!("Alert {} ended by itself", alert.number);
        plain(at, Kind::Alert, text)
    });
    opened.into_iter().chain(ended).collect()
}

/// Says in a few words what a way of closing an alert means for the patient.
pub(super) fn flag_of(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::AdviceGiven => Some("Called, advice given"),
        Outcome::MedicineChanged => Some("Medicine changed"),
        Outcome::VisitBooked => Some("Home visit booked"),
        Outcome::Referred => Some("Referred"),
        _ => None,
    }
}

/// Numbers the flags, oldest first.
pub(crate) fn flags(entries: &[Entry], local: &LocalTime) -> (Vec<Flag>, Vec<FlagView>) {
    let flagged = entries.iter().rev().filter(|entry| entry.flag.is_some());
    let numbered = flagged.enumerate().map(|(index, entry)| {
        let number = index + 1;
        let at = entry.at;
        let view = FlagView {
            number,
            at: local.show(at),
            text: entry.flag.clone().unwrap_or_default(),
        };
        (Flag { number, at }, view)
    });
    numbered.unzip()
}

/// Shows entries, of one kind or of all.
pub(crate) fn views(entries: &[Entry], kind: Option<Kind>, local: &LocalTime) -> Vec<EntryView> {
    let flagged_len = entries.iter().filter(|it| it.flag.is_some()).count();
    let mut number = flagged_len + 1;
    let mut views = Vec::new();
    for entry in entries {
        let flag = entry.flag.is_some().then(|| {
            number -= 1;
            number
        });
        if kind.is_none_or(|kind| kind == entry.kind) {
            views.push(EntryView {
                at: local.show(entry.at),
                kind: entry.kind.label(),
                text: entry.text.clone(),
                flag,
            });
        }
    }
    views
}

/// Tells whether an event is told by another source.
pub(super) fn is_told_elsewhere(event: &Event) -> bool {
    matches!(
        event,
        Event::ReadingStored(_)
            | Event::AttemptStored(_)
            | Event::DeadlinePassed { .. }
            | Event::WindowClosed { .. }
            | Event::WindowExplained { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn entry(at: &str, kind: Kind, flag: Option<&str>) -> Entry {
        Entry {
            flag: flag.map(str::to_owned),
            ..plain(at.parse().unwrap(), kind, at.to_owned())
        }
    }

    #[test]
    fn flags_are_numbered_from_the_oldest_and_keep_their_numbers_when_filtered() {
        let local = LocalTime::new(TimeZone::UTC, "2026-03-14T12:00:00Z".parse().unwrap());
        let entries = [
            entry("2026-03-13T00:00:00Z", Kind::Plan, Some("Limits changed")),
            entry("2026-03-12T00:00:00Z", Kind::Reading, None),
            entry("2026-03-11T00:00:00Z", Kind::Alert, Some("Called")),
        ];
        let (flags, list) = flags(&entries, &local);
        let numbers: Vec<usize> = flags.iter().map(|it| it.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(
            (list[0].text.as_str(), list[1].text.as_str()),
            ("Called", "Limits changed")
        );
        let all: Vec<Option<usize>> = views(&entries, None, &local)
            .iter()
            .map(|it| it.flag)
            .collect();
        assert_eq!(all, [Some(2), None, Some(1)]);
        let plans = views(&entries, Some(Kind::Plan), &local);
        assert_eq!((plans.len(), plans[0].flag), (1, Some(2)));
    }

    #[test]
    fn an_alert_that_ended_by_itself_is_two_entries() {
        let alert = PastAlert {
            number: 3,
            priority: "check".to_owned(),
            why: "Pulse 45".to_owned(),
            opened_at: 0,
            closed_at: Some(60_000_000),
            outcome: Some(ENDED_BY_ITSELF.to_owned()),
        };
        let said: Vec<String> = of_alert(&alert).into_iter().map(|it| it.text).collect();
        let expected = ["Alert 3 raised, check: Pulse 45", "Alert 3 ended by itself"];
        assert_eq!(said, expected);
        let closed = PastAlert {
            outcome: Some("referred".to_owned()),
            ..alert
        };
        assert_eq!(
            of_alert(&closed).len(),
            1,
            "the journal tells who closed it"
        );
    }
}
