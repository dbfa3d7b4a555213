//! Incidents: many homes that went quiet together are one finding, not one for each home.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::limits::SilenceLimits;
use crate::id::{PatientId, TeamId};

/// One home whose gateway is quiet, or was until lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeQuiet {
    /// Whose home it is.
    pub patient: PatientId,
    /// The locality team that looks after it.
    pub team: TeamId,
    /// When it was last heard.
    pub since: Timestamp,
    /// When it was heard again, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_at: Option<Timestamp>,
}

/// How many homes there are, quiet or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fleet {
    /// The homes of each team that has any.
    pub by_team: BTreeMap<TeamId, u32>,
}

/// How far an incident reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// Homes of several teams.
    Everywhere,
    /// Homes of one team only.
    Team {
        /// Which.
        team: TeamId,
    },
}

/// Homes that went quiet together. While it lasts, none of them gives an item of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// How far it reaches.
    pub scope: Scope,
    /// When the first home was last heard.
    pub began_at: Timestamp,
    /// When enough homes were back; `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Whose homes, sorted.
    pub homes: BTreeSet<PatientId>,
}

impl Incident {
    /// Tells whether a patient's silence at a moment belongs to the incident: it is one of its homes, and the incident
    /// lasts, or has ended too lately for the home to have delivered what it holds. Afterwards a home is judged alone.
    pub fn explains(&self, patient: &PatientId, limits: &SilenceLimits, now: Timestamp) -> bool {
        let settle = SignedDuration::from_mins(limits.settle_minutes.into());
        let is_over = |at: Timestamp| now >= at.checked_add(settle).unwrap_or(Timestamp::MAX);
        self.homes.contains(patient) && !self.ended_at.is_some_and(is_over)
    }

    /// Says to whoever runs the service what has happened.
    pub fn sentence(&self) -> String {
        let homes = self.homes.len();
        let whose = match &self.scope {
            Scope::Everywhere => String::new(),
            Scope::Team { team } => format!(" of {team}"),
        };
        match self.ended_at {
            None => format!(
                "{homes} homes{whose} went quiet together. Look at the broker, the network and the power supply; readings wait in the boxes."
            ),
            Some(_) => format!(
                "{homes} homes{whose} went quiet together, and most are back. Whoever is silent still is looked at one by one."
            ),
        }
    }
}

/// Finds the incidents among the homes that are quiet or were lately, the earliest first.
///
/// All teams together are looked at first, then each team with the homes that are left. Homes belong together when enough
/// of them, by [`SilenceLimits::is_many`], were last heard within one span. What began after `now` is not known yet.
pub fn incidents(
    quiet: impl IntoIterator<Item = HomeQuiet>,
    fleet: &Fleet,
    limits: &SilenceLimits,
    now: Timestamp,
) -> Vec<Incident> {
    let mut quiet: Vec<HomeQuiet> = quiet.into_iter().filter(|it| it.since <= now).collect();
    quiet.sort_by(|a, b| (a.since, &a.patient).cmp(&(b.since, &b.patient)));
    let homes = fleet.by_team.values().map(|count| u64::from(*count)).sum();
    let (mut found, left) = together(quiet, homes, limits);

    let mut by_team: BTreeMap<TeamId, Vec<HomeQuiet>> = BTreeMap::new();
    for home in left {
        by_team.entry(home.team.clone()).or_default().push(home);
    }
    for (team, homes) in by_team {
        let of_team = fleet.by_team.get(&team).copied().unwrap_or(0);
        found.extend(together(homes, of_team.into(), limits).0);
    }
    let mut incidents: Vec<Incident> = found.iter().map(|it| incident(it, limits)).collect();
    incidents.sort_by(|a, b| (a.began_at, &a.homes).cmp(&(b.began_at, &b.homes)));
    incidents
}

/// Splits homes, sorted by their time, into groups that went quiet together and the rest.
fn together(
    quiet: Vec<HomeQuiet>,
    homes: u64,
    limits: &SilenceLimits,
) -> (Vec<Vec<HomeQuiet>>, Vec<HomeQuiet>) {
    let mut groups: Vec<Vec<HomeQuiet>> = Vec::new();
    let mut left = Vec::new();
    let mut grouped_until = 0;
    let ends = span_ends(&quiet, limits);
    for (place, (home, end)) in quiet.into_iter().zip(ends).enumerate() {
        if limits.is_many((end - place) as u64, homes) {
            // Spans that share a home are one incident: a cut that takes a while to be noticed is not two.
            if place >= grouped_until {
                groups.push(Vec::new());
            }
            grouped_until = end;
        }
        match groups.last_mut() {
            Some(group) if place < grouped_until => group.push(home),
            _ => left.push(home),
        }
    }
    (groups, left)
}

/// For each home, the place after the last one that was last heard within a span of it.
fn span_ends(quiet: &[HomeQuiet], limits: &SilenceLimits) -> Vec<usize> {
    let span = SignedDuration::from_mins(limits.incident_span_minutes.into());
    let within = |home: &HomeQuiet| home.since.checked_add(span).unwrap_or(Timestamp::MAX);
    let end = |home: &HomeQuiet| {
        let last = within(home);
        quiet.partition_point(|other| other.since <= last)
    };
    quiet.iter().map(end).collect()
}

fn incident(group: &[HomeQuiet], limits: &SilenceLimits) -> Incident {
    let teams: BTreeSet<&TeamId> = group.iter().map(|home| &home.team).collect();
    let scope = match (teams.first(), teams.len()) {
        (Some(team), 1) => Scope::Team {
            team: (*team).clone(),
        },
        _ => Scope::Everywhere,
    };
    Incident {
        scope,
        began_at: group.first().map_or(Timestamp::MAX, |home| home.since),
        ended_at: ended_at(group, limits),
        homes: group.iter().map(|home| home.patient.clone()).collect(),
    }
}

/// When so many homes were back that the incident is over.
fn ended_at(group: &[HomeQuiet], limits: &SilenceLimits) -> Option<Timestamp> {
    let mut back: Vec<Timestamp> = group.iter().filter_map(|home| home.back_at).collect();
    back.sort_unstable();
    let share = usize::from(limits.incident_over_percent);
    let enough = group.len().saturating_mul(share).div_ceil(100).max(1);
    back.get(enough - 1).copied()
}
