//! `gateway pair add`: from a device in somebody's hand to a device of this home.

use anyhow::{anyhow, bail};
use vitals::DeviceId;
use vitals::report::ErrorCode;

use super::enter_passkey;
use crate::bindings::Address;
use crate::cli::Coded;
use crate::cli::ask::{Asker, waiting_for};
use crate::config::{Config, DeviceKind};
use crate::control::client;
use crate::radio::{Candidate, Meeting};

/// How often a person may have devices looked for again before the command ends.
const LOOKS_MAX: u32 = 20;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Added {
    /// It is bound, and was met.
    Paired,
    /// Somebody chose to leave it for later.
    Left,
}

/// Finds a device unless its address is given, binds it and waits until it was met.
///
/// # Errors
/// When it is not found, is another home's, does not pair, or the gateway does not run.
pub(in crate::cli) async fn add(
    config: &Config,
    device: &DeviceId,
    address: Option<Address>,
    asker: Asker,
) -> anyhow::Result<Added> {
    let kind = kind_of(config, device).await?;
    let address = match address {
        Some(address) => address,
        None => match find(config, device, kind, asker).await? {
            Some(address) => address,
            None => return Ok(Added::Left),
        },
    };
    client::bind(&config.state_dir, device.clone(), address).await?;
    meet(config, device).await?;
    Ok(Added::Paired)
}

async fn kind_of(config: &Config, device: &DeviceId) -> anyhow::Result<DeviceKind> {
    let devices = client::devices(&config.state_dir)
        .await
        .coded(ErrorCode::NotRunning)?;
    let known = devices.iter().find(|it| it.id == *device);
    known.map(|it| it.kind).ok_or_else(|| {
        anyhow!("this home has no device {device}; `gateway pair list` lists those that it has")
    })
}

async fn meet(config: &Config, device: &DeviceId) -> anyhow::Result<()> {
    let mut met = wait(config, device).await?;
    if met == Meeting::WantsDigits {
        enter_passkey(config, device).await?;
        met = wait(config, device).await?;
    }
    match met {
        Meeting::Met(_) => Ok(()),
        Meeting::WantsDigits => {
            Err(anyhow!("it asks for digits again")).coded(ErrorCode::NotPaired)
        }
    }
}

async fn wait(config: &Config, device: &DeviceId) -> anyhow::Result<Meeting> {
    let _waiting = waiting_for(format!("pairing {device}: keep it near and awake"));
    client::wait_for(&config.state_dir, device.clone())
        .await
        .coded(ErrorCode::NotPaired)
}

/// Gives the address that was chosen; `None` when the person leaves it for later.
async fn find(
    config: &Config,
    device: &DeviceId,
    kind: DeviceKind,
    asker: Asker,
) -> anyhow::Result<Option<Address>> {
    for _ in 0..LOOKS_MAX {
        let found = {
            let _waiting = waiting_for(format!(
                "looking for the {}: wake it, within a metre",
                kind.name()
            ));
            client::look(&config.state_dir, kind)
                .await
                .coded(ErrorCode::NoAdapter)?
        };
        if !asker.is_there() {
            return only_one(&found, device, kind).map(Some);
        }
        let mut offered: Vec<String> = found.iter().map(describe).collect();
        offered.push("look again".to_owned());
        offered.push("leave it for later".to_owned());
        let question = match found.is_empty() {
            true => format!(
                "No {} was found. Move closer, change the batteries, then:",
                kind.name()
            ),
            false => format!("Which of these is {device}?"),
        };
        let chosen = asker.choose(&question, offered, "give its --address")?;
        if let Some(candidate) = found.get(chosen) {
            return Ok(Some(candidate.address));
        }
        if chosen > found.len() {
            return Ok(None);
        }
    }
    bail!("it was looked for {LOOKS_MAX} times; begin again when the device is there")
}

/// Takes a device without asking only when there can be no doubt.
fn only_one(found: &[Candidate], device: &DeviceId, kind: DeviceKind) -> anyhow::Result<Address> {
    let fitting: Vec<&Candidate> = found.iter().filter(|it| it.kinds.contains(&kind)).collect();
    match fitting.as_slice() {
        [] => Err(anyhow!(
            "no {} is near that is none of this home",
            kind.name()
        ))
        .coded(ErrorCode::DeviceNotFound),
        [only] => Ok(only.address),
        several => bail!(
            "{} devices of this kind are near; give the address of {device} with --address, or switch the others off",
            several.len()
        ),
    }
}

fn describe(candidate: &Candidate) -> String {
    let name = candidate.name.as_deref().unwrap_or("without a name");
    let kinds: Vec<&str> = candidate.kinds.iter().map(|it| it.name()).collect();
    let kinds = match kinds.is_empty() {
        true => "does not say what it measures".to_owned(),
        false => kinds.join(", "),
    };
    let pairs = match candidate.is_in_pairing_mode {
        Some(true) => ", in pairing mode",
        _ => "",
    };
    format!(
        "{name}: {kinds}, signal {}{pairs}",
        strength(candidate.signal_dbm)
    )
}

/// Says how strong a signal is, in a word and its number.
pub(in crate::cli) fn strength(dbm: i16) -> String {
    let word = match dbm {
        -60.. => "good",
        -75..-60 => "fair",
        _ => "weak",
    };
    format!("{word} ({dbm} dBm)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(address: &str, kinds: &[DeviceKind]) -> Candidate {
        Candidate {
            address: address.parse().unwrap(),
            name: Some("A&D_UA-651BLE".to_owned()),
            kinds: kinds.to_vec(),
            is_in_table: true,
            company_ids: Vec::new(),
            signal_dbm: -64,
            is_in_pairing_mode: Some(true),
            is_paired: false,
        }
    }

    #[test]
    fn without_a_person_only_what_is_beyond_doubt_is_taken() {
        let (cuff, scale) = (&[DeviceKind::Cuff][..], &[DeviceKind::Scale][..]);
        let device = "cuff-1".parse().unwrap();
        let one = candidate("00:00:5E:00:53:01", cuff);
        let other = candidate("00:00:5E:00:53:02", cuff);
        let of_other_kind = candidate("00:00:5E:00:53:03", scale);
        let take = |found: &[Candidate]| only_one(found, &device, DeviceKind::Cuff);
        assert_eq!(
            take(&[of_other_kind.clone(), one.clone()]).unwrap(),
            one.address
        );
        assert!(take(&[of_other_kind]).is_err());
        assert!(
            take(&[one, other])
                .unwrap_err()
                .to_string()
                .contains("--address")
        );
    }

    #[test]
    fn a_candidate_is_told_in_words() {
        let told = describe(&candidate("00:00:5E:00:53:01", &[DeviceKind::Cuff]));
        assert_eq!(
            told,
            "A&D_UA-651BLE: cuff, signal fair (-64 dBm), in pairing mode"
        );
    }
}
