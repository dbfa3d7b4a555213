//! The fields of a first plan: what templates ask, what they disagree about, and the clinician's own words.

use clinical::plan::{Ask, Conflict, Setting};

use super::form::{Field, Filled, Input, Offer};

/// How the form says that nothing is to be said of a matter.
const LEAVE_OUT: &str = "leave out";

/// Names the field of a question.
pub(super) fn ask_name(ask: &Ask) -> String {
    format!("ask-{}", ask.key)
}

/// Names the field of a choice.
pub(super) fn choice_name(conflict: &Conflict) -> String {
    format!("choice-{}", conflict.what)
}

/// Asks a question.
pub(super) fn ask_field(ask: &Ask, filled: &Filled) -> Field {
    let name = ask_name(ask);
    let hint = format!(
        "{} to {}. Write “not known” to leave its rule out until it is.",
        ask.at_least.plain(),
        ask.at_most.plain()
    );
    Field::line(&name, &ask.question, filled).hint(&hint)
}

/// Asks which template holds.
pub(super) fn conflict_field(conflict: &Conflict, filled: &Filled) -> Field {
    let name = choice_name(conflict);
    let chosen = filled.text(&name);
    let strictest = conflict.strictest();
    let offers = conflict.ours.iter().map(|(template, setting)| {
        let said = setting
            .as_ref()
            .map_or_else(|| "none".to_owned(), Setting::words);
        let mut offer = Offer::new(template.as_str(), &said, template.as_str() == chosen);
        let stricter = if strictest == Some(template) {
            ", the stricter"
        } else {
            ""
        };
        offer.hint = format!("{template}{stricter}");
        offer
    });
    let leave_out = Offer::new(LEAVE_OUT, "Leave it out", chosen == LEAVE_OUT);
    let offers = Input::Radio(offers.chain([leave_out]).collect());
    let label = format!(
        "The templates disagree about {}. Which holds?",
        conflict.what.words()
    );
    Field::new(&name, &label, offers)
}

/// Asks for the reason, and for what the patient said.
pub(super) fn words_fields(filled: &Filled) -> [Field; 3] {
    let view = filled.text("view");
    let views = [
        ("agreed", "Agreed"),
        ("disagreed", "Disagreed"),
        ("not_asked", "Was not asked"),
    ];
    let views = views.map(|(code, label)| Offer::new(code, label, code == view));
    [
        Field::area("reason", "Why is the plan so?", filled)
            .hint("The condition, and where numbers of the patient’s own are from."),
        Field::new(
            "view",
            "What did the patient say to it?",
            Input::Radio(views.into()),
        ),
        Field::line(
            "because",
            "Why the patient disagreed or was not asked",
            filled,
        ),
    ]
}
