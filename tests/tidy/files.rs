//! Files: each has one subject, says it, and stays short.

use std::path::Path;

use crate::tree::rust_files;

/// Lines of a file without its tests.
const FILE_LEN_MAX: usize = 300;
/// Lines of a file with its tests, and of a file that is only tests.
const FILE_WITH_TESTS_LEN_MAX: usize = 500;

#[test]
fn every_file_opens_with_its_subject() {
    let silent: Vec<_> = rust_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .collect();
    let names: Vec<_> = silent.iter().map(|(file, _)| file).collect();
    assert!(
        names.is_empty(),
        "the first line must be `//! …`, the file's subject: {names:?}"
    );
}

/// Scenarios, integration tests, and the test modules that have a file of their own.
fn is_only_tests(file: &Path) -> bool {
    let in_a_folder =
        file.starts_with("tests") || file.components().any(|part| part.as_os_str() == "tests");
    in_a_folder
        || file
            .file_stem()
            .is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

#[test]
fn every_file_is_short() {
    let mut long = Vec::new();
    for (file, text) in rust_files() {
        let with_tests = text.lines().count();
        let without = text
            .split("\n#[cfg(test)]\nmod ")
            .next()
            .unwrap()
            .lines()
            .count();
        let only_tests = is_only_tests(&file);
        let most = if only_tests {
            FILE_WITH_TESTS_LEN_MAX
        } else {
            FILE_LEN_MAX
        };
        if without > most || with_tests > FILE_WITH_TESTS_LEN_MAX {
            long.push(format!(
                "{}: {without} lines, {with_tests} with tests",
                file.display()
            ));
        }
    }
    assert!(
        long.is_empty(),
        "{FILE_LEN_MAX} lines are allowed, {FILE_WITH_TESTS_LEN_MAX} with tests; these have two subjects: {long:#?}"
    );
}

/// `#[expect]` goes away when its reason does; `#[allow]` stays for ever. Clippy cannot see inside macros.
#[test]
fn lints_are_expected_never_allowed() {
    let forbidden = concat!("#[", "allow(");
    let whole_file = concat!("#![", "allow(");
    for (file, text) in rust_files() {
        assert!(
            !text.contains(forbidden) && !text.contains(whole_file),
            "{} allows a lint",
            file.display()
        );
    }
}

#[test]
fn only_the_clock_files_ask_the_system() {
    for (file, text) in rust_files() {
        let asks = text.contains(concat!("clippy::", "disallowed_methods"));
        assert!(
            !asks || file.ends_with("src/clock.rs"),
            "{} goes around its program's clock",
            file.display()
        );
    }
}

#[test]
fn statements_are_written_out() {
    for (file, text) in rust_files() {
        // A test may read whatever there is, by what the database says of itself.
        let is_of_tests = |part: &str| part == "tests" || part.ends_with("_tests");
        let parts = file.iter().filter_map(|it| it.to_str());
        let in_a_program = !parts.into_iter().any(is_of_tests);
        let assembled = text.contains(concat!("Assert", "SqlSafe"));
        assert!(
            !(in_a_program && assembled),
            "{} assembles a statement from parts",
            file.display()
        );
    }
}
