//! Each kind of device is heard by its own characteristic.

use firmware_sim::device::{
    ClockConfig, ContinuousMeasurement, DeviceConfig, DeviceKind, Measurement, MemoryConfig,
    OximeterMeasurement,
};
use gatt::Dialect;
use vitals::Characteristic;

use crate::home::{Home, cuff, in_own_process, patiently, pressure};

#[test]
fn an_oximeter_is_heard_by_spot_check_and_while_a_finger_is_in() {
    in_own_process(
        "device_kinds::an_oximeter_is_heard_by_spot_check_and_while_a_finger_is_in",
        |bus_dir| async {
            let oximeter = DeviceConfig::new("oximeter", DeviceKind::Oximeter, "C2:00:00:00:00:02");
            let mut home = Home::start(bus_dir, vec![oximeter]).await;
            let spot_check = OximeterMeasurement {
                spo2: 91.into(),
                pulse: 88.into(),
                measurement_status: None,
                sensor_status: None,
            };
            let spot_check = Measurement::Oximeter(spot_check);
            home.sim.measure("oximeter", spot_check).await.unwrap();
            assert_eq!(
                home.commit_next().await.characteristic,
                Characteristic(0x2A5E)
            );

            let finger = ContinuousMeasurement {
                spo2: 97.into(),
                pulse: 63.into(),
                seconds: 60,
            };
            let finger = Measurement::Continuous(finger);
            home.sim.measure("oximeter", finger).await.unwrap();
            assert_eq!(
                home.commit_next().await.characteristic,
                Characteristic(0x2A5F)
            );
            home.shutdown.cancel();
            let gone = home.sim.wait_for("oximeter", |it| !it.connected);
            patiently(gone).await.unwrap();
            home.end().await;
        },
    );
}

#[test]
fn an_oximeter_with_a_vendors_service_is_heard_by_it() {
    in_own_process(
        "device_kinds::an_oximeter_with_a_vendors_service_is_heard_by_it",
        |bus_dir| async {
            let nonin = DeviceConfig {
                name: "Nonin3230_501234567".to_owned(),
                nonin: true,
                ..DeviceConfig::new("oximeter", DeviceKind::Oximeter, "C2:00:00:00:00:02")
            };
            let mut home = Home::start(bus_dir, vec![nonin]).await;
            let finger = ContinuousMeasurement {
                spo2: 97.into(),
                pulse: 63.into(),
                seconds: 60,
            };
            let finger = Measurement::Continuous(finger);
            home.sim.measure("oximeter", finger).await.unwrap();
            let capture = home.commit_next().await;
            assert_eq!(capture.characteristic, Characteristic(0x0001));
            // SpO2, and the pulse big-endian.
            assert_eq!(capture.raw.as_slice()[7..], [97, 0, 63]);
            home.shutdown.cancel();
            let gone = home.sim.wait_for("oximeter", |it| !it.connected);
            patiently(gone).await.unwrap();
            home.end().await;
        },
    );
}

#[test]
fn an_oximeter_that_keeps_its_records_is_asked_for_them() {
    in_own_process(
        "device_kinds::an_oximeter_that_keeps_its_records_is_asked_for_them",
        |bus_dir| async {
            let memory = MemoryConfig {
                by_request: true,
                ..MemoryConfig::default()
            };
            let oximeter = DeviceConfig {
                memory,
                ..DeviceConfig::new("oximeter", DeviceKind::Oximeter, "C2:00:00:00:00:02")
            };
            let mut home = Home::start(bus_dir, vec![oximeter]).await;
            for pulse in 60..65 {
                let spot_check = OximeterMeasurement {
                    spo2: 95.into(),
                    pulse: pulse.into(),
                    measurement_status: None,
                    sensor_status: None,
                };
                let spot_check = Measurement::Oximeter(spot_check);
                home.sim.measure("oximeter", spot_check).await.unwrap();
            }
            let mut pulses = Vec::new();
            for _ in 0..5 {
                let capture = home.commit_next().await;
                assert_eq!(capture.characteristic, Characteristic(0x2A5E));
                // PLXS 1.0, 3.2: flags, SpO2, pulse rate.
                pulses.push(capture.raw.as_slice()[3]);
            }
            pulses.sort_unstable();
            assert_eq!(pulses, [60, 61, 62, 63, 64]);
            home.let_go("oximeter").await;
            home.end().await;
        },
    );
}

#[test]
fn a_scale_is_heard() {
    in_own_process("device_kinds::a_scale_is_heard", |bus_dir| async {
        let scale = DeviceConfig::new("scale", DeviceKind::Scale, "C2:00:00:00:00:03");
        let mut home = Home::start(bus_dir, vec![scale]).await;
        let bytes = [0x00, 0x70, 0x3E];
        home.measure("scale", &bytes).await;
        let capture = home.commit_next().await;
        assert_eq!(capture.characteristic, Characteristic(0x2A9D));
        assert_eq!(capture.raw.as_slice(), bytes);
        home.let_go("scale").await;
        home.end().await;
    });
}

#[test]
fn a_device_is_recognised_by_the_model_that_it_tells() {
    in_own_process(
        "device_kinds::a_device_is_recognised_by_the_model_that_it_tells",
        |bus_dir| async {
            let quirky = DeviceConfig {
                model: "BM85".to_owned(),
                ..cuff()
            };
            let usual = DeviceConfig::new("usual", DeviceKind::Cuff, "C2:00:00:00:00:02");
            let mut home = Home::start(bus_dir, vec![quirky, usual]).await;
            for (device, dialect) in [
                ("cuff", Dialect::BigEndianTail),
                ("usual", Dialect::Standard),
            ] {
                home.measure(device, &pressure(128)).await;
                assert_eq!(home.commit_next().await.dialect, dialect);
                home.let_go(device).await;
            }
            home.end().await;
        },
    );
}

#[test]
fn an_omron_is_connected_to_when_it_says_that_there_is_something_to_do() {
    in_own_process(
        "device_kinds::an_omron_is_connected_to_when_it_says_that_there_is_something_to_do",
        |bus_dir| async {
            let omron = DeviceConfig {
                name: "BLEsmart_00000116005053AB".to_owned(),
                omron: true,
                clock: ClockConfig {
                    unset: true,
                    ..ClockConfig::default()
                },
                ..DeviceConfig::new("omron", DeviceKind::Cuff, "C2:00:00:00:00:02")
            };
            let mut home = Home::start(bus_dir, vec![omron, cuff()]).await;
            // Nothing is kept, but its clock was never set.
            home.sim.press_button("omron").await.unwrap();
            let set = home
                .sim
                .wait_for("omron", |it| it.clock_set_by_collector && !it.connected);
            let met = patiently(set).await.unwrap().sessions;
            // Now there is nothing to do: a cuff is met meanwhile, and this one advertises on.
            home.sim.press_button("omron").await.unwrap();
            for systolic in [128, 129] {
                home.measure("cuff", &pressure(systolic)).await;
                assert_eq!(home.commit_next().await.device.as_str(), "cuff");
                home.let_go("cuff").await;
            }
            let told = home.sim.wait_for("omron", |it| it.advertising);
            assert_eq!(patiently(told).await.unwrap().sessions, met);
            home.measure("omron", &pressure(130)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(130));
            home.let_go("omron").await;
            home.end().await;
        },
    );
}

/// A weight of 69.6 kg at rest, in the service data of a Xiaomi scale (esphome, `xiaomi_miscale.cpp`).
const WEIGHING: [u8; 10] = [0x22, 0x60, 0x36, 0xE3, 0x07, 7, 0x11, 0x0F, 0x1F, 0x11];

#[test]
fn a_scale_that_only_advertises_is_heard_once_and_never_connected_to() {
    in_own_process(
        "device_kinds::a_scale_that_only_advertises_is_heard_once_and_never_connected_to",
        |bus_dir| async {
            let scale = DeviceConfig {
                name: "MI_SCALE".to_owned(),
                service_data: WEIGHING.to_vec(),
                ..DeviceConfig::new("scale", DeviceKind::Scale, "C2:00:00:00:00:03")
            };
            let mut home = Home::start(bus_dir, vec![scale, cuff()]).await;
            home.measure("scale", &[0, 1, 2]).await;
            let capture = home.commit_next().await;
            assert_eq!(capture.characteristic, Characteristic(0x181D));
            assert_eq!(capture.raw.as_slice(), WEIGHING);
            // It has been advertising all the while that a cuff needed for a session.
            home.measure("cuff", &pressure(128)).await;
            assert_eq!(home.commit_next().await.device.as_str(), "cuff");
            home.let_go("cuff").await;
            let delivered = home.sim.delivered("scale").await.unwrap();
            assert!(delivered.is_empty());
            home.end().await;
        },
    );
}
