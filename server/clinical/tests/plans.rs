//! Plans: the templates of `config/`, what they become together, and who may change them how far.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;

use clinical::plan::{
    Content, HardStops, MergeError, ServiceFile, Template, TemplateFile, Wishes, merge,
};
use clinical::score::ScoreTable;
use clinical::{Limits, Plan, PlanVersion};
use jiff::Timestamp;

#[path = "plans/changes.rs"]
mod changes;
#[path = "plans/laws.rs"]
mod laws;
#[path = "plans/proposals.rs"]
mod proposals;
#[path = "plans/refusals.rs"]
mod refusals;
#[path = "plans/templates.rs"]
mod templates;

fn config(path: &str) -> String {
    fs::read_to_string(format!("../../config/{path}")).unwrap()
}

fn service() -> ServiceFile {
    toml::from_str(&config("service.toml")).unwrap()
}

fn tables() -> BTreeMap<String, ScoreTable> {
    let news2 = toml::from_str(&config("scores/news2.toml")).unwrap();
    BTreeMap::from([("news2".to_owned(), news2)])
}

/// Every template of the folder, by its name.
fn templates() -> BTreeMap<String, Template> {
    let files = fs::read_dir("../../config/templates").unwrap();
    let load = |file: fs::DirEntry| {
        let text = fs::read_to_string(file.path()).unwrap();
        let template: TemplateFile = toml::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.path().display()));
        let template = template.resolve(&service(), &tables());
        let template = template.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            file.file_name().to_str().unwrap(),
            format!("{}.toml", template.name),
            "a template is in the file of its name"
        );
        (template.name.to_string(), template)
    };
    files.map(|file| load(file.unwrap())).collect()
}

/// The wishes of somebody whose dry weight is 81 kg, if anybody asks.
fn answers(templates: &[&Template]) -> Wishes {
    let asks = templates.iter().flat_map(|it| &it.asks);
    Wishes {
        answers: asks
            .map(|ask| (ask.key.clone(), "81".to_owned().try_into().unwrap()))
            .collect(),
        ..Wishes::default()
    }
}

fn merged(templates: &[&Template]) -> Result<Content, MergeError> {
    merge(templates, &answers(templates))
}

fn hard_stops() -> HardStops {
    toml::from_str(&config("hard-stops.toml")).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-21T08:00:00Z")
}

/// The first plan of a patient with these templates.
fn plan(names: &[&str]) -> Plan {
    let all = templates();
    let picked: Vec<&Template> = names.iter().map(|name| &all[*name]).collect();
    in_force(merged(&picked).unwrap())
}

fn in_force(content: Content) -> Plan {
    let reason = "Started from templates.".to_owned();
    content.into_plan(
        PlanVersion(1),
        "dr-bell".parse().unwrap(),
        reason,
        None,
        now(),
    )
}

/// Limits as four numbers, `-` for none.
fn limits(text: &str) -> Limits {
    let mut lines = text.split_whitespace().map(|it| it.parse().ok());
    let mut next = || lines.next().flatten();
    Limits::new(next(), next(), next(), next()).unwrap()
}
