//! Forms of the office: fields described as data, shown by one template with what was typed and what is wrong with it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::{Date, Time};

use crate::web::State;
use crate::web::account::step_up;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;

/// The longest text of one line, in characters.
pub(crate) const LINE_LEN_MAX: usize = 200;

/// One form, ready to show.
#[derive(Template)]
#[template(path = "form.html")]
pub(crate) struct FormPage {
    frame: Frame,
    sheet: Sheet,
}

/// What a form says and asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    /// The page's title and heading.
    pub(crate) title: String,
    /// What to know before, one paragraph each.
    pub(crate) intro: Vec<String>,
    /// What is asked.
    pub(crate) fields: Vec<Field>,
    /// What the button says.
    pub(crate) button: String,
    /// Where it is sent.
    pub(crate) action: String,
    /// Where it leads without sending.
    pub(crate) back: String,
    /// What the state was when the form was made: another state is a conflict.
    pub(crate) lock: String,
    /// Why the whole of it was refused.
    pub(crate) refused: Option<String>,
    /// Where it is proved again who one is, in another window, when that has to come first.
    pub(crate) prove: Option<String>,
}

/// One thing that is asked.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) hint: &'static str,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) wrong: Option<String>,
}

/// How it is asked.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// One of a list, by value and text.
    Choice(Vec<(String, String)>),
    /// Any of a list, by value and text, and whether it is chosen.
    Several(Vec<(String, String, bool)>),
}

/// What a form posted. What is missing is found by us, not by the parser, so that the page can say it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filled(Vec<(String, String)>);

/// What a form posts, before it is read.
pub(crate) type Posted = Result<Form<Vec<(String, String)>>, FormRejection>;

impl Filled {
    /// Reads what was posted.
    ///
    /// # Errors
    /// [`PageError::BadForm`] when it is no form.
    pub(crate) fn read(posted: Posted) -> Result<Self, PageError> {
        let Form(pairs) = posted.map_err(|_| PageError::BadForm)?;
        Ok(Self(pairs))
    }

    /// Fills a form for the first time.
    pub(crate) fn with(pairs: &[(&str, &str)]) -> Self {
        let owned = pairs.iter();
        Self(
            owned
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    /// Gives what was typed, without space around it; nothing when it was not asked.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Gives everything that was chosen.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let chosen = self.0.iter().filter(move |(key, _)| key == name);
        chosen.map(|(_, value)| value.as_str())
    }

    /// Reads a date.
    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        self.get(name).parse().ok()
    }

    /// Reads a time of day, to the minute.
    pub(crate) fn time(&self, name: &str) -> Option<Time> {
        Time::strptime("%H:%M", self.get(name).get(..5)?).ok()
    }

    /// Reads one line, 1 to [`LINE_LEN_MAX`] characters, none of them a control character.
    pub(crate) fn line(&self, name: &str) -> Option<String> {
        let text = self.get(name);
        let fits = (1..=LINE_LEN_MAX).contains(&text.chars().count());
        (fits && !text.contains(char::is_control)).then(|| text.to_owned())
    }
}

impl Field {
    /// Asks for something.
    pub(crate) fn new(name: &'static str, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name,
            label: label.into(),
            hint: "",
            kind,
            value: String::new(),
            wrong: None,
        }
    }

    /// Adds how to answer.
    pub(crate) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// Gives the attributes that tell which texts describe it.
    pub(crate) fn described(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let wrong = self.wrong.as_ref().map(|_| format!("{}-wrong", self.name));
        let texts: Vec<String> = hint.into_iter().chain(wrong).collect();
        let mut attributes = String::new();
        if !texts.is_empty() {
            attributes.push_str(&format!(" aria-describedby=\"{}\"", texts.join(" ")));
        }
        if self.wrong.is_some() {
            attributes.push_str(" aria-invalid=\"true\"");
        }
        attributes
    }

    /// Where the link of the error summary leads.
    pub(crate) fn target(&self) -> String {
        match &self.kind {
            Kind::Several(_) => format!("{}-0", self.name),
            _ => self.name.to_owned(),
        }
    }
}

impl Sheet {
    /// Shows what was typed.
    pub(crate) fn fill(mut self, filled: &Filled) -> Self {
        for field in &mut self.fields {
            filled.get(field.name).clone_into(&mut field.value);
            if let Kind::Several(choices) = &mut field.kind {
                for (value, _, chosen) in choices {
                    *chosen = filled.all(field.name).any(|it| it == value);
                }
            }
        }
        let lock = filled.get("lock");
        if !lock.is_empty() {
            lock.clone_into(&mut self.lock);
        }
        self
    }

    /// Says what is wrong with a field. The first thing said stays.
    pub(crate) fn wrong(&mut self, name: &str, text: impl Into<String>) {
        let mut fields = self.fields.iter_mut();
        if let Some(field) = fields.find(|it| it.name == name && it.wrong.is_none()) {
            field.wrong = Some(text.into());
        }
    }

    /// Tells whether a field offers a value to choose; an empty one is never offered.
    pub(crate) fn offers(&self, name: &str, value: &str) -> bool {
        let mut fields = self.fields.iter().filter(|it| it.name == name);
        fields.any(|field| match &field.kind {
            Kind::Choice(choices) => choices.iter().any(|(it, _)| it == value && !it.is_empty()),
            _ => false,
        })
    }

    /// Tells whether anything is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        self.refused.is_some() || self.fields.iter().any(|it| it.wrong.is_some())
    }

    /// Shows the form: 200 when nothing is wrong, 422 when something is.
    pub(crate) fn show(self, state: &Arc<State>, me: &Me) -> Response {
        let status = if self.is_wrong() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        self.show_as(status, state, me)
    }

    /// Shows the form again because somebody else was faster. What was typed is there, and the next try is held against
    /// the state as it is now.
    pub(crate) fn conflict(mut self, lock: String, state: &Arc<State>, me: &Me) -> Response {
        self.lock = lock;
        self.refused = Some(
            "Somebody else changed this meanwhile, so nothing was changed. What you typed is below: look at what is there now, \
             and send it again if it still holds."
                .to_owned(),
        );
        self.show_as(StatusCode::CONFLICT, state, me)
    }

    /// Shows the form again because the person proved too long ago who they are. What was typed is there: they prove it in
    /// another window, and send the form again.
    pub(crate) fn not_fresh(mut self, state: &Arc<State>, me: &Me) -> Response {
        self.refused = Some(
            "You last proved too long ago who you are. What you typed is below: prove again that it is you, close that window, \
             and send this form again."
                .to_owned(),
        );
        self.prove = Some(step_up::href("/account"));
        self.show_as(StatusCode::FORBIDDEN, state, me)
    }

    fn show_as(self, status: StatusCode, state: &Arc<State>, me: &Me) -> Response {
        let page = FormPage {
            frame: state.frame(Some(me)),
            sheet: self,
        };
        (status, render(&page)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read_and_nothing_else_is_taken_for_it() {
        let filled = Filled::with(&[
            ("name", "  Ada Okafor "),
            ("day", "mon"),
            ("day", "fri"),
            ("from", "09:30:00"),
            ("first", "2026-02-30"),
            ("two", "a\nb"),
        ]);
        assert_eq!(filled.line("name").as_deref(), Some("Ada Okafor"));
        assert_eq!(filled.all("day").collect::<Vec<_>>(), ["mon", "fri"]);
        assert_eq!(filled.time("from"), Some(jiff::civil::time(9, 30, 0, 0)));
        assert_eq!(filled.date("first"), None);
        assert_eq!((filled.line("two"), filled.line("none")), (None, None));
        let long = "x".repeat(LINE_LEN_MAX + 1);
        assert_eq!(Filled::with(&[("long", &long)]).line("long"), None);
    }

    #[test]
    fn the_first_thing_that_is_wrong_with_a_field_is_said() {
        let mut sheet = Sheet {
            fields: vec![Field::new("name", "Name", Kind::Line)],
            ..Sheet::default()
        };
        sheet.wrong("name", "Write a name");
        sheet.wrong("name", "Another");
        sheet.wrong("elsewhere", "Nothing");
        assert_eq!(sheet.fields[0].wrong.as_deref(), Some("Write a name"));
        assert!(sheet.is_wrong());
    }
}
