//! Cases that a clinician can read: a plan, what happens, and the decisions that must follow.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "case_file/mod.rs"]
mod case_file;
#[path = "tables/mod.rs"]
mod tables;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use case_file::{CaseFile, Run};
use clinical::{Decision, Plan, Problem, RuleKind};

/// The fewest cases that there are.
const CASES_LEN_MIN: usize = 150;
/// Every kind of decision.
const DECISIONS: [&str; 39] = [
    "judge",
    "ask_for_repeat",
    "open_alert",
    "add_evidence",
    "worsen",
    "set_condition",
    "take",
    "close",
    "adopt_plan",
    "assign_coordinator",
    "want_repeat",
    "count_unusable",
    "forget_unusable",
    "note_clock",
    "suspect",
    "end_suspicion",
    "set_ownership",
    "step_up",
    "end_by_itself",
    "reopen",
    "expect",
    "window_met",
    "window_missed",
    "nudge_patient",
    "note_answers",
    "pause",
    "resume",
    "note_term",
    "set_tier",
    "expect_nothing",
    "note_contact",
    "strike",
    "take_back_strike",
    "forget_suspicion",
    "weigh_anew",
    "discharge",
    "start_again",
    "watch",
    "end_watch",
];

/// A case and what it did.
struct Ran {
    name: String,
    case: CaseFile,
    run: Run,
}

impl Ran {
    /// Names the case as tables do: `late/over-since`.
    fn place(&self) -> String {
        let file = Path::new(&self.name).with_extension("");
        let place = file.strip_prefix(folder()).unwrap();
        place.display().to_string()
    }
}

/// Runs every case, by topic and name.
fn all() -> Vec<Ran> {
    let topics = entries(&folder());
    let topics = topics.into_iter().filter(|it| !it.ends_with("parts"));
    let files = topics.flat_map(|topic| entries(&topic));
    let run = |file: PathBuf| {
        let name = file.display().to_string();
        let case = CaseFile::read(&file).unwrap();
        let run = case.run().unwrap_or_else(|error| panic!("{name}: {error}"));
        Ran { name, case, run }
    };
    files.map(run).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut entries: Vec<_> = entries.map(|it| it.unwrap().path()).collect();
    entries.sort();
    entries
}

#[test]
fn every_case_is_decided_as_written() {
    let mut wrong = Vec::new();
    for Ran { name, case, run } in all() {
        for step in run.steps.iter().filter(|it| it.lines != it.expect) {
            wrong.push(format!(
                "{name}\n  {}\n  at {}: {}\n  expected {:#?}\n  decided {:#?}",
                case.title, step.at, step.what, step.expect, step.lines
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} steps differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_case_says_where_it_is_from() {
    let all = all();
    assert!(all.len() >= CASES_LEN_MIN, "{} cases", all.len());
    for Ran { name, case, .. } in all {
        assert!(
            case.source.trim().len() > 2,
            "{name}: a case names its source"
        );
        assert!(
            case.title.trim().len() > 10,
            "{name}: a case says what it shows"
        );
    }
}

#[test]
fn every_problem_and_every_kind_of_decision_occurs() {
    let (mut problems, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for decision in all()
        .iter()
        .flat_map(|it| &it.run.steps)
        .flat_map(|it| &it.decisions)
    {
        if let Decision::OpenAlert { problem, .. } = decision {
            problems.insert(*problem);
        }
        let written = serde_json::to_value(decision).unwrap();
        kinds.insert(written["decision"].as_str().unwrap().to_owned());
    }
    for problem in Problem::ALL {
        assert!(problems.contains(&problem), "no case opens {problem:?}");
    }
    for kind in DECISIONS {
        assert!(kinds.contains(kind), "no case decides {kind}");
    }
}

#[test]
fn every_kind_of_rule_holds_and_lacks_data_in_some_case() {
    let (mut holding, mut lacking) = (BTreeSet::new(), BTreeSet::new());
    for Ran { run, .. } in all() {
        for decision in run.steps.iter().flat_map(|it| &it.decisions) {
            if let Decision::OpenAlert { evidence, .. } = decision {
                let rules = evidence.holdings.iter().map(|it| it.rule.to_string());
                holding.extend(rules.filter_map(|it| kind_of(&run.plan, &it)));
            }
        }
        for step in run.steps.iter().filter(|it| it.what.contains("asks_rule")) {
            let asked: serde_json::Value = serde_json::from_str(&step.what).unwrap();
            if step.lines.concat().starts_with("Not enough data yet") {
                lacking.extend(kind_of(&run.plan, asked["asks_rule"].as_str().unwrap()));
            }
        }
    }
    let all = [
        "n_of_m",
        "change",
        "against_median",
        "from_baseline",
        "home_average",
        "trend",
        "combined",
        "irregular_pulse",
    ];
    for kind in all {
        assert!(holding.contains(kind), "{kind} holds in no case");
        assert!(lacking.contains(kind), "{kind} lacks data in no case");
    }
}

fn kind_of(plan: &Plan, rule: &str) -> Option<&'static str> {
    let rule = plan.care.rules.iter().find(|it| it.id().as_str() == rule)?;
    Some(match rule.kind() {
        RuleKind::NOfM(_) => "n_of_m",
        RuleKind::Change(_) => "change",
        RuleKind::AgainstMedian(_) => "against_median",
        RuleKind::FromBaseline(_) => "from_baseline",
        RuleKind::HomeAverage(_) => "home_average",
        RuleKind::Trend(_) => "trend",
        RuleKind::Combined(_) => "combined",
        RuleKind::IrregularPulse(_) => "irregular_pulse",
    })
}

#[test]
fn what_every_case_decides_is_written_and_read_back_the_same() {
    for Ran { name, run, .. } in all() {
        let text = serde_json::to_string(&run.plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), run.plan);
        for decision in run.steps.iter().flat_map(|it| &it.decisions) {
            let text = serde_json::to_string(decision).unwrap();
            let read: Decision = serde_json::from_str(&text).unwrap();
            assert_eq!(&read, decision, "{name}");
        }
    }
}

#[test]
fn every_template_has_a_case() {
    let used: BTreeSet<String> = all()
        .iter()
        .flat_map(|it| it.run.plan.care.templates.clone())
        .collect();
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/templates");
    for file in entries(&templates) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert!(used.contains(name), "{name} has no case");
    }
}

#[test]
fn a_file_that_is_no_case_is_refused_with_its_name() {
    let said = |file: &Path| CaseFile::read(file).err().unwrap();
    let missing = said(&folder().join("nothing.json"));
    assert!(missing.contains("nothing.json cannot be read"), "{missing}");
    let manifest = said(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    assert!(manifest.contains("Cargo.toml is no case"), "{manifest}");
}

#[test]
fn a_step_is_refused_when_not_exactly_one_thing_happens() {
    let said = |step: &str| {
        let text = format!(r#"{{"title":"t","source":"s","steps":[{step}]}}"#);
        let case: CaseFile = serde_json::from_str(&text).unwrap();
        case.run().err().unwrap()
    };
    let none = said(r#"{"at":"2026-11-23 08:00","expect":[]}"#);
    assert!(none.contains("step 1: nothing happens"), "{none}");
    let two = said(r#"{"at":"2026-11-23 08:00","nothing":true,"resumes":"ann","expect":[]}"#);
    assert!(two.contains("step 1: several things happen"), "{two}");
    let wrong = said(r#"{"at":"23 November","nothing":true,"expect":[]}"#);
    assert!(
        wrong.contains("is no time like 2026-11-21 08:00"),
        "{wrong}"
    );
    let unknown = said(r#"{"at":"2026-11-23 08:00","mesured":{},"expect":[]}"#);
    assert!(unknown.contains("mesured"), "{unknown}");
}
