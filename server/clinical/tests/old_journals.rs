//! Journals that older rules wrote: they are read, carried out and decided again as they were.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use clinical::{Case, Decision, Event, step};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Written by the fourth rule set, before contacts, strikes, discharges and watches were known: two weeks of a random walk.
const WRITTEN: &str = include_str!("../../../tests/vectors/journal_rules_4.json");

#[derive(Deserialize)]
struct Row {
    at: Timestamp,
    event: Value,
    decisions: Value,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(WRITTEN).unwrap()
}

#[test]
fn a_journal_of_the_fourth_rules_is_written_again_as_it_was() {
    for row in rows() {
        let event: Event = serde_json::from_value(row.event.clone()).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap(), row.event);
        let decisions: Vec<Decision> = serde_json::from_value(row.decisions.clone()).unwrap();
        assert_eq!(serde_json::to_value(&decisions).unwrap(), row.decisions);
    }
}

#[test]
fn a_journal_of_the_fourth_rules_is_decided_as_it_was() {
    let mut case: Option<Case> = None;
    for (number, row) in rows().into_iter().enumerate() {
        let event: Event = serde_json::from_value(row.event).unwrap();
        let again = step(case, &event, row.at).unwrap();
        let decided = serde_json::to_value(&again.decisions).unwrap();
        assert_eq!(decided, row.decisions, "row {}", number + 1);
        case = Some(again.case);
    }
    let case = case.unwrap();
    assert!(case.open_alerts().next().is_some() && case.discharged().is_none());
}
