//! One alert as a row: the words that a nurse reads, and what she can do with it.

use askama::Template;
use clinical::PersonId;

use super::alert_state::StateView;
use super::last_contact::LastContact;
use super::listing::Listed;
use super::local_time::{LocalTime, Shown};
use super::spark::{self, Spark, care_words};
use super::words;
use crate::store::worklist::{AlertRow, Lane};

const BACK_IN_RANGE: &str = "The latest reading is back in range – still needs review";
const STRUCK: &str = "The reading that raised it was marked as wrong, and nothing else speaks for it – still needs review";
const STRUCK_HOLDS: &str =
    "What raised this alert was marked as wrong. When it happens again, a new one opens.";
const OVER: &str = "What raised it no longer holds – still needs review";
const STILL_OUTSIDE: &str = "The latest reading is still outside the limits. When you close this alert, the next reading \
                             outside the limits opens a new one.";
const STILL_HOLDS: &str =
    "What raised this alert still holds. When you close it and it happens again, a new one opens.";

/// A reading that was on its way for as long as this is said to have come late, in minutes.
const LATE_MINUTES_MIN: i64 = 30;

/// One row, ready to show.
#[derive(Debug, Clone, Template)]
#[template(path = "alert_row.html")]
pub(crate) struct AlertView {
    /// Names the row within the page.
    pub(crate) id: String,
    /// Changes with everything that the row says, except how long ago it was.
    pub(crate) version: String,
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
    /// What it is about: `Oxygen`.
    pub(crate) about: String,
    /// `3 readings`; empty when it is about none.
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
    /// How long after it was measured the newest reading came, where that was long: `3 h`.
    pub(crate) arrived: Option<String>,
    /// What is usual for the patient: `lower than usual (93 to 95%)`.
    pub(crate) usual: Option<String>,
    /// The last two weeks.
    pub(crate) spark: Option<Spark>,
    /// For what the patient is watched: `Heart failure`.
    pub(crate) care: Vec<String>,
    /// The last contact with the patient.
    pub(crate) contact: Option<LastContact>,
    /// It is on offer to the person looking at it.
    pub(crate) offered: bool,
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
        let glance = row.glance();
        let (over, holds) = over(row);
        Ok(Self {
            id: format!("alert-{key}"),
            version: listed.version(),
            priority: priority.name(),
            lane: lane(row.lane()),
            patient: words::banner_name(&row.family_name, &row.given_name, &row.title),
            spoken: format!("{} {} {}", row.title, row.given_name, row.family_name),
            born: words::born(&row.born_on, local.today()),
            nhs_number: words::nhs_number(&row.nhs_number),
            patient_href: format!("/patients/{}", row.patient),
            why: row.why.clone(),
            about: words::problem_of(&row.problem),
            evidence: match row.evidence_len {
                0 => String::new(),
                len => words::count(len, "reading", "readings"),
            },
            since: local.show_stored(row.opened_at)?,
            due: due(listed, local),
            state,
            answers: who.name.clone(),
            because: who.because.clone(),
            warning: who.warning,
            mine: who.person == me.as_str(),
            says_who: !has_it || who.because.is_some() || who.warning.is_some(),
            newest: local.show_stored(row.newest_measured_at)?,
            arrived: arrived(row),
            usual: spark::usual_words(&glance),
            spark: Spark::new(&glance, local.now()),
            care: glance.care.iter().map(|it| care_words(it)).collect(),
            contact: LastContact::of(row, local)?,
            offered: row.closed_at.is_none() && row.is_offered_to(me.as_str()),
            over,
            holds,
            name: format!("{}/{}", row.patient, row.number),
            action_href: format!("/alerts/{}/{}", row.patient, row.number),
            notice: None,
        })
    }
}

/// Says whether what raised it no longer holds, and what follows when it is closed.
fn over(row: &AlertRow) -> (Option<&'static str>, &'static str) {
    let (over, holds) = if row.is_about_values() {
        (BACK_IN_RANGE, STILL_OUTSIDE)
    } else {
        (OVER, STILL_HOLDS)
    };
    match (row.is_struck(), row.is_cleared()) {
        (true, _) => (Some(STRUCK), STRUCK_HOLDS),
        (false, true) => (Some(over), holds),
        (false, false) => (None, holds),
    }
}

/// Says how long the newest reading was on its way, when that was long enough to matter.
fn arrived(row: &AlertRow) -> Option<String> {
    let minutes = (row.newest_stored_at? - row.newest_measured_at).div_euclid(60_000_000);
    (minutes >= LATE_MINUTES_MIN).then(|| match minutes {
        ..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    })
}

/// Gives the name of a part of the list.
pub(crate) fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Patients => "patients",
        Lane::Kit => "kit",
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
