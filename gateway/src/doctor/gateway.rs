//! The running gateway: whether it gets on, what waits in it, and each device of this home.

use jiff::{SignedDuration, Timestamp};
use vitals::report::{ErrorCode, Finding, Group};
use vitals::wire::{DeviceStatus, GatewayStatus};

use super::Health;
use crate::clock::Certainty;
use crate::config::Config;

/// Readings that wait for longer than this are worth a look; a server that is restarted takes minutes.
const WAIT_WARN: SignedDuration = SignedDuration::from_mins(15);
const OUTBOX_WARN_PERCENT: u8 = 50;
const OUTBOX_FAIL_PERCENT: u8 = 90;
const BATTERY_WARN_PERCENT: u8 = 15;
/// Three failures in a row of the few that are remembered, with nothing heard in between.
const FAILURES_WARN: usize = 3;
/// Home measurements are taken daily or weekly; a device that was not heard for longer is probably not in use.
const UNHEARD_WARN: SignedDuration = SignedDuration::from_hours(8 * 24);

pub(super) fn judge(config: &Config, health: &Result<Health, String>) -> Vec<Finding> {
    let health = match health {
        Ok(health) => health,
        Err(why) => {
            return vec![Finding::fail(
                Group::Gateway,
                "runs",
                ErrorCode::NotRunning,
                why.clone(),
            )];
        }
    };
    // By the clock that dated all that it tells.
    let now = health.status.at;
    let mut findings = vec![
        runs(health),
        version(&health.status),
        time(health.time),
        connection(health, now),
        waiting(&health.status, now),
        room(&health.status),
        refused(&health.status),
    ];
    for device in &config.devices {
        let known = health
            .status
            .devices
            .iter()
            .find(|it| it.device == device.id);
        match known {
            Some(known) => findings.extend(judge_device(known, now)),
            None => findings.push(Finding::skipped(
                Group::Devices,
                device.id.to_string(),
                "not heard since the gateway started",
            )),
        }
    }
    findings
}

fn runs(health: &Health) -> Finding {
    match &health.stuck {
        Some(task) => {
            let detail = format!("its {task} does not get on");
            Finding::fail(Group::Gateway, "runs", ErrorCode::Stuck, detail)
        }
        None => Finding::pass(Group::Gateway, "runs", "every part gets on"),
    }
}

fn version(status: &GatewayStatus) -> Finding {
    let ours = env!("CARGO_PKG_VERSION");
    if status.software_version == ours {
        return Finding::pass(Group::Gateway, "version", ours);
    }
    let detail = format!("{} runs, {ours} is installed", status.software_version);
    Finding::warn(Group::Gateway, "version", ErrorCode::OtherVersion, detail)
}

fn time(certainty: Certainty) -> Finding {
    match certainty {
        Certainty::Known => Finding::pass(Group::Gateway, "time", "known"),
        Certainty::Unconfirmed => {
            let detail = "believed, and confirmed by no time server";
            let code = ErrorCode::ClockNotSet;
            Finding::warn(Group::Gateway, "time", code, detail)
        }
        Certainty::Unknown => {
            let detail = "not known; readings are saved, and sent once it is";
            Finding::fail(Group::Gateway, "time", ErrorCode::TimeUnknown, detail)
        }
    }
}

fn connection(health: &Health, now: Timestamp) -> Finding {
    if !health.connected {
        let code = match health.time {
            _ if !health.out_of_time => ErrorCode::Unreachable,
            Certainty::Unknown => ErrorCode::TimeUnknown,
            Certainty::Unconfirmed | Certainty::Known => ErrorCode::OutOfTime,
        };
        let detail = health.connection();
        return Finding::fail(Group::Gateway, "connection", code, detail);
    }
    let detail = match health.receipt_at {
        Some(at) => format!("connected; the server last confirmed {} ago", age(at, now)),
        None => "connected; nothing had to be confirmed since the start".to_owned(),
    };
    Finding::pass(Group::Gateway, "connection", detail)
}

fn waiting(status: &GatewayStatus, now: Timestamp) -> Finding {
    let Some(oldest) = status.oldest_unreceipted_at else {
        return Finding::pass(Group::Gateway, "waiting", "the server has every reading");
    };
    let detail = format!(
        "{} wait, the oldest for {}",
        status.outbox_len,
        age(oldest, now)
    );
    if now.duration_since(oldest) > WAIT_WARN {
        Finding::warn(Group::Gateway, "waiting", ErrorCode::ReadingsWait, detail)
    } else {
        Finding::pass(Group::Gateway, "waiting", detail)
    }
}

fn room(status: &GatewayStatus) -> Finding {
    let detail = format!("{} % of its room is used", status.outbox_used_percent);
    match status.outbox_used_percent {
        OUTBOX_FAIL_PERCENT.. => {
            Finding::fail(Group::Gateway, "room", ErrorCode::OutboxFull, detail)
        }
        OUTBOX_WARN_PERCENT.. => {
            Finding::warn(Group::Gateway, "room", ErrorCode::OutboxFull, detail)
        }
        _ => Finding::pass(Group::Gateway, "room", detail),
    }
}

fn refused(status: &GatewayStatus) -> Finding {
    if status.refused_len == 0 {
        return Finding::pass(Group::Gateway, "refused", "no record was refused");
    }
    let detail = format!("{} records", status.refused_len);
    Finding::warn(Group::Gateway, "refused", ErrorCode::RecordsRefused, detail)
}

fn judge_device(known: &DeviceStatus, now: Timestamp) -> Vec<Finding> {
    let name = &known.device;
    let lately =
        |seen: Option<Timestamp>| known.failed_at.iter().filter(move |at| Some(**at) > seen);
    let failures = lately(known.seen_at).count();
    let heard = match known.seen_at {
        _ if failures >= FAILURES_WARN => {
            let detail = format!("{failures} connections failed, and none came about since");
            Finding::warn(
                Group::Devices,
                format!("{name}"),
                ErrorCode::ConnectionsFail,
                detail,
            )
        }
        Some(at) if now.duration_since(at) > UNHEARD_WARN => {
            let detail = format!("last heard {} ago", age(at, now));
            Finding::warn(
                Group::Devices,
                format!("{name}"),
                ErrorCode::DeviceUnheard,
                detail,
            )
        }
        Some(at) => Finding::pass(
            Group::Devices,
            format!("{name}"),
            format!("last heard {} ago", age(at, now)),
        ),
        None => Finding::skipped(
            Group::Devices,
            format!("{name}"),
            "not heard since the gateway started",
        ),
    };
    let battery = known.battery_percent.map(|percent| {
        let check = format!("battery {name}");
        let detail = format!("{percent} %");
        if percent < BATTERY_WARN_PERCENT {
            Finding::warn(Group::Devices, check, ErrorCode::BatteryLow, detail)
        } else {
            Finding::pass(Group::Devices, check, detail)
        }
    });
    std::iter::once(heard).chain(battery).collect()
}

/// Says how long ago something was, in the largest unit that fits.
fn age(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs().max(0);
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
    use crate::config;
    use vitals::wire::GatewayState;

    fn now() -> Timestamp {
        "2026-11-27T12:00:00Z".parse().unwrap()
    }

    fn ago(text: &str) -> Timestamp {
        now() - text.parse::<SignedDuration>().unwrap()
    }

    fn well() -> Health {
        Health {
            status: GatewayStatus {
                state: GatewayState::Online,
                at: now(),
                software_version: env!("CARGO_PKG_VERSION").to_owned(),
                outbox_len: 0,
                oldest_unreceipted_at: None,
                outbox_used_percent: 1,
                refused_len: 0,
                radio_ready: true,
                strangers_ignored: 0,
                started_at: None,
                run: None,
                certificate_ends_at: None,
                devices: vec![DeviceStatus {
                    seen_at: Some(ago("PT2H")),
                    battery_percent: Some(80),
                    ..DeviceStatus::new("cuff-1".parse().unwrap())
                }],
            },
            connected: true,
            out_of_time: false,
            time: Certainty::Known,
            receipt_at: Some(ago("PT2H")),
            stuck: None,
        }
    }

    fn codes(health: &Result<Health, String>) -> Vec<ErrorCode> {
        let config = config::parse(
            "gateway_id = \"gw-1\"\nstate_dir = \"/nowhere\"\nhome_time_zone = \"Europe/London\"\n[broker]\naddress = \"127.0.0.1:1\"\n\
             [[device]]\nid = \"cuff-1\"\naddress = \"00:00:5E:00:53:01\"\nkind = \"cuff\"\n\
             [[device]]\nid = \"scale-1\"\naddress = \"00:00:5E:00:53:02\"\nkind = \"scale\"",
        )
        .unwrap();
        let findings = judge(&config, health);
        findings.into_iter().filter_map(|it| it.code).collect()
    }

    fn with(change: impl FnOnce(&mut Health)) -> Vec<ErrorCode> {
        let mut health = well();
        change(&mut health);
        codes(&Ok(health))
    }

    #[test]
    fn a_gateway_that_is_well_has_no_code_and_each_trouble_its_own() {
        assert_eq!(with(|_| {}), []);
        assert_eq!(
            codes(&Err("nobody answers".to_owned())),
            [ErrorCode::NotRunning]
        );
        assert_eq!(
            with(|it| it.stuck = Some("radio".to_owned())),
            [ErrorCode::Stuck]
        );
        assert_eq!(
            with(|it| it.status.software_version.push('9')),
            [ErrorCode::OtherVersion]
        );
        assert_eq!(with(|it| it.connected = false), [ErrorCode::Unreachable]);
        assert_eq!(
            with(|it| it.status.oldest_unreceipted_at = Some(ago("PT14M"))),
            []
        );
        assert_eq!(
            with(|it| it.status.oldest_unreceipted_at = Some(ago("PT16M"))),
            [ErrorCode::ReadingsWait]
        );
        assert_eq!(
            with(|it| it.status.outbox_used_percent = 90),
            [ErrorCode::OutboxFull]
        );
        assert_eq!(
            with(|it| it.status.refused_len = 1),
            [ErrorCode::RecordsRefused]
        );
    }

    #[test]
    fn a_box_that_does_not_know_the_time_says_so_before_anything_else() {
        assert_eq!(
            with(|it| it.time = Certainty::Unconfirmed),
            [ErrorCode::ClockNotSet]
        );
        let cut_off = |time| {
            with(|it| {
                (it.time, it.connected, it.out_of_time) = (time, false, true);
            })
        };
        let unknown = ErrorCode::TimeUnknown;
        assert_eq!(cut_off(Certainty::Unknown), [unknown, unknown]);
        assert_eq!(cut_off(Certainty::Known), [ErrorCode::OutOfTime]);
        assert_eq!(
            with(|it| (it.time, it.connected) = (Certainty::Unknown, false)),
            [unknown, ErrorCode::Unreachable],
            "without the internet, not for its clock"
        );
    }

    #[test]
    fn each_trouble_of_a_device_has_its_code() {
        let device = |change: fn(&mut DeviceStatus)| with(|it| change(&mut it.status.devices[0]));
        assert_eq!(
            device(|it| it.battery_percent = Some(14)),
            [ErrorCode::BatteryLow]
        );
        assert_eq!(
            device(|it| it.seen_at = Some(ago("PT200H"))),
            [ErrorCode::DeviceUnheard]
        );
        assert_eq!(
            device(|it| it.failed_at = vec![ago("PT1H"); 3]),
            [ErrorCode::ConnectionsFail]
        );
        assert_eq!(
            device(|it| it.failed_at = vec![ago("PT3H"); 3]),
            [],
            "it was heard since"
        );
    }

    #[test]
    fn ages_are_said_in_the_largest_unit_that_fits() {
        for (past, said) in [
            ("PT0S", "0 s"),
            ("PT119S", "119 s"),
            ("PT3H", "3 h"),
            ("PT119M", "119 min"),
        ] {
            assert_eq!(age(ago(past), now()), said);
        }
        assert_eq!(age(ago("PT72H"), now()), "3 days");
        assert_eq!(
            age(now() + SignedDuration::from_secs(5), now()),
            "0 s",
            "a clock that was set back"
        );
    }
}
