//! Whom to call, and what to do when unwell: the same on every page, with the operator's names and numbers.

/// What the operator tells patients: whom to call, and when somebody looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whom to call, such as "the North team"; empty when it is not configured.
    pub call_name: String,
    /// Their telephone number, as people write it; empty when it is not configured.
    pub call_phone: String,
    /// When somebody looks at readings, such as "8am to 8pm, every day"; empty when it is not configured.
    pub monitoring_hours: String,
    /// The number for advice that cannot wait for the team.
    pub urgent_phone: String,
    /// The number for an emergency.
    pub emergency_phone: String,
}

/// What to do when unwell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Safety {
    /// What nobody may believe of this box.
    pub not_watched: Vec<String>,
    /// When to call for an emergency.
    pub emergency: [&'static str; 4],
    /// When to call for advice.
    pub urgent: [&'static str; 2],
}

impl Contact {
    /// Says when somebody looks; `None` when that is not configured.
    pub fn looked_at(&self) -> Option<String> {
        let hours = &self.monitoring_hours;
        (!hours.is_empty()).then(|| format!("Your team looks at readings {hours}."))
    }

    /// Asks to call.
    pub fn please_call(&self) -> String {
        // A number that is broken over two lines is dialled wrong.
        let phone = self.call_phone.replace(' ', "\u{A0}");
        match (self.call_name.as_str(), phone.as_str()) {
            (_, "") => "Please call the people who gave you this box.".to_owned(),
            ("", phone) => format!("Please call us on {phone}."),
            (name, phone) => format!("Please call {name} on {phone}."),
        }
    }

    /// Gives the number as a telephone link holds it: digits, and a plus sign in front.
    pub fn call_link(&self) -> String {
        dialled(&self.call_phone)
    }

    /// Says what to do when unwell. Interface guide, 2.3; the NHS's care cards name the same signs.
    pub fn safety(&self) -> Safety {
        let mut not_watched = vec!["Nobody watches your readings all the time.".to_owned()];
        not_watched.extend(self.looked_at());
        not_watched.push("This box does not call for help.".to_owned());
        Safety {
            not_watched,
            emergency: [
                "you have chest pain that does not go away",
                "you struggle to breathe",
                "your face drops on one side, an arm is weak, or your words are slurred",
                "you are suddenly confused",
            ],
            urgent: [
                "you feel worse, and it cannot wait until your team is there",
                "you are not sure",
            ],
        }
    }
}

/// Gives what is dialled of a number as people write it.
fn dialled(phone: &str) -> String {
    phone
        .chars()
        .filter(|it| it.is_ascii_digit() || *it == '+')
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A fictional team: numbers that Ofcom keeps for drama.
    pub(crate) fn contact() -> Contact {
        Contact {
            call_name: "the North team".to_owned(),
            call_phone: "020 7946 0123".to_owned(),
            monitoring_hours: "8am to 8pm, every day".to_owned(),
            urgent_phone: "111".to_owned(),
            emergency_phone: "999".to_owned(),
        }
    }

    #[test]
    fn whom_to_call_is_said_as_far_as_it_is_known() {
        let full = contact();
        let said = full.please_call();
        assert_eq!(
            said,
            "Please call the North team on 020\u{A0}7946\u{A0}0123."
        );
        assert_eq!(full.call_link(), "02079460123");
        let nameless = Contact {
            call_name: String::new(),
            ..contact()
        };
        assert_eq!(
            nameless.please_call(),
            "Please call us on 020\u{A0}7946\u{A0}0123."
        );
        let unknown = Contact {
            call_phone: String::new(),
            ..contact()
        };
        assert!(unknown.please_call().contains("gave you this box"));
    }

    #[test]
    fn hours_that_nobody_configured_are_not_invented() {
        let unknown = Contact {
            monitoring_hours: String::new(),
            ..contact()
        };
        assert_eq!(unknown.looked_at(), None);
        assert_eq!(unknown.safety().not_watched.len(), 2);
        assert_eq!(
            contact().safety().not_watched[1],
            "Your team looks at readings 8am to 8pm, every day."
        );
    }
}
