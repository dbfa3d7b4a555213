//! Debian packages: what a fresh machine lacks is installed by name.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// One thing that we run and the package that brings it.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// A file that is there once the package is.
    pub file: &'static str,
    /// The package.
    pub package: &'static str,
}

/// The private bus that simulated devices are heard over.
pub const DBUS_DAEMON: Need = Need {
    file: "/usr/bin/dbus-daemon",
    package: "dbus-daemon",
};

/// What the tests need beside it.
pub const TEST_NEEDS: [Need; 7] = [
    DBUS_DAEMON,
    Need {
        file: "/usr/sbin/mosquitto",
        package: "mosquitto",
    },
    Need {
        file: "/usr/lib/postgresql",
        package: "postgresql",
    },
    Need {
        file: "/usr/bin/chromium",
        package: "chromium",
    },
    Need {
        file: "/usr/bin/chromedriver",
        package: "chromium-driver",
    },
    Need {
        file: "/usr/bin/npm",
        package: "npm",
    },
    Need {
        file: "/usr/bin/systemd-analyze",
        package: "systemd",
    },
];

/// Installs the packages of those needs that are not there yet.
///
/// # Errors
/// When apt fails; the error names the command to run by hand.
pub fn install(needs: &[Need]) -> anyhow::Result<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|need| !Path::new(need.file).exists())
        .map(|need| need.package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing from Debian: {}", missing.join(" "));
    apt(&["update", "-qq"])?;
    apt(&[
        &["install", "-qq", "-y", "--no-install-recommends"],
        missing.as_slice(),
    ]
    .concat())
}

fn apt(arguments: &[&str]) -> anyhow::Result<()> {
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if !is_root {
        command.arg("apt-get");
    }
    let status = command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status();
    let status = status.context("apt-get cannot be run")?;
    ensure!(
        status.success(),
        "this failed; run it by hand: apt-get {}",
        arguments.join(" ")
    );
    Ok(())
}
