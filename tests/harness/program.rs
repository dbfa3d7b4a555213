//! A program of ours, or a broker, as a process: started, listened to, signalled, killed.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::wait::WAIT_MAX;

/// How long a program may take to stop after the first signal.
const STOP_WAIT_MAX: Duration = Duration::from_secs(20);

/// A running process. Dropping it kills it; should the test itself be killed, the kernel kills it.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

/// How to start a program.
#[derive(Debug, Clone)]
pub struct Launch {
    name: String,
    path: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// Finds a program of ours beside the running test or demonstration.
///
/// # Errors
/// When it has not been built.
pub fn ours(name: &str) -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let found = here
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.with_context(|| format!("{name} is not built; run `cargo build --workspace` first"))
}

impl Launch {
    /// Prepares to start a program.
    pub fn new(name: &str, path: &Path) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<T: ToString>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|it| it.to_string()));
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives a launch in which another program starts this one: its arguments come first.
    #[must_use]
    pub fn wrapped<T: ToString>(&self, by: &Path, arguments: impl IntoIterator<Item = T>) -> Self {
        let mut arguments: Vec<String> = arguments.into_iter().map(|it| it.to_string()).collect();
        arguments.push(self.path.display().to_string());
        arguments.extend(self.arguments.clone());
        Self {
            path: by.to_owned(),
            arguments,
            ..self.clone()
        }
    }

    /// Starts the program in its own process group, its standard error appended to a file in `log_folder`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&self, log_folder: &Path) -> anyhow::Result<Program> {
        let log = log_folder.join(format!("{}.log", self.name));
        let errors = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log)?;
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(&self.path)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.name))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        Ok(Program {
            name: self.name.clone(),
            child,
            input,
            lines: BufReader::new(output).lines(),
            log,
        })
    }
}

impl Program {
    /// Waits for a line of standard output that begins with `prefix`, and gives the rest of it.
    ///
    /// # Errors
    /// When the program ends first, or after a bound; the error shows the end of its log.
    pub async fn line(&mut self, prefix: &str) -> anyhow::Result<String> {
        let wanted = async {
            while let Some(line) = self.lines.next_line().await? {
                if let Some(rest) = line.strip_prefix(prefix) {
                    return Ok(rest.trim().to_owned());
                }
            }
            bail!("its output ended")
        };
        let found = tokio::time::timeout(WAIT_MAX, wanted)
            .await
            .unwrap_or_else(|_| bail!("it said nothing in time"));
        found.with_context(|| format!("{} never said {prefix:?}\n{}", self.name, self.log_end()))
    }

    /// Writes one line to standard input and gives the one line that answers it.
    ///
    /// # Errors
    /// When the program has ended.
    pub async fn ask(&mut self, line: &str) -> anyhow::Result<String> {
        self.input.write_all(format!("{line}\n").as_bytes()).await?;
        self.input.flush().await?;
        self.line("").await
    }

    /// Kills the program as a power cut would: SIGKILL, nothing is finished.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks the program to stop and waits until it has.
    ///
    /// # Errors
    /// When it does not stop in time or ends with a failure.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        let status = self.ended(STOP_WAIT_MAX).await?;
        if !status.success() {
            bail!("{} stopped with {status}\n{}", self.name, self.log_end());
        }
        Ok(())
    }

    /// Waits until the program ends by itself, and tells how.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn ended(&mut self, wait_max: Duration) -> anyhow::Result<ExitStatus> {
        let ended = tokio::time::timeout(wait_max, self.child.wait()).await;
        Ok(ended.with_context(|| format!("{} does not end\n{}", self.name, self.log_end()))??)
    }

    /// Tells whether the program has ended.
    ///
    /// # Errors
    /// When that cannot be known.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When the program is gone.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        Ok(kill_process(
            id.with_context(|| format!("{} is gone", self.name))?,
            signal,
        )?)
    }

    /// Gives the process id.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Gives the program's log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Gives the last lines of the program's log, for an error message.
    pub fn log_end(&self) -> String {
        let text = self.log();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}
