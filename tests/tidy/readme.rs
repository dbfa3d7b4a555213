//! The README: its map names folders that are there, and its commands are the ones that exist.

use std::path::Path;

use crate::tree::{read, root};

#[test]
fn the_map_names_real_folders() {
    let text = read(Path::new("README.md"));
    let map = text
        .split("\n## Map\n")
        .nth(1)
        .expect("README.md has a section `## Map`");
    let map = map.split("\n## ").next().unwrap();
    let paths: Vec<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert!(
        paths.len() >= 15,
        "the map names only {} places",
        paths.len()
    );
    for path in paths {
        assert!(
            root().join(path).exists(),
            "the README's map names {path}, which is not there"
        );
    }
}

#[test]
fn the_commands_of_the_first_screen_exist() {
    let text = read(Path::new("README.md"));
    let aliases: toml::Table = read(Path::new(".cargo/config.toml")).parse().unwrap();
    for alias in aliases["alias"].as_table().unwrap().keys() {
        assert!(
            text.contains(&format!("cargo {alias}")),
            "README.md does not mention `cargo {alias}`"
        );
    }
    assert!(
        read(Path::new(".ci/run")).contains("cargo check-all"),
        "CI calls the README's own test command"
    );
}
