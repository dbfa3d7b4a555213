//! What is wrong with a form, field by field, for its error summary and beside each field.

/// What is wrong, in the order of the form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wrong(Vec<(&'static str, String)>);

impl Wrong {
    /// Adds what is wrong with a field, named by the id of its control.
    pub(super) fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push((field, text.into()));
    }

    /// Tells whether anything is.
    pub(super) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Gives what is wrong with one field.
    pub(super) fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| *name == field);
        found.map(|(_, text)| text.as_str())
    }

    /// Gives everything.
    pub(super) fn list(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// Notes that a text is missing, or longer than it may be.
    pub(super) fn check_text(
        &mut self,
        field: &'static str,
        text: &str,
        missing: &'static str,
        len_max: usize,
    ) {
        let len = text.chars().count();
        if text.is_empty() {
            self.add(field, missing);
        } else if len > len_max {
            self.add(
                field,
                format!("Shorten this to {len_max} characters; it has {len}"),
            );
        }
    }
}

/// Gives a text of a form as it is kept: without what surrounds it, lines ended as everywhere.
pub(super) fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}
