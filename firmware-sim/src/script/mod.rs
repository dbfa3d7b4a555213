//! The TOML script of a simulated home: adapters, devices, and what happens when.

mod event;

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

pub use event::{Event, Happening};

use self::event::time_of_day;
use crate::{
    Sim,
    bluez::{AdapterConfig, BluezConfig},
    device::DeviceConfig,
};

const SCRIPT_BYTES_MAX: usize = 1_048_576;
const EVENTS_MAX: usize = 10_000;
const SPEED_MAX: u32 = 100_000;

/// A script, checked.
#[derive(Clone, Debug)]
pub struct Script {
    /// How long things take.
    pub bluez: BluezConfig,
    /// The adapters; one `hci0` unless the script lists its own.
    pub adapters: Vec<AdapterConfig>,
    /// The devices.
    pub devices: Vec<DeviceConfig>,
    /// What happens, in the order of time.
    pub steps: Vec<Step>,
}

/// Something that happens at its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Time since the start of the script.
    pub after: Duration,
    /// What happens.
    pub happening: Happening,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Time of day at which the script starts; needed for events that name one.
    starts_at: Option<String>,
    #[serde(default)]
    bluez: BluezConfig,
    #[serde(default)]
    adapter: Vec<AdapterConfig>,
    device: Vec<DeviceConfig>,
    #[serde(default)]
    event: Vec<Event>,
}

impl Script {
    /// Loads a script file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or says something impossible; the message names the place.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the script {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the script {}", path.display()))
    }

    /// Reads a script.
    ///
    /// # Errors
    /// Refuses unknown keys, unknown devices, measurements of another kind of device, and times that do not exist.
    pub fn parse(text: &str) -> Result<Self> {
        ensure!(
            text.len() <= SCRIPT_BYTES_MAX,
            "the script is larger than 1 MiB; split it"
        );
        let written: Written = toml::from_str(text)?;
        ensure!(
            written.event.len() <= EVENTS_MAX,
            "the script has more than {EVENTS_MAX} events; split it"
        );
        let adapters = if written.adapter.is_empty() {
            vec![AdapterConfig::default()]
        } else {
            written.adapter
        };
        check_devices(&written.device, &adapters)?;
        let starts_at = written.starts_at.as_deref().map(time_of_day).transpose()?;
        let mut steps = Vec::new();
        for (number, event) in written.event.into_iter().enumerate() {
            let place = || format!("event {}", number + 1);
            let after = event.after(starts_at).with_context(place)?;
            let happening = event.happening(&written.device).with_context(place)?;
            steps.push(Step { after, happening });
        }
        steps.sort_by_key(|step| step.after);
        Ok(Self {
            bluez: written.bluez,
            adapters,
            devices: written.device,
            steps,
        })
    }

    /// Lets everything happen at its time, `speed` times as fast.
    ///
    /// # Errors
    /// Fails when the simulation ends or a device refuses.
    pub async fn play(&self, sim: &Sim, speed: u32) -> Result<()> {
        ensure!(
            (1..=SPEED_MAX).contains(&speed),
            "the speed is from 1 to {SPEED_MAX}"
        );
        let started = tokio::time::Instant::now();
        for step in &self.steps {
            tokio::time::sleep_until(started + step.after / speed).await;
            step.happening.happen(sim).await?;
        }
        Ok(())
    }
}

fn check_devices(devices: &[DeviceConfig], adapters: &[AdapterConfig]) -> Result<()> {
    for (index, device) in devices.iter().enumerate() {
        let earlier = &devices[..index];
        let label = &device.label;
        ensure!(
            earlier.iter().all(|other| other.label != *label),
            "two devices are labelled {label:?}"
        );
        ensure!(
            earlier.iter().all(|other| other.address != device.address),
            "device {label:?} has another's address"
        );
        ensure!(
            is_address(&device.address),
            "device {label:?} needs an address like C2:00:00:00:00:01, in capitals"
        );
        let also_heard = device.also_heard.iter().map(|it| &it.adapter);
        for adapter in also_heard.chain([&device.adapter]) {
            ensure!(
                adapters.iter().any(|listed| listed.id == *adapter),
                "device {label:?} names no listed adapter"
            );
        }
    }
    Ok(())
}

fn is_address(text: &str) -> bool {
    let octet = |part: &str| {
        part.len() == 2
            && part
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    };
    text.split(':').count() == 6 && text.split(':').all(octet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bluez::Fault;

    const DEVICES: &str = r#"
        [[device]]
        label = "cuff"
        kind = "cuff"
        address = "C2:00:00:00:00:01"
        name = "UA-651BLE"
    "#;

    fn parse(rest: &str) -> Result<Script> {
        Script::parse(&format!("starts_at = \"07:55\"\n{DEVICES}\n{rest}"))
    }

    fn refusal(rest: &str) -> String {
        format!("{:#}", parse(rest).unwrap_err())
    }

    #[test]
    fn events_are_played_in_the_order_of_time() {
        let script = parse(
            r#"
            [[event]]
            at = "08:00"
            device = "cuff"
            cuff = { systolic = 152, diastolic = 94, pulse = 71 }
            [[event]]
            after_s = 12
            fault = { link_lost = { device = "cuff", after_values = 2 } }
            "#,
        )
        .unwrap();
        let after: Vec<u64> = script
            .steps
            .iter()
            .map(|step| step.after.as_secs())
            .collect();
        assert_eq!(after, [12, 300]);
        assert!(matches!(
            script.steps[0].happening,
            Happening::Fault(Fault::LinkLost { .. })
        ));
        assert!(matches!(
            script.steps[1].happening,
            Happening::Measure { .. }
        ));
    }

    #[test]
    fn every_mistake_is_named() {
        let cases = [
            (
                "[[event]]\nafter_s = 1\ndevice = \"cuff\"\nfailed = true\nfoo = 1",
                "unknown field `foo`",
            ),
            (
                "[[event]]\nafter_s = 1\ndevice = \"oximeter\"\nfailed = true",
                "there is no device",
            ),
            (
                "[[event]]\nafter_s = 1\ndevice = \"cuff\"\nscale = { weight_kg = 80 }",
                "cannot measure this",
            ),
            (
                "[[event]]\nafter_s = 1\ndevice = \"cuff\"",
                "name exactly one of",
            ),
            (
                "[[event]]\nafter_s = 1\ndevice = \"cuff\"\nraw = \"xy\"",
                "`raw` is not hex",
            ),
            ("[[event]]\ndevice = \"cuff\"\nfailed = true", "give either"),
            (
                "[[event]]\nat = \"07:00\"\ndevice = \"cuff\"\nfailed = true",
                "before the script's",
            ),
            (
                "[[event]]\nat = \"25:00\"\ndevice = \"cuff\"\nfailed = true",
                "not a time of day",
            ),
            (
                "[[event]]\nafter_s = 1\ndevice = \"cuff\"\ncuff = { systolic = 152.5, diastolic = 90 }",
                "a decimal in quotes",
            ),
            (DEVICES, "two devices are labelled"),
        ];
        for (rest, expected) in cases {
            let told = refusal(rest);
            assert!(told.contains(expected), "{rest}\n{told}");
        }
    }
}
