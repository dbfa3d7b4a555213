//! The fourth step: every device of the kit is paired, or left for later on purpose.

use anyhow::bail;
use vitals::report::ErrorCode;

use super::Visit;
use crate::cli::Coded;
use crate::cli::pair::{Added, add};
use crate::control::client;
use crate::radio::DeviceReport;

pub(super) async fn pair_all(visit: &mut Visit<'_>) -> anyhow::Result<()> {
    let config = visit.config()?;
    let devices = client::devices(&config.state_dir)
        .await
        .coded(ErrorCode::NotRunning)?;
    if devices.is_empty() {
        bail!("this home has no devices; ask the office to put them on the install job");
    }
    for device in devices {
        if device.is_bound {
            visit.notes.skipped.retain(|it| *it != device.id);
            visit.say(format!("✓ {} ({})", device.id, device.kind.name()));
        } else if visit.args.skipped.contains(&device.id)
            || visit.notes.skipped.contains(&device.id)
        {
            leave(visit, &device);
        } else {
            pair(visit, &device).await?;
        }
        visit.keep_notes(&config)?;
    }
    Ok(())
}

async fn pair(visit: &mut Visit<'_>, device: &DeviceReport) -> anyhow::Result<()> {
    let config = visit.config()?;
    let known = visit.args.devices.iter().find(|(id, _)| *id == device.id);
    let address = known.map(|(_, address)| *address);
    match add(&config, &device.id, address, visit.asker).await? {
        Added::Paired => visit.say(format!("✓ {} ({}) paired", device.id, device.kind.name())),
        Added::Left => leave(visit, device),
    }
    Ok(())
}

fn leave(visit: &mut Visit<'_>, device: &DeviceReport) {
    if !visit.notes.skipped.contains(&device.id) {
        visit.notes.skipped.push(device.id.clone());
    }
    visit.say(format!(
        "! {} ({}) left for later: gateway pair add {}",
        device.id,
        device.kind.name(),
        device.id
    ));
}
