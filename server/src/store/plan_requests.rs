//! Plan requests: plans beyond the hard stops that a nurse has asked a prescriber for, and what became of them.

use std::collections::BTreeMap;

use anyhow::Context;
use clinical::{PatientId, PersonId, PlanVersion};
use jiff::Timestamp;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::sight::{Viewer, in_sight};
use super::without_nul;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A prescriber has put the plan in force, as asked or changed.
    Set,
    /// A prescriber has refused it.
    Refused,
    /// Whoever asked has taken it back.
    Withdrawn,
    /// Another request took its place.
    Replaced,
}

impl Answer {
    const ALL: [Self; 4] = [Self::Set, Self::Refused, Self::Withdrawn, Self::Replaced];

    /// Gives the name that the database uses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Replaced => "replaced",
        }
    }
}

/// A request that is made.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whose plan.
    pub patient: &'a PatientId,
    /// The version that it would change.
    pub based_on: PlanVersion,
    /// The form as it was filled in: texts by the names of their fields.
    pub form: &'a BTreeMap<String, String>,
    /// Why, in the asker's words.
    pub why: &'a str,
    /// Who asks.
    pub by: &'a PersonId,
}

/// A request as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which request of the patient it is: 1 for the first.
    pub number: i64,
    /// The version that it would change.
    pub based_on: PlanVersion,
    /// The form as it was filled in.
    pub form: BTreeMap<String, String>,
    /// Why.
    pub why: String,
    /// Who asks.
    pub asked_by: PersonId,
    /// The asker's name.
    pub asker: String,
    /// Since when.
    pub asked_at: Timestamp,
    /// What became of it, by whom, when and why; `None` while it waits.
    pub answered: Option<Answered>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What became of it.
    pub answer: Answer,
    /// The name of who answered.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why; empty where nothing was said.
    pub note: String,
}

/// A patient for whom a prescriber is asked.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct WaitingRow {
    /// Their id.
    pub patient: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Title.
    pub title: String,
    /// The asker's name.
    pub asker: String,
    /// Since when; microseconds UTC.
    pub asked_at: i64,
}

#[derive(FromRow)]
struct Row {
    number: i64,
    based_on: i64,
    form: String,
    why: String,
    asked_by: String,
    asker: String,
    asked_at: i64,
    answer: Option<String>,
    answerer: Option<String>,
    answered_at: Option<i64>,
    note: Option<String>,
}

/// Asks for a plan, in the place of what was asked for the patient before; gives the request's number.
///
/// # Errors
/// When the database fails.
pub async fn ask(
    connection: &mut AnyConnection,
    asked: Asked<'_>,
    now: Timestamp,
) -> anyhow::Result<i64> {
    let (patient, by) = (asked.patient.as_str(), asked.by.as_str());
    let now = now.as_microsecond();
    sqlx::query(
        "UPDATE plan_request SET answer = 'replaced', answered_by = $2, answered_at = $3 \
         WHERE patient = $1 AND answer IS NULL",
    )
    .bind(patient)
    .bind(by)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    sqlx::query_scalar(
        "INSERT INTO plan_request (patient, number, based_on, form, why, asked_by, asked_at) \
         VALUES ($1, (SELECT COALESCE(MAX(r.number), 0) + 1 FROM plan_request r WHERE r.patient = $1), \
         $2, $3, $4, $5, $6) RETURNING number",
    )
    .bind(patient)
    .bind(i64::from(asked.based_on.0))
    .bind(without_nul(&serde_json::to_string(asked.form)?))
    .bind(without_nul(asked.why))
    .bind(by)
    .bind(now)
    .fetch_one(connection)
    .await
    .context("cannot keep what a prescriber is asked for")
}

/// Answers a request. Gives false when it does not wait any more: somebody was faster.
///
/// # Errors
/// When the database fails.
pub async fn answer(
    connection: &mut AnyConnection,
    (patient, number): (&PatientId, i64),
    answer: Answer,
    (by, note): (&PersonId, &str),
    now: Timestamp,
) -> anyhow::Result<bool> {
    let done = sqlx::query(
        "UPDATE plan_request SET answer = $3, answered_by = $4, answered_at = $5, note = $6 \
         WHERE patient = $1 AND number = $2 AND answer IS NULL",
    )
    .bind(patient.as_str())
    .bind(number)
    .bind(answer.code())
    .bind(by.as_str())
    .bind(now.as_microsecond())
    .bind(without_nul(note))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Finds the patient's newest request, whether it waits or not.
///
/// # Errors
/// When the database does not answer, or holds what is no request.
pub async fn newest(readers: &AnyPool, patient: &PatientId) -> anyhow::Result<Option<Request>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT r.number, r.based_on, r.form, r.why, r.asked_by, a.name AS asker, r.asked_at, r.answer, \
         b.name AS answerer, r.answered_at, r.note FROM plan_request r JOIN person a ON a.id = r.asked_by \
         LEFT JOIN person b ON b.id = r.answered_by WHERE r.patient = $1 ORDER BY r.number DESC LIMIT 1",
    )
    .bind(patient.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read what a prescriber is asked for")?;
    row.map(Request::try_from).transpose()
}

/// Lists the patients whom the person sees and for whom a prescriber is asked, the longest waiting first.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_in_sight(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    rows_max: i64,
) -> anyhow::Result<Vec<WaitingRow>> {
    sqlx::query_as(concat!(
        "SELECT r.patient, p.family_name, p.given_name, p.title, a.name AS asker, r.asked_at \
         FROM plan_request r JOIN patient p ON p.id = r.patient JOIN person a ON a.id = r.asked_by \
         WHERE r.answer IS NULL AND ",
        in_sight!(),
        " ORDER BY r.asked_at, r.patient LIMIT $3"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read whose plans wait for a prescriber")
}

impl TryFrom<Row> for Request {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let answered = row.answered().context("an answer that is none")?;
        Ok(Self {
            number: row.number,
            based_on: PlanVersion(u32::try_from(row.based_on)?),
            form: serde_json::from_str(&row.form).context("a form that is none")?,
            why: row.why,
            asked_by: row.asked_by.parse()?,
            asker: row.asker,
            asked_at: Timestamp::from_microsecond(row.asked_at)?,
            answered,
        })
    }
}

impl Row {
    fn answered(&self) -> anyhow::Result<Option<Answered>> {
        let Some(code) = &self.answer else {
            return Ok(None);
        };
        let mut all = Answer::ALL.into_iter();
        Ok(Some(Answered {
            answer: all.find(|it| it.code() == code).context("unknown")?,
            by: self.answerer.clone().context("nobody")?,
            at: Timestamp::from_microsecond(self.answered_at.context("never")?)?,
            note: self.note.clone().unwrap_or_default(),
        }))
    }
}
