//! Mosquitto by the sample configuration: gateways and the server meet there over TLS, and each may do its own only.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use hearth_tests::mosquitto::Mosquitto;
use hearth_tests::ports::free_port;
use hearth_tests::program::{Program, ours};
use rumqttc::mqttbytes::QoS;
use rumqttc::{
    AsyncClient, Broker, Event, EventLoop, MqttOptions, Packet, PubAckReason, PublishOptions,
    TlsConfiguration, Transport,
};
use serde_json::json;
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use vitals::topic::Kind;

use crate::a_new_box::{Office, said};
use crate::certificates::{
    Enrolled, WAIT_MAX, certified_elsewhere, one_cuff, publish, says, sign_in, without_certificate,
};

const CONF: &str = include_str!("../../config/mosquitto/hearth.conf");
const ACL: &str = include_str!("../../config/mosquitto/hearth.acl");

/// An office that meets its gateways at a Mosquitto.
struct Meeting {
    office: Office,
    _mosquitto: Mosquitto,
    port: u16,
}

impl Meeting {
    async fn arrange() -> Self {
        let port = free_port().unwrap();
        let table = |folder: &Path| {
            let at = folder.join("broker").display().to_string();
            format!(
                "[broker.external]\naddress = \"localhost:{port}\"\nclient_id = \"hearth_server\"\n[broker.external.tls]\n\
                 ca_file = \"{at}/ca.pem\"\ncertificate_file = \"{at}/server.pem\"\nkey_file = \"{at}/server.key\"\n"
            )
        };
        let mut mosquitto = None;
        let office = Office::open_with(Some(&table), async |folder: &Path, config: &Path| {
            make_certificates(folder, config);
            mosquitto = Some(start(folder, port).await);
        });
        Self {
            office: office.await,
            _mosquitto: mosquitto.unwrap(),
            port,
        }
    }

    fn enrol(&self, homes: &TempDir, name: &str) -> Enrolled {
        Enrolled::at(
            &self.office,
            homes,
            name,
            &format!("localhost:{}", self.port),
        )
    }

    /// The server's own certificate.
    fn identity(&self) -> Arc<ClientConfig> {
        let folder = self.office.folder.path().join("broker");
        let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(&read("ca.pem")).unwrap();
        roots.add(ca).unwrap();
        let own = CertificateDer::from_pem_slice(&read("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&read("server.key")).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![own], key)
            .unwrap();
        Arc::new(config)
    }

    /// Connects with a certificate, under any client id.
    fn connect(&self, tls: Arc<ClientConfig>, client_id: &str) -> (AsyncClient, EventLoop) {
        let mut options = MqttOptions::new(client_id, Broker::tcp("localhost", self.port));
        options
            .set_clean_start(true)
            .set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls)));
        AsyncClient::builder(options)
            .capacity(8)
            .try_build()
            .unwrap()
    }
}

fn make_certificates(folder: &Path, config: &Path) {
    let made = Command::new(ours("server").unwrap())
        .args(["broker-certificate", "--name", "localhost", "--config"])
        .arg(config)
        .arg("--folder")
        .arg(folder.join("broker"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", said(&made));
}

/// Starts the broker by the samples, with the paths of this test.
async fn start(folder: &Path, port: u16) -> Mosquitto {
    let broker = folder.join("broker");
    std::fs::write(broker.join("hearth.acl"), ACL).unwrap();
    let conf = CONF
        .replace("/etc/mosquitto/hearth", &broker.display().to_string())
        .replace("listener 8883", &format!("listener {port} 127.0.0.1"));
    let mut settings = conf.lines().filter(|line| !line.starts_with('#'));
    assert!(settings.all(|line| !line.contains("/etc/")), "{conf}");
    // Started as root, it would give itself the user mosquitto, who cannot read this folder.
    let conf = format!("user root\n{conf}");
    Mosquitto::start_by(folder, port, &conf).await.unwrap()
}

/// Polls until something comes.
async fn until<T>(events: &mut EventLoop, wanted: impl Fn(&Packet) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Event::Incoming(packet) = events.poll().await.unwrap()
                && let Some(found) = wanted(&packet)
            {
                return found;
            }
        }
    };
    tokio::time::timeout(WAIT_MAX, found)
        .await
        .expect("nothing comes")
}

fn is_in(packet: &Packet) -> Option<()> {
    matches!(packet, Packet::ConnAck(_)).then_some(())
}

fn subscribed(packet: &Packet) -> Option<()> {
    matches!(packet, Packet::SubAck(_)).then_some(())
}

fn arrived(packet: &Packet) -> Option<String> {
    match packet {
        Packet::Publish(it) => Some(String::from_utf8(it.topic.to_vec()).unwrap()),
        _ => None,
    }
}

fn answered(packet: &Packet) -> Option<PubAckReason> {
    match packet {
        Packet::PubAck(ack) => Some(ack.reason),
        _ => None,
    }
}

fn send(client: &AsyncClient, topic: &str) {
    let options = PublishOptions::new(QoS::AtLeastOnce);
    client.try_publish(topic, "{}", options).unwrap();
}

async fn tell(program: &mut Program, command: &serde_json::Value) {
    let answer = program.ask(&command.to_string()).await.unwrap();
    assert!(!answer.contains("error"), "{answer}");
}

/// The box is being set up, so that what it records is a test.
const TESTS: &str = "SELECT COUNT(*) FROM test_record";

#[tokio::test]
async fn a_reading_reaches_the_server_over_tls_on_both_sides() {
    let mut meeting = Meeting::arrange().await;
    let homes = tempfile::tempdir().unwrap();
    let one = meeting.enrol(&homes, "1");
    let mut text = std::fs::read_to_string(&one.home.config).unwrap();
    write!(
        text,
        "[radio.timings]\nquiet_ms = 500\nidle_ms = 300\nsettle_ms = 10\n\
         [[device]]\nid = \"cuff-1\"\naddress = \"C2:48:45:41:02:01\"\nkind = \"cuff\"\n"
    )
    .unwrap();
    std::fs::write(&one.home.config, text).unwrap();
    let (mut sim, bus) = one_cuff(homes.path()).await;
    let mut gateway = one.start(&bus, homes.path(), 0);
    let log = homes.path().join("gateway.log");
    says(&log, "the uplink is connected", WAIT_MAX).await;
    let cuff = json!({ "systolic": 128, "diastolic": 76, "map": 90, "pulse": 70 });
    let measure = json!({ "measure": { "device": "cuff", "cuff": cuff } });
    tell(&mut sim, &measure).await;

    let store = meeting.office.store().await;
    let stored = async {
        loop {
            let count = sqlx::query_scalar(TESTS).fetch_one(store.readers());
            let count: i64 = count.await.unwrap();
            if count == 1 && waits_for_nothing(&one) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let stored = tokio::time::timeout(Duration::from_secs(30), stored).await;
    let whole = std::fs::read_to_string(&log).unwrap();
    assert!(stored.is_ok(), "no receipt came back:\n{whole}");
    store.close().await;
    gateway.stop().await.unwrap();
    meeting.office.program.stop().await.unwrap();
}

/// Tells whether the receipt has come back to the box.
fn waits_for_nothing(one: &Enrolled) -> bool {
    let status = Command::new(ours("gateway").unwrap())
        .args(["status", "--config"])
        .arg(&one.home.config)
        .output()
        .unwrap();
    let text = said(&status);
    text.contains("waiting for the server: 0\n") && text.contains("kept after their receipt: 1\n")
}

#[tokio::test]
async fn each_may_do_its_own_only() {
    let mut meeting = Meeting::arrange().await;
    let (homes, port) = (tempfile::tempdir().unwrap(), meeting.port);
    let (one, two) = (meeting.enrol(&homes, "1"), meeting.enrol(&homes, "2"));
    // Its session is kept for it, and is taken over by the connection below.
    meeting.office.program.stop().await.unwrap();

    let none = sign_in(port, without_certificate(&one.home.state), &one).await;
    assert!(none.unwrap_err().contains("CertificateRequired"));
    let elsewhere = sign_in(port, certified_elsewhere(&one), &one).await;
    elsewhere.unwrap_err();
    let own = publish(port, &one, &one.topic(Kind::Status)).await;
    assert_eq!(own, PubAckReason::Success);
    for foreign in [
        two.topic(Kind::Status),
        one.topic(Kind::Receipt),
        two.topic(Kind::Receipt),
    ] {
        let refused = publish(port, &one, &foreign).await;
        assert_eq!(refused, PubAckReason::NotAuthorized, "{foreign}");
    }

    // The server hears every uplink and writes every receipt, and nothing else.
    let (server, mut heard) = meeting.connect(meeting.identity(), "any");
    until(&mut heard, is_in).await;
    server
        .try_subscribe("hearth/v1/+/up/+", QoS::AtLeastOnce)
        .unwrap();
    until(&mut heard, subscribed).await;
    for gateway in [&one, &two] {
        let topic = gateway.topic(Kind::Status);
        let (sent, topic_heard) =
            tokio::join!(publish(port, gateway, &topic), until(&mut heard, arrived));
        assert_eq!((sent, topic_heard), (PubAckReason::Success, topic));
    }
    send(&server, &one.topic(Kind::Status));
    let refused = until(&mut heard, answered).await;
    assert_eq!(refused, PubAckReason::NotAuthorized);

    // A gateway that asks for everything is given its own receipts, whatever it calls itself.
    let (thief, mut stolen) = meeting.connect(two.identity(), one.id.as_str());
    until(&mut stolen, is_in).await;
    for filter in ["#", &one.topic(Kind::Receipt), "hearth/v1/+/up/+"] {
        thief.try_subscribe(filter, QoS::AtLeastOnce).unwrap();
        until(&mut stolen, subscribed).await;
    }
    let (owner, mut owed) = meeting.connect(one.identity(), one.id.as_str());
    until(&mut owed, is_in).await;
    owner
        .try_subscribe(one.topic(Kind::Receipt), QoS::AtLeastOnce)
        .unwrap();
    until(&mut owed, subscribed).await;
    for gateway in [&one, &two] {
        send(&server, &gateway.topic(Kind::Receipt));
        assert_eq!(until(&mut heard, answered).await, PubAckReason::Success);
    }
    assert_eq!(until(&mut owed, arrived).await, one.topic(Kind::Receipt));
    // What was sent first would have come first.
    assert_eq!(until(&mut stolen, arrived).await, two.topic(Kind::Receipt));
}
