//! One alert as a row: the words that a nurse reads, and what she can do with it.

use askama::Template;
use clinical::{PersonId, Priority};

use super::alert_state::StateView;
use super::listing::Listed;
use super::local_time::{LocalTime, Shown};
use super::words;
use crate::store::worklist::Lane;

const BACK_IN_RANGE: &str = "The latest reading is back in range – still needs review";
const OVER: &str = "What raised it no longer holds – still needs review";
const STILL_OUTSIDE: &str = "The latest reading is still outside the limits. When you close this alert, the next reading \
                             outside the limits opens a new one.";
const STILL_HOLDS: &str =
    "What raised this alert still holds. When you close it and it happens again, a new one opens.";

/// One row, ready to show.
#[derive(Debug, Clone, Template)]
#[template(path = "alert_row.html")]
pub(crate) struct AlertView {
    /// Names the row within the page.
    pub(crate) id: String,
    /// Changes with everything that the row says, except how long ago it was.
    pub(crate) version: String,
    /// 0 for urgent to 3 for technical.
    pub(crate) rank: u8,
    /// `urgent`, `soon`, `check` or `technical`: its colour and shape, and what is read out.
    pub(crate) priority: &'static str,
    /// `patients` or `kit`: the part of the list that it is in.
    pub(crate) lane: &'static str,
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
    /// By when somebody must act, or when it comes back.
    pub(crate) due: Option<Due>,
    /// What has been done about it.
    pub(crate) state: StateView,
    /// Who answers now.
    pub(crate) answers: String,
    /// Why it is them, as what follows the name.
    pub(crate) because: Option<String>,
    /// That it is not known who is on duty.
    pub(crate) warning: Option<&'static str>,
    /// The person looking at it answers.
    pub(crate) mine: bool,
    /// Whether there is more to say than who holds it.
    pub(crate) says_who: bool,
    /// When the newest reading was measured.
    pub(crate) newest: Shown,
    /// That what raised it no longer holds, and what to do all the same.
    pub(crate) over: Option<&'static str>,
    /// That what raised it still holds, and what follows when it is closed.
    pub(crate) holds: &'static str,
    /// As it is named in forms: `ivor/1`.
    pub(crate) name: String,
    /// Where its actions are.
    pub(crate) action_href: String,
    /// What was refused just now, and what to do instead.
    pub(crate) notice: Option<String>,
}

/// By when somebody must act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// The time.
    pub(crate) at: Shown,
    /// `in 12 min`, `18 min late`.
    pub(crate) words: String,
    /// It waits or is put aside, and comes back then.
    pub(crate) comes_back: bool,
    /// Nobody has acted in time.
    pub(crate) is_overdue: bool,
}

impl AlertView {
    /// Puts one alert into words for one person.
    ///
    /// # Errors
    /// When a stored time is none.
    pub(crate) fn new(
        listed: &Listed,
        me: &PersonId,
        local: &LocalTime,
    ) -> Result<Self, jiff::Error> {
        let (row, who) = (&listed.row, &listed.who);
        let key = format!("{}-{}", row.patient, row.number);
        let priority = row.priority();
        let state = StateView::new(listed, me.as_str(), local)?;
        let has_it = row.held_by.as_deref() == Some(who.person.as_str());
        let (over, holds) = if row.is_about_values() {
            (BACK_IN_RANGE, STILL_OUTSIDE)
        } else {
            (OVER, STILL_HOLDS)
        };
        Ok(Self {
            id: format!("alert-{key}"),
            version: listed.version(),
            rank: rank(priority),
            priority: priority.name(),
            lane: lane(row.lane()),
            patient: words::banner_name(&row.family_name, &row.given_name, &row.title),
            spoken: format!("{} {} {}", row.title, row.given_name, row.family_name),
            born: words::born(&row.born_on, local.today()),
            nhs_number: words::nhs_number(&row.nhs_number),
            patient_href: format!("/patients/{}", row.patient),
            why: row.why.clone(),
            evidence: words::count(row.evidence_len, "reading", "readings"),
            since: local.show_stored(row.opened_at)?,
            due: due(listed, local),
            state,
            answers: who.name.clone(),
            because: who.because.clone(),
            warning: who.warning,
            mine: who.person == me.as_str(),
            says_who: !has_it || who.because.is_some() || who.warning.is_some(),
            newest: local.show_stored(row.newest_measured_at)?,
            over: row.is_cleared().then_some(over),
            holds,
            name: format!("{}/{}", row.patient, row.number),
            action_href: format!("/alerts/{}/{}", row.patient, row.number),
            notice: None,
        })
    }
}

/// Gives the name of a part of the list.
pub(crate) fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Patients => "patients",
        Lane::Kit => "kit",
    }
}

fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Urgent => 0,
        Priority::Soon => 1,
        Priority::Check => 2,
        Priority::Technical => 3,
    }
}

fn due(listed: &Listed, local: &LocalTime) -> Option<Due> {
    let row = &listed.row;
    let at = row.respond_by().filter(|_| row.closed_at.is_none())?;
    Some(Due {
        at: local.show(at),
        words: local.due(at),
        comes_back: row.aside_until.is_some(),
        is_overdue: listed.is_overdue,
    })
}
