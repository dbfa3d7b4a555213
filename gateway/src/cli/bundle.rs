//! `gateway support-bundle`: what support staff need, in one file; no readings, no names, no addresses, no secrets.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};

use super::{WithConfig, check_config, doctor, status};

/// The last lines of the log that are taken along.
const LOG_LINES_MAX: u32 = 2000;
/// How much of the bundle's hash its reference is, in bytes.
const REFERENCE_LEN: usize = 4;

#[derive(Debug, clap::Args)]
pub(super) struct BundleArgs {
    #[command(flatten)]
    config: WithConfig,
    /// Where the bundle is written.
    #[arg(long, value_name = "FILE", default_value = "hearth-support.tar.gz")]
    output: PathBuf,
    /// Only say what would be in it.
    #[arg(long)]
    dry_run: bool,
}

/// One file of the bundle.
struct Part {
    name: &'static str,
    text: String,
}

impl BundleArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (config, is_named) = self.config.load_unnamed()?;
        let health = status::health(&config).await;
        let report = doctor::report(&config, is_named, health.clone()).await;
        let parts = [
            Part {
                name: "doctor.json",
                text: serde_json::to_string_pretty(&report)?,
            },
            Part {
                name: "status.json",
                text: match health {
                    Ok(health) => serde_json::to_string_pretty(&health)?,
                    Err(why) => serde_json::json!({ "not_running": why }).to_string(),
                },
            },
            Part {
                name: "configuration.txt",
                text: check_config::explain(&config),
            },
            Part {
                name: "system.txt",
                text: output_of("uname", &["-srm"]),
            },
            Part {
                name: "gateway.log",
                text: output_of(
                    "journalctl",
                    &[
                        "-u",
                        "hearth-gateway",
                        "--no-pager",
                        "-n",
                        &LOG_LINES_MAX.to_string(),
                    ],
                ),
            },
        ];
        for part in &parts {
            eprintln!("{:>8} bytes  {}", part.text.len(), part.name);
        }
        if self.dry_run {
            return Ok(());
        }
        let bytes = pack(&parts, report.at)?;
        let about = || format!("cannot write {}", self.output.display());
        let mut file = std::fs::File::create(&self.output).with_context(about)?;
        file.write_all(&bytes).with_context(about)?;
        println!("{}  reference {}", self.output.display(), reference(&bytes));
        Ok(())
    }
}

fn pack(parts: &[Part], modified_at: Timestamp) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for part in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(part.text.len())?);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(modified_at.as_second())?);
        archive.append_data(
            &mut header,
            format!("hearth-support/{}", part.name),
            part.text.as_bytes(),
        )?;
    }
    Ok(archive.into_inner()?.finish()?)
}

/// A few digits that a person can read out, so that support staff find the right file.
fn reference(bytes: &[u8]) -> String {
    hex::encode_upper(&digest(&SHA256, bytes).as_ref()[..REFERENCE_LEN])
}

/// A program that is not there is said in its place.
fn output_of(program: &str, args: &[&str]) -> String {
    match Command::new(program).args(args).output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) => format!("{program} cannot be run: {error}\n"),
    }
}
