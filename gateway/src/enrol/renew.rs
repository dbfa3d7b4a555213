//! The task that renews this box's certificate while the gateway runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vitals::enrol::{LateRenewal, RENEW_LATE_PATH, RENEW_PATH, RenewalAnswer, RenewalRequest};

use super::identity;
use super::key_change::{self, NextKey};
use super::post::{Question, ServerUrl, ask};
use super::schedule::{Attempts, Step, Validity};
use super::{Enrolment, enrolment, signing_request};
use crate::clock::{self, Clock};
use crate::crash;
use crate::keys::{self, StateLock};
use crate::progress::{Beat, Watched};

/// How often it is looked whether the certificate must be renewed. A clock may be put right in between.
pub const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);
/// The longest that the task may take to get on: a look and the pause before it.
pub const AGE_MAX: Duration = Duration::from_secs(20 * 60);

/// What one look came to.
#[derive(Debug)]
pub enum Looked {
    /// Nothing was to be done, or not yet.
    Nothing,
    /// The certificate was renewed.
    Renewed(Validity),
    /// It must be renewed and could not be; it is tried again after a pause.
    Failed(anyhow::Error),
}

/// Renews the certificate of one box.
#[derive(Debug)]
pub struct Renewal {
    state_dir: PathBuf,
    lock: Arc<StateLock>,
    clock: Clock,
    attempts: Attempts,
    beat: Arc<Beat>,
}

impl Renewal {
    /// Makes the task of the box whose state folder is held.
    pub fn new(state_dir: &Path, lock: Arc<StateLock>, clock: Clock) -> Self {
        Self {
            state_dir: state_dir.to_owned(),
            lock,
            clock,
            attempts: Attempts::default(),
            beat: Arc::default(),
        }
    }

    /// Gives when the task last got on, for the watchdog.
    pub fn watched(&self) -> Watched {
        Watched {
            task: "renewal",
            beat: Arc::clone(&self.beat),
            age_max: AGE_MAX,
        }
    }

    /// Looks again and again until the stop. What fails is logged and tried again: readings matter more, and the
    /// certificate is good for another month.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let looking = async {
            if let Err(error) = key_change::settle(&self.state_dir) {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "keys that are of use no more are left in the state folder"
                );
            }
            loop {
                self.beat.got_on();
                self.look().await;
                sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            never = looking => never,
            () = shutdown.cancelled() => {}
        }
    }

    /// Looks once, and does what is to be done.
    pub async fn look(&mut self) -> Looked {
        let (now, mut step) = (self.clock.now(), Step::Wait);
        let mut known = None;
        let done = async {
            let Some(enrolment) = enrolment(&self.state_dir)? else {
                return Ok(None);
            };
            let validity = identity::validity(&self.state_dir)?;
            known = Some(validity);
            step = self.attempts.step(&validity, now);
            self.take(step, enrolment).await
        };
        let done: anyhow::Result<Option<Validity>> = done.await;
        match done {
            Ok(None) => Looked::Nothing,
            Ok(Some(validity)) => {
                self.attempts.succeeded(self.clock.now());
                tracing::info!(certificate.ends_at = %validity.ends_at, "this box's certificate was renewed");
                Looked::Renewed(validity)
            }
            Err(error) => {
                self.attempts
                    .failed(step, self.clock.now(), clock::random_u16());
                log_failure(&error, known, now);
                Looked::Failed(error)
            }
        }
    }

    async fn take(&self, step: Step, enrolment: Enrolment) -> anyhow::Result<Option<Validity>> {
        if step == Step::Wait {
            return Ok(None);
        }
        let server = enrolment.server.as_ref().context(
            "an older version enrolled this box and did not keep the server's address: enrol it anew before its certificate \
             ends",
        )?;
        let next = NextKey::load_or_make(&self.state_dir, &self.lock)?;
        crash::point(crash::RENEWAL_KEY_WRITTEN);
        let csr = signing_request(&next.key)?;
        let answer = match step {
            Step::Renew => self.renew(server, csr).await?,
            Step::RenewLate => self.renew_late(server, &enrolment, csr).await?,
            Step::Wait | Step::GiveUp => anyhow::bail!(vitals::enrol::Refusal::TooLate),
        };
        crash::point(crash::RENEWAL_ANSWERED);
        next.take_over(&answer.certificate, &self.clock)?;
        identity::validity(&self.state_dir).map(Some)
    }

    async fn renew(&self, server: &ServerUrl, csr: Vec<u8>) -> anyhow::Result<RenewalAnswer> {
        let question = Question {
            path: RENEW_PATH,
            body: RenewalRequest { csr }.to_body()?,
            read: RenewalAnswer::from_body,
        };
        let tls = identity::client(&self.state_dir, &self.clock)?;
        ask(server, tls, DOUBT, question).await
    }

    async fn renew_late(
        &self,
        server: &ServerUrl,
        enrolment: &Enrolment,
        csr: Vec<u8>,
    ) -> anyhow::Result<RenewalAnswer> {
        let keys = keys::load_or_make_locked(&self.state_dir, &self.lock)?;
        let sign = |bytes: &[u8]| keys.signing.sign(bytes);
        let question = Question {
            path: RENEW_LATE_PATH,
            body: LateRenewal::new(enrolment.gateway.clone(), csr, sign).to_body()?,
            read: RenewalAnswer::from_body,
        };
        // A certificate that has ended would be refused before the question is heard.
        let tls = identity::without_certificate(&self.state_dir, &self.clock)?;
        ask(server, tls, DOUBT, question).await
    }
}

const DOUBT: &str = "is not the server that enrolled this box, or this box's clock is wrong";

/// The nearer the end, the louder.
fn log_failure(error: &anyhow::Error, known: Option<Validity>, now: jiff::Timestamp) {
    let days_left = known.map(|it| it.ends_at.duration_since(now).as_hours() / 24);
    let error = format!("{error:#}");
    match known {
        Some(it) if it.is_near_its_end(now) => tracing::error!(
            error,
            certificate.days_left = days_left,
            "this box's certificate cannot be renewed; without one it reaches no broker over TLS, and readings stay here"
        ),
        _ => tracing::warn!(
            error,
            certificate.days_left = days_left,
            "this box's certificate cannot be renewed yet; it is tried again"
        ),
    }
}
