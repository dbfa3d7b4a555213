//! The embedded broker: mqtt5 as an MQTT terminator that keeps nothing.
//!
//! Uplink messages end in its publish hook, which is awaited before PUBACK; nothing is retained, shared or queued for
//! gateways that are away.

mod sign_in;
mod terminator;

use std::sync::Arc;

use anyhow::Context;
use mqtt5::broker::config::{AuthConfig, StorageConfig};
use mqtt5::broker::{BrokerConfig as Mqtt5Config, MqttBroker, ResourceLimits};
use mqtt5::time::Duration;
use tokio_util::sync::CancellationToken;

use super::arrival::Inbox;
use super::config::EmbeddedConfig;
use super::{Counts, Credentials, Downlink, PACKET_LEN_MAX, Peers, Running};
use sign_in::SignIn;
use terminator::Terminator;

const GATEWAYS_CONNECTED_LEN_MAX: usize = 4096;
const CONNECTIONS_PER_SECOND_MAX: u32 = 500;
const RECEIVE_MAX: u16 = 50;
const RECEIPTS_IN_FLIGHT_MAX: u16 = 64;
/// The most subscriptions of one gateway: its receipts, its standing, and what it is asked.
const SUBSCRIPTIONS_LEN_MAX: usize = 3;
const RECEIPTS_QUEUED_LEN_MAX: usize = 64;

pub(super) async fn start(
    config: &EmbeddedConfig,
    credentials: Credentials,
    stop: CancellationToken,
) -> anyhow::Result<Running> {
    let counts = Arc::new(Counts::default());
    let peers = Peers::default();
    let (inbox, arrivals) = Inbox::new(Arc::clone(&counts));
    let ended = CancellationToken::new();
    let terminator = Arc::new(Terminator::new(inbox, stop.clone(), ended.clone()));

    let mut broker = MqttBroker::with_config(mqtt5_config(config, Arc::clone(&terminator)))
        .await
        .with_context(|| {
            format!(
                "cannot listen for gateways on {}: is another broker running there? \
                 change broker.embedded.listen or stop it",
                config.listen
            )
        })?
        .with_auth_provider(Arc::new(SignIn::new(credentials, peers.clone())));
    broker.resource_monitor().update_limits(limits());
    terminator.attach(Arc::downgrade(&broker.router()));

    let downlink = Downlink::embedded(Arc::downgrade(&broker.router()), Arc::clone(&counts));
    let listen_address = broker.local_addr();
    let mut ready = broker.ready_receiver();
    let task = tokio::spawn(async move {
        let result = run(&mut broker, &stop).await;
        ended.cancel();
        result
    });
    // The task drops its end of the channel when it fails, so this wait ends either way and the task tells the rest.
    let _ = ready.wait_for(|ready| *ready).await;
    Ok(Running {
        arrivals,
        downlink,
        counts,
        listen_address,
        peers,
        task,
    })
}

/// Runs until the stop. The broker then closes each connection as soon as its message in hand is settled, and waits for
/// that no longer than five seconds.
async fn run(broker: &mut MqttBroker, stop: &CancellationToken) -> anyhow::Result<()> {
    let shutdown = broker.shutdown_handle();
    let mut running = std::pin::pin!(broker.run());
    tokio::select! {
        ended = &mut running => {
            ended.context("the embedded broker failed")?;
            anyhow::bail!("the embedded broker ended by itself");
        }
        () = stop.cancelled() => shutdown.shutdown(),
    }
    running.await.context("the embedded broker failed to stop")
}

fn mqtt5_config(config: &EmbeddedConfig, terminator: Arc<Terminator>) -> Mqtt5Config {
    let mut auth = AuthConfig::new().with_allow_anonymous(true);
    // Its lock-out is by address, and every gateway may come from one. A password of 256 bits is not guessed.
    auth.rate_limit.enabled = false;
    let mut mqtt5 = Mqtt5Config::new()
        .with_bind_address(config.listen)
        .with_max_clients(GATEWAYS_CONNECTED_LEN_MAX)
        .with_max_packet_size(PACKET_LEN_MAX)
        .with_session_expiry(Duration::ZERO)
        .with_maximum_qos(1)
        .with_retain_available(false)
        .with_max_subscriptions_per_client(SUBSCRIPTIONS_LEN_MAX)
        .with_max_retained_messages(1)
        .with_max_retained_message_size(1)
        .with_client_channel_capacity(RECEIPTS_QUEUED_LEN_MAX)
        .with_max_outbound_inflight(RECEIPTS_IN_FLIGHT_MAX)
        .with_sys_topics_enabled(false)
        // mqtt5 0.49 builds a provider of its own first, and without a password file refuses to build any but this one.
        // `with_auth_provider` replaces it before the first connection is accepted.
        .with_auth(auth)
        // Without persistence the broker has no store at all, in memory or on disk: only bounded queues to the gateways.
        .with_storage(
            StorageConfig::new()
                .with_persistence(false)
                .with_max_queued_messages_per_client(RECEIPTS_QUEUED_LEN_MAX)
                .with_max_queued_bytes_per_client(RECEIPTS_QUEUED_LEN_MAX * PACKET_LEN_MAX),
        )
        .with_event_handler(terminator);
    mqtt5.server_receive_maximum = Some(RECEIVE_MAX);
    mqtt5.topic_alias_maximum = 0;
    mqtt5.wildcard_subscription_available = false;
    mqtt5.subscription_identifier_available = false;
    mqtt5.shared_subscription_available = false;
    mqtt5
}

/// Every gateway may come from one address: a proxy's, or this machine's own.
fn limits() -> ResourceLimits {
    ResourceLimits {
        max_connections: GATEWAYS_CONNECTED_LEN_MAX,
        max_connections_per_ip: GATEWAYS_CONNECTED_LEN_MAX,
        max_message_rate_per_client: 0,
        max_bandwidth_per_client: 0,
        max_connection_rate: CONNECTIONS_PER_SECOND_MAX,
        rate_limit_window: Duration::from_secs(1),
    }
}
