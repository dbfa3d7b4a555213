//! One life of the connection: from CONNECT until the first error, the first unsettled message, or the stop.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, anyhow, bail};
use futures::stream::{FuturesUnordered, StreamExt};
use rumqttc::mqttbytes::QoS;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish, SubscribeReasonCode};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Duration, Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::{RECEIVE_MAX, REQUESTS_LEN_MAX};
use crate::broker::arrival::{Inbox, hand_over};

const STOP_WAIT_MAX: Duration = Duration::from_secs(5);
const DISCONNECT_WAIT_MAX: Duration = Duration::from_secs(1);
/// A connection that acknowledged nothing but lasted this long was a good one.
const PROVED_AFTER: Duration = Duration::from_secs(60);

/// Why an epoch ended.
pub(super) enum End {
    /// The program stops.
    Stopped,
    /// A message was dropped without having been settled; only a new connection makes the broker send it again.
    Unsettled,
    /// The connection failed.
    Failed(anyhow::Error),
}

/// A message and the place where its answer will come.
struct Taken {
    message: Publish,
    answer: oneshot::Receiver<()>,
}

pub(super) struct Epoch<'a> {
    options: &'a MqttOptions,
    filter: &'a str,
    inbox: &'a Inbox,
    stop: &'a CancellationToken,
    acknowledged: AtomicBool,
}

impl<'a> Epoch<'a> {
    pub(super) fn new(
        options: &'a MqttOptions,
        filter: &'a str,
        inbox: &'a Inbox,
        stop: &'a CancellationToken,
    ) -> Self {
        Self {
            options,
            filter,
            inbox,
            stop,
            acknowledged: AtomicBool::new(false),
        }
    }

    /// Runs to the end, and tells also whether the connection was of use, so that the next failure counts as the first.
    pub(super) async fn run(self, connected: &watch::Sender<Option<AsyncClient>>) -> (End, bool) {
        let started = Instant::now();
        let built = AsyncClient::builder(self.options.clone())
            .capacity(REQUESTS_LEN_MAX)
            .try_build();
        let (client, mut event_loop) = match built {
            Ok(built) => built,
            Err(error) => return (End::Failed(error.into()), false),
        };
        let (taken, taking) = mpsc::channel(usize::from(RECEIVE_MAX));
        let end = tokio::select! {
            failed = self.receive(&client, &mut event_loop, taken, connected) => failed,
            end = self.acknowledge(&client, taking) => end,
            () = self.stop_wait() => End::Stopped,
        };
        if matches!(end, End::Stopped) {
            say_goodbye(&client, &mut event_loop).await;
        }
        let of_use = self.acknowledged.load(Ordering::Relaxed) || started.elapsed() >= PROVED_AFTER;
        (end, of_use)
    }

    async fn stop_wait(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(STOP_WAIT_MAX).await;
    }

    /// Polls the connection. It waits for room in the queue before each poll, and reads nothing as long as there is none.
    async fn receive(
        &self,
        client: &AsyncClient,
        event_loop: &mut EventLoop,
        taken: mpsc::Sender<Taken>,
        connected: &watch::Sender<Option<AsyncClient>>,
    ) -> End {
        let failed = async {
            loop {
                let room = self.inbox.room().await.context("ingest has ended")?;
                // rumqttc puts no limit on its own writes, and waits for ever on a peer that takes nothing.
                let silence_max = event_loop.options.keep_alive() * 5 / 2;
                let event = timeout(silence_max, event_loop.poll())
                    .await
                    .map_err(|_| anyhow!("the broker was silent for {silence_max:?}"))??;
                match event {
                    Event::Incoming(Packet::ConnAck(ack)) => {
                        info!(
                            broker.session_present = ack.session_present,
                            "connected to the broker"
                        );
                        client.try_subscribe(self.filter, QoS::AtLeastOnce)?;
                    }
                    Event::Incoming(Packet::SubAck(ack)) => {
                        granted(&ack.return_codes, self.filter)?;
                        connected.send_replace(Some(client.clone()));
                    }
                    Event::Incoming(Packet::Publish(message)) if !self.stop.is_cancelled() => {
                        self.take(client, message, room, &taken)?;
                    }
                    Event::Incoming(Packet::Disconnect(order)) => {
                        bail!("the broker ended the connection: {:?}", order.reason_code);
                    }
                    _ => {}
                }
            }
        };
        let failed: anyhow::Result<std::convert::Infallible> = failed.await;
        match failed {
            Ok(never) => match never {},
            Err(error) => End::Failed(error),
        }
    }

    fn take(
        &self,
        client: &AsyncClient,
        message: Publish,
        room: mpsc::Permit<'_, crate::broker::Arrival>,
        taken: &mpsc::Sender<Taken>,
    ) -> anyhow::Result<()> {
        let topic = std::str::from_utf8(&message.topic).unwrap_or_default();
        let Some(topic) = self.inbox.admit(topic, message.payload.len()) else {
            return Ok(client.try_ack(&message)?);
        };
        let answer = hand_over(room, topic, message.payload.to_vec());
        if message.qos == QoS::AtMostOnce {
            // Nobody waits for its acknowledgement, and the broker would not send it again.
            return Ok(());
        }
        taken
            .try_send(Taken { message, answer })
            .map_err(|_| anyhow!("the broker sent more than {RECEIVE_MAX} messages unacknowledged"))
    }

    /// Acknowledges each message when it is settled, in any order, until one is dropped unsettled or the stop comes and
    /// nothing is left to settle.
    async fn acknowledge(&self, client: &AsyncClient, mut taking: mpsc::Receiver<Taken>) -> End {
        let mut waiting = FuturesUnordered::new();
        loop {
            let room = waiting.len() < usize::from(RECEIVE_MAX);
            tokio::select! {
                Some(answered) = waiting.next(), if !waiting.is_empty() => match answered {
                    (message, true) => match client.ack(&message).await {
                        Ok(()) => self.acknowledged.store(true, Ordering::Relaxed),
                        Err(error) => return End::Failed(error.into()),
                    },
                    (_, false) => {
                        self.inbox.counts().count_unsettled();
                        return End::Unsettled;
                    }
                },
                Some(taken) = taking.recv(), if room => waiting.push(settled(taken)),
                () = self.stop.cancelled(), if waiting.is_empty() && taking.is_empty() => {
                    return End::Stopped;
                }
            }
        }
    }
}

async fn settled(taken: Taken) -> (Publish, bool) {
    (taken.message, taken.answer.await.is_ok())
}

fn granted(answers: &[SubscribeReasonCode], filter: &str) -> anyhow::Result<()> {
    for answer in answers {
        if !matches!(answer, SubscribeReasonCode::Success(QoS::AtLeastOnce)) {
            bail!(
                "the broker refuses the subscription to {filter} at QoS 1 ({answer:?}): allow it there for this server's user"
            );
        }
    }
    Ok(())
}

/// Sends what is left, the last acknowledgements among it, and DISCONNECT. The broker keeps the session.
async fn say_goodbye(client: &AsyncClient, event_loop: &mut EventLoop) {
    if client
        .try_disconnect_with_timeout(DISCONNECT_WAIT_MAX)
        .is_err()
    {
        return;
    }
    let ended = timeout(2 * DISCONNECT_WAIT_MAX, async {
        while event_loop.poll().await.is_ok() {}
    });
    if ended.await.is_err() {
        debug!("the broker did not take the goodbye");
    }
}
