//! The gateway's Debian package: made by cargo-deb of `gateway/Cargo.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::cargo::cargo;
use crate::debian::Need;

/// What makes packages.
const CARGO_DEB: &str = "cargo-deb@3.8.0";

/// A 64-bit PC.
pub const AMD64: &str = "x86_64-unknown-linux-gnu";
/// A 64-bit Arm board.
pub const ARM64: &str = "aarch64-unknown-linux-gnu";

/// What cargo-deb calls.
pub const NEEDS: [Need; 3] = [
    Need {
        file: "/usr/bin/dpkg-shlibdeps",
        package: "dpkg-dev",
    },
    Need {
        file: "/usr/bin/xz",
        package: "xz-utils",
    },
    Need {
        file: "/usr/bin/strip",
        package: "binutils",
    },
];

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools")
}

/// Builds cargo-deb, where it has not been yet: unoptimised and without its own compressor, that takes half a minute.
///
/// # Errors
/// When it cannot be fetched or built.
pub fn install() -> anyhow::Result<()> {
    if tools().join("bin/cargo-deb").exists() {
        return Ok(());
    }
    println!("installing from crates.io: {CARGO_DEB}");
    let installed = cargo()
        .args(["install", "--quiet", "--locked", "--debug"])
        .args(["--no-default-features", CARGO_DEB, "--root"])
        .arg(tools())
        .status()?;
    ensure!(installed.success(), "{CARGO_DEB} cannot be installed");
    Ok(())
}

/// Packs a program that has been built for `target` and runs here, with what it writes about itself, and gives the
/// package's file. What is in between lies in `folder`.
///
/// # Errors
/// When the program does not run, or cargo-deb refuses.
pub fn pack(program: &Path, target: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    // Where cargo-deb looks for what cargo has built.
    let built = folder.join(target).join("release");
    std::fs::create_dir_all(&built)?;
    run(Command::new("strip")
        .arg("-o")
        .args([&built.join("gateway"), program]))?;
    for (file, arguments) in [
        ("gateway.1", &["man"][..]),
        ("gateway.bash", &["completions", "bash"]),
        ("gateway.fish", &["completions", "fish"]),
        ("gateway.zsh", &["completions", "zsh"]),
    ] {
        let written = run(Command::new(program).args(arguments))?;
        std::fs::write(built.join(file), written)?;
    }
    run(Command::new("gzip")
        .args(["-9", "--no-name", "--force"])
        .arg(built.join("gateway.1")))?;
    let package = folder.join(format!("hearth-gateway.{target}.deb"));
    run(Command::new(tools().join("bin/cargo-deb"))
        .args(["--package", "gateway", "--locked", "--offline"])
        .args(["--no-build", "--no-strip", "--compress-system"])
        .args(["--target", target, "--output"])
        .arg(&package)
        .env("CARGO", env!("CARGO"))
        .env("CARGO_TARGET_DIR", folder)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")))?;
    Ok(package)
}

fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} cannot be run"))?;
    ensure!(
        output.status.success(),
        "{command:?} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}
