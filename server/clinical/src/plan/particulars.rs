//! Particulars: a plan taken apart into single matters, and put together again.

use std::collections::BTreeMap;

use vitals::Decimal;

use super::matter::Line;
use super::place::{Sources, joined, place};
use super::{Care, Clearing, Matter, Quality, Setting};
use crate::limits::{Limits, LimitsError};
use crate::sign::VitalSign;

/// Every single thing that a plan or a template says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Particulars(BTreeMap<Matter, Setting>);

impl Particulars {
    /// Takes limits and care apart.
    pub fn of(limits: &BTreeMap<VitalSign, Limits>, care: &Care) -> Self {
        let mut it = Self::default();
        for (sign, limits) in limits {
            let source = care.limits_from.get(sign).cloned().unwrap_or_default();
            for line in limits.lines() {
                let (at, source) = (line.limit, source.clone());
                let matter = Matter::Limit(*sign, Line::of(line.level, line.side));
                it.put(matter, Setting::Limit { at, source });
            }
        }
        for rule in &care.rules {
            let matter = Matter::Rule(rule.id().clone());
            it.put(matter, Setting::Rule(Box::new(rule.clone())));
        }
        if let Some(score) = &care.score {
            it.put(Matter::Score, Setting::Score(Box::new(score.clone())));
        }
        for (sign, confirmation) in &care.confirmation {
            let setting = Setting::Confirmation(confirmation.clone());
            it.put(Matter::Confirmation(*sign), setting);
        }
        it.put_clearing(care.clearing.as_ref());
        it.put_quality(care.quality.as_ref());
        it.put_work(care);
        it
    }

    fn put_clearing(&mut self, clearing: Option<&Clearing>) {
        let Some(clearing) = clearing else { return };
        let source = || clearing.source.clone();
        let setting = Setting::ClearingReadings {
            readings: clearing.readings,
            source: source(),
        };
        self.put(Matter::ClearingReadings, setting);
        for (sign, margin) in &clearing.margins {
            let (margin, source) = (*margin, source());
            let setting = Setting::ClearingMargin { margin, source };
            self.put(Matter::ClearingMargin(*sign), setting);
        }
    }

    fn put_quality(&mut self, quality: Option<&Quality>) {
        let Some(quality) = quality else { return };
        let source = || quality.source.clone();
        for mark in &quality.doubtful {
            let source = source();
            self.put(Matter::Doubtful(*mark), Setting::Doubtful { source });
        }
        for (sign, range) in &quality.plausible {
            let (range, source) = (*range, source());
            let setting = Setting::Plausible { range, source };
            self.put(Matter::Plausible(*sign), setting);
        }
        if let Some(least) = quality.pulse_pressure_min {
            let source = source();
            let setting = Setting::PulsePressure { least, source };
            self.put(Matter::PulsePressure, setting);
        }
        for (sign, jump) in &quality.jumps {
            let (jump, source) = (*jump, source());
            self.put(Matter::Jump(*sign), Setting::Jump { jump, source });
        }
        if let Some(in_a_row) = quality.unusable_in_a_row {
            let setting = Setting::Unusable {
                in_a_row,
                within_minutes: quality.unusable_within_minutes,
                source: source(),
            };
            self.put(Matter::Unusable, setting);
        }
    }

    fn put_work(&mut self, care: &Care) {
        if let Some(lateness) = &care.lateness {
            self.put(Matter::Lateness, Setting::Lateness(lateness.clone()));
        }
        for expected in &care.schedule.expected {
            let setting = Setting::Expected(expected.clone());
            self.put(Matter::Expected(expected.what), setting);
        }
        for (priority, response) in &care.escalation.0 {
            let setting = Setting::Response(response.clone());
            self.put(Matter::Response(*priority), setting);
        }
        if !care.hours.spans().is_empty() {
            let (hours, source) = (care.hours.clone(), String::new());
            self.put(Matter::Hours, Setting::Hours { hours, source });
        }
        if !care.zone.is_utc() {
            self.put(Matter::Zone, Setting::Zone(care.zone.clone()));
        }
        if let Some(term) = &care.term {
            self.put(Matter::Term, Setting::Term(term.clone()));
        }
    }

    /// Gives what is said of a matter.
    pub fn get(&self, matter: &Matter) -> Option<&Setting> {
        self.0.get(matter)
    }

    pub(super) fn get_mut(&mut self, matter: &Matter) -> Option<&mut Setting> {
        self.0.get_mut(matter)
    }

    /// Gives every matter with what is said of it, in the order that a nurse reads them.
    pub fn iter(&self) -> impl Iterator<Item = (&Matter, &Setting)> {
        self.0.iter()
    }

    pub(super) fn put(&mut self, matter: Matter, setting: Setting) {
        self.0.insert(matter, setting);
    }

    pub(super) fn put_if_any(&mut self, matter: &Matter, setting: Option<&Setting>) {
        if let Some(setting) = setting {
            self.put(matter.clone(), setting.clone());
        }
    }

    pub(super) fn remove<'a>(&mut self, matters: impl Iterator<Item = &'a Matter>) {
        for matter in matters {
            self.0.remove(matter);
        }
    }

    /// Lays others over these: where both say something, the others hold.
    pub(super) fn overlay(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Puts limits and care together.
    ///
    /// # Errors
    /// Names the sign whose limits do not rise, as can happen when they come from several templates.
    pub fn to_care(&self) -> Result<(BTreeMap<VitalSign, Limits>, Care), (VitalSign, LimitsError)> {
        let mut care = Care::default();
        let mut sources = Sources::default();
        for setting in &self.0 {
            place(&mut care, &mut sources, setting);
        }
        for (sign, sources) in sources.limits {
            let source = joined(sources);
            if !source.is_empty() {
                care.limits_from.insert(sign, source);
            }
        }
        if let Some(clearing) = &mut care.clearing {
            clearing.source = joined(sources.clearing);
        }
        if let Some(quality) = &mut care.quality {
            quality.source = joined(sources.quality);
        }
        Ok((self.limits()?, care))
    }

    fn limits(&self) -> Result<BTreeMap<VitalSign, Limits>, (VitalSign, LimitsError)> {
        let mut limits = BTreeMap::new();
        for sign in VitalSign::ALL {
            let at = |line: Line| -> Option<Decimal> {
                match self.0.get(&Matter::Limit(sign, line))? {
                    Setting::Limit { at, .. } => Some(*at),
                    _ => None,
                }
            };
            let lines = [
                at(Line::UrgentLow),
                at(Line::SoonLow),
                at(Line::SoonHigh),
                at(Line::UrgentHigh),
            ];
            if lines.iter().any(Option::is_some) {
                let [urgent_low, soon_low, soon_high, urgent_high] = lines;
                let checked = Limits::new(urgent_low, soon_low, soon_high, urgent_high);
                limits.insert(sign, checked.map_err(|error| (sign, error))?);
            }
        }
        Ok(limits)
    }
}
