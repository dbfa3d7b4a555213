//! The form of a plan: what it says, what that means, and what is wrong with it. Nothing here reads or writes a database.

pub(crate) mod decided;
pub(crate) mod limits;
pub(crate) mod numbers;
pub(crate) mod place;
pub(crate) mod rules;
pub(crate) mod start;
pub(crate) mod times;
pub(crate) mod typed;

use std::collections::BTreeMap;

use clinical::plan::{Care, Crossing, Proposal};
use clinical::{Limits, PersonId, Plan, PlanVersion, VitalSign};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use decided::{Decided, ENDS_ON, FROM, REVIEW_BY, UNTIL};
use typed::{Typed, Wrongs};

/// The source of a number that was set in the form.
pub(crate) const OWN_SOURCE: &str = "Set for this patient: the plan's reason says why.";
/// The longest reason that is made from another one, in characters.
const REASON_KEPT_LEN: usize = 1_000;

/// What a plan says: limits and care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// The limits.
    pub(crate) limits: BTreeMap<VitalSign, Limits>,
    /// Everything else.
    pub(crate) care: Care,
}

/// A form that makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// What the plan would say.
    pub(crate) content: Content,
    /// What was decided about the change.
    pub(crate) decided: Decided,
}

impl From<&Plan> for Content {
    fn from(plan: &Plan) -> Self {
        Self {
            limits: plan.limits.clone(),
            care: plan.care.clone(),
        }
    }
}

impl Content {
    /// Writes the form that says this. The days of review and end are of the change, not of what it starts from:
    /// [`fresh`] has them.
    pub(crate) fn write(&self) -> Typed {
        let mut typed = Typed::default();
        limits::write(self, &mut typed);
        rules::write(self, &mut typed);
        times::write(self, &mut typed);
        typed
    }
}

/// Writes a form that nobody has touched: what it starts from, and a review as far away as the service says.
pub(crate) fn fresh(content: &Content, today: Date, review_after_days: u16) -> Typed {
    let mut typed = content.write();
    let review = today.saturating_add(i64::from(review_after_days).days());
    let ends_on = content.care.term.as_ref().and_then(|it| it.ends_on);
    let ends_on = ends_on.filter(|it| *it >= today);
    let review = ends_on.map_or(review, |end| end.min(review));
    typed.put(REVIEW_BY, review.to_string());
    typed.put(
        ENDS_ON,
        ends_on.map(|it| it.to_string()).unwrap_or_default(),
    );
    typed
}

/// Reads what the plan would say. `start` is what the form started from: what the form leaves out stays as it is there.
///
/// # Errors
/// What is wrong, by its field.
pub(crate) fn content(start: &Content, typed: &Typed) -> Result<Content, Wrongs> {
    let before = start.write();
    let typed = typed.over(&before);
    let (mut found, mut wrongs) = (start.clone(), Wrongs::default());
    limits::read(&mut found, &typed, &before, &mut wrongs);
    rules::read(&mut found, &typed, &before, &mut wrongs);
    times::read(&mut found, &typed, &before, &mut wrongs);
    found.care.term = decided::term(&typed, start.care.term.as_ref(), &mut wrongs);
    if wrongs.is_empty() {
        check(&found, &mut wrongs);
    }
    if wrongs.is_empty() {
        Ok(found)
    } else {
        Err(wrongs)
    }
}

/// Reads the whole form.
///
/// # Errors
/// What is wrong, by its field: all of it at once.
pub(crate) fn draft(start: &Content, typed: &Typed, today: Date) -> Result<Draft, Wrongs> {
    let content = content(start, typed);
    let mut wrongs = content.as_ref().err().cloned().unwrap_or_default();
    let decided = decided::read(typed, today, &mut wrongs);
    match (content, decided) {
        (Ok(content), Some(decided)) => Ok(Draft { content, decided }),
        _ => {
            // In the order of the form, where the days come last.
            let days = [REVIEW_BY, ENDS_ON, FROM, UNTIL];
            wrongs
                .0
                .sort_by_key(|(name, _)| days.contains(&name.as_str()));
            Err(wrongs)
        }
    }
}

/// Checks that everything makes sense together, as a plan that nobody has proposed yet.
fn check(content: &Content, wrongs: &mut Wrongs) {
    let plan = content.as_plan(PlanVersion(1), "nobody", Timestamp::MAX);
    let checked = plan.map(|plan| plan.check());
    if let Some(Err(error)) = checked {
        place::of_plan(&error, content, wrongs);
    }
}

impl Content {
    /// Makes a plan of it, to be tried and compared; nobody has agreed to it.
    pub(crate) fn as_plan(
        &self,
        version: PlanVersion,
        set_by: &str,
        in_force_from: Timestamp,
    ) -> Option<Plan> {
        Some(Plan {
            version,
            limits: self.limits.clone(),
            care: self.care.clone(),
            set_by: set_by.parse().ok()?,
            reason: "A proposal".to_owned(),
            patient_view: None,
            in_force_from,
        })
    }
}

impl Draft {
    /// Makes the proposal that the form is.
    pub(crate) fn proposal(
        &self,
        based_on: PlanVersion,
        author: &PersonId,
        crossing: Option<Crossing>,
        now: Timestamp,
    ) -> Proposal {
        let zone = &self.content.care.zone;
        Proposal {
            limits: self.content.limits.clone(),
            care: self.content.care.clone(),
            based_on,
            author: author.clone(),
            reason: self.decided.reason.clone(),
            patient_view: self.decided.view.clone(),
            in_force_from: self.decided.from.map_or(now, |day| zone.midnight(day)),
            crossing,
        }
    }

    /// Makes the proposal by which the plan before comes back after a temporary change; `None` for a change that stays.
    /// `temporary` is the plan of the change, `before` the one that it took the place of. Its review is on its first day
    /// at the latest, where `before` had none to come: somebody looks whether it still suits.
    pub(crate) fn return_to(&self, before: &Plan, temporary: &Plan) -> Option<Proposal> {
        let until = self.decided.until?;
        let zone = &before.care.zone;
        let back = zone.midnight_after(until);
        let day = zone.date(back);
        let mut care = before.care.clone();
        let term = care.term.get_or_insert_default();
        let review = term.review_by.filter(|it| *it >= day).unwrap_or(day);
        term.review_by = Some(review);
        term.ends_on = term.ends_on.filter(|it| *it >= review);
        let why: String = before.reason.chars().take(REASON_KEPT_LEN).collect();
        let version = before.version;
        Some(Proposal {
            limits: before.limits.clone(),
            care,
            based_on: temporary.version,
            author: temporary.set_by.clone(),
            reason: format!("The temporary change has ended: back to plan {version}. {why}"),
            patient_view: self.decided.view.clone(),
            in_force_from: back,
            crossing: before.care.crossing.clone(),
        })
    }
}

/// What a form becomes when another plan came in force meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rebased {
    /// The form against the plan in force: what was typed is kept, the rest is as the plan in force has it.
    pub(crate) typed: Typed,
    /// The names of the fields that both changed, otherwise than each other: what was typed is kept.
    pub(crate) both: Vec<String>,
}

/// Makes a form that was made against `old` one against `new`, field by field.
pub(crate) fn rebased(typed: &Typed, old: &Content, new: &Content) -> Rebased {
    let (was, is) = (old.write(), new.write());
    let mut merged = typed.clone();
    let mut both = Vec::new();
    let names: Vec<&str> = was.iter().chain(is.iter()).map(|(name, _)| name).collect();
    for name in names {
        let mine =
            typed.iter().any(|(it, _)| it == name) && typed.trimmed(name) != was.trimmed(name);
        if !mine {
            merged.put(name, is.text(name));
        } else if was.trimmed(name) != is.trimmed(name)
            && typed.trimmed(name) != is.trimmed(name)
            && !both.iter().any(|it| it == name)
        {
            both.push(name.to_owned());
        }
    }
    Rebased {
        typed: merged,
        both,
    }
}

#[cfg(test)]
mod tests;
