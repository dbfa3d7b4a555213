//! The connection to an external broker: a pipe that is thrown away at any error and built anew from its session.
//!
//! Each life of the pipe is an epoch with a client and an event loop of its own; an acknowledgement never outlives it.

mod epoch;
mod retry;
mod session;
mod tls;

use std::sync::Arc;

use anyhow::{Context, ensure};
use rumqttc::{AckMode, AsyncClient, MqttOptions, TlsConfiguration, Transport};
use tokio::sync::watch;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use vitals::topic::UPLINK_FILTER;

use super::arrival::Inbox;
use super::config::{ExternalConfig, Login, TlsFiles};
use super::{Counts, Downlink, PACKET_LEN_MAX, Peers, Running};
use crate::clock::Clock;
use epoch::{End, Epoch};
use session::OwnsNothing;

/// How many messages the broker may send before the first of them is acknowledged.
const RECEIVE_MAX: u16 = 100;
const RECEIPTS_IN_FLIGHT_MAX: u16 = 100;
/// Requests of this program waiting for the event loop: receipts, acknowledgements and the subscription.
const REQUESTS_LEN_MAX: usize = 512;
const KEEP_ALIVE_S: u16 = 20;
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(5);
/// How long the broker keeps what arrives while no server is connected: 7 days.
const SESSION_EXPIRY_S: u32 = 7 * 24 * 3600;

pub(super) async fn start(
    config: &ExternalConfig,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<Running> {
    let counts = Arc::new(Counts::default());
    let (inbox, arrivals) = Inbox::new(Arc::clone(&counts));
    let (connected, client) = watch::channel(None);
    if let Some(files) = &config.tls {
        tls::client(files, &clock)?;
    }
    let pipe = Pipe {
        options: options(config).await?,
        tls: config.tls.clone(),
        filter: filter(config.shared_group.as_deref()),
        inbox,
        connected,
        clock,
        stop,
    };
    Ok(Running {
        arrivals,
        downlink: Downlink::external(client, Arc::clone(&counts)),
        counts,
        listen_address: None,
        peers: Peers::default(),
        task: tokio::spawn(async move {
            pipe.run().await;
            Ok(())
        }),
    })
}

struct Pipe {
    options: MqttOptions,
    tls: Option<TlsFiles>,
    filter: String,
    inbox: Inbox,
    connected: watch::Sender<Option<AsyncClient>>,
    clock: Clock,
    stop: CancellationToken,
}

impl Pipe {
    async fn run(&self) {
        let mut failures: u32 = 0;
        while !self.stop.is_cancelled() {
            let (end, proved) = match self.options() {
                Ok(options) => {
                    let epoch = Epoch::new(&options, &self.filter, &self.inbox, &self.stop);
                    epoch.run(&self.connected).await
                }
                Err(error) => (End::Failed(error), false),
            };
            self.connected.send_replace(None);
            failures = if proved {
                1
            } else {
                failures.saturating_add(1)
            };
            match end {
                End::Stopped => return,
                End::Unsettled => warn!(
                    "a message could not be stored: the broker is asked to send it again by a new connection"
                ),
                End::Failed(error) => warn!(
                    broker.failures = failures,
                    error = format!("{error:#}"),
                    "the connection to the broker was lost and is built anew"
                ),
            }
            let delay = self.retry_delay(failures);
            info!(
                broker.retry_delay_ms = delay.as_millis(),
                "waiting before the next connection"
            );
            tokio::select! {
                () = sleep(delay) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// Gives the options of the next connection. Certificates are read anew: they may have been replaced.
    fn options(&self) -> anyhow::Result<MqttOptions> {
        let mut options = self.options.clone();
        if let Some(files) = &self.tls {
            let client = tls::client(files, &self.clock)?;
            let tls = TlsConfiguration::Rustls(client);
            options.set_transport(Transport::tls_with_config(tls));
        }
        Ok(options)
    }

    fn retry_delay(&self, failures: u32) -> Duration {
        let mut random = [0; 2];
        // Without entropy the servers only lose their spread: no reason to stay away from the broker.
        if let Err(error) = self.clock.fill_random(&mut random) {
            warn!(error = format!("{error:#}"), "no jitter");
        }
        retry::delay(failures, u16::from_be_bytes(random))
    }
}

fn filter(shared_group: Option<&str>) -> String {
    match shared_group {
        Some(group) => format!("$share/{group}/{UPLINK_FILTER}"),
        None => UPLINK_FILTER.to_owned(),
    }
}

async fn options(config: &ExternalConfig) -> anyhow::Result<MqttOptions> {
    let address = (config.address.host(), config.address.port());
    let mut options = MqttOptions::new(config.client_id.clone(), address);
    options
        .set_clean_start(false)
        .set_session_expiry_interval(Some(SESSION_EXPIRY_S))
        .set_keep_alive(KEEP_ALIVE_S)
        .set_connect_timeout(CONNECT_WAIT_MAX)
        .set_receive_maximum(Some(RECEIVE_MAX))
        .set_max_packet_size(Some(u32::try_from(PACKET_LEN_MAX)?))
        .set_outgoing_inflight_upper_limit(RECEIPTS_IN_FLIGHT_MAX)
        .set_ack_mode(AckMode::Manual);
    options.set_session_store(OwnsNothing::new(&options));
    if let Some(login) = &config.login {
        options.set_credentials(login.username.clone(), password(login).await?);
    }
    Ok(options)
}

async fn password(login: &Login) -> anyhow::Result<String> {
    let file = login.password_file.display();
    let text = tokio::fs::read_to_string(&login.password_file)
        .await
        .with_context(|| {
            format!(
                "cannot read the broker password from {file}: check broker.external.password_file"
            )
        })?;
    let password = text.trim().to_owned();
    ensure!(
        !password.is_empty(),
        "{file} is empty: write the broker password into it"
    );
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_one_group_share_the_subscription() {
        assert_eq!(filter(None), "hearth/v1/+/up/+");
        assert_eq!(filter(Some("ingest")), "$share/ingest/hearth/v1/+/up/+");
    }

    #[tokio::test]
    async fn a_password_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let password_file = folder.path().join("password");
        let config = ExternalConfig {
            address: "127.0.0.1:1".parse().unwrap(),
            tls: None,
            client_id: "server".to_owned(),
            login: Some(Login {
                username: "hearth".to_owned(),
                password_file: password_file.clone(),
            }),
            shared_group: None,
        };
        let error = options(&config).await.unwrap_err().to_string();
        assert!(
            error.contains("check broker.external.password_file"),
            "{error}"
        );
        std::fs::write(&password_file, " \n").unwrap();
        let error = options(&config).await.unwrap_err().to_string();
        assert!(error.contains("is empty"), "{error}");
        std::fs::write(&password_file, "secret\n").unwrap();
        assert!(options(&config).await.is_ok());
    }
}
