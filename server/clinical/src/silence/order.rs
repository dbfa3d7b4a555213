//! The order in which causes are looked for, and what speaks for each.

use jiff::SignedDuration;

use super::cause::Cause;
use super::clue::Clue;
use super::seen::Seen;
use super::signs::{LastWord, Stretch};

/// A cause with what it was found by.
pub(super) struct Found {
    pub(super) cause: Cause,
    pub(super) clues: Vec<Clue>,
}

/// Looks for one cause.
pub(super) type LookFor = fn(&Seen) -> Option<Found>;

/// From the widest cause to the nearest; what none of them explains was left out.
pub(super) const ORDER: [LookFor; 10] = [
    paused,
    our_server,
    our_broker,
    gateway_quiet,
    gateway_without_time,
    gateway_was_quiet,
    clock,
    radio,
    link,
    device,
];

fn found(cause: Cause, clues: impl IntoIterator<Item = Option<Clue>>) -> Option<Found> {
    let clues = clues.into_iter().flatten().collect();
    Some(Found { cause, clues })
}

fn paused(seen: &Seen) -> Option<Found> {
    if !seen.signs.paused {
        return None;
    }
    found(Cause::Paused, [Some(Clue::Paused)])
}

fn our_server(seen: &Seen) -> Option<Found> {
    let down = seen.signs.around.server_down?;
    if !seen.is_explained_by(&down) {
        return None;
    }
    let clue = Clue::ServerDown { from: down.from };
    found(Cause::OutageOfServer, [Some(clue), seen.outbox()])
}

fn our_broker(seen: &Seen) -> Option<Found> {
    let around = &seen.signs.around;
    let down = around.broker_down.filter(|it| seen.is_explained_by(it));
    let (quiet, homes) = (around.homes_quiet, around.homes);
    let is_many = seen.limits.is_many(quiet.into(), homes.into()) && seen.is_quiet();
    if down.is_none() && !is_many {
        return None;
    }
    let many = is_many.then_some(Clue::ManyHomesQuiet { quiet, homes });
    let down = down.map(|it| Clue::BrokerDown { from: it.from });
    found(Cause::OutageOfBroker, [down, many, seen.outbox()])
}

/// The gateway is quiet now, and was when the window closed. Whether it lacks power or internet shows when it is back.
fn gateway_quiet(seen: &Seen) -> Option<Found> {
    let gateway = &seen.signs.gateway;
    let Some(heard_at) = gateway.heard_at else {
        return found(Cause::GatewayOff, [Some(Clue::GatewayNeverHeard)]);
    };
    if !seen.is_quiet() || heard_at >= seen.due.closes {
        return None;
    }
    let word = match gateway.last_word {
        Some(LastWord::Stopped) => [Some(Clue::GatewayStopped), None],
        Some(LastWord::LastWill) => [Some(Clue::ConnectionLost), Some(Clue::PowerOrInternet)],
        Some(LastWord::Online) | None => [Some(Clue::PowerOrInternet), None],
    };
    let since = Some(Clue::GatewayQuiet { since: heard_at });
    found(Cause::GatewayOff, std::iter::once(since).chain(word))
}

/// The gateway is there and knows no time: whatever was taken waits in it.
fn gateway_without_time(seen: &Seen) -> Option<Found> {
    let since = seen.signs.gateway.time_unknown_since?;
    if since >= seen.due.closes {
        return None;
    }
    let clue = Some(Clue::TimeUnknown { since });
    found(Cause::TimeUnknown, [clue, seen.outbox(), seen.late()])
}

/// The gateway was quiet and is back: what it did meanwhile tells power from internet.
fn gateway_was_quiet(seen: &Seen) -> Option<Found> {
    let gateway = &seen.signs.gateway;
    let was_quiet = gateway.was_quiet.filter(|it| seen.takes_the_window(it))?;
    let (from, until) = (was_quiet.from, was_quiet.until?);
    let quiet = Some(Clue::GatewayWasQuiet { from, until });
    let received = (gateway.received_meanwhile > 0).then_some(Clue::ReceivedMeanwhile {
        count: gateway.received_meanwhile,
    });
    let started_at = gateway.restarted_at.filter(|at| *at >= from);
    let ran_from = started_at.unwrap_or(from);
    let ran_long = until.duration_since(ran_from)
        >= SignedDuration::from_mins(seen.limits.start_minutes_max.into());
    let ran = match gateway.restarted_at {
        Some(_) => ran_long,
        None => received.is_some(),
    };
    if !ran {
        let started = started_at.map(|at| Clue::StartedAgain { at });
        return found(Cause::GatewayOff, [quiet, started, seen.late()]);
    }
    // It would have kept a reading taken meanwhile and delivered it: with nothing to deliver, none was taken.
    let is_delivering = seen.late().is_some() || seen.outbox().is_some();
    if !is_delivering {
        return None;
    }
    found(
        Cause::HomeInternetDown,
        [
            quiet,
            Some(Clue::RanWhileQuiet),
            received,
            seen.late(),
            seen.outbox(),
        ],
    )
}

/// A reading came and counts for another window. A wrong clock alone is no cause: most such readings are dated on arrival.
fn clock(seen: &Seen) -> Option<Found> {
    let device = &seen.signs.device;
    let gateway = seen.gateway_clock();
    let is_wrong = gateway.is_some() || device.clock_trouble;
    if device.misdated == 0 || !is_wrong {
        return None;
    }
    let misdated = Clue::Misdated {
        count: device.misdated,
    };
    let own = device.clock_trouble.then_some(Clue::DeviceClockWrong);
    found(Cause::ClockWrong, [Some(misdated), gateway, own])
}

/// The gateway hears no device at all, or can connect to none.
fn radio(seen: &Seen) -> Option<Found> {
    let (gateway, device, home) = (&seen.signs.gateway, &seen.signs.device, &seen.signs.home);
    let is_down = |it: &Stretch| match it.until {
        None => it.from < seen.due.closes,
        Some(_) => seen.takes_the_window(it),
    };
    if gateway.radio_down.as_ref().is_some_and(is_down) {
        let clues = [Some(Clue::RadioNotReady), seen.unheard(), seen.others()];
        return found(Cause::BluetoothFault, clues);
    }
    let around = [gateway.strangers, home.others_unused];
    let mut around = around.iter().flatten().peekable();
    let is_known = around.peek().is_some();
    let own_is_absent = device.unused.is_none_or(|it| seen.is_absent(&it));
    let is_deaf = own_is_absent && is_known && around.all(|it| seen.is_absent(it));
    if is_deaf && home.others_used != Some(true) && device.connection_failures == 0 {
        let clues = [Some(Clue::RadioHearsNothing), seen.unheard(), seen.others()];
        return found(Cause::BluetoothFault, clues);
    }
    let least = seen.limits.connection_failures_min;
    if device.connection_failures >= least && home.others_connection_failures >= least {
        let count = device
            .connection_failures
            .saturating_add(home.others_connection_failures);
        return found(
            Cause::BluetoothFault,
            [Some(Clue::AllConnectionsFail { count })],
        );
    }
    None
}

/// The device was heard, and what it sent could not be had or used.
fn link(seen: &Seen) -> Option<Found> {
    let device = &seen.signs.device;
    let failures = device.connection_failures;
    let fails = (failures >= seen.limits.connection_failures_min)
        .then_some(Clue::ConnectionsFail { count: failures });
    let attempts = (device.failed_attempts >= seen.limits.failed_attempts_min).then_some(
        Clue::FailedAttempts {
            count: device.failed_attempts,
        },
    );
    let refused = device.consent_refused.then_some(Clue::ConsentRefused);
    if refused.is_some() {
        return found(
            Cause::DeviceOutOfRangeOrBroken,
            [refused, fails, seen.late()],
        );
    }
    if fails.is_none() && attempts.is_none() && device.arrived_late == 0 {
        return None;
    }
    let battery = seen.battery();
    let cause = match battery {
        Some(_) => Cause::DeviceBattery,
        None => Cause::DeviceOutOfRangeOrBroken,
    };
    found(cause, [battery, attempts, fails, seen.late()])
}

/// The device was not heard although it should have been: other devices were used, or it is heard even when unused.
fn device(seen: &Seen) -> Option<Found> {
    let (device, home) = (&seen.signs.device, &seen.signs.home);
    let is_there = match &device.unused {
        Some(unused) => !seen.is_absent(unused),
        None => seen.heard_at().is_some(),
    };
    if is_there {
        return None;
    }
    let usual = device.unused.map(|_| Clue::UsuallyHeard);
    let battery = seen.battery();
    let is_alone = home.others_used.is_none();
    let others = seen.others().filter(|_| home.others_used == Some(true));
    if battery.is_some() && (is_alone || usual.is_some() || others.is_some()) {
        return found(
            Cause::DeviceBattery,
            [battery, seen.unheard(), usual, others],
        );
    }
    if usual.is_none() && others.is_none() {
        return None;
    }
    found(
        Cause::DeviceOutOfRangeOrBroken,
        [seen.unheard(), usual, others, seen.battery_unknown()],
    )
}

/// Everything worked, as far as can be told, and no reading was taken.
pub(super) fn left_out(seen: &Seen) -> Found {
    let device = &seen.signs.device;
    let heard = seen.heard_at().map(|at| Clue::DeviceHeard { at });
    let cannot_tell = heard.is_none().then_some(Clue::CannotTell);
    let clues = [
        Some(Clue::KitWorked),
        heard,
        seen.unheard(),
        seen.others(),
        seen.battery(),
        (device.failed_attempts > 0).then_some(Clue::FailedAttempts {
            count: device.failed_attempts,
        }),
        seen.gateway_clock(),
        cannot_tell,
    ];
    Found {
        cause: Cause::PatientSkipped,
        clues: clues.into_iter().flatten().collect(),
    }
}
