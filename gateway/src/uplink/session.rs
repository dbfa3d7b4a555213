//! A session: the conversation of one connection, from sign-in to its end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use vitals::Sequence;
use vitals::wire::{ENTRIES_LEN_MAX, GatewayState, Receipt};

use super::link::{Link, LinkEvent, LinkOptions};
use super::window::Window;
use super::{Uplink, UplinkStatus};
use crate::crash;
use crate::enrol::identity;
use crate::outbox::ReceiptEffect;

const STATUS_PERIOD: Duration = Duration::from_secs(60);
const HEAD_PERIOD: Duration = Duration::from_secs(3600);
/// The longest that signing in and subscribing may take.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(15);

/// How a session ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The program is being stopped, and the broker knows.
    Stopped,
    /// The connection is to be made anew.
    Failed {
        error: anyhow::Error,
        /// Whether the server sent a receipt on this connection.
        answered: bool,
    },
}

#[derive(Debug)]
pub(super) struct Session<'a> {
    uplink: &'a Uplink,
    window: Window,
    /// The number of the last record whose place in the chain was signed on this connection.
    head_signed: Option<Sequence>,
}

impl<'a> Session<'a> {
    pub(super) fn new(uplink: &'a Uplink, probing: bool) -> Self {
        Self {
            uplink,
            window: Window::new(probing),
            head_signed: None,
        }
    }

    pub(super) async fn run(mut self, shutdown: &CancellationToken) -> Ended {
        let failed = tokio::select! {
            biased;
            link = self.sign_in() => match link {
                Ok(link) => self.talk(link, shutdown).await,
                Err(error) => Err(error),
            },
            () = shutdown.cancelled() => return Ended::Stopped,
        };
        match failed {
            Ok(()) => Ended::Stopped,
            Err(error) => Ended::Failed {
                error,
                answered: self.window.was_answered(),
            },
        }
    }
}

impl Session<'_> {
    async fn sign_in(&self) -> anyhow::Result<Link> {
        let Uplink {
            messages,
            broker,
            outbox,
            clock,
            status,
        } = self.uplink;
        let last_will =
            messages.status(GatewayState::Offline, &outbox.status().await?, clock.now())?;
        // Read each time: a certificate may have been replaced.
        let tls = broker.tls_folder.as_deref().map(identity::client);
        let tls = tls.transpose()?;
        let mut link = Link::open(LinkOptions {
            client_id: messages.gateway().to_string(),
            password: messages.password(),
            broker: broker.address,
            tls,
            keep_alive: broker.keep_alive,
            last_will,
        })?;
        timeout(SIGN_IN_TIMEOUT, self.subscribe(&mut link))
            .await
            .context("the broker did not answer in time")??;
        UplinkStatus::count(&status.connections);
        status.connected.store(true, Ordering::Relaxed);
        tracing::info!(broker.address = %broker.address, "the uplink is connected");
        Ok(link)
    }

    /// Nothing is sent before the subscription stands, so that no receipt is missed.
    async fn subscribe(&self, link: &mut Link) -> anyhow::Result<()> {
        loop {
            match link.next().await {
                LinkEvent::Connected => {
                    link.subscribe(&self.uplink.messages.receipt_topic().to_string())?;
                }
                LinkEvent::Subscribed => return Ok(()),
                LinkEvent::Arrived { .. } => {}
                LinkEvent::Failed(error) => return Err(error),
            }
        }
    }

    async fn talk(&mut self, mut link: Link, shutdown: &CancellationToken) -> anyhow::Result<()> {
        let mut waiting = self.uplink.outbox.waiting();
        let mut status_due = periodic(STATUS_PERIOD);
        let mut head_due = periodic(HEAD_PERIOD);
        self.publish_status(&link, GatewayState::Online).await?;
        loop {
            self.uplink.status.beat.got_on();
            self.send_waiting(&link).await?;
            let deadline = self.window.deadline(self.uplink.broker.receipt_timeout);
            tokio::select! {
                event = link.next() => self.hear(event).await?,
                changed = waiting.changed() => changed.context("the outbox is gone")?,
                () = at(deadline) => bail!(
                    "the server sent no receipt for {} s; the records are sent again",
                    self.uplink.broker.receipt_timeout.as_secs()
                ),
                _ = status_due.tick() => self.publish_status(&link, GatewayState::Online).await?,
                _ = head_due.tick() => self.sign_head(&link, true).await?,
                () = shutdown.cancelled() => {
                    self.publish_status(&link, GatewayState::Stopped).await?;
                    link.close().await;
                    return Ok(());
                }
            }
        }
    }

    async fn send_waiting(&mut self, link: &Link) -> anyhow::Result<()> {
        let outbox = &self.uplink.outbox;
        while self.window.has_room() {
            let waiting = outbox
                .waiting_after(self.window.looked_at(), ENTRIES_LEN_MAX)
                .await?;
            if waiting.is_empty() {
                if self.window.is_empty() {
                    self.sign_head(link, false).await?;
                }
                return Ok(());
            }
            let chosen = self.window.choose(waiting);
            if chosen.is_empty() {
                continue;
            }
            let message = self
                .uplink
                .messages
                .readings(outbox.epoch(), chosen.clone())?;
            link.publish(message)?;
            self.window.sent(&chosen, Instant::now());
            crash::point(crash::UPLINK_PUBLISHED);
        }
        Ok(())
    }

    async fn hear(&mut self, event: LinkEvent) -> anyhow::Result<()> {
        match event {
            LinkEvent::Arrived { topic, payload } => self.receive(&topic, &payload).await,
            LinkEvent::Failed(error) => Err(error),
            LinkEvent::Connected => Err(anyhow!("the MQTT client connected again by itself")),
            LinkEvent::Subscribed => Ok(()),
        }
    }

    /// A receipt that cannot be believed is counted and changes nothing: the records stay and are sent again.
    async fn receive(&mut self, topic: &[u8], payload: &[u8]) -> anyhow::Result<()> {
        let Uplink {
            messages,
            outbox,
            clock,
            status,
            ..
        } = self.uplink;
        let receipt = match messages.receipt(topic, payload) {
            Ok(receipt) if receipt.epoch == outbox.epoch() => receipt,
            Ok(_) => {
                UplinkStatus::count(&status.receipts_ignored);
                tracing::debug!("a receipt of another epoch was ignored");
                return Ok(());
            }
            Err(error) => {
                UplinkStatus::count(&status.receipts_ignored);
                tracing::warn!(error = %error, error.name = error.name(), "a message that is no receipt of ours was ignored");
                return Ok(());
            }
        };
        crash::point(crash::UPLINK_RECEIPT_ARRIVED);
        let now = clock.now();
        let effect = outbox.apply_receipt(&receipt, now).await?;
        crash::point(crash::UPLINK_RECEIPT_MARKED);
        status.receipt_applied(now);
        self.window.answered(&receipt, Instant::now());
        log_effect(&receipt, effect);
        Ok(())
    }

    async fn publish_status(&self, link: &Link, state: GatewayState) -> anyhow::Result<()> {
        let outbox = self.uplink.outbox.status().await?;
        let now = self.uplink.clock.now();
        link.publish(self.uplink.messages.status(state, &outbox, now)?)
    }

    /// Signs where the chain stands, at every flush that moved it and, asked `anyway`, once an hour.
    async fn sign_head(&mut self, link: &Link, anyway: bool) -> anyhow::Result<()> {
        let outbox = &self.uplink.outbox;
        let Some(end) = outbox.chain_end().await? else {
            return Ok(());
        };
        if anyway || self.head_signed != Some(end.sequence) {
            let now = self.uplink.clock.now();
            link.publish(self.uplink.messages.head(outbox.epoch(), end, now)?)?;
            self.head_signed = Some(end.sequence);
        }
        Ok(())
    }
}

fn log_effect(receipt: &Receipt, effect: ReceiptEffect) {
    tracing::debug!(
        receipt.receipted_len = effect.receipted_len,
        "a receipt was applied"
    );
    if effect.refused_len > 0 {
        let reasons: Vec<_> = receipt
            .refused
            .iter()
            .map(|it| (it.sequence.get(), it.reason))
            .collect();
        tracing::error!(receipt.refused = ?reasons, "the server refused records; they are kept and not sent again");
    }
    if effect.wanted_again_len > 0 {
        tracing::warn!(
            receipt.wanted_again_len = effect.wanted_again_len,
            "the server misses records that it had confirmed; they are sent again"
        );
    }
}

fn periodic(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
