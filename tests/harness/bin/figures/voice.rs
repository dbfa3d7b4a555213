//! A gateway's voice without its radio and its disk: it numbers, chains and tags records, publishes them, and hears receipts.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rumqttc::mqttbytes::QoS;
use rumqttc::{AsyncClient, Broker, Event, EventLoop, MqttOptions, Packet, PublishOptions};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use vitals::topic::{Kind, Topic};
use vitals::wire::{Entry, Envelope, PAYLOAD_LEN_MAX, Readings, Receipt, record, seal};
use vitals::{ChainHash, Epoch, GatewayId, Record, Sequence, TagKey};

/// Topic, properties and header of a message whose payload is as long as it may be.
const PACKET_OVERHEAD_LEN: usize = 1024;
/// More than any answer takes while a server is overrun.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(60);

/// One gateway, connected.
pub(crate) struct Voice {
    id: GatewayId,
    tag: TagKey,
    epoch: Epoch,
    next: Sequence,
    last: ChainHash,
    client: AsyncClient,
    heard: mpsc::UnboundedReceiver<Heard>,
    /// Ends with it.
    _poll: JoinSet<()>,
}

/// When a message was published, acknowledged by the broker, which is after the commit, and receipted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivered {
    pub(crate) published: Instant,
    pub(crate) acknowledged: Instant,
    pub(crate) receipted: Instant,
}

#[derive(Debug)]
enum Heard {
    Connected,
    Subscribed,
    Acknowledged(Instant),
    Said(Instant, Vec<u8>),
    Failed(String),
}

impl Voice {
    /// Signs in, and waits until receipts will be heard.
    ///
    /// # Errors
    /// When the broker refuses.
    pub(crate) async fn connect(
        id: GatewayId,
        tag: TagKey,
        broker: SocketAddr,
    ) -> anyhow::Result<Self> {
        let host = broker.ip().to_string();
        let mut options = MqttOptions::new(id.to_string(), Broker::tcp(host, broker.port()));
        options
            .set_clean_start(true)
            .set_credentials(id.to_string(), tag.broker_password(&id))
            .set_max_packet_size(Some(u32::try_from(PAYLOAD_LEN_MAX + PACKET_OVERHEAD_LEN)?));
        let (client, events) = AsyncClient::builder(options).capacity(8).try_build()?;
        let (sender, heard) = mpsc::unbounded_channel();
        let mut poll = JoinSet::new();
        poll.spawn(listen(events, sender));
        let epoch = Epoch(1);
        let mut voice = Self {
            last: epoch.genesis(&id),
            next: Sequence::FIRST,
            epoch,
            id,
            tag,
            client,
            heard,
            _poll: poll,
        };
        while !matches!(voice.hear().await?, Heard::Connected) {}
        let receipts = voice.topic(Kind::Receipt).to_string();
        voice.client.try_subscribe(receipts, QoS::AtLeastOnce)?;
        while !matches!(voice.hear().await?, Heard::Subscribed) {}
        Ok(voice)
    }

    /// Publishes records in one message, and waits for its acknowledgement and its receipt.
    ///
    /// # Errors
    /// When they are refused, or the connection ends.
    pub(crate) async fn deliver(&mut self, records: &[Record]) -> anyhow::Result<Delivered> {
        let mut entries = Vec::with_capacity(records.len());
        for it in records {
            entries.push(self.entry(record::write(it)?));
        }
        let through = entries.last().context("nothing to deliver")?.sequence;
        let epoch = self.epoch;
        let body = Readings { epoch, entries }.to_body()?;
        let topic = self.topic(Kind::Readings);
        let payload = seal(&topic, &self.tag, &body)?;
        let published = Instant::now();
        let options = PublishOptions::new(QoS::AtLeastOnce);
        self.client
            .try_publish(topic.to_string(), payload, options)?;
        let (mut acknowledged, mut receipted) = (None, None);
        loop {
            match self.hear().await? {
                Heard::Acknowledged(at) => acknowledged = Some(at),
                Heard::Said(at, payload) if self.is_receipt_of(through, &payload)? => {
                    receipted = Some(at);
                }
                Heard::Said(..) | Heard::Connected | Heard::Subscribed => {}
                Heard::Failed(why) => bail!(why),
            }
            if let (Some(acknowledged), Some(receipted)) = (acknowledged, receipted) {
                return Ok(Delivered {
                    published,
                    acknowledged,
                    receipted,
                });
            }
        }
    }

    fn entry(&mut self, record: String) -> Entry {
        let entry = Entry {
            sequence: self.next,
            previous: self.last,
            record,
        };
        self.last = entry.hash(self.epoch);
        self.next = self.next.next();
        entry
    }

    fn is_receipt_of(&self, through: Sequence, payload: &[u8]) -> anyhow::Result<bool> {
        let envelope = Envelope::read(&self.topic(Kind::Receipt), payload)?;
        let receipt = Receipt::from_body(envelope.open(&self.tag)?)?;
        let refused = receipt.refused.len();
        ensure!(refused == 0, "the server refused {refused} records");
        Ok(receipt.stored.iter().any(|range| range.last() >= through))
    }

    fn topic(&self, kind: Kind) -> Topic {
        Topic::new(self.id.clone(), kind)
    }

    async fn hear(&mut self) -> anyhow::Result<Heard> {
        let heard = timeout(ANSWER_WAIT_MAX, self.heard.recv()).await;
        heard
            .context("the broker does not answer")?
            .context("the connection's task ended")
    }
}

/// Says what happens on the connection, until it ends.
async fn listen(mut events: EventLoop, sender: mpsc::UnboundedSender<Heard>) {
    loop {
        let heard = match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => Heard::Connected,
            Ok(Event::Incoming(Packet::SubAck(_))) => Heard::Subscribed,
            Ok(Event::Incoming(Packet::PubAck(_))) => Heard::Acknowledged(Instant::now()),
            Ok(Event::Incoming(Packet::Publish(it))) => {
                Heard::Said(Instant::now(), it.payload.to_vec())
            }
            Ok(_) => continue,
            Err(error) => Heard::Failed(error.to_string()),
        };
        let failed = matches!(heard, Heard::Failed(_));
        if sender.send(heard).is_err() || failed {
            return;
        }
    }
}
