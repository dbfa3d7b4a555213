//! Routes as the sources declare them: a router cannot be asked which it has, so that the text is read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A method and an address with its parts: `POST` and `/alerts/{patient}/{number}/take`.
pub(crate) type Route = (String, String);

/// The functions that take a handler, each for a method of its own name.
const METHODS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];
/// Ways of putting something under an address that are not read here. Whoever needs one teaches [`declared`] to read it.
const UNREAD: [&str; 5] = [
    ".nest(",
    ".nest_service(",
    ".route_service(",
    ".fallback_service(",
    ".add_route(",
];

/// Where gateways enrol, at a listener of its own: no page, and what it asks is no person's.
const OF_GATEWAYS: &str = "enrol/endpoint.rs";

/// Gives every route of the program's pages.
pub(crate) fn declared() -> BTreeSet<Route> {
    let mut found = BTreeSet::new();
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let texts = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    let texts: Vec<String> = texts.collect();
    let everything = texts.concat();
    for (file, text) in files.iter().zip(&texts) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        if file.ends_with(OF_GATEWAYS) {
            continue;
        }
        for way in UNREAD {
            assert!(!code.contains(way), "{}: {way} is not read", file.display());
        }
        for (at, start) in code.match_indices(".route(") {
            let arguments = within(&code[at + start.len()..]);
            let (path, handlers) = arguments.split_once(',').unwrap();
            let path = path_of(path.trim(), &everything);
            for method in methods(handlers) {
                let is_new = found.insert((method.clone(), path.clone()));
                assert!(is_new, "{method} {path} is declared twice");
            }
        }
    }
    found
}

/// Lists the program's own sources, without those of tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.contains("test") {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

/// Cuts a text off where the bracket closes that it begins within.
fn within(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..end.unwrap()]
}

/// Reads an address: written out, or a constant of that name.
fn path_of(argument: &str, everything: &str) -> String {
    let quoted = match argument.starts_with('"') {
        true => argument,
        false => {
            let constant = format!("const {argument}: &str = \"/");
            let found: Vec<_> = everything.match_indices(&constant).collect();
            let [(at, _)] = found.as_slice() else {
                panic!("{argument} is not one constant, and not read");
            };
            &everything[*at..]
        }
    };
    quoted.split('"').nth(1).unwrap().to_owned()
}

/// Reads the methods of `get(list::get).post(list::post)`.
fn methods(handlers: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in handlers.match_indices('(') {
        let before = &handlers[..at];
        let name = before.rsplit(|it: char| !it.is_alphanumeric() && it != '_');
        let name = name.into_iter().next().unwrap();
        assert!(METHODS.contains(&name), "{name} in {handlers} is not read");
        found.push(name.to_uppercase());
    }
    assert!(!found.is_empty(), "{handlers} has no method");
    found
}

#[test]
fn every_way_in_which_routes_are_written_is_read() {
    let routes = declared();
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/alerts/{patient}/{number}/take"),
        ("GET", "/alerts/{patient}/{number}/close"),
        ("POST", "/alerts/{patient}/{number}/close"),
        ("GET", "/sign-in/oidc/back"),
        ("GET", "/alerts/live"),
        ("POST", "/patients/{patient}/watch/end"),
    ] {
        let route = (method.to_owned(), path.to_owned());
        assert!(routes.contains(&route), "{method} {path} was not found");
    }
    assert_eq!(path_of("BACK", "const BACK: &str = \"/x\";"), "/x");
    assert_eq!(within("\"/a\", get(b)).route(c"), "\"/a\", get(b)");
    assert_eq!(methods("axum::routing::post(take::post),"), ["POST"]);
    assert_eq!(methods("\n get(a::get)\n .post(a::post)"), ["GET", "POST"]);
}
