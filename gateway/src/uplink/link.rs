//! The link: one MQTT 5 connection by rumqttc, thrown away whole at the first sign of trouble.
//!
//! rumqttc forgets messages when a session is lost, can wait for ever on a stuck peer, and can loop on a collision.
//! None of that matters here: nothing is kept in it, a watchdog stands over it, and the outbox holds everything.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use rumqttc::mqttbytes::QoS;
use rumqttc::{
    AsyncClient, Broker, ConnAck, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet,
    PubAckReason, PublishOptions, SubscribeReasonCode, TlsConfiguration, Transport,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;
use vitals::HostPort;
use vitals::wire::PAYLOAD_LEN_MAX;

use super::dial::{DIAL_WAIT_MAX, dial};
use super::messages::Message;
use super::window::IN_FLIGHT_LEN_MAX;
use crate::enrol::OutOfTime;

/// Topic, properties and header of a message whose payload is as long as it may be.
const PACKET_OVERHEAD_LEN: usize = 1024;
/// Beside the window's messages: a subscription, a head, and a status a minute until the watchdog bites.
const REQUESTS_LEN_MAX: usize = IN_FLIGHT_LEN_MAX + 30;
const EVENTS_LEN_MAX: usize = 64;
/// The longest that TLS and the broker's answer may take.
const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(9);
/// The longest that connecting, signing in and subscribing may take.
pub(super) const SIGN_IN_WAIT_MAX: Duration = DIAL_WAIT_MAX
    .saturating_add(HANDSHAKE_WAIT_MAX)
    .saturating_add(Duration::from_secs(6));
/// The longest wait for the broker to take the last messages at a stop.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What the link needs to sign in.
#[derive(Debug)]
pub(super) struct LinkOptions {
    pub(super) client_id: String,
    pub(super) password: String,
    pub(super) broker: HostPort,
    /// `None` on this machine, where plain MQTT is spoken.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) keep_alive: Duration,
    pub(super) last_will: Message,
}

/// What happened on the link.
#[derive(Debug)]
pub(super) enum LinkEvent {
    /// The broker let us in.
    Connected,
    /// The subscription stands.
    Subscribed,
    /// The broker took a message that nobody listens for, and forgets it.
    Unheard,
    /// A message for us.
    Arrived { topic: Vec<u8>, payload: Vec<u8> },
    /// The connection is over.
    Failed(anyhow::Error),
}

/// One connection. Dropping it drops the client and its event loop.
#[derive(Debug)]
pub(super) struct Link {
    client: AsyncClient,
    events: mpsc::Receiver<LinkEvent>,
    poll: JoinSet<()>,
}

impl Link {
    pub(super) fn open(options: LinkOptions) -> anyhow::Result<Self> {
        let keep_alive = options.keep_alive;
        let (client, event_loop) = AsyncClient::builder(mqtt_options(options)?)
            .capacity(REQUESTS_LEN_MAX)
            .try_build()?;
        let (sender, events) = mpsc::channel(EVENTS_LEN_MAX);
        let mut poll = JoinSet::new();
        poll.spawn(poll_until_failure(event_loop, keep_alive, sender));
        Ok(Self {
            client,
            events,
            poll,
        })
    }

    /// Waits for what happens next. Nothing is lost when the wait is given up.
    pub(super) async fn next(&mut self) -> LinkEvent {
        match self.events.recv().await {
            Some(event) => event,
            None => LinkEvent::Failed(anyhow!("the link's task ended")),
        }
    }

    pub(super) fn subscribe(&self, topic: &str) -> anyhow::Result<()> {
        self.client
            .try_subscribe(topic, QoS::AtLeastOnce)
            .context("the receipt topic cannot be subscribed to")
    }

    /// Hands a message to the client. It is never awaited: a client that takes no more is a connection to be dropped.
    pub(super) fn publish(&self, message: Message) -> anyhow::Result<()> {
        if message.payload.len() > PAYLOAD_LEN_MAX {
            bail!(
                "a message of {} bytes is too long to be sent",
                message.payload.len()
            );
        }
        let options = PublishOptions::new(QoS::AtLeastOnce);
        self.client
            .try_publish(message.topic, message.payload, options)
            .context("the MQTT client takes no more messages")
    }

    /// Lets what was published go out and says goodbye, so that the last will is not spoken.
    pub(super) async fn close(mut self) {
        let asked = self.client.try_disconnect_with_timeout(DISCONNECT_TIMEOUT);
        if asked.is_err() {
            return;
        }
        let drained = timeout(DISCONNECT_TIMEOUT, async {
            while self.events.recv().await.is_some() {}
            self.poll.join_next().await
        });
        if drained.await.is_err() {
            tracing::warn!("the broker did not take the goodbye in time");
        }
    }
}

fn mqtt_options(options: LinkOptions) -> anyhow::Result<MqttOptions> {
    let broker = options.broker;
    let (host, port) = (broker.host(), broker.port());
    let will = options.last_will;
    let mut mqtt = MqttOptions::new(options.client_id.clone(), Broker::tcp(host, port));
    mqtt.set_keep_alive(u16::try_from(options.keep_alive.as_secs())?)
        .set_connect_timeout(DIAL_WAIT_MAX + HANDSHAKE_WAIT_MAX)
        .set_socket_connector(move |_, _| {
            let broker = broker.clone();
            async move { dial(&broker).await }
        })
        .set_clean_start(true)
        .set_credentials(options.client_id, options.password)
        .set_max_packet_size(Some(u32::try_from(PAYLOAD_LEN_MAX + PACKET_OVERHEAD_LEN)?))
        .set_outgoing_inflight_upper_limit(u16::try_from(REQUESTS_LEN_MAX)?)
        .set_last_will(LastWill::new(
            will.topic,
            will.payload,
            QoS::AtLeastOnce,
            false,
            None,
        ));
    if let Some(tls) = options.tls {
        mqtt.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls)));
    }
    Ok(mqtt)
}

/// The one task that polls. It ends at the first error, or when the line was silent for two and a half keep-alives.
async fn poll_until_failure(
    mut event_loop: EventLoop,
    keep_alive: Duration,
    events: mpsc::Sender<LinkEvent>,
) {
    let mut silence_max = keep_alive.mul_f32(2.5);
    loop {
        let event = match timeout(silence_max, event_loop.poll()).await {
            Err(_) => LinkEvent::Failed(anyhow!(
                "the broker was silent for {} s",
                silence_max.as_secs()
            )),
            Ok(Err(error)) => LinkEvent::Failed(failure(&error)),
            Ok(Ok(Event::Incoming(packet))) => {
                if let Packet::ConnAck(ack) = &packet {
                    silence_max = agreed_keep_alive(ack).unwrap_or(keep_alive).mul_f32(2.5);
                }
                match event_of(packet) {
                    Some(event) => event,
                    None => continue,
                }
            }
            Ok(Ok(_)) => continue,
        };
        let failed = matches!(event, LinkEvent::Failed(_));
        if events.send(event).await.is_err() || failed {
            return;
        }
    }
}

fn failure(error: &ConnectionError) -> anyhow::Error {
    // Its text already holds its source.
    let told = anyhow!("{error}");
    if OutOfTime::is_beneath(error) {
        told.context(OutOfTime)
    } else {
        told
    }
}

/// MQTT 5, 3.2.2.3.14: a broker may replace the keep-alive; the client then follows.
fn agreed_keep_alive(ack: &ConnAck) -> Option<Duration> {
    let seconds = ack.properties.as_ref()?.server_keep_alive?;
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

fn event_of(packet: Packet) -> Option<LinkEvent> {
    match packet {
        Packet::ConnAck(_) => Some(LinkEvent::Connected),
        Packet::SubAck(ack) => Some(match ack.return_codes.as_slice() {
            [SubscribeReasonCode::Success(_)] => LinkEvent::Subscribed,
            codes => LinkEvent::Failed(anyhow!(
                "the broker refused the subscription to receipts ({codes:?}); register this gateway on the server"
            )),
        }),
        Packet::Publish(publish) => Some(LinkEvent::Arrived {
            topic: publish.topic.to_vec(),
            payload: publish.payload.to_vec(),
        }),
        Packet::PubAck(ack) => match ack.reason {
            PubAckReason::Success => None,
            // No refusal: the receipt is what counts.
            PubAckReason::NoMatchingSubscribers => Some(LinkEvent::Unheard),
            reason => Some(LinkEvent::Failed(anyhow!(
                "the broker refused a message ({reason:?}); see its log"
            ))),
        },
        Packet::Disconnect(disconnect) => Some(LinkEvent::Failed(anyhow!(
            "the broker ended the connection ({:?})",
            disconnect.reason_code
        ))),
        _ => None,
    }
}
