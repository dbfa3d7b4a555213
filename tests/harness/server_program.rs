//! A server as a process: configured, seeded, started, killed, started again on the same ports.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::ports::free_port;
use crate::program::{Launch, Program, ours};

/// Which broker the gateways and the server meet at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broker {
    /// The one inside the server, on a port of our choice.
    Embedded,
    /// One that runs elsewhere.
    External(SocketAddr),
}

/// What a server is told.
#[derive(Debug, Clone)]
pub struct ServerPlan {
    /// Where everything is kept.
    pub store_url: String,
    /// Where gateways are heard.
    pub broker: Broker,
    /// Where the pages are served; port 0 takes any free one at first and keeps it.
    pub web: SocketAddr,
}

/// A server that may be running.
#[derive(Debug)]
pub struct ServerProgram {
    folder: PathBuf,
    config: PathBuf,
    broker: SocketAddr,
    web: SocketAddr,
    program: Option<Program>,
}

impl ServerProgram {
    /// Writes the configuration and brings the database up to date. Nothing is started yet.
    ///
    /// # Errors
    /// When the server refuses its configuration or its database.
    pub async fn prepare(folder: &Path, plan: &ServerPlan) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        // A server that is killed must come back where its gateways look for it.
        let web = if plan.web.port() == 0 {
            loopback(free_port()?)
        } else {
            plan.web
        };
        let (broker, broker_toml) = match plan.broker {
            Broker::Embedded => {
                let address = loopback(free_port()?);
                (
                    address,
                    format!("[broker.embedded]\nlisten = \"{address}\"\n"),
                )
            }
            Broker::External(address) => (
                address,
                format!(
                    "[broker.external]\naddress = \"{address}\"\nclient_id = \"hearth-server\"\n"
                ),
            ),
        };
        let config = folder.join("server.toml");
        let text = format!(
            "time_zone = \"Europe/London\"\nmonitoring_hours = \"8am to 8pm, every day\"\n\
             [sign_in]\nsecond_step = \"optional\"\n[store]\nurl = \"{}\"\n[web]\nlisten = \"{web}\"\n{broker_toml}",
            plan.store_url
        );
        std::fs::write(&config, text)?;
        let server = Self {
            folder: folder.to_owned(),
            config,
            broker,
            web,
            program: None,
        };
        server.run::<&str>("migrate", &[])?;
        Ok(server)
    }

    /// Loads a seed file.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn seed(&self, text: &str) -> anyhow::Result<()> {
        let file = self.folder.join("seed.toml");
        std::fs::write(&file, text)?;
        self.run("seed", &[&file]).map(drop)
    }

    /// Runs one of the server's other commands and gives what it prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn run<A: AsRef<OsStr>>(&self, command: &str, arguments: &[A]) -> anyhow::Result<String> {
        ask(&self.config, command, arguments)
    }

    /// Gives the file that says how it is configured.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Starts the server and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        let launch = self.launch()?;
        self.start_as(&launch).await
    }

    /// Starts the server as if so many minutes had passed, by its clock alone.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start_later(&mut self, minutes: u32) -> anyhow::Result<()> {
        let launch = self
            .launch()?
            .env("CLOCK_AHEAD_MINUTES", &minutes.to_string());
        self.start_as(&launch).await
    }

    /// Starts the server so that it dies at a failpoint, as if the power were cut there; see its `crash.rs`.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start_that_dies_at(&mut self, failpoint: &str) -> anyhow::Result<()> {
        let launch = self
            .launch()?
            .env("FAILPOINTS", &format!("{failpoint}=return"));
        self.start_as(&launch).await
    }

    /// Starts the server as if so many minutes had passed, so that it dies at a failpoint, maybe before it is ready.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_later_that_dies_at(
        &mut self,
        minutes: u32,
        failpoint: &str,
    ) -> anyhow::Result<()> {
        let launch = self
            .launch()?
            .env("CLOCK_AHEAD_MINUTES", &minutes.to_string())
            .env("FAILPOINTS", &format!("{failpoint}=return"));
        self.program = Some(launch.start(&self.folder)?);
        Ok(())
    }

    fn launch(&self) -> anyhow::Result<Launch> {
        let launch = Launch::new("server", &ours("server")?);
        Ok(launch.args(["run", "--config", &self.config.display().to_string()]))
    }

    async fn start_as(&mut self, launch: &Launch) -> anyhow::Result<()> {
        let mut program = launch.start(&self.folder)?;
        program.line("ready: web").await?;
        self.program = Some(program);
        Ok(())
    }

    /// Gives the running server.
    ///
    /// # Errors
    /// When it is not running.
    pub fn program(&mut self) -> anyhow::Result<&mut Program> {
        self.program
            .as_mut()
            .context("the server has not been started")
    }

    /// Gives the address at which gateways meet the server.
    pub fn broker(&self) -> SocketAddr {
        self.broker
    }

    /// Gives the address of a page.
    pub fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.web)
    }

    /// Stops the server as an operator would.
    ///
    /// # Errors
    /// When it does not stop cleanly.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self.program.take() {
            Some(mut program) => program.stop().await,
            None => Ok(()),
        }
    }
}

/// Runs one of the server's commands with a configuration and gives what it prints.
///
/// # Errors
/// When it fails.
pub fn ask<A: AsRef<OsStr>>(
    config: &Path,
    command: &str,
    arguments: &[A],
) -> anyhow::Result<String> {
    let mut process = std::process::Command::new(ours("server")?);
    process
        .arg(command)
        .arg("--config")
        .arg(config)
        .args(arguments);
    let output = process.output()?;
    let said = || [output.stdout.as_slice(), &output.stderr].concat();
    ensure!(
        output.status.success(),
        "server {command}: {}",
        String::from_utf8_lossy(&said())
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
