//! Classifying: from the signs of an empty window to one cause, its evidence and its route.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cause::{Cause, Finding, Route};
use super::clue::Clue;
use super::limits::SilenceLimits;
use super::order::{Found, ORDER, left_out};
use super::seen::Seen;
use super::signs::Signs;
use crate::schedule::{Due, MissedStep};

/// An expected reading that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missed {
    /// The window.
    pub due: Due,
    /// What the plan asks for after so many missed windows, this one included; see
    /// [`Expected::step_after`](crate::schedule::Expected::step_after).
    pub step: MissedStep,
}

/// Finds why a window stayed empty. The same signs always give the same finding.
///
/// Causes are looked for from the widest to the nearest, because a wider one hides the signs of every nearer one: what is
/// not expected; our own outage; the gateway's silence; a wrong clock; the radio; the device; and last, when all of these
/// worked, the patient. Nothing that is missing is ever found to be fine.
pub fn classify(missed: &Missed, signs: &Signs, limits: &SilenceLimits, now: Timestamp) -> Finding {
    let seen = Seen {
        due: &missed.due,
        signs,
        limits,
        now,
    };
    let found = ORDER.iter().find_map(|look_for| look_for(&seen));
    let Found { cause, clues } = found.unwrap_or_else(|| left_out(&seen));
    let has_arrived = signs.device.arrived_late > 0;
    finding(cause, clues, missed.step, has_arrived)
}

impl Finding {
    /// Gives the same cause as it would have been sent on after another number of missed windows.
    #[must_use]
    pub fn at_step(&self, step: MissedStep) -> Self {
        let is_late = |clue: &Clue| matches!(clue, Clue::ArrivedLate { .. });
        let has_arrived = self.clues.iter().any(is_late);
        finding(self.cause, self.clues.clone(), step, has_arrived)
    }
}

fn finding(cause: Cause, clues: Vec<Clue>, step: MissedStep, has_arrived: bool) -> Finding {
    let is_unseen = step == MissedStep::Check && !has_arrived;
    Finding {
        cause,
        clues,
        route: route(cause, step, has_arrived),
        check_patient: is_unseen && cause != Cause::Paused && !cause.is_ours(),
    }
}

/// Judges an empty window again when more is known: the gateway is back, or an outage has ended.
///
/// Gives the finding that replaces the earlier one, or `None` when cause and route stay as they were.
pub fn reclassify(
    before: &Finding,
    missed: &Missed,
    signs: &Signs,
    limits: &SilenceLimits,
    now: Timestamp,
) -> Option<Finding> {
    let after = classify(missed, signs, limits, now);
    let is_same = after.cause == before.cause
        && after.route == before.route
        && after.check_patient == before.check_patient;
    (!is_same).then_some(after)
}

fn route(cause: Cause, step: MissedStep, has_arrived: bool) -> Route {
    match (cause, step) {
        (Cause::Paused, _) => Route::Nobody,
        (Cause::OutageOfServer | Cause::OutageOfBroker, _) => Route::OperationsIncident,
        (Cause::PatientSkipped, _) if has_arrived => Route::Nobody,
        (Cause::PatientSkipped, MissedStep::Wait) => Route::Nobody,
        (Cause::PatientSkipped, MissedStep::Nudge) => Route::PatientNudge,
        (Cause::PatientSkipped, MissedStep::Check) => Route::SafeAndWell,
        // Most patients can change batteries; whoever has not by now is helped.
        (Cause::DeviceBattery, MissedStep::Wait | MissedStep::Nudge) => Route::PatientNudge,
        _ => Route::InstallerJob,
    }
}
