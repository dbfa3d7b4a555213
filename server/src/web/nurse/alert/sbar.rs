//! SBAR: situation, background, assessment and recommendation, as a nurse passes an alert on.

use clinical::refusal::NOTE_LEN_MAX;

use super::wrong::{Wrong, tidy};

/// What a nurse may recommend, by code and in words.
pub(super) const RECOMMENDATIONS: [(&str, &str); 5] = [
    ("call_now", "Please call the patient now"),
    ("see_today", "Please see the patient today"),
    ("review_medicine", "Please review the medicine"),
    ("review_limits", "Please review the limits of the plan"),
    ("advise", "Please advise me what to do"),
];

/// What a nurse tells a clinician.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sbar {
    /// What is happening now.
    pub(super) situation: String,
    /// What led to it.
    pub(super) background: String,
    /// What the nurse thinks it is.
    pub(super) assessment: String,
    /// What is to be done, by its code.
    pub(super) recommendation: String,
}

impl Sbar {
    /// Writes it as it is sent, or says what is missing.
    pub(super) fn text(&self, wrong: &mut Wrong) -> String {
        let situation = tidy(&self.situation);
        let background = tidy(&self.background);
        let assessment = tidy(&self.assessment);
        if situation.is_empty() {
            wrong.add("situation", "Say what is happening now");
        }
        if assessment.is_empty() {
            wrong.add(
                "assessment",
                "Say what you think it is, or that you do not know",
            );
        }
        let chosen = RECOMMENDATIONS
            .iter()
            .find(|(code, _)| *code == self.recommendation);
        let Some((_, recommendation)) = chosen else {
            wrong.add("recommendation-0", "Choose what you ask for");
            return String::new();
        };
        let parts = [
            ("Situation", situation.as_str()),
            ("Background", &background),
            ("Assessment", &assessment),
            ("Recommendation", recommendation),
        ];
        let parts = parts.iter().filter(|(_, text)| !text.is_empty());
        let parts: Vec<String> = parts
            .map(|(name, text)| format!("{name}: {text}"))
            .collect();
        let text = parts.join("\n\n");
        let len = text.chars().count();
        if len > NOTE_LEN_MAX {
            let over = len - NOTE_LEN_MAX;
            wrong.add(
                "assessment",
                format!("All parts together are {over} characters too long: shorten one of them"),
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sbar() -> Sbar {
        Sbar {
            situation: "Oxygen 86%".to_owned(),
            background: "COPD\r\nUsual 93 to 95%\r\n".to_owned(),
            assessment: " Worse since yesterday ".to_owned(),
            recommendation: "see_today".to_owned(),
        }
    }

    #[test]
    fn the_parts_become_one_text() {
        let mut wrong = Wrong::default();
        assert_eq!(
            sbar().text(&mut wrong),
            "Situation: Oxygen 86%\n\nBackground: COPD\nUsual 93 to 95%\n\n\
             Assessment: Worse since yesterday\n\nRecommendation: Please see the patient today"
        );
        assert_eq!(wrong, Wrong::default());
        let no_background = Sbar {
            background: String::new(),
            ..sbar()
        };
        let text = no_background.text(&mut wrong);
        assert!(!text.contains("Background") && !wrong.any(), "{text}");
    }

    #[test]
    fn what_is_missing_or_too_long_is_named() {
        let mut wrong = Wrong::default();
        Sbar::default().text(&mut wrong);
        let fields: Vec<&str> = wrong.list().iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["situation", "assessment", "recommendation-0"]);

        let mut wrong = Wrong::default();
        let long = Sbar {
            background: "x".repeat(NOTE_LEN_MAX),
            ..sbar()
        };
        long.text(&mut wrong);
        let says = wrong.of("assessment").unwrap();
        assert!(says.contains("too long"), "{says}");
    }
}
