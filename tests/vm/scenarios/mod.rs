//! The scenarios: each boots a machine of its own and fails unless every value is accounted for.

mod adapter_replugged;
mod bluetoothd_killed;
mod clock_set;
mod disk_read_only;
mod first_pairing;
mod hang_up_after_bonding;
mod link_lost;
mod package_installed;
mod pair_commands;
mod paired_first;
mod stored_records;
mod three_sessions;
mod two_adapters;
mod two_devices;
mod wrong_passkey;

use std::pin::Pin;

use crate::guest::Guest;
use crate::machine::System;

type Play<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;

/// One scenario.
pub(crate) struct Scenario {
    /// By which it is asked for.
    pub(crate) name: &'static str,
    /// In what.
    pub(crate) system: System,
    /// Plays it.
    pub(crate) play: for<'a> fn(&'a mut Guest) -> Play<'a>,
}

/// All of them.
pub(crate) const ALL: [Scenario; 15] = [
    Scenario {
        name: "first_pairing",
        system: System::Small,
        play: |guest| Box::pin(first_pairing::play(guest)),
    },
    Scenario {
        name: "paired_first",
        system: System::Small,
        play: |guest| Box::pin(paired_first::play(guest)),
    },
    Scenario {
        name: "three_sessions",
        system: System::Small,
        play: |guest| Box::pin(three_sessions::play(guest)),
    },
    Scenario {
        name: "link_lost",
        system: System::Small,
        play: |guest| Box::pin(link_lost::play(guest)),
    },
    Scenario {
        name: "bluetoothd_killed",
        system: System::Small,
        play: |guest| Box::pin(bluetoothd_killed::play(guest)),
    },
    Scenario {
        name: "adapter_replugged",
        system: System::Small,
        play: |guest| Box::pin(adapter_replugged::play(guest)),
    },
    Scenario {
        name: "stored_records",
        system: System::Small,
        play: |guest| Box::pin(stored_records::play(guest)),
    },
    Scenario {
        name: "clock_set",
        system: System::Small,
        play: |guest| Box::pin(clock_set::play(guest)),
    },
    Scenario {
        name: "two_adapters",
        system: System::Small,
        play: |guest| Box::pin(two_adapters::play(guest)),
    },
    Scenario {
        name: "two_devices",
        system: System::Small,
        play: |guest| Box::pin(two_devices::play(guest)),
    },
    Scenario {
        name: "hang_up_after_bonding",
        system: System::Small,
        play: |guest| Box::pin(hang_up_after_bonding::play(guest)),
    },
    Scenario {
        name: "wrong_passkey",
        system: System::Small,
        play: |guest| Box::pin(wrong_passkey::play(guest)),
    },
    Scenario {
        name: "pair_commands",
        system: System::Small,
        play: |guest| Box::pin(pair_commands::play(guest)),
    },
    Scenario {
        name: "disk_read_only",
        system: System::Small,
        play: |guest| Box::pin(disk_read_only::play(guest)),
    },
    Scenario {
        name: "package_installed",
        system: System::Debian,
        play: |guest| Box::pin(package_installed::play(guest)),
    },
];
