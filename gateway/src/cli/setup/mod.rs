//! `gateway setup`: from a box out of the bag to a home that is monitored, in seven steps that can be left and taken up
//! again at any time.

mod code;
mod devices;
mod look;
mod place;
mod sign_off;
mod test_reading;

use std::process::ExitCode;

use serde::Serialize;
use vitals::DeviceId;

use super::ask::Asker;
use super::{WithConfig, enrol::JobSheet};
use crate::bindings::Address;
use crate::config::Config;
use crate::setup::{Notes, Step};

#[derive(Debug, clap::Args)]
pub(super) struct SetupArgs {
    #[command(flatten)]
    config: WithConfig,
    #[command(flatten)]
    sheet: JobSheet,
    /// A device whose address is known: its name and address, such as cuff-1=AA:BB:CC:DD:EE:FF.
    #[arg(long = "device", value_name = "ID=ADDRESS", value_parser = named_address)]
    devices: Vec<(DeviceId, Address)>,
    /// A device of the kit that is left for later.
    #[arg(long = "skip", value_name = "ID")]
    skipped: Vec<DeviceId>,
    /// How long to wait for a test reading of each device, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    test_wait: u64,
    #[command(flatten)]
    sign_off: sign_off::SignOffArgs,
    /// Ask nothing: what is needed is given by the options.
    #[arg(long)]
    no_input: bool,
    /// Say at the end what came of each step, as JSON.
    #[arg(long)]
    json: bool,
    /// Only look: do the first two steps and say which would follow.
    #[arg(long)]
    dry_run: bool,
}

/// What a step said when it was done.
#[derive(Debug, Serialize)]
struct Done {
    step: Step,
    said: Vec<String>,
}

/// What every step needs.
struct Visit<'a> {
    args: &'a SetupArgs,
    asker: Asker,
    notes: Notes,
    said: Vec<String>,
}

impl Visit<'_> {
    /// Says what a step found or did.
    fn say(&mut self, line: impl Into<String>) {
        let line = line.into();
        eprintln!("    {line}");
        self.said.push(line);
    }

    fn config(&self) -> anyhow::Result<Config> {
        self.args.config.load()
    }

    fn keep_notes(&self, config: &Config) -> anyhow::Result<()> {
        self.notes.keep(&config.state_dir)
    }
}

impl SetupArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, _) = self.config.load_unnamed()?;
        let mut visit = Visit {
            asker: Asker::new(self.no_input),
            notes: Notes::read(&config.state_dir)?,
            args: &self,
            said: Vec::new(),
        };
        let mut done = Vec::new();
        for step in Step::ALL {
            eprintln!(" {}/{} {}", step.number(), Step::ALL.len(), step.title());
            if self.dry_run && step > Step::Internet {
                continue;
            }
            take(step, &mut visit).await?;
            let said = std::mem::take(&mut visit.said);
            done.push(Done { step, said });
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&done)?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn take(step: Step, visit: &mut Visit<'_>) -> anyhow::Result<()> {
    match step {
        Step::Box => look::at_box(visit).await,
        Step::Internet => look::at_internet(visit).await,
        Step::Code => code::enrol(visit).await,
        Step::Devices => devices::pair_all(visit).await,
        Step::TestReading => test_reading::send_all(visit).await,
        Step::Place => place::look(visit).await,
        Step::SignOff => sign_off::sign(visit).await,
    }
}

fn named_address(text: &str) -> Result<(DeviceId, Address), String> {
    let about = "write it like cuff-1=AA:BB:CC:DD:EE:FF";
    let (id, address) = text.split_once('=').ok_or(about)?;
    let id = id.parse().map_err(|error| format!("{error}; {about}"))?;
    let address = address
        .parse()
        .map_err(|error| format!("{error}; {about}"))?;
    Ok((id, address))
}
