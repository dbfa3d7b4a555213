//! Enrolment: a box proves by a one-time code which install job it is for, and gets a name and a certificate.

pub mod authority;
pub mod broker_certificates;
pub mod config;
pub mod endpoint;
pub mod exchange;
pub mod folder;
pub mod front;
pub mod jobs;
pub mod life;
pub mod renewal;
pub mod secret;
pub mod tls;
pub mod tries;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::broker::Peers;
use crate::clock::Clock;
use crate::lifecycle::Tasks;
use crate::store::Store;
use authority::Authority;
use config::EnrolConfig;
use endpoint::Endpoint;
use front::Front;
use tls::ServerTls;
use tries::Tries;

/// Where boxes are enrolled, and connect once they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnrolAddresses {
    /// Where they bring their codes.
    pub codes: Option<SocketAddr>,
    /// Where they reach the embedded broker over TLS.
    pub mqtt: Option<SocketAddr>,
}

/// Enrolment with its listeners open; nobody is served yet.
pub(crate) struct Enrolment {
    codes: (TcpListener, Endpoint),
    mqtt: Option<(TcpListener, ServerTls)>,
    store: Store,
}

impl Enrolment {
    /// Makes what is missing of the authority, and opens the listeners.
    pub(crate) async fn open(
        config: &EnrolConfig,
        store: &Store,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let authority = Arc::new(Authority::load_or_make(&config.folder, clock)?);
        let mqtt = match config.mqtt_listen {
            Some(address) => Some((
                bind("enrol.mqtt_listen", address).await?,
                ServerTls::for_gateways(Arc::clone(&authority), &config.names, clock)?,
            )),
            None => None,
        };
        let endpoint = Endpoint {
            store: store.clone(),
            tls: ServerTls::for_anybody(Arc::clone(&authority), &config.names, clock)?,
            authority,
            clock: clock.clone(),
            tries: Tries::default(),
        };
        Ok(Self {
            codes: (bind("enrol.listen", config.listen).await?, endpoint),
            mqtt,
            store: store.clone(),
        })
    }

    /// Serves boxes until the shutdown, in front of the broker that is given.
    pub(crate) fn start(
        self,
        broker: Option<SocketAddr>,
        peers: Peers,
        tasks: &mut Tasks,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<EnrolAddresses> {
        let (listener, endpoint) = self.codes;
        let codes = Some(listener.local_addr()?);
        let serving = endpoint::serve(listener, endpoint, shutdown.clone());
        tasks.spawn(async { ("enrolment", serving.await) });
        let mut mqtt = None;
        if let (Some((listener, tls)), Some(broker)) = (self.mqtt, broker) {
            mqtt = Some(listener.local_addr()?);
            let front = Front {
                store: self.store,
                tls,
                broker,
                peers,
            };
            let serving = front::serve(listener, front, shutdown.clone());
            tasks.spawn(async { ("mqtt over tls", serving.await) });
        }
        Ok(EnrolAddresses { codes, mqtt })
    }
}

async fn bind(key: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{key}: cannot listen at {address}; see whether another program uses the port")
    })
}
