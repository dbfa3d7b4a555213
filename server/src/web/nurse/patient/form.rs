//! Forms about patients: fields, what was typed into them, what is wrong with it, and the page that shows all of it.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;

use super::banner::Banner;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;

/// The forms in which people write dates, besides ISO 8601.
const DATE_FORMS: [&str; 5] = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y"];

/// What a browser sends of a form.
pub(crate) type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

/// What was typed into a form, by the names of its fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filled(Vec<(String, String)>);

impl Filled {
    /// Reads a form.
    ///
    /// # Errors
    /// [`PageError::BadForm`].
    pub(crate) fn read(sent: Sent) -> Result<Self, PageError> {
        let Form(pairs) = sent.map_err(|_| PageError::BadForm)?;
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(name, value)| (name, value.replace("\r\n", "\n")));
        Ok(Self(pairs.collect()))
    }

    /// Fills a form with what is so already.
    pub(crate) fn with(pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter();
        Self(
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    /// Gives what was typed, without the blanks around it; nothing for a field that was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        let mut all = self.0.iter();
        let found = all.find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Gives everything that was chosen of a field with several choices.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let all = self.0.iter().filter(|(found, _)| found == name);
        all.map(|(_, value)| value.trim()).collect()
    }

    /// Reads a date, as a browser sends it or as people write it.
    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        date(self.text(name))
    }
}

/// Reads a date as people write it: `1945-07-14`, `14/07/1945`, `14 Jul 1945`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let mut forms = DATE_FORMS.iter();
    let written = |form: &&str| Date::strptime(form, text).ok();
    text.parse().ok().or_else(|| forms.find_map(written))
}

/// One choice of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What is sent.
    pub(crate) value: String,
    /// Its words.
    pub(crate) label: String,
    /// What else there is to say of it; may be empty.
    pub(crate) hint: String,
    /// It is chosen.
    pub(crate) chosen: bool,
}

impl Offer {
    /// Offers something.
    pub(crate) fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            chosen,
        }
    }
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// One line; `kind` is the browser's name of it.
    Line {
        /// `text`, `date` or `datetime-local`.
        kind: &'static str,
        /// `numeric`, `decimal` or `text`: the keys that a phone shows.
        mode: &'static str,
        /// What is in it.
        value: String,
    },
    /// Several lines.
    Area(String),
    /// One of several.
    Radio(Vec<Offer>),
    /// Any of several.
    Checks(Vec<Offer>),
    /// One of many.
    Select(Vec<Offer>),
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name, and its id in the page.
    pub(crate) name: String,
    /// Its words.
    pub(crate) label: String,
    /// How to fill it in; may be empty.
    pub(crate) hint: String,
    /// How it is filled in.
    pub(crate) input: Input,
    /// What is wrong with what is in it.
    pub(crate) wrong: Option<String>,
}

impl Field {
    /// Makes a field.
    pub(crate) fn new(name: &str, label: &str, input: Input) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            input,
            wrong: None,
        }
    }

    /// Makes a field of one line, with what was typed into it.
    pub(crate) fn line(name: &str, label: &str, filled: &Filled) -> Self {
        let input = Input::Line {
            kind: "text",
            mode: "text",
            value: filled.text(name).to_owned(),
        };
        Self::new(name, label, input)
    }

    /// Makes a field for a date.
    pub(crate) fn date(name: &str, label: &str, filled: &Filled) -> Self {
        let typed = filled.text(name);
        let value = date(typed).map_or_else(|| typed.to_owned(), |date| date.to_string());
        let input = Input::Line {
            kind: "date",
            mode: "text",
            value,
        };
        Self::new(name, label, input)
    }

    /// Makes a field of several lines.
    pub(crate) fn area(name: &str, label: &str, filled: &Filled) -> Self {
        Self::new(name, label, Input::Area(filled.text(name).to_owned()))
    }

    /// Says how to fill it in.
    #[must_use]
    pub(crate) fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }

    /// Says what is wrong with what is in it.
    #[must_use]
    pub(crate) fn wrong(mut self, wrong: Option<String>) -> Self {
        self.wrong = wrong;
        self
    }

    /// Gives the id that an error leads to.
    pub(crate) fn target(&self) -> String {
        match self.input {
            Input::Radio(_) | Input::Checks(_) => format!("{}-0", self.name),
            _ => self.name.clone(),
        }
    }
}

/// A page with one form.
#[derive(Debug, Clone, Template)]
#[template(path = "patient/form.html")]
pub(crate) struct FormPage {
    /// The frame.
    pub(crate) frame: Frame,
    /// Whom it is about, unless the patient is yet to be registered.
    pub(crate) banner: Option<Banner>,
    /// What the form does. It names the patient.
    pub(crate) heading: String,
    /// Where the reader came from.
    pub(crate) back_href: String,
    /// What there is to know before filling it in.
    pub(crate) lead: Vec<String>,
    /// What else there is to know, as a list.
    pub(crate) notes: Vec<String>,
    /// What is wrong that belongs to no field.
    pub(crate) wrong: Vec<String>,
    /// Sent along unseen.
    pub(crate) hidden: Vec<(String, String)>,
    /// The fields.
    pub(crate) fields: Vec<Field>,
    /// The words of its button.
    pub(crate) button: String,
}

impl FormPage {
    fn has_wrong(&self) -> bool {
        !self.wrong.is_empty() || self.fields.iter().any(|it| it.wrong.is_some())
    }

    /// Answers with the page: 422 when something is wrong with what was sent.
    pub(crate) fn answer(&self) -> Response {
        let status = if self.has_wrong() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        (status, render(self)).into_response()
    }
}

/// A page that says why nothing was changed.
#[derive(Debug, Clone, Template)]
#[template(path = "patient/refused.html")]
pub(crate) struct RefusedPage {
    /// The frame.
    pub(crate) frame: Frame,
    /// Whom it is about.
    pub(crate) banner: Banner,
    /// What happened.
    pub(crate) heading: String,
    /// What to do next.
    pub(crate) next: String,
}

impl RefusedPage {
    /// Answers with the page.
    pub(crate) fn answer(&self) -> Response {
        (StatusCode::CONFLICT, render(self)).into_response()
    }
}

/// Checks a text that is needed.
pub(crate) fn needed(text: &str, len_max: usize, missing: &str) -> Option<String> {
    if text.is_empty() {
        return Some(missing.to_owned());
    }
    too_long(text, len_max)
}

/// Checks a text that may be left out.
pub(crate) fn too_long(text: &str, len_max: usize) -> Option<String> {
    let len = text.chars().count();
    (len > len_max).then(|| format!("Shorten this to {len_max} characters; it has {len}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_people_write_it() {
        let born: Date = "1945-07-14".parse().unwrap();
        for written in [
            "1945-07-14",
            "14/07/1945",
            "14/7/1945",
            "14.07.1945",
            "14-Jul-1945",
            "14 Jul 1945",
        ] {
            assert_eq!(date(written), Some(born), "{written}");
        }
        for wrong in ["", "14/07", "31/02/1945", "tomorrow", "07/14/1945"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_typed_is_kept_without_blanks_and_line_ends() {
        let sent = vec![
            ("why".to_owned(), " a\r\nb ".to_owned()),
            ("of".to_owned(), "1".to_owned()),
            ("of".to_owned(), "2".to_owned()),
        ];
        let filled = Filled::read(Ok(Form(sent))).unwrap();
        assert_eq!(filled.text("why"), "a\nb");
        assert_eq!(filled.all("of"), ["1", "2"]);
        assert_eq!(filled.text("nothing"), "");
    }
}
