//! One alert as stored, with everything that a row of the list is made from.

use clinical::duty::{Held, Holder, Step};
use clinical::glance::Glance;
use clinical::{Priority, VitalSign};
use jiff::Timestamp;
use sqlx::FromRow;

/// One alert with the names that a row shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, FromRow)]
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
    /// `active`, `cleared` or `struck`.
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
    /// Who was asked to follow it up in the place of who escalated it.
    pub follow_up_offered_to: Option<String>,
    /// How many times in a row nobody answered when the patient was contacted about it.
    pub unanswered: i64,
    /// When it came back from waiting or from being put aside, if nobody has taken it since; microseconds UTC.
    pub came_back_at: Option<i64>,
    /// Whether the next reading that bears on it brings it back before: 0 or 1.
    pub aside_until_reading: i64,
    /// What a list shows beside the sentence, as JSON: see [`AlertRow::glance`].
    pub glance: Option<String>,
    /// When the patient was contacted last; microseconds UTC.
    pub contact_at: Option<i64>,
    /// How, by its code.
    pub contact_how: Option<String>,
    /// What came of it, by its code.
    pub contact_result: Option<String>,
    /// How many times in a row nobody had answered by then.
    pub contact_unanswered: Option<i64>,
    /// When the newest reading was stored, where it is one; microseconds UTC.
    pub newest_stored_at: Option<i64>,
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

    /// Tells whether the readings that spoke for it were struck out, and nothing else speaks for it.
    pub fn is_struck(&self) -> bool {
        self.condition_is == "struck"
    }

    /// Tells whether it is about the limits of a vital sign, rather than about readings that are missing or not usable.
    pub fn is_about_values(&self) -> bool {
        let mut signs = VitalSign::ALL.into_iter();
        signs.any(|sign| sign.problem().code() == self.problem)
    }

    /// Gives what a list shows beside the sentence. Of an alert of before that was kept, and of one that this program cannot
    /// read, there is nothing until the next thing happens to it.
    pub fn glance(&self) -> Glance {
        let text = self.glance.as_deref();
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_default()
    }

    /// Tells whether it is on offer to a person, to take or to follow up.
    pub fn is_offered_to(&self, person: &str) -> bool {
        let asked = [&self.offered_to, &self.follow_up_offered_to];
        asked.into_iter().any(|it| it.as_deref() == Some(person))
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
