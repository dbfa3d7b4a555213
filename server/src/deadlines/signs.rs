//! Signs: everything that the store knows about an empty window. What it does not know stays unknown.

use clinical::silence::{
    DeviceSigns, GatewaySigns, HomeSigns, LastWord, Signs, SilenceLimits, Stretch,
};
use clinical::{Case, Due, PatientId};
use jiff::Timestamp;
use sqlx::AnyConnection;
use vitals::QualityMark;
use vitals::wire::DeviceStatus;

use super::look::Look;
use super::quiet::Hearing;
use crate::ingest::time_known::running_without_time;
use crate::store::boxes;
use crate::store::heard::{self, Heard, StretchKind};
use crate::store::homes::{self, HomeRow};
use crate::store::used::{self, UsedDevice};

/// What all gathering of a round shares.
#[derive(Debug, Clone, Copy)]
pub(super) struct Knowing<'a> {
    pub(super) look: &'a Look,
    pub(super) limits: &'a SilenceLimits,
    pub(super) now: Timestamp,
}

/// Gathers the signs of a window; `None` for a patient without any kit, of whom nothing can be known.
///
/// # Errors
/// When the database fails.
pub(super) async fn gather(
    connection: &mut AnyConnection,
    patient: &PatientId,
    case: &Case,
    due: &Due,
    knowing: Knowing<'_>,
) -> anyhow::Result<Option<Signs>> {
    let device = used::device_for(connection, patient, due.what).await?;
    let homes = homes::of(connection, patient).await?;
    let home = match &device {
        Some(device) => homes.iter().find(|row| row.gateway == device.gateway),
        None => homes.first(),
    };
    let Some(home) = home else {
        return Ok(None);
    };
    let others_used = used::others_since(
        connection,
        patient,
        device.as_ref().map(|it| &it.id),
        due.opens,
    )
    .await?;
    let life = boxes::life(connection, &home.gateway).await?;
    let is_monitored = life.is_none_or(|life| life.was_monitored_since(due.opens));
    let heard = heard::of(connection, &home.gateway).await?;
    let status = heard.as_ref().and_then(|heard| heard.status.as_ref());
    let told = status.map_or(&[][..], |(status, _)| &status.devices);
    let is_paused = |pause: &clinical::Pause| pause.from < due.closes && due.closes <= pause.until;
    Ok(Some(Signs {
        gateway: gateway(connection, home, heard.as_ref(), due, knowing).await?,
        device: match &device {
            Some(device) => of_device(connection, device, due, told).await?,
            None => DeviceSigns::default(),
        },
        home: HomeSigns {
            others_used,
            others_connection_failures: told
                .iter()
                .filter(|it| device.as_ref().is_none_or(|device| device.id != it.device))
                .map(|it| failures_since(it, due.opens))
                .sum(),
            ..HomeSigns::default()
        },
        around: knowing
            .look
            .around(patient, due, knowing.limits, knowing.now),
        paused: case.pauses().iter().any(is_paused) || !is_monitored,
    }))
}

async fn gateway(
    connection: &mut AnyConnection,
    home: &HomeRow,
    heard: Option<&Heard>,
    due: &Due,
    knowing: Knowing<'_>,
) -> anyhow::Result<GatewaySigns> {
    let quiet = heard::stretches(connection, &home.gateway, StretchKind::Quiet, due.opens).await?;
    let hearing = Hearing {
        outages: &knowing.look.outages,
        limits: knowing.limits,
        now: knowing.now,
    };
    let was_quiet = quiet
        .into_iter()
        .filter(|it| it.from < due.due_at && !hearing.is_ours(it))
        .max_by_key(|it| length(it, knowing.now));
    let received_meanwhile = match was_quiet.and_then(|it| Some((it.from, it.until?))) {
        Some((from, until)) => {
            used::received_within(connection, &home.gateway, from, until).await?
        }
        None => 0,
    };
    let radio_down =
        heard::stretches(connection, &home.gateway, StretchKind::RadioDown, due.opens).await?;
    let status = heard.and_then(|heard| heard.status.as_ref());
    let without_time =
        status.and_then(|(status, arrived_at)| Some((running_without_time(status)?, *arrived_at)));
    Ok(GatewaySigns {
        heard_at: heard.map(|heard| heard.at),
        last_word: home.last_word.or(heard.map(|_| LastWord::Online)),
        was_quiet,
        received_meanwhile,
        time_unknown_since: without_time.and_then(|(for_long, at)| at.checked_sub(for_long).ok()),
        clock_offset_seconds: status
            .filter(|_| without_time.is_none())
            .map(|(status, arrived_at)| status.at.duration_since(*arrived_at).as_secs()),
        radio_down: radio_down
            .into_iter()
            .max_by_key(|it| length(it, knowing.now)),
        restarted_at: status.and_then(|(status, _)| status.started_at),
        outbox_len: status.map(|(status, _)| status.outbox_len),
        ..GatewaySigns::default()
    })
}

fn failures_since(told: &DeviceStatus, since: Timestamp) -> u32 {
    let failures = told.failed_at.iter().filter(|at| **at >= since).count();
    u32::try_from(failures).unwrap_or(u32::MAX)
}

fn length(stretch: &Stretch, now: Timestamp) -> jiff::SignedDuration {
    stretch.until.unwrap_or(now).duration_since(stretch.from)
}

async fn of_device(
    connection: &mut AnyConnection,
    device: &UsedDevice,
    due: &Due,
    told: &[DeviceStatus],
) -> anyhow::Result<DeviceSigns> {
    let marks = used::last_marks(connection, &device.id).await?;
    let is_clock = |mark: &QualityMark| {
        matches!(
            mark,
            QualityMark::DeviceClockUnset
                | QualityMark::DeviceTimeInFuture
                | QualityMark::DeviceClockUnread
        )
    };
    let told = told.iter().find(|it| it.device == device.id);
    Ok(DeviceSigns {
        seen_at: device.used_at.max(told.and_then(|it| it.seen_at)),
        battery_percent: told.and_then(|it| it.battery_percent),
        connection_failures: told.map_or(0, |it| failures_since(it, due.opens)),
        consent_refused: told.is_some_and(|it| it.consent_refused),
        arrived_late: used::arrived_late(connection, &device.id, due).await?,
        failed_attempts: used::attempts_since(connection, &device.id, due.opens).await?,
        clock_trouble: marks.iter().any(is_clock),
        misdated: used::misdated(connection, &device.id, due.opens, due.closes).await?,
        ..DeviceSigns::default()
    })
}
