//! The way back to the gateways: receipts, which may be lost because every gateway sends again what has none.

use std::fmt;
use std::sync::{Arc, Weak};

use anyhow::{Context, ensure};
use mqtt5::QoS;
use mqtt5::broker::router::MessageRouter;
use mqtt5::packet::publish::PublishPacket;
use rumqttc::{AsyncClient, PublishOptions};
use tokio::sync::watch;
use vitals::topic::Topic;

use super::Counts;

/// Sends messages to gateways; cheap to clone.
#[derive(Clone)]
pub struct Downlink {
    route: Route,
    counts: Arc<Counts>,
}

#[derive(Clone)]
enum Route {
    /// Weak: with the broker must go its hook and the hook's end of the queue, so that ingest sees the end.
    Embedded(Weak<MessageRouter>),
    External(watch::Receiver<Option<AsyncClient>>),
}

impl Downlink {
    pub(super) fn embedded(router: Weak<MessageRouter>, counts: Arc<Counts>) -> Self {
        Self {
            route: Route::Embedded(router),
            counts,
        }
    }

    pub(super) fn external(
        client: watch::Receiver<Option<AsyncClient>>,
        counts: Arc<Counts>,
    ) -> Self {
        Self {
            route: Route::External(client),
            counts,
        }
    }

    /// Waits until gateways can be reached: at once with the embedded broker, with an external one when it is subscribed.
    pub async fn ready(&mut self) {
        if let Route::External(client) = &mut self.route
            && client.wait_for(Option::is_some).await.is_err()
        {
            // The connection has ended for good, and so has the program.
            std::future::pending::<()>().await;
        }
    }

    /// Sends a receipt as [`Self::send`] does. One that is lost is counted; the caller need not try again.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn publish(&self, topic: &Topic, payload: Vec<u8>) -> anyhow::Result<()> {
        let sent = self.send(topic, payload).await;
        if sent.is_err() {
            self.counts.count_receipt_lost();
        }
        sent
    }

    /// Sends a message to a gateway at quality of service 1, without waiting for the gateway and within bounded queues.
    ///
    /// # Errors
    /// When the topic leads to no gateway, the gateway or the broker is not connected, or the queue to it is full.
    pub async fn send(&self, topic: &Topic, payload: Vec<u8>) -> anyhow::Result<()> {
        match &self.route {
            _ if topic.is_uplink() => Err(anyhow::anyhow!("{topic} does not lead to a gateway")),
            Route::Embedded(router) => route_to_subscriber(router, topic, payload).await,
            Route::External(client) => enqueue(client, topic, payload),
        }
    }
}

async fn route_to_subscriber(
    router: &Weak<MessageRouter>,
    topic: &Topic,
    payload: Vec<u8>,
) -> anyhow::Result<()> {
    let router = router.upgrade().context("the broker has stopped")?;
    let filter = topic.to_string();
    ensure!(
        router
            .has_subscription(topic.gateway.as_str(), &filter)
            .await,
        "the gateway is not connected"
    );
    let message = PublishPacket::new(filter, payload, QoS::AtLeastOnce);
    // A deadline of now: a gateway that reads slowly must not hold up the receipts of the others.
    router
        .route_message_with_deadline(&message, None, tokio::time::Instant::now())
        .await;
    Ok(())
}

fn enqueue(
    client: &watch::Receiver<Option<AsyncClient>>,
    topic: &Topic,
    payload: Vec<u8>,
) -> anyhow::Result<()> {
    client
        .borrow()
        .as_ref()
        .context("the broker is not connected")?
        .try_publish(topic.to_string(), payload, PublishOptions::at_least_once())
        .context("the queue to the broker does not take the message")
}

impl fmt::Debug for Downlink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.route {
            Route::Embedded(_) => "Downlink(embedded)",
            Route::External(_) => "Downlink(external)",
        })
    }
}
