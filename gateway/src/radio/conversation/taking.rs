//! How values are waited for, taken and committed.

use std::time::Duration;

use tokio::time::Instant;

use super::{Conversation, failed_or_lost};
use crate::capture::Capture;
use crate::radio::session::Outcome;
use crate::radio::values::{Value, Values};

impl Conversation<'_> {
    pub(super) async fn await_value(&mut self) -> Outcome {
        let timings = &self.timings;
        let now = Instant::now();
        let (Some(values), Some(listen_until)) = (&mut self.values, self.listen_until) else {
            return Outcome::Failed;
        };
        if now >= listen_until {
            return Outcome::Idle;
        }
        let wait_ms = if self.heard_any {
            timings.idle_ms
        } else {
            timings.first_value_ms
        };
        let until = listen_until.min(now + Duration::from_millis(wait_ms));
        let mut link_lost = self.means.link_lost.subscribe();
        tokio::select! {
            biased;
            value = values.next() => return match value {
                Some(value) => self.took(value),
                None => Outcome::LinkLost,
            },
            () = self.means.shutdown.cancelled() => return Outcome::Stopping,
            _ = link_lost.wait_for(|lost| *lost) => return Outcome::LinkLost,
            () = tokio::time::sleep_until(until) => {}
        }
        match failed_or_lost(&self.peripheral, timings.call_ms_max).await {
            Outcome::Failed => Outcome::Idle,
            lost => lost,
        }
    }

    pub(super) fn take_arrived(&mut self) -> Outcome {
        match self.values.as_mut().and_then(Values::arrived) {
            Some(value) => self.took(value),
            None => Outcome::Idle,
        }
    }

    fn took(&mut self, value: Value) -> Outcome {
        self.taken = Some(value);
        self.heard_any = true;
        Outcome::Value
    }

    pub(super) async fn commit(&mut self) -> Outcome {
        let Some((characteristic, raw)) = self.taken.take() else {
            return Outcome::Failed;
        };
        let capture = Capture {
            device: self.means.device.clone(),
            characteristic,
            raw,
            received_at: self.means.clock.now(),
            clock_offset_seconds: self.clock_offset_seconds,
            dialect: self.behaviour.dialect,
        };
        if self.means.committer.commit(capture).await {
            self.committed_len += 1;
            Outcome::Done
        } else {
            Outcome::Failed
        }
    }
}
