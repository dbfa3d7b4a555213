//! Answers: the one person who answers for an alert at a moment, and until when that holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::assignments::Assignments;
use super::held::{Held, Holder, Step};
use super::on_duty::{COVER_CHAIN_MAX, OnDuty};
use super::organisation::Team;
use super::path::{Absence, PassedOver, Path};
use super::rota::Rota;
use crate::id::PersonId;
use crate::zone::Zone;

/// Who answers for an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Who.
    pub person: PersonId,
    /// Why.
    pub path: Path,
    /// Who would have answered before them, in the order of the chain, and why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// The moment before which nothing of this changes, unless the rota, the assignments or the alert do. Look again then.
    pub until: Timestamp,
}

impl Answer {
    /// Tells whether the person is there. When not, nobody is: see why in `passed_over`.
    pub fn somebody_can(&self) -> bool {
        self.path != Path::NobodyCan
    }

    /// Says who answers and why: `Bob Hall is on shift. Ada Okafor is on leave until 3 Dec.`
    pub fn why(&self, name: impl Fn(&PersonId) -> String, zone: &Zone) -> String {
        let said = match &self.path {
            Path::Covers { absent, .. } => Some(absent),
            _ => None,
        };
        let phrase = self.path.phrase(&name, zone);
        let mut text = format!("{} {phrase}.", name(&self.person));
        for passed in &self.passed_over {
            if Some(&passed.person) != said {
                text.push_str(&format!(" {}.", passed.sentence(&name, zone)));
            }
        }
        text
    }
}

/// Names who answers for a patient's alert. There is always a name, and [`Answer::somebody_can`] says whether it is
/// somebody's who is there.
///
/// Within the staffed hours: who took it, or was asked by name; the care coordinator; the cover of the coordinator's
/// leave; who is on shift; the team lead; the person on call. Outside them: the person on call. At the step of the team
/// lead or of the person on call: that person, whoever has taken it. For a person on call who is on leave their cover
/// answers; without one, which [`Rota::gaps`] is there to prevent, whoever is at work, or the team lead at any hour.
///
/// For many alerts of a team at the same moment, make one [`OnDuty`] and ask that.
pub fn who_answers(rota: &Rota, assignments: &Assignments, held: &Held, now: Timestamp) -> Answer {
    OnDuty::new(rota, now).who_answers(assignments, held)
}

/// Somebody at one moment, before it is known how long it holds.
#[derive(PartialEq)]
struct Choice<'a> {
    person: &'a PersonId,
    path: Path,
    passed_over: Vec<PassedOver>,
}

impl<'a> OnDuty<'a> {
    /// Names who answers for a patient's alert now: see [`who_answers`].
    pub fn who_answers(&self, assignments: &Assignments, held: &Held) -> Answer {
        let now = self.choose(assignments, held, self.now());
        let differs = |at: &Timestamp| self.choose(assignments, held, *at) != now;
        let until = self.changes().iter().copied().find(differs);
        let until = until.unwrap_or(self.until());
        let reassigned = assignments
            .changes_after(self.now())
            .map(|it| it.from)
            .take_while(|from| *from < until)
            .find(differs);
        let until = reassigned.unwrap_or(until);
        Answer {
            person: now.person.clone(),
            path: now.path,
            passed_over: now.passed_over,
            until,
        }
    }

    fn choose<'b>(&self, assignments: &'b Assignments, held: &'b Held, at: Timestamp) -> Choice<'b>
    where
        'a: 'b,
    {
        let mut passed = Vec::new();
        if !self.is_staffed() {
            return self.last_resort(Path::OnCallOutOfHours, passed, at);
        }
        match held.step {
            Step::Coordinator => {
                let chosen = self
                    .holder(&held.holder, at, &mut passed)
                    .or_else(|| self.coordinator(assignments, at, &mut passed))
                    .or_else(|| Some((self.on_shift(at)?, Path::OnShift)))
                    .or_else(|| self.lead(Path::Leads, at, &mut passed));
                match chosen {
                    Some((person, path)) => choice(person, path, passed),
                    None => self.last_resort(Path::OnCall, passed, at),
                }
            }
            Step::TeamLead => match self.lead(Path::LeadsAfterDeadline, at, &mut passed) {
                Some((person, path)) => choice(person, path, passed),
                None => self.last_resort(Path::OnCallAfterDeadline, passed, at),
            },
            Step::OnCall => self.last_resort(Path::OnCallAfterDeadline, passed, at),
        }
    }
    /// The taker, or who was asked by name: they are at work, whatever the rota says, unless they left or went on leave.
    fn holder<'b>(
        &self,
        holder: &'b Holder,
        at: Timestamp,
        passed: &mut Vec<PassedOver>,
    ) -> Option<(&'b PersonId, Path)> {
        let (person, path) = match holder {
            Holder::NotTaken => return None,
            Holder::TakenBy { person } => (person, Path::HasTaken),
            Holder::EscalatedTo { person } => (person, Path::WasEscalatedTo),
        };
        match self.holder_away(person, at) {
            None => Some((person, path)),
            Some(absence) => {
                pass_over(person, absence, passed);
                None
            }
        }
    }

    fn coordinator<'b>(
        &self,
        assignments: &'b Assignments,
        at: Timestamp,
        passed: &mut Vec<PassedOver>,
    ) -> Option<(&'b PersonId, Path)>
    where
        'a: 'b,
    {
        let person = assignments.coordinator_at(at);
        let Some(absence) = self.absence(person, at) else {
            return Some((person, Path::Coordinates));
        };
        pass_over(person, absence, passed);
        self.cover(person, absence, at, Self::absence, passed)
    }

    /// Follows covers from somebody on leave until one is there, as `absence` tells.
    fn cover(
        &self,
        absent: &PersonId,
        absence: Absence,
        at: Timestamp,
        why_not: impl Fn(&Self, &PersonId, Timestamp) -> Option<Absence>,
        passed: &mut Vec<PassedOver>,
    ) -> Option<(&'a PersonId, Path)> {
        let Absence::OnLeave { until } = absence else {
            return None;
        };
        let mut leave = self.rota().leave_of(absent, at)?;
        for _ in 0..COVER_CHAIN_MAX {
            let cover = leave.cover.as_ref()?;
            let Some(absence) = why_not(self, cover, at) else {
                let absent = absent.clone();
                return Some((cover, Path::Covers { absent, until }));
            };
            pass_over(cover, absence, passed);
            // A leave of somebody who is not of the team names nobody's cover.
            if absence == Absence::NotInPost {
                return None;
            }
            leave = self.rota().leave_of(cover, at)?;
        }
        None
    }

    fn lead(
        &self,
        path: Path,
        at: Timestamp,
        passed: &mut Vec<PassedOver>,
    ) -> Option<(&'a PersonId, Path)> {
        let lead = &self.rota().team().lead;
        match self.absence(lead, at) {
            None => Some((lead, path)),
            Some(absence) => {
                pass_over(lead, absence, passed);
                None
            }
        }
    }

    fn last_resort(&self, path: Path, mut passed: Vec<PassedOver>, at: Timestamp) -> Choice<'a> {
        let Team { on_call, lead, .. } = self.rota().team();
        let Some(absence) = self.away(on_call, at) else {
            return choice(on_call, path, passed);
        };
        pass_over(on_call, absence, &mut passed);
        if let Some((cover, path)) = self.cover(on_call, absence, at, Self::away, &mut passed) {
            return choice(cover, path, passed);
        }
        if let Some(person) = self.at_work(at) {
            return choice(person, Path::OnShift, passed);
        }
        match self.away(lead, at) {
            None => choice(lead, Path::LeadsAlone, passed),
            Some(absence) => {
                pass_over(lead, absence, &mut passed);
                Choice {
                    person: on_call,
                    path: Path::NobodyCan,
                    passed_over: passed,
                }
            }
        }
    }
}

/// Who answers was perhaps passed over before: a lead off shift, when nobody else is left.
fn choice(person: &PersonId, path: Path, mut passed_over: Vec<PassedOver>) -> Choice<'_> {
    passed_over.retain(|it| it.person != *person);
    Choice {
        person,
        path,
        passed_over,
    }
}

/// Notes who does not answer, once: the taker, the coordinator and the lead may be one person.
fn pass_over(person: &PersonId, absence: Absence, passed: &mut Vec<PassedOver>) {
    if passed.iter().all(|it| it.person != *person) {
        let person = person.clone();
        passed.push(PassedOver { person, absence });
    }
}
