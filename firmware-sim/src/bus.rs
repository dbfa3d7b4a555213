//! A private message bus: Debian's `dbus-daemon` with a configuration of our own.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

const START_TIME_MAX: Duration = Duration::from_secs(10);
/// `sun_path` holds 108 bytes, terminator included.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// A running bus, killed when it is dropped.
#[derive(Debug)]
pub struct PrivateBus {
    address: String,
    child: Child,
}

impl PrivateBus {
    /// Starts a bus whose socket and configuration lie in `directory`, and waits until it takes connections.
    ///
    /// # Errors
    /// Fails when dbus-daemon is not installed, the directory cannot be written, its path is too long for a socket, or the bus does
    /// not answer within 10 s.
    pub async fn start(directory: &Path) -> Result<Self> {
        let socket = directory.join("bus.sock");
        if socket.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            bail!(
                "{} is too long for a socket; choose a shorter --bus-dir",
                socket.display()
            );
        }
        std::fs::create_dir_all(directory)
            .with_context(|| format!("creating {}", directory.display()))?;
        // A socket left behind by a killed bus would keep the new one from listening.
        if socket.exists() {
            std::fs::remove_file(&socket)
                .with_context(|| format!("removing the old {}", socket.display()))?;
        }
        let config = write_config(directory, &socket)?;
        let log = directory.join("bus.log");
        let mut child = spawn(&config, &log)?;
        let stdout = child.stdout.take().context("dbus-daemon has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(START_TIME_MAX, lines.next_line())
            .await
            .context("dbus-daemon did not start within 10 s")??;
        let Some(address) = line else {
            bail!(
                "dbus-daemon ended at once; if it is not installed, run `apt-get install dbus-daemon`, else {} says why",
                log.display()
            );
        };
        let builder = zbus::connection::Builder::address(address.as_str());
        let probe = timeout(START_TIME_MAX, builder.build())
            .await
            .context("the private bus does not answer")?;
        probe
            .context("connecting to the private bus")?
            .close()
            .await?;
        Ok(Self { address, child })
    }

    /// Returns the address for `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends the bus and waits for it.
    ///
    /// # Errors
    /// Fails when the process cannot be ended.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("ending dbus-daemon")
    }
}

fn write_config(directory: &Path, socket: &Path) -> Result<PathBuf> {
    let path = directory.join("bus.conf");
    let config = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*" eavesdrop="true"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    );
    std::fs::write(&path, config).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

fn spawn(config: &Path, log: &Path) -> Result<Child> {
    let log = std::fs::File::create(log).with_context(|| format!("creating {}", log.display()))?;
    // Should this program be killed, the kernel ends the bus with it.
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--", "dbus-daemon", "--nofork"])
        .arg("--print-address")
        .arg(format!("--config-file={}", config.display()));
    // Its own process group: Ctrl-C at the terminal reaches us first, and we end the bus last.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .process_group(0);
    command.spawn().context("starting dbus-daemon")
}
