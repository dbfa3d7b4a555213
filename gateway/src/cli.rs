//! The command line: what an operator can ask of the gateway.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use gatt::Dialect;
use vitals::enrol::Code;
use vitals::{Characteristic, DeviceId, RawBytes};

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::control::{self, Answer, Request};
use crate::enrol::{self, Fingerprint, ServerUrl};
use crate::outbox::{self, OutboxStatus};
use crate::quirks::{self, Seen, Table};
use crate::{keys, lifecycle};

/// The most that is read of what somebody types.
const STDIN_LEN_MAX: u64 = 256;

/// The most that is read of a file that holds a code, in bytes.
const CODE_FILE_LEN_MAX: u64 = 64;

/// Hearth gateway: hears a home's devices, keeps every reading until the server has it, and forwards it.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run until stopped by a signal.
    Run(WithConfig),
    /// Check a configuration file and explain what it says.
    CheckConfig(WithConfig),
    /// Print this gateway's part of the server's seed file; makes the keys if they are missing.
    Register(WithConfig),
    /// Enrol this box by the one-time code of an install job; again goes on where it was cut off.
    Enrol(EnrolArgs),
    /// Print what is in the outbox; works while the gateway runs.
    Status(WithConfig),
    /// Pair a device with this gateway.
    #[command(subcommand)]
    Pair(Pair),
    /// Decode a value for support staff; prints JSON, of an error too.
    Decode {
        /// The characteristic's four hexadecimal digits, such as 2A35.
        characteristic: Characteristic,
        /// The value in hexadecimal.
        value: RawBytes,
        /// The device's advertised name or model, where its kind may be treated in a way of its own.
        #[arg(long)]
        device: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum Pair {
    /// Enter the six digits that a device shows; they are read from the standard input.
    Passkey {
        /// The registered device.
        device: DeviceId,
        #[command(flatten)]
        config: WithConfig,
    },
}

#[derive(Debug, clap::Args)]
struct WithConfig {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

#[derive(Debug, clap::Args)]
struct EnrolArgs {
    #[command(flatten)]
    config: WithConfig,
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
    async fn run(self) -> anyhow::Result<String> {
        let state_dir = config::state_dir_to_enrol(&self.config.config)?;
        let code = read_code(&self.code_file)?;
        let job = enrol::Job {
            server: self.server,
            fingerprint: self.ca_fingerprint,
            code,
        };
        let enrolment = enrol::enrol(&state_dir, job).await?;
        let devices: Vec<String> = enrolment
            .devices
            .iter()
            .map(|device| format!("  {} ({})\n", device.id, device.kind))
            .collect();
        Ok(format!(
            "This box is {}. Write its devices into the configuration, each with its address:\n{}",
            enrolment.gateway,
            devices.concat()
        ))
    }
}

fn read_code(file: &Path) -> anyhow::Result<Code> {
    let mut text = String::new();
    if file == Path::new("-") {
        if std::io::stdin().is_terminal() {
            eprint!("Code: ");
        }
        BufReader::new(std::io::stdin().take(CODE_FILE_LEN_MAX)).read_line(&mut text)
    } else {
        std::fs::File::open(file)
            .with_context(|| format!("cannot read the code from {}", file.display()))?
            .take(CODE_FILE_LEN_MAX)
            .read_to_string(&mut text)
    }
    .context("the code cannot be read")?;
    Ok(text.parse()?)
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// When it cannot be done; the error says what to do.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut out = std::io::stdout().lock();
        match self.command {
            Command::Run(WithConfig { config }) => {
                drop(out);
                lifecycle::run_until_signalled(config::load(&config)?, Clock::system()).await?;
            }
            Command::CheckConfig(WithConfig { config }) => {
                write!(out, "{}", explain(&config::load(&config)?))?;
            }
            Command::Register(WithConfig { config }) => {
                let config = config::load(&config)?;
                let text = keys::registration(&config.gateway_id, &config.state_dir)?;
                write!(out, "{text}")?;
            }
            Command::Enrol(args) => {
                drop(out);
                print!("{}", args.run().await?);
            }
            Command::Status(WithConfig { config }) => {
                let status = outbox_status(&config::load(&config)?).await?;
                write!(out, "{}", describe(&status))?;
            }
            Command::Pair(Pair::Passkey { device, config }) => {
                drop(out);
                return enter_passkey(&config::load(&config.config)?, device).await;
            }
            Command::Decode {
                characteristic,
                value,
                device,
            } => {
                let dialect = dialect_of(device.as_deref())?;
                return decode(&mut out, dialect, characteristic, &value);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The digits are good for one pairing, but even so they are not put where other users of the box see them.
async fn enter_passkey(config: &Config, device: DeviceId) -> anyhow::Result<ExitCode> {
    if std::io::stdin().is_terminal() {
        eprint!("The six digits on the device: ");
    }
    let mut digits = String::new();
    BufReader::new(std::io::stdin().take(STDIN_LEN_MAX))
        .read_line(&mut digits)
        .context("cannot read the digits")?;
    let request = Request::Passkey { device, digits };
    match control::client::ask(&config.state_dir, &request).await? {
        Answer::Done => println!("paired"),
        Answer::Refused(why) => bail!("not paired: {why}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// How a device of this name or model writes, by the table that is built in.
fn dialect_of(device: Option<&str>) -> anyhow::Result<Dialect> {
    let seen = Seen {
        name: device,
        model: device,
        ..Seen::default()
    };
    Ok(Table::parse(quirks::BUILT_IN)?.behaviour(&seen).dialect())
}

fn decode(
    out: &mut impl Write,
    dialect: Dialect,
    characteristic: Characteristic,
    value: &RawBytes,
) -> anyhow::Result<ExitCode> {
    let (described, code) = match dialect.decode(characteristic.0, value.as_slice()) {
        Ok(measurement) => (measurement.describe(), ExitCode::SUCCESS),
        Err(error) => (error.describe(), ExitCode::FAILURE),
    };
    writeln!(out, "{described:#}")?;
    Ok(code)
}

async fn outbox_status(config: &Config) -> anyhow::Result<OutboxStatus> {
    let file = config.state_dir.join(outbox::FILE_NAME);
    outbox::status::of_file(&file, config.outbox.size_bytes_max)
        .await
        .with_context(|| not_readable(&file))
}

fn not_readable(file: &Path) -> String {
    format!(
        "the outbox {} cannot be read; it is made when the gateway first runs, and only the gateway's user may read it",
        file.display()
    )
}

fn describe(status: &OutboxStatus) -> String {
    let oldest = match status.oldest_unreceipted_at {
        Some(at) => format!(", the oldest of {at}"),
        None => String::new(),
    };
    format!(
        "waiting for the server: {}{oldest}\nset aside: {}\nkept after their receipt: {}\nfull: {} %\n",
        status.unreceipted_len, status.refused_len, status.receipted_len, status.used_percent
    )
}

/// What was understood, in words; device addresses are left out, so that it can be passed on.
fn explain(config: &Config) -> String {
    let devices: Vec<String> = config
        .devices
        .iter()
        .map(|device| format!("  {} ({:?})\n", device.id, device.kind).to_lowercase())
        .collect();
    format!(
        "gateway {}, state in {}\nhome time zone {}\nbroker {}: silent for {} s is lost; receipts within {} s; \
         a pause of at most {} s between attempts\noutbox of at most {} MiB, kept {} days after the receipt\n\
         adapter: {}\n{} devices\n{}{} kinds of device are treated in a way of their own\n",
        config.gateway_id,
        config.state_dir.display(),
        config.home_time_zone.iana_name().unwrap_or("unnamed"),
        config.broker.address,
        config.broker.keep_alive.mul_f32(2.5).as_secs(),
        config.broker.receipt_timeout.as_secs(),
        config.broker.retry_delay_max.as_secs(),
        config.outbox.size_bytes_max / (1024 * 1024),
        config.outbox.retention_days,
        config.radio.adapter.as_deref().unwrap_or("the first"),
        config.devices.len(),
        devices.concat(),
        config.quirks.entries_len()
    )
}
