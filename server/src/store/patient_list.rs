//! The list of patients: those that a person sees, by name, NHS number or date of birth.

use anyhow::Context;
use clinical::{Case, PatientId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::{AnyPool, FromRow};

use super::sight::{Viewer, in_sight};
use crate::folding::folded;

/// The most words of a name that are looked for; what follows is left out.
const WORDS_LEN_MAX: usize = 3;
/// The fewest digits that are taken for the beginning of an NHS number.
const DIGITS_LEN_MIN: usize = 3;

/// What is looked for. Whatever is left out finds everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    names: [String; WORDS_LEN_MAX],
    nhs_number: String,
    born_on: String,
    coordinator: String,
}

impl Search {
    /// Looks for what somebody typed: some words of a name in any order, an NHS number or its first digits, or a date of
    /// birth. `coordinator` leaves only their patients.
    pub fn new(typed: &str, born_on: Option<Date>, coordinator: Option<&PersonId>) -> Self {
        let words = folded(typed);
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let is_number = typed
            .chars()
            .all(|it| it.is_ascii_digit() || it.is_whitespace());
        let mut words = words.split(' ').filter(|it| !it.is_empty());
        // A folded word has no sign that LIKE takes for anything else.
        let names = std::array::from_fn(|_| {
            words
                .next()
                .map_or_else(|| "%".to_owned(), |word| format!("%{word}%"))
        });
        let is_number = is_number && digits.len() >= DIGITS_LEN_MIN;
        Self {
            names,
            nhs_number: if is_number {
                format!("{digits}%")
            } else {
                String::new()
            },
            born_on: born_on.map(|it| it.to_string()).unwrap_or_default(),
            coordinator: coordinator.map_or_else(String::new, ToString::to_string),
        }
    }
}

/// One patient of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPatient {
    /// Their id.
    pub id: PatientId,
    /// Family name, given name and title.
    pub names: [String; 3],
    /// Date of birth, ISO 8601.
    pub born_on: String,
    /// Ten digits.
    pub nhs_number: String,
    /// The team's name.
    pub team: String,
    /// The care coordinator's name.
    pub coordinator: String,
    /// How many alerts are open.
    pub open_len: i64,
    /// When the newest reading was measured that nobody marked as wrong.
    pub last_measured_at: Option<Timestamp>,
    /// Their case; `None` before monitoring has started, and for one that cannot be read.
    pub case: Option<Case>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    family_name: String,
    given_name: String,
    title: String,
    born_on: String,
    nhs_number: String,
    team: String,
    coordinator: String,
    open_len: i64,
    last_measured_at: Option<i64>,
    state: Option<String>,
}

/// Finds at most `rows_max` patients whom a person sees, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    search: &Search,
    rows_max: i64,
) -> anyhow::Result<Vec<ListedPatient>> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT p.id, p.family_name, p.given_name, p.title, p.born_on, p.nhs_number, t.name AS team, \
         c.name AS coordinator, \
         (SELECT COUNT(*) FROM alert a WHERE a.patient = p.id AND a.closed_at IS NULL) AS open_len, \
         (SELECT r.measured_at FROM reading r WHERE r.patient = p.id AND NOT EXISTS (SELECT 1 FROM strike k \
         WHERE k.reading = r.id AND k.is_struck = 1 \
         AND k.number = (SELECT MAX(l.number) FROM strike l WHERE l.reading = r.id)) \
         ORDER BY r.measured_at DESC LIMIT 1) AS last_measured_at, s.state \
         FROM patient p JOIN team t ON t.id = p.team JOIN person c ON c.id = p.coordinator \
         LEFT JOIN case_state s ON s.patient = p.id \
         WHERE ((p.name_folded LIKE $3 AND p.name_folded LIKE $4 AND p.name_folded LIKE $5) \
         OR p.nhs_number LIKE $6 OR p.born_on = $7) AND ($8 = '' OR p.coordinator = $8) AND ",
        in_sight!(),
        " ORDER BY p.name_folded, p.id LIMIT $9"
    ))
    .bind(viewer.person.as_str())
    .bind(viewer.now.as_microsecond())
    .bind(&search.names[0])
    .bind(&search.names[1])
    .bind(&search.names[2])
    .bind(&search.nhs_number)
    .bind(&search.born_on)
    .bind(&search.coordinator)
    .bind(rows_max)
    .fetch_all(readers)
    .await
    .context("cannot read the list of patients")?;
    rows.into_iter().map(ListedPatient::try_from).collect()
}

impl TryFrom<Row> for ListedPatient {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Self> {
        let at = row.last_measured_at.map(Timestamp::from_microsecond);
        Ok(Self {
            id: row.id.try_into()?,
            names: [row.family_name, row.given_name, row.title],
            born_on: row.born_on,
            nhs_number: row.nhs_number,
            team: row.team,
            coordinator: row.coordinator,
            open_len: row.open_len,
            last_measured_at: at.transpose()?,
            case: row.state.and_then(|text| serde_json::from_str(&text).ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_a_name_a_number_or_everybody() {
        let of = |typed: &str| Search::new(typed, None, None);
        assert_eq!(of(" ").names, ["%", "%", "%"]);
        assert_eq!(of("Évans, ivor").names, ["%evans%", "%ivor%", "%"]);
        assert_eq!(of("943 476 5919").nhs_number, "9434765919%");
        assert_eq!(of("94").nhs_number, "");
        assert_eq!(of("50%").names[0], "%50%");
        assert_eq!(of("50%").nhs_number, "");
    }
}
