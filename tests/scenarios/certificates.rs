//! Certificates: a box connects by its own, speaks for itself only, and not at all once it is revoked.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gateway::enrol::identity;
use hearth_tests::line::ONE_CUFF;
use hearth_tests::program::{Launch, Program, ours};
use rcgen::{CertificateParams, KeyPair};
use rumqttc::mqttbytes::QoS;
use rumqttc::{
    AsyncClient, Broker, Event, MqttOptions, Packet, PubAckReason, PublishOptions,
    SubscribeReasonCode, TlsConfiguration, Transport,
};
use server::clock::Clock;
use server::enrol::authority::{Authority, GatewayKey};
use server::enrol::tls::ServerTls;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use vitals::topic::{Kind, Topic};
use vitals::{GatewayId, TagKey};

use crate::a_new_box::{NewBox, Office, said};

pub(crate) const WAIT_MAX: Duration = Duration::from_secs(10);

/// A box that is enrolled.
pub(crate) struct Enrolled {
    pub(crate) id: GatewayId,
    pub(crate) home: NewBox,
}

impl Enrolled {
    pub(crate) fn by(office: &Office, homes: &TempDir, name: &str) -> Self {
        Self::at(
            office,
            homes,
            name,
            &format!("localhost:{}", office.mqtt_port),
        )
    }

    /// Enrols a box whose broker is at an address.
    pub(crate) fn at(office: &Office, homes: &TempDir, name: &str, address: &str) -> Self {
        let broker = format!("address = \"{address}\"\ntls = true\nretry_delay_seconds_max = 1");
        let home = NewBox::in_folder(homes.path(), name, &broker);
        let sheet = office.arm(&format!("cuff-{name}=cuff"));
        let enrolled = office.enrol(&home, &sheet.fingerprint, &sheet.code);
        assert!(enrolled.status.success(), "{}", said(&enrolled));
        Self {
            id: sheet.gateway.parse().unwrap(),
            home,
        }
    }

    /// Starts its gateway, which hears the simulated devices of `bus`, as if so many minutes had passed.
    pub(crate) fn start(&self, bus: &str, logs: &Path, minutes_ahead: u32) -> Program {
        self.start_that_dies_at("", bus, logs, minutes_ahead)
    }

    /// Starts it so that it dies at a failpoint, unless that is none.
    pub(crate) fn start_that_dies_at(
        &self,
        failpoint: &str,
        bus: &str,
        logs: &Path,
        minutes_ahead: u32,
    ) -> Program {
        let armed = match failpoint {
            "" => String::new(),
            point => format!("{point}=return"),
        };
        let config = self.home.config.display().to_string();
        Launch::new("gateway", &ours("gateway").unwrap())
            .args(["run", "--config", &config])
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus)
            .env("CLOCK_AHEAD_MINUTES", &minutes_ahead.to_string())
            .env("FAILPOINTS", &armed)
            .start(logs)
            .unwrap()
    }

    pub(crate) fn password(&self) -> String {
        let key = std::fs::read(self.home.state.join("tag.key")).unwrap();
        TagKey::new(&key.try_into().unwrap()).broker_password(&self.id)
    }

    pub(crate) fn identity(&self) -> Arc<ClientConfig> {
        identity::client(&self.home.state, &gateway::clock::Clock::system()).unwrap()
    }

    pub(crate) fn topic(&self, kind: Kind) -> String {
        Topic::new(self.id.clone(), kind).to_string()
    }
}

/// Signs in as one box over the TLS of maybe another, does something, and gives the first answer of the kind wanted.
async fn ask<T>(
    port: u16,
    tls: Arc<ClientConfig>,
    sign_in: &Enrolled,
    then: impl FnOnce(&AsyncClient),
    answer: impl Fn(&Packet) -> Option<T>,
) -> Result<T, String> {
    let id = sign_in.id.to_string();
    let mut options = MqttOptions::new(id.clone(), Broker::tcp("localhost", port));
    options
        .set_clean_start(true)
        .set_credentials(id, sign_in.password())
        .set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls)));
    let (client, mut events) = AsyncClient::builder(options)
        .capacity(8)
        .try_build()
        .unwrap();
    let mut then = Some(then);
    let talk = async {
        loop {
            let event = events.poll().await.map_err(|error| format!("{error:?}"))?;
            let Event::Incoming(packet) = event else {
                continue;
            };
            if let (Packet::ConnAck(_), Some(then)) = (&packet, then.take()) {
                then(&client);
            }
            if let Some(answer) = answer(&packet) {
                return Ok(answer);
            }
        }
    };
    tokio::time::timeout(WAIT_MAX, talk)
        .await
        .expect("no answer")
}

pub(crate) async fn sign_in(
    port: u16,
    tls: Arc<ClientConfig>,
    as_box: &Enrolled,
) -> Result<(), String> {
    let is_in = |packet: &Packet| matches!(packet, Packet::ConnAck(_)).then_some(());
    ask(port, tls, as_box, |_| {}, is_in).await
}

pub(crate) async fn publish(port: u16, by: &Enrolled, topic: &str) -> PubAckReason {
    let send = |client: &AsyncClient| {
        let options = PublishOptions::new(QoS::AtLeastOnce);
        client.try_publish(topic, "{}", options).unwrap();
    };
    let reason = |packet: &Packet| match packet {
        Packet::PubAck(ack) => Some(ack.reason),
        _ => None,
    };
    ask(port, by.identity(), by, send, reason).await.unwrap()
}

async fn subscribe(port: u16, by: &Enrolled, topic: &str) -> SubscribeReasonCode {
    let send = |client: &AsyncClient| client.try_subscribe(topic, QoS::AtLeastOnce).unwrap();
    let reason = |packet: &Packet| match packet {
        Packet::SubAck(ack) => ack.return_codes.first().copied(),
        _ => None,
    };
    ask(port, by.identity(), by, send, reason).await.unwrap()
}

/// Trusts the right server, and shows no certificate.
pub(crate) fn without_certificate(state: &Path) -> Arc<ClientConfig> {
    let pem = std::fs::read(state.join("ca.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// The box's own key and name, but certified by another authority.
pub(crate) fn certified_elsewhere(one: &Enrolled) -> Arc<ClientConfig> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["tls.key", "ca.pem", "gateway.pem"] {
        std::fs::copy(one.home.state.join(name), folder.path().join(name)).unwrap();
    }
    let clock = Clock::system();
    let other = Authority::load_or_make(&folder.path().join("other"), &clock).unwrap();
    let key = std::fs::read(folder.path().join("tls.key")).unwrap();
    let pair = KeyPair::try_from(key).unwrap();
    let csr = CertificateParams::default()
        .serialize_request(&pair)
        .unwrap();
    let key = GatewayKey::from_csr(csr.der()).unwrap();
    let issued = other.issue(&one.id, &key, clock.now()).unwrap();
    std::fs::write(folder.path().join("gateway.pem"), issued.pem).unwrap();
    identity::client(folder.path(), &gateway::clock::Clock::system()).unwrap()
}

#[tokio::test]
async fn a_box_speaks_for_itself_only_and_by_its_own_certificate() {
    let mut office = Office::open().await;
    let (homes, port) = (tempfile::tempdir().unwrap(), office.mqtt_port);
    let one = Enrolled::by(&office, &homes, "1");
    let two = Enrolled::by(&office, &homes, "2");

    assert_eq!(
        publish(port, &one, &one.topic(Kind::Status)).await,
        PubAckReason::Success
    );
    assert_eq!(
        publish(port, &one, &two.topic(Kind::Status)).await,
        PubAckReason::NotAuthorized
    );
    let own = subscribe(port, &one, &one.topic(Kind::Receipt)).await;
    assert_eq!(own, SubscribeReasonCode::Success(QoS::AtLeastOnce));
    for foreign in [
        two.topic(Kind::Receipt),
        "hearth/v1/+/down/receipt".into(),
        "#".into(),
    ] {
        let refused = subscribe(port, &one, &foreign).await;
        assert_eq!(refused, SubscribeReasonCode::NotAuthorized, "{foreign}");
    }

    // With the other's name and even its password, but one's own certificate.
    let other_name = sign_in(port, one.identity(), &two).await.unwrap_err();
    assert!(other_name.contains("NotAuthorized"), "{other_name}");
    let none = sign_in(port, without_certificate(&one.home.state), &one)
        .await
        .unwrap_err();
    assert!(none.contains("CertificateRequired"), "{none}");
    let elsewhere = sign_in(port, certified_elsewhere(&one), &one)
        .await
        .unwrap_err();
    // Both authorities have the same name: it is the signature that does not fit.
    assert!(elsewhere.contains("DecryptError"), "{elsewhere}");

    sign_in(port, one.identity(), &one).await.unwrap();
    let revoked = office.run("revoke", &[one.id.as_str()]);
    assert!(revoked.status.success(), "{}", said(&revoked));
    sign_in(port, one.identity(), &one).await.unwrap_err();
    sign_in(port, two.identity(), &two).await.unwrap();
    office.program.stop().await.unwrap();
}

#[tokio::test]
async fn an_enrolled_box_connects_over_tls_and_is_cut_off_when_it_is_revoked() {
    let mut office = Office::open().await;
    let homes = tempfile::tempdir().unwrap();
    let one = Enrolled::by(&office, &homes, "1");
    let (_sim, bus) = one_cuff(homes.path()).await;
    let mut gateway = one.start(&bus, homes.path(), 0);
    let log = homes.path().join("gateway.log");
    says(&log, "the uplink is connected", WAIT_MAX).await;
    let revoked = office.run("revoke", &[one.id.as_str()]);
    assert!(revoked.status.success(), "{}", said(&revoked));
    let looked_again = server::enrol::front::LOOK_AGAIN_AFTER + WAIT_MAX;
    says(&log, "the uplink is down", looked_again).await;
    gateway.stop().await.unwrap();
    office.program.stop().await.unwrap();
}

#[tokio::test]
async fn a_broker_whose_certificate_is_for_another_name_is_not_believed() {
    let mut office = Office::open().await;
    let homes = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let authority = Authority::load_or_make(&office.folder.path().join("enrol"), &clock).unwrap();
    let names = ["127.0.0.1".to_owned(), "elsewhere.example".to_owned()];
    let tls = ServerTls::for_gateways(Arc::new(authority), &names, &clock).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let one = Enrolled::at(&office, &homes, "1", &format!("localhost:{port}"));
    let (_sim, bus) = one_cuff(homes.path()).await;
    let mut gateway = one.start(&bus, homes.path(), 0);
    let (stream, _) = listener.accept().await.unwrap();
    let refused = TlsAcceptor::from(tls.config()).accept(stream).await;
    assert!(refused.is_err(), "it talks to whoever answers");
    let log = homes.path().join("gateway.log");
    says(&log, "not valid for name", WAIT_MAX).await;
    gateway.stop().await.unwrap();
    office.program.stop().await.unwrap();
}

/// Simulates a home with one cuff, and gives its bus.
pub(crate) async fn one_cuff(folder: &Path) -> (Program, String) {
    let script = folder.join("script.toml");
    std::fs::write(&script, ONE_CUFF).unwrap();
    let at = folder.display().to_string();
    let mut sim = Launch::new("firmware-sim", &ours("firmware-sim").unwrap())
        .args(["run", "--control", "--bus-dir", &at])
        .args([script.display()])
        .start(folder)
        .unwrap();
    let bus = sim.line("bus address:").await.unwrap();
    (sim, bus)
}

pub(crate) async fn says(log: &Path, text: &str, wait_max: Duration) {
    let said = async {
        while !std::fs::read_to_string(log).unwrap().contains(text) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(wait_max, said).await;
    let whole = std::fs::read_to_string(log).unwrap();
    assert!(waited.is_ok(), "{text:?} is not in the log:\n{whole}");
}
