//! Export: entries as lines of CSV for a spreadsheet, or of JSON for a program that checks them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::chain::Recorded;

/// The first line of a CSV export.
pub const CSV_HEADER: &str =
    "number,time,person,role,session,patient,action,subject,detail,at,previous,hash";

#[derive(Serialize)]
struct JsonLine<'a> {
    time: String,
    #[serde(flatten)]
    entry: &'a Recorded,
}

/// Writes an entry as one line of JSON: each field as it is stored, and the time in words.
///
/// # Errors
/// Never in practice: every field is a text or a number.
pub fn json_line(entry: &Recorded) -> anyhow::Result<String> {
    let time = time_of(entry);
    Ok(serde_json::to_string(&JsonLine { time, entry })?)
}

/// Writes an entry as one line of CSV. A text that a spreadsheet would take for a formula has an apostrophe before it, so
/// the hash is checked by the JSON.
pub fn csv_line(entry: &Recorded) -> String {
    let (number, at, time) = (
        entry.number.to_string(),
        entry.at.to_string(),
        time_of(entry),
    );
    let optional = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let fields = [
        number,
        time,
        entry.person.clone(),
        entry.role.clone(),
        optional(&entry.session),
        optional(&entry.patient),
        entry.action.clone(),
        optional(&entry.subject),
        optional(&entry.detail),
        at,
        entry.previous.clone(),
        entry.hash.clone(),
    ];
    let cells: Vec<Cow<'_, str>> = fields.iter().map(|field| cell(field)).collect();
    cells.join(",")
}

fn time_of(entry: &Recorded) -> String {
    // What somebody wrote past this program may be no time at all.
    Timestamp::from_microsecond(entry.at).map_or_else(|_| entry.at.to_string(), |at| at.to_string())
}

/// Writes one cell, which a spreadsheet takes for no formula.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !text.contains([',', '"', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let apostrophe = if is_formula { "'" } else { "" };
    Cow::Owned(format!("\"{apostrophe}{}\"", text.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::chain::GENESIS;
    use crate::audit::{Action, Actor, Entry};

    fn entry() -> Recorded {
        let actor = Actor::person(&"nurse-1".parse().unwrap(), "Nurse, band 6").in_session("ab12");
        let entry = Entry::new(actor, Action::BreakGlassOpened)
            .of(&"ivor".parse().unwrap())
            .detail("=\"on call\"");
        let at = "2026-11-27T08:00:00.5Z".parse().unwrap();
        Recorded::link(GENESIS, 1, at, &entry)
    }

    #[test]
    fn a_line_of_csv_has_a_cell_for_each_name_and_is_no_formula() {
        let line = csv_line(&entry());
        let expected = format!(
            "1,2026-11-27T08:00:00.5Z,nurse-1,\"Nurse, band 6\",ab12,ivor,break_glass_opened,,\"'=\"\"on call\"\"\",\
             1795766400500000,{GENESIS},{}",
            entry().hash
        );
        assert_eq!(line, expected);
        assert_eq!(CSV_HEADER.split(',').count(), 12);
        assert_eq!(cell("@operator"), "\"'@operator\"");
        let odd = Recorded {
            at: i64::MAX,
            ..entry()
        };
        assert!(csv_line(&odd).contains(",9223372036854775807,"));
    }

    #[test]
    fn a_line_of_json_has_everything_that_the_hash_is_made_of() {
        let line: serde_json::Value = serde_json::from_str(&json_line(&entry()).unwrap()).unwrap();
        assert_eq!(line["time"], "2026-11-27T08:00:00.5Z");
        assert_eq!(line["at"], 1_795_766_400_500_000_i64);
        assert_eq!(line["detail"], "=\"on call\"");
        assert_eq!(line["subject"], serde_json::Value::Null);
        assert_eq!(line["hash"], entry().hash);
        assert_eq!(line.as_object().unwrap().len(), 12);
    }
}
