//! The table as it stands in its file, and the checks that make types of it.

use anyhow::{Context, bail, ensure};
use btleplug::api::bleuuid::uuid_from_u16;
use gatt::Dialect;
use serde::Deserialize;
use uuid::Uuid;

use super::matching::{Entry, Match, Table};
use super::{Advertised, Behaviour, Connected, Pairing, VendorWrite, Waits};

/// The most entries of a table.
const ENTRIES_LEN_MAX: usize = 64;
/// The most ways in which an entry may be recognised.
const MATCHES_LEN_MAX: usize = 16;
/// The shortest beginning of a name: a shorter one would take in strangers.
const PREFIX_LEN_MIN: usize = 4;
/// The longest beginning of a name; an advertisement holds no longer name.
const PREFIX_LEN_MAX: usize = 29;
/// The most bytes of a vendor's command: what fits into one packet of any device.
const COMMAND_LEN_MAX: usize = 20;
const WAIT_MS_MAX: u64 = 300_000;
const OFF_SECONDS_MAX: u32 = 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    #[serde(default, rename = "device")]
    devices: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    #[serde(rename = "match")]
    matches: Vec<RawMatch>,
    advertised: Option<Advertised>,
    dialect: Option<String>,
    pair: Option<Pairing>,
    clock_off_seconds: Option<u32>,
    ask: Option<RawAsk>,
    consent: Option<bool>,
    settle_ms: Option<u64>,
    first_value_ms: Option<u64>,
    idle_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMatch {
    name: Option<String>,
    model: Option<String>,
    company: Option<String>,
    service: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAsk {
    to: String,
    bytes: String,
}

impl Table {
    /// Checks the text of a table.
    ///
    /// # Errors
    /// When a key is unknown, missing or out of its bounds, or an entry contradicts itself; the error names the entry by
    /// its place in the file, from 1.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let raw: RawTable = toml::from_str(text)?;
        ensure!(
            raw.devices.len() <= ENTRIES_LEN_MAX,
            "device: {} entries are listed and a table holds at most {ENTRIES_LEN_MAX}; join those that behave alike",
            raw.devices.len()
        );
        let mut entries = Vec::with_capacity(raw.devices.len());
        for (number, entry) in (1..).zip(raw.devices) {
            let entry = check_entry(&entry).with_context(|| format!("device entry {number}"))?;
            entries.push(entry);
        }
        Ok(Self {
            entries,
            ..Self::default()
        })
    }
}

fn check_entry(raw: &RawEntry) -> anyhow::Result<Entry> {
    ensure!(
        (1..=MATCHES_LEN_MAX).contains(&raw.matches.len()),
        "match must list 1 to {MATCHES_LEN_MAX} ways to recognise the device, found {}",
        raw.matches.len()
    );
    let matches = raw
        .matches
        .iter()
        .map(check_match)
        .collect::<anyhow::Result<_>>()?;
    let behaviour = match raw.advertised {
        Some(advertised) => {
            ensure!(
                is_silent_otherwise(raw),
                "advertised: the device is never connected to, so nothing else can be said of it; remove the other keys"
            );
            Behaviour::Advertised(advertised)
        }
        None => Behaviour::Connected(check_connected(raw)?),
    };
    ensure!(
        behaviour != Behaviour::default(),
        "it says nothing of the device beyond the default; say how it differs, or remove it"
    );
    Ok(Entry { matches, behaviour })
}

fn check_match(raw: &RawMatch) -> anyhow::Result<Match> {
    for (key, prefix) in [("name", &raw.name), ("model", &raw.model)] {
        let len = prefix.as_ref().map_or(PREFIX_LEN_MIN, String::len);
        ensure!(
            (PREFIX_LEN_MIN..=PREFIX_LEN_MAX).contains(&len),
            "match.{key} must have {PREFIX_LEN_MIN} to {PREFIX_LEN_MAX} characters, found {len}; a short one takes in strangers"
        );
    }
    let company = raw
        .company
        .as_deref()
        .map(|text| {
            number(text).with_context(|| {
                format!("match.company: {text:?} is not four hexadecimal digits, such as \"020E\"")
            })
        })
        .transpose()?;
    let service = raw
        .service
        .as_deref()
        .map(|text| uuid(text).with_context(|| not_a_uuid("match.service", text)))
        .transpose()?;
    if raw.name.is_none() && raw.model.is_none() && company.is_none() && service.is_none() {
        bail!(
            "match: one of its ways is empty and would take in every device; give a name, model, company or service"
        );
    }
    Ok(Match {
        name: raw.name.clone(),
        model: raw.model.clone(),
        company,
        service,
    })
}

fn is_silent_otherwise(raw: &RawEntry) -> bool {
    raw.dialect.is_none()
        && raw.pair.is_none()
        && raw.clock_off_seconds.is_none()
        && raw.ask.is_none()
        && raw.consent.is_none()
        && raw.settle_ms.is_none()
        && raw.first_value_ms.is_none()
        && raw.idle_ms.is_none()
}

fn check_connected(raw: &RawEntry) -> anyhow::Result<Connected> {
    let dialect = match raw.dialect.as_deref() {
        None => Dialect::default(),
        Some(name) => Dialect::from_name(name).with_context(|| {
            let known = Dialect::ALL.map(Dialect::name).join(", ");
            format!("dialect: {name:?} is not known; write one of {known}")
        })?,
    };
    for (key, wait_ms) in [
        ("settle_ms", raw.settle_ms),
        ("first_value_ms", raw.first_value_ms),
        ("idle_ms", raw.idle_ms),
    ] {
        ensure!(
            wait_ms.is_none_or(|it| (1..=WAIT_MS_MAX).contains(&it)),
            "{key} must be 1 to {WAIT_MS_MAX}"
        );
    }
    ensure!(
        raw.clock_off_seconds.is_none_or(|it| it <= OFF_SECONDS_MAX),
        "clock_off_seconds must be 0 to {OFF_SECONDS_MAX}"
    );
    Ok(Connected {
        dialect,
        pairing: raw.pair,
        clock_off_seconds: raw.clock_off_seconds,
        ask: raw.ask.as_ref().map(check_ask).transpose()?,
        consent: raw.consent.unwrap_or_default(),
        waits: Waits {
            settle_ms: raw.settle_ms,
            first_value_ms: raw.first_value_ms,
            idle_ms: raw.idle_ms,
        },
    })
}

fn check_ask(raw: &RawAsk) -> anyhow::Result<VendorWrite> {
    let bytes = hex::decode(&raw.bytes)
        .ok()
        .filter(|bytes| (1..=COMMAND_LEN_MAX).contains(&bytes.len()))
        .with_context(|| {
            format!(
                "ask.bytes: {:?} is not 1 to {COMMAND_LEN_MAX} bytes in hexadecimal, such as \"0200E1\"",
                raw.bytes
            )
        })?;
    let to = uuid(&raw.to).with_context(|| not_a_uuid("ask.to", &raw.to))?;
    Ok(VendorWrite { to, bytes })
}

fn not_a_uuid(key: &str, text: &str) -> String {
    format!("{key}: {text:?} is neither four hexadecimal digits, such as \"1810\", nor a UUID")
}

fn uuid(text: &str) -> Option<Uuid> {
    number(text)
        .map(uuid_from_u16)
        .or_else(|| text.parse().ok())
}

/// Reads exactly four hexadecimal digits.
fn number(text: &str) -> Option<u16> {
    let digits = text.len() == 4 && text.bytes().all(|it| it.is_ascii_hexdigit());
    digits.then(|| u16::from_str_radix(text, 16).ok()).flatten()
}
