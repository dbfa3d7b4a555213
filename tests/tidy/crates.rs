//! Crates: dependencies point inward, and the pure crates depend on nothing that could see the world.

use std::collections::BTreeSet;
use std::path::Path;

use crate::tree::read;

/// Each crate's manifest and the crates of ours that it may name.
const IN_HOUSE: [(&str, &[&str]); 7] = [
    ("gateway/gatt", &[]),
    ("server/vitals", &[]),
    ("firmware-sim", &[]),
    ("server/clinical", &["vitals"]),
    ("gateway", &["gatt", "vitals"]),
    ("server", &["vitals", "clinical"]),
    (
        "tests",
        &[
            "clinical",
            "firmware-sim",
            "gateway",
            "gatt",
            "server",
            "vitals",
        ],
    ),
];

/// Each pure crate and the only crates of others that it may name.
const PURE: [(&str, &[&str]); 3] = [
    ("gateway/gatt", &["serde_json", "thiserror"]),
    (
        "server/vitals",
        &[
            "hex",
            "jiff",
            "ring",
            "serde",
            "serde_json",
            "thiserror",
            "x25519-dalek",
        ],
    ),
    ("server/clinical", &["jiff", "serde", "thiserror"]),
];

/// What no pure crate may say, wherever a dependency might offer it.
const IMPURE_WORDS: [&str; 8] = [
    "std::net",
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "async fn",
    "ring::rand",
];

fn manifest(folder: &str) -> toml::Table {
    read(&Path::new(folder).join("Cargo.toml")).parse().unwrap()
}

/// The names under `[dependencies]`, those of every target included; for `dev`, under `[dev-dependencies]` too.
fn dependencies(manifest: &toml::Table, dev: bool) -> BTreeSet<String> {
    let mut tables = vec![manifest];
    let targets = manifest.get("target").and_then(|target| target.as_table());
    tables.extend(
        targets
            .into_iter()
            .flat_map(|targets| targets.values().filter_map(|table| table.as_table())),
    );
    let keys = if dev {
        &["dependencies", "dev-dependencies"][..]
    } else {
        &["dependencies"][..]
    };
    let named = tables
        .iter()
        .flat_map(|table| keys.iter().filter_map(|key| table.get(*key)?.as_table()));
    named.flat_map(|table| table.keys().cloned()).collect()
}

#[test]
fn dependencies_point_inward() {
    let ours: BTreeSet<String> = IN_HOUSE
        .iter()
        .flat_map(|(_, names)| names.iter().map(|it| (*it).to_owned()))
        .collect();
    for (folder, allowed) in IN_HOUSE {
        let named = dependencies(&manifest(folder), true);
        let inward: BTreeSet<_> = named.intersection(&ours).map(String::as_str).collect();
        let allowed: BTreeSet<_> = allowed.iter().copied().collect();
        assert!(
            inward.is_subset(&allowed),
            "{folder} names {inward:?}; it may name {allowed:?}"
        );
    }
}

#[test]
fn pure_crates_depend_on_nothing_that_sees_the_world() {
    for (folder, allowed) in PURE {
        let mut named = dependencies(&manifest(folder), false);
        named.remove("vitals");
        for name in &named {
            assert!(
                allowed.contains(&name.as_str()),
                "{folder} is pure and may not depend on {name}"
            );
        }
    }
}

#[test]
fn pure_crates_do_not_reach_for_the_world_through_std() {
    for (file, text) in crate::tree::rust_files() {
        let is_pure = PURE
            .iter()
            .any(|(folder, _)| file.starts_with(Path::new(folder).join("src")));
        for word in IMPURE_WORDS {
            assert!(
                !(is_pure && text.contains(word)),
                "{} is pure and says {word}",
                file.display()
            );
        }
    }
}
