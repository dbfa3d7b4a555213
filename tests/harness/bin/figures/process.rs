//! What the kernel says of a running program.

use std::path::Path;

use anyhow::Context;
use hearth_tests::home::Home;

/// How many ticks the kernel counts a second of processor time in, on every Linux that we run on (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Gives the memory that the gateway has now, in bytes.
pub(crate) fn resident(home: &mut Home) -> anyhow::Result<u64> {
    status(home, "VmRSS:")
}

/// Gives the most memory that the gateway ever had, in bytes.
pub(crate) fn resident_max(home: &mut Home) -> anyhow::Result<u64> {
    status(home, "VmHWM:")
}

/// Gives the processor time that the gateway has used, in seconds.
pub(crate) fn cpu_seconds(home: &mut Home) -> anyhow::Result<f64> {
    let stat = read(id(home)?, "stat")?;
    // proc(5): after the name in brackets come state and ten more, then utime and stime.
    let (_, rest) = stat.rsplit_once(')').context("no name in brackets")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
    Ok(f64::from(ticks) / TICKS_PER_SECOND)
}

/// Gives the memory that a process has now, in bytes.
pub(crate) fn resident_of(id: u32) -> anyhow::Result<u64> {
    status_of(id, "VmRSS:")
}

fn status(home: &mut Home, name: &str) -> anyhow::Result<u64> {
    status_of(id(home)?, name)
}

fn status_of(id: u32, name: &str) -> anyhow::Result<u64> {
    let status = read(id, "status")?;
    let rest = status.lines().find_map(|line| line.strip_prefix(name));
    let rest = rest.with_context(|| format!("no {name}"))?;
    let kib: u64 = rest.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}

fn id(home: &mut Home) -> anyhow::Result<u32> {
    home.gateway()?.id().context("the gateway is gone")
}

fn read(id: u32, name: &str) -> anyhow::Result<String> {
    let file = Path::new("/proc").join(id.to_string()).join(name);
    Ok(std::fs::read_to_string(file)?)
}

/// Writes bytes as they are read best.
pub(crate) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / 1_048_576.0)
}
