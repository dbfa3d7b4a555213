//! Lifecycle: starts the broker, ingest, the deadlines and the pages, and stops them in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::accounts::oidc::Provider;
use crate::accounts::passkeys::relying_party::RelyingParty;
use crate::accounts::{Passwords, Vault};
use crate::audit::{self, Trail};
use crate::boxes::watch::{self, Watch};
use crate::broker::{self, Credentials};
use crate::changes::Changes;
use crate::clock::Clock;
use crate::config::Config;
use crate::deadlines::{self, Deadlines};
use crate::enrol::{EnrolAddresses, Enrolment};
use crate::ingest::{self, Ingest};
use crate::store::{Store, gateways};
use crate::templates::Templates;
use crate::web;
use crate::web::certificate::Certificate;

/// How long the tasks may take to finish after the stop, before the program ends without them. Nothing is lost then
/// either: what was not acknowledged is sent again.
pub const STOP_WAIT_MAX: Duration = Duration::from_secs(15);

/// What runs, each by its name.
pub(crate) type Tasks = JoinSet<(&'static str, anyhow::Result<()>)>;

/// A server at work.
#[derive(Debug)]
pub struct Server {
    /// Where the pages are.
    pub web_address: SocketAddr,
    /// Where the embedded broker listens; `None` with an external one.
    pub mqtt_address: Option<SocketAddr>,
    /// Where boxes are enrolled, and connect once they are.
    pub enrol_addresses: EnrolAddresses,
    /// What is stored, for programs that hold a server within them.
    pub store: Store,
    tasks: Tasks,
    shutdown: CancellationToken,
}

fn pages(
    config: &Config,
    store: Store,
    changes: Changes,
    trail: Trail,
    vault: Vault,
    clock: Clock,
) -> anyhow::Result<web::State> {
    let oidc = config.oidc.as_ref().map(|it| Provider::new(it, &clock));
    Ok(web::State {
        passkeys: RelyingParty::new(&config.web.names, &config.service_name)?,
        oidc: oidc.transpose()?.map(Arc::new),
        store,
        changes,
        trail,
        clock,
        time_zone: config.time_zone.clone(),
        service_name: config.service_name.clone(),
        policy: config.sign_in,
        passwords: Passwords::default(),
        vault,
        monitoring_hours: config.monitoring_hours.clone(),
        tiers: web::Tiers::new(config.tier_rules()?),
        templates: Arc::new(Templates::load(config.clinical_folder.as_deref())?),
        trials: Arc::new(Semaphore::new(web::TRIALS_MAX)),
        names: config.web.names.clone(),
        throttle: web::Throttle::default(),
    })
}

impl Server {
    /// Opens the database and starts everything. An embedded database is brought up to this program's schema first;
    /// PostgreSQL, which other servers may be using, asks for `server migrate`.
    ///
    /// # Errors
    /// When the database cannot be opened, or an address cannot be bound.
    pub async fn start(
        config: &Config,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let store = open_store(config).await?;
        let tls = config.web.tls.as_ref();
        let certificate = tls.map(|it| Certificate::open(it, &clock)).transpose()?;
        let listener = bind_pages(config.web.listen).await?;
        let web_address = listener.local_addr()?;
        let enrolment = match &config.enrol {
            Some(enrol) => Some(Enrolment::open(enrol, &store, &clock).await?),
            None => None,
        };
        let changes = Changes::new();
        let broker = broker::start(
            &config.broker,
            credentials(store.clone()),
            clock.clone(),
            shutdown.clone(),
        )
        .await?;
        let limits = config.silence_limits()?;
        let watch = Watch::new(&store, &broker.downlink, &clock, &shutdown);
        let ingest = Ingest {
            arrivals: broker.arrivals,
            store: store.clone(),
            downlink: broker.downlink,
            changes: changes.clone(),
            clock: clock.clone(),
            clock_wrong_from_seconds: limits.device_clock_wrong_seconds,
            shutdown: shutdown.clone(),
        };
        let deadlines = Deadlines {
            store: store.clone(),
            changes: changes.clone(),
            clock: clock.clone(),
            limits,
            shutdown: shutdown.clone(),
        };
        let mut tasks = JoinSet::new();
        let trail = audit::start(config.audit.as_ref(), &store, &clock, &mut tasks, &shutdown)?;
        let vault = Vault::open(config.sign_in_folder.as_deref(), &clock)?;
        vault.seal_all(&store, &clock).await?;
        let pages = pages(config, store.clone(), changes, trail, vault, clock)?;
        let broker_task = broker.task;
        tasks.spawn(async { ("broker", broker_task.await.unwrap_or_else(died)) });
        tasks.spawn(async { ("ingest", ingest::run(ingest).await) });
        tasks.spawn(async { ("deadlines", deadlines::run(deadlines).await) });
        tasks.spawn(async { ("boxes", watch::run(watch).await) });
        let pages = web::serve(listener, pages, certificate, shutdown.clone());
        tasks.spawn(async { ("web", pages.await) });
        let addresses = match enrolment {
            Some(enrolment) => {
                enrolment.start(broker.listen_address, broker.peers, &mut tasks, &shutdown)?
            }
            None => EnrolAddresses::default(),
        };
        Ok(Self {
            web_address,
            mqtt_address: broker.listen_address,
            enrol_addresses: addresses,
            store,
            tasks,
            shutdown,
        })
    }

    /// Waits until everything has stopped.
    ///
    /// # Errors
    /// When a task fails or ends before the stop, which stops the others, or when they do not stop in time.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        let shutdown = self.shutdown.clone();
        let overdue = async move {
            shutdown.cancelled().await;
            tokio::time::sleep(STOP_WAIT_MAX).await;
        };
        tokio::pin!(overdue);
        let mut outcome = Ok(());
        loop {
            let ended = tokio::select! {
                ended = self.tasks.join_next() => ended,
                () = &mut overdue => bail!("not everything stopped within {STOP_WAIT_MAX:?}"),
            };
            let Some(ended) = ended else { break };
            let failure = self.failure(ended);
            if outcome.is_ok() {
                outcome = failure.map_or(Ok(()), Err);
            }
            // One task without the others would look alive and do half of the work.
            self.shutdown.cancel();
        }
        self.store.close().await;
        info!("stopped");
        outcome
    }

    fn failure(
        &self,
        ended: Result<(&'static str, anyhow::Result<()>), JoinError>,
    ) -> Option<anyhow::Error> {
        match ended {
            Ok((_, Ok(()))) if self.shutdown.is_cancelled() => None,
            Ok((name, Ok(()))) => Some(anyhow!("the {name} task ended by itself")),
            Ok((name, Err(error))) => Some(error.context(format!("the {name} task failed"))),
            Err(error) => Some(anyhow::Error::new(error).context("a task died")),
        }
    }
}

async fn open_store(config: &Config) -> anyhow::Result<Store> {
    if config.store.is_embedded() {
        Store::migrate(&config.store.url).await
    } else {
        Store::open(&config.store.url).await
    }
}

async fn bind_pages(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "the pages cannot be served at {address}; see whether another program uses the port"
        )
    })
}

fn died(error: JoinError) -> anyhow::Result<()> {
    Err(error).context("it died")
}

/// Looks gateways' keys up for the broker, at each sign-in, so that a gateway registered now may come now.
pub fn credentials(store: Store) -> Credentials {
    Arc::new(move |gateway| {
        let store = store.clone();
        Box::pin(async move {
            let mut connection = store.readers().acquire().await?;
            let known = gateways::by_id(&mut connection, &gateway).await?;
            let known = known.filter(|gateway| gateway.revoked_at.is_none());
            Ok(known.map(|gateway| gateway.tag_key))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn server(dir: &tempfile::TempDir) -> Server {
        let url = format!("sqlite:{}", dir.path().join("server.db").display());
        let text = format!(
            "time_zone = \"Europe/London\"\nmonitoring_hours = \"Weekdays, 9 to 17\"\n[store]\nurl = \"{url}\"\n\
             [web]\nlisten = \"127.0.0.1:0\"\n[broker.embedded]\nlisten = \"127.0.0.1:0\"\n"
        );
        let config = Config::parse(&text).unwrap();
        Server::start(&config, Clock::system(), CancellationToken::new())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn it_starts_on_free_ports_and_stops_when_asked() {
        let dir = tempfile::tempdir().unwrap();
        let server = server(&dir).await;
        for address in [Some(server.web_address), server.mqtt_address] {
            tokio::net::TcpStream::connect(address.unwrap())
                .await
                .unwrap();
        }
        server.shutdown.cancel();
        server.finish().await.unwrap();
    }

    #[tokio::test]
    async fn a_task_that_dies_stops_the_others_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = server(&dir).await;
        let shutdown = server.shutdown.clone();
        server
            .tasks
            .spawn(async { ("notify", Err(anyhow!("no more paper"))) });
        let error = format!("{:#}", server.finish().await.unwrap_err());
        assert_eq!(error, "the notify task failed: no more paper");
        assert!(shutdown.is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_ends_by_itself_is_no_success() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = server(&dir).await;
        server.tasks.spawn(async { ("notify", Ok(())) });
        let error = server.finish().await.unwrap_err();
        assert_eq!(error.to_string(), "the notify task ended by itself");
    }

    #[tokio::test]
    async fn a_task_that_does_not_stop_is_not_waited_for_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let mut server = server(&dir).await;
        server.tasks.spawn(std::future::pending());
        server.shutdown.cancel();
        tokio::time::pause();
        let error = server.finish().await.unwrap_err();
        assert!(error.to_string().contains("15s"), "{error}");
    }
}
