//! Pages: each route that answers a GET is opened by the browser test of every page, or said to be no page.

use std::collections::BTreeSet;
use std::path::PathBuf;

use hearth_tests::pages::{NOT_PAGES, PAGES};

use crate::tree::rust_files;

/// Routes that are not written out where they are mounted: what comes back from another service is no page.
const NAMED: [&str; 1] = ["BACK"];

/// Gives the argument list that begins behind an opening bracket.
fn arguments(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|it| {
        match it {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &text[..end.unwrap_or(text.len())]
}

/// Gives every route that is mounted in a source text for GET; one without a written-out path by the name of its constant.
fn routes(text: &str) -> Vec<String> {
    let mounted = text.split(".route(").skip(1).map(arguments);
    let gets = mounted.filter(|it| {
        let mut calls = it.match_indices("get(");
        calls.any(|(at, _)| {
            !it[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
        })
    });
    gets.filter_map(|it| it.split_once(','))
        .map(|(path, _)| path.trim().trim_matches('"').to_owned())
        .collect()
}

fn sources() -> Vec<(PathBuf, String)> {
    let sources = rust_files().into_iter();
    sources
        .filter(|(file, _)| file.starts_with("server/src"))
        .collect()
}

#[test]
fn no_page_is_forgotten() {
    let known: BTreeSet<&str> = PAGES.iter().map(|it| it.route).collect();
    let others: BTreeSet<&str> = NOT_PAGES.iter().map(|(route, _)| *route).collect();
    let mut mounted = BTreeSet::new();
    for (file, text) in sources() {
        for route in routes(&text) {
            let is_known = known.contains(&*route) || others.contains(&*route);
            assert!(
                is_known || NAMED.contains(&&*route),
                "{} mounts {route}: add a line for it to tests/harness/pages.rs",
                file.display()
            );
            mounted.insert(route);
        }
    }
    assert!(
        mounted.len() > 50,
        "only {} routes were found",
        mounted.len()
    );
    for route in known.union(&others) {
        assert!(mounted.contains(*route), "{route} is mounted nowhere");
    }
}

#[test]
fn a_route_is_read_as_it_is_mounted() {
    let text = r#"
        Router::new()
            .route("/one", get(one::get).post(one::post))
            .route("/two", post(two::forget(3)))
            .route(
                "/three/{it}",
                axum::routing::get(three::get),
            )
            .route(FOUR, get(four))
    "#;
    assert_eq!(routes(text), ["/one", "/three/{it}", "FOUR"]);
}
