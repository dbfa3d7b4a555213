//! Strikes: a reading was wrong, or was not after all. What it had led to is worked out anew.

use std::collections::BTreeSet;

use jiff::Timestamp;
use vitals::{QualityMark, ReadingId};

use super::plan::{check_note, check_reason};
use super::reading::Judged;
use super::standing;
use super::weigh_anew::Supports;
use super::work::Work;
use crate::alert::{Condition, Problem};
use crate::decision::Decision;
use crate::event::ReadingStored;
use crate::history::Point;
use crate::refusal::Refusal;
use crate::schedule::Measured;
use crate::sign::VitalSign;
use crate::strike::{Strike, StrikeBack, StrikeReason};
use crate::verdict::Finding;

impl Work {
    pub(super) fn strike(&mut self, strike: &Strike) -> Result<(), Refusal> {
        if let Some(struck) = self.case.struck_reading(strike.reading) {
            return Err(Refusal::StruckAlready(struck.by.clone()));
        }
        match strike.reason {
            StrikeReason::Other => check_reason(&strike.note)?,
            _ => check_note(&strike.note)?,
        }
        let reading = strike.reading;
        let points = self.case.history().of_reading(reading);
        let points: Vec<(VitalSign, Point)> = points.map(|(sign, it)| (sign, *it)).collect();
        let supports = self.supports();
        self.follow(Decision::Strike(strike.clone()));
        self.look_again(reading, &points, &supports);
        Ok(())
    }

    pub(super) fn take_back_strike(&mut self, back: &StrikeBack) -> Result<(), Refusal> {
        check_reason(&back.note)?;
        let reading = back.reading;
        let struck = self.case.struck_reading(reading);
        let points = struck.ok_or(Refusal::NotStruck)?.points.clone();
        let supports = self.supports();
        self.follow(Decision::TakeBackStrike(back.clone()));
        self.look_again(reading, &points, &supports);
        Ok(())
    }

    /// Looks again at everything that a reading may have changed.
    fn look_again(&mut self, reading: ReadingId, points: &[(VitalSign, Point)], before: &Supports) {
        if self.case.discharged().is_some() {
            return;
        }
        let mut signs = self.end_suspicions_of(reading);
        signs.extend(points.iter().map(|(sign, _)| *sign));
        let measured_at = points.first().map(|(_, point)| point.at());
        self.weigh_all_anew(reading, measured_at, &signs, before);
        for newest in self.newest_of(&signs) {
            self.judge_newest(&newest);
        }
    }

    /// A first breach that was struck out waits for nothing; gives its vital signs. With an urgent value in doubt beside it,
    /// it goes on waiting.
    fn end_suspicions_of(&mut self, reading: ReadingId) -> BTreeSet<VitalSign> {
        if self.case.struck_reading(reading).is_none() {
            return BTreeSet::new();
        }
        let rest_on_it = self
            .case
            .suspicions()
            .filter(|it| it.evidence.reading == Some(reading) && it.doubted_at.is_none());
        let mut signs = BTreeSet::new();
        let mut problems = Vec::new();
        for suspicion in rest_on_it {
            problems.push(suspicion.problem);
            signs.extend(suspicion.evidence.findings.iter().map(|it| it.sign));
        }
        for problem in problems {
            self.follow(Decision::ForgetSuspicion { problem });
        }
        signs
    }

    /// Gives the newest readings that are left of some vital signs, oldest first.
    fn newest_of(&self, signs: &BTreeSet<VitalSign>) -> Vec<ReadingStored> {
        let history = self.case.history();
        let newest = signs.iter().filter_map(|sign| history.latest(*sign));
        let newest: BTreeSet<(Timestamp, ReadingId)> =
            newest.map(|it| (it.at(), it.reading())).collect();
        newest
            .into_iter()
            .map(|(at, reading)| self.remembered(at, reading))
            .collect()
    }

    /// Puts a reading together from what is remembered of it.
    pub(super) fn remembered(&self, at: Timestamp, reading: ReadingId) -> ReadingStored {
        let points = self.case.history().of_reading(reading);
        let points: Vec<(VitalSign, &Point)> = points.collect();
        let is_irregular = points.iter().any(|(_, it)| it.is_irregular());
        ReadingStored {
            id: reading,
            values: points
                .iter()
                .map(|(sign, it)| (*sign, *it.value()))
                .collect(),
            quality: is_irregular
                .then_some(QualityMark::IrregularPulse)
                .into_iter()
                .collect(),
            measured_at: at,
            received_at: at,
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        }
    }

    /// Judges the newest reading that is left, for what is neither open nor waiting: the reading that was struck out may
    /// have allayed it. What a person has dealt with is not raised again.
    fn judge_newest(&mut self, reading: &ReadingStored) {
        let findings: Vec<Finding> = reading
            .values
            .iter()
            .map(|(sign, value)| Finding::of(*sign, *value, self.plan()))
            .collect();
        let judged = Judged {
            reading,
            findings: &findings,
            what: Measured::of_values(&reading.values),
        };
        if standing::is_late(&self.case, reading.measured_at, self.now) {
            let mut by_problem = self.late_findings(judged);
            self.add_late_rules(judged, &mut by_problem);
            for (problem, evidence) in by_problem {
                if self.is_untold(problem, reading.id) {
                    self.late_problem(judged, problem, evidence);
                }
            }
            return;
        }
        for (problem, evidence) in self.evidence_of(judged) {
            if evidence.priority().is_some() && self.is_untold(problem, reading.id) {
                self.consider(problem, evidence, judged.what);
            }
        }
    }

    /// Tells whether nobody has to do with a reading's problem, or had by an alert that this reading spoke for.
    fn is_untold(&self, problem: Problem, reading: ReadingId) -> bool {
        let mut closed = self.case.closed_alerts().iter().map(|it| &it.alert);
        let was_dealt_with = closed.any(|it| {
            let was_struck = matches!(it.condition, Condition::Struck { .. });
            it.problem == problem && it.support.has(reading) && !was_struck
        });
        !was_dealt_with
            && self.case.alert_of(problem).is_none()
            && self.case.suspicion_of(problem).is_none()
    }
}
