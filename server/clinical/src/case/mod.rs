//! A case: everything that decisions about one patient depend on.

mod apply;
mod expecting;
mod parts;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vitals::{DeviceId, GatewayId};

pub use parts::{
    ClosedAlert, Expecting, MissedWindow, Suspicion, TermNoted, TierOverride, Unusable,
};

use crate::alert::{Alert, AlertNumber, Problem};
use crate::history::History;
use crate::id::PersonId;
use crate::plan::Plan;
use crate::schedule::{Due, Measured, MissedStep, Pause};
use crate::sign::VitalSign;
use crate::verdict::Finding;

/// The most closed alerts that a case remembers, to be reopened.
pub const CLOSED_LEN_MAX: usize = 16;

/// One patient's plan, coordinator, open alerts and what is remembered. A patient without a coordinator or a plan has no
/// case. Its size is bounded however long the patient is monitored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    coordinator: PersonId,
    plan: Plan,
    open: BTreeMap<Problem, Alert>,
    next_alert: AlertNumber,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    closed: Vec<ClosedAlert>,
    #[serde(default, skip_serializing_if = "History::is_empty")]
    history: History,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    suspicions: BTreeMap<Problem, Suspicion>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unusable: BTreeMap<Measured, Unusable>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    wrong_clocks: BTreeSet<DeviceId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    timeless: BTreeSet<GatewayId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    jumped: BTreeMap<VitalSign, Finding>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    expecting: BTreeMap<Measured, Expecting>,
    /// A state of the third rule set or before has one at most.
    #[serde(
        default,
        alias = "pause",
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    pauses: Vec<Pause>,
    #[serde(default, skip_serializing_if = "TermNoted::is_nothing")]
    term_noted: TermNoted,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<TierOverride>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scheduled_plan: Option<Box<Plan>>,
}

impl Case {
    /// Opens a case: monitoring starts.
    pub fn new(coordinator: PersonId, plan: Plan) -> Self {
        Self {
            coordinator,
            plan,
            open: BTreeMap::new(),
            next_alert: AlertNumber::FIRST,
            closed: Vec::new(),
            history: History::default(),
            suspicions: BTreeMap::new(),
            unusable: BTreeMap::new(),
            wrong_clocks: BTreeSet::new(),
            timeless: BTreeSet::new(),
            jumped: BTreeMap::new(),
            expecting: BTreeMap::new(),
            pauses: Vec::new(),
            term_noted: TermNoted::default(),
            tier: None,
            scheduled_plan: None,
        }
    }

    /// Gives the person who answers for the patient.
    pub fn coordinator(&self) -> &PersonId {
        &self.coordinator
    }

    /// Gives the plan in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Gives the plan that was accepted and is to hold later.
    pub fn scheduled_plan(&self) -> Option<&Plan> {
        self.scheduled_plan.as_deref()
    }

    /// Gives the open alert of a problem.
    pub fn alert_of(&self, problem: Problem) -> Option<&Alert> {
        self.open.get(&problem)
    }

    /// Gives an open alert by its number.
    pub fn alert(&self, number: AlertNumber) -> Option<&Alert> {
        self.open.values().find(|alert| alert.number == number)
    }

    /// Gives all open alerts.
    pub fn open_alerts(&self) -> impl Iterator<Item = &Alert> {
        self.open.values()
    }

    /// Gives the alerts that were closed last and can be reopened, oldest first.
    pub fn closed_alerts(&self) -> &[ClosedAlert] {
        &self.closed
    }

    /// Gives the number that the next alert will have.
    pub fn next_alert(&self) -> AlertNumber {
        self.next_alert
    }

    /// Gives the recent readings and answers.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Gives the first breaches that wait for their repeat.
    pub fn suspicions(&self) -> impl Iterator<Item = &Suspicion> {
        self.suspicions.values()
    }

    /// Gives the first breach of a problem that waits for its repeat.
    pub fn suspicion_of(&self, problem: Problem) -> Option<&Suspicion> {
        self.suspicions.get(&problem)
    }

    /// Gives the row of unusable measurements.
    pub fn unusable(&self, what: Measured) -> Option<&Unusable> {
        self.unusable.get(&what)
    }

    /// Gives the devices whose clocks were wrong when they were last seen. Closing the alert about them forgets them.
    pub fn wrong_clocks(&self) -> &BTreeSet<DeviceId> {
        &self.wrong_clocks
    }

    /// Gives the gateways that were found not to know the time.
    pub fn timeless(&self) -> &BTreeSet<GatewayId> {
        &self.timeless
    }

    /// Gives the last value that jumped as no body does.
    pub fn jumped(&self, sign: VitalSign) -> Option<&Finding> {
        self.jumped.get(&sign)
    }

    /// Gives the windows in which readings are expected next.
    pub fn expected(&self) -> impl Iterator<Item = &Due> {
        self.expecting.values().map(|it| &it.due)
    }

    /// Gives what is expected of one kind of reading.
    pub fn expecting(&self, what: Measured) -> Option<&Expecting> {
        self.expecting.get(&what)
    }

    /// Tells what one more missed window asks for: see [`crate::schedule::Expected::step_after`].
    pub fn missed_step(&self, due: &Due) -> MissedStep {
        let missed = self.expecting.get(&due.what).map_or(0, |it| it.missed);
        let expected = self.plan.care.schedule.of(due.what);
        let missed = u32::from(missed).saturating_add(1);
        expected.map_or(MissedStep::Wait, |it| it.step_after(missed))
    }

    /// Tells what the windows that were missed in a row until now ask for.
    pub fn step_so_far(&self, what: Measured) -> MissedStep {
        let missed = self.expecting.get(&what).map_or(0, |it| it.missed);
        let expected = self.plan.care.schedule.of(what);
        expected.map_or(MissedStep::Wait, |it| it.step_after(missed.into()))
    }

    /// Gives the windows that were missed last, one of each kind of reading at most.
    pub fn last_missed(&self) -> impl Iterator<Item = &MissedWindow> {
        self.expecting
            .values()
            .filter_map(|it| it.last_missed.as_deref())
    }

    /// Tells whether a reading of its kind was measured in a window, or in its grace and in no window after it.
    pub fn has_reading_in(&self, due: &Due) -> bool {
        let care = &self.plan.care;
        let expected = care.schedule.of(due.what);
        let is_of_another =
            |at| expected.is_some_and(|it| it.window_at(at, &care.zone, &[]).is_some());
        let is_in_grace = |at| due.closes <= at && at < due.due_at && !is_of_another(at);
        let of_kind = VitalSign::ALL.into_iter();
        let of_kind = of_kind.filter(|sign| Measured::of(*sign) == Some(due.what));
        of_kind
            .flat_map(|sign| self.history.points_until(sign, due.due_at))
            .any(|point| due.has(point.at()) || is_in_grace(point.at()))
    }

    /// Gives the pauses that were arranged and are not long over, by when they begin.
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Gives what was noted of the plan's term.
    pub fn term_noted(&self) -> TermNoted {
        self.term_noted
    }

    /// Gives the override of the patient's tier.
    pub fn tier(&self) -> Option<&TierOverride> {
        self.tier.as_ref()
    }

    /// Names the person to whom an open alert belongs: who holds it, or else the care coordinator. Whether that person is
    /// on duty is for [`crate::duty::who_answers`].
    pub fn who_answers<'a>(&'a self, alert: &'a Alert) -> &'a PersonId {
        alert.ownership.holder().unwrap_or(&self.coordinator)
    }

    /// Gives when the plan's term needs a person: the end of its review day, then of its last day.
    pub fn term_due_at(&self) -> Option<Timestamp> {
        let term = self.plan.care.term.as_ref()?;
        let review = term.review_by.filter(|_| !self.term_noted.review);
        let end = term.ends_on.filter(|_| !self.term_noted.end);
        let first = review.into_iter().chain(end).min()?;
        Some(self.plan.care.zone.midnight_after(first))
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Pause>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Pauses {
        Many(Vec<Pause>),
        One(Pause),
    }
    Ok(match Pauses::deserialize(from)? {
        Pauses::Many(pauses) => pauses,
        Pauses::One(pause) => vec![pause],
    })
}
