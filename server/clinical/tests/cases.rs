//! Cases that a clinician can read: a plan, what happens, and the decisions that must follow.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "case_file/mod.rs"]
mod case_file;

use std::path::{Path, PathBuf};

use case_file::CaseFile;
use clinical::{Decision, Plan};

/// Every case file, by topic and name.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files = Vec::new();
    for topic in std::fs::read_dir(folder).unwrap() {
        let topic = topic.unwrap().path();
        if topic.ends_with("parts") {
            continue;
        }
        let cases = std::fs::read_dir(topic).unwrap();
        files.extend(cases.map(|it| it.unwrap().path()));
    }
    files.sort();
    files
}

#[test]
fn every_case_says_where_it_is_from() {
    for file in files() {
        let case = CaseFile::read(&file).unwrap();
        let name = file.display();
        assert!(
            case.source.trim().len() > 2,
            "{name}: a case names its source"
        );
        assert!(
            case.title.trim().len() > 10,
            "{name}: a case says what it shows"
        );
        let is_hazard = |it: &String| {
            let number = it.strip_prefix('H').and_then(|it| it.parse().ok());
            number.is_some_and(|it: u8| (1..=15).contains(&it))
        };
        assert!(
            case.hazards.iter().all(is_hazard),
            "{name}: hazards are H1 to H15"
        );
    }
}

#[test]
fn what_every_case_decides_is_written_and_read_back_the_same() {
    for file in files() {
        let run = CaseFile::read(&file).unwrap().run().unwrap();
        let text = serde_json::to_string(&run.plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), run.plan);
        for decision in run.steps.iter().flat_map(|it| &it.decisions) {
            let text = serde_json::to_string(decision).unwrap();
            let read: Decision = serde_json::from_str(&text).unwrap();
            assert_eq!(&read, decision, "{}", file.display());
        }
    }
}

#[test]
fn every_case_is_decided_as_written() {
    let mut wrong = Vec::new();
    for file in files() {
        let case = CaseFile::read(&file).unwrap();
        let run = case
            .run()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for step in &run.steps {
            if step.lines != step.expect {
                wrong.push(format!(
                    "{}\n  {}\n  at {}: {}\n  expected {:#?}\n  decided {:#?}",
                    file.display(),
                    case.title,
                    step.at,
                    step.what,
                    step.expect,
                    step.lines
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} steps differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
