//! Whether a gateway knows the time: one that does not sends no reading, and its patients' kit is to be mended.
//!
//! A gateway without the time stamps by the time since its start, from 1970 on; so its status also tells for how long that
//! has been so.

use clinical::Event;
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;
use vitals::GatewayId;
use vitals::wire::{GatewayStatus, StandingKind};

use super::batch::Batch;
use crate::store::{heard, homes};

/// For how long a gateway may run without knowing the time before somebody is to mend that. It says nothing about patients
/// and follows from what gateways do, so it stands here and in no file: a time server answers within a minute where one can
/// be reached, and a time that can be right is believed after five minutes on the line. Thrice that is no start any more.
const UNSET_FOR_MAX: SignedDuration = SignedDuration::from_mins(15);

/// No true time lies before this: the first program is younger. In seconds since 1970, 2026-01-01T00:00:00Z.
const EARLIEST_S: i64 = 1_767_225_600;

/// Follows what a status shows of its gateway's clock. A box that is being set up is seen by who sets it up.
pub(super) async fn take(
    connection: &mut AnyConnection,
    batch: &mut Batch,
    gateway: &GatewayId,
    status: &GatewayStatus,
) -> anyhow::Result<()> {
    let Some(unset) = changed_to(connection, gateway, status).await? else {
        return Ok(());
    };
    let known = batch.gateway(connection, gateway).await?;
    if known.is_none_or(|it| it.life.standing().standing != StandingKind::Live) {
        return Ok(());
    }
    let now = batch.now;
    for patient in homes::patients_of(connection, gateway).await? {
        let case = batch.casebook.case(connection, &patient).await?;
        // Without a case nobody is monitored; what is noted already is no news.
        if case.is_none_or(|case| case.timeless().contains(gateway) == unset) {
            continue;
        }
        let gateway = gateway.clone();
        let event = Event::GatewayClock { gateway, unset };
        let happened = batch.casebook.handle(connection, &patient, &event, now);
        if happened.await?.is_ok() {
            batch.patients.insert(patient);
        }
    }
    Ok(())
}

/// Gives whether the gateway does not know the time; `None` where that is no news for certain: it has known the time before,
/// or may learn it yet.
async fn changed_to(
    connection: &mut AnyConnection,
    gateway: &GatewayId,
    status: &GatewayStatus,
) -> anyhow::Result<Option<bool>> {
    if let Some(running_for) = running_without_time(status) {
        return Ok((running_for >= UNSET_FOR_MAX).then_some(true));
    }
    let before = heard::of(connection, gateway).await?;
    let before = before.and_then(|heard| heard.status);
    let was_unset = before.is_some_and(|(status, _)| running_without_time(&status).is_some());
    Ok(was_unset.then_some(false))
}

/// Gives for how long a gateway has run without knowing the time; `None` for one that knows it.
pub(crate) fn running_without_time(status: &GatewayStatus) -> Option<SignedDuration> {
    let running_for = status.at.duration_since(Timestamp::UNIX_EPOCH);
    (running_for.as_secs() < EARLIEST_S).then_some(running_for)
}
