//! Rules: each row of the clinical reference with what shows it, or why it is left out, as written in `rules.md`.

use std::collections::BTreeSet;

use super::{cited, fault_of, root};
use crate::all;

/// A row of the table.
struct Row {
    id: String,
    shown_by: Vec<String>,
    left_out: String,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("tests/rules.md")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("| C."));
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, rule, shown_by, left_out] = cells[..] else {
            panic!("four cells: {line}");
        };
        assert!(rule.len() > 10, "{id} says nothing");
        let places = shown_by.split('`').skip(1).step_by(2);
        Row {
            id: id.to_owned(),
            shown_by: places.map(str::to_owned).collect(),
            left_out: left_out.to_owned(),
        }
    });
    rows.collect()
}

/// Gives the section of a row: `C.1` of `C.1.12`.
fn section(id: &str) -> &str {
    id.rsplit_once('.').unwrap().0
}

#[test]
fn every_rule_is_shown_or_left_out_for_a_reason() {
    let mut before = ("C.0".to_owned(), 0);
    for row in rows() {
        let number: u32 = row.id.rsplit_once('.').unwrap().1.parse().unwrap();
        let place = (section(&row.id).to_owned(), number);
        let is_next =
            place == (before.0.clone(), before.1 + 1) || (place.0 > before.0 && number == 1);
        assert!(is_next, "{} is not next", row.id);
        before = place;
        let faults: Vec<String> = row.shown_by.iter().filter_map(|it| fault_of(it)).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", row.id);
        let is_said = !row.shown_by.is_empty() || row.left_out.len() > 10;
        assert!(is_said, "{} is neither shown nor left out", row.id);
    }
}

#[test]
fn every_case_that_cites_the_reference_cites_a_section_of_it() {
    let rows = rows();
    let sections: BTreeSet<&str> = rows.iter().map(|row| section(&row.id)).collect();
    assert_eq!(sections.len(), 9, "{sections:?}");
    for ran in all() {
        let source = &ran.case.source;
        let found = cited(source, 'C');
        let found: Vec<&String> = found.iter().filter(|it| it.starts_with("C.")).collect();
        for it in &found {
            assert!(sections.contains(it.as_str()), "{} cites {it}", ran.name);
        }
        if source.contains("clinical.md") {
            assert!(!found.is_empty(), "{}: which section? {source}", ran.name);
        }
    }
}
