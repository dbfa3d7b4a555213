//! Hands values over to be committed, and holds those that were refused until they are.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};

use crate::capture::{Capture, CaptureRequest};

/// Hands values over to be committed.
///
/// BlueZ has confirmed a value to the device before the gateway sees it, so a device may have forgotten a value that
/// could not be committed. It is held here and offered again before any device is connected to; so no more is held
/// than one session of each adapter took.
#[derive(Debug)]
pub(super) struct Committer {
    captures: mpsc::Sender<CaptureRequest>,
    wait_max: Duration,
    held: Mutex<VecDeque<Capture>>,
}

impl Committer {
    /// Takes the queue of captures and the longest that one may take to be committed.
    pub(super) fn new(captures: mpsc::Sender<CaptureRequest>, wait_max: Duration) -> Self {
        Self {
            captures,
            wait_max,
            held: Mutex::default(),
        }
    }

    /// Commits a value, or holds it; tells whether it is committed.
    pub(super) async fn commit(&self, capture: Capture) -> bool {
        let committed = self.offer(capture.clone()).await;
        if !committed {
            self.held.lock().await.push_back(capture);
        }
        committed
    }

    /// Offers the held values again, in order; tells whether none is left.
    pub(super) async fn commit_held(&self) -> bool {
        let mut held = self.held.lock().await;
        while let Some(capture) = held.front().cloned() {
            if !self.offer(capture).await {
                return false;
            }
            held.pop_front();
        }
        true
    }

    /// Counts the values held.
    pub(super) async fn held_len(&self) -> usize {
        self.held.lock().await.len()
    }

    /// An answer that comes too late does no harm: the same value twice has the same id.
    async fn offer(&self, capture: Capture) -> bool {
        let (committed, answer) = oneshot::channel();
        let request = CaptureRequest { capture, committed };
        let offered = async { self.captures.send(request).await.is_ok() && answer.await.is_ok() };
        tokio::time::timeout(self.wait_max, offered)
            .await
            .unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use vitals::{Characteristic, RawBytes};

    use super::*;

    fn capture(byte: u8) -> Capture {
        Capture {
            device: "cuff-1".parse().unwrap(),
            characteristic: Characteristic(0x2A35),
            raw: RawBytes::try_from(vec![byte]).unwrap(),
            received_at: Timestamp::UNIX_EPOCH,
            clock_offset_seconds: None,
            dialect: gatt::Dialect::default(),
        }
    }

    fn committer() -> (Committer, mpsc::Receiver<CaptureRequest>) {
        let (captures, requests) = mpsc::channel(1);
        (Committer::new(captures, Duration::from_secs(20)), requests)
    }

    async fn answer(requests: &mut mpsc::Receiver<CaptureRequest>) -> Capture {
        let request = requests.recv().await.unwrap();
        request.committed.send(()).unwrap();
        request.capture
    }

    #[tokio::test]
    async fn a_value_is_committed_only_when_that_is_said() {
        let (committer, mut requests) = committer();
        let (committed, taken) = tokio::join!(committer.commit(capture(1)), answer(&mut requests));
        assert!(committed);
        assert_eq!(taken, capture(1));
        assert_eq!(committer.held_len().await, 0);
    }

    #[tokio::test]
    async fn refused_values_are_held_and_offered_again_in_order() {
        let (committer, mut requests) = committer();
        for byte in [1, 2] {
            let refuse = async { drop(requests.recv().await.unwrap()) };
            let (committed, ()) = tokio::join!(committer.commit(capture(byte)), refuse);
            assert!(!committed);
        }
        let refuse = async { drop(requests.recv().await.unwrap()) };
        let (left_none, ()) = tokio::join!(committer.commit_held(), refuse);
        assert!(!left_none);
        let accept = async { [answer(&mut requests).await, answer(&mut requests).await] };
        let (left_none, taken) = tokio::join!(committer.commit_held(), accept);
        assert!(left_none);
        assert_eq!(taken, [capture(1), capture(2)]);
        assert!(committer.commit_held().await, "nothing is offered twice");
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_that_nobody_answers_for_or_wants_is_held() {
        let (committer, requests) = committer();
        assert!(!committer.commit(capture(1)).await, "no answer in time");
        drop(requests);
        assert!(!committer.commit(capture(2)).await, "nobody is there");
        assert_eq!(committer.held_len().await, 2);
    }
}
