//! A session: the conversation of one connection, from sign-in to its end.

mod unheard;
mod words;

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use vitals::Sequence;
use vitals::wire::{ENTRIES_LEN_MAX, GatewayState, StandingKind};

use super::link::{Link, LinkEvent, LinkOptions, SIGN_IN_WAIT_MAX};
use super::messages::Told;
use super::window::Window;
use super::{Uplink, UplinkStatus};
use crate::crash;
use crate::enrol::identity;
use unheard::Unheard;

const STATUS_PERIOD: Duration = Duration::from_secs(60);
const HEAD_PERIOD: Duration = Duration::from_secs(3600);
/// How long a connection stands before the time is believed although no time server confirmed it: they answer within a
/// minute where there is internet, and a home that lets none be reached must not keep its readings for ever.
const UNCONFIRMED_AFTER: Duration = Duration::from_secs(300);

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
    unheard: Unheard,
}

impl<'a> Session<'a> {
    pub(super) fn new(uplink: &'a Uplink, probing: bool) -> Self {
        Self {
            uplink,
            window: Window::new(probing),
            head_signed: None,
            unheard: Unheard::new(uplink.broker.retry_delay_max),
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
            ..
        } = self.uplink;
        let told = Told {
            outbox: &outbox.status().await?,
            certificate_ends_at: broker.certificate_ends_at(),
        };
        let last_will = messages.status(GatewayState::Offline, told, clock.now())?;
        // Read each time: the certificate may have been renewed.
        let tls = broker.tls_folder.as_deref();
        let tls = tls.map(|it| identity::client(it, clock)).transpose()?;
        let mut link = Link::open(LinkOptions {
            client_id: messages.gateway().to_string(),
            password: messages.password(),
            broker: broker.address.clone(),
            tls,
            keep_alive: broker.keep_alive,
            last_will,
        })?;
        timeout(SIGN_IN_WAIT_MAX, self.subscribe(&mut link))
            .await
            .context("the broker did not answer in time")??;
        UplinkStatus::count(&status.connections);
        status.connected();
        tracing::info!(broker.address = %broker.address, "the uplink is connected");
        Ok(link)
    }

    /// Nothing is sent before the subscriptions stand, so that no receipt is missed.
    async fn subscribe(&self, link: &mut Link) -> anyhow::Result<()> {
        let topics = self.uplink.messages.down_topics();
        let mut subscribed_len = 0;
        loop {
            match link.next().await {
                LinkEvent::Connected => {
                    for topic in &topics {
                        link.subscribe(&topic.to_string())?;
                    }
                }
                LinkEvent::Subscribed => {
                    subscribed_len += 1;
                    if subscribed_len == topics.len() {
                        return Ok(());
                    }
                }
                LinkEvent::Arrived { .. } | LinkEvent::Unheard => {}
                LinkEvent::Failed(error) => return Err(error),
            }
        }
    }

    async fn talk(&mut self, mut link: Link, shutdown: &CancellationToken) -> anyhow::Result<()> {
        let mut waiting = self.uplink.outbox.waiting();
        let mut reports = self.uplink.reports.reports();
        self.tell_sign_off().await;
        let mut status_due = periodic(STATUS_PERIOD);
        let mut head_due = periodic(HEAD_PERIOD);
        let mut unconfirmed = periodic(UNCONFIRMED_AFTER);
        self.publish_status(&link, GatewayState::Online).await?;
        loop {
            self.uplink.status.beat.got_on();
            self.send_waiting(&link).await?;
            let deadline = self.window.deadline(self.uplink.broker.receipt_timeout);
            tokio::select! {
                event = link.next() => self.hear(event).await?,
                changed = waiting.changed() => changed.context("the outbox is gone")?,
                () = at(self.unheard.again_at()) => self.send_again(&link).await?,
                () = at(deadline) => bail!(
                    "the server sent no receipt for {} s; the records are sent again",
                    self.uplink.broker.receipt_timeout.as_secs()
                ),
                _ = status_due.tick() => self.publish_status(&link, GatewayState::Online).await?,
                Ok(()) = reports.changed() => {
                    let report = reports.borrow_and_update().clone();
                    if let Some(report) = report {
                        link.publish(self.uplink.messages.report(&report)?)?;
                    }
                }
                _ = head_due.tick() => self.sign_head(&link, true).await?,
                _ = unconfirmed.tick() => self.believe_unconfirmed(),
                () = shutdown.cancelled() => {
                    self.publish_status(&link, GatewayState::Stopped).await?;
                    link.close().await;
                    return Ok(());
                }
            }
        }
    }

    /// What the installer signed is told at each connection, until the office has answered.
    async fn tell_sign_off(&self) {
        let Uplink {
            reports, standing, ..
        } = self.uplink;
        let is_open = standing.now().await.standing == StandingKind::Commissioning;
        if is_open && reports.is_signed() {
            reports.ask();
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
            LinkEvent::Unheard => self.unheard.noted(Instant::now()),
            LinkEvent::Failed(error) => Err(error),
            LinkEvent::Connected => Err(anyhow!("the MQTT client connected again by itself")),
            LinkEvent::Subscribed => Ok(()),
        }
    }

    async fn publish_status(&self, link: &Link, state: GatewayState) -> anyhow::Result<()> {
        let told = Told {
            outbox: &self.uplink.outbox.status().await?,
            certificate_ends_at: self.uplink.broker.certificate_ends_at(),
        };
        let now = self.uplink.clock.now();
        link.publish(self.uplink.messages.status(state, told, now)?)
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
