//! The embedded broker: who may connect, and to which topics.

use rumqttc::mqttbytes::QoS;
use rumqttc::{LastWill, MqttOptions, PubAckReason, PublishOptions, SubscribeReasonCode};
use vitals::topic::Kind;

use crate::client::{Client, key, options, settle_next, topic};
use crate::embedded::start;

async fn refusal(options: MqttOptions) -> String {
    match Client::try_connect(options).await {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn only_a_registered_gateway_under_its_own_name_signs_in() {
    let (_running, address, _stop) = start().await;
    let good = options(address, "gw-1");

    let mut forged_client_id = good.clone();
    forged_client_id.set_client_id("gw-2".to_owned());
    let mut empty_client_id = good.clone();
    empty_client_id.set_client_id(String::new());
    let mut wrong_password = good.clone();
    wrong_password.set_credentials("gw-1", "0".repeat(64));
    let mut password_of_another = good.clone();
    password_of_another.set_credentials("gw-1", key().broker_password(&"gw-2".parse().unwrap()));
    let mut anonymous = good.clone();
    anonymous.clear_auth();

    for (options, said) in [
        (forged_client_id, "ClientIdentifierNotValid"),
        (empty_client_id, "ClientIdentifierNotValid"),
        (wrong_password, "BadUserNamePassword"),
        (password_of_another, "BadUserNamePassword"),
        (anonymous, "BadUserNamePassword"),
        (self::options(address, "stranger"), "BadUserNamePassword"),
        (self::options(address, "unsure"), "ServerUnavailable"),
    ] {
        let refused = refusal(options).await;
        assert!(refused.contains(said), "expected {said}, found {refused}");
    }
    assert!(Client::try_connect(good).await.is_ok());
}

#[tokio::test]
async fn a_will_in_the_name_of_another_is_refused() {
    let (_running, address, _stop) = start().await;
    for topic in [topic("gw-2", Kind::Status), topic("gw-1", Kind::Readings)] {
        let mut options = options(address, "gw-1");
        let will = LastWill::new(topic.to_string(), "offline", QoS::AtLeastOnce, false, None);
        options.set_last_will(will);
        let refused = refusal(options).await;
        assert!(refused.contains("NotAuthorized"), "{topic}: {refused}");
    }
}

#[tokio::test]
async fn a_gateway_publishes_only_its_own_uplink() {
    let (mut running, address, _stop) = start().await;
    let mut gateway = Client::connect(address, "gw-1").await;
    for foreign in [
        "hearth/v1/gw-2/up/readings",
        "hearth/v1/gw-1/down/receipt",
        "hearth/v1/gw-2/down/receipt",
        "other",
    ] {
        gateway
            .send_with(foreign, b"forged", PublishOptions::at_least_once())
            .await;
        assert_eq!(
            gateway.acknowledged().await,
            PubAckReason::NotAuthorized,
            "{foreign}"
        );
    }
    gateway.send(&topic("gw-1", Kind::Readings), b"own").await;
    assert_eq!(
        settle_next(&mut running.arrivals).await,
        b"own",
        "nothing else arrived"
    );
}

#[tokio::test]
async fn a_gateway_subscribes_only_to_its_own_receipts() {
    let (_running, address, _stop) = start().await;
    let mut gateway = Client::connect(address, "gw-1").await;
    for foreign in ["hearth/v1/gw-2/down/receipt", "hearth/v1/gw-1/up/readings"] {
        assert_eq!(
            gateway.subscribe(foreign).await,
            SubscribeReasonCode::NotAuthorized,
            "{foreign}"
        );
    }
    let own = gateway.subscribe("hearth/v1/gw-1/down/receipt").await;
    assert_eq!(own, SubscribeReasonCode::Success(QoS::AtLeastOnce));
}

#[tokio::test]
async fn wildcard_and_shared_subscriptions_are_refused() {
    let (_running, address, _stop) = start().await;
    for filter in [
        "#",
        "hearth/v1/+/down/receipt",
        "hearth/v1/gw-1/down/#",
        "$share/all/hearth/v1/gw-1/down/receipt",
        "$SYS/#",
    ] {
        let mut gateway = Client::connect(address, "gw-1").await;
        assert_eq!(
            gateway.subscribe(filter).await,
            SubscribeReasonCode::NotAuthorized,
            "{filter}"
        );
    }
}
