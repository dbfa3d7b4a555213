//! Makes the gateway's Debian package, of a build for boxes and for the kind of machine that this is.

use anyhow::{Context, bail, ensure};
use hearth_tests::cargo::cargo;
use hearth_tests::{deb, debian};

fn main() -> anyhow::Result<()> {
    let target = match std::env::consts::ARCH {
        "x86_64" => deb::AMD64,
        "aarch64" => deb::ARM64,
        other => bail!(
            "packages are made for amd64 and arm64, each on a machine of its kind, and this is {other}"
        ),
    };
    debian::install(&deb::NEEDS)?;
    deb::install()?;
    let build = ["build", "--locked", "--profile", "box", "-p", "gateway"];
    let built = cargo().args(build).status()?;
    ensure!(built.success(), "the gateway does not build");
    let here = std::env::current_exe()?;
    let folder = here
        .ancestors()
        .nth(2)
        .context("programs are built in a target folder")?;
    let program = folder.join("box/gateway");
    let package = deb::pack(&program, target, &folder.join("debian"))?;
    println!("{}", package.display());
    Ok(())
}
