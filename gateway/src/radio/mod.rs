//! The radio: hears registered devices over Bluetooth LE and has each value of theirs committed.
//!
//! One task listens; when a registered device advertises it holds one session with it, in the order that
//! [`session`] keeps, and listens again.

mod account;
mod adapters;
mod advertised;
mod bluez;
mod commit;
mod conversation;
mod device;
mod failure;
mod inquiry;
mod listener;
mod quiet;
pub mod session;
mod status;
mod timings;
mod values;

use std::sync::Arc;

use anyhow::{Context, anyhow};
use btleplug::api::CentralEvent;
use btleplug::platform::{Manager, PeripheralId};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use status::RadioStatus;
pub use timings::RadioTimings;

use crate::capture::CaptureRequest;
use crate::clock::Clock;
use crate::config::DeviceConfig;
use crate::pairing::PairingDesk;
use crate::quirks::Table;
use bluez::Bluez;
use failure::{Failure, bounded};
use listener::Listener;
use timings::backed_off;

/// How often in a row BlueZ may leave calls unanswered before the D-Bus is taken for lost.
const UNANSWERED_COUNT_MAX: u32 = 3;

/// Is what the radio works with.
#[derive(Debug)]
pub struct Radio {
    /// The adapter's name, such as `hci0`; `None` takes the first.
    pub adapter: Option<String>,
    /// How long to wait for what.
    pub timings: RadioTimings,
    /// The devices bound to this home.
    pub devices: Vec<DeviceConfig>,
    /// How devices break the specifications.
    pub quirks: Table,
    /// The gateway's clock.
    pub clock: Clock,
    /// The zone whose wall time the home's devices show.
    pub home_time_zone: TimeZone,
    /// Where each value goes to be committed.
    pub captures: mpsc::Sender<CaptureRequest>,
    /// Where somebody enters the digits that a device shows.
    pub desk: Arc<PairingDesk>,
    /// What the radio says of itself.
    pub status: Arc<RadioStatus>,
}

/// Listens until the program is stopped; lets the device in hand go and commits what arrived before it returns.
///
/// An adapter that fails, is unplugged, or a BlueZ that is restarted is looked for again for as long as it takes.
///
/// # Errors
/// When the D-Bus is not there or no longer answers: btleplug cannot leave a dead
/// D-Bus connection, so only starting the program afresh helps.
pub async fn run(radio: Radio, shutdown: CancellationToken) -> anyhow::Result<()> {
    let timings = radio.timings.clone();
    let status = Arc::clone(&radio.status);
    let bus = "cannot reach the system D-Bus; start the dbus service";
    let bluez = Bluez::connect(Arc::clone(&radio.desk), timings.call_ms_max)
        .await
        .context(bus)?;
    let mut signs = bluez.signs().await.context(bus)?;
    let mut listener = Listener::new(radio, bluez, shutdown.clone());
    // Kept for good: each one dropped would leave its D-Bus connection behind, and BlueZ keeps every connection's scan.
    let manager = bounded(timings.call_ms_max, Manager::new())
        .await
        .context(bus)?;
    let mut failures = 0;
    let mut unanswered = 0;
    loop {
        status.got_on();
        let Err(failure) = listener.listen(&manager, &mut signs).await else {
            status.set_ready(false);
            return Ok(());
        };
        if status.is_ready() {
            status.set_ready(false);
            failures = 0;
            unanswered = 0;
        }
        unanswered = match failure {
            Failure::Unanswered(_) => unanswered + 1,
            Failure::BusLost => UNANSWERED_COUNT_MAX,
            _ => 0,
        };
        if unanswered >= UNANSWERED_COUNT_MAX {
            return Err(anyhow!(failure).context(
                "the system D-Bus is lost or BlueZ hangs; start the gateway afresh once `systemctl status dbus bluetooth` is well",
            ));
        }
        let pause = backed_off(timings.retry_delay_ms, timings.retry_delay_ms_max, failures);
        failures = failures.saturating_add(1);
        tracing::warn!(
            error = %failure,
            retry.delay_ms = pause.as_millis(),
            "the radio does not listen; no reading can arrive until it does"
        );
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
            () = signs.came() => {}
        }
    }
}

/// Is what an event says of a device's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// It is advertising.
    Advertising,
    /// BlueZ knows it, perhaps from long ago.
    Known,
}

impl Heard {
    fn of(event: &CentralEvent) -> Option<(&PeripheralId, Self)> {
        match event {
            CentralEvent::RssiUpdate { id, .. }
            | CentralEvent::ManufacturerDataAdvertisement { id, .. }
            | CentralEvent::ServiceDataAdvertisement { id, .. } => Some((id, Self::Advertising)),
            CentralEvent::DeviceDiscovered(id) | CentralEvent::ServicesAdvertisement { id, .. } => {
                Some((id, Self::Known))
            }
            _ => None,
        }
    }
}
