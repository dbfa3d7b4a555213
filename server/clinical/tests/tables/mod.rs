//! Tables: which hazard and which clinical rule is shown by which case or test.

mod hazards;
mod rules;

use std::path::{Path, PathBuf};

/// Says what is wrong with a place that a table names: a case (`late/over-since`), a file of the repository
/// (`config/service.toml`) or a test in one (`server/src/web/live.rs::a_row_comes`).
fn fault_of(place: &str) -> Option<String> {
    let (path, test) = match place.split_once("::") {
        Some((path, test)) => (path, Some(test)),
        None => (place, None),
    };
    let file = if path.contains('.') {
        root().join("../..").join(path)
    } else {
        root().join(format!("tests/cases/{path}.json"))
    };
    let Ok(text) = std::fs::read_to_string(&file) else {
        return Some(format!("{place}: there is no such file"));
    };
    let is_there = |test: &str| text.contains(&format!("fn {test}("));
    (!test.is_none_or(is_there)).then(|| format!("{place}: there is no such test in the file"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares with what somebody last looked at. `UPDATE_SNAPSHOTS=1` writes it anew, to be read in the diff.
fn check_snapshot(file: &Path, text: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(file, text).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(
        kept == text,
        "{} is not what the cases say; run with UPDATE_SNAPSHOTS=1 and look at the diff. First: {differs:?}",
        file.display()
    );
}

/// Lists the words of a text that are a letter, perhaps a dot, and a number: `H9`, `C.6`.
fn cited(text: &str, letter: char) -> Vec<String> {
    let mut words = Vec::new();
    let bare = text.split(|it: char| !it.is_alphanumeric() && it != '.');
    for word in bare.map(|it| it.trim_matches('.')) {
        let number = word.strip_prefix(letter);
        let number = number.map(|it| it.strip_prefix('.').unwrap_or(it));
        if number.is_some_and(|it| !it.is_empty() && it.chars().all(|it| it.is_ascii_digit())) {
            words.push(word.to_owned());
        }
    }
    words
}

#[test]
fn a_place_that_is_not_there_is_named() {
    assert_eq!(fault_of("late/over-since"), None);
    assert_eq!(fault_of("config/service.toml"), None);
    let here = "server/clinical/tests/tables/mod.rs::a_place_that_is_not_there_is_named";
    assert_eq!(fault_of(here), None);
    for place in ["late/never", "config/no.toml", "server/src/cli.rs::never"] {
        assert!(fault_of(place).is_some(), "{place}");
    }
    assert_eq!(cited("safety.md H9; C.5, C.6: H15.", 'H'), ["H9", "H15"]);
    assert_eq!(
        cited("C1396 (clinical.md C.5, C.6)", 'C'),
        ["C1396", "C.5", "C.6"]
    );
}
