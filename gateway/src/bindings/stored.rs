//! The file of the bindings that an installer made with commands.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use vitals::DeviceId;

use super::Address;
use crate::config::DeviceConfig;
use crate::keys::{self, StateLock};

/// The file's name in the state folder.
pub const FILE_NAME: &str = "bindings.json";

/// The longest file, in bytes: far more than the most devices take.
const FILE_LEN_MAX: u64 = 16 * 1024;

/// Is the bindings that commands made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// The address of each device that was bound.
    pub bound: BTreeMap<DeviceId, Address>,
}

impl Stored {
    /// Picks what is to be stored: what stands in the configuration is there already.
    pub fn of(devices: &[DeviceConfig]) -> Self {
        let bound = devices
            .iter()
            .filter(|it| !it.is_written)
            .filter_map(|it| Some((it.id.clone(), it.address?)));
        Self {
            bound: bound.collect(),
        }
    }

    /// Writes the file: after a crash there is the whole of it or the one before. Only the gateway's user can read it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, state_dir: &Path, lock: &StateLock) -> anyhow::Result<()> {
        keys::write(
            state_dir,
            FILE_NAME,
            lock,
            &serde_json::to_vec_pretty(self)?,
        )
    }
}

/// Reads the file; nothing is bound before it is there.
///
/// # Errors
/// When it is there and cannot be read or understood.
pub fn load(state_dir: &Path) -> anyhow::Result<Stored> {
    let path = state_dir.join(FILE_NAME);
    let about = || {
        format!(
            "the bindings {} cannot be read; move the file away and bind the devices anew",
            path.display()
        )
    };
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Stored::default()),
        Err(error) => return Err(error).with_context(about),
    };
    let mut text = String::new();
    file.take(FILE_LEN_MAX + 1)
        .read_to_string(&mut text)
        .with_context(about)?;
    let fits = u64::try_from(text.len()).is_ok_and(|len| len <= FILE_LEN_MAX);
    ensure!(fits, "{}: it is longer than {FILE_LEN_MAX} bytes", about());
    serde_json::from_str(&text).with_context(about)
}
