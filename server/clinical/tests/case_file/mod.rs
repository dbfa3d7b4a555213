//! Case files: what a clinician writes to say what must follow, read from JSON and run.
//!
//! A file has a title, a source, a plan and steps; each step has one thing that happens and the lines that must follow.
//! Before a step, every deadline that was due fires; its lines come first, with their time in front.

mod event;
mod nursing;
mod plan;
mod run;
mod step;

use std::path::{Path, PathBuf};

use clinical::{PersonId, Plan};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use plan::Draft;
pub(crate) use run::StepRun;
use step::CaseStep;

/// A case as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    /// What the case shows.
    pub(crate) title: String,
    /// Where that is from.
    pub(crate) source: String,
    /// The hazards of `safety.md` that it guards against: `H9`.
    #[serde(default)]
    pub(crate) hazards: Vec<String>,
    /// Templates of the plan, from `config/templates`.
    #[serde(default)]
    templates: Vec<String>,
    /// What the clinician says of this patient: answers to what templates ask, choices where they disagree.
    #[serde(default)]
    wishes: Value,
    /// The first day of the plan, from which its review is counted.
    in_force_from: Option<Date>,
    /// Parts of the plan, from `tests/cases/parts`.
    #[serde(default)]
    parts: Vec<String>,
    /// Limits by vital sign, over those of templates and parts.
    #[serde(default)]
    plan: Value,
    /// Everything else of the plan, over that of templates and parts.
    #[serde(default)]
    care: Value,
    coordinator: Option<PersonId>,
    steps: Vec<Value>,
}

/// Everything that a case did.
pub(crate) struct Run {
    /// The first plan.
    pub(crate) plan: Plan,
    /// The steps, in order.
    pub(crate) steps: Vec<StepRun>,
}

impl CaseFile {
    /// Reads a case.
    ///
    /// # Errors
    /// What is wrong with the file, with its name.
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        read_json(file)
    }

    /// Runs a case from its first step to its last.
    ///
    /// # Errors
    /// What of the file cannot be understood.
    pub(crate) fn run(&self) -> Result<Run, String> {
        let draft = Draft {
            templates: self.templates.clone(),
            wishes: self.wishes.clone(),
            in_force_from: self.in_force_from,
            parts: self.parts.clone(),
            plan: self.plan.clone(),
            care: self.care.clone(),
        };
        let plan = draft.plan(1)?;
        let coordinator = match &self.coordinator {
            Some(person) => person.clone(),
            None => "nurse-ann".parse().map_err(|_| "no person".to_owned())?,
        };
        let steps = self.steps.iter().enumerate().map(|(number, it)| {
            let step: CaseStep = serde_json::from_value(it.clone())
                .map_err(|error| format!("step {}: {error}", number + 1))?;
            Ok((step, in_short(it)))
        });
        let steps: Vec<(CaseStep, String)> = steps.collect::<Result<_, String>>()?;
        let steps = run::run(coordinator, &plan, &steps)?;
        Ok(Run { plan, steps })
    }
}

/// Gives what happens in a step, as it is written.
fn in_short(step: &Value) -> String {
    let mut step = step.clone();
    if let Some(fields) = step.as_object_mut() {
        for name in ["at", "why", "expect"] {
            fields.remove(name);
        }
    }
    step.to_string()
}

fn read_json<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = read_text(file)?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no case: {error}", file.display()))
}

fn read_text(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))
}

/// Gives a path of the repository, wherever the program runs.
fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}
