//! What a peripheral's file says.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::device::DeviceConfig;

/// How a device that wants a bond is paired with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// It has neither buttons nor a display for it.
    #[default]
    JustWorks,
    /// It shows six digits that must be entered at the collector.
    Passkey,
}

/// One peripheral.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeripheralConfig {
    /// The device, as in a home's script; its `adapter` is the one that it is, and its address that adapter's.
    pub device: DeviceConfig,
    /// How it is paired with.
    #[serde(default)]
    pub pairing: Pairing,
    /// Whether it hangs up as soon as it is bonded, as some cuffs do to end their setup.
    #[serde(default)]
    pub hangs_up_after_bonding: bool,
}

impl PeripheralConfig {
    /// Reads a file.
    ///
    /// # Errors
    /// Fails when the file is missing or wrong, naming the place.
    pub fn load(file: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("in {}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_little_and_nothing_unknown() {
        let text = "[device]\nlabel = 'cuff'\nkind = 'cuff'\naddress = 'C2:00:00:00:00:01'\nname = 'Cuff'\n";
        let config: PeripheralConfig = toml::from_str(text).unwrap();
        assert_eq!(config.pairing, Pairing::JustWorks);
        assert!(!config.hangs_up_after_bonding);
        let unknown = format!("pairs = true\n{text}");
        assert!(toml::from_str::<PeripheralConfig>(&unknown).is_err());
    }
}
