//! The kit: how each device of a patient and the box at home are, by what the server was told last.

use std::collections::BTreeMap;

use anyhow::Context;
use clinical::{Case, DeviceClock, PatientId, Zone};
use vitals::report::{Group, Outcome, Report};
use vitals::wire::{DeviceStatus, GatewayState, GatewayStatus};
use vitals::{GatewayId, Reading};

use crate::store::heard::Heard;
use crate::store::patient_page::StoredReading;
use crate::store::patient_record::{self, DeviceRow};
use crate::store::{heard, reports};
use crate::web::State;
use crate::web::local_time::{LocalTime, Shown};
use crate::web::words;

/// The most devices that one page shows.
const DEVICES_MAX: i64 = 32;
/// A battery under this is said to be low, in percent; as the box's own doctor has it.
const BATTERY_LOW_PERCENT: u8 = 15;
/// A clock that is off by less is right, in seconds; the box sets it from a like offset on.
const CLOCK_OFF_SECONDS: u64 = 60;

/// One thing that is known of a device or box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// `battery 80%`.
    pub(crate) text: String,
    /// It wants to be mended.
    pub(crate) is_bad: bool,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceView {
    /// What people call it.
    pub(crate) label: String,
    /// When it was last heard by the box.
    pub(crate) seen: Option<Shown>,
    /// Battery, connection, clock.
    pub(crate) facts: Vec<Fact>,
}

/// The box at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoxView {
    /// Its name.
    pub(crate) name: String,
    /// When the server heard it last.
    pub(crate) heard: Option<Shown>,
    /// Connection, readings that wait, Bluetooth.
    pub(crate) facts: Vec<Fact>,
    /// Its devices.
    pub(crate) devices: Vec<DeviceView>,
}

/// Reads and puts into words what is known of a patient's kit. `latest` are the newest readings of each kind.
///
/// # Errors
/// When the database does not answer, or holds what was never a status.
pub(super) async fn kit(
    state: &State,
    patient: &PatientId,
    case: Option<&Case>,
    latest: &[StoredReading],
    local: &LocalTime,
) -> anyhow::Result<Vec<BoxView>> {
    let readers = state.store.readers();
    let devices = patient_record::devices(readers, patient, DEVICES_MAX).await?;
    let mut boxes: BTreeMap<GatewayId, Vec<DeviceRow>> = BTreeMap::new();
    for device in devices {
        boxes
            .entry(device.gateway.clone())
            .or_default()
            .push(device);
    }
    let mut views = Vec::with_capacity(boxes.len());
    for (gateway, devices) in boxes {
        let mut connection = readers.acquire().await.context("no connection is free")?;
        let heard = heard::of(&mut connection, &gateway).await?;
        drop(connection);
        let report = reports::latest(readers, &gateway).await?;
        let seen = Seen {
            heard: heard.as_ref(),
            report: report.as_ref().map(|it| &it.report),
            case,
            latest,
            local,
        };
        views.push(seen.box_view(&gateway, &devices));
    }
    Ok(views)
}

/// What was told, to be put into words.
struct Seen<'a> {
    heard: Option<&'a Heard>,
    report: Option<&'a Report>,
    case: Option<&'a Case>,
    latest: &'a [StoredReading],
    local: &'a LocalTime,
}

impl Seen<'_> {
    fn status(&self) -> Option<&GatewayStatus> {
        let (status, _) = self.heard?.status.as_ref()?;
        Some(status)
    }

    fn box_view(&self, gateway: &GatewayId, devices: &[DeviceRow]) -> BoxView {
        BoxView {
            name: gateway.to_string(),
            heard: self.heard.map(|heard| self.local.show(heard.at)),
            facts: self.status().map(of_box).unwrap_or_default(),
            devices: devices.iter().map(|device| self.device(device)).collect(),
        }
    }

    fn device(&self, device: &DeviceRow) -> DeviceView {
        let status = self.status().and_then(|status| {
            let mut devices = status.devices.iter();
            devices.find(|it| it.device == device.id)
        });
        let last = self.latest.iter().map(|it| &it.reading);
        let last = last.filter(|it| it.device == device.id);
        let last = last.max_by_key(|it| it.times.measured_at);
        let mut facts = status.map(of_device).unwrap_or_default();
        facts.extend(self.clock(device, last));
        facts.extend(self.findings(device));
        if facts.is_empty() {
            facts.push(Fact {
                text: "nothing told yet".to_owned(),
                is_bad: false,
            });
        }
        let seen_at = status.and_then(|it| it.seen_at);
        let seen_at = seen_at.or(last.map(|it| it.times.received_at));
        DeviceView {
            label: device.label.clone(),
            seen: seen_at.map(|at| self.local.show(at)),
            facts,
        }
    }

    fn clock(&self, device: &DeviceRow, last: Option<&Reading>) -> Option<Fact> {
        let utc = Zone::utc();
        let zone = self.case.map_or(&utc, |case| &case.plan().care.zone);
        let is_wrong = self
            .case
            .is_some_and(|case| case.wrong_clocks().contains(&device.id));
        // From when on it counts as wrong was decided when the reading was judged; here only how far it is off is said.
        let clock = last.and_then(|reading| {
            let clock = DeviceClock::of(reading, 0)?;
            Some(clock.ahead_seconds(reading.times.received_at, zone))
        });
        let text = match clock {
            None if is_wrong => "clock wrong".to_owned(),
            None => return None,
            Some(ahead) if ahead.unsigned_abs() < CLOCK_OFF_SECONDS => "clock right".to_owned(),
            Some(ahead) => {
                let side = if ahead > 0 { "ahead" } else { "behind" };
                format!("clock {} {side}", length(ahead.unsigned_abs()))
            }
        };
        Some(Fact {
            text,
            is_bad: is_wrong,
        })
    }

    /// What the box's doctor found about the device, where it wants to be mended.
    fn findings(&self, device: &DeviceRow) -> Vec<Fact> {
        let findings = self.report.iter().flat_map(|report| &report.findings);
        let about = findings.filter(|it| {
            let mut names = it.check.split(' ');
            it.group == Group::Devices && names.any(|name| name == device.id.as_str())
        });
        let bad = about.filter(|it| matches!(it.outcome, Outcome::Warn | Outcome::Fail));
        bad.filter(|it| !it.check.starts_with("battery"))
            .map(|it| Fact {
                text: it.detail.clone(),
                is_bad: true,
            })
            .collect()
    }
}

fn of_box(status: &GatewayStatus) -> Vec<Fact> {
    let good = |text: &str| Fact {
        text: text.to_owned(),
        is_bad: false,
    };
    let bad = |text: String| Fact { text, is_bad: true };
    let mut facts = vec![match status.state {
        GatewayState::Online => good("connected when it last spoke"),
        GatewayState::Offline => bad("connection lost".to_owned()),
        GatewayState::Stopped => bad("switched off".to_owned()),
    }];
    if !status.radio_ready {
        facts.push(bad("Bluetooth does not work".to_owned()));
    }
    if status.outbox_len > 0 {
        let waiting = i64::try_from(status.outbox_len).unwrap_or(i64::MAX);
        let waiting = words::count(waiting, "record waits", "records wait");
        facts.push(bad(format!("{waiting} to be sent")));
    }
    facts
}

fn of_device(status: &DeviceStatus) -> Vec<Fact> {
    let battery = status.battery_percent.map(|percent| Fact {
        text: format!("battery {percent}%"),
        is_bad: percent < BATTERY_LOW_PERCENT,
    });
    let failed = status
        .failed_at
        .iter()
        .filter(|at| Some(**at) > status.seen_at);
    let failed = i64::try_from(failed.count()).unwrap_or(i64::MAX);
    let failed = (failed > 0).then(|| Fact {
        text: format!(
            "{} failed since it was heard",
            words::count(failed, "connection", "connections")
        ),
        is_bad: true,
    });
    let refused = status.consent_refused.then(|| Fact {
        text: "refuses its user's consent".to_owned(),
        is_bad: true,
    });
    battery.into_iter().chain(failed).chain(refused).collect()
}

/// Says a length of time in the largest unit that fits.
fn length(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn what_wants_to_be_mended_is_told_apart() {
        let mut status = DeviceStatus::new("cuff".parse().unwrap());
        assert_eq!(of_device(&status), []);
        status.battery_percent = Some(14);
        status.failed_at = vec![Timestamp::UNIX_EPOCH];
        let said: Vec<(String, bool)> = of_device(&status)
            .into_iter()
            .map(|it| (it.text, it.is_bad))
            .collect();
        let expected = [
            ("battery 14%".to_owned(), true),
            ("1 connection failed since it was heard".to_owned(), true),
        ];
        assert_eq!(said, expected);
        status.seen_at = Some(Timestamp::UNIX_EPOCH);
        status.battery_percent = Some(15);
        assert!(
            of_device(&status).iter().all(|it| !it.is_bad),
            "it was heard since"
        );
    }

    #[test]
    fn a_length_is_said_in_the_largest_unit_that_fits() {
        let said = [90, 300, 10_800, 400_000].map(length);
        assert_eq!(said, ["90 s", "5 min", "3 h", "4 days"]);
    }
}
