//! What was decided about a change as a whole: why, what the patient says, when it is looked at again, from and until when.

use clinical::plan::{PatientView, Term};
use clinical::refusal::NOTE_LEN_MAX;
use jiff::ToSpan;
use jiff::civil::Date;

use super::typed::{Typed, Wrongs};

/// The longest temporary change, in days: what lasts longer is a plan of its own, with a review.
pub(crate) const TEMPORARY_DAYS_MAX: i64 = 90;
/// The fields of this part.
pub(crate) const REASON: &str = "reason";
pub(crate) const VIEW: &str = "view";
pub(crate) const DISAGREED: &str = "because.disagreed";
pub(crate) const NOT_ASKED: &str = "because.not_asked";
pub(crate) const REVIEW_BY: &str = "review_by";
pub(crate) const ENDS_ON: &str = "ends_on";
pub(crate) const FROM: &str = "from";
pub(crate) const UNTIL: &str = "until";

/// What was decided about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    /// Why.
    pub(crate) reason: String,
    /// What the patient says.
    pub(crate) view: PatientView,
    /// From which day it is to hold; from now on when `None`.
    pub(crate) from: Option<Date>,
    /// The last day of a temporary change, after which the plan before comes back.
    pub(crate) until: Option<Date>,
}

/// Reads the decisions; `None` when one of them is wrong, which is noted.
pub(super) fn read(typed: &Typed, today: Date, wrongs: &mut Wrongs) -> Option<Decided> {
    let known = wrongs.0.len();
    let reason = said(typed, REASON, "Say why you change the plan", wrongs);
    let view = view(typed, wrongs);
    let from = date(typed, FROM, "The first day", wrongs).filter(|it| *it != today);
    let until = date(typed, UNTIL, "The last day", wrongs);
    if from.is_some_and(|it| it < today) {
        wrongs.add(
            FROM,
            "The first day has passed: choose a later one, or leave it empty to begin now",
        );
    }
    let last = today.saturating_add(TEMPORARY_DAYS_MAX.days());
    if let Some(until) = until {
        if from.is_some() {
            wrongs.add(
                UNTIL,
                "A temporary change begins now: leave the first day empty, or make it a change that stays",
            );
        } else if until < today || until > last {
            wrongs.add(
                UNTIL,
                format!("The last day must be from today to {TEMPORARY_DAYS_MAX} days from now"),
            );
        }
    }
    if wrongs.0.len() > known {
        return None;
    }
    Some(Decided {
        reason,
        view: view?,
        from,
        until,
    })
}

/// Reads the days by which a plan is looked at and ends; `before` is what the form started from.
pub(super) fn term(typed: &Typed, before: Option<&Term>, wrongs: &mut Wrongs) -> Option<Term> {
    let term = Term {
        starts_on: before.and_then(|it| it.starts_on),
        review_by: date(typed, REVIEW_BY, "The review date", wrongs),
        ends_on: date(typed, ENDS_ON, "The last day of the plan", wrongs),
    };
    (term != Term::default()).then_some(term)
}

fn view(typed: &Typed, wrongs: &mut Wrongs) -> Option<PatientView> {
    match typed.trimmed(VIEW) {
        "agreed" => Some(PatientView::Agreed),
        "disagreed" => Some(PatientView::Disagreed {
            because: said(
                typed,
                DISAGREED,
                "Say what the patient would rather have",
                wrongs,
            ),
        }),
        "not_asked" => Some(PatientView::NotAsked {
            because: said(
                typed,
                NOT_ASKED,
                "Say why the patient was not asked",
                wrongs,
            ),
        }),
        _ => {
            wrongs.add(VIEW, "Choose whether the patient agrees");
            None
        }
    }
}

/// Reads a text that must be there.
pub(crate) fn said(typed: &Typed, name: &str, ask: &str, wrongs: &mut Wrongs) -> String {
    let text = typed.trimmed(name).to_owned();
    let len = text.chars().count();
    if len == 0 {
        wrongs.add(name, ask);
    } else if len > NOTE_LEN_MAX {
        wrongs.add(
            name,
            format!("{ask} in at most {NOTE_LEN_MAX} characters; it has {len}"),
        );
    }
    text
}

fn date(typed: &Typed, name: &str, label: &str, wrongs: &mut Wrongs) -> Option<Date> {
    let text = typed.trimmed(name);
    if text.is_empty() {
        return None;
    }
    let parsed: Option<Date> = text
        .parse()
        .ok()
        .filter(|_| text.len() == "2026-12-31".len());
    let parsed = parsed.filter(|it| (1_900..=2_200).contains(&it.year()));
    if parsed.is_none() {
        wrongs.add(name, format!("{label}: enter a day like 2026-12-31"));
    }
    parsed
}
