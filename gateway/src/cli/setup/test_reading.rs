//! The fifth step: a reading of each device travels to the server, and its receipt comes back.

use std::time::Duration;

use super::Visit;
use crate::cli::test_reading::{Arrived, arrives};
use crate::control::client;
use vitals::report::ErrorCode;

use crate::cli::Coded;

pub(super) async fn send_all(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let config = visit.config()?;
    let wait_max = Duration::from_secs(visit.args.test_wait);
    let devices = client::devices(&config.state_dir).await.coded(ErrorCode::NotRunning)?;
    for device in devices.into_iter().filter(|it| it.is_bound) {
        if visit.notes.test_confirmed.contains(&device.id) {
            visit.say(format!("✓ {}: the server had its test before", device.id));
            continue;
        }
        eprintln!("    take a measurement with {} ({})", device.id, device.kind.name());
        let Arrived { what, took } = arrives(&config, &device.id, wait_max).await?;
        visit.say(format!("✓ {}: {what}, and the server has it ({:.1} s)", device.id, took.as_secs_f32()));
        visit.notes.test_confirmed.push(device.id);
        visit.keep_notes(&config)?;
    }
    Ok(())
}
