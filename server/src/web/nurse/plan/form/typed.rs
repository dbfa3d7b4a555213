//! What was typed, as it was typed: nothing is lost, whatever it means; and what is wrong with it, field by field.

use std::collections::BTreeMap;

use vitals::Decimal;

/// The most fields of a form that are looked at; the body's bound comes first.
pub(crate) const FIELDS_LEN_MAX: usize = 1_000;
/// The longest number, in characters.
const NUMBER_LEN_MAX: usize = 12;

/// Texts by the names of their fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed(BTreeMap<String, String>);

/// What is wrong, in the order of the form: the field, and a sentence that says what to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wrongs(pub(crate) Vec<(String, String)>);

impl Typed {
    /// Takes the pairs of a form. Of a field that comes twice the last counts.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        let pairs = pairs.into_iter().take(FIELDS_LEN_MAX);
        let lined = |(name, text): (String, String)| (name, text.replace("\r\n", "\n"));
        Self(pairs.map(lined).collect())
    }

    /// Gives a field as it was typed; empty when it was not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Gives a field without the space around it.
    pub(crate) fn trimmed(&self, name: &str) -> &str {
        self.text(name).trim()
    }

    pub(crate) fn put(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.0.insert(name.into(), text.into());
    }

    /// Takes fields away.
    pub(crate) fn drop_those(&mut self, is_gone: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| !is_gone(name));
    }

    /// Lays these texts over others: a field that was not sent is as the other has it.
    pub(crate) fn over(&self, other: &Self) -> Self {
        let mut all = other.0.clone();
        all.extend(self.0.clone());
        Self(all)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Tells whether two forms say the same in all of some fields.
    pub(crate) fn agrees<'a>(
        &self,
        other: &Self,
        mut names: impl Iterator<Item = &'a String>,
    ) -> bool {
        names.all(|name| self.trimmed(name) == other.trimmed(name))
    }
}

impl Wrongs {
    pub(crate) fn add(&mut self, field: impl Into<String>, sentence: impl Into<String>) {
        self.0.push((field.into(), sentence.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives what is wrong with one field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == field);
        found.map(|(_, sentence)| sentence.as_str())
    }
}

/// Reads a decimal; `None` for an empty field, and for one that is wrong, which is noted. `label` names the field in
/// sentences.
pub(crate) fn decimal(
    typed: &Typed,
    name: &str,
    label: &str,
    wrongs: &mut Wrongs,
) -> Option<Decimal> {
    let text = typed.trimmed(name);
    if text.is_empty() {
        return None;
    }
    let parsed = text.parse().ok().filter(|_| text.len() <= NUMBER_LEN_MAX);
    if parsed.is_none() {
        wrongs.add(
            name,
            format!("{label}: enter a number like 135 or 36.5, or leave it empty"),
        );
    }
    parsed
}

/// Reads a whole number from `least` to `most`; `None` for an empty field, and for one that is wrong, which is noted.
pub(crate) fn whole(
    typed: &Typed,
    name: &str,
    label: &str,
    (least, most): (u32, u32),
    wrongs: &mut Wrongs,
) -> Option<u32> {
    let text = typed.trimmed(name);
    if text.is_empty() {
        return None;
    }
    let is_digits = text.bytes().all(|it| it.is_ascii_digit());
    let parsed = text.parse().ok().filter(|_| is_digits);
    let parsed = parsed.filter(|it| (least..=most).contains(it));
    if parsed.is_none() {
        wrongs.add(
            name,
            format!("{label}: enter a whole number from {least} to {most}"),
        );
    }
    parsed
}
