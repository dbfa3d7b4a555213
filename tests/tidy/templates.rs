//! Templates: each of them stands in a snapshot that somebody has looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::tree::{files, read};

const TEMPLATES: &str = "server/templates";
const SNAPSHOTS: &str = "server/tests/snapshots";
/// Shorter texts say nothing of where they come from.
const TEXT_LEN_MIN: usize = 8;

#[test]
fn every_template_stands_in_a_snapshot() {
    let in_folder = |folder: &str| {
        let found = files().into_iter().filter(|it| it.starts_with(folder));
        found.map(|it| (read(&it), it)).collect::<Vec<_>>()
    };
    let snapshots: Vec<String> = in_folder(SNAPSHOTS).into_iter().map(|it| it.0).collect();
    let templates: BTreeMap<PathBuf, Vec<String>> = in_folder(TEMPLATES)
        .into_iter()
        .map(|(text, path)| (path, own_texts(&text)))
        .collect();
    assert!(templates.len() > 40 && snapshots.len() > 60);
    for (path, texts) in &templates {
        let others = templates.iter().filter(|(other, _)| *other != path);
        let others: Vec<&String> = others.flat_map(|(_, texts)| texts).collect();
        let is_only_here = |text: &&String| !others.iter().any(|it| it.contains(*text));
        let only_here: Vec<&String> = texts.iter().filter(is_only_here).collect();
        let is_shown = only_here
            .iter()
            .any(|text| snapshots.iter().any(|snapshot| snapshot.contains(*text)));
        assert!(
            is_shown || only_here.is_empty(),
            "no snapshot shows {}: add one by snapshot::check in a test of its page",
            path.display()
        );
    }
}

/// The texts of a template that no value and no condition changes.
fn own_texts(template: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for piece in template.lines().flat_map(pieces) {
        let piece = piece.trim();
        if piece.len() >= TEXT_LEN_MIN {
            texts.push(piece.to_owned());
        }
    }
    texts
}

/// What stands around the values and the tags of a line.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('{') {
        let (before, tag) = rest.split_at(start);
        pieces.push(before);
        rest = tag
            .split_once('}')
            .map_or("", |it| it.1.trim_start_matches('}'));
    }
    pieces.push(rest);
    pieces
}

#[test]
fn texts_are_found_between_values_and_tags() {
    let line = r#"<h1>Duty of {{ team }}</h1>{% if a %}<p>Choose a team.</p>{% endif %}"#;
    assert_eq!(own_texts(line), ["<h1>Duty of", "<p>Choose a team.</p>"]);
}
