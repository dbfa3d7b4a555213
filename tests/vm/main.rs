//! `cargo check-vm`: the real gateway and real BlueZ on a real kernel, in an emulated machine, against real peripherals.
//!
//! Without arguments every scenario is run; a scenario's name runs that one, `--record` writes the fixtures anew.

mod account;
mod fixture;
mod guest;
mod machine;
mod scenarios;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use hearth_tests::cargo::cargo;
use hearth_tests::deb;
use hearth_tests::debian::{self, Need};
use hearth_tests::program::ours;
use tokio::time::Instant;

use guest::Guest;
use machine::System;
use scenarios::{ALL, Scenario};

/// The longest that a scenario may take.
const SCENARIO_MAX: Duration = Duration::from_secs(120);

/// What runs the machine. What makes it, and the package for it, are [`deb::NEEDS`].
const EMULATOR: Need = Need {
    file: machine::QEMU,
    package: "qemu-system-x86",
};
/// What makes the disk of a Debian.
const FILE_SYSTEM: Need = Need {
    file: "/usr/sbin/mkfs.ext4",
    package: "e2fsprogs",
};

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chosen = choose(&arguments)?;
    debian::install(&[&[EMULATOR, FILE_SYSTEM], deb::NEEDS.as_slice()].concat())
        .context("the virtual machine cannot be had, so nothing was tested")?;
    build()?;
    let image = make_image()?;
    if chosen.iter().any(|it| it.system == System::Debian) {
        make_box(&image)?;
    }
    let record = arguments.iter().any(|it| it == "--record");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut failed = 0;
    for scenario in &chosen {
        let began = Instant::now();
        let outcome = runtime.block_on(play(scenario, &image, record));
        let seconds = began.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => println!("{:<22} passed {seconds:>6.1} s", scenario.name),
            Err(error) => {
                failed += 1;
                println!("{:<22} FAILED {seconds:>6.1} s: {error:#}", scenario.name);
            }
        }
    }
    println!("{} passed, {failed} failed", chosen.len() - failed);
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn choose(arguments: &[String]) -> anyhow::Result<Vec<&'static Scenario>> {
    let names: Vec<&String> = arguments
        .iter()
        .filter(|it| !it.starts_with("--"))
        .collect();
    if let Some(unknown) = names
        .iter()
        .find(|name| ALL.iter().all(|it| it.name != name.as_str()))
    {
        let known: Vec<&str> = ALL.iter().map(|it| it.name).collect();
        bail!("there is no scenario {unknown}; there are {known:?}");
    }
    let chosen = |it: &&Scenario| names.is_empty() || names.iter().any(|name| *name == it.name);
    Ok(ALL.iter().filter(chosen).collect())
}

fn build() -> anyhow::Result<()> {
    // As `cargo check-all` does, so that one build serves both.
    let built = cargo()
        .args(["build", "--locked", "--workspace", "--bins"])
        .status()?;
    ensure!(built.success(), "the programs cannot be built");
    Ok(())
}

fn make_image() -> anyhow::Result<PathBuf> {
    let gateway = ours("gateway")?;
    let folder = gateway
        .parent()
        .and_then(Path::parent)
        .context("programs are built in a target folder")?
        .join("vm");
    make("make", &folder, &[&gateway, &ours("peripheral")?])?;
    Ok(folder)
}

/// Makes the disk of a Debian, and the package that is installed there: the one that a home gets but for the gateway
/// in it, which is not optimised.
fn make_box(folder: &Path) -> anyhow::Result<()> {
    deb::install()?;
    let package = deb::pack(&ours("gateway")?, deb::AMD64, &folder.join("package"))?;
    make("make-box", folder, &[&package])
}

fn make(script: &str, folder: &Path, files: &[&Path]) -> anyhow::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("vm/image");
    let made = Command::new(here.join(script))
        .arg(folder)
        .args(files)
        .status()?;
    ensure!(
        made.success(),
        "the virtual machine's disk cannot be made, so nothing was tested"
    );
    Ok(())
}

async fn play(scenario: &Scenario, image: &Path, record: bool) -> anyhow::Result<()> {
    let folder = image.join("logs").join(scenario.name);
    let mut guest = Guest::boot(scenario.system, image, &folder).await?;
    let played = tokio::time::timeout(SCENARIO_MAX, (scenario.play)(&mut guest)).await;
    let Ok(played) = played else {
        bail!(
            "it took over {SCENARIO_MAX:?}\n{}",
            guest.machine.last_words()
        );
    };
    played.with_context(|| guest.machine.last_words())?;
    fixture::check(scenario.name, &guest, record)
}
