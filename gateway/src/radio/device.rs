//! What is used of a device: its measurements, its clock, its battery.

use std::collections::BTreeSet;

use btleplug::api::bleuuid::{BleUuid, uuid_from_u16};
use btleplug::api::{CharPropFlags, Characteristic as GattCharacteristic, ScanFilter};
use gatt::characteristic as number;
use uuid::Uuid;
use vitals::{Characteristic, DeviceTime};

/// Says that a clock was set from another clock (GATT Specification Supplement, Current Time, Adjust Reason).
const EXTERNAL_REFERENCE: u8 = 1 << 1;

/// Model Number String (Device Information Service 1.1).
const MODEL_NUMBER_STRING: u16 = 0x2A24;

/// Blood Pressure, Pulse Oximeter, Weight Scale, Body Composition and Health Thermometer (Bluetooth SIG, Assigned Numbers).
const HEALTH_SERVICES: [u16; 5] = [0x1810, PULSE_OXIMETER_SERVICE, 0x181D, 0x181B, 0x1809];
const PULSE_OXIMETER_SERVICE: u16 = 0x1822;

/// Nonin's oximetry service: the 3230 advertises it, and need not advertise the standard one
/// (andreasdri/nonin-3230-ble, `index.js`).
const NONIN_SERVICE: Uuid = Uuid::from_u128(0x46A9_70E0_0D5F_11E2_8B5E_0002_A5D5_C51B);

const MEASUREMENTS: [u16; 5] = [
    number::BLOOD_PRESSURE_MEASUREMENT,
    number::PLX_SPOT_CHECK,
    number::PLX_CONTINUOUS,
    number::WEIGHT_MEASUREMENT,
    number::TEMPERATURE_MEASUREMENT,
];

/// Gives the filter that lets only devices with a health service be reported.
pub(super) fn scan_filter() -> ScanFilter {
    let health = HEALTH_SERVICES.map(uuid_from_u16).into_iter();
    ScanFilter {
        services: health.chain([NONIN_SERVICE]).collect(),
    }
}

/// Gives the measurement that a value with this UUID is; `None` when it is something else, such as an answer to a read.
pub(super) fn measurement(uuid: Uuid) -> Option<Characteristic> {
    let standard = uuid.to_ble_u16().filter(|it| MEASUREMENTS.contains(it));
    let vendors = number::VENDORS
        .iter()
        .find(|(_, vendors)| uuid.as_u128() == *vendors);
    standard
        .or_else(|| vendors.map(|(number, _)| *number))
        .map(Characteristic)
}

/// Picks the measurements that can be subscribed to: the standard ones, else a vendor's, which would say the same again.
pub(super) fn measurements(found: &BTreeSet<GattCharacteristic>) -> Vec<GattCharacteristic> {
    let subscribable = CharPropFlags::NOTIFY | CharPropFlags::INDICATE;
    let (standard, vendors): (Vec<_>, Vec<_>) = found
        .iter()
        .filter(|it| measurement(it.uuid).is_some() && it.properties.intersects(subscribable))
        .cloned()
        .partition(|it| it.uuid.to_ble_u16().is_some());
    if standard.is_empty() {
        vendors
    } else {
        standard
    }
}

/// Picks where a pulse oximeter is asked for the records that it keeps (PLXS 1.0, 3.4).
pub(super) fn record_access(found: &BTreeSet<GattCharacteristic>) -> Option<GattCharacteristic> {
    let point = uuid_from_u16(number::RECORD_ACCESS_CONTROL_POINT);
    let usable = CharPropFlags::WRITE | CharPropFlags::INDICATE;
    let of_oximeter = |it: &&GattCharacteristic| {
        it.uuid == point
            && it.service_uuid == uuid_from_u16(PULSE_OXIMETER_SERVICE)
            && it.properties.contains(usable)
    };
    found.iter().find(of_oximeter).cloned()
}

/// Picks where a scale is told who consents (UDS 1.1, User Control Point).
pub(super) fn user_control(found: &BTreeSet<GattCharacteristic>) -> Option<GattCharacteristic> {
    let point = with_uuid(found, uuid_from_u16(number::USER_CONTROL_POINT))?;
    let usable = CharPropFlags::WRITE | CharPropFlags::INDICATE;
    point.properties.contains(usable).then_some(point)
}

/// Picks where the clock that stamps the measurements may be read: in the health service itself, else Current Time.
pub(super) fn clocks(found: &BTreeSet<GattCharacteristic>) -> Vec<GattCharacteristic> {
    let in_health_service = found.iter().filter(|it| {
        it.uuid == uuid_from_u16(number::DATE_TIME)
            && HEALTH_SERVICES
                .map(uuid_from_u16)
                .contains(&it.service_uuid)
    });
    let current_time = found
        .iter()
        .filter(|it| it.uuid == uuid_from_u16(number::CURRENT_TIME));
    in_health_service.chain(current_time).cloned().collect()
}

/// Picks where the battery level may be read.
pub(super) fn battery(found: &BTreeSet<GattCharacteristic>) -> Option<GattCharacteristic> {
    with_uuid(found, uuid_from_u16(number::BATTERY_LEVEL))
}

/// Picks where the model may be read.
pub(super) fn model(found: &BTreeSet<GattCharacteristic>) -> Option<GattCharacteristic> {
    with_uuid(found, uuid_from_u16(MODEL_NUMBER_STRING))
}

/// Picks a characteristic by its UUID.
pub(super) fn with_uuid(
    found: &BTreeSet<GattCharacteristic>,
    uuid: Uuid,
) -> Option<GattCharacteristic> {
    found.iter().find(|it| it.uuid == uuid).cloned()
}

/// Reads a device's clock from Date Time, or from Current Time, which begins with the same seven bytes
/// (GATT Specification Supplement); `None` when it names no moment.
pub(super) fn device_time(value: &[u8]) -> Option<DeviceTime> {
    let fields = gatt::DateTime::from_bytes(*value.first_chunk()?);
    DeviceTime::from_fields(
        fields.year,
        fields.month,
        fields.day,
        fields.hours,
        fields.minutes,
        fields.seconds,
    )
}

/// Gives what sets the clock of a characteristic to this wall time; `None` when it is not a clock.
pub(super) fn clock_value(
    at: &GattCharacteristic,
    shown: &jiff::civil::DateTime,
) -> Option<Vec<u8>> {
    let date_time = gatt::DateTime {
        year: shown.year().try_into().ok()?,
        month: shown.month().try_into().ok()?,
        day: shown.day().try_into().ok()?,
        hours: shown.hour().try_into().ok()?,
        minutes: shown.minute().try_into().ok()?,
        seconds: shown.second().try_into().ok()?,
    };
    match at.uuid.to_ble_u16()? {
        number::DATE_TIME => Some(date_time.encode().to_vec()),
        number::CURRENT_TIME => {
            let by_gateway = gatt::AdjustReason::from_bits(EXTERNAL_REFERENCE);
            Some(
                gatt::CurrentTime::new(date_time, 0, by_gateway)
                    .encode()
                    .to_vec(),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn characteristic(service: u16, number: u16, properties: CharPropFlags) -> GattCharacteristic {
        GattCharacteristic {
            uuid: uuid_from_u16(number),
            service_uuid: uuid_from_u16(service),
            properties,
            descriptors: BTreeSet::new(),
        }
    }

    #[test]
    fn only_measurements_that_speak_up_are_subscribed_to() {
        let found = BTreeSet::from([
            characteristic(0x1810, 0x2A35, CharPropFlags::INDICATE),
            characteristic(0x1810, 0x2A36, CharPropFlags::NOTIFY),
            characteristic(0x1810, 0x2A49, CharPropFlags::READ),
            characteristic(0x181D, 0x2A9D, CharPropFlags::READ),
            characteristic(0x1822, 0x2A5F, CharPropFlags::NOTIFY),
        ]);
        let numbers: BTreeSet<_> = measurements(&found)
            .iter()
            .filter_map(|it| it.uuid.to_ble_u16())
            .collect();
        assert_eq!(numbers, BTreeSet::from([0x2A35, 0x2A5F]));
        assert_eq!(measurement(uuid_from_u16(0x2A19)), None);
    }

    #[test]
    fn a_vendors_measurement_is_taken_only_where_there_is_no_standard_one() {
        let nonin = GattCharacteristic {
            uuid: Uuid::from_u128(0x0AAD_7EA0_0D60_11E2_8E3C_0002_A5D5_C51B),
            service_uuid: NONIN_SERVICE,
            properties: CharPropFlags::NOTIFY,
            descriptors: BTreeSet::new(),
        };
        assert_eq!(measurement(nonin.uuid), Some(Characteristic(0x0001)));
        let mut found = BTreeSet::from([
            characteristic(0x180F, 0x2A19, CharPropFlags::NOTIFY),
            nonin.clone(),
        ]);
        assert_eq!(measurements(&found), [nonin]);
        let standard = characteristic(0x1822, 0x2A5F, CharPropFlags::NOTIFY);
        found.insert(standard.clone());
        assert_eq!(measurements(&found), [standard]);
        assert!(scan_filter().services.contains(&NONIN_SERVICE));
    }

    #[test]
    fn records_are_asked_for_where_an_oximeter_answers() {
        let answers = CharPropFlags::WRITE | CharPropFlags::INDICATE;
        let found = BTreeSet::from([
            characteristic(0x1808, 0x2A52, answers),
            characteristic(0x1822, 0x2A52, answers),
        ]);
        let point = record_access(&found).unwrap();
        assert_eq!(point.service_uuid, uuid_from_u16(0x1822));
        let mute = BTreeSet::from([characteristic(0x1822, 0x2A52, CharPropFlags::WRITE)]);
        assert_eq!(record_access(&mute), None);
    }

    #[test]
    fn the_clock_in_the_health_service_comes_first() {
        let found = BTreeSet::from([
            characteristic(0x1805, 0x2A2B, CharPropFlags::READ),
            characteristic(0x1805, 0x2A08, CharPropFlags::READ),
            characteristic(0x1810, 0x2A08, CharPropFlags::READ),
        ]);
        let services: Vec<_> = clocks(&found).iter().map(|it| it.service_uuid).collect();
        assert_eq!(services, [uuid_from_u16(0x1810), uuid_from_u16(0x1805)]);
    }

    #[test]
    fn both_clocks_are_read_and_an_unset_one_is_none() {
        // 2026-11-21 08:00:05, as Date Time and as Current Time (Saturday, no fractions, never adjusted).
        let date_time = [0xEA, 0x07, 11, 21, 8, 0, 5];
        let current_time = [0xEA, 0x07, 11, 21, 8, 0, 5, 6, 0, 0];
        for value in [&date_time[..], &current_time[..]] {
            assert_eq!(
                device_time(value).unwrap().to_string(),
                "2026-11-21T08:00:05"
            );
        }
        assert_eq!(device_time(&[0; 7]), None);
        assert_eq!(device_time(&date_time[..6]), None);
    }
}
