//! The hook in which every uplink message ends: it returns when the message is settled, and PUBACK follows.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};

use mqtt5::QoS;
use mqtt5::broker::router::MessageRouter;
use mqtt5::broker::{
    BrokerEventHandler, ClientConnectEvent, ClientDisconnectEvent, ClientPublishEvent,
    PublishAction,
};
use mqtt5::packet::publish::PublishPacket;
use mqtt5::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use vitals::topic::Topic;

use crate::broker::arrival::{Inbox, hand_over};

/// How long a connection waits for its message to be settled. Then it is closed, so that a stuck database does not
/// gather the connections of gateways that have given up and connected again.
const SETTLE_WAIT_MAX: Duration = Duration::from_secs(30);
const WILL_TRIES_MAX: u32 = 12;
const WILL_RETRY_DELAY: Duration = Duration::from_secs(5);

/// Receives what the broker hears.
pub(super) struct Terminator {
    inbox: Inbox,
    router: OnceLock<Weak<MessageRouter>>,
    gateways: Mutex<HashMap<Arc<str>, Presence>>,
    stop: CancellationToken,
    ended: CancellationToken,
}

/// A connected gateway; two connections are open for a moment when one takes over from the other.
#[derive(Default)]
struct Presence {
    open: u32,
    will: Option<Will>,
    closing: bool,
}

#[derive(Clone)]
struct Will {
    topic: Topic,
    payload: Vec<u8>,
}

impl Terminator {
    /// `stop` ends the taking of messages, `ended` the waiting for those that were taken.
    pub(super) fn new(inbox: Inbox, stop: CancellationToken, ended: CancellationToken) -> Self {
        Self {
            inbox,
            router: OnceLock::new(),
            gateways: Mutex::default(),
            stop,
            ended,
        }
    }

    /// Gives it the router, which exists only after the broker that is made with this hook, and which owns the hook.
    pub(super) fn attach(&self, router: Weak<MessageRouter>) {
        let _ = self.router.set(router);
    }

    async fn take(&self, event: ClientPublishEvent) -> PublishAction {
        let Some(topic) = self.inbox.admit(&event.topic, event.payload.len()) else {
            return PublishAction::Handled;
        };
        if self.stop.is_cancelled() || self.is_closing(&event.client_id).await {
            return unacknowledged(&event.topic);
        }
        if self.settle(topic, event.payload.to_vec()).await {
            return PublishAction::Handled;
        }
        self.inbox.counts().count_unsettled();
        warn!(
            gateway.id = %event.client_id,
            "a message could not be stored: it is not acknowledged and its connection is closed, so that it is sent again"
        );
        self.close(&event.client_id).await;
        unacknowledged(&event.topic)
    }

    async fn settle(&self, topic: Topic, payload: Vec<u8>) -> bool {
        let settled = async {
            let answer = hand_over(self.inbox.room().await?, topic, payload);
            answer.await.ok()
        };
        tokio::select! {
            biased;
            settled = timeout(SETTLE_WAIT_MAX, settled) => matches!(settled, Ok(Some(()))),
            () = self.ended.cancelled() => false,
        }
    }

    async fn is_closing(&self, client_id: &str) -> bool {
        let gateways = self.gateways.lock().await;
        gateways
            .get(client_id)
            .is_some_and(|presence| presence.closing)
    }

    /// Closes the gateway's connection: mqtt5 ends a connection whose entry is gone from the router.
    async fn close(&self, client_id: &str) {
        if let Some(presence) = self.gateways.lock().await.get_mut(client_id) {
            presence.closing = true;
        }
        if let Some(router) = self.router.get().and_then(Weak::upgrade) {
            router.unregister_client(client_id).await;
        }
    }

    async fn opened(&self, event: ClientConnectEvent) {
        let will = event.will_topic.zip(event.will_payload);
        let mut gateways = self.gateways.lock().await;
        let presence = gateways.entry(event.client_id).or_default();
        presence.open += 1;
        presence.closing = false;
        presence.will = will.and_then(|(topic, payload)| {
            Some(Will {
                topic: Topic::parse(&topic)?,
                payload: payload.to_vec(),
            })
        });
    }

    /// Tells ingest the last will. mqtt5 0.49 routes wills to subscribers past the publish hook, so the will is kept
    /// from the connect event and told here. A connection that was taken over is no loss: its gateway is there.
    async fn closed(&self, event: ClientDisconnectEvent) {
        let mut gateways = self.gateways.lock().await;
        let Some(presence) = gateways.get_mut(&event.client_id) else {
            return;
        };
        presence.open = presence.open.saturating_sub(1);
        if presence.open > 0 {
            return;
        }
        let will = presence.will.take();
        gateways.remove(&event.client_id);
        drop(gateways);
        if let Some(will) = will.filter(|_| event.unexpected) {
            self.tell_will(&event.client_id, will).await;
        }
    }

    async fn tell_will(&self, client_id: &str, will: Will) {
        for _ in 0..WILL_TRIES_MAX {
            if self.stop.is_cancelled() || self.gateways.lock().await.contains_key(client_id) {
                return;
            }
            if self.settle(will.topic.clone(), will.payload.clone()).await {
                return;
            }
            tokio::select! {
                () = sleep(WILL_RETRY_DELAY) => {}
                () = self.stop.cancelled() => return,
            }
        }
        // The gateway's silence is found without its will.
        info!(gateway.id = client_id, "a last will could not be stored");
    }
}

/// Makes mqtt5 send no PUBACK: there is no refusal that a client would try again, and a message that was turned into one
/// of quality of service 0 is routed, to nobody since nobody may subscribe to an uplink, and not acknowledged.
fn unacknowledged(topic: &str) -> PublishAction {
    PublishAction::Transform(PublishPacket::new(topic, Vec::new(), QoS::AtMostOnce))
}

impl BrokerEventHandler for Terminator {
    fn on_client_publish<'a>(
        &'a self,
        event: ClientPublishEvent,
    ) -> Pin<Box<dyn Future<Output = PublishAction> + Send + 'a>> {
        Box::pin(self.take(event))
    }

    fn on_client_connect<'a>(
        &'a self,
        event: ClientConnectEvent,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(self.opened(event))
    }

    fn on_client_disconnect<'a>(
        &'a self,
        event: ClientDisconnectEvent,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(self.closed(event))
    }
}
