//! One message from a gateway on its way to ingest, and the bounded queue that it waits in.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tracing::warn;
use vitals::topic::Topic;
use vitals::wire::PAYLOAD_LEN_MAX;

use super::{ARRIVAL_QUEUE_LEN_MAX, Counts};

/// One message from a gateway, not yet acknowledged.
#[derive(Debug)]
pub struct Arrival {
    /// Whose message it is and of which kind: always an uplink topic.
    ///
    /// Behind an external broker nothing but that broker's rules says that the gateway is the sender: the tag does.
    pub topic: Topic,
    /// The message as it travelled, at most [`PAYLOAD_LEN_MAX`] bytes.
    pub payload: Vec<u8>,
    /// To be answered when the message is stored, or refused for good with the refusal stored. Only then is it
    /// acknowledged. Dropped without an answer, it stays unacknowledged and will arrive again.
    pub settled: oneshot::Sender<()>,
}

/// The broker's end of the queue to ingest.
#[derive(Debug, Clone)]
pub(super) struct Inbox {
    queue: mpsc::Sender<Arrival>,
    counts: Arc<Counts>,
}

impl Inbox {
    pub(super) fn new(counts: Arc<Counts>) -> (Self, mpsc::Receiver<Arrival>) {
        let (queue, arrivals) = mpsc::channel(ARRIVAL_QUEUE_LEN_MAX);
        (Self { queue, counts }, arrivals)
    }

    pub(super) fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// Reads the topic, or counts and logs a message that nobody here will ever want, which is then acknowledged.
    pub(super) fn admit(&self, topic: &str, payload_len: usize) -> Option<Topic> {
        let Some(topic) = Topic::parse(topic).filter(Topic::is_uplink) else {
            self.counts.count_foreign();
            warn!(
                message.topic_len = topic.len(),
                "a message on a topic that is not ours was dropped; see who else publishes to this broker"
            );
            return None;
        };
        if payload_len > PAYLOAD_LEN_MAX {
            self.counts.count_too_long();
            warn!(
                gateway.id = %topic.gateway,
                message.len = payload_len,
                message.len_max = PAYLOAD_LEN_MAX,
                "a message longer than the contract allows was dropped; update that gateway's software"
            );
            return None;
        }
        Some(topic)
    }

    /// Waits for room in the queue; `None` when ingest is gone.
    pub(super) async fn room(&self) -> Option<mpsc::Permit<'_, Arrival>> {
        self.queue.reserve().await.ok()
    }
}

/// Hands a message to ingest, and returns where its answer will come.
pub(super) fn hand_over(
    room: mpsc::Permit<'_, Arrival>,
    topic: Topic,
    payload: Vec<u8>,
) -> oneshot::Receiver<()> {
    let (settled, answer) = oneshot::channel();
    room.send(Arrival {
        topic,
        payload,
        settled,
    });
    answer
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use tokio::task::unconstrained;
    use vitals::topic::Kind;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_makes_the_broker_wait_and_drops_nothing() {
        let (inbox, mut arrivals) = Inbox::new(Arc::default());
        let topic = Topic::new("gw-1".parse().unwrap(), Kind::Readings);
        for _ in 0..ARRIVAL_QUEUE_LEN_MAX {
            hand_over(inbox.room().await.unwrap(), topic.clone(), Vec::new());
        }
        assert!(unconstrained(inbox.room()).now_or_never().is_none());
        arrivals.recv().await.unwrap();
        assert!(unconstrained(inbox.room()).now_or_never().is_some());
        assert_eq!(arrivals.len(), ARRIVAL_QUEUE_LEN_MAX - 1);
    }

    #[test]
    fn what_nobody_wants_is_counted() {
        let (inbox, _arrivals) = Inbox::new(Arc::default());
        assert!(
            inbox
                .admit("hearth/v1/gw-1/up/head", PAYLOAD_LEN_MAX)
                .is_some()
        );
        assert!(inbox.admit("hearth/v1/gw-1/down/receipt", 0).is_none());
        assert!(
            inbox
                .admit("hearth/v1/gw-1/up/head", PAYLOAD_LEN_MAX + 1)
                .is_none()
        );
        assert_eq!(
            (inbox.counts().foreign(), inbox.counts().too_long()),
            (1, 1)
        );
    }
}
