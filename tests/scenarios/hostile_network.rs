//! Duplicates, reordering and loss in both directions, by a network of brokers that does it from a printed seed.

use hearth_tests::hostile::HostileNetwork;
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::mosquitto::Mosquitto;

const MEASUREMENTS: u16 = 40;

#[tokio::test]
async fn everything_arrives_once_whatever_the_network_does() {
    let seed = std::env::var("HEARTH_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    let mut line = Line::set_up(BrokerKind::Mosquitto, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let gateways = Mosquitto::start(folder.path()).await.unwrap();
    line.cable.lead_to(gateways.address());
    let network = HostileNetwork::join(gateways.address(), line.server.broker(), seed)
        .await
        .unwrap();

    line.home.start_gateway().unwrap();
    for number in 0..MEASUREMENTS {
        line.cuff(100 + number, 70).await.unwrap();
    }
    line.settle().await.unwrap();
    let (lost, repeated, reordered) = network.mischief().counts();
    println!("seed {seed}: {lost} lost, {repeated} repeated, {reordered} reordered");
    assert!(
        repeated > 0 && reordered > 0,
        "the network was kind: seed {seed}"
    );
    line.stop().await.unwrap();
}
