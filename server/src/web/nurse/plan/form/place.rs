//! Places: at which field a refusal of the core is said.

use clinical::plan::{CareError, Line, PlanError, ProposalRefusal};
use clinical::{Level, Limits, VitalSign};
use vitals::Decimal;

use super::Content;
use super::decided::{FROM, NOT_ASKED, REASON, REVIEW_BY};
use super::limits::{LINES, at, confirmation_field, field};
use super::typed::Wrongs;

/// Says why limits, rules and times make no sense together, at the field to change.
pub(super) fn of_plan(error: &PlanError, content: &Content, wrongs: &mut Wrongs) {
    let place = match error {
        PlanError::Reason => REASON.to_owned(),
        PlanError::HoldsBeforeItStarts { .. } => FROM.to_owned(),
        PlanError::Care(error) => of_care(error, content),
    };
    wrongs.add(place, error.to_string());
}

fn of_care(error: &CareError, content: &Content) -> String {
    match error {
        CareError::OutOfReach { sign, level, limit } => {
            let line = content.limits.get(sign).map(|it| line(it, *level, limit));
            field(*sign, line.unwrap_or(Line::UrgentLow))
        }
        CareError::AtOnce { sign, side } => confirmation_field(*sign, &format!("at_once_{side}")),
        CareError::NeverClears { sign, .. } | CareError::NoLimit(sign) => inner(*sign, content),
        CareError::Term => REVIEW_BY.to_owned(),
        // What the form cannot change: said at the top, with a way to the form's first field.
        _ => field(VitalSign::Systolic, Line::UrgentLow),
    }
}

fn line(limits: &Limits, level: Level, limit: &Decimal) -> Line {
    let is_it = |it: &&clinical::Breach| it.level == level && it.limit.compare(limit).is_eq();
    let lines = limits.lines();
    let found = lines.iter().find(is_it);
    found.map_or(Line::UrgentLow, |it| Line::of(it.level, it.side))
}

/// The innermost limit of a sign that is there.
fn inner(sign: VitalSign, content: &Content) -> String {
    let limits = content.limits.get(&sign);
    let lines = LINES.iter().rev().map(|(line, _)| *line);
    let mut lines = lines.filter(|line| limits.is_some_and(|it| at(it, *line).is_some()));
    field(sign, lines.next().unwrap_or(Line::SoonHigh))
}

/// Says why a proposal was refused, at the field to change. What has a page of its own is not said here.
pub(crate) fn of_refusal(refusal: &ProposalRefusal, content: &Content, wrongs: &mut Wrongs) {
    let (place, sentence) = match refusal {
        ProposalRefusal::Plan(error) => return of_plan(error, content, wrongs),
        ProposalRefusal::ViewUnexplained => (NOT_ASKED, refusal.to_string()),
        ProposalRefusal::ReviewMissing(_) | ProposalRefusal::ReviewTooEarly => {
            (REVIEW_BY, refusal.to_string())
        }
        other => (REASON, other.to_string()),
    };
    wrongs.add(place, sentence);
}
