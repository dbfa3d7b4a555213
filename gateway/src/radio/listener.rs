//! Listens for advertisements and holds a session with each registered device that is heard.

mod hearing;

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use btleplug::api::{BDAddr, Central, CentralEvent, Manager as _, Peripheral as _};
use btleplug::platform::{Adapter, Manager, Peripheral};
use futures::{Stream, StreamExt};
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::advertised::Latest;
use super::bluez::{Bluez, Sign, Signs};
use super::commit::Committer;
use super::conversation::{self, Held, Means};
use super::device::scan_filter;
use super::failure::{Failure, bounded};
use super::quiet::Quiet;
use super::session::Ending;
use super::status::{RadioStatus, Strangers};
use super::timings::RadioTimings;
use super::{Radio, account, adapters};
use crate::clock::Clock;
use crate::config::ScaleUser;
use crate::pairing::PairingDesk;
use crate::quirks::Table;

type Events = Pin<Box<dyn Stream<Item = CentralEvent> + Send>>;

/// Is what outlives a lost adapter: who is registered, who rests, what is held.
pub(super) struct Listener {
    adapter_name: Option<String>,
    timings: RadioTimings,
    devices: HashMap<BDAddr, DeviceId>,
    scale_users: HashMap<BDAddr, ScaleUser>,
    quirks: Table,
    clock: Clock,
    home_time_zone: TimeZone,
    bluez: Bluez,
    desk: Arc<PairingDesk>,
    /// Devices that serve whoever connects, and decline to pair.
    open: HashSet<BDAddr>,
    status: Arc<RadioStatus>,
    strangers: Strangers,
    quiet: Quiet,
    latest: Latest,
    committer: Committer,
    shutdown: CancellationToken,
}

impl Listener {
    /// Makes a listener.
    pub(super) fn new(
        radio: Radio,
        bluez: Bluez,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let mut devices = HashMap::new();
        let mut scale_users = HashMap::new();
        for device in radio.devices {
            let address: BDAddr = device.address.parse().with_context(|| {
                format!(
                    "device {}: its address is not one such as AA:BB:CC:DD:EE:FF",
                    device.id
                )
            })?;
            scale_users.extend(device.scale_user.map(|user| (address, user)));
            devices.insert(address, device.id);
        }
        let wait_max = Duration::from_millis(radio.timings.commit_ms_max);
        Ok(Self {
            adapter_name: radio.adapter,
            timings: radio.timings,
            devices,
            scale_users,
            quirks: radio.quirks,
            clock: radio.clock,
            home_time_zone: radio.home_time_zone,
            bluez,
            desk: radio.desk,
            open: HashSet::new(),
            status: radio.status,
            strangers: Strangers::default(),
            quiet: Quiet::default(),
            latest: Latest::default(),
            committer: Committer::new(radio.captures, wait_max),
            shutdown,
        })
    }

    /// Listens on the adapter until the program is stopped or the adapter fails.
    pub(super) async fn listen(
        &mut self,
        manager: &Manager,
        signs: &mut Signs,
    ) -> Result<(), Failure> {
        let adapter = adapters::find(
            manager,
            self.adapter_name.as_deref(),
            self.timings.call_ms_max,
        )
        .await?;
        if let Err(failure) = self.bluez.register_agent().await {
            tracing::warn!(error = %failure, "no device can be paired until BlueZ takes our agent");
        }
        let mut events = bounded(self.timings.call_ms_max, adapter.events()).await?;
        let listened = self.listen_to(&adapter, &mut events, signs).await;
        if listened.is_err() {
            let answer = bounded(self.timings.call_ms_max, manager.adapters()).await;
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
        let refresh = Duration::from_millis(self.timings.scan_refresh_ms);
        let mut refreshes = tokio::time::interval(refresh);
        refreshes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let events_kept = Duration::from_millis(self.timings.events_kept_ms);
        let mut events_opened_at = Instant::now();
        let shutdown = self.shutdown.clone();
        loop {
            self.status.got_on();
            tokio::select! {
                () = shutdown.cancelled() => {
                    self.stop_listening(adapter).await;
                    return Ok(());
                }
                _ = refreshes.tick() => {
                    if events_opened_at.elapsed() >= events_kept {
                        *events = bounded(self.timings.call_ms_max, adapter.events()).await?;
                        events_opened_at = Instant::now();
                    }
                    self.start_scan(adapter).await?;
                    self.committer.commit_held().await;
                }
                sign = signs.next() => match sign.ok_or(Failure::BusLost)? {
                    Sign::Gone => return Err(Failure::Gone),
                    Sign::Came => refreshes.reset_immediately(),
                },
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
    async fn start_scan(&self, adapter: &Adapter) -> Result<(), Failure> {
        // BlueZ refuses to start a scan that this program has already started, and to stop one that it has not.
        let _ = bounded(self.timings.call_ms_max, adapter.stop_scan()).await;
        bounded(self.timings.call_ms_max, adapter.start_scan(scan_filter())).await?;
        self.status.set_ready(true);
        Ok(())
    }

    async fn stop_listening(&mut self, adapter: &Adapter) {
        let _ = bounded(self.timings.call_ms_max, adapter.stop_scan()).await;
        if !self.committer.commit_held().await {
            tracing::error!(
                captures.held_len = self.committer.held_len(),
                "stopping with values that could not be committed; measure again if the device does not repeat them"
            );
        }
    }

    /// Holds a session, and meanwhile keeps taking events: btleplug queues them without a bound.
    async fn converse(
        &mut self,
        adapter: &Adapter,
        peripheral: Peripheral,
        events: &mut Events,
        signs: &mut Signs,
    ) -> Result<(), Failure> {
        let address = peripheral.address();
        let id = peripheral.id();
        let Some(device) = self.devices.get(&address) else {
            return Ok(());
        };
        let (link_lost, _) = watch::channel(false);
        let all_gone = CancellationToken::new();
        let means = Means {
            adapter,
            bluez: &self.bluez,
            desk: &self.desk,
            pairs: !self.open.contains(&address),
            scale_user: self.scale_users.get(&address).copied(),
            device,
            timings: &self.timings,
            quirks: &self.quirks,
            clock: &self.clock,
            home_time_zone: &self.home_time_zone,
            committer: &mut self.committer,
            gone: &all_gone,
            link_lost: &link_lost,
            status: &self.status,
            shutdown: &self.shutdown,
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
        account::tell(device, held);
        account::note(&self.status, device, held, self.clock.now());
        self.remember(address, held);
        gone
    }

    fn remember(&mut self, address: BDAddr, held: Held) {
        if held.declined && held.committed_len > 0 {
            self.open.insert(address);
        } else if held.ending == Ending::Failed {
            self.open.remove(&address);
        }
        self.quiet
            .begin(address, held.ending, &self.timings, Instant::now());
    }
}
