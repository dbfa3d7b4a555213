//! `server renew-late` and `server broker-certificate`: what an operator has to say about certificates.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use jiff::Timestamp;
use vitals::GatewayId;
use vitals::enrol::Refusal;

use super::audit::operator;
use super::{ConfigFile, say};
use crate::audit::{self, Action, Entry};
use crate::clock::Clock;
use crate::enrol::authority::Authority;
use crate::enrol::broker_certificates::{BROKER_CERTIFICATE_LIFE, PemPair};
use crate::enrol::config::check_name;
use crate::enrol::folder::Folder;
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
        let now = clock.now();
        let until = self.permit(&mut write, now).await?;
        let entry = Entry::new(operator(), Action::BoxChanged).about(&self.gateway);
        audit::append(&mut write, &[entry.detail("may renew late")], now).await?;
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

/// The most names that a broker is reached by.
const NAMES_LEN_MAX: usize = 16;

#[derive(Debug, Args)]
pub(super) struct BrokerCertificateArgs {
    #[command(flatten)]
    config: ConfigFile,
    /// A name or an IP address that gateways and this server reach the broker by; once for each
    #[arg(long = "name", required = true)]
    names: Vec<String>,
    /// What this server is called there. It holds a _ , which no gateway's name does; each server needs another
    #[arg(long, default_value = "hearth_server")]
    server_name: String,
    /// Where the files are written, in place of those that were there
    #[arg(long)]
    folder: PathBuf,
}

impl BrokerCertificateArgs {
    pub(super) fn run(&self, clock: &Clock) -> anyhow::Result<()> {
        ensure!(
            self.names.len() <= NAMES_LEN_MAX,
            "a broker has at most {NAMES_LEN_MAX} names"
        );
        self.names.iter().try_for_each(|name| check_name(name))?;
        check_server_name(&self.server_name)?;
        let enrol = self.config.load()?.enrol.context(
            "there is no authority: write the table [enrol] in the configuration, as in the sample server.toml",
        )?;
        let (authority, now) = (Authority::load_or_make(&enrol.folder, clock)?, clock.now());
        ensure!(
            !is_same_folder(&self.folder, &enrol.folder),
            "--folder: that is the authority's own folder; name another"
        );
        let broker = authority.issue_for_broker(&self.names, now)?;
        let server = authority.issue_for_broker_client(&self.server_name, now)?;
        let folder = Folder::hold(&self.folder, "run this again")?;
        folder.write("ca.pem", authority.certificate_pem().as_bytes())?;
        for (name, PemPair { certificate, key }) in [("broker", &broker), ("server", &server)] {
            folder.write(&format!("{name}.key"), key.as_bytes())?;
            folder.write(&format!("{name}.pem"), certificate.as_bytes())?;
        }
        say(&format!(
            "In {}: ca.pem, broker.pem and broker.key for the broker, which must be able to read them; ca.pem, server.pem and \
             server.key for this server ([broker.external.tls]).\nThey are good until {}: run this again before, and restart \
             the broker.",
            self.folder.display(),
            now.saturating_add(BROKER_CERTIFICATE_LIFE)?
        ))
    }
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// The broker gives rights by this name: no gateway may ever have it.
fn check_server_name(name: &str) -> anyhow::Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    ensure!(
        (1..=64).contains(&name.len()) && name.bytes().all(plain) && name.contains('_'),
        "--server-name: write 1 to 64 of a-z, 0-9 and _, with at least one _, such as hearth_server"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_name_is_never_a_gateways() {
        check_server_name("hearth_server_2").unwrap();
        assert!("hearth_server_2".parse::<GatewayId>().is_err());
        for wrong in ["", "gw-1", "server", "a b_c", "a/_", "#_"] {
            assert!(check_server_name(wrong).is_err(), "{wrong}");
        }
    }
}
