//! Anything at any time: a random run from a printed seed, in which programs are killed and the cable is cut.

use fastrand::Rng;
use hearth_tests::line::{BrokerKind, Line, ONE_CUFF_WITH_MEMORY, StoreKind};

/// How many things happen in one run.
const STEPS: u16 = 40;

#[derive(Debug, Clone, Copy)]
enum Happens {
    Measure,
    KillGateway,
    KillServer,
    KillBroker,
    Cut,
    Mend,
}

fn choose(rng: &mut Rng) -> Happens {
    match rng.u32(0..10) {
        0 => Happens::KillGateway,
        1 => Happens::KillServer,
        2 => Happens::KillBroker,
        3 => Happens::Cut,
        4 => Happens::Mend,
        _ => Happens::Measure,
    }
}

async fn happen(line: &mut Line, happens: Happens, number: u16) {
    match happens {
        Happens::Measure => line.cuff(100 + number, 70).await.unwrap(),
        Happens::KillGateway => {
            line.home.gateway().unwrap().kill().await.unwrap();
            line.home.start_gateway().unwrap();
        }
        Happens::KillServer => {
            line.server.program().unwrap().kill().await.unwrap();
            line.server.start().await.unwrap();
        }
        Happens::KillBroker => match line.mosquitto.as_mut() {
            Some(mosquitto) => mosquitto.crash_and_restart().await.unwrap(),
            None => line.cable.cut(),
        },
        Happens::Cut => line.cable.cut(),
        Happens::Mend => line.cable.mend(),
    }
}

async fn tell(broker: BrokerKind, store: StoreKind) {
    let given = std::env::var("HEARTH_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("{broker:?} {store:?}: HEARTH_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    // The cuff keeps its memory: what a kill catches between the cuff and the disk can be given again.
    let mut line = Line::set_up(broker, store, ONE_CUFF_WITH_MEMORY)
        .await
        .unwrap();
    line.home.start_gateway().unwrap();
    for number in 0..STEPS {
        let happens = choose(&mut rng);
        println!("{number}: {happens:?}");
        happen(&mut line, happens, number).await;
    }
    line.cable.mend();
    line.cuff(100 + STEPS, 70).await.unwrap();
    line.settle().await.unwrap();
    line.stop().await.unwrap();
}

#[tokio::test]
async fn with_the_embedded_default() {
    tell(BrokerKind::Embedded, StoreKind::Sqlite).await;
}

#[tokio::test]
async fn with_mosquitto_and_postgresql() {
    tell(BrokerKind::Mosquitto, StoreKind::Postgres).await;
}
