//! What is said of a session that has ended, in the log and in the gateway's status.

use jiff::Timestamp;
use vitals::DeviceId;

use super::conversation::Held;
use super::session::Ending;
use super::status::{Met, RadioStatus};

/// Says in the log how a session ended.
pub(super) fn tell(device: &DeviceId, held: Held) {
    let Held {
        ending,
        committed_len,
        ..
    } = held;
    let session = format!("{ending:?}").to_lowercase();
    if ending == Ending::Refused {
        tracing::error!(
            device.id = %device,
            captures.committed_len = committed_len,
            "a value could not be committed; it is held and offered again, and no device is connected to until then"
        );
    } else {
        tracing::info!(
            device.id = %device,
            session.ending = session,
            captures.committed_len = committed_len,
            "a session with a device has ended"
        );
    }
}

/// Notes in the status what a session showed of the device.
pub(super) fn note(status: &RadioStatus, device: &DeviceId, held: Held, now: Timestamp) {
    match held.ending {
        Ending::Failed | Ending::NotPaired => status.failed(device, now),
        Ending::NotConsented => {
            status.failed(device, now);
            status.refused_consent(device, true);
        }
        Ending::Drained => {
            status.saw(device, now);
            status.refused_consent(device, false);
        }
        Ending::LinkLost | Ending::Paired | Ending::Refused | Ending::Stopped => {
            status.saw(device, now);
        }
    }
    if let Some(percent) = held.battery_percent {
        status.told_battery(device, percent);
    }
    let met = Met {
        at: now,
        ending: held.ending,
        values_len: held.committed_len,
    };
    status.met(device, met);
}
