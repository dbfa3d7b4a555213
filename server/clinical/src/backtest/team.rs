//! The back-test of a team: the sum over its patients, and the patients for whom most would change.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::load::Load;
use super::raised::Raised;
use super::result::{BackTest, NAMED_LEN_MAX, named, sentence};
use crate::id::PatientId;

/// How many patients are named.
pub const TOP_LEN: usize = 10;
/// The most missed alerts that are kept, of those added first; they are counted beyond.
pub const MISSED_LEN_MAX: usize = 1_000;

/// What a proposed plan would have raised for all patients of a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamBackTest {
    /// From when alerts count.
    pub from: Timestamp,
    /// Before when alerts count.
    pub to: Timestamp,
    /// How many patients there are.
    pub patients_len: usize,
    /// How much work the plans in force make.
    pub load_in_force: Load,
    /// How much work the proposed plan would have made.
    pub load_proposed: Load,
    /// How many alerts people acted on.
    pub acted_on_len: usize,
    /// How many of them the proposed plan would have missed.
    pub missed_len: usize,
    /// The first [`MISSED_LEN_MAX`] of those.
    pub missed: Vec<(PatientId, Raised)>,
    /// How many it would have raised later, or as less urgent.
    pub later_len: usize,
    /// How many alerts are new.
    pub new_len: usize,
    /// The [`TOP_LEN`] patients for whom most would change: the most missed first, then the largest change in alerts.
    pub top: Vec<PatientChange>,
}

/// What would change for one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientChange {
    /// Who.
    pub patient: PatientId,
    /// How many alerts the plans in force raise.
    pub in_force: u32,
    /// How many the proposed plan would have raised.
    pub proposed: u32,
    /// How many of those that people acted on it would have missed.
    pub missed: usize,
}

impl TeamBackTest {
    /// Begins with no patient.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            patients_len: 0,
            load_in_force: Load::default(),
            load_proposed: Load::default(),
            acted_on_len: 0,
            missed_len: 0,
            missed: Vec::new(),
            later_len: 0,
            new_len: 0,
            top: Vec::new(),
        }
    }

    /// Adds a patient's back-test.
    pub fn add(&mut self, patient: &PatientId, test: BackTest) {
        self.patients_len += 1;
        self.load_in_force = [self.load_in_force, test.load_in_force].into_iter().sum();
        self.load_proposed = [self.load_proposed, test.load_proposed].into_iter().sum();
        self.acted_on_len += test.acted_on_len();
        self.missed_len += test.missed.len();
        self.later_len += test.later.len();
        self.new_len += test.new.len();
        self.note_change(PatientChange {
            patient: patient.clone(),
            in_force: test.load_in_force.alerts,
            proposed: test.load_proposed.alerts,
            missed: test.missed.len(),
        });
        let room = MISSED_LEN_MAX.saturating_sub(self.missed.len());
        let missed = test.missed.into_iter().take(room);
        self.missed
            .extend(missed.map(|raised| (patient.clone(), raised)));
    }

    fn note_change(&mut self, change: PatientChange) {
        if change.missed == 0 && change.in_force == change.proposed {
            return;
        }
        let rank = |it: &PatientChange| {
            let by = it.in_force.abs_diff(it.proposed);
            (Reverse(it.missed), Reverse(by), it.patient.clone())
        };
        let place = self.top.partition_point(|it| rank(it) < rank(&change));
        self.top.insert(place, change);
        self.top.truncate(TOP_LEN);
    }

    /// Says it in a sentence, as [`BackTest::sentence`] does for one patient.
    pub fn sentence(&self) -> String {
        let missed = self.missed.iter().take(NAMED_LEN_MAX);
        let missed: Vec<String> = missed
            .map(|(patient, raised)| format!("{patient}: {}", named(raised)))
            .collect();
        sentence(
            self.load_proposed.alerts,
            self.load_in_force.alerts,
            self.acted_on_len,
            self.missed_len,
            &missed,
        )
    }
}
