//! Hanging up at once: BlueZ itself waits two seconds before it ends a link.

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

/// Ends every link of an adapter, as a device does that switches its radio off.
pub(super) async fn hang_up(adapter: &str) -> Result<()> {
    let links = hcitool(adapter, &["con"]).await?;
    for handle in handles(&links) {
        hcitool(adapter, &["ledc", handle]).await?;
    }
    Ok(())
}

async fn hcitool(adapter: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("hcitool");
    command.args(["-i", adapter]).args(arguments);
    let output = command.output().await.context("hcitool cannot be run")?;
    ensure!(
        output.status.success(),
        "hcitool: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Finds the handles in lines such as `\t< LE 00:AA:01:00:00:24 handle 42 state 1 lm CENTRAL`.
fn handles(links: &str) -> impl Iterator<Item = &str> {
    links.lines().filter_map(|line| {
        let (_, rest) = line.split_once(" handle ")?;
        rest.split(' ').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handle_of_each_link_is_found() {
        let links = "Connections:\n\t< LE 00:AA:01:00:00:24 handle 42 state 1 lm CENTRAL\n";
        assert_eq!(handles(links).collect::<Vec<_>>(), ["42"]);
    }
}
