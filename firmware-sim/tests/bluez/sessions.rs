//! Whole sessions with a cuff.

use crate::home::{
    Client, characteristic, cuff_config, in_own_process, naive_session, next_value, patiently,
    pressure, start,
};
use btleplug::api::{CharPropFlags, Peripheral as _, WriteType};
use firmware_sim::{bluez::BluezConfig, device::ClockConfig};

#[test]
fn a_full_session() {
    in_own_process("sessions::a_full_session", |bus_dir| async {
        let cuff = firmware_sim::device::DeviceConfig {
            battery_percent: 83,
            clock: ClockConfig {
                unset: true,
                ..ClockConfig::default()
            },
            ..cuff_config()
        };
        let sim = start(bus_dir, cuff, BluezConfig::quick()).await;
        sim.measure("cuff", pressure(152, 94)).await.unwrap();
        let client = Client::new().await;
        let peripheral = client.find(0x1810).await;
        let properties = peripheral.properties().await.unwrap().unwrap();
        assert_eq!(properties.local_name.as_deref(), Some("Sim cuff"));

        let mut notifications = peripheral.notifications().await.unwrap();
        peripheral.connect().await.unwrap();
        peripheral.discover_services().await.unwrap();
        let measurement = characteristic(&peripheral, 0x2A35);
        assert_eq!(measurement.properties, CharPropFlags::INDICATE);
        assert_eq!(
            peripheral
                .read(&characteristic(&peripheral, 0x2A19))
                .await
                .unwrap(),
            [83]
        );
        assert_eq!(
            peripheral
                .read(&characteristic(&peripheral, 0x2A24))
                .await
                .unwrap(),
            b"SIM-1"
        );

        let clock = characteristic(&peripheral, 0x2A08);
        assert_eq!(peripheral.read(&clock).await.unwrap(), [0; 7]);
        let written = [0xEA, 7, 7, 1, 9, 0, 0];
        peripheral
            .write(&clock, &written, WriteType::WithResponse)
            .await
            .unwrap();
        assert_eq!(peripheral.read(&clock).await.unwrap(), written);

        peripheral.subscribe(&measurement).await.unwrap();
        let value = next_value(&mut notifications, 0x2A35).await;
        assert_eq!(hex::encode_upper(&value[..7]), "1698005E00FF07");
        let counts = sim.counts().await.unwrap();
        assert_eq!(counts.scans, 1);
        assert!(counts.advertisements > 0, "it was found by one");
        let delivered = sim
            .wait_for("cuff", |status| status.stored == 0)
            .await
            .unwrap();
        assert_eq!(delivered.delivered, 1);
        assert_eq!(sim.delivered("cuff").await.unwrap()[0].value, value);

        peripheral.unsubscribe(&measurement).await.unwrap();
        peripheral.disconnect().await.unwrap();
        let after = sim
            .wait_for("cuff", |status| !status.connected)
            .await
            .unwrap();
        assert!(!after.advertising, "nothing is left to send");
        sim.shutdown().await.unwrap();
    });
}

#[test]
fn three_sessions_in_a_row() {
    in_own_process("sessions::three_sessions_in_a_row", |bus_dir| async {
        let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
        let client = Client::new().await;
        for session in 1_u8..=3 {
            sim.measure("cuff", pressure(100 + i32::from(session), 80))
                .await
                .unwrap();
            let peripheral = client.find(0x1810).await;
            let mut notifications = peripheral.notifications().await.unwrap();
            peripheral.connect().await.unwrap();
            peripheral.discover_services().await.unwrap();
            let measurement = characteristic(&peripheral, 0x2A35);
            peripheral.subscribe(&measurement).await.unwrap();
            assert_eq!(
                next_value(&mut notifications, 0x2A35).await[1],
                100 + session
            );
            peripheral.unsubscribe(&measurement).await.unwrap();
            peripheral.disconnect().await.unwrap();
            sim.wait_for("cuff", |status| !status.connected && status.stored == 0)
                .await
                .unwrap();
        }
        let sessions: Vec<u64> = sim
            .delivered("cuff")
            .await
            .unwrap()
            .iter()
            .map(|value| value.session)
            .collect();
        assert_eq!(sessions, [1, 2, 3]);
        sim.shutdown().await.unwrap();
    });
}

/// What real BlueZ does to a client that neither unsubscribes nor listens before it connects: the second session's
/// measurement is confirmed by bluetoothd and seen by nobody.
#[test]
fn a_naive_client_loses_its_second_session() {
    in_own_process(
        "sessions::a_naive_client_loses_its_second_session",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            let client = Client::new().await;

            sim.measure("cuff", pressure(101, 80)).await.unwrap();
            let peripheral = client.find(0x1810).await;
            let mut first = naive_session(&peripheral).await;
            assert_eq!(next_value(&mut first, 0x2A35).await[1], 101);
            drop(first);
            peripheral.disconnect().await.unwrap();

            sim.measure("cuff", pressure(102, 80)).await.unwrap();
            let peripheral = client.find(0x1810).await;
            let mut second = naive_session(&peripheral).await;
            let lost = sim
                .wait_for("cuff", |status| status.delivered == 2)
                .await
                .unwrap();
            assert_eq!(lost.stored, 0, "the cuff believes it was delivered");

            // A later measurement of the same session comes through: the stream works, the value before it is gone.
            sim.measure("cuff", pressure(103, 80)).await.unwrap();
            assert_eq!(next_value(&mut second, 0x2A35).await[1], 103);
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn a_listener_before_connect_loses_nothing() {
    in_own_process(
        "sessions::a_listener_before_connect_loses_nothing",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            let client = Client::new().await;
            for systolic in [101_u8, 102] {
                sim.measure("cuff", pressure(systolic.into(), 80))
                    .await
                    .unwrap();
                let peripheral = client.find(0x1810).await;
                let mut notifications = peripheral.notifications().await.unwrap();
                peripheral.connect().await.unwrap();
                peripheral.discover_services().await.unwrap();
                peripheral
                    .subscribe(&characteristic(&peripheral, 0x2A35))
                    .await
                    .unwrap();
                assert_eq!(next_value(&mut notifications, 0x2A35).await[1], systolic);
                // No unsubscribe: BlueZ remembers the session.
                peripheral.disconnect().await.unwrap();
            }
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn an_unbonded_device_vanishes_after_its_session() {
    in_own_process(
        "sessions::an_unbonded_device_vanishes_after_its_session",
        |bus_dir| async {
            let bluez = BluezConfig {
                temporary_timeout_ms: 200,
                ..BluezConfig::quick()
            };
            let sim = start(bus_dir, cuff_config(), bluez).await;
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            let client = Client::new().await;
            let peripheral = client.find(0x1810).await;
            peripheral.connect().await.unwrap();
            peripheral.disconnect().await.unwrap();
            patiently(async {
                while client.is_known().await {
                    tokio::task::yield_now().await;
                }
            })
            .await;
            let refused = peripheral.connect().await.unwrap_err();
            assert!(refused.to_string().contains("Unknown object"), "{refused}");
            sim.shutdown().await.unwrap();
        },
    );
}
