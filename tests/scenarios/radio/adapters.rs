//! Several adapters: all listen, each with one session at a time, and one that goes leaves the others alone.

#![expect(
    clippy::unwrap_used,
    reason = "a step of a test home that fails must fail the test at once"
)]

use std::sync::{Arc, Mutex};

use firmware_sim::bluez::Fault;
use firmware_sim::device::{AlsoHeard, DeviceConfig, DeviceKind};
use firmware_sim::watch::Watcher;
use gateway::capture::Capture;
use gateway::radio::RadioTimings;
use hearth_tests::wait;

use crate::home::{Home, cuff, in_own_process, patiently, pressure, timings};

const WEIGHT: [u8; 3] = [0x00, 0x70, 0x3E];

/// A scale that only the second adapter hears.
fn far_scale() -> DeviceConfig {
    DeviceConfig {
        adapter: "hci1".to_owned(),
        ..DeviceConfig::new("scale", DeviceKind::Scale, "C2:00:00:00:00:03")
    }
}

/// A cuff that both adapters hear, with so many dBm.
fn heard_by_both(first_dbm: i16, second_dbm: i16) -> DeviceConfig {
    let second = AlsoHeard {
        adapter: "hci1".to_owned(),
        rssi_dbm: second_dbm,
    };
    DeviceConfig {
        rssi_dbm: first_dbm,
        also_heard: vec![second],
        ..cuff()
    }
}

fn second(fault: impl FnOnce(String) -> Fault) -> Fault {
    fault("hci1".to_owned())
}

fn is_of(capture: &Capture, device: &str) {
    assert_eq!(capture.device.as_str(), device);
}

#[test]
fn two_devices_are_in_sessions_at_once_and_unplugging_one_adapter_leaves_the_other_session_alone() {
    in_own_process(
        "adapters::two_devices_are_in_sessions_at_once_and_unplugging_one_adapter_leaves_the_other_session_alone",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff(), far_scale()]).await;
            home.measure("cuff", &pressure(141)).await;
            home.measure("cuff", &pressure(142)).await;
            let of_cuff = patiently(home.requests.recv()).await.unwrap();
            is_of(&of_cuff.capture, "cuff");
            home.measure("scale", &WEIGHT).await;
            let of_scale = patiently(home.requests.recv()).await.unwrap();
            is_of(&of_scale.capture, "scale");
            assert!(home.sim.status().iter().all(|it| it.connected));

            let unplug = second(|adapter| Fault::AdapterGone { adapter });
            home.sim.fault(unplug).await.unwrap();
            of_scale.committed.send(()).unwrap();
            of_cuff.committed.send(()).unwrap();
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(142));
            home.let_go("cuff").await;
            let delivered = home.sim.delivered("cuff").await.unwrap();
            assert!(delivered.iter().all(|it| it.session == 1), "{delivered:?}");
            assert!(home.status.is_ready(), "the first still listens");
            home.end().await;
        },
    );
}

#[test]
fn an_adapter_that_comes_later_is_taken_up() {
    in_own_process(
        "adapters::an_adapter_that_comes_later_is_taken_up",
        |bus_dir| async {
            // Longer than the test is waited for: only what BlueZ says of itself can help.
            let slow = RadioTimings {
                scan_refresh_ms: 600_000,
                retry_delay_ms: 600_000,
                retry_delay_ms_max: 600_000,
                ..timings()
            };
            let mut home = Home::start_with(bus_dir, vec![cuff(), far_scale()], slow).await;
            home.measure("scale", &WEIGHT).await;
            is_of(&home.commit_next().await, "scale");
            home.let_go("scale").await;
            let unplug = second(|adapter| Fault::AdapterGone { adapter });
            home.sim.fault(unplug).await.unwrap();
            home.measure("scale", &WEIGHT).await;
            home.measure("cuff", &pressure(143)).await;
            is_of(&home.commit_next().await, "cuff");
            home.let_go("cuff").await;
            let plug_in = second(|adapter| Fault::AdapterBack { adapter });
            home.sim.fault(plug_in).await.unwrap();
            is_of(&home.commit_next().await, "scale");
            home.let_go("scale").await;
            home.end().await;
        },
    );
}

#[test]
fn one_adapter_is_listened_with_where_one_is_named() {
    in_own_process(
        "adapters::one_adapter_is_listened_with_where_one_is_named",
        |bus_dir| async {
            let devices = vec![cuff(), far_scale()];
            let mut home = Home::start_on(bus_dir, devices, timings(), Some("hci1")).await;
            home.measure("cuff", &pressure(144)).await;
            home.measure("scale", &WEIGHT).await;
            is_of(&home.commit_next().await, "scale");
            home.let_go("scale").await;
            let mut standing = home.sim.status();
            standing.retain(|it| it.device == "cuff");
            assert_eq!((standing[0].sessions, standing[0].stored), (0, 1));
            home.end().await;
        },
    );
}

#[test]
fn a_device_that_both_hear_is_heard_once_in_each_of_ten_sessions() {
    in_own_process(
        "adapters::a_device_that_both_hear_is_heard_once_in_each_of_ten_sessions",
        |bus_dir| async {
            let devices = vec![heard_by_both(-58, -58), far_scale()];
            let mut home = Home::start(bus_dir, devices).await;
            for systolic in 141..=150 {
                home.measure("cuff", &pressure(systolic)).await;
                assert_eq!(home.commit_next().await.raw.as_slice(), pressure(systolic));
                home.let_go("cuff").await;
            }
            let delivered = home.sim.delivered("cuff").await.unwrap();
            let sessions: Vec<u64> = delivered.iter().map(|it| it.session).collect();
            assert!(
                sessions.is_sorted() && sessions.last() == Some(&10),
                "{sessions:?}"
            );
            assert_eq!(home.status.devices()[0].failed_at, []);
            home.end().await;
        },
    );
}

#[test]
fn a_device_that_both_hear_is_left_to_the_one_that_hears_it_better() {
    in_own_process(
        "adapters::a_device_that_both_hear_is_left_to_the_one_that_hears_it_better",
        |bus_dir| async {
            // Long enough for both to have heard it before it is tried again.
            let patient = RadioTimings {
                failure_quiet_ms: 300,
                ..timings()
            };
            let devices = vec![heard_by_both(-80, -50), far_scale()];
            let mut home = Home::start_with(bus_dir, devices, patient).await;
            let mut watcher = Watcher::start(home.sim.bus_address(), "hci1")
                .await
                .unwrap();
            // Whoever hears it first takes it; should that be the first adapter, it fails, and leaves it then.
            let refused = Fault::ConnectRefused {
                device: "cuff".to_owned(),
                times: 100,
            };
            home.sim.fault(refused).await.unwrap();
            home.measure("cuff", &pressure(151)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(151));
            home.let_go("cuff").await;
            assert!(home.status.devices()[0].failed_at.len() <= 1);
            let connected =
                async { while watcher.next().await.expect("the bus") != "call  device Connect" {} };
            patiently(connected).await;
            home.end().await;
        },
    );
}

#[test]
fn a_device_does_not_wait_for_a_better_adapter_that_is_busy() {
    in_own_process(
        "adapters::a_device_does_not_wait_for_a_better_adapter_that_is_busy",
        |bus_dir| async {
            let devices = vec![heard_by_both(-80, -50), far_scale()];
            let mut home = Home::start(bus_dir, devices).await;
            home.measure("scale", &WEIGHT).await;
            let of_scale = patiently(home.requests.recv()).await.unwrap();
            home.measure("cuff", &pressure(152)).await;
            assert_eq!(home.commit_next().await.raw.as_slice(), pressure(152));
            home.let_go("cuff").await;
            of_scale.committed.send(()).unwrap();
            home.let_go("scale").await;
            home.end().await;
        },
    );
}

/// What BlueZ was asked about links, in order, by which adapter: to make one, and whether one is let go.
type Links = Arc<Mutex<Vec<(&'static str, &'static str)>>>;

/// Notes every link that is asked for through an adapter.
async fn note_links(home: &Home, adapter: &'static str, links: &Links) {
    let mut watcher = Watcher::start(home.sim.bus_address(), adapter)
        .await
        .unwrap();
    let links = Arc::clone(links);
    tokio::spawn(async move {
        while let Some(line) = watcher.next().await {
            let what = match line.as_str() {
                "call  device Connect" => "asked for",
                "reply device Connect" => "made",
                "reply device Disconnect" => "let go",
                _ => continue,
            };
            links.lock().unwrap().push((adapter, what));
        }
    });
}

/// Gives the adapter of a session, once all of its three notes are there.
async fn used_by(links: &Links, session: usize) -> &'static str {
    let noted = wait::until("the link was let go", async || {
        let links = links.lock().unwrap();
        let last = links.get(3 * session + 2)?;
        Some(last.0)
    });
    noted.await.unwrap()
}

#[test]
fn a_device_that_both_hear_is_connected_to_through_one_adapter_at_a_time() {
    in_own_process(
        "adapters::a_device_that_both_hear_is_connected_to_through_one_adapter_at_a_time",
        |bus_dir| async {
            let devices = vec![heard_by_both(-58, -58), far_scale()];
            let mut home = Home::start(bus_dir, devices).await;
            let links = Links::default();
            for adapter in ["hci0", "hci1"] {
                note_links(&home, adapter, &links).await;
            }
            let mut systolic = 160;
            let mut used = Vec::new();
            // Through either; through the one that is left; and through either again, with the first one back.
            for unplugs in [false, true, false] {
                let adapter = used.last().copied().unwrap_or("hci0").to_owned();
                if unplugs {
                    let adapter = adapter.clone();
                    home.sim
                        .fault(Fault::AdapterGone { adapter })
                        .await
                        .unwrap();
                }
                for _ in 0..3 {
                    systolic += 1;
                    home.measure("cuff", &pressure(systolic)).await;
                    // While it is not committed, the link stands, and the other adapter has nothing else to do.
                    let in_session = patiently(home.requests.recv()).await.unwrap();
                    assert_eq!(in_session.capture.raw.as_slice(), pressure(systolic));
                    in_session.committed.send(()).unwrap();
                    home.let_go("cuff").await;
                    let by = used_by(&links, used.len()).await;
                    used.push(by);
                    assert!(!unplugs || by != adapter, "{adapter} is gone");
                }
                if unplugs {
                    home.sim
                        .fault(Fault::AdapterBack { adapter })
                        .await
                        .unwrap();
                }
            }
            let links = links.lock().unwrap().clone();
            for (session, link) in used.iter().zip(links.chunks(3)) {
                let whole = ["asked for", "made", "let go"].map(|what| (*session, what));
                assert_eq!(link, whole, "{links:?}");
            }
            assert_eq!(links.len(), 3 * used.len(), "{links:?}");
            assert!(used.contains(&"hci0") && used.contains(&"hci1"), "{used:?}");
            home.end().await;
        },
    );
}
