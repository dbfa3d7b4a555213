//! The certificate of the pages: read from the operator's files, and again when they have changed, without a restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::clock::Clock;
use crate::pem;

/// How often the files are looked at.
pub const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(10);
/// From how long before its end on a certificate that is read is complained of: it should have been renewed.
const END_IS_NEAR: SignedDuration = SignedDuration::from_hours(14 * 24);

const CERTIFICATE_KEY: &str = "web.tls.certificate_file";
const KEY_KEY: &str = "web.tls.key_file";

/// `[web.tls]`: files in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageFiles {
    /// The certificate that browsers are shown, and those between it and its authority.
    pub certificate_file: PathBuf,
    /// The key of that certificate, which not everybody may read.
    pub key_file: PathBuf,
}

impl PageFiles {
    /// Gives each key of the configuration with its file.
    pub(crate) fn keys(&self) -> [(&'static str, &Path); 2] {
        [
            (CERTIFICATE_KEY, &self.certificate_file),
            (KEY_KEY, &self.key_file),
        ]
    }
}

/// What the files held.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// The certificate that is shown now.
#[derive(Debug)]
pub struct Certificate {
    files: PageFiles,
    clock: Clock,
    current: watch::Sender<Arc<ServerConfig>>,
    seen: Mutex<Seen>,
}

/// What the last look found, so that only changes are acted on and told of.
#[derive(Debug)]
struct Seen {
    pair: Pair,
    failure: Option<String>,
}

impl Certificate {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// When one cannot be read or holds something else, the two do not fit, or the key can be read by everybody.
    pub fn open(files: &PageFiles, clock: &Clock) -> anyhow::Result<Self> {
        let pair = Pair::read(files)?;
        let config = pair.config(clock)?;
        // One that has ended is shown all the same: readings must arrive, whatever browsers think of the pages.
        say_when_it_ends(pair.ends_at()?, clock.now());
        Ok(Self {
            files: files.clone(),
            clock: clock.clone(),
            current: watch::Sender::new(config),
            seen: Mutex::new(Seen {
                pair,
                failure: None,
            }),
        })
    }

    /// Gives the configuration for a connection that begins now.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.borrow())
    }

    /// Looks at the files at a fixed interval until the stop. What cannot be used changes nothing but the log.
    pub async fn keep_current(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let at = self.clock.now() + LOOK_AGAIN_AFTER;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.clock.wait_until(at) => {}
            }
            let this = Arc::clone(&self);
            // Files may be far away.
            if let Err(error) = spawn_blocking(move || this.look()).await {
                error!(error = %error, "the certificate of the pages cannot be looked at");
            }
        }
    }

    fn look(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match self.change(&seen.pair) {
            Ok(None) => seen.failure = None,
            Ok(Some((pair, config))) => {
                self.current.send_replace(config);
                *seen = Seen {
                    pair,
                    failure: None,
                };
                info!("the certificate of the pages was read anew");
            }
            Err(error) => {
                let failure = Some(format!("{error:#}"));
                if failure != seen.failure {
                    error!(
                        error = failure,
                        "the new certificate of the pages cannot be used; the one before is kept"
                    );
                    seen.failure = failure;
                }
            }
        }
    }

    fn change(&self, before: &Pair) -> anyhow::Result<Option<(Pair, Arc<ServerConfig>)>> {
        let pair = Pair::read(&self.files)?;
        if pair == *before {
            return Ok(None);
        }
        let config = pair.config(&self.clock)?;
        let (ends_at, now) = (pair.ends_at()?, self.clock.now());
        ensure!(ends_at > now, "{CERTIFICATE_KEY}: it ended at {ends_at}");
        say_when_it_ends(ends_at, now);
        Ok(Some((pair, config)))
    }
}

impl Pair {
    fn read(files: &PageFiles) -> anyhow::Result<Self> {
        Ok(Self {
            chain: pem::certificates(CERTIFICATE_KEY, &files.certificate_file)?,
            key: pem::private_key(KEY_KEY, &files.key_file)?,
        })
    }

    fn ends_at(&self) -> anyhow::Result<Timestamp> {
        pem::ends_at(CERTIFICATE_KEY, &self.chain)
    }

    fn config(&self, clock: &Clock) -> anyhow::Result<Arc<ServerConfig>> {
        let provider = Arc::new(default_provider());
        let mut config = ServerConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .context("web.tls: the certificate and the key do not fit")?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn say_when_it_ends(ends_at: Timestamp, now: Timestamp) {
    if ends_at.duration_since(now) <= END_IS_NEAR {
        error!(
            certificate.ends_at = %ends_at,
            "the certificate of the pages ends soon, and then browsers refuse them: renew it"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::ManualClock;
    use crate::web::tls_tests::Ca;

    fn clock() -> ManualClock {
        ManualClock::new("2026-11-26T09:00:00Z".parse().unwrap(), 1)
    }

    #[tokio::test]
    async fn changed_files_are_read_at_the_next_look() {
        let (ca, hand) = (Ca::new(), clock());
        ca.renew(|_| {});
        let certificate = Arc::new(Certificate::open(&ca.files(), &hand.clock()).unwrap());
        let mut changes = certificate.current.subscribe();
        let before = certificate.config();
        let stop = CancellationToken::new();
        let looking = tokio::spawn(Arc::clone(&certificate).keep_current(stop.clone()));
        tokio::task::yield_now().await;
        ca.renew(|_| {});
        assert!(Arc::ptr_eq(&before, &certificate.config()));
        hand.advance(LOOK_AGAIN_AFTER);
        changes.changed().await.unwrap();
        assert!(!Arc::ptr_eq(&before, &certificate.config()));
        stop.cancel();
        looking.await.unwrap();
    }

    #[test]
    fn what_cannot_be_used_changes_nothing_and_is_told_without_the_key() {
        let (ca, hand) = (Ca::new(), clock());
        ca.renew(|_| {});
        let files = ca.files();
        let certificate = Certificate::open(&files, &hand.clock()).unwrap();
        let first = certificate.config();
        let failure = || {
            certificate.look();
            assert!(Arc::ptr_eq(&first, &certificate.config()));
            let failure = certificate.seen.lock().unwrap().failure.clone();
            failure.unwrap_or_default()
        };
        assert_eq!(failure(), "");

        // Whoever renews writes one file after the other.
        let before = fs::read(&files.key_file).unwrap();
        ca.renew(|_| {});
        let after = fs::read_to_string(&files.key_file).unwrap();
        fs::write(&files.key_file, before).unwrap();
        assert!(failure().contains("do not fit"), "{}", failure());
        fs::write(&files.key_file, after.replace("PRIVATE", "PUBLIC")).unwrap();
        let told = failure();
        assert!(told.contains("web.tls.key_file"), "{told}");
        let secret = after.lines().nth(1).unwrap();
        assert!(!told.contains(secret));
        fs::write(&files.key_file, &after).unwrap();
        fs::set_permissions(&files.key_file, Permissions::from_mode(0o644)).unwrap();
        assert!(failure().contains("chmod o="));
        fs::set_permissions(&files.key_file, Permissions::from_mode(0o600)).unwrap();
        ca.renew(|params| params.not_after = rcgen::date_time_ymd(2026, 11, 25));
        assert!(
            failure().contains("it ended at 2026-11-25"),
            "{}",
            failure()
        );
        fs::remove_file(&files.certificate_file).unwrap();
        assert!(failure().contains("web.tls.certificate_file"));

        ca.renew(|_| {});
        certificate.look();
        assert!(!Arc::ptr_eq(&first, &certificate.config()));
        assert_eq!(certificate.seen.lock().unwrap().failure, None);
    }

    #[test]
    fn files_that_do_not_fit_are_refused_at_the_start() {
        let (ca, other) = (Ca::new(), Ca::new());
        ca.renew(|_| {});
        other.renew(|_| {});
        let files = PageFiles {
            key_file: other.files().key_file,
            ..ca.files()
        };
        let error = Certificate::open(&files, &clock().clock()).unwrap_err();
        assert!(format!("{error:#}").contains("web.tls"), "{error:#}");
    }
}
