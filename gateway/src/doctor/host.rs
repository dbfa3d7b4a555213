//! The box itself: power, heat, disk, memory and clock.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use vitals::report::{ErrorCode, Finding, Group};

use super::bluetooth::system_bus;
use crate::clock::is_stamp;
use crate::config::Config;

/// A Raspberry Pi slows itself down from 80 °C and again at 85 °C (its documentation, "Frequency management and thermal
/// control"); other boards are alike.
const HOT_CELSIUS: i64 = 75;
const TOO_HOT_CELSIUS: i64 = 85;
/// Beside what the outbox may still grow by: room for logs and updates.
const DISK_SPARE_BYTES: u64 = 64 * 1024 * 1024;
/// A worn card takes seconds for what takes milliseconds on a good one.
const WRITE_WARN: Duration = Duration::from_secs(1);
const MEMORY_WARN_KIB: u64 = 48 * 1024;
const MEMORY_FAIL_KIB: u64 = 16 * 1024;
const PROBE_FILE: &str = ".doctor-probe";
const MIB: u64 = 1024 * 1024;

pub(super) async fn look(config: &Config, now: Timestamp) -> Vec<Finding> {
    let state_dir = config.state_dir.clone();
    let size_max = config.outbox.size_bytes_max;
    let blocking = spawn_blocking(move || {
        vec![
            power(low_voltage(Path::new("/sys/class/hwmon"))),
            heat(hottest(Path::new("/sys/class/thermal"))),
            disk(
                free_bytes(&state_dir).ok(),
                size_max,
                outbox_len(&state_dir),
            ),
            writing(write_time(&state_dir)),
            memory(available_kib(Path::new("/proc/meminfo"))),
        ]
    });
    let mut findings = blocking.await.unwrap_or_default();
    findings.push(clock(clock_is_set().await, now));
    findings
}

fn power(low: Option<bool>) -> Finding {
    match low {
        Some(true) => Finding::fail(Group::Box, "power", ErrorCode::LowPower, "under-voltage"),
        Some(false) => Finding::pass(Group::Box, "power", "no under-voltage"),
        None => Finding::skipped(Group::Box, "power", "this board does not tell"),
    }
}

fn heat(celsius: Option<i64>) -> Finding {
    let Some(celsius) = celsius else {
        return Finding::skipped(Group::Box, "heat", "this board does not tell");
    };
    let detail = format!("{celsius} °C");
    match celsius {
        TOO_HOT_CELSIUS.. => Finding::fail(Group::Box, "heat", ErrorCode::Hot, detail),
        HOT_CELSIUS.. => Finding::warn(Group::Box, "heat", ErrorCode::Hot, detail),
        _ => Finding::pass(Group::Box, "heat", detail),
    }
}

fn disk(free: Option<u64>, outbox_size_max: u64, outbox_len: u64) -> Finding {
    let Some(free) = free else {
        return Finding::skipped(Group::Box, "disk", "the state folder is not there yet");
    };
    let detail = format!("{} MiB free", free / MIB);
    if free < DISK_SPARE_BYTES {
        Finding::fail(Group::Box, "disk", ErrorCode::DiskFull, detail)
    } else if free < outbox_size_max.saturating_sub(outbox_len) + DISK_SPARE_BYTES {
        let needed = format!(
            "{detail}, and readings may take {} MiB",
            outbox_size_max / MIB
        );
        Finding::warn(Group::Box, "disk", ErrorCode::DiskFull, needed)
    } else {
        Finding::pass(Group::Box, "disk", detail)
    }
}

fn writing(took: std::io::Result<Duration>) -> Finding {
    match took {
        Ok(took) if took < WRITE_WARN => {
            Finding::pass(Group::Box, "disk write", format!("{} ms", took.as_millis()))
        }
        Ok(took) => {
            let detail = format!("{} ms for one page", took.as_millis());
            Finding::warn(Group::Box, "disk write", ErrorCode::DiskSlow, detail)
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Finding::skipped(
            Group::Box,
            "disk write",
            "be root, or the gateway's user, to try",
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::skipped(
            Group::Box,
            "disk write",
            "the state folder is not there yet",
        ),
        Err(error) => Finding::fail(
            Group::Box,
            "disk write",
            ErrorCode::DiskSlow,
            error.to_string(),
        ),
    }
}

fn memory(available_kib: Option<u64>) -> Finding {
    let Some(kib) = available_kib else {
        return Finding::skipped(Group::Box, "memory", "hidden from this program");
    };
    let detail = format!("{} MiB available", kib / 1024);
    if kib < MEMORY_FAIL_KIB {
        Finding::fail(Group::Box, "memory", ErrorCode::MemoryLow, detail)
    } else if kib < MEMORY_WARN_KIB {
        Finding::warn(Group::Box, "memory", ErrorCode::MemoryLow, detail)
    } else {
        Finding::pass(Group::Box, "memory", detail)
    }
}

fn clock(set: Option<bool>, now: Timestamp) -> Finding {
    if is_stamp(now) {
        let detail = "shows a time before this program was written";
        return Finding::fail(Group::Box, "clock", ErrorCode::TimeUnknown, detail);
    }
    match set {
        Some(true) => Finding::pass(Group::Box, "clock", "set by the network"),
        Some(false) => Finding::warn(
            Group::Box,
            "clock",
            ErrorCode::ClockNotSet,
            "not set by the network",
        ),
        None => Finding::skipped(
            Group::Box,
            "clock",
            "the system does not tell whether it is set",
        ),
    }
}

/// Asks the Raspberry Pi's voltage sensor (`rpi_volt`, Linux' hwmon interface).
fn low_voltage(hwmon: &Path) -> Option<bool> {
    let sensor = children(hwmon).into_iter().find(|it| {
        std::fs::read_to_string(it.join("name")).is_ok_and(|name| name.trim() == "rpi_volt")
    })?;
    let alarm = std::fs::read_to_string(sensor.join("in0_lcrit_alarm")).ok()?;
    Some(alarm.trim() != "0")
}

fn hottest(thermal: &Path) -> Option<i64> {
    let zones = children(thermal).into_iter();
    let millis = zones.filter_map(|zone| {
        let text = std::fs::read_to_string(zone.join("temp")).ok()?;
        text.trim().parse::<i64>().ok()
    });
    millis.max().map(|it| it / 1000)
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok).map(|it| it.path()).collect()
}

fn free_bytes(state_dir: &Path) -> std::io::Result<u64> {
    let about = rustix::fs::statvfs(state_dir)?;
    Ok(about.f_bavail.saturating_mul(about.f_frsize))
}

fn outbox_len(state_dir: &Path) -> u64 {
    let file = state_dir.join(crate::outbox::FILE_NAME);
    std::fs::metadata(file).map_or(0, |it| it.len())
}

/// Writes a page as the outbox does, and waits until it is on the disk; the file is taken away again.
fn write_time(state_dir: &Path) -> std::io::Result<Duration> {
    let path = state_dir.join(PROBE_FILE);
    let began = Instant::now();
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    });
    let took = began.elapsed();
    let removed = std::fs::remove_file(&path);
    written.and(removed)?;
    Ok(took)
}

fn available_kib(meminfo: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(meminfo).ok()?;
    let line = text
        .lines()
        .find_map(|it| it.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Asks systemd's time service whether a time server has set the clock; other time services tell it too.
async fn clock_is_set() -> Option<bool> {
    let connection = system_bus().await?;
    let property = ("org.freedesktop.timedate1", "NTPSynchronized");
    let reply = connection
        .call_method(
            Some("org.freedesktop.timedate1"),
            "/org/freedesktop/timedate1",
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &property,
        )
        .await
        .ok()?;
    match *reply.body().deserialize::<zbus::OwnedVariant>().ok()? {
        zbus::Variant::Bool(set) => Some(set),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::report::Outcome;

    #[test]
    fn heat_memory_and_disk_are_judged_from_what_is_good_to_what_is_not() {
        let of = |finding: Finding| finding.outcome;
        assert_eq!(of(heat(Some(41))), Outcome::Pass);
        assert_eq!(of(heat(Some(HOT_CELSIUS))), Outcome::Warn);
        assert_eq!(of(heat(Some(TOO_HOT_CELSIUS))), Outcome::Fail);
        assert_eq!(of(memory(Some(400_000))), Outcome::Pass);
        assert_eq!(of(memory(Some(MEMORY_WARN_KIB - 1))), Outcome::Warn);
        assert_eq!(of(memory(Some(MEMORY_FAIL_KIB - 1))), Outcome::Fail);
        assert_eq!(of(disk(Some(11_000 * MIB), 256 * MIB, 0)), Outcome::Pass);
        assert_eq!(of(disk(Some(100 * MIB), 256 * MIB, 0)), Outcome::Warn);
        assert_eq!(
            of(disk(Some(100 * MIB), 256 * MIB, 250 * MIB)),
            Outcome::Pass
        );
        assert_eq!(of(disk(Some(10 * MIB), 256 * MIB, 0)), Outcome::Fail);
        assert_eq!(of(writing(Ok(Duration::from_millis(4)))), Outcome::Pass);
        assert_eq!(of(writing(Ok(Duration::from_secs(3)))), Outcome::Warn);
        let read_only = std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem);
        assert_eq!(of(writing(Err(read_only))), Outcome::Fail);
    }

    #[test]
    fn a_clock_that_cannot_be_right_is_worse_than_one_that_nobody_has_set() {
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let code = |set, now| clock(set, now).code;
        assert_eq!(code(Some(true), now), None);
        assert_eq!(code(None, now), None);
        assert_eq!(code(Some(false), now), Some(ErrorCode::ClockNotSet));
        let unknown = Some(ErrorCode::TimeUnknown);
        assert_eq!(code(None, Timestamp::UNIX_EPOCH), unknown);
        assert_eq!(code(Some(false), Timestamp::UNIX_EPOCH), unknown);
    }

    #[test]
    fn what_the_kernel_tells_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let sensor = folder.path().join("hwmon1");
        std::fs::create_dir(&sensor).unwrap();
        std::fs::write(sensor.join("name"), "rpi_volt\n").unwrap();
        std::fs::write(sensor.join("in0_lcrit_alarm"), "1\n").unwrap();
        std::fs::write(sensor.join("temp"), "41200\n").unwrap();
        assert_eq!(low_voltage(folder.path()), Some(true));
        assert_eq!(hottest(folder.path()), Some(41));
        let meminfo = folder.path().join("meminfo");
        std::fs::write(&meminfo, "MemTotal: 9 kB\nMemAvailable:   123456 kB\n").unwrap();
        assert_eq!(available_kib(&meminfo), Some(123_456));
        assert_eq!(low_voltage(&meminfo), None);
        assert_eq!(hottest(&sensor), None);
        assert!(write_time(folder.path()).is_ok());
        assert!(free_bytes(folder.path()).unwrap() > 0);
    }
}
