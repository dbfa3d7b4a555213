//! Confirmation: a first breach asks for a repeat; the repeat, or the lack of one, decides.

use jiff::{SignedDuration, Timestamp};

use super::reading::Judged;
use super::work::Work;
use crate::alert::{Condition, Evidence, Priority, Problem};
use crate::case::Suspicion;
use crate::decision::Decision;
use crate::plan::Confirmation;
use crate::rules::{Facts, Holding};
use crate::schedule::Measured;
use crate::sign::VitalSign;

impl Work {
    /// Considers what a current reading says of one problem.
    pub(super) fn consider(
        &mut self,
        problem: Problem,
        evidence: Evidence,
        what: Option<Measured>,
    ) {
        if self.case.alert_of(problem).is_some() {
            self.weigh(problem, &evidence, what);
        } else if self.case.suspicion_of(problem).is_some() {
            self.resolve(problem, evidence, what);
        } else if evidence.priority().is_some() {
            self.first_breach(problem, evidence, what);
        }
    }

    fn first_breach(&mut self, problem: Problem, evidence: Evidence, what: Option<Measured>) {
        match what.zip(self.wait_for_repeat(&evidence, what)) {
            None => self.raise(problem, vec![evidence]),
            Some((what, minutes)) => {
                let condition = self.condition_since(&evidence);
                if matches!(condition, Condition::Cleared { .. }) {
                    self.answered_already(problem, evidence, what, minutes);
                } else {
                    self.suspect(problem, evidence, what, minutes);
                }
            }
        }
    }

    /// A breach that arrives after a newer reading inside the limits: that reading was its repeat.
    fn answered_already(
        &mut self,
        problem: Problem,
        evidence: Evidence,
        what: Measured,
        minutes: u32,
    ) {
        self.wait_until_repeated(problem, evidence, what, minutes);
        let confirmed = false;
        self.follow(Decision::EndSuspicion { problem, confirmed });
    }

    /// Asks for a repeat and waits for it; no longer than for a milder breach that it takes the place of.
    pub(super) fn suspect(
        &mut self,
        problem: Problem,
        evidence: Evidence,
        what: Measured,
        minutes: u32,
    ) {
        if let Some(reading) = evidence.reading.filter(|it| !self.asks_to_repeat(*it)) {
            let doubt = None;
            self.follow(Decision::WantRepeat {
                reading,
                what,
                doubt,
            });
        }
        self.wait_until_repeated(problem, evidence, what, minutes);
    }

    fn wait_until_repeated(
        &mut self,
        problem: Problem,
        evidence: Evidence,
        what: Measured,
        minutes: u32,
    ) {
        let Some(priority) = evidence.priority() else {
            return;
        };
        let wait = SignedDuration::from_mins(i64::from(minutes));
        let until = self.now.saturating_add(wait).unwrap_or(self.now);
        let before = self.case.suspicion_of(problem).map(|it| it.until);
        self.follow(Decision::Suspect(Suspicion {
            problem,
            priority,
            what,
            evidence,
            asked_at: self.now,
            until: before.map_or(until, |before| before.min(until)),
            doubted_at: None,
        }));
    }

    /// An urgent value in doubt waits with a breach that waits already, until the same time.
    fn waits_too(&mut self, problem: Problem, measured_at: Timestamp) {
        let waiting = self.case.suspicion_of(problem);
        let Some(waiting) = waiting.filter(|it| it.newest_at() < measured_at) else {
            return;
        };
        let doubted_at = Some(measured_at);
        let both = Suspicion {
            doubted_at,
            ..waiting.clone()
        };
        self.follow(Decision::Suspect(both));
    }

    /// The repeat is here: out of limits again it confirms, inside it allays.
    fn resolve(&mut self, problem: Problem, evidence: Evidence, what: Option<Measured>) {
        let Some(suspicion) = self.case.suspicion_of(problem) else {
            return;
        };
        if !Self::repeats(suspicion, &evidence, what) {
            let waiting = suspicion.priority;
            return self.besides(problem, evidence, what, waiting);
        }
        let (first, newest_at) = (suspicion.evidence.clone(), suspicion.newest_at());
        let confirmed = evidence.priority() >= Some(Priority::Soon);
        // Measured before what waits, it allays nothing.
        if !confirmed && evidence.measured_at < newest_at {
            return;
        }
        let (first, evidence) = match evidence.measured_at < first.measured_at {
            // Out of limits too, it is the first of the two.
            true => (evidence, first),
            false => (first, evidence),
        };
        self.follow(Decision::EndSuspicion { problem, confirmed });
        if confirmed {
            self.raise(problem, vec![first, evidence]);
        } else if evidence.priority().is_some() {
            self.raise(problem, vec![evidence]);
        }
    }

    /// Something else was found while a repeat is waited for. It is raised if it needs no repeat of its own, takes the place
    /// of the first if it is worse, and otherwise leaves it waiting.
    fn besides(
        &mut self,
        problem: Problem,
        evidence: Evidence,
        what: Option<Measured>,
        waiting: Priority,
    ) {
        let Some(priority) = evidence.priority() else {
            return;
        };
        match what.zip(self.wait_for_repeat(&evidence, what)) {
            None if priority >= waiting => self.raise_on_suspicion(problem, evidence),
            None => self.raise(problem, vec![evidence]),
            Some((what, minutes)) if priority > waiting => {
                self.suspect(problem, evidence, what, minutes);
            }
            Some(_) => {}
        }
    }

    /// An urgent value is in doubt: it is waited for all the same, because it may be so. Where the plan names no wait, one
    /// that only the device doubts (`is_marked`) is raised at once.
    pub(super) fn suspect_doubtful(&mut self, judged: Judged<'_>, what: Measured, is_marked: bool) {
        for finding in judged.findings.iter().filter(|it| it.is_urgent()) {
            let problem = finding.sign.problem();
            let alert = self.case.alert_of(problem).map(|it| it.priority);
            let suspicion = self.case.suspicion_of(problem).map(|it| it.priority);
            if alert == Some(Priority::Urgent) {
                continue;
            }
            let evidence = Evidence {
                reading: Some(judged.reading.id),
                findings: vec![*finding],
                ..Evidence::at(judged.reading.measured_at)
            };
            let minutes = self.confirmation(finding.sign);
            match minutes.and_then(|it| it.urgent_minutes) {
                Some(_) if suspicion == Some(Priority::Urgent) => {
                    self.waits_too(problem, judged.reading.measured_at);
                }
                Some(minutes) => self.suspect(problem, evidence, what, minutes),
                None if is_marked => self.raise_on_suspicion(problem, evidence),
                None => {}
            }
        }
    }

    /// Raises what needs no repeat, together with a milder value that waited for one.
    fn raise_on_suspicion(&mut self, problem: Problem, evidence: Evidence) {
        let waiting = self.case.suspicion_of(problem);
        let first = waiting.map(|it| it.evidence.clone());
        if first.is_some() {
            let confirmed = true;
            self.follow(Decision::EndSuspicion { problem, confirmed });
        }
        self.raise(problem, first.into_iter().chain([evidence]).collect());
    }

    /// Gives how long to wait for a repeat of what was found; `None` when it raises at once.
    pub(super) fn wait_for_repeat(
        &self,
        evidence: &Evidence,
        what: Option<Measured>,
    ) -> Option<u32> {
        let priority = evidence.priority()?;
        let mut worst_rules = evidence
            .holdings
            .iter()
            .filter(|it| it.priority == priority);
        if evidence.grounds.is_some() || worst_rules.any(is_over_time) {
            return None;
        }
        let mut wait: Option<u32> = None;
        for finding in &evidence.findings {
            let worst = finding
                .breach
                .filter(|breach| breach.level.priority() == priority);
            if let Some(breach) = worst {
                let confirmation = self.confirmation(finding.sign)?;
                let minutes =
                    confirmation.wait_minutes(&finding.value, breach.level, breach.side)?;
                wait = Some(wait.map_or(minutes, |wait| wait.min(minutes)));
            }
        }
        if wait.is_some() {
            return wait;
        }
        // A rule or a score over one reading is confirmed as the reading's own vital sign is.
        let confirmation = self.confirmation(main_sign(what?))?;
        match priority {
            Priority::Urgent => confirmation.urgent_minutes,
            Priority::Soon => confirmation.soon_minutes,
            Priority::Check | Priority::Technical => None,
        }
    }

    fn confirmation(&self, sign: VitalSign) -> Option<&Confirmation> {
        self.plan().care.confirmation.get(&sign)
    }
}

/// Tells whether a rule rests on several readings or on answers, so that one more reading confirms nothing.
fn is_over_time(holding: &Holding) -> bool {
    match holding.facts {
        Facts::NOfM(_)
        | Facts::HomeAverage(_)
        | Facts::Trend(_)
        | Facts::Combined(_)
        | Facts::IrregularPulse(_) => true,
        Facts::Change(_) | Facts::AgainstMedian(_) | Facts::FromBaseline(_) => false,
    }
}

fn main_sign(what: Measured) -> VitalSign {
    match what {
        Measured::BloodPressure => VitalSign::Systolic,
        Measured::Oximetry => VitalSign::Spo2,
        Measured::Weight => VitalSign::Weight,
        Measured::Temperature => VitalSign::Temperature,
    }
}
