//! What has been done about an alert, in words: new, taken, waiting, escalated, put aside, or that nobody acted.

use clinical::duty::Step;

use super::listing::Listed;
use super::local_time::{LocalTime, Shown};

/// What has been done about an alert, and what may be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateView {
    /// Nobody has taken it.
    pub(crate) is_new: bool,
    /// Somebody has taken it, and neither waits nor passed it on.
    pub(crate) is_taken: bool,
    /// It waits or is put aside until a time.
    pub(crate) is_aside: bool,
    /// `Taken by`, `Waiting for the patient until`.
    pub(crate) text: String,
    /// Who holds it; `you` for the person looking at it.
    pub(crate) holder: Option<String>,
    /// Since when, or until when.
    pub(crate) at: Option<Shown>,
    /// More about it.
    pub(crate) more: Option<String>,
    /// That nobody acted in time, and who was asked.
    pub(crate) missed: Option<String>,
    /// What the button that takes it says; `None` when it cannot be taken.
    pub(crate) take: Option<&'static str>,
    /// Whether it can be closed.
    pub(crate) can_close: bool,
}

impl StateView {
    /// Puts it into words for one person.
    ///
    /// # Errors
    /// When a stored time is none.
    pub(crate) fn new(listed: &Listed, me: &str, local: &LocalTime) -> Result<Self, jiff::Error> {
        let row = &listed.row;
        let is_open = row.closed_at.is_none();
        let mine = row.held_by.as_deref() == Some(me);
        let stepped_up = row.step() != Step::default();
        let answers = listed.who.may_be(me);
        let is_new = row.held_by.is_none();
        let take = if is_new {
            Some("Take")
        } else if mine && row.ownership_is != "taken" {
            Some("Take back")
        } else if !mine && (stepped_up || answers) {
            Some("Take over")
        } else {
            None
        };
        let taken_at = row.taken_at.map(|at| local.show_stored(at)).transpose()?;
        let until = row
            .aside_until
            .map(|at| local.show_stored(at))
            .transpose()?;
        let (text, at, more) = words(listed, me, taken_at, until);
        Ok(Self {
            is_new,
            is_aside: row.aside_until.is_some(),
            is_taken: row.ownership_is == "taken",
            text: text.to_owned(),
            holder: holder(listed, mine),
            at,
            more,
            missed: missed(row.step(), is_new),
            take: take.filter(|_| is_open),
            can_close: is_open && mine,
        })
    }
}

fn holder(listed: &Listed, mine: bool) -> Option<String> {
    let name = listed.names.held_by.as_ref()?;
    Some(if mine { "you".to_owned() } else { name.clone() })
}

fn words(
    listed: &Listed,
    me: &str,
    taken_at: Option<Shown>,
    until: Option<Shown>,
) -> (&'static str, Option<Shown>, Option<String>) {
    let (row, names) = (&listed.row, &listed.names);
    match row.ownership_is.as_str() {
        "new" => ("New", None, None),
        "waiting" => ("Waiting for the patient until", until, None),
        "snoozed" if row.aside_until_reading == 1 => {
            let text = "Put aside until the next reading, at the latest";
            (text, until, row.aside_reason.clone())
        }
        "snoozed" => ("Put aside until", until, row.aside_reason.clone()),
        "escalated" => {
            let by = names.escalated_by.as_ref().map(|by| format!("by {by}"));
            let to_me = row.follow_up_offered_to.as_deref() == Some(me);
            let asked = to_me.then(|| "you are asked to follow it up".to_owned());
            let more: Vec<String> = by.into_iter().chain(asked).collect();
            let more = (!more.is_empty()).then(|| more.join(", "));
            ("Escalated to", taken_at, more)
        }
        _ => {
            let to_me = row.offered_to.as_deref() == Some(me);
            let offered = names.offered_to.as_ref().map(|to| {
                let to = if to_me { "you" } else { to };
                format!("offered to {to}, not accepted yet")
            });
            ("Taken by", taken_at, offered)
        }
    }
}

fn missed(step: Step, is_new: bool) -> Option<String> {
    let asked = match step {
        Step::Coordinator => return None,
        Step::TeamLead => "the team lead was asked",
        Step::OnCall => "the person on call was asked",
    };
    let who = if is_new {
        "Nobody took this in time"
    } else {
        "Nobody acted in time"
    };
    Some(format!("{who}: {asked}"))
}
