//! An MQTT client that plays a gateway, and waits for events with a generous limit.

use std::future::Future;
use std::net::SocketAddr;

use rumqttc::mqttbytes::QoS;
use rumqttc::{
    AsyncClient, Event, MqttOptions, Packet, PubAckReason, PublishOptions, SubscribeReasonCode,
};
use server::broker::Arrival;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Duration, timeout};
use vitals::TagKey;
use vitals::topic::{Kind, Topic};

const WAIT_MAX: Duration = Duration::from_secs(20);

/// Waits for what must happen.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(WAIT_MAX, what).await.expect("must happen soon")
}

pub(crate) fn key() -> TagKey {
    TagKey::new(&[7; 32])
}

pub(crate) fn topic(gateway: &str, kind: Kind) -> Topic {
    Topic::new(gateway.parse().unwrap(), kind)
}

/// The options of a gateway that may sign in.
pub(crate) fn options(address: SocketAddr, gateway: &str) -> MqttOptions {
    let password = key().broker_password(&gateway.parse().unwrap());
    let mut options = MqttOptions::new(gateway, (address.ip().to_string(), address.port()));
    options
        .set_credentials(gateway, password)
        .set_max_packet_size(Some(1024 * 1024));
    options
}

/// A connected client.
pub(crate) struct Client {
    client: AsyncClient,
    packets: mpsc::UnboundedReceiver<Packet>,
    poll: JoinHandle<()>,
}

impl Client {
    /// Connects, or tells why not.
    pub(crate) async fn try_connect(options: MqttOptions) -> Result<Self, String> {
        let (client, mut event_loop) = AsyncClient::builder(options).capacity(16).build();
        soon(event_loop.poll())
            .await
            .map_err(|error| error.to_string())?;
        let (sender, packets) = mpsc::unbounded_channel();
        let poll = tokio::spawn(async move {
            while let Ok(event) = event_loop.poll().await {
                if let Event::Incoming(packet) = event {
                    let _ = sender.send(packet);
                }
            }
        });
        Ok(Self {
            client,
            packets,
            poll,
        })
    }

    pub(crate) async fn connect(address: SocketAddr, gateway: &str) -> Self {
        Self::try_connect(options(address, gateway)).await.unwrap()
    }

    pub(crate) async fn send(&self, topic: &Topic, payload: &[u8]) {
        self.send_with(&topic.to_string(), payload, PublishOptions::at_least_once())
            .await;
    }

    pub(crate) async fn send_with(&self, topic: &str, payload: &[u8], options: PublishOptions) {
        self.client.publish(topic, payload, options).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, filter: &str) -> SubscribeReasonCode {
        self.client
            .subscribe(filter, QoS::AtLeastOnce)
            .await
            .unwrap();
        loop {
            if let Packet::SubAck(ack) = self.packet().await {
                return ack.return_codes[0];
            }
        }
    }

    /// Waits for the next PUBACK.
    pub(crate) async fn acknowledged(&mut self) -> PubAckReason {
        loop {
            if let Packet::PubAck(ack) = self.packet().await {
                return ack.reason;
            }
        }
    }

    /// Waits for the next message.
    pub(crate) async fn message(&mut self) -> (String, Vec<u8>) {
        loop {
            if let Packet::Publish(message) = self.packet().await {
                let topic = String::from_utf8(message.topic.to_vec()).unwrap();
                return (topic, message.payload.to_vec());
            }
        }
    }

    /// Tells whether nothing more has come until now.
    pub(crate) fn heard_nothing(&mut self) -> bool {
        self.packets.is_empty()
    }

    /// Waits until the other side has closed the connection, and gives what came before.
    pub(crate) async fn closed(mut self) -> Vec<Packet> {
        let mut last = Vec::new();
        while let Some(packet) = soon(self.packets.recv()).await {
            last.push(packet);
        }
        last
    }

    /// Cuts the connection without a goodbye.
    pub(crate) async fn cut(self) {
        self.poll.abort();
        let _ = self.poll.await;
    }

    /// Says goodbye.
    pub(crate) async fn leave(self) {
        self.client.disconnect().await.unwrap();
        soon(self.poll).await.unwrap();
    }

    async fn packet(&mut self) -> Packet {
        soon(self.packets.recv())
            .await
            .expect("the connection must stay open")
    }
}

/// Takes the next arrival.
pub(crate) async fn next(arrivals: &mut mpsc::Receiver<Arrival>) -> Arrival {
    soon(arrivals.recv()).await.expect("the broker must run")
}

/// Takes the next arrival, settles it and gives its payload.
pub(crate) async fn settle_next(arrivals: &mut mpsc::Receiver<Arrival>) -> Vec<u8> {
    let arrival = next(arrivals).await;
    arrival.settled.send(()).expect("the broker must wait");
    arrival.payload
}
