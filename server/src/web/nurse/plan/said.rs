//! A plan in words: what it says of each matter, and where that differs from its templates.

use std::collections::BTreeMap;

use clinical::plan::{
    Departure, Leaning, Matter, Particulars, PatientView, Setting, Template, departures,
};
use clinical::{Plan, VitalSign};

use crate::web::words::capital;

/// One thing that a plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// `Confirmation of systolic`.
    pub(crate) what: String,
    /// What the plan says; empty where it says nothing and a template does.
    pub(crate) words: String,
    /// Where its numbers are from.
    pub(crate) source: String,
    /// How it differs from the templates.
    pub(crate) departs: Option<Departs>,
}

/// How something differs from the templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Departs {
    /// `hypertension says 135`.
    pub(crate) words: String,
    pub(crate) is_loosened: bool,
}

/// Things that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) items: Vec<Item>,
    /// How many of them differ from the templates.
    pub(crate) departing: usize,
}

/// A plan in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// How each vital sign's limits differ from the templates.
    pub(crate) limits: BTreeMap<VitalSign, Vec<Item>>,
    /// Everything else.
    pub(crate) groups: Vec<Group>,
    /// How much differs from the templates.
    pub(crate) departing: usize,
}

const GROUPS: [&str; 5] = [
    "Rules over several readings",
    "Repeats before an alert, and when an alert is over",
    "When readings are expected",
    "How soon somebody acts",
    "Which readings are believed",
];

/// Gives the place among [`GROUPS`]; `None` for what the page shows elsewhere.
fn group(matter: &Matter) -> Option<usize> {
    match matter {
        Matter::Limit(..) | Matter::Review | Matter::Term => None,
        Matter::Rule(_) | Matter::Score => Some(0),
        Matter::Confirmation(_) | Matter::ClearingReadings | Matter::ClearingMargin(_) => Some(1),
        Matter::Expected(_) => Some(2),
        Matter::Response(_) | Matter::Hours => Some(3),
        Matter::Doubtful(_)
        | Matter::Plausible(_)
        | Matter::PulsePressure
        | Matter::Jump(_)
        | Matter::Unusable
        | Matter::Lateness
        | Matter::Zone => Some(4),
    }
}

impl Said {
    /// Puts a plan into words, beside the templates that it started from. Without any, nothing can differ.
    pub(crate) fn of(plan: &Plan, templates: &[&Template]) -> Self {
        let own = Particulars::of(&plan.limits, &plan.care);
        let departs = if templates.is_empty() {
            Vec::new()
        } else {
            departures(plan, templates)
        };
        let departs: BTreeMap<&Matter, &Departure> =
            departs.iter().map(|it| (&it.what, it)).collect();
        let mut matters: Vec<&Matter> = own.iter().map(|(matter, _)| matter).collect();
        matters.extend(departs.keys());
        matters.sort();
        matters.dedup();
        let mut limits: BTreeMap<VitalSign, Vec<Item>> = BTreeMap::new();
        let mut groups = GROUPS.map(|title| Group {
            title,
            items: Vec::new(),
            departing: 0,
        });
        for matter in matters {
            let found = departs.get(matter).copied();
            let item = item(matter, own.get(matter), found);
            if let Matter::Limit(sign, _) = matter {
                if found.is_some() {
                    limits.entry(*sign).or_default().push(item);
                }
            } else if let Some(place) = group(matter) {
                groups[place].departing += usize::from(found.is_some());
                groups[place].items.push(item);
            }
        }
        let groups = groups.into_iter().filter(|it| !it.items.is_empty());
        Self {
            limits,
            groups: groups.collect(),
            departing: departs.len(),
        }
    }
}

fn item(matter: &Matter, setting: Option<&Setting>, departs: Option<&Departure>) -> Item {
    Item {
        what: capital(&matter.words()),
        words: setting.map(Setting::words).unwrap_or_default(),
        source: setting
            .and_then(Setting::source)
            .unwrap_or_default()
            .to_owned(),
        departs: departs.map(|it| Departs {
            words: templates_say(it),
            is_loosened: it.leaning == Leaning::Loosened,
        }),
    }
}

fn templates_say(it: &Departure) -> String {
    let words = |setting: &Option<Setting>| {
        setting
            .as_ref()
            .map_or("nothing".to_owned(), Setting::words)
    };
    let says: Vec<String> = it
        .templates
        .iter()
        .map(|(name, setting)| format!("{name} says {}", words(setting)))
        .collect();
    if says.is_empty() {
        "no template says anything of it".to_owned()
    } else {
        says.join("; ")
    }
}

/// Says what the patient said to a plan.
pub(crate) fn view(view: Option<&PatientView>) -> String {
    match view {
        Some(PatientView::Agreed) => "The patient agreed.".to_owned(),
        Some(PatientView::Disagreed { because }) => {
            format!("The patient did not agree: {because}")
        }
        Some(PatientView::NotAsked { because }) => {
            format!("The patient was not asked: {because}")
        }
        None => "Nothing was written down of what the patient says.".to_owned(),
    }
}
