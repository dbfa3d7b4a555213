//! `server renew-late`: what an operator has to say about certificates.

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use vitals::GatewayId;
use vitals::enrol::Refusal;

use super::{ConfigFile, say};
use crate::clock::Clock;
use crate::enrol::renewal::{LATE_PERMIT_LIFE, may_renew_late};
use crate::store::{Write, certificates, gateways};

#[derive(Debug, Args)]
pub(super) struct RenewLateArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// The gateway whose certificate has ended
    gateway: GatewayId,
}

impl RenewLateArgs {
    pub(super) async fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        let store = self.config.open().await?;
        let mut write = store.write().await?;
        let until = self.permit(&mut write, clock.now()).await?;
        write
            .commit()
            .await
            .context("the permission cannot be committed")?;
        store.close().await;
        say(&format!(
            "{} may renew its certificate once until {until}; it asks by itself within half an hour of being on. Permit this \
             only when you know where the box was meanwhile.",
            self.gateway
        ))
    }

    async fn permit(&self, write: &mut Write<'_>, now: Timestamp) -> anyhow::Result<Timestamp> {
        let gateway = &self.gateway;
        let known = gateways::by_id(write, gateway)
            .await?
            .with_context(|| format!("there is no gateway {gateway}"))?;
        if let Some(since) = known.revoked_at {
            bail!(
                "{gateway} is revoked since {since}, and that is for good; a box that is to go on is enrolled anew"
            );
        }
        let until = now.saturating_add(LATE_PERMIT_LIFE)?;
        let ends_at = certificates::last_end(write, gateway).await?;
        match (may_renew_late(ends_at, Some(until), now), ends_at) {
            (Ok(()), _) => {}
            (Err(Refusal::StillGood), Some(ends_at)) => bail!(
                "{gateway} has a certificate until {ends_at}, which it renews by itself; nothing is to be permitted"
            ),
            (Err(Refusal::TooLate), Some(ends_at)) => bail!(
                "the certificate of {gateway} ended at {ends_at}, too long ago: enrol the box anew (server install-job)"
            ),
            (Err(_), _) => bail!("{gateway} was registered by hand and has no certificate"),
        }
        certificates::permit_late(write, gateway, until).await?;
        Ok(until)
    }
}
