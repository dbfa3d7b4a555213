//! A broker for tests, with the server's word behind it: it speaks MQTT 5 and can misbehave on each connection.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::{SinkExt, StreamExt};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::{
    Codec, ConnAck, ConnectAuth, ConnectReturnCode, Packet, PubAck, PubAckReason, Publish, SubAck,
    SubscribeReasonCode,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::codec::Framed;
use vitals::topic::{Kind, Topic};
use vitals::wire::{
    Envelope, GatewayState, GatewayStatus, Readings, Receipt, SequenceRange, head, seal,
};
use vitals::{ChainHead, Epoch, TagKey};

/// What the broker and the server behind it do on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Everything is stored and receipted.
    Good,
    /// Everything is acknowledged by the broker and lost before the server.
    LosesAll,
    /// Receipts are tagged with another key.
    Forges,
    /// Receipts are of another epoch.
    OtherEpoch,
    /// Receipts also say that record 1 was never seen.
    MissesTheFirst,
    /// Nothing is answered after the subscription, not even a ping.
    FallsSilent,
    /// The broker says of the first three messages that nobody listens for them, and loses them.
    NobodyListensAtFirst,
    /// The connection is cut at the first readings.
    Cuts,
}

/// What the broker heard.
#[derive(Debug)]
pub(crate) enum Heard {
    Readings(Vec<u64>),
    Head(ChainHead),
    Status(GatewayState),
    Goodbye,
    Lost,
}

pub(crate) struct TestBroker {
    pub(crate) address: SocketAddr,
    pub(crate) heard: mpsc::UnboundedReceiver<Heard>,
}

struct Conversation {
    manner: Manner,
    key: TagKey,
    heard: mpsc::UnboundedSender<Heard>,
    packet_id: u16,
    taken_len: usize,
}

type Line = Framed<TcpStream, Codec>;

impl TestBroker {
    /// Each connection takes the next manner; the last one stays.
    pub(crate) async fn start(key: TagKey, manners: &[Manner]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, heard) = mpsc::unbounded_channel();
        let manners: Arc<[Manner]> = manners.into();
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let codec = Codec {
                    max_incoming_size: Some(1 << 20),
                    max_outgoing_size: None,
                };
                let conversation = Conversation {
                    manner: manners[connection.min(manners.len() - 1)],
                    key: key.clone(),
                    heard: sender.clone(),
                    packet_id: 0,
                    taken_len: 0,
                };
                tokio::spawn(conversation.hold(Framed::new(stream, codec)));
            }
        });
        Self { address, heard }
    }

    pub(crate) async fn next(&mut self) -> Heard {
        self.heard.recv().await.unwrap()
    }

    pub(crate) async fn next_readings(&mut self) -> Vec<u64> {
        loop {
            if let Heard::Readings(numbers) = self.next().await {
                return numbers;
            }
        }
    }
}

impl Conversation {
    async fn hold(mut self, mut line: Line) {
        while let Some(Ok(packet)) = line.next().await {
            let silent = self.manner == Manner::FallsSilent;
            match packet {
                Packet::Connect(connect, Some(_), auth) => {
                    assert_eq!(auth, self.expected_login(&connect.client_id));
                    let ack = ConnAck {
                        session_present: false,
                        code: ConnectReturnCode::Success,
                        properties: None,
                    };
                    line.send(Packet::ConnAck(ack)).await.unwrap();
                }
                Packet::Subscribe(subscribe) => {
                    let ack = SubAck {
                        pkid: subscribe.pkid,
                        return_codes: vec![SubscribeReasonCode::Success(QoS::AtLeastOnce)],
                        properties: None,
                    };
                    line.send(Packet::SubAck(ack)).await.unwrap();
                }
                _ if silent => {}
                Packet::PubAck(_) => {}
                Packet::PingReq => line.send(Packet::PingResp).await.unwrap(),
                Packet::Publish(publish) => {
                    if !self.take(&mut line, publish).await {
                        break;
                    }
                }
                Packet::Disconnect(_) => {
                    let _ = self.heard.send(Heard::Goodbye);
                    return;
                }
                other => panic!("a gateway does not send {other:?}"),
            }
        }
        let _ = self.heard.send(Heard::Lost);
    }

    fn expected_login(&self, client_id: &str) -> ConnectAuth {
        let gateway = client_id.parse().unwrap();
        ConnectAuth::UsernamePassword {
            username: client_id.to_owned(),
            password: self.key.broker_password(&gateway).into(),
        }
    }

    async fn take(&mut self, line: &mut Line, publish: Publish) -> bool {
        let topic = Topic::parse(std::str::from_utf8(&publish.topic).unwrap()).unwrap();
        let envelope = Envelope::read(&topic, &publish.payload).unwrap();
        let body = envelope.open(&self.key).unwrap();
        if topic.kind == Kind::Readings && self.manner == Manner::Cuts {
            return false;
        }
        self.taken_len += 1;
        let mut ack = PubAck::new(publish.pkid, None);
        if self.is_unheard() {
            ack.reason = PubAckReason::NoMatchingSubscribers;
        }
        line.send(Packet::PubAck(ack)).await.unwrap();
        let heard = match topic.kind {
            Kind::Readings => {
                let readings = Readings::from_body(body).unwrap();
                if let Some(answer) = self.answer(&topic, &readings) {
                    line.send(Packet::Publish(answer)).await.unwrap();
                }
                Heard::Readings(
                    readings
                        .entries
                        .iter()
                        .map(|it| it.sequence.get())
                        .collect(),
                )
            }
            Kind::Head => Heard::Head(head::from_body(body).unwrap()),
            Kind::Status => Heard::Status(GatewayStatus::from_body(body).unwrap().state),
            Kind::Report | Kind::Receipt | Kind::Standing | Kind::Ask => {
                panic!("no box of these tests says this")
            }
        };
        // The test may have ended already.
        let _ = self.heard.send(heard);
        true
    }

    fn is_unheard(&self) -> bool {
        self.manner == Manner::NobodyListensAtFirst && self.taken_len <= 3
    }

    fn answer(&mut self, topic: &Topic, readings: &Readings) -> Option<Publish> {
        let all = readings.entries.iter().map(|it| it.sequence).collect();
        let first = vitals::Sequence::FIRST;
        let misses = self.manner == Manner::MissesTheFirst
            && readings.entries.iter().all(|it| it.sequence != first);
        let receipt = Receipt {
            epoch: match self.manner {
                Manner::OtherEpoch => Epoch(!readings.epoch.0),
                _ => readings.epoch,
            },
            stored: SequenceRange::covering(all),
            refused: Vec::new(),
            missing: if misses {
                SequenceRange::covering(vec![first])
            } else {
                Vec::new()
            },
            issued_at: "2026-11-21T08:00:00Z".parse().unwrap(),
        };
        let key = match self.manner {
            Manner::LosesAll => return None,
            _ if self.is_unheard() => return None,
            Manner::Forges => TagKey::new(&[0xEE; 32]),
            _ => self.key.clone(),
        };
        let topic = Topic::new(topic.gateway.clone(), Kind::Receipt);
        let payload = seal(&topic, &key, &receipt.to_body()).unwrap();
        self.packet_id += 1;
        let mut publish = Publish::new(topic.to_string(), QoS::AtLeastOnce, payload, None);
        publish.pkid = self.packet_id;
        Some(publish)
    }
}
