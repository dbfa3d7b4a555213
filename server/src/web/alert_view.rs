//! One alert as a row: the words that a nurse reads, and what she can do with it.

use askama::Template;
use clinical::PersonId;

use super::local_time::{LocalTime, Shown};
use super::words;
use crate::store::worklist::AlertRow;

/// One row, ready to show.
#[derive(Debug, Clone, Template)]
#[template(path = "alert_row.html")]
pub(crate) struct AlertView {
    /// Names the row within the page.
    pub(crate) id: String,
    /// Changes with everything that the row says, except how long ago it was.
    pub(crate) version: String,
    /// 0 for urgent, 1 for soon: the first key of the list's order.
    pub(crate) rank: u8,
    /// Microseconds UTC: the second key of the list's order.
    pub(crate) opened_at_us: i64,
    /// To be looked at now.
    pub(crate) urgent: bool,
    /// `EVANS, Ivor (Mr)`.
    pub(crate) patient: String,
    /// `Mr Ivor Evans`: said again by every control of the row.
    pub(crate) spoken: String,
    /// `14-Jul-1945 (81y)`.
    pub(crate) born: String,
    /// `129 728 7652`.
    pub(crate) nhs_number: String,
    /// The patient's page.
    pub(crate) patient_href: String,
    /// Why, in one sentence.
    pub(crate) why: String,
    /// `3 readings`.
    pub(crate) evidence: String,
    /// Since when.
    pub(crate) since: Shown,
    /// Who answers.
    pub(crate) answers: String,
    /// The person looking at it answers.
    pub(crate) mine: bool,
    /// When it was taken.
    pub(crate) taken: Option<Shown>,
    /// When the newest reading was measured.
    pub(crate) newest: Shown,
    /// The newest reading is back inside the limits.
    pub(crate) back_in_range: bool,
    /// Where its actions are.
    pub(crate) action_href: String,
    /// What was refused just now, and what to do instead.
    pub(crate) notice: Option<String>,
}

impl AlertView {
    /// Puts one alert into words for one person.
    ///
    /// # Errors
    /// When a stored time is none.
    pub(crate) fn new(
        row: &AlertRow,
        me: &PersonId,
        local: &LocalTime,
    ) -> Result<Self, jiff::Error> {
        let key = format!("{}-{}", row.patient, row.number);
        let taken_at = row.taken_at.filter(|_| row.is_taken());
        Ok(Self {
            id: format!("alert-{key}"),
            version: version(row),
            rank: u8::from(!row.is_urgent()),
            opened_at_us: row.opened_at,
            urgent: row.is_urgent(),
            patient: words::banner_name(&row.family_name, &row.given_name, &row.title),
            spoken: format!("{} {} {}", row.title, row.given_name, row.family_name),
            born: words::born(&row.born_on, local.today()),
            nhs_number: words::nhs_number(&row.nhs_number),
            patient_href: format!("/patients/{}", row.patient),
            why: row.why.clone(),
            evidence: words::count(row.evidence_len, "reading", "readings"),
            since: local.show_stored(row.opened_at)?,
            answers: row.answers_name.clone(),
            mine: row.answers == me.as_str(),
            taken: taken_at.map(|at| local.show_stored(at)).transpose()?,
            newest: local.show_stored(row.newest_measured_at)?,
            back_in_range: row.is_cleared(),
            action_href: format!("/alerts/{}/{}", row.patient, row.number),
            notice: None,
        })
    }
}

/// Everything that can change while an alert is open.
fn version(row: &AlertRow) -> String {
    format!(
        "{}.{}.{}.{}.{}.{}.{}",
        row.priority,
        row.condition_is,
        row.ownership_is,
        row.answers,
        row.evidence_len,
        row.newest_measured_at,
        row.taken_at.unwrap_or_default()
    )
}
