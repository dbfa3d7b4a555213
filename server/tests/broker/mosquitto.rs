//! A real Mosquitto as a child process on a free port of this machine.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::soon;
use crate::ports::free_port;

const PROGRAM: &str = "/usr/sbin/mosquitto";

/// A running broker; killed when dropped.
pub(crate) struct Mosquitto {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Mosquitto {
    pub(crate) async fn start() -> Self {
        assert!(
            Path::new(PROGRAM).exists(),
            "{PROGRAM} is missing: install it with `apt-get install mosquitto`"
        );
        let address = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\n",
            address.port()
        );
        std::fs::write(folder.path().join("mosquitto.conf"), config).unwrap();
        Self {
            child: launch(folder.path()).await,
            address,
            folder,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Kills it, with every session and message that it held in memory, and starts it again on the same port.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.child.kill().await.unwrap();
        self.child = launch(self.folder.path()).await;
    }
}

async fn launch(folder: &Path) -> Child {
    let mut child = Command::new(PROGRAM)
        .arg("-c")
        .arg(folder.join("mosquitto.conf"))
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = soon(log.next_line()).await.unwrap();
        let line = line.expect("mosquitto must start");
        if line.ends_with(" running") {
            break;
        }
    }
    // Nobody reads the log any further, and a full pipe would stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
    child
}
