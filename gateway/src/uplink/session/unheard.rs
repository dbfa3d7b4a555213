//! What nobody listened for: it is sent again after a pause, without a new connection.
//!
//! A broker that was killed is often back before the server is. It takes what is published, has nobody to give it to, says
//! so (MQTT 5, 3.4.2.1, reason 0x10) and forgets it. Without this each record would wait for its receipt in vain.

use std::time::Duration;

use tokio::time::Instant;

use super::{Link, Session};
use crate::uplink::back_off::BackOff;
use vitals::wire::GatewayState;

/// Whether something was not listened for, and when it is sent again.
#[derive(Debug)]
pub(super) struct Unheard {
    pauses: BackOff,
    again_at: Option<Instant>,
}

impl Unheard {
    /// Nothing yet; pauses double up to this one.
    pub(super) fn new(pause_max: Duration) -> Self {
        Self {
            pauses: BackOff::new(pause_max),
            again_at: None,
        }
    }

    /// Gives when everything without a receipt is to be sent again.
    pub(super) fn again_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// Notes that a message was taken and nobody listened; a pause that runs already stays as it is.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub(super) fn noted(&mut self, now: Instant) -> anyhow::Result<()> {
        if self.again_at.is_none() {
            let pause = self.pauses.next_delay()?;
            tracing::info!(
                retry.delay_ms = pause.as_millis(),
                "the broker is there and the server is not yet; what has no receipt is sent again"
            );
            self.again_at = Some(now + pause);
        }
        Ok(())
    }

    /// Notes that the server listens. What it missed before is still to be sent again.
    pub(super) fn answered(&mut self) {
        self.pauses.succeeded();
    }
}

impl Session<'_> {
    /// Says everything again that the server may have missed on this connection.
    pub(super) async fn send_again(&mut self, link: &Link) -> anyhow::Result<()> {
        self.unheard.again_at = None;
        self.window.start_over();
        self.head_signed = None;
        self.tell_sign_off().await;
        self.publish_status(link, GatewayState::Online).await
    }
}
