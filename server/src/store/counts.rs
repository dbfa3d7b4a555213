//! Counts of the worklist: what is open, who answers for how much, and what is wrong with the kit.

use anyhow::Context;
use clinical::duty::Held;
use clinical::{PersonId, TeamId};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyPool, FromRow};
use vitals::wire::{GatewayState, GatewayStatus};

use super::clones;
use super::worklist::held;

/// A gateway that has said nothing for this long is not online, whatever it said last: it speaks every minute.
pub const GATEWAY_QUIET_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How many alerts are open, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct OpenCounts {
    /// All of them.
    pub open: i64,
    /// To be looked at now.
    pub urgent: i64,
    /// To be looked at today.
    pub soon: i64,
    /// To be looked at on the next working day.
    pub check_by: i64,
    /// About the kit.
    pub technical: i64,
    /// Nobody has acted in time.
    pub overdue: i64,
    /// Taken by nobody yet.
    pub not_taken: i64,
    /// Waiting for the patient.
    pub waiting: i64,
    /// Put aside.
    pub snoozed: i64,
}

/// What is wrong with the kit rather than with a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitCounts {
    /// Registered gateways that are not online.
    pub gateways_offline: usize,
    /// Messages and records that were refused whole and kept as evidence.
    pub refused: i64,
    /// Gateways whose identity is used in two places.
    pub copied: usize,
}

/// Open alerts for which the same person answers, whoever that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The patients' team.
    pub team: TeamId,
    /// The patients' care coordinator.
    pub coordinator: PersonId,
    /// To whom they belong: who holds them, or the care coordinator.
    pub answers: PersonId,
    /// Who has them.
    pub held: Held,
    /// How many there are.
    pub alerts_len: i64,
}

/// Counts the open alerts of a team.
///
/// # Errors
/// When the database does not answer.
pub async fn open(readers: &AnyPool, team: &TeamId, now: Timestamp) -> anyhow::Result<OpenCounts> {
    sqlx::query_as(
        "SELECT COUNT(*) AS open, \
         CAST(COALESCE(SUM(CASE WHEN priority NOT IN ('soon', 'check', 'technical') THEN 1 ELSE 0 END), 0) AS BIGINT) \
         AS urgent, \
         CAST(COALESCE(SUM(CASE WHEN priority = 'soon' THEN 1 ELSE 0 END), 0) AS BIGINT) AS soon, \
         CAST(COALESCE(SUM(CASE WHEN priority = 'check' THEN 1 ELSE 0 END), 0) AS BIGINT) AS check_by, \
         CAST(COALESCE(SUM(CASE WHEN priority = 'technical' THEN 1 ELSE 0 END), 0) AS BIGINT) AS technical, \
         CAST(COALESCE(SUM(CASE WHEN step <> 'coordinator' OR respond_by <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT) \
         AS overdue, \
         CAST(COALESCE(SUM(CASE WHEN ownership_is = 'new' THEN 1 ELSE 0 END), 0) AS BIGINT) AS not_taken, \
         CAST(COALESCE(SUM(CASE WHEN ownership_is = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting, \
         CAST(COALESCE(SUM(CASE WHEN ownership_is = 'snoozed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS snoozed \
         FROM alert a JOIN patient p ON p.id = a.patient WHERE a.closed_at IS NULL AND p.team = $2",
    )
    .bind(now.as_microsecond())
    .bind(team.as_str())
    .fetch_one(readers)
    .await
    .context("cannot count the open alerts")
}

/// How many patients of a team each of its care coordinators has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamPatients {
    /// What people call the team.
    pub name: String,
    /// By care coordinator; those who were discharged are not counted.
    pub by_coordinator: Vec<(PersonId, i64)>,
}

/// Counts the patients of a team by care coordinator.
///
/// # Errors
/// When the database does not answer.
pub async fn patients(readers: &AnyPool, team: &TeamId) -> anyhow::Result<TeamPatients> {
    let rows: Vec<(String, Option<String>, i64)> = sqlx::query_as(
        "SELECT t.name, p.coordinator, COUNT(p.id) FROM team t LEFT JOIN patient p ON p.team = t.id AND NOT EXISTS \
         (SELECT 1 FROM discharge d WHERE d.patient = p.id AND d.started_again_at IS NULL) \
         WHERE t.id = $1 GROUP BY t.name, p.coordinator ORDER BY p.coordinator",
    )
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot count the patients of a team")?;
    let mut found = TeamPatients::default();
    for (name, coordinator, patients_len) in rows {
        found.name = name;
        if let Some(coordinator) = coordinator {
            found
                .by_coordinator
                .push((coordinator.parse()?, patients_len));
        }
    }
    Ok(found)
}

type GroupRow = (
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    String,
    i64,
);

/// Counts the open alerts of a team by everything that decides who answers: there are few such groups however many alerts.
///
/// # Errors
/// When the database does not answer.
pub async fn groups(readers: &AnyPool, team: &TeamId) -> anyhow::Result<Vec<Group>> {
    let rows: Vec<GroupRow> = sqlx::query_as(
        "SELECT p.team, p.coordinator, a.answers, a.held_by, a.escalated_to, a.step, COUNT(*) \
         FROM alert a JOIN patient p ON p.id = a.patient WHERE a.closed_at IS NULL AND p.team = $1 \
         GROUP BY p.team, p.coordinator, a.answers, a.held_by, a.escalated_to, a.step",
    )
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot count who answers for the open alerts")?;
    let group =
        |(team, coordinator, answers, held_by, escalated_to, step, alerts_len): GroupRow| {
            Ok(Group {
                team: team.try_into()?,
                coordinator: coordinator.try_into()?,
                answers: answers.try_into()?,
                held: held(held_by.as_deref(), escalated_to.as_deref(), &step)?,
                alerts_len,
            })
        };
    rows.into_iter().map(group).collect()
}

/// Counts what is wrong with the kit: the gateways of a team's patients, and what was refused of any. A box that is not live
/// is not missed.
///
/// # Errors
/// When the database does not answer.
pub async fn kit(readers: &AnyPool, team: &TeamId, now: Timestamp) -> anyhow::Result<KitCounts> {
    let statuses: Vec<(Option<String>, Option<i64>)> = sqlx::query_as(
        "SELECT s.body, s.arrived_at FROM gateway g LEFT JOIN gateway_status s ON s.gateway = g.id \
         WHERE g.state = 'live' AND EXISTS (SELECT 1 FROM device d JOIN patient p ON p.id = d.patient \
         WHERE d.gateway = g.id AND p.team = $1)",
    )
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read the gateways' statuses")?;
    let refused = sqlx::query_scalar("SELECT COUNT(*) FROM quarantine")
        .fetch_one(readers)
        .await
        .context("cannot count the refused messages")?;
    let gateways_offline = statuses
        .iter()
        .filter(|(body, arrived_at)| !is_online(body.as_deref(), *arrived_at, now))
        .count();
    let mut reader = readers.acquire().await?;
    let copied = clones::open(&mut reader, now)
        .await
        .context("cannot count the gateways that were copied")?;
    Ok(KitCounts {
        gateways_offline,
        refused,
        copied: copied.len(),
    })
}

/// A status that cannot be read does not say that its gateway is online.
fn is_online(body: Option<&str>, arrived_at: Option<i64>, now: Timestamp) -> bool {
    let quiet_us = arrived_at.map(|at| now.as_microsecond().saturating_sub(at));
    let heard = quiet_us.is_some_and(|us| i128::from(us) <= GATEWAY_QUIET_MAX.as_micros());
    let says_online = body
        .and_then(|body| GatewayStatus::from_body(body).ok())
        .is_some_and(|status| status.state == GatewayState::Online);
    heard && says_online
}

/// Gives a number that grows with everything that happens to any patient of a team, whichever server wrote it.
///
/// # Errors
/// When the database does not answer.
pub async fn journal_len(readers: &AnyPool, team: &TeamId) -> anyhow::Result<i64> {
    sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(c.journal_len), 0) AS BIGINT) FROM case_state c JOIN patient p ON p.id = c.patient \
         WHERE p.team = $1",
    )
        .bind(team.as_str())
        .fetch_one(readers)
        .await
        .context("cannot count what has happened")
}
