//! Home access: whose own pages a patient or a carer sees, and what of them. A row is revoked, never removed.

mod change;

use anyhow::Context;
use clinical::{PatientId, PersonId};
use jiff::Timestamp;
use sqlx::{AnyPool, FromRow};

pub use change::{Held, NewAccess, give, held_by, left_len, own_of, revoke};

use super::patient_page::PatientRow;

/// The most rows of people at home that one page shows.
pub const ACCESS_ROWS_MAX: i64 = 100;

/// The condition that a patient's pages are the person's own ($1), or that they let the person see them: `h` is the row of
/// `home_access`. A role of staff gives none of this, and a role of these gives nothing of staff's.
macro_rules! belongs {
    () => {
        "(h.person = $1 AND h.revoked_at IS NULL AND EXISTS (SELECT 1 FROM role_grant g WHERE g.person = h.person \
         AND g.withdrawn_at IS NULL AND g.role IN ('patient', 'carer')))"
    };
}

/// What somebody sees of a patient's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sees {
    /// The values of readings.
    pub readings: bool,
    /// What became of a reading: how alerts stand, and what the team wrote about them.
    pub alerts: bool,
    /// When the team was in touch.
    pub contacts: bool,
}

impl Sees {
    /// What patients see of their own.
    pub const EVERYTHING: Self = Self {
        readings: true,
        alerts: true,
        contacts: true,
    };
}

/// Somebody at home who sees a patient's pages now.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AccessRow {
    /// Which row of the patient.
    pub number: i64,
    /// Who.
    pub person: String,
    /// Their name.
    pub name: String,
    /// What they are to the patient, in words.
    pub relation: String,
    /// 1 for the patient.
    pub is_own: i64,
    /// 1 when they see the values of readings.
    pub sees_readings: i64,
    /// 1 when they see how alerts stand.
    pub sees_alerts: i64,
    /// 1 when they see when the team was in touch.
    pub sees_contacts: i64,
    /// How the patient agreed.
    pub consent: String,
    /// Since when; microseconds UTC.
    pub given_at: i64,
    /// Who gave it.
    pub given_by: String,
    /// Until when a code is good that they have not used.
    pub code_until: Option<i64>,
    /// When they last used the pages.
    pub seen_at: Option<i64>,
}

impl AccessRow {
    /// Gives what they see.
    pub fn sees(&self) -> Sees {
        sees(self.sees_readings, self.sees_alerts, self.sees_contacts)
    }
}

/// A patient whose pages somebody at home sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// The patient.
    pub patient: PatientRow,
    /// Whoever looks is the patient.
    pub is_own: bool,
    /// What they see.
    pub sees: Sees,
}

#[derive(FromRow)]
struct BelongingRow {
    #[sqlx(flatten)]
    patient: PatientRow,
    is_own: i64,
    sees_readings: i64,
    sees_alerts: i64,
    sees_contacts: i64,
}

impl From<BelongingRow> for Belonging {
    fn from(row: BelongingRow) -> Self {
        Self {
            patient: row.patient,
            is_own: row.is_own == 1,
            sees: sees(row.sees_readings, row.sees_alerts, row.sees_contacts),
        }
    }
}

fn sees(readings: i64, alerts: i64, contacts: i64) -> Sees {
    Sees {
        readings: readings == 1,
        alerts: alerts == 1,
        contacts: contacts == 1,
    }
}

macro_rules! select_belonging {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, t.name AS team, \
             c.name AS coordinator, h.is_own, h.sees_readings, h.sees_alerts, h.sees_contacts \
             FROM home_access h JOIN patient p ON p.id = h.patient JOIN team t ON t.id = p.team \
             JOIN person c ON c.id = p.coordinator WHERE ",
            belongs!(),
            $rest
        )
    };
}

/// Finds a patient whose pages the person sees; any other is as if there were none.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    readers: &AnyPool,
    person: &PersonId,
    patient: &PatientId,
) -> anyhow::Result<Option<Belonging>> {
    let row: Option<BelongingRow> = sqlx::query_as(select_belonging!(
        " AND h.patient = $2 ORDER BY h.is_own DESC, h.number DESC LIMIT 1"
    ))
    .bind(person.as_str())
    .bind(patient.as_str())
    .fetch_optional(readers)
    .await
    .context("cannot read whose pages somebody sees")?;
    Ok(row.map(Belonging::from))
}

/// Lists the patients whose pages the person sees, at most [`ACCESS_ROWS_MAX`].
///
/// # Errors
/// When the database does not answer.
pub async fn of_person(readers: &AnyPool, person: &PersonId) -> anyhow::Result<Vec<Belonging>> {
    let rows: Vec<BelongingRow> = sqlx::query_as(select_belonging!(
        " ORDER BY h.is_own DESC, p.family_name, p.given_name, p.id LIMIT $2"
    ))
    .bind(person.as_str())
    .bind(ACCESS_ROWS_MAX)
    .fetch_all(readers)
    .await
    .context("cannot read whose pages somebody sees")?;
    Ok(rows.into_iter().map(Belonging::from).collect())
}

/// Lists who sees a patient's pages now, the patient first; at most [`ACCESS_ROWS_MAX`]. `now` is in microseconds.
///
/// # Errors
/// When the database does not answer.
pub async fn of_patient(
    readers: &AnyPool,
    patient: &PatientId,
    now: Timestamp,
) -> anyhow::Result<Vec<AccessRow>> {
    sqlx::query_as(
        "SELECT h.number, h.person, w.name, w.role AS relation, h.is_own, h.sees_readings, h.sees_alerts, \
         h.sees_contacts, h.consent, h.given_at, b.name AS given_by, \
         (SELECT MAX(c.expires_at) FROM set_up_code c WHERE c.person = h.person AND c.used_at IS NULL \
         AND c.expires_at > $2) AS code_until, \
         (SELECT MAX(s.seen_at) FROM session s WHERE s.person = h.person) AS seen_at \
         FROM home_access h JOIN person w ON w.id = h.person JOIN person b ON b.id = h.given_by \
         WHERE h.patient = $1 AND h.revoked_at IS NULL ORDER BY h.is_own DESC, w.name, h.number LIMIT $3",
    )
    .bind(patient.as_str())
    .bind(now.as_microsecond())
    .bind(ACCESS_ROWS_MAX)
    .fetch_all(readers)
    .await
    .context("cannot read who sees a patient's pages")
}
