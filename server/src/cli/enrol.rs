//! `server install-job` and `server revoke`: a code for a new box, and the end of one.

use std::str::FromStr;

use anyhow::{Context, bail};
use clap::Args;
use clinical::PatientId;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use vitals::{DeviceId, GatewayId};

use super::audit::{note_box, operator};
use super::{ConfigFile, say};
use crate::audit::{self, Action, Entry};
use crate::boxes::steps;
use crate::clock::Clock;
use crate::enrol::authority::Authority;
use crate::enrol::config::EnrolConfig;
use crate::enrol::jobs::{Armed, JobPlan, arm, replacement};
use crate::store::Store;
use crate::store::devices::DeviceKind;

#[derive(Debug, Args)]
pub(super) struct InstallJobArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose home it is
    #[arg(long, required_unless_present = "replaces")]
    patient: Option<PatientId>,
    /// A device of that home, as ID=KIND: cuff, oximeter, scale or thermometer; once for each
    #[arg(
        long = "device",
        value_name = "ID=KIND",
        required_unless_present = "replaces"
    )]
    devices: Vec<NamedDevice>,
    /// Put the box in the place of this one: the same patient, the same devices, and nothing more to be named
    #[arg(long, value_name = "GATEWAY", conflicts_with_all = ["patient", "devices"])]
    replaces: Option<GatewayId>,
    /// Keep the job for this box, which came back and is in stock
    #[arg(long = "box", value_name = "GATEWAY")]
    for_box: Option<GatewayId>,
}

/// A device as it is named on the command line.
#[derive(Debug, Clone)]
struct NamedDevice(DeviceId, DeviceKind);

impl FromStr for NamedDevice {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (id, kind) = text
            .split_once('=')
            .context("write ID=KIND, such as cuff-7=cuff")?;
        let kind = DeviceKind::from_code(kind)
            .context("the kind is cuff, oximeter, scale or thermometer")?;
        Ok(Self(id.parse()?, kind))
    }
}

impl InstallJobArgs {
    pub(super) async fn run(self, clock: &Clock) -> anyhow::Result<()> {
        let config = self.config.load()?;
        let enrol = config.enrol.context(
            "boxes cannot be enrolled: write the table [enrol] in the configuration, as in the sample server.toml",
        )?;
        let authority = Authority::load_or_make(&enrol.folder, clock)?;
        let store = self.config.open().await?;
        let plan = self.plan(&store).await;
        let mut armed = match plan {
            Ok(plan) => arm(&store, &authority, &plan, clock).await,
            Err(error) => Err(error),
        };
        if let Ok(job) = &armed {
            let noted = note_box(&store, &job.gateway, "install job armed", clock.now()).await;
            armed = noted.and(armed);
        }
        store.close().await;
        say(&job_sheet(&armed?, &enrol, &authority.fingerprint())?)
    }
}

impl InstallJobArgs {
    async fn plan(self, store: &Store) -> anyhow::Result<JobPlan> {
        let named = self.devices.into_iter();
        let plan = match &self.replaces {
            Some(old) => replacement(store, old).await?,
            None => JobPlan {
                patient: self.patient.context("say whose home it is: --patient")?,
                devices: named.map(|NamedDevice(id, kind)| (id, kind)).collect(),
                for_box: None,
                replaces: None,
            },
        };
        Ok(JobPlan {
            for_box: self.for_box,
            ..plan
        })
    }
}

/// What the installer takes along: the code can be shown only now.
fn job_sheet(armed: &Armed, enrol: &EnrolConfig, fingerprint: &str) -> anyhow::Result<String> {
    let (code, url) = (armed.code.for_job_sheet(), enrol.url()?);
    // What follows a # is not sent by a browser that somebody opens it with.
    let scanned = QrCode::new(format!("{url}/#{code}/{fingerprint}"))?
        .render::<Dense1x2>()
        .build();
    Ok(format!(
        "{scanned}\n\nCode: {code}\nGood until {}, for one box, which will be called {}.\n\nOn the box:\n\n    \
         gateway enrol --config gateway.toml --server {url} \\\n        --ca-fingerprint {fingerprint} \\\n        --code-file -\n\n\
         It asks for the code.",
        armed.expires_at, armed.gateway
    ))
}

#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The gateway of which nothing is believed from now on
    gateway: GatewayId,
    /// Who revokes it
    #[arg(long, default_value = "the office")]
    by: String,
    /// Why
    #[arg(long, default_value = "revoked")]
    why: String,
}

impl RevokeArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let mut write = store.write().await?;
        let word = steps::Word {
            by: &self.by,
            why: &self.why,
        };
        let now = clock.now();
        let since = steps::revoke(&mut write, &self.gateway, word, now).await?;
        if since.is_some() {
            let entry = Entry::new(operator(), Action::BoxChanged).about(&self.gateway);
            audit::append(&mut write, &[entry.detail("revoked")], now).await?;
        }
        write
            .commit()
            .await
            .context("the revocation cannot be committed")?;
        store.close().await;
        match since {
            Some(since) => say(&format!(
                "{} is revoked since {since}: what it sends is set aside, and it may not connect again.",
                self.gateway
            )),
            None => bail!("there is no gateway {}", self.gateway),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_with_its_kind() {
        let NamedDevice(id, kind) = "cuff-7=cuff".parse().unwrap();
        assert_eq!((id.as_str(), kind), ("cuff-7", DeviceKind::Cuff));
        for wrong in ["cuff-7", "cuff-7=phone", "Cuff 7=cuff"] {
            assert!(wrong.parse::<NamedDevice>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_job_sheet_says_all_that_the_installer_needs() {
        let armed = Armed {
            gateway: "gw-wdjbmj".parse().unwrap(),
            code: "KLMN-PQRS".parse().unwrap(),
            expires_at: "2026-11-27T09:00:00Z".parse().unwrap(),
        };
        let enrol = toml::from_str(
            "folder = \"/x\"\nlisten = \"0.0.0.0:8443\"\nnames = [\"hearth.example\"]",
        )
        .unwrap();
        let sheet = job_sheet(&armed, &enrol, &"ab".repeat(32)).unwrap();
        for said in [
            "KLMN-PQRS",
            "gw-wdjbmj",
            "2026-11-27T09:00:00Z",
            "--server https://hearth.example:8443",
            &"ab".repeat(32),
            "▀",
        ] {
            assert!(sheet.contains(said), "{said}\n{sheet}");
        }
        let command = sheet.split("On the box:").nth(1).unwrap();
        assert!(!command.contains("KLMN"), "a code is never an argument");
        let widest = sheet.lines().map(|line| line.chars().count()).max();
        assert!(widest.unwrap() <= 100, "it fits a terminal");
    }
}
