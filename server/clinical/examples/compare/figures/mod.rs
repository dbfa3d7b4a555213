//! Figures: what each arm's alerts were worth, by the truth.

mod found;
mod table;

use std::collections::BTreeMap;

use clinical::{Priority, Problem};

pub(crate) use found::{Found, found};
pub(crate) use table::table;

use crate::arms::plans::Plans;
use crate::arms::{Arm, Heard, Signal, judge};
use crate::stream::clock::{DAY, day};
use crate::stream::{EpisodeKind, Patient};

/// What one arm made of the whole stream.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) patient_days: i64,
    /// Days on which nothing truly happened, nor on the day before.
    pub(crate) quiet_days: i64,
    /// Alerts about patients' bodies, by priority.
    pub(crate) alerts: BTreeMap<Priority, i64>,
    /// Those that no episode explains, by priority.
    pub(crate) false_alerts: BTreeMap<Priority, i64>,
    /// Those of them behind which technique or another person was.
    pub(crate) mistaken: i64,
    /// Alerts that became worse while they were open.
    pub(crate) worsened: i64,
    /// Quiet days with at least one alert about the patient's body.
    pub(crate) disturbed_days: i64,
    /// Everything else that people get: missing readings, measuring, the kit, the plan.
    pub(crate) others: BTreeMap<Problem, i64>,
    pub(crate) others_for_nurses: i64,
    pub(crate) requests: i64,
    pub(crate) nudges: i64,
    pub(crate) found: BTreeMap<EpisodeKind, Vec<Found>>,
}

/// Judges the whole stream in every way.
pub(crate) fn compare(patients: &[Patient], plans: &Plans) -> BTreeMap<Arm, Figures> {
    let of_arm = |arm: Arm| {
        let heard: Vec<Heard> = patients.iter().map(|it| judge(arm, it, plans)).collect();
        (arm, figures(patients, &heard))
    };
    Arm::ALL.into_iter().map(of_arm).collect()
}

fn figures(patients: &[Patient], heard: &[Heard]) -> Figures {
    let mut figures = Figures {
        patient_days: 0,
        quiet_days: 0,
        alerts: BTreeMap::new(),
        false_alerts: BTreeMap::new(),
        mistaken: 0,
        worsened: 0,
        disturbed_days: 0,
        others: BTreeMap::new(),
        others_for_nurses: 0,
        requests: heard.iter().map(|it| it.requests).sum(),
        nudges: heard.iter().map(|it| it.nudges).sum(),
        found: found(patients, heard),
    };
    for (patient, heard) in patients.iter().zip(heard) {
        figures.add_days(patient, heard);
        for signal in &heard.signals {
            figures.add_signal(patient, signal);
        }
    }
    figures
}

impl Figures {
    fn add_signal(&mut self, patient: &Patient, signal: &Signal) {
        if !signal.is_clinical() {
            *self.others.entry(signal.problem).or_default() += i64::from(signal.is_new);
            let for_nurses = signal.is_new && signal.priority != Priority::Technical;
            self.others_for_nurses += i64::from(for_nurses);
        } else if signal.is_new {
            *self.alerts.entry(signal.priority).or_default() += 1;
            if !is_true(patient, signal) {
                *self.false_alerts.entry(signal.priority).or_default() += 1;
                self.mistaken += i64::from(signal.mistaken);
            }
        } else {
            self.worsened += 1;
        }
    }

    fn add_days(&mut self, patient: &Patient, heard: &Heard) {
        let days = patient.person.kind.days();
        self.patient_days += days;
        for today in 0..days {
            let (from, until) = (today * DAY, (today + 1) * DAY);
            let mut episodes = patient.episodes.iter();
            if episodes.any(|it| it.starts < until && from < it.ends + DAY) {
                continue;
            }
            self.quiet_days += 1;
            let mut signals = heard.signals.iter();
            let is_disturbed =
                signals.any(|it| it.is_new && it.is_clinical() && day(it.at) == today);
            self.disturbed_days += i64::from(is_disturbed);
        }
    }

    pub(crate) fn all_alerts(&self) -> i64 {
        self.alerts.values().sum()
    }

    pub(crate) fn all_false(&self) -> i64 {
        self.false_alerts.values().sum()
    }

    pub(crate) fn all_found(&self) -> impl Iterator<Item = &Found> {
        self.found.values().flatten()
    }
}

fn is_true(patient: &Patient, signal: &Signal) -> bool {
    let mut episodes = patient.episodes.iter();
    episodes.any(|it| it.explains(signal.problem, signal.at))
}
