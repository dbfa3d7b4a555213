//! The pages over TLS, by real TLS clients and an authority of the tests' own.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio_util::sync::CancellationToken;

use super::certificate::{Certificate, LOOK_AGAIN_AFTER, PageFiles};
use super::sample::Sample;
use super::serving::{HANDSHAKE_WAIT_MAX, HEAD_WAIT_MAX};

const NAME: &str = "hearth.example";

/// An authority, and the files of a certificate that it made.
pub(super) struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Ca {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn files(&self) -> PageFiles {
        PageFiles {
            certificate_file: self.folder.path().join("fullchain.pem"),
            key_file: self.folder.path().join("privkey.pem"),
        }
    }

    /// Makes another certificate and puts it into the files; gives it as it is shown.
    pub(super) fn renew(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let made = params.signed_by(&key, &self.issuer).unwrap();
        let files = self.files();
        fs::write(&files.certificate_file, made.pem()).unwrap();
        fs::write(&files.key_file, key.serialize_pem()).unwrap();
        fs::set_permissions(&files.key_file, Permissions::from_mode(0o600)).unwrap();
        made.der().to_vec()
    }

    fn client(&self, version: &'static SupportedProtocolVersion) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }
}

struct Pages {
    sample: Sample,
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Pages {
    async fn start(ca: Option<&Ca>) -> Self {
        let mut sample = Sample::open("2026-03-14T12:20:00Z").await;
        sample.state.names = vec![NAME.to_owned()];
        let certificate = ca.map(|it| Certificate::open(&it.files(), &sample.state.clock).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = super::serve(listener, sample.state.clone(), certificate, stop.clone());
        Self {
            sample,
            address,
            stop,
            task: tokio::spawn(serving),
        }
    }

    async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn connect(
        &self,
        ca: &Ca,
        version: &'static SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        let name = NAME.try_into().unwrap();
        let connecting = ca.client(version).connect(name, self.plain().await);
        connecting.await.unwrap()
    }
}

async fn get(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) -> String {
    let head = format!("GET /livez HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    answer.to_lowercase()
}

fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    let chain = stream.get_ref().1.peer_certificates().unwrap();
    chain[0].to_vec()
}

#[tokio::test]
async fn pages_are_served_over_tls_and_browsers_are_told_to_stay_with_it() {
    let ca = Ca::new();
    let made = ca.renew(|_| {});
    let pages = Pages::start(Some(&ca)).await;
    for version in [&TLS13, &TLS12] {
        let stream = pages.connect(&ca, version).await;
        assert_eq!(shown(&stream), made);
        let answer = get(stream).await;
        let strict = "\r\nstrict-transport-security: max-age=31536000\r\n";
        assert!(answer.contains(strict), "{answer}");
    }
    let plain = Pages::start(None).await;
    let answer = get(plain.plain().await).await;
    assert!(!answer.contains("strict-transport-security"), "{answer}");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let ca = Ca::new();
    ca.renew(|_| {});
    let pages = Pages::start(Some(&ca)).await;
    let open = pages.connect(&ca, &TLS13).await;
    let renewed = ca.renew(|_| {});
    pages.sample.hand.advance(LOOK_AGAIN_AFTER);
    // The files are read beside what is served: until then the one before is shown.
    while shown(&pages.connect(&ca, &TLS13).await) != renewed {}
    get(open).await;
}

#[tokio::test]
async fn who_is_slow_holds_up_nobody_and_is_let_go() {
    let ca = Ca::new();
    ca.renew(|_| {});
    let pages = Pages::start(Some(&ca)).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(pages.plain().await);
    }
    let mut half = pages.connect(&ca, &TLS13).await;
    half.write_all(b"GET /livez HTTP/1.1\r\nHost: hea")
        .await
        .unwrap();
    get(pages.connect(&ca, &TLS13).await).await;

    tokio::time::pause();
    let began = Instant::now();
    for stream in &mut silent {
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    }
    let waited = began.elapsed();
    assert!(
        (HANDSHAKE_WAIT_MAX / 2..HEAD_WAIT_MAX).contains(&waited),
        "{waited:?}"
    );
    let mut answer = Vec::new();
    // It is cut off without TLS's farewell.
    let _ = half.read_to_end(&mut answer).await;
    let waited = began.elapsed();
    assert!(waited < HEAD_WAIT_MAX * 2, "{waited:?}");
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_plain_connection_with_no_request_is_let_go_too() {
    let pages = Pages::start(None).await;
    let mut silent = pages.plain().await;
    get(pages.plain().await).await;
    tokio::time::pause();
    let began = Instant::now();
    let mut answer = Vec::new();
    silent.read_to_end(&mut answer).await.unwrap();
    let waited = began.elapsed();
    assert!(
        (HEAD_WAIT_MAX / 2..HEAD_WAIT_MAX * 2).contains(&waited),
        "{waited:?}"
    );
}

#[tokio::test]
async fn the_stop_waits_for_nobody_who_asks_for_nothing() {
    let ca = Ca::new();
    ca.renew(|_| {});
    let pages = Pages::start(Some(&ca)).await;
    let _silent = pages.plain().await;
    let _idle = pages.connect(&ca, &TLS13).await;
    get(pages.connect(&ca, &TLS13).await).await;
    tokio::time::pause();
    let began = Instant::now();
    pages.stop.cancel();
    pages.task.await.unwrap().unwrap();
    let waited = began.elapsed();
    assert!(waited < HANDSHAKE_WAIT_MAX, "{waited:?}");
}
