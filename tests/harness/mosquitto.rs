//! A Mosquitto of our own: Debian's broker on a free loopback port.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::net::TcpStream;

use crate::ports::free_port;
use crate::program::{Launch, Program};
use crate::wait;

/// Where Debian installs it.
const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// A running Mosquitto.
#[derive(Debug)]
pub struct Mosquitto {
    address: SocketAddr,
    folder: PathBuf,
    launch: Launch,
    program: Program,
}

impl Mosquitto {
    /// Starts a broker that keeps everything in memory: what is killed forgets, as every broker measured does.
    ///
    /// # Errors
    /// When it is not installed or does not answer.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n\
             max_inflight_messages 50\nmax_queued_messages 100000\nlog_type error\n"
        );
        Self::start_by(folder, port, &text).await
    }

    /// Starts a broker by a configuration of ours, which lets it listen at a port of this machine.
    ///
    /// # Errors
    /// As [`Mosquitto::start`].
    pub async fn start_by(folder: &Path, port: u16, text: &str) -> anyhow::Result<Self> {
        ensure!(
            Path::new(MOSQUITTO).exists(),
            "Mosquitto is missing: apt-get install mosquitto"
        );
        let file = folder.join("mosquitto.conf");
        std::fs::write(&file, text)?;
        let launch = Launch::new("mosquitto", Path::new(MOSQUITTO))
            .args(["-c", &file.display().to_string()]);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let program = launch.start(folder)?;
        answers(address).await?;
        Ok(Self {
            address,
            folder: folder.to_owned(),
            launch,
            program,
        })
    }

    /// Gives the address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it and starts it again on the same port, everything forgotten.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn crash_and_restart(&mut self) -> anyhow::Result<()> {
        self.kill().await?;
        self.start_again().await
    }

    /// Kills it.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.program.kill().await
    }

    /// Starts it again on the same port, once it was killed.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.program = self.launch.start(&self.folder)?;
        answers(self.address).await
    }
}

async fn answers(address: SocketAddr) -> anyhow::Result<()> {
    wait::until("Mosquitto answers", async || {
        TcpStream::connect(address).await.ok()
    })
    .await
    .map(drop)
    .context("Mosquitto does not start")
}
