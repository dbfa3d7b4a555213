//! The plan card: the limits in force, who set them, when and why.

use clinical::{Breach, Level, Side};
use vitals::Decimal;

use super::local_time::{LocalTime, Shown};
use super::words;
use crate::store::patient_page::StoredPlan;

/// The limits of one vital sign, in words; `–` where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitsView {
    /// `Systolic`.
    pub(crate) sign: &'static str,
    /// `mmHg`.
    pub(crate) unit: &'static str,
    /// Lowest first.
    pub(crate) cells: [String; 4],
}

/// One plan, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlanView {
    /// Which plan of the patient.
    pub(crate) version: u32,
    /// One row for each vital sign that is watched.
    pub(crate) limits: Vec<LimitsView>,
    /// The clinician's name.
    pub(crate) set_by: String,
    /// In the clinician's words.
    pub(crate) reason: String,
    /// Since when it holds.
    pub(crate) since: Shown,
}

impl PlanView {
    /// Puts a plan into words.
    pub(crate) fn new(stored: &StoredPlan, local: &LocalTime) -> Self {
        let limits = stored.plan.limits.iter().map(|(sign, limits)| LimitsView {
            sign: words::sign_title(*sign),
            unit: words::unit_title(*sign),
            cells: cells(&limits.lines()),
        });
        Self {
            version: stored.plan.version.0,
            limits: limits.collect(),
            set_by: stored.set_by.clone(),
            reason: stored.plan.reason.clone(),
            since: local.show(stored.plan.in_force_from),
        }
    }
}

fn cells(lines: &[Breach]) -> [String; 4] {
    let cell = |level: Level, side: Side| {
        let line = lines
            .iter()
            .find(|line| line.level == level && line.side == side);
        line.map_or_else(|| "–".to_owned(), |line| at(side, &line.limit))
    };
    [
        cell(Level::Urgent, Side::Low),
        cell(Level::Soon, Side::Low),
        cell(Level::Soon, Side::High),
        cell(Level::Urgent, Side::High),
    ]
}

fn at(side: Side, limit: &Decimal) -> String {
    match side {
        Side::Low => format!("{} or under", limit.plain()),
        Side::High => format!("{} or over", limit.plain()),
    }
}
