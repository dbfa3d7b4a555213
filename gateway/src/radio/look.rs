//! Devices that are near and none of this home: which of them an installer may mean.

use std::collections::HashMap;

use btleplug::api::bleuuid::uuid_from_u16;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::bluez::Known;
use crate::bindings::Address;
use crate::config::DeviceKind;
use crate::quirks::{Behaviour, Seen, Table};

/// The most candidates that are told of.
pub const CANDIDATES_LEN_MAX: usize = 16;

/// The longest name that is told of, in characters: an advertisement has no room for a longer one.
const NAME_LEN_MAX: usize = 40;

/// "LE Limited Discoverable Mode" in the advertised Flags (Core Specification Supplement, Part A, 1.3): health devices
/// advertise so only while their button is held for pairing.
const LIMITED_DISCOVERABLE: u8 = 1;

/// Omron Healthcare (Bluetooth SIG, Assigned Numbers), what its manufacturer data begins with, and its flag of a device
/// in pairing mode (StanfordSpezi/SpeziDevices, `OmronManufacturerData.swift`).
const OMRON: u16 = 0x020E;
const OMRON_USER_DATA: u8 = 0x01;
const OMRON_PAIRING_MODE: u8 = 1 << 3;

/// Which kind of device has which health service (Bluetooth SIG, Assigned Numbers).
const KINDS: [(u16, DeviceKind); 5] = [
    (0x1810, DeviceKind::Cuff),
    (0x1822, DeviceKind::Oximeter),
    (0x181D, DeviceKind::Scale),
    (0x181B, DeviceKind::Scale),
    (0x1809, DeviceKind::Thermometer),
];

/// Is a device that is near and none of this home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// By which it is bound.
    pub address: Address,
    /// The name that it advertises, without what a terminal would take for a command.
    pub name: Option<String>,
    /// What it measures, by the services that it advertises; empty for one that does not say.
    pub kinds: Vec<DeviceKind>,
    /// Whether the table of devices says how it is to be treated; others are treated as the specifications say.
    pub is_in_table: bool,
    /// The company ids of what it advertises (Bluetooth SIG, Assigned Numbers), smallest first.
    pub company_ids: Vec<u16>,
    /// How strongly it is heard, in dBm: nearer 0 is stronger.
    pub signal_dbm: i16,
    /// Whether it says that it is in pairing mode; `None` where it says nothing of it, or BlueZ does not pass it on.
    pub is_in_pairing_mode: Option<bool>,
    /// Whether BlueZ has a bond with it, perhaps from another home.
    pub is_paired: bool,
}

impl Candidate {
    /// Takes a device for a candidate if it is heard, and is one that measures.
    pub(super) fn of(known: &Known, table: &Table) -> Option<Self> {
        let mut company_ids: Vec<u16> = known.manufacturer_data.keys().copied().collect();
        company_ids.sort_unstable();
        let seen = Seen {
            name: known.name.as_deref(),
            company_ids: &company_ids,
            services: &known.services,
            model: None,
        };
        let is_in_table = *table.behaviour(&seen) != Behaviour::default();
        let kinds = kinds(&known.services);
        if kinds.is_empty() && !is_in_table {
            return None;
        }
        Some(Self {
            address: known.address?,
            signal_dbm: known.signal_dbm?,
            name: known.name.as_deref().and_then(shown),
            kinds,
            is_in_table,
            is_in_pairing_mode: pairing_mode(known.flags, &known.manufacturer_data),
            company_ids,
            is_paired: known.is_paired,
        })
    }
}

/// Adds what is heard now to what was heard before: of each device the latest, by the adapter that hears it best. Those
/// of the wanted kind come first, then those in pairing mode, then the strongest; there are at most
/// [`CANDIDATES_LEN_MAX`].
pub(super) fn add(found: &mut Vec<Candidate>, mut heard: Vec<Candidate>, kind: DeviceKind) {
    heard.sort_by_key(|it| std::cmp::Reverse(it.signal_dbm));
    heard.append(found);
    for mut candidate in heard {
        match found.iter_mut().find(|it| it.address == candidate.address) {
            Some(latest) => latest.name = latest.name.take().or(candidate.name.take()),
            None => found.push(candidate),
        }
    }
    found.sort_by_key(|it| {
        let is_wanted = it.kinds.contains(&kind);
        let pairs = it.is_in_pairing_mode == Some(true);
        std::cmp::Reverse((is_wanted, pairs && is_wanted, it.signal_dbm))
    });
    found.truncate(CANDIDATES_LEN_MAX);
}

fn kinds(services: &[Uuid]) -> Vec<DeviceKind> {
    let mut kinds: Vec<DeviceKind> = Vec::new();
    for (service, kind) in KINDS {
        if services.contains(&uuid_from_u16(service)) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn pairing_mode(flags: Option<u8>, manufacturer_data: &HashMap<u16, Vec<u8>>) -> Option<bool> {
    if let Some([OMRON_USER_DATA, flags, ..]) = manufacturer_data.get(&OMRON).map(Vec::as_slice) {
        return Some(flags & OMRON_PAIRING_MODE != 0);
    }
    // That the bit is not set says nothing: many devices are in general discoverable mode even then.
    flags
        .filter(|flags| flags & LIMITED_DISCOVERABLE != 0)
        .map(|_| true)
}

/// Anybody may advertise anything, and somebody looks at it on a terminal.
fn shown(name: &str) -> Option<String> {
    let shown: String = name
        .chars()
        .filter(|it| !it.is_control())
        .take(NAME_LEN_MAX)
        .collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quirks;

    fn known(last: u8, services: &[u16], signal_dbm: i16) -> Known {
        Known {
            address: Some([2, 0, 0, 0, 0, last].into()),
            signal_dbm: Some(signal_dbm),
            services: services.iter().copied().map(uuid_from_u16).collect(),
            ..Known::default()
        }
    }

    fn candidate(known: &Known) -> Option<Candidate> {
        Candidate::of(known, &Table::parse(quirks::BUILT_IN).unwrap())
    }

    #[test]
    fn only_what_measures_and_is_heard_is_a_candidate() {
        let cuff = candidate(&known(1, &[0x1810, 0x180F], -60)).unwrap();
        assert_eq!(cuff.kinds, [DeviceKind::Cuff]);
        assert_eq!((cuff.is_in_table, cuff.is_in_pairing_mode), (false, None));
        assert_eq!(
            candidate(&known(2, &[0x180F], -60)),
            None,
            "no health device"
        );
        let silent = Known {
            signal_dbm: None,
            ..known(3, &[0x1810], 0)
        };
        assert_eq!(candidate(&silent), None, "BlueZ knows it from long ago");
        let by_name = Known {
            name: Some("BLEsmart_0000011F00\u{1b}[2J".to_owned()),
            ..known(4, &[], -60)
        };
        let by_name = candidate(&by_name).unwrap();
        assert_eq!(by_name.name.as_deref(), Some("BLEsmart_0000011F00[2J"));
        assert!(by_name.is_in_table && by_name.kinds.is_empty());
    }

    #[test]
    fn a_device_in_pairing_mode_is_told_from_its_flags_or_omrons_own() {
        let with_flags = |flags| Known {
            flags: Some(flags),
            ..known(1, &[0x181D], -60)
        };
        let mode = |known: Known| candidate(&known).unwrap().is_in_pairing_mode;
        assert_eq!(mode(with_flags(0x05)), Some(true));
        assert_eq!(mode(with_flags(0x06)), None);
        for (flags, pairing) in [(0x28, true), (0x20, false)] {
            let omron = Known {
                manufacturer_data: HashMap::from([(OMRON, vec![0x01, flags, 0, 0, 0])]),
                ..known(1, &[0x1810], -60)
            };
            assert_eq!(mode(omron), Some(pairing));
        }
    }

    #[test]
    fn the_wanted_kind_comes_first_and_then_the_strongest() {
        let mut found = Vec::new();
        let mut look = |heard: Vec<Known>| {
            let heard = heard.iter().filter_map(candidate).collect();
            add(&mut found, heard, DeviceKind::Cuff);
            let told = found.iter().map(|it| it.address.to_string());
            let told: Vec<u8> = told
                .map(|it| u8::from_str_radix(&it[15..], 16).unwrap())
                .collect();
            (told, found[0].signal_dbm)
        };
        let pairing = Known {
            flags: Some(0x05),
            ..known(4, &[0x1810], -90)
        };
        let heard = vec![
            known(1, &[0x181D], -30),
            known(2, &[0x1810], -80),
            known(3, &[0x1810], -50),
            known(3, &[0x1810], -70),
        ];
        assert_eq!(look(heard), (vec![3, 2, 1], -50));
        assert_eq!(look(vec![known(3, &[0x1810], -85)]), (vec![2, 3, 1], -80));
        assert_eq!(look(vec![pairing]), (vec![4, 2, 3, 1], -90));
        let crowd = (10..40).map(|last| known(last, &[0x1810], -40)).collect();
        assert_eq!(look(crowd).0.len(), CANDIDATES_LEN_MAX);
    }
}
