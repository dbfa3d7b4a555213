//! `gateway enrol`: a one-time code becomes a name and a certificate.

use std::path::PathBuf;

use vitals::report::ErrorCode;

use super::{Coded, WithConfig, input};
use crate::config;
use crate::enrol::{self, Enrolment, Fingerprint, Job, ServerUrl};

#[derive(Debug, clap::Args)]
pub(super) struct EnrolArgs {
    #[command(flatten)]
    config: WithConfig,
    #[command(flatten)]
    sheet: JobSheet,
}

/// What stands on the job sheet.
#[derive(Debug, clap::Args)]
pub(super) struct JobSheet {
    /// Where the code is brought, from the job sheet, such as https://hearth.example:8443.
    #[arg(long)]
    server: ServerUrl,
    /// What the server is known by, from the job sheet.
    #[arg(long, value_name = "HEX")]
    ca_fingerprint: Fingerprint,
    /// A file that holds the code, or - to be asked for it. It is never an argument: those can be seen by others.
    #[arg(long, value_name = "FILE")]
    code_file: PathBuf,
}

impl EnrolArgs {
    pub(super) async fn run(self) -> anyhow::Result<String> {
        let state_dir =
            config::state_dir_to_enrol(&self.config.config).coded(ErrorCode::ConfigRefused)?;
        let text = input::secret(&self.sheet.code_file, "Code")?;
        let job = Job {
            server: self.sheet.server,
            fingerprint: self.sheet.ca_fingerprint,
            code: text.parse().coded(ErrorCode::CodeRefused)?,
        };
        let enrolment = enrol::enrol(&state_dir, job).await?;
        Ok(describe(&enrolment))
    }
}

fn describe(enrolment: &Enrolment) -> String {
    let devices: Vec<String> = enrolment
        .devices
        .iter()
        .map(|device| format!("  {} ({})\n", device.id, device.kind))
        .collect();
    format!(
        "This box is {}. Write its devices into the configuration, each with its address:\n{}",
        enrolment.gateway,
        devices.concat()
    )
}
