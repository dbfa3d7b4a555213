//! `cargo check-all`: installs what the tests need, then runs every test.

use std::process::Command;

use anyhow::{Context, ensure};
use hearth_tests::cargo::cargo;
use hearth_tests::{deb, debian};

/// The accessibility checker that the browser tests inject into each page.
const AXE: &str = "axe-core@4.14.1";

fn main() -> anyhow::Result<()> {
    debian::install(&[debian::TEST_NEEDS.as_slice(), &deb::NEEDS].concat())?;
    deb::install()?;
    if !hearth_tests::axe::path().exists() {
        println!("installing from npm: {AXE}");
        let folder = hearth_tests::axe::folder();
        std::fs::create_dir_all(&folder)?;
        run(Command::new("npm")
            .args(["install", "--silent", "--no-save", "--prefix"])
            .arg(&folder)
            .arg(AXE))?;
    }
    run(cargo().args(["build", "--locked", "--workspace", "--bins"]))?;
    run(cargo()
        .args([
            "test",
            "--locked",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
        ])
        .args(std::env::args().skip(1)))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{command:?} cannot be run"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
