//! Prints a case: its plan in short, what happens, and each decision that follows, in words and as JSON with `--json`.

#[path = "../tests/case_file/mod.rs"]
mod case_file;

use std::path::Path;
use std::process::ExitCode;

use case_file::{CaseFile, StepRun};
use clinical::{Plan, sentence};

const USAGE: &str = "usage: cargo run -p clinical --example decide [--json] CASE.json\n\
    cases are in server/clinical/tests/cases";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = arguments.len();
    arguments.retain(|it| it != "--json");
    let as_json = arguments.len() < count;
    let [file] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match print(Path::new(file), as_json) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("The decisions are not those that the case expects.");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a case, and tells whether it was decided as it expects.
fn print(file: &Path, as_json: bool) -> Result<bool, String> {
    let case = CaseFile::read(file)?;
    let run = case.run()?;
    println!("{}", case.title);
    println!("  source: {}", case.source);
    if !case.hazards.is_empty() {
        println!("  hazards: {}", case.hazards.join(", "));
    }
    print_plan(&run.plan);
    for step in &run.steps {
        print_step(step, as_json)?;
    }
    Ok(run.steps.iter().all(|it| it.lines == it.expect))
}

fn print_plan(plan: &Plan) {
    println!("plan {}", plan.version);
    for (sign, limits) in &plan.limits {
        let limits: Vec<String> = limits.lines().iter().map(sentence::limit).collect();
        println!("  {}: {}", sign.name(), limits.join(", "));
    }
    for rule in &plan.care.rules {
        println!("  rule {} ({})", rule.id(), rule.priority().name());
    }
    for (sign, confirmation) in &plan.care.confirmation {
        let wait = |minutes: Option<u32>| {
            minutes.map_or_else(|| "at once".to_owned(), |it| format!("after {it} minutes"))
        };
        let (urgent, soon) = (
            wait(confirmation.urgent_minutes),
            wait(confirmation.soon_minutes),
        );
        println!(
            "  {} without a repeat: urgent {urgent}, soon {soon}",
            sign.name()
        );
    }
    for expected in &plan.care.schedule.expected {
        let windows: Vec<String> = expected.windows.iter().map(ToString::to_string).collect();
        let (name, every) = (expected.what.name(), expected.every);
        println!("  {name} expected {every}, {}", windows.join(", "));
    }
    for (priority, response) in &plan.care.escalation.0 {
        let (take, act) = (response.take_minutes, response.act_minutes);
        println!(
            "  {}: take within {take} minutes, act within {act}",
            priority.name()
        );
    }
    println!("  hours: {}", plan.care.hours);
}

fn print_step(step: &StepRun, as_json: bool) -> Result<(), String> {
    println!("{}  {}", step.at, step.what);
    for line in &step.lines {
        println!("    {line}");
    }
    if as_json {
        for decision in &step.decisions {
            let text = serde_json::to_string(decision).map_err(|error| error.to_string())?;
            println!("    {text}");
        }
    }
    if step.lines != step.expect {
        println!("    but expected:");
        for line in &step.expect {
            println!("    {line}");
        }
    }
    Ok(())
}
