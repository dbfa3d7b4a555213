//! `gateway doctor`: everything that can be looked at, the worst and what to do about it last, where the eye lands.

use std::fmt::Write;
use std::process::ExitCode;

use vitals::report::{Explained, Finding, Group, Outcome, Report};

use super::{WithConfig, status};
use crate::clock::Clock;
use crate::config::Config;
use crate::doctor::{self, Health, Patient};

const EXIT_WARNINGS: u8 = 3;
const EXIT_FAILURES: u8 = 4;

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    config: WithConfig,
    /// As JSON, of a form that stays.
    #[arg(long)]
    json: bool,
    /// First mend what can be mended by itself: who may read the keys, an adapter that is switched off.
    #[arg(long)]
    fix: bool,
}

impl DoctorArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, is_named) = self.config.load_unnamed()?;
        if self.fix {
            for done in doctor::fix(&config).await? {
                eprintln!("mended: {done}");
            }
        }
        let report = report(&config, is_named, status::health(&config).await).await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{}", describe(&report));
        }
        Ok(match report.worst() {
            Outcome::Fail => ExitCode::from(EXIT_FAILURES),
            Outcome::Warn => ExitCode::from(EXIT_WARNINGS),
            Outcome::Pass | Outcome::Skipped => ExitCode::SUCCESS,
        })
    }
}

/// Looks at this box from beside the running gateway.
pub(super) async fn report(
    config: &Config,
    is_named: bool,
    health: Result<Health, String>,
) -> Report {
    doctor::examine(Patient {
        config,
        is_named,
        health,
        clock: &Clock::system(),
    })
    .await
}

/// Writes a report for a person: a line a check, then what is wrong from least to worst, each with what to do.
pub(super) fn describe(report: &Report) -> String {
    let mut text = String::new();
    let mut group = None;
    for finding in &report.findings {
        if group != Some(finding.group) {
            group = Some(finding.group);
            let _ = writeln!(text, "{}", heading(finding.group));
        }
        let _ = writeln!(
            text,
            "  {} {} – {}",
            finding.outcome, finding.check, finding.detail
        );
    }
    let mut wrong: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|it| it.code.is_some())
        .collect();
    wrong.sort_by_key(|finding| finding.outcome);
    for finding in wrong {
        let Some(code) = finding.code else { continue };
        let Explained {
            happened,
            cause,
            next,
        } = code.explained();
        let _ = writeln!(
            text,
            "\n{} {code}  {happened}  ({}: {})\n  Likely cause: {cause}\n  Try next:     {next}",
            finding.outcome, finding.check, finding.detail
        );
    }
    if report.worst() <= Outcome::Pass {
        text.push_str("\nEverything that could be looked at is well.\n");
    }
    text
}

fn heading(group: Group) -> &'static str {
    match group {
        Group::Box => "Box",
        Group::Network => "Network",
        Group::Identity => "Identity",
        Group::Bluetooth => "Bluetooth",
        Group::Devices => "Devices",
        Group::Gateway => "Gateway",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::report::{ErrorCode, REPORT_SCHEMA};

    #[test]
    fn the_worst_and_what_to_do_stand_last() {
        let report = Report {
            schema: REPORT_SCHEMA,
            gateway: None,
            at: jiff::Timestamp::UNIX_EPOCH,
            software_version: "0.1.0".to_owned(),
            findings: vec![
                Finding::fail(Group::Bluetooth, "adapter", ErrorCode::NoAdapter, "none"),
                Finding::warn(
                    Group::Devices,
                    "battery cuff-1",
                    ErrorCode::BatteryLow,
                    "8 %",
                ),
                Finding::pass(Group::Gateway, "runs", "every part gets on"),
            ],
            sign_off: None,
        };
        let text = describe(&report);
        let place = |needle: &str| {
            text.find(needle)
                .unwrap_or_else(|| panic!("{needle}: {text}"))
        };
        assert!(place("✓ runs – every part gets on") < place("! E-DEV-02"));
        assert!(place("! E-DEV-02") < place("✗ E-BT-02"));
        assert!(text.trim_end().ends_with("then try another one."), "{text}");
    }
}
