//! The server's side of MQTT: what arrives from gateways, and what is sent to them.
//!
//! Two brokers stand behind one small interface, and correctness rests on neither: a message is acknowledged only after
//! whoever takes it from [`Running::arrivals`] has answered [`Arrival::settled`], which is after the commit.

pub mod arrival;
pub mod config;
pub mod counts;
pub mod downlink;
mod embedded;
mod external;
mod peers;

use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::{GatewayId, TagKey};

use crate::clock::Clock;
pub use arrival::Arrival;
pub use config::BrokerConfig;
pub use counts::Counts;
pub use downlink::Downlink;
pub use peers::{Peer, Peers};

/// The most arrivals waiting to be ingested. When it is reached no socket is read until there is room again.
pub const ARRIVAL_QUEUE_LEN_MAX: usize = 1024;
/// The largest MQTT packet, in bytes: the largest message and room for its topic and properties.
pub const PACKET_LEN_MAX: usize = vitals::wire::PAYLOAD_LEN_MAX + 4 * 1024;

/// Finds the key of a registered gateway; `None` when no such gateway may sign in.
///
/// An error means that nobody can say, and the gateway is told to come back later.
pub type Credentials =
    Arc<dyn Fn(GatewayId) -> BoxFuture<'static, anyhow::Result<Option<TagKey>>> + Send + Sync>;

/// A broker, or the connection to one, at work.
#[derive(Debug)]
pub struct Running {
    /// What gateways send, in the order of arrival per gateway. Each must be settled. It ends after the stop.
    pub arrivals: mpsc::Receiver<Arrival>,
    /// The way back to the gateways.
    pub downlink: Downlink,
    /// What was refused or lost since the start.
    pub counts: Arc<Counts>,
    /// Where the embedded broker listens; `None` with an external one.
    pub listen_address: Option<SocketAddr>,
    /// Who is behind the embedded broker's connections, as the TLS in front of it tells.
    pub peers: Peers,
    /// Ends with `Ok` some seconds after the stop at the latest, with an error when the broker failed before.
    pub task: JoinHandle<anyhow::Result<()>>,
}

/// Starts the broker that the configuration names.
///
/// At `stop` nothing new is taken; what was taken before may still be settled, and is then acknowledged, for five seconds.
///
/// # Errors
/// When the address cannot be bound, or the password file cannot be read. An external broker that does not answer is
/// no error: it is tried again for ever.
pub async fn start(
    config: &BrokerConfig,
    credentials: Credentials,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<Running> {
    match config {
        BrokerConfig::Embedded(config) => embedded::start(config, credentials, stop).await,
        BrokerConfig::External(config) => external::start(config, clock, stop).await,
    }
}
