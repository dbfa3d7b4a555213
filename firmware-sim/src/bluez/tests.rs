//! The daemon's own rules, without a bus: which call gets which answer, and what is signalled in which order.

use std::time::Duration;

use super::{
    AdapterConfig, BluezConfig, Daemon, Fault,
    config::ms,
    effect::{Effect, Refusal, Signal},
    request::{Call, Request},
};
use crate::device::{CuffMeasurement, Device, DeviceConfig, DeviceKind, Measurement, Moment};

const ADAPTER_PATH: &str = "/org/bluez/hci0";
const CUFF_PATH: &str = "/org/bluez/hci0/dev_C2_00_00_00_00_01";

struct Bench {
    daemon: Daemon,
    now: Moment,
    next_call: u64,
}

impl Bench {
    fn new() -> Self {
        let now = Moment {
            wall: "2026-07-01T08:00:00Z".parse().unwrap(),
            uptime: Duration::ZERO,
        };
        let config = DeviceConfig {
            indicate_every_ms: 0,
            ..DeviceConfig::new("cuff", DeviceKind::Cuff, "C2:00:00:00:00:01")
        };
        let devices = vec![Device::new(config, now)];
        Self {
            daemon: Daemon::new(
                BluezConfig::default(),
                vec![AdapterConfig::default()],
                devices,
            )
            .unwrap(),
            now,
            next_call: 0,
        }
    }

    fn measure(&mut self) {
        let cuff = CuffMeasurement {
            systolic: 120.into(),
            diastolic: 80.into(),
            map: None,
            pulse: None,
            user: None,
            kpa: false,
            irregular_pulse: false,
            body_movement: false,
            cuff_too_loose: false,
        };
        self.daemon
            .measure(self.now, "cuff", &Measurement::Cuff(cuff))
            .unwrap();
    }

    fn call(&mut self, client: &str, path: &str, request: Request) -> Vec<String> {
        self.next_call += 1;
        let call = Call {
            id: self.next_call,
            client: client.to_owned(),
            path: path.to_owned(),
            request,
        };
        self.daemon.call(self.now, call);
        self.drain()
    }

    /// Lets time pass, stopping wherever something is due.
    fn pass(&mut self, time: Duration) -> Vec<String> {
        let until = self.now.uptime + time;
        let mut seen = Vec::new();
        while let Some(at) = self
            .daemon
            .next_deadline(self.now)
            .filter(|at| *at <= until)
        {
            self.now.uptime = at.max(self.now.uptime);
            self.daemon.settle(self.now);
            seen.extend(self.drain());
        }
        self.now.uptime = until;
        seen
    }

    /// Sends everything, as the task does, and tells it in short words.
    fn drain(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let effects = self.daemon.take_effects();
            if effects.is_empty() {
                return told;
            }
            for effect in effects {
                told.push(words(&effect));
                if let Effect::Value {
                    record: Some(record),
                    ..
                } = effect
                {
                    self.daemon.value_sent(self.now, record);
                }
            }
        }
    }

    fn find_and_connect(&mut self) -> Vec<String> {
        self.call(":1.1", ADAPTER_PATH, Request::StartDiscovery);
        self.pass(ms(100));
        self.call(":1.1", ADAPTER_PATH, Request::StopDiscovery);
        let mut told = self.call(":1.1", CUFF_PATH, Request::Connect);
        told.extend(self.pass(ms(100)));
        told
    }

    fn measurement_path(&self) -> String {
        self.daemon.peers[0]
            .characteristic_path(0x2A35)
            .unwrap()
            .to_owned()
    }
}

fn words(effect: &Effect) -> String {
    match effect {
        Effect::Reply(call, _) => format!("reply {call}"),
        Effect::Refuse(call, Refusal { name, .. }) => format!(
            "refuse {call} {}",
            name.trim_start_matches("org.bluez.Error.")
        ),
        Effect::Hang(call) => format!("hang {call}"),
        Effect::Signal(Signal::InterfacesAdded { .. }) => "added".to_owned(),
        Effect::Signal(Signal::InterfacesRemoved { .. }) => "removed".to_owned(),
        Effect::Signal(Signal::PropertiesChanged {
            changed,
            invalidated,
            ..
        }) => {
            let names: Vec<&str> = changed.keys().chain(invalidated).copied().collect();
            format!("changed {}", names.join("+"))
        }
        Effect::Value { .. } => "value".to_owned(),
        Effect::Restart { .. } => "restart".to_owned(),
    }
}

#[test]
fn connect_answers_before_services_resolve_and_objects_come_after_the_one_signal() {
    let mut bench = Bench::new();
    bench.measure();
    let told = bench.find_and_connect();
    let (head, objects) = told.split_at(3);
    assert_eq!(
        head,
        [
            "changed Connected",
            "reply 3",
            "changed ServicesResolved+UUIDs"
        ]
    );
    assert!(
        objects.len() > 10 && objects.iter().all(|word| word == "added"),
        "{objects:?}"
    );
}

#[test]
fn a_remembered_notify_session_takes_the_dump_right_behind_services_resolved() {
    let mut bench = Bench::new();
    bench.measure();
    bench.find_and_connect();
    let path = bench.measurement_path();
    let told = bench.call(":1.1", &path, Request::StartNotify);
    assert_eq!(told, ["changed Notifying", "reply 4", "value"]);
    bench.call(":1.1", CUFF_PATH, Request::Disconnect);
    let told = bench.pass(ms(2_000));
    assert_eq!(
        told,
        ["changed ServicesResolved", "reply 5", "changed Connected"]
    );
    bench.measure();
    let told = bench.find_and_connect();
    assert_eq!(
        told,
        [
            "changed Connected",
            "reply 8",
            "changed ServicesResolved",
            "value"
        ]
    );
}

#[test]
fn stop_notify_works_without_a_link_and_ends_the_session() {
    let mut bench = Bench::new();
    bench.measure();
    bench.find_and_connect();
    let path = bench.measurement_path();
    bench.call(":1.1", &path, Request::StartNotify);
    bench.call(":1.1", CUFF_PATH, Request::Disconnect);
    bench.pass(ms(2_000));
    assert_eq!(
        bench.call(":1.1", &path, Request::StopNotify),
        ["changed Notifying", "reply 6"]
    );
    assert_eq!(
        bench.call(":1.1", &path, Request::StopNotify),
        ["refuse 7 Failed"]
    );
    bench.measure();
    assert!(!bench.find_and_connect().contains(&"value".to_owned()));
}

#[test]
fn sessions_belong_to_a_client_and_end_with_it() {
    let mut bench = Bench::new();
    bench.measure();
    bench.find_and_connect();
    let path = bench.measurement_path();
    bench.call(":1.1", &path, Request::StartNotify);
    assert_eq!(bench.call(":1.1", &path, Request::StartNotify), ["reply 5"]);
    bench.call(":1.2", &path, Request::StartNotify);
    bench.call(":1.2", ADAPTER_PATH, Request::StartDiscovery);
    bench.daemon.client_gone(bench.now, ":1.2");
    assert_eq!(bench.drain(), ["changed Discovering"]);
    bench.daemon.client_gone(bench.now, ":1.1");
    assert_eq!(bench.drain(), ["changed Notifying"]);
}

#[test]
fn connecting_while_scanning_takes_longer() {
    let mut bench = Bench::new();
    bench.measure();
    bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery);
    bench.pass(ms(100));
    bench.call(":1.1", CUFF_PATH, Request::Connect);
    assert!(!bench.pass(ms(1_900)).contains(&"reply 2".to_owned()));
    assert!(bench.pass(ms(200)).contains(&"reply 2".to_owned()));
}

#[test]
fn a_device_that_no_longer_advertises_cannot_be_reached() {
    let mut bench = Bench::new();
    bench.measure();
    bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery);
    bench.pass(Duration::from_mins(1));
    bench.call(":1.1", ADAPTER_PATH, Request::StopDiscovery);
    assert!(bench.call(":1.1", CUFF_PATH, Request::Connect).is_empty());
    assert_eq!(bench.pass(Duration::from_secs(20)), ["refuse 3 Failed"]);
    assert_eq!(bench.pass(Duration::from_secs(29)), Vec::<String>::new());
    assert_eq!(bench.pass(Duration::from_secs(1)), ["removed"]);
}

#[test]
fn discovery_is_one_session_a_client() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.call(":1.1", ADAPTER_PATH, Request::StopDiscovery),
        ["refuse 1 Failed"]
    );
    assert_eq!(
        bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery),
        ["changed Discovering", "reply 2"]
    );
    assert_eq!(
        bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery),
        ["refuse 3 InProgress"]
    );
    assert_eq!(
        bench.call(":1.2", ADAPTER_PATH, Request::StartDiscovery),
        ["reply 4"]
    );
    assert_eq!(
        bench.call(":1.1", ADAPTER_PATH, Request::StopDiscovery),
        ["reply 5"]
    );
    assert_eq!(
        bench.call(":1.2", ADAPTER_PATH, Request::StopDiscovery),
        ["changed Discovering", "reply 6"]
    );
}

#[test]
fn a_filter_keeps_other_services_away() {
    let mut bench = Bench::new();
    bench.measure();
    let scales_only = Request::SetDiscoveryFilter {
        uuids: vec!["0000181d-0000-1000-8000-00805f9b34fb".to_owned()],
    };
    bench.call(":1.1", ADAPTER_PATH, scales_only);
    bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery);
    assert_eq!(bench.pass(Duration::from_secs(5)), Vec::<String>::new());
    bench.call(
        ":1.1",
        ADAPTER_PATH,
        Request::SetDiscoveryFilter { uuids: Vec::new() },
    );
    assert_eq!(bench.pass(ms(100))[0], "added");
}

#[test]
fn removing_a_device_removes_every_object_of_it() {
    let mut bench = Bench::new();
    bench.measure();
    bench.find_and_connect();
    let objects = bench.daemon.managed_objects().len();
    let told = bench.call(
        ":1.1",
        ADAPTER_PATH,
        Request::RemoveDevice {
            device: CUFF_PATH.to_owned(),
        },
    );
    assert_eq!(told[0], "changed Connected+ServicesResolved");
    assert_eq!(
        told.iter().filter(|word| *word == "removed").count(),
        objects - 2
    );
    assert_eq!(
        bench.call(":1.1", CUFF_PATH, Request::Connect),
        ["refuse 5 org.freedesktop.DBus.Error.UnknownObject"]
    );
}

#[test]
fn pairing_makes_the_link_that_it_needs() {
    let mut bench = Bench::new();
    let agent = || Request::RegisterAgent {
        agent: "/agent".to_owned(),
    };
    bench.measure();
    bench.call(":1.1", "/org/bluez", agent());
    bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery);
    bench.pass(ms(100));
    bench.call(":1.1", ADAPTER_PATH, Request::StopDiscovery);
    assert!(bench.call(":1.1", CUFF_PATH, Request::Pair).is_empty());
    assert_eq!(
        bench.call(":1.1", CUFF_PATH, Request::Connect),
        ["refuse 5 InProgress"]
    );
    let told = bench.pass(ms(300));
    assert_eq!(
        told[..2],
        ["changed Connected", "changed ServicesResolved+UUIDs"]
    );
    assert_eq!(
        told[told.len() - 2..],
        ["changed Bonded+Paired", "reply 4"],
        "{told:?}"
    );
    assert!(bench.daemon.devices[0].is_connected());
}

#[test]
fn pairing_with_a_device_that_is_not_there_fails_or_is_cancelled() {
    let mut bench = Bench::new();
    bench.measure();
    let agent = "/agent".to_owned();
    bench.call(":1.1", "/org/bluez", Request::RegisterAgent { agent });
    bench.call(":1.1", ADAPTER_PATH, Request::StartDiscovery);
    bench.pass(Duration::from_mins(1));
    bench.call(":1.1", ADAPTER_PATH, Request::StopDiscovery);
    bench.call(":1.1", CUFF_PATH, Request::Pair);
    assert_eq!(
        bench.pass(Duration::from_secs(20)),
        ["refuse 4 ConnectionAttemptFailed"]
    );
    bench.call(":1.1", CUFF_PATH, Request::Pair);
    assert_eq!(
        bench.call(":1.1", CUFF_PATH, Request::CancelPairing),
        ["refuse 5 ConnectionAttemptFailed", "reply 6"]
    );
    assert_eq!(
        bench.call(":1.1", CUFF_PATH, Request::CancelPairing),
        ["refuse 7 DoesNotExist"]
    );
}

#[test]
fn a_bonded_device_stays_known_and_survives_a_restart() {
    let mut bench = Bench::new();
    bench.measure();
    bench.find_and_connect();
    assert_eq!(
        bench.call(":1.1", CUFF_PATH, Request::Pair),
        ["refuse 4 AuthenticationFailed"]
    );
    bench.call(
        ":1.2",
        "/org/bluez",
        Request::RegisterAgent {
            agent: "/agent".to_owned(),
        },
    );
    assert!(bench.call(":1.1", CUFF_PATH, Request::Pair).is_empty());
    assert_eq!(bench.pass(ms(200)), ["changed Bonded+Paired", "reply 6"]);
    bench.call(":1.1", CUFF_PATH, Request::Disconnect);
    bench.pass(Duration::from_mins(2));
    assert!(bench.daemon.managed_objects().contains_key(CUFF_PATH));
    bench
        .daemon
        .fault(bench.now, Fault::BluetoothdRestart { down_ms: 10 })
        .unwrap();
    assert_eq!(bench.drain(), ["restart"]);
    bench.daemon.revived(bench.now);
    assert_eq!(
        bench.call(":1.2", CUFF_PATH, Request::Pair),
        ["added", "refuse 8 AlreadyExists"]
    );
}
