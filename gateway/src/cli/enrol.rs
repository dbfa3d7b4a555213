//! `gateway enrol`: a one-time code becomes a name and a certificate.

use std::path::PathBuf;

use anyhow::{Context, bail};
use vitals::report::ErrorCode;

use super::ask::Asker;
use super::{Coded, WithConfig, input};
use crate::config::{self, Config};
use crate::enrol::{self, Enrolment, Fingerprint, Job, ServerUrl};

#[derive(Debug, clap::Args)]
pub(super) struct EnrolArgs {
    #[command(flatten)]
    config: WithConfig,
    #[command(flatten)]
    sheet: JobSheet,
}

/// What stands on the job sheet, where the configuration does not say it for all boxes.
#[derive(Debug, clap::Args)]
pub(super) struct JobSheet {
    /// Where the code is brought, such as https://hearth.example:8443.
    #[arg(long)]
    server: Option<ServerUrl>,
    /// What the server is known by.
    #[arg(long, value_name = "HEX")]
    ca_fingerprint: Option<Fingerprint>,
    /// A file that holds the code, or - to be asked for it. It is never an argument: those can be seen by others.
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
}

impl JobSheet {
    /// Puts together what is on the sheet and in the configuration, and asks for the code.
    ///
    /// # Errors
    /// When something is missing, or the code is none.
    pub(super) fn job(&self, config: &Config, asker: Asker) -> anyhow::Result<Job> {
        let office = config.enrol.as_ref();
        let server = self
            .server
            .clone()
            .or_else(|| office.map(|it| it.server.clone()));
        let fingerprint = self
            .ca_fingerprint
            .or_else(|| office.map(|it| it.ca_fingerprint));
        let about = "it stands on the job sheet; give it with";
        let server =
            server.with_context(|| format!("the server's address is missing: {about} --server"))?;
        let fingerprint = fingerprint.with_context(|| {
            format!("the server's fingerprint is missing: {about} --ca-fingerprint")
        })?;
        let text = match &self.code_file {
            Some(file) => input::secret(file, "Code")?,
            None if asker.is_there() => asker.text("The 8 letters of the job sheet:", "")?,
            None => bail!("give the code with --code-file FILE, or - for the standard input"),
        };
        Ok(Job {
            server,
            fingerprint,
            code: text.parse().coded(ErrorCode::CodeRefused)?,
        })
    }
}

impl EnrolArgs {
    pub(super) async fn run(self) -> anyhow::Result<String> {
        let (config, _) = self.config.load_unnamed()?;
        let enrolment = exchange(&self.config, &config, &self.sheet, Asker::new(false)).await?;
        Ok(describe(&enrolment))
    }
}

/// Brings the code to the server; a box that is enrolled already stays as it is.
///
/// # Errors
/// When the configuration names the box, something is missing, or the server cannot be reached or refuses.
pub(super) async fn exchange(
    file: &WithConfig,
    config: &Config,
    sheet: &JobSheet,
    asker: Asker,
) -> anyhow::Result<Enrolment> {
    let state_dir = config::state_dir_to_enrol(&file.config).coded(ErrorCode::ConfigRefused)?;
    let job = sheet.job(config, asker)?;
    enrol::enrol(&state_dir, job)
        .await
        .coded(ErrorCode::CodeRefused)
}

fn describe(enrolment: &Enrolment) -> String {
    let devices: Vec<String> = enrolment
        .devices
        .iter()
        .map(|device| format!("  {} ({})\n", device.id, device.kind))
        .collect();
    format!(
        "This box is {}. Start the gateway, and pair its devices, each with `gateway pair add`:\n{}",
        enrolment.gateway,
        devices.concat()
    )
}
