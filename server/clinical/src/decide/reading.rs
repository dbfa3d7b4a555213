//! A reading: how far it can be believed, what the plan says of it, and what follows for each problem.

use jiff::SignedDuration;

use super::standing;
use super::work::Work;
use crate::alert::{Evidence, Grounds, Problem};
use crate::decision::Decision;
use crate::event::ReadingStored;
use crate::schedule::{Due, Measured};
use crate::verdict::{Doubt, Finding, Standing, Verdict};

/// A reading that is being judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) reading: &'a ReadingStored,
    pub(super) findings: &'a [Finding],
    pub(super) what: Option<Measured>,
}

impl Work {
    pub(super) fn reading(&mut self, reading: &ReadingStored) {
        // A clock that runs ahead dates a reading in the future, where it would stand for every true one until then.
        let reading = &ReadingStored {
            measured_at: reading.measured_at.min(self.now),
            ..reading.clone()
        };
        let standing = standing::of(&self.case, reading, self.now);
        let findings: Vec<Finding> = reading
            .values
            .iter()
            .map(|(sign, value)| Finding::of(*sign, *value, self.plan()))
            .collect();
        let jump = self.agreed_jump(standing, reading);
        let is_believed = matches!(standing, Standing::Current | Standing::Late);
        let held_before = is_believed.then(|| self.held_by_newer(reading)).flatten();
        self.follow(Decision::Judge(Verdict {
            reading: reading.id,
            plan: self.plan().version,
            findings: findings.clone(),
            standing,
            measured_at: Some(reading.measured_at),
            irregular_pulse: standing::is_irregular(reading),
        }));
        let judged = Judged {
            reading,
            findings: &findings,
            what: Measured::of_values(&reading.values),
        };
        if is_believed {
            self.fill_missed(judged.what);
        }
        if standing != Standing::Drill {
            self.clock_seen(judged.reading);
        }
        match standing {
            Standing::Drill => {}
            Standing::Doubtful { doubt } => self.doubtful(judged, doubt),
            Standing::Late => self.late(judged),
            Standing::Current => {
                self.usable(judged.what, reading.measured_at);
                let is_urgent = judged.findings.iter().any(Finding::is_urgent);
                let is_recent_jump = jump.as_ref().is_some_and(|(_, is_recent)| *is_recent);
                if let Some((grounds, _)) = jump {
                    self.another_person(judged, grounds);
                }
                if is_recent_jump && !is_urgent {
                    return self.wake_for_reading(&reading.values);
                }
                self.current(judged);
                self.wake_for_reading(&reading.values);
            }
        }
        if let Some(before) = held_before {
            self.judge_again(judged, &before);
        }
    }

    /// Considers each problem that the reading is about.
    fn current(&mut self, judged: Judged<'_>) {
        for (problem, evidence) in self.evidence_of(judged) {
            self.consider(problem, evidence, judged.what);
        }
    }

    /// A device's doubt, an impossible value, a jump: to be repeated. An urgent value is waited for all the same, because it
    /// may be so; an impossible one is not, but those beside it are.
    fn doubtful(&mut self, judged: Judged<'_>, doubt: Doubt) {
        let Some(what) = judged.what else { return };
        if matches!(doubt, Doubt::AnotherUser { .. }) {
            return self.another_user(judged, what, doubt);
        }
        let possible: Vec<Finding> = judged
            .findings
            .iter()
            .filter(|it| standing::is_possible(&self.case, it))
            .copied()
            .collect();
        let may_be_so = Judged {
            findings: &possible,
            ..judged
        };
        if standing::is_late(&self.case, judged.reading.measured_at, self.now) {
            // What was doubtful then cannot be repeated now.
            return self.late_doubtful(may_be_so);
        }
        self.follow(Decision::WantRepeat {
            reading: judged.reading.id,
            what,
            doubt: Some(doubt),
        });
        self.count_unusable(what, doubt, judged.reading.measured_at);
        let is_jump = matches!(doubt, Doubt::Jump { .. });
        self.suspect_doubtful(may_be_so, what, !is_jump);
    }

    /// Somebody else of the household measured. That is no failed attempt of the patient, who is asked only if their own
    /// reading is wanted now.
    fn another_user(&mut self, judged: Judged<'_>, what: Measured, doubt: Doubt) {
        let due = self.case.expecting(what).map(|it| it.due);
        let is_wanted = |due: &Due| due.has(self.now) && !self.case.has_reading_in(due);
        let waits = self.case.suspicions().any(|it| it.what == what);
        if waits || due.as_ref().is_some_and(is_wanted) {
            self.follow(Decision::WantRepeat {
                reading: judged.reading.id,
                what,
                doubt: Some(doubt),
            });
        }
    }

    /// Finds that a repeat agrees with the jump before it: the value is believed, and somebody asks whose it is. Tells also
    /// whether it is still a jump: what took longer may be the patient's own change, and is judged as well.
    fn agreed_jump(&self, standing: Standing, reading: &ReadingStored) -> Option<(Grounds, bool)> {
        if standing != Standing::Current {
            return None;
        }
        reading.values.iter().find_map(|(sign, value)| {
            self.case.jumped(*sign)?;
            let before = self.case.history().latest(*sign)?;
            let limit = self.plan().care.quality.as_ref()?.jumps.get(sign)?;
            let apart = value.thousandths().abs_diff(before.thousandths());
            if apart <= limit.more_than.thousandths().unsigned_abs() {
                return None;
            }
            let grounds = Grounds::Jump {
                sign: *sign,
                from: *before.value(),
                to: *value,
            };
            let within = SignedDuration::from_hours(i64::from(limit.within_hours));
            let is_recent = reading.measured_at.duration_since(before.at()).abs() <= within;
            Some((grounds, is_recent))
        })
    }

    fn another_person(&mut self, judged: Judged<'_>, grounds: Grounds) {
        let evidence = Evidence {
            reading: Some(judged.reading.id),
            grounds: Some(grounds),
            ..Evidence::at(judged.reading.measured_at)
        };
        self.raise(Problem::Identity, vec![evidence]);
    }
}
