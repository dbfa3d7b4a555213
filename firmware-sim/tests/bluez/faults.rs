//! Faults, as btleplug meets them.

use std::time::Duration;

use crate::home::{
    Client, characteristic, cuff_config, in_own_process, next_value, patiently, pressure, start,
};
use btleplug::api::{
    Central as _, CentralEvent, CentralState, Manager as _, Peripheral as _, ScanFilter,
};
use btleplug::platform::Manager;
use firmware_sim::bluez::{BluezConfig, Fault};
use futures::StreamExt as _;

fn cuff() -> String {
    "cuff".to_owned()
}

fn hci0() -> String {
    "hci0".to_owned()
}

#[test]
fn a_link_lost_mid_dump_keeps_what_was_not_sent() {
    in_own_process(
        "faults::a_link_lost_mid_dump_keeps_what_was_not_sent",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            for systolic in 101..=105 {
                sim.measure("cuff", pressure(systolic, 80)).await.unwrap();
            }
            let lost = Fault::LinkLost {
                device: cuff(),
                after_values: Some(2),
                last_unconfirmed: false,
            };
            sim.fault(lost).await.unwrap();
            let client = Client::new().await;
            let (seen, status) = dump(&client, &sim, 2).await;
            assert_eq!((seen, status.stored), (vec![101, 102], 3));
            assert!(status.advertising, "the rest still wants to be sent");
            let (seen, status) = dump(&client, &sim, 3).await;
            assert_eq!((seen, status.stored), (vec![103, 104, 105], 0));
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn a_lost_confirmation_sends_the_value_twice() {
    in_own_process(
        "faults::a_lost_confirmation_sends_the_value_twice",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            sim.measure("cuff", pressure(101, 80)).await.unwrap();
            let lost = Fault::LinkLost {
                device: cuff(),
                after_values: Some(1),
                last_unconfirmed: true,
            };
            sim.fault(lost).await.unwrap();
            let client = Client::new().await;
            let (seen, status) = dump(&client, &sim, 1).await;
            assert_eq!((seen, status.stored, status.delivered), (vec![101], 1, 0));
            let (seen, status) = dump(&client, &sim, 1).await;
            assert_eq!((seen, status.stored, status.delivered), (vec![101], 0, 1));
            sim.shutdown().await.unwrap();
        },
    );
}

/// One careful session that takes `count` values and lets the link go.
async fn dump(
    client: &Client,
    sim: &firmware_sim::Sim,
    count: usize,
) -> (Vec<u8>, firmware_sim::bluez::Status) {
    let peripheral = client.find(0x1810).await;
    let mut notifications = peripheral.notifications().await.expect("a stream");
    peripheral.connect().await.expect("a link");
    peripheral.discover_services().await.expect("services");
    let measurement = characteristic(&peripheral, 0x2A35);
    peripheral
        .subscribe(&measurement)
        .await
        .expect("a subscription");
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(next_value(&mut notifications, 0x2A35).await[1]);
    }
    peripheral
        .unsubscribe(&measurement)
        .await
        .expect("unsubscribing works without a link");
    if peripheral.is_connected().await.expect("a known device") {
        peripheral.disconnect().await.expect("a disconnect");
    }
    let status = sim
        .wait_for("cuff", |status| !status.connected)
        .await
        .expect("a status");
    (seen, status)
}

#[test]
fn a_refused_connect_works_when_tried_again() {
    in_own_process(
        "faults::a_refused_connect_works_when_tried_again",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            sim.fault(Fault::ConnectRefused {
                device: cuff(),
                times: 1,
            })
            .await
            .unwrap();
            let peripheral = Client::new().await.find(0x1810).await;
            let refused = peripheral.connect().await.unwrap_err();
            assert!(
                refused.to_string().contains("le-connection-abort-by-local"),
                "{refused}"
            );
            peripheral.connect().await.unwrap();
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn a_hung_connect_stays_in_progress_until_disconnect() {
    in_own_process(
        "faults::a_hung_connect_stays_in_progress_until_disconnect",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            sim.fault(Fault::ConnectHang {
                device: cuff(),
                times: 1,
            })
            .await
            .unwrap();
            let peripheral = Client::new().await.find(0x1810).await;
            let hung = tokio::time::timeout(Duration::from_millis(300), peripheral.connect()).await;
            assert!(hung.is_err(), "the call is never answered");
            let again = peripheral.connect().await.unwrap_err();
            assert!(again.to_string().contains("already in progress"), "{again}");
            peripheral.disconnect().await.unwrap();
            peripheral.connect().await.unwrap();
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn a_missing_connected_signal_does_not_keep_the_session_from_working() {
    in_own_process(
        "faults::a_missing_connected_signal_does_not_keep_the_session_from_working",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            sim.fault(Fault::ConnectedSignalLost {
                device: cuff(),
                times: 1,
            })
            .await
            .unwrap();
            let client = Client::new().await;
            let peripheral = client.find(0x1810).await;
            let mut events = client.adapter.events().await.unwrap();
            peripheral.connect().await.unwrap();
            peripheral.disconnect().await.unwrap();
            let first = patiently(async {
                loop {
                    match events.next().await.unwrap() {
                        CentralEvent::DeviceConnected(_) => return "connected",
                        CentralEvent::DeviceDisconnected(_) => return "disconnected",
                        _ => {}
                    }
                }
            })
            .await;
            assert_eq!(first, "disconnected");
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn a_blocked_radio_refuses_to_scan_until_it_is_unblocked() {
    in_own_process(
        "faults::a_blocked_radio_refuses_to_scan_until_it_is_unblocked",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            let client = Client::new().await;
            let mut events = client.adapter.events().await.unwrap();
            sim.fault(Fault::RfkillBlock { adapter: hci0() })
                .await
                .unwrap();
            let off = patiently(events.next()).await;
            assert!(
                matches!(
                    off,
                    Some(CentralEvent::StateUpdate(CentralState::PoweredOff))
                ),
                "{off:?}"
            );
            let refused = client
                .adapter
                .start_scan(ScanFilter::default())
                .await
                .unwrap_err();
            assert!(
                refused.to_string().contains("Blocked through rfkill"),
                "{refused}"
            );
            sim.fault(Fault::RfkillUnblock { adapter: hci0() })
                .await
                .unwrap();
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            client.find(0x1810).await;
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn an_unplugged_adapter_is_gone_and_comes_back() {
    in_own_process(
        "faults::an_unplugged_adapter_is_gone_and_comes_back",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            let client = Client::new().await;
            client.find(0x1810).await.connect().await.unwrap();
            sim.fault(Fault::AdapterGone { adapter: hci0() })
                .await
                .unwrap();
            assert!(!sim.status()[0].connected);
            let manager = Manager::new().await.unwrap();
            assert!(manager.adapters().await.unwrap().is_empty());
            sim.fault(Fault::AdapterBack { adapter: hci0() })
                .await
                .unwrap();
            assert_eq!(manager.adapters().await.unwrap().len(), 1);
            Client::new().await.find(0x1810).await;
            sim.shutdown().await.unwrap();
        },
    );
}

#[test]
fn a_restarted_bluetoothd_has_forgotten_scans_and_devices() {
    in_own_process(
        "faults::a_restarted_bluetoothd_has_forgotten_scans_and_devices",
        |bus_dir| async {
            let sim = start(bus_dir, cuff_config(), BluezConfig::quick()).await;
            sim.measure("cuff", pressure(120, 80)).await.unwrap();
            let client = Client::new().await;
            let peripheral = client.find(0x1810).await;
            peripheral.connect().await.unwrap();
            sim.fault(Fault::BluetoothdRestart { down_ms: 200 })
                .await
                .unwrap();
            sim.wait_for("cuff", |status| !status.connected)
                .await
                .unwrap();
            let refused = client
                .adapter
                .start_scan(ScanFilter::default())
                .await
                .unwrap_err();
            assert!(refused.to_string().contains("org.bluez"), "{refused}");
            let manager = Manager::new().await.unwrap();
            patiently(async {
                while manager
                    .adapters()
                    .await
                    .map_or(0, |adapters| adapters.len())
                    == 0
                {
                    tokio::task::yield_now().await;
                }
            })
            .await;
            let refused = peripheral.connect().await.unwrap_err();
            assert!(refused.to_string().contains("Unknown object"), "{refused}");
            // The measurement is still in the cuff, and the same client finds it once it scans anew.
            let (seen, status) = dump(&client, &sim, 1).await;
            assert_eq!((seen, status.stored), (vec![120], 0));
            sim.shutdown().await.unwrap();
        },
    );
}
