//! The ingest task: nothing is settled before it is stored, and one bad message holds up nobody.

use std::net::SocketAddr;

use hearth_tests::wait::WAIT_MAX;
use server::broker::config::{BrokerConfig, EmbeddedConfig};
use server::broker::{self, Arrival};
use server::changes::Changes;
use server::clock::ManualClock;
use server::history;
use server::ingest::{self, Ingest};
use server::lifecycle::credentials;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vitals::topic::Topic;

use crate::home::{oxygen, pressure};
use crate::world::{CLOCK_WRONG_FROM_SECONDS, World, patient};

/// The real task behind a queue of our own.
struct Task {
    arrivals: mpsc::Sender<Arrival>,
    shutdown: CancellationToken,
    running: tokio::task::JoinHandle<anyhow::Result<()>>,
    changes: Changes,
}

impl Task {
    async fn start(world: &World) -> Self {
        let shutdown = CancellationToken::new();
        let clock = ManualClock::new(world.now, 1).clock();
        let config = BrokerConfig::Embedded(EmbeddedConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)).try_into().unwrap(),
        });
        let broker = broker::start(
            &config,
            credentials(world.store.clone()),
            clock.clone(),
            shutdown.clone(),
        )
        .await
        .unwrap();
        let (arrivals, queue) = mpsc::channel(16);
        let changes = Changes::new();
        let running = tokio::spawn(ingest::run(Ingest {
            arrivals: queue,
            store: world.store.clone(),
            downlink: broker.downlink,
            changes: changes.clone(),
            clock,
            clock_wrong_from_seconds: CLOCK_WRONG_FROM_SECONDS,
            shutdown: shutdown.clone(),
        }));
        Self {
            arrivals,
            shutdown,
            running,
            changes,
        }
    }

    async fn arrive(&self, (topic, payload): (Topic, Vec<u8>)) -> oneshot::Receiver<()> {
        let (settled, answer) = oneshot::channel();
        self.arrivals
            .send(Arrival {
                topic,
                payload,
                settled,
            })
            .await
            .unwrap();
        answer
    }

    async fn stop(self) {
        self.shutdown.cancel();
        drop(self.arrivals);
        timeout(WAIT_MAX, self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

async fn is_settled(answer: oneshot::Receiver<()>) -> bool {
    timeout(WAIT_MAX, answer).await.unwrap().is_ok()
}

pub(crate) async fn what_cannot_be_stored_is_not_settled(mut world: World) {
    let task = Task::start(&world).await;
    let mut changed = task.changes.subscribe();
    let good = task
        .arrive(world.home_1.send(&[pressure("cuff-1", "07:50", 120, 75)]))
        .await;
    assert!(is_settled(good).await);
    assert_eq!(
        timeout(WAIT_MAX, changed.recv()).await.unwrap().unwrap(),
        patient(1)
    );

    world.store.close().await;
    let lost = task
        .arrive(world.home_1.send(&[pressure("cuff-1", "07:51", 120, 75)]))
        .await;
    assert!(
        !is_settled(lost).await,
        "dropped without an answer, so not acknowledged"
    );
    assert!(!task.running.is_finished(), "the task goes on trying");
    task.stop().await;
}

pub(crate) async fn one_bad_message_does_not_hold_up_the_others(mut world: World) {
    // A case that somebody broke: nothing can happen to this patient until it is rebuilt.
    world
        .tamper("UPDATE case_state SET state = '{}' WHERE patient = 'patient-2'")
        .await;
    let messages = [
        world.home_1.send(&[pressure("cuff-1", "07:50", 120, 75)]),
        world.home_2.send(&[oxygen("oximeter-2", "07:50", 91)]),
        world.home_1.send(&[pressure("cuff-1", "07:51", 120, 75)]),
    ];
    let task = Task::start(&world).await;
    let mut answers = Vec::new();
    for message in messages.clone() {
        answers.push(task.arrive(message).await);
    }
    let mut settled = Vec::new();
    for answer in answers {
        settled.push(is_settled(answer).await);
    }
    assert_eq!(settled, [true, false, true]);
    assert_eq!(world.count("SELECT COUNT(*) FROM reading").await, 2);

    history::rebuild_all(&world.store).await.unwrap();
    let again = task.arrive(messages[1].clone()).await;
    assert!(is_settled(again).await);
    assert_eq!(world.count("SELECT COUNT(*) FROM alert").await, 1);
    task.stop().await;
}
