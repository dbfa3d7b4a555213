//! Pairing: a device that wants it is paired before it is asked for anything, and once.

use firmware_sim::bluez::Fault;
use firmware_sim::device::{Bond, DeviceConfig};
use firmware_sim::watch::Watcher;

use crate::home::{Home, cuff, in_own_process, patiently, pressure};

fn that(bond: Bond) -> DeviceConfig {
    DeviceConfig { bond, ..cuff() }
}

/// Lets the cuff measure and takes the value; BlueZ must have been asked for just this of the device meanwhile.
async fn session(home: &mut Home, watcher: &mut Watcher, systolic: u8, calls: &[&str]) {
    home.measure("cuff", &pressure(systolic)).await;
    assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
    home.let_go("cuff").await;
    let mut asked = Vec::new();
    while asked.len() < calls.len() {
        let line = patiently(watcher.next()).await.expect("the bus");
        asked.extend(line.strip_prefix("call  device ").map(str::to_owned));
    }
    assert_eq!(asked, calls);
}

#[test]
fn a_cuff_that_wants_a_bond_is_paired_once_and_again_by_a_bluez_that_was_restarted() {
    in_own_process(
        "pairing::a_cuff_that_wants_a_bond_is_paired_once_and_again_by_a_bluez_that_was_restarted",
        |bus_dir| async {
            let other = DeviceConfig::new(
                "later",
                firmware_sim::device::DeviceKind::Cuff,
                "C2:00:00:00:00:02",
            );
            let later = DeviceConfig {
                bond: Bond::Required,
                ..other
            };
            let mut home = Home::start(bus_dir, vec![that(Bond::Required), later]).await;
            let mut watcher = Watcher::start(home.sim.bus_address(), "hci0")
                .await
                .unwrap();
            let first = ["Connect", "Pair", "Disconnect"];
            session(&mut home, &mut watcher, 131, &first).await;
            let second = ["Connect", "Disconnect"];
            session(&mut home, &mut watcher, 132, &second).await;

            // A new BlueZ keeps the bond and does not know our agent.
            home.sim
                .fault(Fault::BluetoothdRestart { down_ms: 100 })
                .await
                .unwrap();
            home.says_ready(false).await;
            home.measure("later", &pressure(133)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(133));
            home.let_go("later").await;
            home.end().await;
        },
    );
}

#[test]
fn a_cuff_that_does_not_pair_is_heard_all_the_same_and_not_asked_again() {
    in_own_process(
        "pairing::a_cuff_that_does_not_pair_is_heard_all_the_same_and_not_asked_again",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![that(Bond::Declined)]).await;
            let mut watcher = Watcher::start(home.sim.bus_address(), "hci0")
                .await
                .unwrap();
            let first = ["Connect", "Pair", "Disconnect", "Connect", "Disconnect"];
            session(&mut home, &mut watcher, 131, &first).await;
            let second = ["Connect", "Disconnect"];
            session(&mut home, &mut watcher, 132, &second).await;
            home.end().await;
        },
    );
}
