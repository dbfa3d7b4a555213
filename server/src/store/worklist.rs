//! The worklist as stored: open alerts with everything that a row of the list is made from.

use anyhow::Context;
use clinical::duty::{Held, Holder, Step};
use clinical::{PatientId, PersonId, Priority, TeamId, VitalSign};
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};

macro_rules! select_alerts {
    ($rest:literal) => {
        concat!(
            "SELECT a.patient, a.number, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, \
             p.team, p.coordinator, a.problem, a.priority, a.condition_is, a.ownership_is, a.answers, a.why, a.evidence_len, \
             a.opened_at, a.newest_measured_at, a.taken_at, a.closed_at, a.respond_by, a.step, a.held_by, \
             a.offered_to, a.escalated_by, a.escalated_to, a.aside_until, a.aside_reason, c.journal_len \
             FROM alert a JOIN patient p ON p.id = a.patient LEFT JOIN case_state c ON c.patient = a.patient ",
            $rest
        )
    };
}

/// One alert with the names that a row shows.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AlertRow {
    /// Whose.
    pub patient: String,
    /// Which alert of the patient.
    pub number: i64,
    /// The patient's family name.
    pub family_name: String,
    /// The patient's given name.
    pub given_name: String,
    /// The patient's title.
    pub title: String,
    /// The patient's date of birth, ISO 8601.
    pub born_on: String,
    /// Ten digits.
    pub nhs_number: String,
    /// The patient's team.
    pub team: String,
    /// The patient's care coordinator.
    pub coordinator: String,
    /// What is wrong, by its code.
    pub problem: String,
    /// `urgent`, `soon`, `check` or `technical`.
    pub priority: String,
    /// `active` or `cleared`.
    pub condition_is: String,
    /// `new`, `taken`, `waiting`, `escalated` or `snoozed`.
    pub ownership_is: String,
    /// To whom it belongs: who holds it, or the care coordinator. Who is on duty for them is another matter.
    pub answers: String,
    /// Why it was raised, in one sentence.
    pub why: String,
    /// How many readings speak for or against it.
    pub evidence_len: i64,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Microseconds UTC.
    pub newest_measured_at: i64,
    /// Microseconds UTC.
    pub taken_at: Option<i64>,
    /// Microseconds UTC.
    pub closed_at: Option<i64>,
    /// By when somebody must act; microseconds UTC.
    pub respond_by: Option<i64>,
    /// `coordinator`, `team_lead` or `on_call`.
    pub step: String,
    /// Who holds it.
    pub held_by: Option<String>,
    /// Who was asked to take it over.
    pub offered_to: Option<String>,
    /// Who escalated it.
    pub escalated_by: Option<String>,
    /// To whom it was escalated.
    pub escalated_to: Option<String>,
    /// Until when it waits or is put aside; microseconds UTC.
    pub aside_until: Option<i64>,
    /// Why it is put aside.
    pub aside_reason: Option<String>,
    /// How much has happened to the patient's case.
    pub journal_len: Option<i64>,
}

/// The two parts of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// What is about patients.
    Patients,
    /// What is about the kit.
    Kit,
}

impl AlertRow {
    /// Gives the priority. One that this program does not know is urgent: it is looked at, not overlooked.
    pub fn priority(&self) -> Priority {
        let mut known = Priority::ALL.into_iter();
        known
            .find(|it| it.name() == self.priority)
            .unwrap_or(Priority::Urgent)
    }

    /// Gives the part of the list that it belongs to.
    pub fn lane(&self) -> Lane {
        match self.priority() {
            Priority::Technical => Lane::Kit,
            _ => Lane::Patients,
        }
    }

    /// Tells whether a later reading was back inside the limits.
    pub fn is_cleared(&self) -> bool {
        self.condition_is == "cleared"
    }

    /// Tells whether it is about the limits of a vital sign, rather than about readings that are missing or not usable.
    pub fn is_about_values(&self) -> bool {
        let mut signs = VitalSign::ALL.into_iter();
        signs.any(|sign| sign.problem().code() == self.problem)
    }

    /// Gives how far up the chain it has gone.
    pub fn step(&self) -> Step {
        step(&self.step)
    }

    /// Gives when somebody must have acted; `None` also for what is no time.
    pub fn respond_by(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.respond_by?).ok()
    }

    /// Gives who has it, as duty asks.
    ///
    /// # Errors
    /// When a stored id is none.
    pub fn held(&self) -> anyhow::Result<Held> {
        let escalated_to = self.escalated_to.as_deref();
        held(self.held_by.as_deref(), escalated_to, &self.step)
    }
}

/// Reads a stored step; one that this program does not know is the last.
fn step(code: &str) -> Step {
    match code {
        "coordinator" => Step::Coordinator,
        "team_lead" => Step::TeamLead,
        _ => Step::OnCall,
    }
}

/// Puts together who has an alert.
pub(super) fn held(
    held_by: Option<&str>,
    escalated_to: Option<&str>,
    step_code: &str,
) -> anyhow::Result<Held> {
    let holder = match (escalated_to, held_by) {
        (Some(person), _) => Holder::EscalatedTo {
            person: person.parse()?,
        },
        (None, Some(person)) => Holder::TakenBy {
            person: person.parse()?,
        },
        (None, None) => Holder::NotTaken,
    };
    let step = step(step_code);
    Ok(Held { holder, step })
}

/// Reads at most `rows_max` open alerts of one team and one part of the list, in about its order, so that what is left out comes last:
/// overdue first, then the worst, then what is due first, then the oldest. [`clinical::worklist::arrange`] has the last
/// word.
///
/// # Errors
/// When the database does not answer.
pub async fn open_alerts(
    readers: &AnyPool,
    team: &TeamId,
    lane: Lane,
    now: Timestamp,
    rows_max: i64,
) -> anyhow::Result<Vec<AlertRow>> {
    let is_kit = i64::from(lane == Lane::Kit);
    sqlx::query_as(select_alerts!(
        "WHERE p.team = $4 AND a.closed_at IS NULL AND CASE a.priority WHEN 'technical' THEN 1 ELSE 0 END = $1 \
         ORDER BY CASE WHEN a.step <> 'coordinator' OR a.respond_by <= $2 THEN 0 ELSE 1 END, \
         CASE a.priority WHEN 'urgent' THEN 0 WHEN 'soon' THEN 1 WHEN 'check' THEN 2 ELSE 3 END, \
         CASE WHEN a.respond_by IS NULL THEN 1 ELSE 0 END, a.respond_by, a.opened_at, a.patient, a.number LIMIT $3"
    ))
    .bind(is_kit)
    .bind(now.as_microsecond())
    .bind(rows_max)
    .bind(team.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read the open alerts")
}

/// Reads at most `rows_max` open alerts that a person has, or was asked to take, of patients of teams that are not theirs.
///
/// # Errors
/// When the database does not answer.
pub async fn held_elsewhere(
    readers: &AnyPool,
    person: &PersonId,
    rows_max: i64,
) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.closed_at IS NULL AND (a.held_by = $1 OR a.offered_to = $1) AND NOT EXISTS \
         (SELECT 1 FROM role_grant g WHERE g.person = $1 AND g.withdrawn_at IS NULL AND g.team = p.team \
         AND g.role IN ('nurse', 'team_lead', 'gp_lead')) ORDER BY a.opened_at, a.patient, a.number LIMIT $2"
    ))
    .bind(person.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the alerts that a person has")
}

/// Reads one patient's open alerts. A case has at most one for each problem.
///
/// # Errors
/// When the database does not answer.
pub async fn open_alerts_of(
    readers: &AnyPool,
    patient: &PatientId,
) -> anyhow::Result<Vec<AlertRow>> {
    sqlx::query_as(select_alerts!(
        "WHERE a.patient = $1 AND a.closed_at IS NULL ORDER BY a.number"
    ))
    .bind(patient.as_str())
    .fetch_all(readers)
    .await
    .context("cannot read a patient's open alerts")
}

/// Reads one alert, open or closed.
///
/// # Errors
/// When the database does not answer.
pub async fn alert(
    readers: &AnyPool,
    patient: &PatientId,
    number: i64,
) -> anyhow::Result<Option<AlertRow>> {
    sqlx::query_as(select_alerts!("WHERE a.patient = $1 AND a.number = $2"))
        .bind(patient.as_str())
        .bind(number)
        .fetch_optional(readers)
        .await
        .context("cannot read an alert")
}
