//! Devices come and go while the gateway runs: looked for, bound, heard, forgotten.

#![expect(
    clippy::unwrap_used,
    reason = "a step of a test home that fails must fail the test at once"
)]

use firmware_sim::bluez::{Fault, Status};
use firmware_sim::device::{Bond, DeviceConfig, DeviceKind};
use firmware_sim::watch::Watcher;
use gateway::bindings::{self, Address};
use gateway::config::DeviceKind::{Cuff, Scale};
use gateway::control::client;
use gateway::radio::session::Ending;
use gateway::radio::{Candidate, DeviceReport, Meeting};
use hearth_tests::wait;
use vitals::DeviceId;

use crate::home::{Home, cuff, in_own_process, patiently, pressure};

const ADDRESS: &str = "C2:00:00:00:00:09";

/// A cuff that nobody has bound yet; `stranger` is its label and the id of the device that it is to become.
fn new_cuff() -> DeviceConfig {
    DeviceConfig {
        bond: Bond::Required,
        pairing_mode: true,
        indicate_every_ms: 0,
        ..DeviceConfig::new("stranger", DeviceKind::Cuff, ADDRESS)
    }
}

fn id(name: &str) -> DeviceId {
    name.parse().unwrap()
}

impl Home {
    async fn report(&self, device: &str) -> DeviceReport {
        let mut devices = client::devices(&self.state_dir).await.unwrap();
        devices.retain(|it| it.id.as_str() == device);
        devices.pop().unwrap()
    }

    async fn listens(&self) {
        self.says_ready(true).await;
        let made = wait::until("commands are served", async || {
            client::devices(&self.state_dir).await.ok()
        });
        made.await.unwrap();
    }

    fn of_sim(&self, device: &str) -> Status {
        let mut standing = self.sim.status();
        standing.retain(|it| it.device == device);
        standing.pop().unwrap()
    }
}

/// Looks for a cuff: it must come first, before the scale next door, which is stronger and of another kind.
async fn look(home: &Home) -> Candidate {
    let found = client::look(&home.state_dir, Cuff).await.unwrap();
    let [cuff, scale] = <[Candidate; 2]>::try_from(found).unwrap();
    assert_eq!(
        (cuff.kinds.as_slice(), scale.kinds.as_slice()),
        (&[Cuff][..], &[Scale][..])
    );
    assert_eq!(cuff.address.to_string(), ADDRESS);
    assert_eq!(cuff.name.as_deref(), Some("Sim stranger"));
    assert_eq!(cuff.is_in_pairing_mode, Some(true));
    assert_eq!(scale.is_in_pairing_mode, None);
    assert!(cuff.signal_dbm < -50 && scale.signal_dbm > -50);
    cuff
}

/// Binds a device, takes the one value that it has, and waits until it is said to have been met.
async fn take_up(home: &mut Home, address: Address, systolic: u8) {
    let device = id("stranger");
    client::bind(&home.state_dir, device.clone(), address)
        .await
        .unwrap();
    assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
    let met = client::wait_for(&home.state_dir, device).await.unwrap();
    let Meeting::Met(met) = met else {
        panic!("{met:?}")
    };
    assert_eq!((met.ending, met.values_len), (Ending::Drained, 1));
    home.let_go("stranger").await;
}

#[test]
fn a_new_cuff_is_found_bound_heard_and_forgotten() {
    in_own_process(
        "coming_and_going::a_new_cuff_is_found_bound_heard_and_forgotten",
        |bus_dir| async {
            let next_door = DeviceConfig {
                rssi_dbm: -30,
                ..DeviceConfig::new("stranger-scale", DeviceKind::Scale, "C2:00:00:00:00:08")
            };
            let mut home = Home::start(bus_dir, vec![new_cuff(), next_door, cuff()]).await;
            home.listens().await;
            let mut watcher = Watcher::start(home.sim.bus_address(), "hci0")
                .await
                .unwrap();
            home.sim.press_button("stranger-scale").await.unwrap();
            home.measure("stranger", &pressure(141)).await;

            let found = look(&home).await;
            assert!(!found.is_paired);
            take_up(&mut home, found.address, 141).await;
            let report = home.report("stranger").await;
            assert!(report.is_bound && report.is_paired == Some(true) && !report.is_in_session);
            assert_eq!(report.battery_percent, Some(90));
            assert!(report.signal_dbm.is_some() && report.value_at.is_some());

            let forgotten = client::forget(&home.state_dir, id("stranger")).await;
            forgotten.unwrap();
            let report = home.report("stranger").await;
            assert_eq!((report.is_bound, report.seen_at), (false, None));
            assert_eq!(bindings::load(&home.state_dir).unwrap().bound.len(), 0);
            home.measure("stranger", &pressure(142)).await;
            let found = look(&home).await;
            assert!(!found.is_paired, "its bond is gone");
            // Another device is served meanwhile, and the stranger is left alone.
            home.measure("cuff", &pressure(143)).await;
            assert_eq!(home.commit_next().await.device.as_str(), "cuff");
            home.let_go("cuff").await;
            let standing = home.of_sim("stranger");
            assert_eq!((standing.sessions, standing.stored), (1, 1));

            take_up(&mut home, found.address, 142).await;
            let mut pairings = 0;
            while pairings < 3 {
                let line = patiently(watcher.next()).await.expect("the bus");
                pairings += usize::from(line == "call  device Pair");
            }
            home.end().await;
        },
    );
}

#[test]
fn a_device_that_is_forgotten_in_the_middle_of_a_session_is_let_go_in_order() {
    in_own_process(
        "coming_and_going::a_device_that_is_forgotten_in_the_middle_of_a_session_is_let_go_in_order",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![new_cuff()]).await;
            home.listens().await;
            let address = ADDRESS.parse().unwrap();
            client::bind(&home.state_dir, id("stranger"), address)
                .await
                .unwrap();
            home.measure("stranger", &pressure(141)).await;
            let request = patiently(home.requests.recv()).await.unwrap();
            assert!(home.report("stranger").await.is_in_session);
            let state_dir = home.state_dir.clone();
            let forgetting =
                tokio::spawn(async move { client::forget(&state_dir, id("stranger")).await });
            let unbound = wait::until("it is unbound", async || {
                (!home.report("stranger").await.is_bound).then_some(())
            });
            unbound.await.unwrap();
            assert!(
                home.of_sim("stranger").connected,
                "held until its value is committed"
            );
            request.committed.send(()).unwrap();
            patiently(forgetting).await.unwrap().unwrap();
            let standing = home.of_sim("stranger");
            assert_eq!((standing.connected, standing.stored), (false, 0));
            home.end().await;
        },
    );
}

#[test]
fn what_is_bound_is_heard_by_a_bluez_that_was_restarted_and_what_cannot_be_is_refused() {
    in_own_process(
        "coming_and_going::what_is_bound_is_heard_by_a_bluez_that_was_restarted_and_what_cannot_be_is_refused",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![new_cuff()]).await;
            home.listens().await;
            let unbound = client::wait_for(&home.state_dir, id("stranger"))
                .await
                .unwrap_err();
            assert!(
                unbound.to_string().contains("bound to nothing"),
                "{unbound}"
            );
            let address = ADDRESS.parse().unwrap();
            client::bind(&home.state_dir, id("stranger"), address)
                .await
                .unwrap();
            let restart = Fault::BluetoothdRestart { down_ms: 200 };
            home.sim.fault(restart).await.unwrap();
            home.says_ready(false).await;
            let error = client::look(&home.state_dir, Cuff).await.unwrap_err();
            assert!(
                error.to_string().contains("no Bluetooth adapter"),
                "{error}"
            );
            home.measure("stranger", &pressure(144)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(144));
            home.let_go("stranger").await;
            home.end().await;
        },
    );
}
