//! What devices tell by advertising: their measurements, of those that are never connected to; or that they keep none.

use std::collections::HashMap;

use btleplug::api::PeripheralProperties;
use btleplug::api::bleuuid::uuid_from_u16;
use gatt::{DateTime, OMRON_COMPANY, OmronState, Surprises, XiaomiWeighing};
use uuid::Uuid;
use vitals::{Characteristic, DeviceId, RawBytes};

use super::values::Value;
use crate::quirks::{Advertised, Behaviour, Seen, Table};

type Read = fn(&[u8]) -> Result<XiaomiWeighing, gatt::DecodeError>;

/// The services in whose data the scales advertise, and how each is read.
const XIAOMI: [(u16, Read); 2] = [
    (0x181D, XiaomiWeighing::decode_weight),
    (0x181B, XiaomiWeighing::decode_body_composition),
];

/// A measurement that was advertised, and when by the device's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) value: Value,
    shown: DateTime,
}

/// Looks a device up in the table, by what it advertised, the services that it is known to have besides, and its model.
pub(super) fn behaviour<'a>(
    table: &'a Table,
    advertised: &PeripheralProperties,
    has: impl IntoIterator<Item = Uuid>,
    model: Option<&str>,
) -> &'a Behaviour {
    let services: Vec<Uuid> = advertised.services.iter().copied().chain(has).collect();
    let company_ids: Vec<u16> = advertised.manufacturer_data.keys().copied().collect();
    let seen = Seen {
        name: advertised.local_name.as_deref(),
        company_ids: &company_ids,
        services: &services,
        model,
    };
    table.behaviour(&seen)
}

/// Tells how a device advertises its measurements, by what it advertised; `None` for one that is to be connected to.
pub(super) fn way(table: &Table, advertised: &PeripheralProperties) -> Option<Advertised> {
    match behaviour(table, advertised, [], None) {
        Behaviour::Advertised(way) => Some(*way),
        Behaviour::Connected(_) => None,
    }
}

/// Tells whether a device says by what it advertises that there is nothing to connect for: an Omron that keeps no record
/// of any user, whose clock is set, and that neither waits to be paired nor measures just now. Whatever is not sure is no.
pub(super) fn has_nothing(manufacturer_data: &HashMap<u16, Vec<u8>>) -> bool {
    let told = manufacturer_data.get(&OMRON_COMPANY);
    let Some(Ok(state)) = told.map(|data| OmronState::decode(data)) else {
        return false;
    };
    let flags = state.flags;
    state.surprises == Surprises::default()
        && flags.standard_services()
        && !(flags.time_not_set() || flags.pairing_mode() || flags.streaming())
        && state.users.iter().all(|user| user.records == 0)
}

/// Picks the measurement out of what was advertised; `None` while there is none yet.
pub(super) fn outcome(way: Advertised, data: &HashMap<Uuid, Vec<u8>>) -> Option<Outcome> {
    let Advertised::XiaomiScale = way;
    XIAOMI.iter().find_map(|(service, read)| {
        let bytes = data.get(&uuid_from_u16(*service))?;
        let weighing = read(bytes).ok().filter(XiaomiWeighing::is_outcome)?;
        let raw = RawBytes::try_from(bytes.clone()).ok()?;
        Some(Outcome {
            value: (Characteristic(*service), raw),
            shown: weighing.timestamp,
        })
    })
}

/// The last measurement of each device. One is advertised over and over, and in other bytes once the impedance is
/// known: it is the same while the device's time is.
#[derive(Debug, Default)]
pub(super) struct Latest(HashMap<DeviceId, DateTime>);

impl Latest {
    /// Tells whether a measurement is another than the one before, and notes it.
    pub(super) fn is_news(&mut self, device: &DeviceId, outcome: &Outcome) -> bool {
        self.0.insert(device.clone(), outcome.shown) != Some(outcome.shown)
    }

    /// Forgets a device.
    pub(super) fn forget(&mut self, device: &DeviceId) {
        self.0.remove(device);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the layout in esphome/esphome `xiaomi_miscale.cpp`: 69.6 kg at 2019-07-17 15:31:17.
    fn advertised(flags: u8, second: u8) -> HashMap<Uuid, Vec<u8>> {
        let bytes = vec![flags, 0x60, 0x36, 0xE3, 0x07, 7, 0x11, 0x0F, 0x1F, second];
        HashMap::from([(uuid_from_u16(0x181D), bytes)])
    }

    #[test]
    fn only_an_omron_that_surely_has_nothing_is_not_connected_to() {
        let idle = [1, 0x21, 9, 0, 0, 4, 0, 0];
        let told = |company: u16, data: &[u8]| has_nothing(&[(company, data.to_vec())].into());
        assert!(told(0x020E, &idle));
        assert!(!has_nothing(&HashMap::new()));
        assert!(!told(0xFFFF, &idle), "of another company");
        for (at, byte, why) in [
            (4, 1, "a record of the first user"),
            (7, 200, "records of the second"),
            (1, 0x25, "its clock is not set"),
            (1, 0x29, "it waits to be paired"),
            (1, 0x31, "it measures just now"),
            (1, 0x01, "it speaks Omron's own services"),
            (1, 0x61, "a flag that is not known"),
            (0, 2, "data that are not known"),
            (1, 0x20, "one user, and bytes left over"),
            (1, 0x22, "three users, of which one is missing"),
        ] {
            let mut other = idle;
            other[at] = byte;
            assert!(!told(0x020E, &other), "{why}");
        }
    }

    #[test]
    fn only_a_weight_at_rest_is_taken_and_once() {
        let scale = "scale".parse().unwrap();
        let pick = |data| outcome(Advertised::XiaomiScale, &data);
        assert_eq!(pick(HashMap::new()), None);
        assert_eq!(pick(advertised(0x02, 17)), None, "not at rest");
        assert_eq!(pick(advertised(0xA2, 17)), None, "already stepped off");
        let first = pick(advertised(0x22, 17)).unwrap();
        let mut latest = Latest::default();
        assert!(latest.is_news(&scale, &first));
        assert!(!latest.is_news(&scale, &first));
        let second = pick(advertised(0x22, 18)).unwrap();
        assert!(latest.is_news(&scale, &second));
        latest.forget(&scale);
        assert!(latest.is_news(&scale, &second));
    }
}
