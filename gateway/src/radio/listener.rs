//! Listens with one adapter for advertisements and holds a session with each registered device that is heard.

mod hearing;

use std::pin::Pin;
use std::time::Duration;

use btleplug::api::{Central, CentralEvent, Manager as _, Peripheral as _};
use btleplug::platform::{Adapter, Peripheral};
use futures::{Stream, StreamExt};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::bluez::{Sign, Signs};
use super::conversation::{self, Means};
use super::crew::Crew;
use super::device::scan_filter;
use super::failure::{Failure, bounded};
use super::status::Ready;
use super::{account, adapters};
use crate::config::ScaleUser;
use crate::progress::Beat;

type Events = Pin<Box<dyn Stream<Item = CentralEvent> + Send>>;

/// Listens with one adapter until that fails.
pub(super) struct Listener<'a> {
    crew: &'a Crew,
    /// The adapter's name.
    name: &'a str,
    beat: &'a Beat,
    /// Held from the first scan on.
    ready: Option<Ready<'a>>,
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        self.crew.radio.air.is_deaf(self.name);
    }
}

impl<'a> Listener<'a> {
    /// Makes a listener with the adapter of a name.
    pub(super) fn new(crew: &'a Crew, name: &'a str, beat: &'a Beat) -> Self {
        Self {
            crew,
            name,
            beat,
            ready: None,
        }
    }

    /// Tells whether it has listened at all.
    pub(super) fn was_ready(&self) -> bool {
        self.ready.is_some()
    }

    fn scale_user(&self, device: &DeviceId) -> Option<ScaleUser> {
        let register = self.crew.radio.air.register();
        register.device(device).and_then(|it| it.scale_user)
    }

    fn call_ms_max(&self) -> u64 {
        self.crew.radio.timings.call_ms_max
    }

    /// Listens until the program is stopped or the adapter fails.
    pub(super) async fn listen(&mut self, signs: &mut Signs) -> Result<(), Failure> {
        let Crew { lines, bluez, .. } = self.crew;
        let manager = lines.of(self.name, self.call_ms_max()).await?;
        let adapter = adapters::find(&manager, self.name, self.call_ms_max()).await?;
        if let Err(failure) = bluez.register_agent().await {
            tracing::warn!(error = %failure, "no device can be paired until BlueZ takes our agent");
        }
        let mut events = bounded(self.call_ms_max(), adapter.events()).await?;
        let listened = self.listen_to(&adapter, &mut events, signs).await;
        if listened.is_err() {
            let answer = bounded(self.call_ms_max(), manager.adapters()).await;
            if let Err(Failure::BusLost) = answer {
                // btleplug panics in a task of its own when a stream is dropped that the bus no longer knows.
                std::mem::forget(events);
                return Err(Failure::BusLost);
            }
        }
        listened
    }

    async fn listen_to(
        &mut self,
        adapter: &Adapter,
        events: &mut Events,
        signs: &mut Signs,
    ) -> Result<(), Failure> {
        let timings = &self.crew.radio.timings;
        let refresh = Duration::from_millis(timings.scan_refresh_ms);
        let mut refreshes = tokio::time::interval(refresh);
        refreshes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let events_kept = Duration::from_millis(timings.events_kept_ms);
        let mut events_opened_at = Instant::now();
        let mut scans = self.crew.radio.air.scans();
        loop {
            self.beat.got_on();
            tokio::select! {
                () = self.crew.stop.cancelled() => {
                    let _ = bounded(self.call_ms_max(), adapter.stop_scan()).await;
                    return Ok(());
                }
                _ = refreshes.tick() => {
                    if events_opened_at.elapsed() >= events_kept {
                        *events = bounded(self.call_ms_max(), adapter.events()).await?;
                        events_opened_at = Instant::now();
                    }
                    self.start_scan(adapter).await?;
                    self.crew.committer.commit_held().await;
                }
                sign = signs.next() => match sign.ok_or(Failure::BusLost)? {
                    Sign::Gone => return Err(Failure::Gone),
                    Sign::Came => refreshes.reset_immediately(),
                },
                Ok(()) = scans.changed() => refreshes.reset_immediately(),
                event = events.next() => {
                    let event = event.ok_or(Failure::EventsEnded)?;
                    if let Some(peripheral) = self.heard(adapter, &event).await {
                        self.converse(adapter, peripheral, events, signs).await?;
                        refreshes.reset_immediately();
                    }
                }
            }
        }
    }

    /// Starts the scan afresh, which also shows whether the adapter still answers: btleplug says nothing when BlueZ
    /// is restarted or another program stops the scan.
    async fn start_scan(&mut self, adapter: &Adapter) -> Result<(), Failure> {
        // BlueZ refuses to start a scan that this program has already started, and to stop one that it has not.
        let _ = bounded(self.call_ms_max(), adapter.stop_scan()).await;
        bounded(self.call_ms_max(), adapter.start_scan(scan_filter())).await?;
        let status = &self.crew.radio.status;
        self.ready.get_or_insert_with(|| status.ready());
        Ok(())
    }

    /// Holds a session, and meanwhile keeps taking events: btleplug queues them without a bound.
    async fn converse(
        &self,
        adapter: &Adapter,
        peripheral: Peripheral,
        events: &mut Events,
        signs: &mut Signs,
    ) -> Result<(), Failure> {
        let radio = &self.crew.radio;
        let address = peripheral.address();
        let id = peripheral.id();
        let Some(claim) = radio.air.claim(self.name, address, &self.crew.stop) else {
            return Ok(());
        };
        let (link_lost, _) = watch::channel(false);
        let all_gone = CancellationToken::new();
        let means = Means {
            adapter,
            bluez: &self.crew.bluez,
            desk: &radio.desk,
            pairs: radio.air.pairs(address),
            scale_user: self.scale_user(&claim.device),
            device: &claim.device,
            timings: &radio.timings,
            quirks: &radio.quirks,
            clock: &radio.clock,
            home_time_zone: &radio.home_time_zone,
            committer: &self.crew.committer,
            gone: &all_gone,
            link_lost: &link_lost,
            beat: self.beat,
            shutdown: &claim.stop,
        };
        let mut conversation = Box::pin(conversation::hold(peripheral, means));
        let mut gone = Ok(());
        let held = loop {
            tokio::select! {
                held = &mut conversation => break held,
                Some(event) = events.next() => match event {
                    CentralEvent::DeviceDisconnected(gone) if gone == id => {
                        link_lost.send_replace(true);
                    }
                    _ => {}
                },
                // What was taken is still committed.
                sign = signs.next(), if gone.is_ok() => if sign != Some(Sign::Came) {
                    gone = Err(sign.map_or(Failure::BusLost, |_| Failure::Gone));
                    link_lost.send_replace(true);
                    all_gone.cancel();
                },
            }
        };
        drop(conversation);
        account::tell(&claim.device, held);
        account::note(&radio.status, &claim.device, held, radio.clock.now());
        radio.air.ended(self.name, address, held, &radio.timings);
        gone
    }
}
