//! One event of a script: a measurement, a button, a battery, a fault.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use jiff::civil::Time;
use serde::Deserialize;

use crate::{
    Sim,
    bluez::{CommandError, Fault},
    device::{
        ContinuousMeasurement, CuffMeasurement, DeviceConfig, DeviceKind, Measurement,
        OximeterMeasurement, ScaleMeasurement,
    },
};

/// What can happen in a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A device measures.
    Measure {
        /// Device label.
        device: String,
        /// What it measures.
        measurement: Measurement,
    },
    /// Somebody presses a device's Bluetooth button.
    PressButton {
        /// Device label.
        device: String,
    },
    /// A device's battery is at another level.
    Battery {
        /// Device label.
        device: String,
        /// Percent.
        percent: u8,
    },
    /// Something goes wrong.
    Fault(Fault),
}

/// An event as it is written, in a script or in a control command.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    at: Option<String>,
    after_s: Option<u64>,
    device: Option<String>,
    cuff: Option<CuffMeasurement>,
    oximeter: Option<OximeterMeasurement>,
    continuous: Option<ContinuousMeasurement>,
    scale: Option<ScaleMeasurement>,
    failed: Option<bool>,
    raw: Option<String>,
    press_button: Option<bool>,
    battery_percent: Option<u8>,
    fault: Option<Fault>,
}

impl Happening {
    /// Makes it happen.
    ///
    /// # Errors
    /// Refuses what the device cannot do.
    pub async fn happen(&self, sim: &Sim) -> Result<(), CommandError> {
        match self {
            Self::Measure {
                device,
                measurement,
            } => sim.measure(device, measurement.clone()).await,
            Self::PressButton { device } => sim.press_button(device).await,
            Self::Battery { device, percent } => sim.set_battery(device, *percent).await,
            Self::Fault(fault) => sim.fault(fault.clone()).await,
        }
    }
}

impl Event {
    pub(super) fn after(&self, starts_at: Option<Time>) -> Result<Duration> {
        match (self.after_s, self.at.as_deref(), starts_at) {
            (Some(seconds), None, _) => Ok(Duration::from_secs(seconds)),
            (None, Some(at), Some(starts_at)) => {
                let after = time_of_day(at)?.duration_since(starts_at);
                Duration::try_from(after)
                    .ok()
                    .context("it lies before the script's `starts_at`")
            }
            (None, Some(_), None) => bail!("`at` needs the script's `starts_at = \"HH:MM\"`"),
            _ => bail!("give either `after_s = 12` or `at = \"08:00\"`"),
        }
    }

    /// Returns what the event says happens, without its time.
    ///
    /// # Errors
    /// Refuses events that name nothing, more than one thing, or no device.
    pub fn happening(self, devices: &[DeviceConfig]) -> Result<Happening> {
        let raw = self
            .raw
            .as_deref()
            .map(hex::decode)
            .transpose()
            .context("`raw` is not hex")?;
        let measurements = [
            self.cuff.map(Measurement::Cuff),
            self.oximeter.map(Measurement::Oximeter),
            self.continuous.map(Measurement::Continuous),
            self.scale.map(Measurement::Scale),
            self.failed
                .filter(|failed| *failed)
                .map(|_| Measurement::Failed),
            raw.map(Measurement::Raw),
        ];
        let mut found = Vec::new();
        let device = self.device;
        let named = || device.clone().context("name the `device`");
        for measurement in measurements.into_iter().flatten() {
            found.push(Happening::Measure {
                device: named()?,
                measurement,
            });
        }
        if self.press_button == Some(true) {
            found.push(Happening::PressButton { device: named()? });
        }
        if let Some(percent) = self.battery_percent {
            found.push(Happening::Battery {
                device: named()?,
                percent,
            });
        }
        found.extend(self.fault.map(Happening::Fault));
        let Ok([happening]) = <[Happening; 1]>::try_from(found) else {
            bail!(
                "name exactly one of cuff, oximeter, continuous, scale, failed, raw, press_button, battery_percent, fault"
            )
        };
        if let Happening::Measure {
            device,
            measurement,
        } = &happening
        {
            check_measurement(devices, device, measurement)?;
        }
        Ok(happening)
    }

    /// Tells whether the event names a time of its own.
    pub fn is_timed(&self) -> bool {
        self.at.is_some() || self.after_s.is_some()
    }
}

/// Reads `08:00`.
pub(super) fn time_of_day(text: &str) -> Result<Time> {
    text.parse()
        .with_context(|| format!("{text:?} is not a time of day; write it like \"08:00\""))
}

fn check_measurement(
    devices: &[DeviceConfig],
    label: &str,
    measurement: &Measurement,
) -> Result<()> {
    let Some(device) = devices.iter().find(|device| device.label == label) else {
        bail!("there is no device {label:?}");
    };
    let fits = match measurement {
        Measurement::Cuff(_) => device.kind == DeviceKind::Cuff,
        Measurement::Oximeter(_) | Measurement::Continuous(_) => {
            device.kind == DeviceKind::Oximeter
        }
        Measurement::Scale(_) => device.kind == DeviceKind::Scale,
        Measurement::Failed | Measurement::Raw(_) => true,
    };
    ensure!(
        fits,
        "device {label:?} is a {:?} and cannot measure this",
        device.kind
    );
    Ok(())
}
