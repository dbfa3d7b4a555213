//! Referrals to a core clinic, and what became of each, step by step.

mod kinds;

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::{AnyConnection, AnyPool, FromRow};

pub use kinds::{Standing, Transport};

use super::sight::{Viewer, in_sight};

/// A referral as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Which clinic.
    pub clinic: String,
    /// Why.
    pub why: String,
    /// What the patient needs to get there.
    pub transport: Transport,
}

/// One step of a referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stands since.
    pub standing: Standing,
    /// The day of the appointment or of the visit.
    pub on_day: Option<Date>,
    /// What there is to say; may be empty.
    pub note: String,
}

/// A step as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedStep {
    /// Which referral of the patient.
    pub referral: i64,
    /// Which step of it: 1 for the asking.
    pub number: i64,
    /// The referral.
    pub of: Referral,
    /// The step.
    pub step: Step,
    /// When.
    pub at: Timestamp,
    /// The name of who recorded it.
    pub by: String,
}

/// A referral that is under way.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OpenRow {
    /// The patient's id.
    pub patient: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Title.
    pub title: String,
    /// Which clinic.
    pub clinic: String,
    /// `asked` or `booked`.
    pub step: String,
    /// The day of the appointment.
    pub on_day: Option<String>,
    /// Since when it stands so; microseconds UTC.
    pub at: i64,
}

#[derive(FromRow)]
struct Row {
    referral: i64,
    number: i64,
    clinic: String,
    why: String,
    transport: String,
    step: String,
    on_day: Option<String>,
    note: String,
    at: i64,
    by_name: String,
}

/// Reads the steps of a patient's referrals: the newest referral first, the steps of each in order.
///
/// # Errors
/// When the database does not answer, or holds what is no referral.
pub async fn of(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<RecordedStep>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.referral, s.number, r.clinic, r.why, r.transport, s.step, s.on_day, s.note, s.at, w.name AS by_name \
         FROM referral_step s JOIN referral r ON r.patient = s.patient AND r.number = s.referral \
         JOIN person w ON w.id = s.by_whom WHERE s.patient = $1 ORDER BY s.referral DESC, s.number LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's referrals")?;
    rows.into_iter().map(RecordedStep::try_from).collect()
}

/// Adds a referral that was asked for.
///
/// # Errors
/// When the database fails.
pub async fn ask(
    connection: &mut AnyConnection,
    patient: &PatientId,
    referral: &Referral,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO referral (patient, number, clinic, why, transport) \
         SELECT CAST($1 AS TEXT), COALESCE(MAX(number), 0) + 1, $2, $3, $4 FROM referral WHERE patient = $1 \
         RETURNING number",
    )
    .bind(patient.as_str())
    .bind(&referral.clinic)
    .bind(&referral.why)
    .bind(referral.transport.code())
    .fetch_one(&mut *connection)
    .await
    .context("a referral cannot be kept")?;
    let asked = Step {
        standing: Standing::Asked,
        on_day: None,
        note: String::new(),
    };
    add_step(connection, patient, (number, 0), &asked, by, now).await?;
    Ok(())
}

/// Adds the step that follows a step of a referral; tells whether nobody was faster.
///
/// # Errors
/// When the database fails, or there is no such referral.
pub async fn add_step(
    connection: &mut AnyConnection,
    patient: &PatientId,
    (referral, after): (i64, i64),
    step: &Step,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO referral_step (patient, referral, number, step, on_day, note, at, by_whom) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (patient, referral, number) DO NOTHING",
    )
    .bind(patient.as_str())
    .bind(referral)
    .bind(after.saturating_add(1))
    .bind(step.standing.code())
    .bind(step.on_day.map(|it| it.to_string()))
    .bind(&step.note)
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .execute(connection)
    .await
    .context("a step of a referral cannot be kept")?;
    Ok(done.rows_affected() > 0)
}

/// Lists the referrals under way of the patients whom a person sees, the longest unchanged first.
///
/// # Errors
/// When the database does not answer.
pub async fn open(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<OpenRow>> {
    sqlx::query_as(concat!(
        "SELECT s.patient, p.family_name, p.given_name, p.title, r.clinic, s.step, s.on_day, s.at \
         FROM referral_step s JOIN referral r ON r.patient = s.patient AND r.number = s.referral \
         JOIN patient p ON p.id = s.patient WHERE s.step IN ('asked', 'booked') AND s.number = \
         (SELECT MAX(n.number) FROM referral_step n WHERE n.patient = s.patient AND n.referral = s.referral) AND ",
        in_sight!(),
        " ORDER BY s.at, p.id, s.referral LIMIT $3"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the referrals under way")
}

impl TryFrom<Row> for RecordedStep {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let transport = Transport::from_code(&row.transport);
        let standing = Standing::from_code(&row.step);
        Ok(Self {
            referral: row.referral,
            number: row.number,
            of: Referral {
                clinic: row.clinic,
                why: row.why,
                transport: transport.context("a stored referral has no transport")?,
            },
            step: Step {
                standing: standing.context("a stored referral stands nowhere")?,
                on_day: row.on_day.map(|day| day.parse()).transpose()?,
                note: row.note,
            },
            at: Timestamp::from_microsecond(row.at)?,
            by: row.by_name,
        })
    }
}
