//! The tree: what git tracks, and the names allowed at its top.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The top-level names of the design. Dot-files aside, no others are added.
const TOP_LEVEL: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "config",
    "firmware-sim",
    "gateway",
    "server",
    "tests",
];

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every file that git tracks or would track, relative to the root, that still exists.
pub(crate) fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let files: Vec<PathBuf> = text
        .lines()
        .map(PathBuf::from)
        .filter(|file| root().join(file).is_file())
        .collect();
    assert!(files.len() > 50, "git lists only {} files", files.len());
    files
}

/// Every tracked Rust file with its text.
pub(crate) fn rust_files() -> Vec<(PathBuf, String)> {
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    files()
        .into_iter()
        .filter(is_rust)
        .map(|file| (file.clone(), read(&file)))
        .collect()
}

/// The text of a tracked file.
pub(crate) fn read(file: &Path) -> String {
    std::fs::read_to_string(root().join(file))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn the_top_level_holds_only_the_names_of_the_design() {
    for file in files() {
        let top = file
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let known = top.starts_with('.') || TOP_LEVEL.contains(&top.as_str());
        assert!(known, "{top} is not a top-level name of the design");
    }
}
