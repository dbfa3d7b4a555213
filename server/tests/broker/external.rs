//! The external broker: a disposable connection with a session that loses nothing, against a real Mosquitto.

use std::sync::Arc;

use rumqttc::{PubAckReason, PublishOptions};
use server::broker::config::ExternalConfig;
use server::broker::{self, BrokerConfig, Credentials, Running};
use server::clock::Clock;
use tokio_util::sync::CancellationToken;
use vitals::topic::Kind;
use vitals::wire::PAYLOAD_LEN_MAX;

use crate::client::{Client, next, settle_next, soon, topic};
use crate::mosquitto::Mosquitto;

fn nobody() -> Credentials {
    Arc::new(|_| Box::pin(async { Ok(None) }))
}

/// Starts a server's connection and waits until it is subscribed.
async fn start(
    mosquitto: &Mosquitto,
    client_id: &str,
    shared_group: Option<&str>,
) -> (Running, CancellationToken) {
    let config = BrokerConfig::External(ExternalConfig {
        address: mosquitto.address().into(),
        tls: None,
        client_id: client_id.to_owned(),
        login: None,
        shared_group: shared_group.map(str::to_owned),
    });
    let stop = CancellationToken::new();
    let mut running = broker::start(&config, nobody(), Clock::system(), stop.clone())
        .await
        .unwrap();
    soon(running.downlink.ready()).await;
    (running, stop)
}

async fn send(gateway: &mut Client, payload: &[u8]) {
    gateway.send(&topic("gw-1", Kind::Readings), payload).await;
    assert_eq!(gateway.acknowledged().await, PubAckReason::Success);
}

#[tokio::test]
async fn a_settled_message_is_acknowledged_and_does_not_come_again() {
    let mosquitto = Mosquitto::start().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    let (mut running, stop) = start(&mosquitto, "server", None).await;
    send(&mut gateway, b"1").await;
    let arrival = next(&mut running.arrivals).await;
    assert_eq!(arrival.topic, topic("gw-1", Kind::Readings));
    assert_eq!(arrival.payload, b"1");

    // Settled only after the stop, and still acknowledged.
    stop.cancel();
    arrival.settled.send(()).unwrap();
    soon(running.task).await.unwrap().unwrap();

    let (mut running, _stop) = start(&mosquitto, "server", None).await;
    send(&mut gateway, b"2").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"2");
}

#[tokio::test]
async fn an_unsettled_message_comes_again_by_a_new_connection() {
    let mosquitto = Mosquitto::start().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    let (mut running, _stop) = start(&mosquitto, "server", None).await;
    for payload in [b"1", b"2", b"3"] {
        send(&mut gateway, payload).await;
    }
    let kept = next(&mut running.arrivals).await;
    drop(next(&mut running.arrivals).await);
    let third = next(&mut running.arrivals).await;
    // The connection of these two is gone or about to go; answers to it must not acknowledge anything on the next one.
    let mut again = Vec::new();
    for _ in 0..3 {
        again.push(next(&mut running.arrivals).await);
    }
    let _ = (kept.settled.send(()), third.settled.send(()));
    let payloads: Vec<_> = again
        .iter()
        .map(|arrival| arrival.payload.clone())
        .collect();
    assert_eq!(
        payloads,
        [b"1", b"2", b"3"],
        "all that was not acknowledged, in order"
    );
    assert_eq!(running.counts.unsettled(), 1);
    for arrival in again {
        arrival.settled.send(()).unwrap();
    }
    send(&mut gateway, b"4").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"4");
}

#[tokio::test]
async fn a_killed_server_gets_what_came_while_it_was_away() {
    let mosquitto = Mosquitto::start().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    let (mut running, _stop) = start(&mosquitto, "server", None).await;
    send(&mut gateway, b"unsettled").await;
    let held = next(&mut running.arrivals).await;
    running.task.abort();
    assert!(soon(running.task).await.unwrap_err().is_cancelled());
    drop(held);
    for payload in [&b"1"[..], b"2", b"3"] {
        send(&mut gateway, payload).await;
    }
    let (mut running, _stop) = start(&mosquitto, "server", None).await;
    for payload in [&b"unsettled"[..], b"1", b"2", b"3"] {
        assert_eq!(settle_next(&mut running.arrivals).await, payload);
    }
}

#[tokio::test]
async fn a_killed_broker_is_found_again_and_subscribed_anew() {
    let mut mosquitto = Mosquitto::start().await;
    let (mut running, _stop) = start(&mosquitto, "server", None).await;
    mosquitto.kill_and_restart().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    // Retained, so that it arrives with the new subscription, whenever that is.
    let retained = PublishOptions::at_least_once().retain(true);
    gateway
        .send_with(
            &topic("gw-1", Kind::Readings).to_string(),
            b"after",
            retained,
        )
        .await;
    gateway.acknowledged().await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"after");
    soon(running.downlink.ready()).await;
    let receipt = topic("gw-1", Kind::Receipt);
    gateway.subscribe(&receipt.to_string()).await;
    running
        .downlink
        .publish(&receipt, b"stored".to_vec())
        .await
        .unwrap();
    assert_eq!(gateway.message().await.1, b"stored");
}

#[tokio::test]
async fn a_receipt_reaches_its_gateway_also_from_a_resumed_session() {
    let mosquitto = Mosquitto::start().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    let receipt = topic("gw-1", Kind::Receipt);
    gateway.subscribe(&receipt.to_string()).await;
    for payload in [b"1", b"2"] {
        let (running, stop) = start(&mosquitto, "server", None).await;
        running
            .downlink
            .publish(&receipt, payload.to_vec())
            .await
            .unwrap();
        assert_eq!(gateway.message().await.1, payload);
        stop.cancel();
        soon(running.task).await.unwrap().unwrap();
        let error = running
            .downlink
            .publish(&receipt, Vec::new())
            .await
            .unwrap_err();
        assert!(error.to_string().contains("not connected"), "{error}");
        assert_eq!(running.counts.receipts_lost(), 1);
    }
}

#[tokio::test]
async fn what_is_not_ours_or_too_long_is_acknowledged_counted_and_dropped() {
    let mosquitto = Mosquitto::start().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    let (mut running, stop) = start(&mosquitto, "server", None).await;
    let plain = PublishOptions::at_least_once();
    gateway
        .send_with("hearth/v1/gw-1/up/other", b"x", plain.clone())
        .await;
    gateway
        .send_with("hearth/v1/Not-An-Id/up/readings", b"x", plain)
        .await;
    let too_long = vec![b' '; PAYLOAD_LEN_MAX + 1];
    gateway
        .send(&topic("gw-1", Kind::Readings), &too_long)
        .await;
    gateway.send(&topic("gw-1", Kind::Readings), b"1").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"1");
    assert_eq!(
        (running.counts.foreign(), running.counts.too_long()),
        (2, 1)
    );

    stop.cancel();
    soon(running.task).await.unwrap().unwrap();
    let (mut running, _stop) = start(&mosquitto, "server", None).await;
    send(&mut gateway, b"2").await;
    assert_eq!(settle_next(&mut running.arrivals).await, b"2");
    assert_eq!(
        (running.counts.foreign(), running.counts.too_long()),
        (0, 0),
        "none came again"
    );
}

#[tokio::test]
async fn servers_of_one_group_take_turns() {
    let mosquitto = Mosquitto::start().await;
    let mut gateway = Client::connect(mosquitto.address(), "gw-1").await;
    let (mut one, _stop) = start(&mosquitto, "server-1", Some("ingest")).await;
    let (mut two, _stop) = start(&mosquitto, "server-2", Some("ingest")).await;
    let mut taken = Vec::new();
    for payload in [b"1", b"2", b"3", b"4"] {
        send(&mut gateway, payload).await;
        let arrival = soon(async {
            tokio::select! {
                arrival = one.arrivals.recv() => arrival,
                arrival = two.arrivals.recv() => arrival,
            }
        });
        let arrival = arrival.await.unwrap();
        arrival.settled.send(()).unwrap();
        taken.push(arrival.payload);
    }
    assert_eq!(taken, [b"1", b"2", b"3", b"4"]);
    assert!(
        one.arrivals.is_empty() && two.arrivals.is_empty(),
        "each came once"
    );
}
