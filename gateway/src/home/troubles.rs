//! Trouble in words: what is wrong with the box, and what to do.

use super::Contact;
use super::state::{Trouble, Unsaved};
use super::words::{self, Notice};

fn told(trouble: Trouble) -> Notice {
    match trouble {
        Trouble::Unsaved(unsaved) => {
            let why = match unsaved {
                Unsaved::Full => "The box is full.",
                Unsaved::ReadOnly | Unsaved::Fault => "The memory of the box has a fault.",
            };
            words::notice(
                "The box cannot save readings",
                &[
                    why,
                    "Please do not unplug the box.",
                    "Write new readings on paper, and read them to us.",
                ],
            )
        }
        Trouble::Deaf => words::notice(
            "The box cannot hear your devices",
            &[
                "The radio of the box does not work.",
                "Write new readings on paper, and read them to us.",
            ],
        ),
        Trouble::Timeless => words::notice(
            "The box does not know the time",
            &[
                "Your readings are saved here.",
                "They cannot be sent until the box knows the time.",
                "Look whether your internet works.",
            ],
        ),
        Trouble::Unsent => words::notice(
            "The box has not reached your team’s system for a long time",
            &[
                "Your readings are saved here.",
                "Your team may not have seen them.",
                "Look whether your internet works.",
            ],
        ),
        Trouble::SetAside => words::notice(
            "Your team’s system did not take your reading",
            &[
                "Your reading is saved here.",
                "This is not your fault.",
                "We need to put something right.",
            ],
        ),
        Trouble::Worn => words::notice(
            "The box needs a new memory",
            &[
                "The box still works.",
                "Please do not unplug it.",
                "We need to come and mend it.",
            ],
        ),
    }
}

/// Says what is wrong with the box, what to do, and to call.
pub(super) fn notice(trouble: Trouble, contact: &Contact) -> Notice {
    let mut notice = told(trouble);
    notice.sentences.push(contact.please_call());
    notice
}
