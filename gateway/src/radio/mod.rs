//! The radio: hears registered devices over Bluetooth LE and has each value of theirs committed.
//!
//! One task listens with each adapter; when a registered device advertises it holds one session with it, in the order
//! that [`session`] keeps, and listens again.

mod account;
mod adapters;
mod advertised;
mod air;
mod bluez;
mod commit;
mod conversation;
mod crew;
mod device;
mod failure;
mod inquiry;
mod listener;
pub mod look;
mod quiet;
mod remote;
pub mod session;
mod status;
mod timings;
mod values;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use btleplug::api::CentralEvent;
use btleplug::platform::{Manager, PeripheralId};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use air::Air;
pub use look::Candidate;
pub use remote::{DeviceReport, Meeting, Remote};
pub use status::{Met, RadioStatus};
pub use timings::RadioTimings;

use crate::capture::CaptureRequest;
use crate::clock::Clock;
use crate::pairing::PairingDesk;
use crate::quirks::Table;
use bluez::Bluez;
use commit::Committer;
use crew::{Crew, Lines};
use failure::bounded;

/// Is what the radio works with.
#[derive(Debug)]
pub struct Radio {
    /// The adapter's name, such as `hci0`; `None` takes all that are there.
    pub adapter: Option<String>,
    /// How long to wait for what.
    pub timings: RadioTimings,
    /// What the adapters share, and who is registered.
    pub air: Arc<Air>,
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

/// Listens until the program is stopped; lets the devices in hand go and commits what arrived before it returns.
///
/// An adapter that fails, is unplugged, or a BlueZ that is restarted is looked for again for as long as it takes.
///
/// # Errors
/// When the D-Bus is not there or no longer answers: btleplug cannot leave a dead D-Bus connection, so only starting the
/// program afresh helps.
pub async fn run(radio: Radio, shutdown: CancellationToken) -> anyhow::Result<()> {
    let call_ms_max = radio.timings.call_ms_max;
    let bus = "cannot reach the system D-Bus; start the dbus service";
    let bluez = Bluez::connect(Arc::clone(&radio.desk), call_ms_max)
        .await
        .context(bus)?;
    let mut signs = bluez.signs(None).await.context(bus)?;
    let air = Arc::clone(&radio.air);
    air.bluez.send_replace(Some(bluez.clone()));
    let manager = bounded(call_ms_max, Manager::new()).await.context(bus)?;
    let wait_max = Duration::from_millis(radio.timings.commit_ms_max);
    let crew = Crew {
        committer: Committer::new(radio.captures.clone(), wait_max),
        radio,
        bluez,
        manager,
        lines: Lines::default(),
        stop: shutdown.child_token(),
    };
    let worked = crew::work(Arc::new(crew), &mut signs).await;
    air.bluez.send_replace(None);
    worked
}

/// Is what an event says of a device's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// It is advertising, so strongly in dBm if the event says it.
    Advertising(Option<i16>),
    /// BlueZ knows it, perhaps from long ago.
    Known,
}

impl Heard {
    fn of(event: &CentralEvent) -> Option<(&PeripheralId, Self)> {
        match event {
            CentralEvent::RssiUpdate { id, rssi } => Some((id, Self::Advertising(Some(*rssi)))),
            CentralEvent::ManufacturerDataAdvertisement { id, .. }
            | CentralEvent::ServiceDataAdvertisement { id, .. } => {
                Some((id, Self::Advertising(None)))
            }
            CentralEvent::DeviceDiscovered(id) | CentralEvent::ServicesAdvertisement { id, .. } => {
                Some((id, Self::Known))
            }
            _ => None,
        }
    }
}
