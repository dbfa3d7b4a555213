//! Placing: where each setting belongs in care, when a plan is put together from single matters.

use std::collections::{BTreeMap, BTreeSet};

use super::{Care, Clearing, Matter, Quality, Setting};
use crate::sign::VitalSign;

/// Sources of what shares one text in care: each once, in the order of the alphabet.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) limits: BTreeMap<VitalSign, BTreeSet<String>>,
    pub(super) clearing: BTreeSet<String>,
    pub(super) quality: BTreeSet<String>,
}

/// Joins sources; those that are not known are left out.
pub(super) fn joined(sources: BTreeSet<String>) -> String {
    let known: Vec<String> = sources.into_iter().filter(|it| !it.is_empty()).collect();
    known.join(" / ")
}

/// Puts one setting in its place. Limits are put together apart, because they must rise.
pub(super) fn place(
    care: &mut Care,
    sources: &mut Sources,
    (matter, setting): (&Matter, &Setting),
) {
    match setting {
        Setting::Limit { source, .. } => {
            if let Matter::Limit(sign, _) = matter {
                let of_sign = sources.limits.entry(*sign).or_default();
                of_sign.insert(source.clone());
            }
        }
        Setting::Rule(rule) => care.rules.push((**rule).clone()),
        Setting::Score(score) => care.score = Some((**score).clone()),
        Setting::Confirmation(it) => {
            if let Matter::Confirmation(sign) = matter {
                care.confirmation.insert(*sign, it.clone());
            }
        }
        Setting::ClearingReadings { readings, source } => {
            sources.clearing.insert(source.clone());
            clearing(care).readings = *readings;
        }
        Setting::ClearingMargin { margin, source } => {
            if let Matter::ClearingMargin(sign) = matter {
                sources.clearing.insert(source.clone());
                clearing(care).margins.insert(*sign, *margin);
            }
        }
        Setting::Lateness(it) => care.lateness = Some(it.clone()),
        Setting::Expected(it) => care.schedule.expected.push(it.clone()),
        Setting::Response(it) => {
            if let Matter::Response(priority) = matter {
                care.escalation.0.insert(*priority, it.clone());
            }
        }
        Setting::Hours { hours, .. } => care.hours = hours.clone(),
        Setting::Zone(zone) => care.zone = zone.clone(),
        Setting::Term(term) => care.term = Some(term.clone()),
        Setting::Review(_) => {}
        of_quality => {
            let quality = care.quality.get_or_insert_default();
            place_quality(quality, matter, of_quality);
            let source = of_quality.source().unwrap_or_default();
            sources.quality.insert(source.to_owned());
        }
    }
}

fn place_quality(quality: &mut Quality, matter: &Matter, setting: &Setting) {
    match (matter, setting) {
        (Matter::Doubtful(mark), _) => {
            quality.doubtful.insert(*mark);
        }
        (Matter::Plausible(sign), Setting::Plausible { range, .. }) => {
            quality.plausible.insert(*sign, *range);
        }
        (Matter::Jump(sign), Setting::Jump { jump, .. }) => {
            quality.jumps.insert(*sign, *jump);
        }
        (_, Setting::PulsePressure { least, .. }) => quality.pulse_pressure_min = Some(*least),
        (
            _,
            Setting::Unusable {
                in_a_row,
                within_minutes,
                ..
            },
        ) => {
            quality.unusable_in_a_row = Some(*in_a_row);
            quality.unusable_within_minutes = *within_minutes;
        }
        _ => {}
    }
}

fn clearing(care: &mut Care) -> &mut Clearing {
    care.clearing.get_or_insert_with(|| Clearing {
        readings: 1,
        margins: BTreeMap::new(),
        source: String::new(),
    })
}
