//! `gateway factory-reset`: the box forgets its home and proves that it did.

use anyhow::bail;
use vitals::GatewayId;

use super::WithConfig;
use crate::clock::Clock;
use crate::{doctor, reset};

#[derive(Debug, clap::Args)]
pub(super) struct ResetArgs {
    #[command(flatten)]
    config: WithConfig,
    /// The name of this box, so that no other is reset by mistake.
    #[arg(long, value_name = "ID")]
    confirm: GatewayId,
    /// How many readings that the server does not have are to be lost for ever.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    readings_lost: u64,
}

impl ResetArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (config, is_named) = self.config.load_unnamed()?;
        if !is_named {
            match reset::proof(&config.state_dir) {
                Some(proof) => return say(&proof),
                None => bail!("this box has no name: there is nothing to forget"),
            }
        }
        if config.gateway_id != self.confirm {
            bail!(
                "this box is {}, not {}: look at its label",
                config.gateway_id,
                self.confirm
            );
        }
        let addresses: Vec<_> = config.devices.iter().filter_map(|it| it.address).collect();
        let proof = reset::reset(
            &config.state_dir,
            &config.gateway_id,
            config.outbox.size_bytes_max,
            self.readings_lost,
            Clock::system().now(),
        )
        .await?;
        // The box has forgotten the devices already; a bond that is left cannot be used by anything of ours.
        if let Err(error) = doctor::remove_bonds(&addresses).await {
            eprintln!(
                "Bluetooth still knows a device of that home: {error:#}; run `bluetoothctl remove` for it"
            );
        }
        say(&proof)
    }
}

fn say(proof: &str) -> anyhow::Result<()> {
    println!("{proof}");
    eprintln!(
        "This box has forgotten its home. Send this line to the office, as text or by its QR code."
    );
    Ok(())
}
