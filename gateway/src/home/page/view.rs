//! The pages as HTML: one column, large type, the same help at the end of each.

use std::time::Duration;

use askama::Template;

use crate::home::contact::{Contact, Safety};
use crate::home::state::Kept;
use crate::home::words::{Light, Words};

/// What is said instead of a page.
pub(super) struct Message {
    heading: &'static str,
    sentence: &'static str,
}

/// It was asked for by a name that is not its own.
pub(super) const WRONG_NAME: Message = Message {
    heading: "Wrong address",
    sentence: "Type the address that is on your sheet.",
};
/// There is no such page.
pub(super) const NOT_FOUND: Message = Message {
    heading: "There is nothing here",
    sentence: "Go back to your readings.",
};
/// A form came from another site.
pub(super) const FROM_ELSEWHERE: Message = Message {
    heading: "That did not come from this page",
    sentence: "Go back to your readings, and try again.",
};
/// A form is too long.
pub(super) const TOO_LONG: Message = Message {
    heading: "That is too long for a PIN",
    sentence: "Go back, and type the PIN that is on your sheet.",
};
/// Something failed in the box.
pub(super) const FAILED: Message = Message {
    heading: "The box could not do that",
    sentence: "Wait a minute, and try again.",
};

#[derive(Template)]
#[template(path = "home/readings.html")]
struct Readings<'a> {
    words: &'a Words,
    contact: &'a Contact,
    safety: Safety,
    light_word: &'static str,
    kept_class: &'static str,
}

#[derive(Template)]
#[template(path = "home/sign_in.html")]
struct SignIn<'a> {
    wrong: Option<&'a str>,
    contact: &'a Contact,
    safety: Safety,
}

#[derive(Template)]
#[template(path = "home/message.html")]
struct Plain<'a> {
    heading: &'a str,
    sentence: &'a str,
    contact: &'a Contact,
    safety: Safety,
}

/// Writes the page with the readings.
pub(super) fn readings(words: &Words, contact: &Contact) -> String {
    let light_word = match words.light {
        Light::Ok => "The box is working",
        Light::Waiting => "Saved here, not sent yet",
        Light::Call => "Please call us",
    };
    let kept_class = match words.kept {
        Some((Kept::AtServer, _)) | None => "ok",
        Some((Kept::Here, _)) => "waiting",
        Some((Kept::SetAside, _)) => "call",
    };
    render(&Readings {
        words,
        contact,
        safety: contact.safety(),
        light_word,
        kept_class,
    })
}

/// Writes the page that asks for the PIN.
pub(super) fn sign_in(contact: &Contact, wrong: Option<&str>) -> String {
    render(&SignIn {
        wrong,
        contact,
        safety: contact.safety(),
    })
}

/// Writes what is said after too many tries.
pub(super) fn too_many(wait: Duration, contact: &Contact) -> String {
    let sentence = format!("Wait {}, then try again.", roughly(wait));
    render(&Plain {
        heading: "Too many wrong PINs",
        sentence: &sentence,
        contact,
        safety: contact.safety(),
    })
}

/// Writes a message.
pub(super) fn message(message: &Message, contact: &Contact) -> String {
    render(&Plain {
        heading: message.heading,
        sentence: message.sentence,
        contact,
        safety: contact.safety(),
    })
}

/// Says a wait so that nobody who keeps to it comes too early.
fn roughly(wait: Duration) -> String {
    let minutes = wait.as_secs().div_ceil(60).max(1);
    match (minutes, minutes.div_ceil(60)) {
        (1, _) => "a minute".to_owned(),
        (2..=90, _) => format!("{minutes} minutes"),
        (_, hours) => format!("{hours} hours"),
    }
}

fn render(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(error = %error, "a page for the home cannot be written");
        "The box could not do that. Wait a minute, and try again.".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::contact::tests::contact;

    #[test]
    fn a_wait_is_said_so_that_nobody_comes_too_early() {
        for (seconds, said) in [
            (1, "a minute"),
            (60, "a minute"),
            (61, "2 minutes"),
            (3600, "60 minutes"),
            (5401, "2 hours"),
            (86_400, "24 hours"),
        ] {
            assert_eq!(roughly(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn what_an_operator_writes_is_text_and_never_markup() {
        let contact = Contact {
            call_name: "<script>alert(1)</script>".to_owned(),
            ..contact()
        };
        for page in [
            sign_in(&contact, Some("<b>")),
            message(&NOT_FOUND, &contact),
            too_many(Duration::from_secs(60), &contact),
        ] {
            assert!(
                !page.contains("<script>") && !page.contains("<b>"),
                "{page}"
            );
            assert!(page.contains("script"), "{page}");
        }
    }

    #[test]
    fn every_page_says_what_to_do_when_unwell_and_whom_to_call() {
        for page in [
            sign_in(&contact(), None),
            message(&WRONG_NAME, &contact()),
            too_many(Duration::from_secs(60), &contact()),
        ] {
            for said in [
                "Nobody watches your readings all the time",
                "href=\"tel:999\"",
                "href=\"tel:111\"",
                "href=\"tel:02079460123\"",
                "8am to 8pm, every day",
            ] {
                assert!(page.contains(said), "{said} is not on: {page}");
            }
        }
    }
}
