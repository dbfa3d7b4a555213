//! One team's part of the board: its open alerts and everything that is counted about them, at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use clinical::TeamId;
use jiff::Timestamp;

use super::State;
use super::answering::Staff;
use super::board::{KIT_ROWS_MAX, WORKLIST_ROWS_MAX};
use super::duty_strip::TeamDuty;
use super::listing::{Listed, list};
use crate::store::counts::{self, Group, KitCounts, OpenCounts};
use crate::store::expected_readings::{self, DayCounts};
use crate::store::test_records::{self, SettingUp};
use crate::store::worklist::{Lane, open_alerts};

/// What all pages that show a team share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TeamBoard {
    /// When it was read.
    pub(super) at: Timestamp,
    /// At most [`WORKLIST_ROWS_MAX`] alerts about patients, in the order of the list.
    pub(super) rows: Vec<Arc<Listed>>,
    /// At most [`KIT_ROWS_MAX`] technical alerts, in the order of the list.
    pub(super) kit_rows: Vec<Arc<Listed>>,
    /// Devices of boxes that are being set up, each with its latest test.
    pub(super) setting_up: Vec<SettingUp>,
    /// How many alerts are open.
    pub(super) open: OpenCounts,
    /// What is wrong with the kit.
    pub(super) kit: KitCounts,
    /// For how many open alerts each person answers now, listed or not.
    pub(super) by_person: BTreeMap<String, i64>,
    /// Who answers for the team's patients.
    pub(super) duty: TeamDuty,
    /// How many readings were expected today, and came.
    pub(super) today: DayCounts,
    /// When the last reading came; microseconds UTC.
    pub(super) last_came_at: Option<i64>,
    /// Grows with everything that happens to any patient of the team.
    pub(super) journal_len: i64,
}

impl TeamBoard {
    /// Reads it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(state: &State, team: &TeamId) -> anyhow::Result<Self> {
        let readers = state.store.readers();
        let at = state.clock.now();
        // The length comes first: what is written meanwhile then makes the board look old, never new.
        let journal_len = counts::journal_len(readers, team).await?;
        let staff = Staff::read(state, at).await?;
        let read = async |lane, rows_max: usize| {
            open_alerts(readers, team, lane, at, i64::try_from(rows_max)?).await
        };
        let rows = read(Lane::Patients, WORKLIST_ROWS_MAX).await?;
        let tiers = state.tiers.of(readers, &rows, at).await;
        let rows = list(&staff, rows, &tiers)?;
        let kit_rows = read(Lane::Kit, KIT_ROWS_MAX).await?;
        let kit_rows = list(&staff, kit_rows, &BTreeMap::new())?;
        let local = state.local_time();
        let midnight = local.midnight(local.today()).unwrap_or(at);
        let patients = counts::patients(readers, team).await?;
        Ok(Self {
            at,
            duty: TeamDuty::of(&staff, team, &patients),
            today: expected_readings::since(readers, team, midnight, at).await?,
            last_came_at: expected_readings::last_came(readers, team).await?,
            rows: rows.into_iter().map(Arc::new).collect(),
            kit_rows: kit_rows.into_iter().map(Arc::new).collect(),
            setting_up: test_records::setting_up(readers, team).await?,
            open: counts::open(readers, team, at).await?,
            kit: counts::kit(readers, team, at).await?,
            by_person: by_person(&staff, &counts::groups(readers, team).await?)?,
            journal_len,
        })
    }

    /// Takes the rows that say the same from another reading of it, so that all who look keep them once.
    pub(super) fn take_rows_of(&mut self, other: &Self) {
        take_same(&mut self.rows, &other.rows);
        take_same(&mut self.kit_rows, &other.kit_rows);
    }
}

fn take_same(rows: &mut [Arc<Listed>], others: &[Arc<Listed>]) {
    let others: BTreeMap<_, _> = others.iter().map(|it| (it.key(), it)).collect();
    for row in rows {
        let same = others.get(&row.key()).filter(|it| **it == row);
        if let Some(same) = same.map(|it| Arc::clone(it)) {
            *row = same;
        }
    }
}

fn by_person(staff: &Staff, groups: &[Group]) -> anyhow::Result<BTreeMap<String, i64>> {
    let answering = staff.answering();
    let mut by_person = BTreeMap::new();
    for group in groups {
        let who = answering.of_group(group)?;
        *by_person.entry(who.person).or_default() += group.alerts_len;
    }
    Ok(by_person)
}
