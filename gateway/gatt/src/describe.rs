//! Rendering of measurements as JSON for support staff, in the shape of the shared vectors.

use serde_json::{Map, Value};

use crate::surprises::Surprises;

/// Builds one JSON object field by field.
#[derive(Default)]
pub(crate) struct Description(Map<String, Value>);

impl Description {
    pub(crate) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Sets a field that the value holds, and leaves out one that it does not.
    pub(crate) fn maybe(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Sets a mark that is worth a line only where it is true.
    pub(crate) fn mark(self, key: &str, marked: bool) -> Self {
        self.maybe(key, marked.then_some(true))
    }

    pub(crate) fn surprises(self, surprises: &Surprises) -> Self {
        let names: Vec<&str> = surprises
            .warnings
            .iter()
            .map(|warning| warning.name())
            .collect();
        let trailing = &surprises.trailing_bytes;
        self.maybe(
            "trailing_bytes",
            (!trailing.is_empty()).then(|| hex(trailing)),
        )
        .maybe("warnings", (!names.is_empty()).then_some(names))
    }
}

impl From<Description> for Value {
    fn from(description: Description) -> Self {
        Self::Object(description.0)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

pub(crate) fn hex_u16(bits: u16) -> String {
    format!("0x{bits:04X}")
}

pub(crate) fn hex_u24(bits: u32) -> String {
    format!("0x{bits:06X}")
}
