//! The steps of a case: the things that can happen, as they are written.

use std::collections::BTreeMap;

use clinical::history::SymptomId;
use clinical::schedule::{Measured, PauseReason};
use clinical::score::Acvpu;
use clinical::silence::{Cause, Route};
use clinical::worklist::Tier;
use clinical::{Outcome, PersonId, RuleId, VitalSign};
use serde::Deserialize;
use serde_json::Value;
use vitals::{AttemptReason, Decimal, DeviceId, GatewayId, QualityMark};

use super::plan::Draft;

/// Values by vital sign.
pub(crate) type Values = BTreeMap<VitalSign, Decimal>;

/// One step: exactly one thing happens, and the lines that must follow.
///
/// Times are local to the plan's zone: `2026-11-21 08:00`, or `08:00` for the same day as the step before. With a `Z` they
/// are UTC.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseStep {
    pub(crate) at: Option<String>,
    #[expect(dead_code, reason = "for whoever reads the case")]
    why: Option<String>,
    pub(crate) expect: Vec<String>,

    pub(crate) measured: Option<Values>,
    pub(crate) drill: Option<Values>,
    pub(crate) measured_at: Option<String>,
    #[serde(default)]
    pub(crate) marks: Vec<QualityMark>,
    pub(crate) device: Option<DeviceId>,
    /// How far the device's clock is ahead of the home's wall time, in seconds; less than 0 when it is behind.
    pub(crate) clock_ahead_seconds: Option<i64>,
    /// A gateway that has not known the time for too long.
    pub(crate) knows_no_time: Option<GatewayId>,
    /// A gateway that knows the time.
    pub(crate) knows_the_time: Option<GatewayId>,
    pub(crate) user: Option<u8>,
    pub(crate) registered_user: Option<u8>,
    pub(crate) daily: Option<Daily>,
    pub(crate) failed: Option<Failed>,
    pub(crate) answers: Option<Given>,

    pub(crate) takes: Option<Takes>,
    pub(crate) closes: Option<Closes>,
    pub(crate) waits: Option<Aside>,
    pub(crate) snoozes: Option<Aside>,
    pub(crate) escalates: Option<Passes>,
    pub(crate) offers: Option<Passes>,
    pub(crate) answers_offer: Option<AnswersOffer>,
    pub(crate) reopens: Option<Reopens>,

    pub(crate) new_plan: Option<Draft>,
    pub(crate) plan_version: Option<u32>,
    /// The new plan holds from this time and not at once.
    pub(crate) holds_from: Option<String>,
    pub(crate) withdraws_plan: Option<Withdraws>,
    pub(crate) new_limits: Option<Value>,
    pub(crate) new_care: Option<Value>,
    pub(crate) new_coordinator: Option<PersonId>,
    pub(crate) pauses: Option<Pauses>,
    pub(crate) resumes: Option<PersonId>,
    pub(crate) sets_tier: Option<SetsTier>,
    pub(crate) window_closed: Option<WindowClosed>,
    pub(crate) window_explained: Option<WindowClosed>,
    pub(crate) asks_rule: Option<RuleId>,
    #[serde(default)]
    pub(crate) nothing: bool,
}

impl CaseStep {
    /// Makes a step in which time passes.
    pub(crate) fn nothing() -> Self {
        Self {
            nothing: true,
            ..Self::default()
        }
    }

    /// Checks that exactly one thing happens.
    pub(crate) fn check(&self) -> Result<(), String> {
        let happens = [
            self.measured.is_some(),
            self.drill.is_some(),
            self.daily.is_some(),
            self.failed.is_some(),
            self.answers.is_some(),
            self.knows_no_time.is_some(),
            self.knows_the_time.is_some(),
            self.takes.is_some(),
            self.closes.is_some(),
            self.waits.is_some(),
            self.snoozes.is_some(),
            self.escalates.is_some(),
            self.offers.is_some(),
            self.answers_offer.is_some(),
            self.reopens.is_some(),
            self.new_plan.is_some(),
            self.new_limits.is_some(),
            self.new_care.is_some(),
            self.new_coordinator.is_some(),
            self.pauses.is_some(),
            self.resumes.is_some(),
            self.sets_tier.is_some(),
            self.window_closed.is_some(),
            self.window_explained.is_some(),
            self.withdraws_plan.is_some(),
            self.asks_rule.is_some(),
            self.nothing,
        ];
        match happens.into_iter().filter(|it| *it).count() {
            1 => Ok(()),
            0 => Err("nothing happens; write \"nothing\": true if that is meant".to_owned()),
            _ => Err("several things happen; write a step for each".to_owned()),
        }
    }
}

/// The same readings on days in a row, written in one step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Daily {
    pub(crate) from: jiff::civil::Date,
    pub(crate) days: u16,
    pub(crate) times: Vec<String>,
    /// A value for each reading, in turn and again from the first; `null` leaves a reading out.
    pub(crate) measured: BTreeMap<VitalSign, Vec<Option<Decimal>>>,
    #[serde(default)]
    pub(crate) marks: Vec<QualityMark>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    pub(crate) reason: AttemptReason,
    pub(crate) what: Option<Measured>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    #[serde(default)]
    pub(crate) symptoms: BTreeMap<SymptomId, bool>,
    pub(crate) respiratory_rate: Option<Decimal>,
    pub(crate) on_oxygen: Option<bool>,
    pub(crate) consciousness: Option<Acvpu>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Takes {
    pub(crate) alert: u32,
    pub(crate) by: PersonId,
    pub(crate) instead_of: Option<PersonId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closes {
    pub(crate) alert: u32,
    pub(crate) by: PersonId,
    pub(crate) outcome: Outcome,
    #[serde(default)]
    pub(crate) note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Aside {
    pub(crate) alert: u32,
    pub(crate) by: PersonId,
    pub(crate) until: String,
    #[serde(default)]
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passes {
    pub(crate) alert: u32,
    pub(crate) by: PersonId,
    pub(crate) to: PersonId,
    #[serde(default)]
    pub(crate) note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswersOffer {
    pub(crate) alert: u32,
    pub(crate) by: PersonId,
    pub(crate) yes: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reopens {
    pub(crate) alert: u32,
    pub(crate) by: PersonId,
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdraws {
    pub(crate) by: PersonId,
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pauses {
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) reason: PauseReason,
    pub(crate) by: PersonId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetsTier {
    pub(crate) tier: Option<Tier>,
    pub(crate) by: PersonId,
    pub(crate) reason: String,
    pub(crate) until: Option<String>,
}

/// A window closes and its cause is known: the deadline of that window, with what was known of the home.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowClosed {
    pub(crate) what: Measured,
    pub(crate) cause: Cause,
    pub(crate) route: Route,
    #[serde(default)]
    pub(crate) check_patient: bool,
}
