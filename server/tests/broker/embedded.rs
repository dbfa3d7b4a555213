//! The embedded broker: acknowledged when settled, and not otherwise.

use std::net::SocketAddr;
use std::sync::Arc;

use rumqttc::mqttbytes::QoS;
use rumqttc::{LastWill, Packet, PubAckReason, SubscribeReasonCode};
use server::broker::config::{EmbeddedConfig, PlainAddress};
use server::broker::{self, BrokerConfig, Credentials, PACKET_LEN_MAX, Running};
use server::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Duration;
use tokio_util::sync::CancellationToken;
use vitals::topic::Kind;
use vitals::wire::PAYLOAD_LEN_MAX;

use crate::client::{Client, key, next, options, settle_next, soon, topic};

/// Every gateway whose id begins with `gw-` is registered; nobody can say about `unsure`.
fn credentials() -> Credentials {
    Arc::new(|gateway| {
        Box::pin(async move {
            anyhow::ensure!(gateway.as_str() != "unsure", "the database is down");
            Ok(gateway.as_str().starts_with("gw-").then(key))
        })
    })
}

fn config(port: u16) -> BrokerConfig {
    BrokerConfig::Embedded(EmbeddedConfig {
        listen: PlainAddress::try_from(SocketAddr::from(([127, 0, 0, 1], port))).unwrap(),
    })
}

/// Starts a broker on a free port.
pub(crate) async fn start() -> (Running, SocketAddr, CancellationToken) {
    let stop = CancellationToken::new();
    let running = broker::start(&config(0), credentials(), Clock::system(), stop.clone())
        .await
        .unwrap();
    let address = running.listen_address.unwrap();
    (running, address, stop)
}

#[tokio::test]
async fn a_message_is_acknowledged_when_it_is_settled_and_not_before() {
    let (mut running, address, _stop) = start().await;
    let mut one = Client::connect(address, "gw-1").await;
    let mut two = Client::connect(address, "gw-2").await;

    one.send(&topic("gw-1", Kind::Readings), b"first").await;
    let arrival = next(&mut running.arrivals).await;
    assert_eq!(arrival.topic, topic("gw-1", Kind::Readings));
    assert_eq!(arrival.payload, b"first");

    // A whole exchange of another gateway passes meanwhile.
    two.send(&topic("gw-2", Kind::Head), b"second").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"second");
    assert_eq!(two.acknowledged().await, PubAckReason::Success);

    assert!(one.heard_nothing(), "acknowledged before it was settled");
    arrival.settled.send(()).unwrap();
    assert_eq!(one.acknowledged().await, PubAckReason::Success);
}

#[tokio::test]
async fn an_unsettled_message_is_not_acknowledged_and_its_connection_is_closed() {
    let (mut running, address, _stop) = start().await;
    let gateway = Client::connect(address, "gw-1").await;
    for payload in [b"1", b"2", b"3"] {
        gateway.send(&topic("gw-1", Kind::Readings), payload).await;
    }
    drop(next(&mut running.arrivals).await);
    let last = gateway.closed().await;
    assert!(
        !last
            .iter()
            .any(|packet| matches!(packet, Packet::PubAck(_))),
        "{last:?}"
    );
    assert_eq!(running.counts.unsettled(), 1);
    assert!(
        running.arrivals.is_empty(),
        "the closing connection is not read any further"
    );

    let mut again = Client::connect(address, "gw-1").await;
    again.send(&topic("gw-1", Kind::Readings), b"1").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"1");
    assert_eq!(again.acknowledged().await, PubAckReason::Success);
}

#[tokio::test]
async fn a_message_that_is_not_settled_in_time_closes_its_connection() {
    let (mut running, address, _stop) = start().await;
    let gateway = Client::connect(address, "gw-1").await;
    gateway.send(&topic("gw-1", Kind::Readings), b"x").await;
    let held = next(&mut running.arrivals).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    let last = gateway.closed().await;
    assert!(
        !last
            .iter()
            .any(|packet| matches!(packet, Packet::PubAck(_))),
        "{last:?}"
    );
    assert!(held.settled.send(()).is_err(), "nobody waits any more");
}

#[tokio::test]
async fn a_last_will_reaches_ingest_when_the_connection_is_cut() {
    let (mut running, address, _stop) = start().await;
    let status = topic("gw-1", Kind::Status);
    let mut with_will = options(address, "gw-1");
    with_will.set_last_will(LastWill::new(
        status.to_string(),
        "offline",
        QoS::AtLeastOnce,
        false,
        None,
    ));

    let polite = Client::try_connect(with_will.clone()).await.unwrap();
    polite.leave().await;
    let gateway = Client::try_connect(with_will).await.unwrap();
    gateway.cut().await;

    let unsettled = next(&mut running.arrivals).await;
    assert_eq!(
        (unsettled.topic, unsettled.payload),
        (status.clone(), b"offline".to_vec())
    );
    drop(unsettled.settled);
    assert_eq!(
        settle_next(&mut running.arrivals).await,
        b"offline",
        "it is told again"
    );

    // The one that left with a goodbye had no will: the next arrival is this one.
    let gateway = Client::connect(address, "gw-2").await;
    gateway.send(&topic("gw-2", Kind::Status), b"online").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"online");
}

#[tokio::test]
async fn a_receipt_reaches_its_gateway_and_no_other() {
    let (running, address, _stop) = start().await;
    let receipt = topic("gw-1", Kind::Receipt);
    let error = running
        .downlink
        .publish(&receipt, b"early".to_vec())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("not connected"), "{error}");
    assert_eq!(running.counts.receipts_lost(), 1);

    let (mut one, mut two) = (
        Client::connect(address, "gw-1").await,
        Client::connect(address, "gw-2").await,
    );
    for (gateway, id) in [(&mut one, "gw-1"), (&mut two, "gw-2")] {
        let granted = gateway
            .subscribe(&topic(id, Kind::Receipt).to_string())
            .await;
        assert_eq!(granted, SubscribeReasonCode::Success(QoS::AtLeastOnce));
    }
    running
        .downlink
        .publish(&receipt, b"stored".to_vec())
        .await
        .unwrap();
    assert_eq!(
        one.message().await,
        (receipt.to_string(), b"stored".to_vec())
    );
    running
        .downlink
        .publish(&topic("gw-2", Kind::Receipt), b"2".to_vec())
        .await
        .unwrap();
    assert_eq!(two.message().await.1, b"2", "the first one was not for it");

    let up = topic("gw-1", Kind::Readings);
    assert!(
        running.downlink.publish(&up, Vec::new()).await.is_err(),
        "only downwards"
    );
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_harms_nobody_else() {
    let (mut running, address, _stop) = start().await;
    let mut other = Client::connect(address, "gw-2").await;

    let mut gateway = Client::connect(address, "gw-1").await;
    let readings = topic("gw-1", Kind::Readings);
    gateway
        .send(&readings, &vec![b' '; PAYLOAD_LEN_MAX + 1])
        .await;
    assert_eq!(gateway.acknowledged().await, PubAckReason::Success);
    assert_eq!(running.counts.too_long(), 1);
    gateway.send(&readings, &vec![b' '; PAYLOAD_LEN_MAX]).await;
    assert_eq!(
        settle_next(&mut running.arrivals).await.len(),
        PAYLOAD_LEN_MAX
    );

    let mut raw = raw_connection(address, "gw-3").await;
    let too_long = u32::try_from(PACKET_LEN_MAX).unwrap();
    raw.write_all(&[0x30]).await.unwrap();
    raw.write_all(&remaining_length(too_long)).await.unwrap();
    let mut rest = Vec::new();
    let _ = soon(raw.read_to_end(&mut rest)).await;
    assert!(
        rest.is_empty() || rest[0] >> 4 == 14,
        "closed, at most with a DISCONNECT: {rest:?}"
    );

    other.send(&topic("gw-2", Kind::Readings), b"fine").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"fine");
    assert_eq!(other.acknowledged().await, PubAckReason::Success);
}

#[tokio::test]
async fn at_the_stop_what_was_taken_is_still_acknowledged_and_no_gateway_is_called_lost() {
    let (mut running, address, stop) = start().await;
    let mut with_will = options(address, "gw-1");
    let status = topic("gw-1", Kind::Status).to_string();
    with_will.set_last_will(LastWill::new(
        status,
        "offline",
        QoS::AtLeastOnce,
        false,
        None,
    ));
    let gateway = Client::try_connect(with_will).await.unwrap();

    // By hand, because rumqttc forgets a PUBACK that it reads together with the DISCONNECT behind it.
    let mut raw = raw_connection(address, "gw-2").await;
    let readings = topic("gw-2", Kind::Readings).to_string();
    raw.write_all(&publish_packet(&readings, 77, b"last"))
        .await
        .unwrap();
    let arrival = next(&mut running.arrivals).await;

    stop.cancel();
    arrival.settled.send(()).unwrap();
    soon(running.task).await.unwrap().unwrap();
    let mut answers = Vec::new();
    soon(raw.read_to_end(&mut answers)).await.unwrap();
    assert_eq!(answers[0], 0x40, "PUBACK first: {answers:?}");
    assert_eq!(answers[2..4], [0, 77]);
    gateway.closed().await;
    assert!(
        soon(running.arrivals.recv()).await.is_none(),
        "no will is told, nothing else arrived"
    );
}

#[tokio::test]
async fn a_port_in_use_is_said_plainly() {
    let (_running, address, _stop) = start().await;
    let taken = config(address.port());
    let second = broker::start(
        &taken,
        credentials(),
        Clock::system(),
        CancellationToken::new(),
    );
    let error = second.await.unwrap_err().to_string();
    assert!(error.contains("change broker.embedded.listen"), "{error}");
}

/// Signs in byte by byte, to send afterwards what no client library sends.
async fn raw_connection(address: SocketAddr, gateway: &str) -> TcpStream {
    let password = key().broker_password(&gateway.parse().unwrap());
    // MQTT 5.0 §3.1: protocol name and version, flags (user, password, clean start), keep alive 60 s, no properties.
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 5, 0xC2, 0, 60, 0];
    for text in [gateway, gateway, &password] {
        body.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        body.extend(text.as_bytes());
    }
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(&[0x10]).await.unwrap();
    let len = u32::try_from(body.len()).unwrap();
    socket.write_all(&remaining_length(len)).await.unwrap();
    socket.write_all(&body).await.unwrap();
    let mut head = [0; 2];
    soon(socket.read_exact(&mut head)).await.unwrap();
    assert_eq!(head[0], 0x20, "CONNACK");
    let mut rest = vec![0; usize::from(head[1])];
    soon(socket.read_exact(&mut rest)).await.unwrap();
    assert_eq!(rest[1], 0, "accepted");
    socket
}

/// MQTT 5.0 §3.3: a PUBLISH of QoS 1 without properties, shorter than 128 bytes.
fn publish_packet(topic: &str, packet_id: u16, payload: &[u8]) -> Vec<u8> {
    let mut body = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
    body.extend(topic.as_bytes());
    body.extend(packet_id.to_be_bytes());
    body.push(0);
    body.extend(payload);
    [vec![0x32, u8::try_from(body.len()).unwrap()], body].concat()
}

/// MQTT 5.0 §1.5.5, variable byte integer.
fn remaining_length(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value % 128).unwrap();
        value /= 128;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
