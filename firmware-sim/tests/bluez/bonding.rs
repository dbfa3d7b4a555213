//! Pairing, which btleplug leaves to a D-Bus client of our own.

use std::time::Duration;

use btleplug::api::Peripheral as _;
use firmware_sim::{
    bluez::BluezConfig,
    device::{Bond, DeviceConfig},
};
use zbus::{Connection, ObjectPath};

use crate::home::{
    Client, characteristic, cuff_config, in_own_process, next_value, pressure, start,
};

const DEVICE_PATH: &str = "/org/bluez/hci0/dev_C2_00_00_00_00_01";

async fn pair(connection: &Connection) -> zbus::Result<()> {
    connection
        .call_method(
            Some("org.bluez"),
            DEVICE_PATH,
            Some("org.bluez.Device1"),
            "Pair",
            &(),
        )
        .await
        .map(|_| ())
}

async fn register_agent(connection: &Connection) {
    let agent = ObjectPath::try_from("/test/agent").expect("a path");
    let manager = Some("org.bluez.AgentManager1");
    let body = (&agent, "NoInputNoOutput");
    connection
        .call_method(
            Some("org.bluez"),
            "/org/bluez",
            manager,
            "RegisterAgent",
            &body,
        )
        .await
        .expect("registered");
    connection
        .call_method(
            Some("org.bluez"),
            "/org/bluez",
            manager,
            "RequestDefaultAgent",
            &agent,
        )
        .await
        .expect("default");
}

#[test]
fn a_bonding_cuff_serves_only_a_paired_collector() {
    in_own_process(
        "bonding::a_bonding_cuff_serves_only_a_paired_collector",
        |bus_dir| async {
            let cuff = DeviceConfig {
                bond: Bond::Required,
                ..cuff_config()
            };
            let sim = start(bus_dir, cuff, BluezConfig::quick()).await;
            sim.measure("cuff", pressure(133, 80)).await.unwrap();
            let own = zbus::connection::Builder::address(sim.bus_address())
                .build()
                .await
                .unwrap();

            let client = Client::new().await;
            let peripheral = client.find(0x1810).await;
            let mut notifications = peripheral.notifications().await.unwrap();
            peripheral.connect().await.unwrap();
            peripheral.discover_services().await.unwrap();
            let measurement = characteristic(&peripheral, 0x2A35);
            let hung = tokio::time::timeout(
                Duration::from_millis(300),
                peripheral.subscribe(&measurement),
            )
            .await;
            assert!(hung.is_err(), "an implicit pairing never answers");
            let refused = pair(&own).await.unwrap_err();
            assert!(
                refused.to_string().contains("AuthenticationFailed"),
                "{refused}"
            );

            register_agent(&own).await;
            pair(&own).await.unwrap();
            peripheral.subscribe(&measurement).await.unwrap();
            assert_eq!(next_value(&mut notifications, 0x2A35).await[1], 133);
            let again = pair(&own).await.unwrap_err();
            assert!(again.to_string().contains("AlreadyExists"), "{again}");

            // The same handle works for the next session.
            peripheral.unsubscribe(&measurement).await.unwrap();
            peripheral.disconnect().await.unwrap();
            sim.measure("cuff", pressure(134, 80)).await.unwrap();
            peripheral.connect().await.unwrap();
            peripheral.subscribe(&measurement).await.unwrap();
            assert_eq!(next_value(&mut notifications, 0x2A35).await[1], 134);
            sim.shutdown().await.unwrap();
        },
    );
}
