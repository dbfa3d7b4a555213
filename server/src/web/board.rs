//! The board as one person sees it: the lists of their teams as one, with what they have of other teams.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use clinical::PersonId;
use clinical::worklist::arrange;
use jiff::Timestamp;
use serde::Serialize;

use super::State;
use super::duty_strip::DutyStrip;
use super::listing::{Listed, look};
use super::local_time::LocalTime;
use super::session::Me;
use super::team_board::TeamBoard;
use crate::store::test_records::SettingUp;
use crate::store::worklist::{self, Lane};

/// The most alerts about patients that one page lists; the line under it says how many more there are.
pub(crate) const WORKLIST_ROWS_MAX: usize = 200;
/// The most technical alerts that one page lists. They never take the place of one about a patient.
pub(crate) const KIT_ROWS_MAX: usize = 100;
/// The most alerts of other teams' patients that are listed for one person.
const ELSEWHERE_ROWS_MAX: i64 = 50;

/// The open alerts that one person sees, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Board {
    teams: Vec<Arc<TeamBoard>>,
    elsewhere: Vec<Arc<Listed>>,
    /// At most [`WORKLIST_ROWS_MAX`] alerts about patients, in the order of the list.
    pub(crate) rows: Vec<Arc<Listed>>,
    /// At most [`KIT_ROWS_MAX`] technical alerts, in the order of the list.
    pub(crate) kit_rows: Vec<Arc<Listed>>,
    /// Changes with everything that happens to any patient whom it shows, and with what time alone does to the list.
    pub(crate) cursor: String,
}

/// The counters of one person's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Counts {
    /// To be looked at now.
    pub(crate) urgent: i64,
    /// To be looked at today.
    pub(crate) soon: i64,
    /// To be looked at on the next working day.
    pub(crate) check: i64,
    /// About the kit.
    pub(crate) technical: i64,
    /// Nobody has acted in time.
    pub(crate) overdue: i64,
    /// Answered for by this person now.
    pub(crate) mine: i64,
    /// Taken by nobody yet.
    pub(crate) not_taken: i64,
    /// Waiting for the patient.
    pub(crate) waiting: i64,
    /// Put aside.
    pub(crate) snoozed: i64,
    /// Listed and on offer to this person.
    pub(crate) offered: usize,
    /// Readings that were expected today until now.
    pub(crate) expected_today: i64,
    /// Those that came.
    pub(crate) came_today: i64,
    /// Those that did not come in time.
    pub(crate) missed_today: i64,
    /// When the last reading came; milliseconds since 1970.
    pub(crate) last_came_ms: Option<i64>,
    /// Registered gateways that are not online.
    pub(crate) gateways_offline: usize,
    /// Messages that were refused whole.
    pub(crate) refused: i64,
    /// Gateways whose identity is used in two places.
    pub(crate) copied: usize,
    /// All open alerts.
    pub(crate) open: i64,
    /// Open alerts about patients that the page has no room for.
    pub(crate) more: i64,
    /// Open technical alerts that the page has no room for.
    pub(crate) more_kit: i64,
}

impl Board {
    /// Reads the board of a person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn read(state: &State, me: &Me) -> anyhow::Result<Self> {
        let mut teams = Vec::with_capacity(me.teams.len());
        for team in &me.teams {
            teams.push(Arc::new(TeamBoard::read(state, team).await?));
        }
        let elsewhere = Self::elsewhere(state, &me.id).await?;
        Ok(Self::of(teams, elsewhere, state.clock.now()))
    }

    /// Reads what a person has of the patients of other teams.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn elsewhere(
        state: &State,
        person: &PersonId,
    ) -> anyhow::Result<Vec<Arc<Listed>>> {
        let readers = state.store.readers();
        let rows = worklist::held_elsewhere(readers, person, ELSEWHERE_ROWS_MAX).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        Ok(look(state, rows).await?.into_iter().map(Arc::new).collect())
    }

    /// Puts the parts together.
    pub(super) fn of(
        teams: Vec<Arc<TeamBoard>>,
        elsewhere: Vec<Arc<Listed>>,
        now: Timestamp,
    ) -> Self {
        let part = |of: fn(&TeamBoard) -> &[Arc<Listed>], lane, rows_max| {
            let own = teams.iter().flat_map(|team| of(team).iter());
            let others = elsewhere.iter().filter(|it| it.row.lane() == lane);
            let mut rows: Vec<Arc<Listed>> = own.chain(others).cloned().collect();
            arrange(&mut rows, |it| &it.order, now);
            rows.truncate(rows_max);
            rows
        };
        let rows = part(|it| &it.rows, Lane::Patients, WORKLIST_ROWS_MAX);
        let kit_rows = part(|it| &it.kit_rows, Lane::Kit, KIT_ROWS_MAX);
        let journal_len: i64 = teams.iter().map(|it| it.journal_len).sum();
        Self {
            cursor: cursor(journal_len, rows.iter().chain(&kit_rows)),
            teams,
            elsewhere,
            rows,
            kit_rows,
        }
    }

    /// Counts for one person.
    pub(crate) fn counts(&self, me: &PersonId) -> Counts {
        let len = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        let elsewhere = len(self.elsewhere.len());
        let mut counts = Counts {
            mine: elsewhere,
            open: elsewhere,
            ..Counts::default()
        };
        for team in &self.teams {
            let open = &team.open;
            counts.urgent += open.urgent;
            counts.soon += open.soon;
            counts.check += open.check_by;
            counts.technical += open.technical;
            counts.overdue += open.overdue;
            counts.not_taken += open.not_taken;
            counts.waiting += open.waiting;
            counts.snoozed += open.snoozed;
            counts.open += open.open;
            counts.mine += team.by_person.get(me.as_str()).copied().unwrap_or_default();
            counts.expected_today += team.today.expected;
            counts.came_today += team.today.came;
            counts.missed_today += team.today.missed;
            let last_came_ms = team.last_came_at.map(|us| us.div_euclid(1000));
            counts.last_came_ms = counts.last_came_ms.max(last_came_ms);
            counts.gateways_offline += team.kit.gateways_offline;
            // These are of the whole service.
            counts.refused = team.kit.refused;
            counts.copied = team.kit.copied;
        }
        let offered = self.all_rows();
        counts.offered = offered
            .filter(|it| it.row.is_offered_to(me.as_str()))
            .count();
        let shown = len(self.rows.len());
        let kit_shown = len(self.kit_rows.len());
        counts.more = (counts.open - counts.technical - shown).max(0);
        counts.more_kit = (counts.technical - kit_shown).max(0);
        counts
    }

    /// Says who answers for the patients of each team.
    pub(crate) fn duty(&self, me: &PersonId, local: &LocalTime) -> DutyStrip {
        let lines = self.teams.iter().map(|team| team.duty.line(me, local));
        DutyStrip {
            duty: lines.collect(),
        }
    }

    /// Gives every listed alert, those about patients first.
    pub(crate) fn all_rows(&self) -> impl Iterator<Item = &Arc<Listed>> {
        self.rows.iter().chain(&self.kit_rows)
    }

    /// Gives the devices of boxes that are being set up, each with its latest test.
    pub(crate) fn setting_up(&self) -> impl Iterator<Item = &SettingUp> {
        let mut seen = BTreeSet::new();
        let all = self.teams.iter().flat_map(|team| &team.setting_up);
        // A box whose devices belong to patients of two teams is on both.
        all.filter(move |it| seen.insert((&it.gateway, &it.device)))
    }
}

/// Two boards with the same cursor list the same rows, saying the same, in the same order.
fn cursor<'a>(journal_len: i64, rows: impl Iterator<Item = &'a Arc<Listed>>) -> String {
    let mut hasher = DefaultHasher::new();
    for listed in rows {
        (&listed.row.patient, listed.row.number).hash(&mut hasher);
        listed.version().hash(&mut hasher);
    }
    format!("{journal_len}-{:016x}", hasher.finish())
}
