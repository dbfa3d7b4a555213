//! How the simulated daemon and its radio are set: mostly how long things take.

use std::time::Duration;

use serde::Deserialize;

/// How long things take; the defaults are those of real BlueZ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BluezConfig {
    /// Setting up a link to a device that advertises.
    pub connect_ms: u64,
    /// What is added while the adapter is discovering: the controller finishes its scan window first.
    pub connect_while_scanning_ms: u64,
    /// When a connection attempt to a device that does not advertise is given up.
    pub connect_timeout_ms: u64,
    /// From the link to resolved services.
    pub resolve_ms: u64,
    /// Disconnect() waits this long before the link goes down.
    pub disconnect_ms: u64,
    /// An unbonded device's object vanishes this long after it was last connected or seen.
    pub temporary_timeout_ms: u64,
    /// Interval at which an advertising device is reported while discovering.
    pub advertise_every_ms: u64,
    /// Just Works pairing.
    pub pair_ms: u64,
    /// Whether it is run with `Experimental = true`: 5.66 tells the advertised flags only then.
    pub experimental: bool,
}

impl BluezConfig {
    /// Returns times for tests that are not about waiting: everything happens at once, objects still live 30 s.
    pub fn quick() -> Self {
        Self {
            connect_ms: 1,
            connect_while_scanning_ms: 0,
            resolve_ms: 1,
            disconnect_ms: 1,
            advertise_every_ms: 20,
            pair_ms: 1,
            ..Self::default()
        }
    }
}

impl Default for BluezConfig {
    fn default() -> Self {
        Self {
            connect_ms: 30,
            connect_while_scanning_ms: 2_000,
            connect_timeout_ms: 20_000,
            resolve_ms: 50,
            disconnect_ms: 2_000,
            temporary_timeout_ms: 30_000,
            advertise_every_ms: 100,
            pair_ms: 200,
            experimental: false,
        }
    }
}

pub(super) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
