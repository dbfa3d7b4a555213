//! Which adapter hears a device best.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::bindings::Address;

/// How long it counts how strongly an adapter has heard a device.
const COUNTS_FOR: Duration = Duration::from_secs(3);

/// By how much another adapter must hear a device better: one place's signal wavers by as much.
const CLEARLY_DB: i16 = 6;

/// Is how strongly each adapter hears each registered device.
#[derive(Debug, Default)]
pub(super) struct Ears(HashMap<String, Ear>);

#[derive(Debug, Default)]
struct Ear {
    /// Whether it is in a session, and so cannot take another device.
    busy: bool,
    /// Of registered devices only.
    heard: HashMap<Address, (i16, Instant)>,
}

impl Ears {
    /// Notes how strongly an adapter hears a device, in dBm.
    pub(super) fn hears(&mut self, adapter: &str, address: Address, signal_dbm: i16, now: Instant) {
        let ear = self.0.entry(adapter.to_owned()).or_default();
        ear.heard.insert(address, (signal_dbm, now));
    }

    /// Notes whether an adapter is in a session.
    pub(super) fn set_busy(&mut self, adapter: &str, busy: bool) {
        self.0.entry(adapter.to_owned()).or_default().busy = busy;
    }

    /// Forgets an adapter.
    pub(super) fn is_deaf(&mut self, adapter: &str) {
        self.0.remove(adapter);
    }

    /// Tells whether an adapter does well to leave a device to another one, which is free and hears it clearly better.
    pub(super) fn is_better_elsewhere(
        &self,
        adapter: &str,
        address: Address,
        now: Instant,
    ) -> bool {
        let lately = |ear: &Ear| {
            let (signal_dbm, at) = ear.heard.get(&address)?;
            (now.duration_since(*at) < COUNTS_FOR).then_some(*signal_dbm)
        };
        let own = self.0.get(adapter).and_then(lately).unwrap_or(i16::MIN);
        let others = self.0.iter().filter(|(name, _)| *name != adapter);
        others
            .filter(|(_, ear)| !ear.busy)
            .filter_map(|(_, ear)| lately(ear))
            .any(|signal_dbm| signal_dbm >= own.saturating_add(CLEARLY_DB))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_left_to_the_adapter_that_is_free_and_hears_it_clearly_better() {
        let address = [2, 0, 0, 0, 0, 1].into();
        let start = Instant::now();
        let mut ears = Ears::default();
        ears.hears("hci0", address, -80, start);
        let better = |ears: &Ears, adapter, now| ears.is_better_elsewhere(adapter, address, now);
        assert!(!better(&ears, "hci0", start), "nobody else hears it");
        ears.hears("hci1", address, -75, start);
        assert!(!better(&ears, "hci0", start), "no stronger than it wavers");
        ears.hears("hci1", address, -60, start);
        assert!(better(&ears, "hci0", start));
        assert!(!better(&ears, "hci1", start));

        ears.set_busy("hci1", true);
        assert!(!better(&ears, "hci0", start), "it has no time");
        ears.set_busy("hci1", false);
        let later = start + COUNTS_FOR;
        assert!(!better(&ears, "hci0", later), "that was long ago");
        ears.hears("hci1", address, -60, later);
        assert!(better(&ears, "hci0", later));
        ears.is_deaf("hci1");
        assert!(!better(&ears, "hci0", later), "it is unplugged");
    }
}
