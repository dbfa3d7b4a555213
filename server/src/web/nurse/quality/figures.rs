//! The figures of one look at the quality of alerts: in all, by team, by rule, by patient, and the worst pairs. Whoever sees
//! no records gets numbers alone, and none that are small enough to be about somebody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
use clinical::{Problem, TeamId};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::measure::{Measure, busiest};
use crate::rights::Right;
use crate::store::quality::{self, QualityRow};
use crate::store::{duty, roles, staff};
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;
use crate::web::words;

/// The spans that can be chosen, in days.
pub(super) const SPANS: [i64; 3] = [7, 30, 90];
/// How many patient-and-rule pairs are listed, and how many patients.
pub(super) const WORST_MAX: usize = 10;
/// The most names that are read.
const NAMES_MAX: i64 = 5_000;
/// From how long on an open alert stands too long.
const STANDING: SignedDuration = SignedDuration::from_hours(24);

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    days: Option<i64>,
    #[serde(default)]
    team: String,
}

/// All of them.
pub(super) struct Figures {
    pub(super) days: i64,
    /// The team that was chosen; empty for all that the person may see.
    pub(super) team: String,
    /// Teams to choose from.
    pub(super) teams: Vec<staff::TeamRow>,
    pub(super) whole: Line,
    pub(super) by_team: Vec<Line>,
    pub(super) by_rule: Vec<Line>,
    pub(super) by_patient: Vec<Line>,
    pub(super) pairs: Vec<Line>,
    pub(super) busiest_len: i64,
    pub(super) standing_len: i64,
    pub(super) silent_len: i64,
    /// More alerts than one look reads.
    pub(super) is_cut: bool,
    /// Whether small numbers are hidden.
    pub(super) hides_small: bool,
}

/// One line: what it is about and what is measured.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) about: String,
    /// The patient, when it is about one.
    pub(super) patient: Option<String>,
    pub(super) measure: Measure,
    /// How long nurses were at work, where that is known.
    pub(super) worked: Option<SignedDuration>,
}

impl Figures {
    /// Looks at the alerts of the teams of which a person sees aggregates.
    ///
    /// # Errors
    /// [`PageError::NotFound`] when a team is asked for that is not theirs; when the database does not answer.
    pub(super) async fn read(
        state: &Arc<State>,
        me: &Me,
        asked: &Asked,
    ) -> Result<Self, PageError> {
        let now = state.clock.now();
        let days = asked.days.filter(|it| SPANS.contains(it)).unwrap_or(30);
        let since = now.checked_sub(SignedDuration::from_hours(days * 24));
        let since = since.unwrap_or(Timestamp::MIN);
        let teams = teams(state, me).await?;
        let chosen: Vec<&staff::TeamRow> = teams
            .iter()
            .filter(|it| asked.team.is_empty() || it.id == asked.team)
            .collect();
        if chosen.is_empty() && !asked.team.is_empty() {
            return Err(PageError::NotFound);
        }
        let ids: BTreeSet<&str> = chosen.iter().map(|it| it.id.as_str()).collect();
        let readers = state.store.readers();
        let viewer = me.viewer(now);
        let mut rows = quality::opened_since(readers, viewer, since).await?;
        let is_cut = i64::try_from(rows.len()).is_ok_and(|len| len >= quality::ALERTS_MAX);
        rows.retain(|it| ids.contains(it.team.as_str()));
        let worked = worked(state, &chosen, since, now).await?;
        let standing =
            quality::standing(readers, now.checked_sub(STANDING).unwrap_or(Timestamp::MIN));
        let mut standing = standing.await?;
        standing.retain(|it| ids.contains(it.team.as_str()));
        let sees = me.may(Right::SeeRecords);
        let names = if sees {
            names(state, me, now).await?
        } else {
            BTreeMap::new()
        };
        let line = |team: &staff::TeamRow| Line {
            about: team.name.clone(),
            patient: None,
            measure: Measure::of(rows.iter().filter(|row| row.team == team.id)),
            worked: worked.get(&team.id).copied(),
        };
        let in_all = worked
            .values()
            .fold(SignedDuration::ZERO, |sum, it| sum.saturating_add(*it));
        Ok(Self {
            days,
            team: asked.team.clone(),
            whole: Line {
                about: "All of these teams".to_owned(),
                patient: None,
                measure: Measure::of(&rows),
                worked: Some(in_all),
            },
            by_team: chosen.into_iter().map(line).collect(),
            by_rule: by_rule(&rows),
            by_patient: worst(&rows, &names, |row| (row.patient.clone(), String::new())),
            pairs: worst(&rows, &names, |row| {
                (row.patient.clone(), row.problem.clone())
            }),
            busiest_len: busiest(&rows),
            standing_len: standing.iter().map(|it| it.standing_len).sum(),
            silent_len: standing.iter().map(|it| it.silent_len).sum(),
            is_cut,
            hides_small: !sees,
            teams,
        })
    }
}

/// Lists the teams of which a person sees aggregates.
async fn teams(state: &State, me: &Me) -> anyhow::Result<Vec<staff::TeamRow>> {
    let readers = state.store.readers();
    let grants = roles::of_person(readers, &me.id).await?;
    let grants = grants.iter().filter(|it| it.role.may(Right::SeeAggregates));
    let of: Vec<Option<&TeamId>> = grants.map(|it| it.team.as_ref()).collect();
    let mut teams = staff::teams(readers).await?;
    let sees = |id: &str| {
        of.iter()
            .any(|it| it.is_none_or(|team| team.as_str() == id))
    };
    teams.retain(|it| sees(&it.id));
    Ok(teams)
}

/// Adds up how long nurses of each team were at work, by the rota as it is known now.
async fn worked(
    state: &State,
    teams: &[&staff::TeamRow],
    since: Timestamp,
    now: Timestamp,
) -> anyhow::Result<BTreeMap<String, SignedDuration>> {
    let mut reader = state.store.readers().acquire().await.context("no reader")?;
    let mut rotas = Vec::new();
    for team in teams {
        let id = team.id.parse()?;
        if let Some(rota) = duty::rota(&mut reader, &id, now).await? {
            rotas.push((team.id.clone(), rota));
        }
    }
    drop(reader);
    let sum = move || {
        let rotas = rotas.into_iter();
        rotas
            .map(|(team, rota)| (team, rota.time_worked(since, now)))
            .collect()
    };
    spawn_blocking(sum)
        .await
        .context("rotas cannot be added up")
}

async fn names(state: &State, me: &Me, now: Timestamp) -> anyhow::Result<BTreeMap<String, String>> {
    let rows = quality::names_in_sight(state.store.readers(), me.viewer(now), NAMES_MAX).await?;
    let rows = rows.into_iter();
    let named = rows.map(|it| {
        (
            words::banner_name(&it.family_name, &it.given_name, &it.title),
            it.id,
        )
    });
    Ok(named.map(|(name, id)| (id, name)).collect())
}

/// Names a rule by the problem that it watches.
fn rule(code: &str) -> String {
    let known = Problem::ALL.into_iter().find(|it| it.code() == code);
    known.map_or_else(|| code.to_owned(), words::problem_title)
}

fn by_rule(rows: &[QualityRow]) -> Vec<Line> {
    let mut groups: BTreeMap<&str, Vec<&QualityRow>> = BTreeMap::new();
    for row in rows {
        groups.entry(&row.problem).or_default().push(row);
    }
    let mut lines: Vec<Line> = groups
        .into_iter()
        .map(|(code, rows)| Line {
            about: rule(code),
            measure: Measure::of(rows),
            ..Line::default()
        })
        .collect();
    lines.sort_by_key(|it| std::cmp::Reverse(it.measure.alerts_len));
    lines
}

/// Gives the patients, or patients and rules, with the most alerts, of those in sight.
fn worst(
    rows: &[QualityRow],
    names: &BTreeMap<String, String>,
    key: impl Fn(&QualityRow) -> (String, String),
) -> Vec<Line> {
    let mut groups: BTreeMap<(String, String), Vec<&QualityRow>> = BTreeMap::new();
    for row in rows.iter().filter(|it| it.in_sight != 0) {
        groups.entry(key(row)).or_default().push(row);
    }
    let mut lines: Vec<Line> = groups
        .into_iter()
        .filter_map(|((patient, problem), rows)| {
            let name = names.get(&patient)?;
            let about = match problem.as_str() {
                "" => name.clone(),
                code => format!("{name} – {}", rule(code)),
            };
            Some(Line {
                about,
                patient: Some(patient),
                measure: Measure::of(rows),
                worked: None,
            })
        })
        .collect();
    lines.sort_by_key(|it| std::cmp::Reverse(it.measure.alerts_len));
    lines.truncate(WORST_MAX);
    lines
}
