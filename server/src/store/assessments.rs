//! Assessments: whether a patient can be looked after at home, each as it was judged.

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::{AnyConnection, AnyPool, FromRow};

use super::sight::{Viewer, in_sight};

/// Where a patient can be looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At home, by monitoring.
    Home,
    /// At home and in clinic by turns.
    Both,
    /// In clinic.
    Clinic,
}

impl Place {
    /// Every place, in the order that they are offered.
    pub const ALL: [Self; 3] = [Self::Home, Self::Both, Self::Clinic];

    /// Gives the name that the database and forms use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Both => "both",
            Self::Clinic => "clinic",
        }
    }

    /// Gives the words for pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Home => "At home, by monitoring",
            Self::Both => "At home, with visits to a clinic",
            Self::Clinic => "In a clinic",
        }
    }

    /// Finds a place by its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.code() == code)
    }
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Where the patient can be looked after.
    pub place: Place,
    /// Why, in the reviewer's words.
    pub why: String,
    /// Who judged it.
    pub reviewer: PersonId,
    /// The day by which it is judged again.
    pub review_on: Date,
}

/// An assessment as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which assessment of the patient it is: 1 for the first.
    pub number: i64,
    /// What was judged.
    pub assessment: Assessment,
    /// The reviewer's name.
    pub reviewer_name: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A patient whose assessment is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DueRow {
    /// Their id.
    pub patient: String,
    /// Family name.
    pub family_name: String,
    /// Given name.
    pub given_name: String,
    /// Title.
    pub title: String,
    /// The day, ISO 8601.
    pub review_on: String,
    /// The name of who judged it last.
    pub reviewer: String,
}

#[derive(FromRow)]
struct Row {
    number: i64,
    place: String,
    why: String,
    reviewer: String,
    reviewer_name: String,
    review_on: String,
    recorded_at: i64,
}

/// Reads a patient's assessments, the newest first.
///
/// # Errors
/// When the database does not answer, or holds what is no assessment.
pub async fn of(
    readers: &AnyPool,
    patient: &PatientId,
    rows_max: i64,
) -> anyhow::Result<Vec<Recorded>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT a.number, a.place, a.why, a.reviewer, w.name AS reviewer_name, a.review_on, a.recorded_at \
         FROM assessment a JOIN person w ON w.id = a.reviewer WHERE a.patient = $1 ORDER BY a.number DESC LIMIT $2",
    )
    .bind(patient.as_str())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read a patient's assessments")?;
    rows.into_iter().map(Recorded::try_from).collect()
}

/// Adds an assessment.
///
/// # Errors
/// When the database fails, or a person is not known.
pub async fn add(
    connection: &mut AnyConnection,
    patient: &PatientId,
    assessment: &Assessment,
    by: &PersonId,
    now: Timestamp,
) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO assessment (patient, number, place, why, reviewer, review_on, recorded_at, recorded_by) \
         SELECT CAST($1 AS TEXT), COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, CAST($6 AS BIGINT), $7 FROM assessment \
         WHERE patient = $1",
    )
    .bind(patient.as_str())
    .bind(assessment.place.code())
    .bind(&assessment.why)
    .bind(assessment.reviewer.as_str())
    .bind(assessment.review_on.to_string())
    .bind(now.as_microsecond())
    .bind(by.as_str())
    .execute(connection)
    .await
    .context("an assessment cannot be kept")?;
    Ok(())
}

/// Lists the patients whom a person sees and whose latest assessment is to be looked at again by a day, the soonest first.
///
/// # Errors
/// When the database does not answer.
pub async fn due(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    by: Date,
    rows_max: i64,
) -> anyhow::Result<Vec<DueRow>> {
    sqlx::query_as(concat!(
        "SELECT a.patient, p.family_name, p.given_name, p.title, a.review_on, w.name AS reviewer \
         FROM assessment a JOIN patient p ON p.id = a.patient JOIN person w ON w.id = a.reviewer \
         WHERE a.review_on <= $3 \
         AND a.number = (SELECT MAX(n.number) FROM assessment n WHERE n.patient = a.patient) AND ",
        in_sight!(),
        " ORDER BY a.review_on, p.name_folded, p.id LIMIT $4"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(by.to_string())
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read which assessments are due")
}

impl TryFrom<Row> for Recorded {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        Ok(Self {
            number: row.number,
            assessment: Assessment {
                place: Place::from_code(&row.place).context("a stored assessment has no place")?,
                why: row.why,
                reviewer: row.reviewer.try_into()?,
                review_on: row.review_on.parse()?,
            },
            reviewer_name: row.reviewer_name,
            at: Timestamp::from_microsecond(row.recorded_at)?,
        })
    }
}
