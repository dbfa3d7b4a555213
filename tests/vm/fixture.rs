//! Fixtures: what real BlueZ and the gateway said to each other, kept so that the simulated BlueZ is held against it.

use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::guest::Guest;

impl Guest {
    /// Begins to note what passes between BlueZ and the gateway.
    ///
    /// # Errors
    /// When the bus does not let it be heard.
    pub(crate) async fn watch(&mut self) -> anyhow::Result<()> {
        self.machine
            .run("start watch peripheral watch hci0")
            .await?;
        self.machine.wait("watch", |line| line == "hears").await
    }
}

/// Holds what was noted, if anything was, against the scenario's fixture, or writes that anew.
///
/// # Errors
/// When it differs: then real BlueZ behaves in another way than the simulated one was made to.
pub(crate) fn check(scenario: &str, guest: &Guest, record: bool) -> anyhow::Result<()> {
    let noted: Vec<&str> = guest
        .machine
        .said_by("watch")
        .skip_while(|line| *line != "hears")
        .skip(1)
        .filter(|line| !line.starts_with("exit ") && !is_left_to_chance(line))
        .collect();
    let noted = without_host(&noted);
    if noted.is_empty() {
        return Ok(());
    }
    let noted = noted.join("\n") + "\n";
    let file = file(scenario);
    if record {
        return Ok(std::fs::write(&file, noted)?);
    }
    let kept = std::fs::read_to_string(&file)
        .with_context(|| format!("{} cannot be read; write it with --record", file.display()))?;
    ensure!(
        noted == kept,
        "BlueZ and the gateway said to each other:\n{noted}and not what is in {}",
        file.display()
    );
    Ok(())
}

/// Both ends of a link are one bluetoothd here, which then forgets at times to say that the one end is connected.
fn is_left_to_chance(line: &str) -> bool {
    line == "now   device Connected=true"
}

/// Leaves out what bluetoothd itself offers beside the device: attributes about attributes, and its own identity, which
/// comes as a device information service of its own before the device's.
fn without_host<'a>(noted: &[&'a str]) -> Vec<&'a str> {
    const IDENTITY: [&str; 2] = ["new   180A", "new   180A/2A50"];
    let mut kept = Vec::new();
    let mut rest = noted;
    while let Some((line, after)) = rest.split_first() {
        if rest.starts_with(&IDENTITY) {
            rest = &rest[IDENTITY.len()..];
            continue;
        }
        if !line.starts_with("new   1801") {
            kept.push(*line);
        }
        rest = after;
    }
    kept
}

fn file(scenario: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vm/fixtures")
        .join(format!("{scenario}.txt"))
}
