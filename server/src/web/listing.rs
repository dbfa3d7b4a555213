//! The list: stored alerts with who answers now and whether they are overdue, in the order of the worklist.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Context;
use clinical::worklist::{Row, Tier, arrange};
use clinical::{AlertNumber, PatientId};
use jiff::Timestamp;

use super::State;
use super::answering::{Staff, Who};
use crate::store::worklist::AlertRow;

/// One alert of the list, as it stands at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// As it is stored.
    pub(crate) row: AlertRow,
    /// Who answers now.
    pub(crate) who: Who,
    /// Nobody has acted in time.
    pub(crate) is_overdue: bool,
    /// The names of the people whom the row speaks of.
    pub(crate) names: Names,
    /// What its place depends on.
    pub(super) order: Row,
}

/// The names of the people whom an alert's row speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Names {
    /// Who holds it.
    pub(crate) held_by: Option<String>,
    /// Who was asked to take it over.
    pub(crate) offered_to: Option<String>,
    /// Who escalated it.
    pub(crate) escalated_by: Option<String>,
}

impl Listed {
    /// Names it among all alerts: whose it is, and its number.
    pub(super) fn key(&self) -> (&str, i64) {
        (&self.row.patient, self.row.number)
    }

    /// Names everything that can change of it while it is open, except how long ago it was.
    pub(crate) fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.row, &self.who, &self.names, self.is_overdue).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// Puts alerts in order, each with who answers for it now. A patient whose tier is not given has the usual one.
///
/// # Errors
/// When a stored id or time is none.
pub(crate) fn list(
    staff: &Staff,
    rows: Vec<AlertRow>,
    tiers: &BTreeMap<String, Tier>,
) -> anyhow::Result<Vec<Listed>> {
    let now = staff.now();
    let answering = staff.answering();
    let mut listed = Vec::with_capacity(rows.len());
    for mut row in rows {
        // Something that happened to the patient need not change what the row says.
        row.journal_len = None;
        let tier = tiers.get(&row.patient).copied().unwrap_or(Tier::Usual);
        let order = place(&row, tier)?;
        let name = |person: &Option<String>| person.as_deref().map(|it| staff.name(it));
        listed.push(Listed {
            who: answering.of(&row)?,
            is_overdue: row.closed_at.is_none() && order.is_overdue(now),
            names: Names {
                held_by: name(&row.held_by),
                offered_to: name(&row.offered_to),
                escalated_by: name(&row.escalated_by),
            },
            order,
            row,
        });
    }
    arrange(&mut listed, |it| &it.order, now);
    Ok(listed)
}

/// Looks at the alerts of one page that is not the list.
///
/// # Errors
/// When the database does not answer, or a stored id or time is none.
pub(crate) async fn look(state: &State, rows: Vec<AlertRow>) -> anyhow::Result<Vec<Listed>> {
    let staff = Staff::read(state, state.clock.now()).await?;
    list(&staff, rows, &BTreeMap::new())
}

/// Looks at one alert.
///
/// # Errors
/// When the database does not answer, or a stored id or time is none.
pub(crate) async fn look_at(state: &State, row: AlertRow) -> anyhow::Result<Listed> {
    let mut listed = look(state, vec![row]).await?;
    listed.pop().context("one alert goes in and one comes out")
}

fn place(row: &AlertRow, tier: Tier) -> anyhow::Result<Row> {
    let patient: PatientId = row.patient.parse()?;
    Ok(Row {
        patient,
        alert: AlertNumber(u32::try_from(row.number)?),
        priority: row.priority(),
        respond_by: row.respond_by(),
        step: row.step(),
        tier,
        opened_at: Timestamp::from_microsecond(row.opened_at)?,
    })
}
