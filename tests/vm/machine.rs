//! The virtual machine: an emulated computer whose second serial line takes commands and tells what happens.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::Instant;

/// The emulator.
pub(crate) const QEMU: &str = "/usr/bin/qemu-system-x86_64";

/// How long anything in the machine may take. An emulated machine beside a busy compiler is slow.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Plain emulation: a `/dev/kvm` that opens is no proof that guests run on it.
const HARDWARE: [&str; 12] = [
    "-machine",
    "q35,accel=tcg",
    "-cpu",
    "max",
    "-m",
    "384",
    "-nodefaults",
    "-no-user-config",
    "-no-reboot",
    "-display",
    "none",
    "-append",
];
const KERNEL_ARGUMENTS: &str =
    "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on tsc=reliable";

/// How often a command is sent that did not arrive whole.
const SENT_COUNT_MAX: usize = 3;

/// How many of the last lines a failure shows.
const SHOWN_LEN_MAX: usize = 40;

/// What a machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// No more than Bluetooth takes, in memory.
    Small,
    /// Debian, from a disk that is as new at each start.
    Debian,
}

/// A running machine. Dropping it switches it off.
#[derive(Debug)]
pub(crate) struct Machine {
    _qemu: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    said: Vec<String>,
    /// How far each speaker has been listened to.
    heard: HashMap<String, usize>,
    transcript: File,
    began: Instant,
}

impl Machine {
    /// Switches a machine on whose kernel and disks are in `image`; its console and what it says are kept in `logs`.
    ///
    /// # Errors
    /// When the emulator is not there, or the machine does not come up.
    pub(crate) async fn boot(system: System, image: &Path, logs: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(logs)?;
        let console = format!("file:{}", logs.join("console.log").display());
        let mut qemu = Command::new("setpriv");
        qemu.args(["--pdeathsig", "KILL", "--", QEMU])
            .args(HARDWARE)
            .arg(KERNEL_ARGUMENTS)
            .arg("-kernel")
            .arg(image.join("vmlinux"))
            .arg("-initrd");
        match system {
            System::Small => qemu.arg(image.join("initrd.cpio")),
            System::Debian => qemu
                .arg(image.join("box.cpio"))
                .args(["-drive", &drive(&image.join("box.ext4"))]),
        };
        let mut qemu = qemu
            .args(["-serial", &console, "-serial", "stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the emulator does not start")?;
        let input = qemu.stdin.take().context("no standard input")?;
        let output = qemu.stdout.take().context("no standard output")?;
        let mut machine = Self {
            _qemu: qemu,
            input,
            output: BufReader::new(output).lines(),
            said: Vec::new(),
            heard: HashMap::new(),
            transcript: File::create(logs.join("said.log"))?,
            began: Instant::now(),
        };
        machine.wait("agent", |line| line == "ready").await?;
        Ok(machine)
    }

    /// Has a shell command carried out.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) async fn run(&mut self, command: &str) -> anyhow::Result<()> {
        let status = self.status(command).await?;
        ensure!(status == "0", "{command:?} ended with {status}");
        Ok(())
    }

    /// Has a shell command carried out and gives what it says, whether it fails or not.
    ///
    /// # Errors
    /// When it does not arrive or does not end.
    pub(crate) async fn ask(&mut self, command: &str) -> anyhow::Result<Said> {
        let before = self.said.len();
        let status = self.status(&format!("ask {command}")).await?;
        let lines = self.said[before..].iter();
        let lines: Vec<&str> = lines
            .filter_map(|line| line.strip_prefix("asked "))
            .collect();
        Ok(Said {
            command: command.to_owned(),
            succeeded: status == "0",
            text: lines.join("\n"),
        })
    }

    async fn status(&mut self, command: &str) -> anyhow::Result<String> {
        ensure!(!command.contains('\n'), "a command is one line: {command}");
        let sent = format!("{} {command}\n", command.len());
        for _ in 0..SENT_COUNT_MAX {
            self.input.write_all(sent.as_bytes()).await?;
            let status = self.pick("=", |status| Some(status.to_owned())).await?;
            if status != "again" {
                return Ok(status);
            }
        }
        bail!("{command:?} was lost on its way {SENT_COUNT_MAX} times")
    }

    /// Waits until a speaker says a line that fits, from where it was last listened to.
    ///
    /// # Errors
    /// When it does not within a bound.
    pub(crate) async fn wait(
        &mut self,
        speaker: &str,
        fits: impl Fn(&str) -> bool,
    ) -> anyhow::Result<()> {
        let prefix = format!("{speaker} ");
        self.pick(&prefix, |line| fits(line).then_some(())).await
    }

    /// Waits until a line that begins with `prefix` gives something, from where that was last listened for.
    ///
    /// # Errors
    /// When none does within a bound.
    pub(crate) async fn pick<T>(
        &mut self,
        prefix: &str,
        pick: impl Fn(&str) -> Option<T>,
    ) -> anyhow::Result<T> {
        let picking = async {
            let mut at = self.heard.get(prefix).copied().unwrap_or(0);
            loop {
                while let Some(line) = self.said.get(at) {
                    at += 1;
                    if let Some(picked) = line.strip_prefix(prefix).and_then(&pick) {
                        self.heard.insert(prefix.to_owned(), at);
                        return Ok(picked);
                    }
                }
                let Some(line) = self.output.next_line().await? else {
                    bail!("the machine has gone");
                };
                let seconds = self.began.elapsed().as_secs_f32();
                writeln!(self.transcript, "{seconds:>7.2} {line}")?;
                self.said.push(line);
            }
        };
        match tokio::time::timeout(WAIT_MAX, picking).await {
            Ok(picked) => picked,
            Err(_) => bail!("waited {WAIT_MAX:?} in vain for {prefix:?}"),
        }
    }

    /// Gives all that a speaker has said so far.
    pub(crate) fn said_by<'a>(&'a self, speaker: &'a str) -> impl Iterator<Item = &'a str> {
        self.said
            .iter()
            .filter_map(move |line| line.strip_prefix(speaker)?.strip_prefix(' '))
    }

    /// Gives the last lines, for a failure to be understood.
    pub(crate) fn last_words(&self) -> String {
        let from = self.said.len().saturating_sub(SHOWN_LEN_MAX);
        self.said[from..].join("\n")
    }
}

/// What a machine writes to its disk is gone with it, so nothing has to reach this one's.
fn drive(file: &Path) -> String {
    format!(
        "file={},format=raw,if=virtio,snapshot=on,cache=unsafe",
        file.display()
    )
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Said {
    command: String,
    succeeded: bool,
    text: String,
}

impl Said {
    /// Gives what it said.
    ///
    /// # Errors
    /// When it failed.
    pub(crate) fn well(self) -> anyhow::Result<String> {
        ensure!(self.succeeded, "{self}");
        Ok(self.text)
    }

    /// Gives what it said.
    ///
    /// # Errors
    /// When it did not fail.
    pub(crate) fn badly(self) -> anyhow::Result<String> {
        ensure!(!self.succeeded, "{self}");
        Ok(self.text)
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = if self.succeeded { "well" } else { "badly" };
        write!(f, "{:?} ended {end}: {}", self.command, self.text)
    }
}
