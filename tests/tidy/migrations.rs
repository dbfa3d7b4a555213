//! Migrations: only ever added. A database somewhere has already run the ones that are listed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ring::digest;

use crate::tree::{files, read};

const LIST: &str = "tests/tidy/migrations.txt";

#[test]
fn a_migration_never_changes_and_never_goes() {
    let text = read(Path::new(LIST));
    let listed: BTreeMap<PathBuf, String> = text.lines().filter_map(listed_line).collect();
    let is_migration =
        |file: &PathBuf| file.extension().is_some_and(|extension| extension == "sql");
    let found: BTreeMap<PathBuf, String> = files()
        .into_iter()
        .filter(is_migration)
        .map(|file| (file.clone(), hash_of(&file)))
        .collect();
    for (file, hash) in &listed {
        assert_eq!(
            found.get(file),
            Some(hash),
            "{} was changed or removed; add a new migration",
            file.display()
        );
    }
    for (file, hash) in &found {
        assert!(
            listed.contains_key(file),
            "a new migration is listed in {LIST}: add `{hash}  {}`",
            file.display()
        );
    }
}

fn listed_line(line: &str) -> Option<(PathBuf, String)> {
    let (hash, file) = line.split_once("  ")?;
    Some((PathBuf::from(file), hash.to_owned()))
}

fn hash_of(file: &Path) -> String {
    hex::encode(digest::digest(&digest::SHA256, read(file).as_bytes()))
}
