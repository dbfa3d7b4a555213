//! What an operator decides about the page and the light, as it stands in the file and checked.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::contact::Contact;
use super::light::{LedNames, LightConfig};
use super::page::PageConfig;

/// The longest name, number or text, in characters: a line on the page.
const TEXT_LEN_MAX: usize = 60;
const CALL_AFTER_HOURS_DEFAULT: u16 = 24;
const CALL_AFTER_HOURS_MAX: u16 = 24 * 14;
/// Numbers in the United Kingdom, where a configuration names no others.
const EMERGENCY_PHONE_DEFAULT: &str = "999";
const URGENT_PHONE_DEFAULT: &str = "111";
/// The folder of the kernel's LED class (Linux, Documentation/leds/leds-class.rst).
const LEDS_DIR_DEFAULT: &str = "/sys/class/leds";
/// The most names by which a page may be asked for, and the most LEDs of one state.
const NAMES_LEN_MAX: usize = 8;

/// What an operator decides about the page and the light.
#[derive(Debug, Clone)]
pub struct HomeConfig {
    /// What patients are told.
    pub contact: Contact,
    /// How long nothing may reach the server before somebody is to be called.
    pub call_after: Duration,
    /// The page; `None` when none is served.
    pub page: Option<PageConfig>,
    /// The light; `None` when none is shown.
    pub light: Option<LightConfig>,
}

/// The section `[home]` as it stands in the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHome {
    call_name: Option<String>,
    call_phone: Option<String>,
    monitoring_hours: Option<String>,
    urgent_phone: Option<String>,
    emergency_phone: Option<String>,
    call_after_hours: Option<u16>,
    page: Option<RawPage>,
    light: Option<RawLight>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPage {
    listen: String,
    pin_file: PathBuf,
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLight {
    file: Option<PathBuf>,
    leds_dir: Option<PathBuf>,
    leds: Option<RawLeds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeds {
    ok: Vec<String>,
    waiting: Vec<String>,
    call: Vec<String>,
}

/// Checks the section.
///
/// # Errors
/// When something is missing or cannot be; the error names the key.
pub(crate) fn check(raw: RawHome) -> anyhow::Result<HomeConfig> {
    let contact = Contact {
        call_name: text("home.call_name", raw.call_name)?,
        call_phone: phone("home.call_phone", raw.call_phone)?,
        monitoring_hours: text("home.monitoring_hours", raw.monitoring_hours)?,
        urgent_phone: or_default(
            phone("home.urgent_phone", raw.urgent_phone)?,
            URGENT_PHONE_DEFAULT,
        ),
        emergency_phone: or_default(
            phone("home.emergency_phone", raw.emergency_phone)?,
            EMERGENCY_PHONE_DEFAULT,
        ),
    };
    let hours = raw.call_after_hours.unwrap_or(CALL_AFTER_HOURS_DEFAULT);
    ensure!(
        (1..=CALL_AFTER_HOURS_MAX).contains(&hours),
        "home.call_after_hours must be 1 to {CALL_AFTER_HOURS_MAX}, found {hours}"
    );
    let page = raw.page.map(check_page).transpose()?;
    ensure!(
        page.is_none() || !contact.call_phone.is_empty(),
        "home.call_phone is missing: the page tells whom to call; write their number, such as \"020 7946 0123\""
    );
    Ok(HomeConfig {
        contact,
        call_after: Duration::from_secs(u64::from(hours) * 3600),
        page,
        light: raw.light.map(check_light).transpose()?,
    })
}

fn check_page(raw: RawPage) -> anyhow::Result<PageConfig> {
    let listen: SocketAddr = raw.listen.parse().with_context(|| {
        format!(
            "home.page.listen: {:?} is not an IP address with a port; write one such as \"0.0.0.0:8080\"",
            raw.listen
        )
    })?;
    ensure!(
        raw.pin_file.is_absolute(),
        "home.page.pin_file must be an absolute path, such as /etc/hearth/pin"
    );
    ensure!(
        raw.names.len() <= NAMES_LEN_MAX,
        "home.page.names: at most {NAMES_LEN_MAX} names can be given"
    );
    let mut names = Vec::with_capacity(raw.names.len());
    for name in raw.names {
        let name = name.to_ascii_lowercase();
        let is_host = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.');
        ensure!(
            !name.is_empty() && name.len() <= TEXT_LEN_MAX && name.bytes().all(is_host),
            "home.page.names: {name:?} is not the name of a machine, such as \"hearth.local\""
        );
        names.push(name);
    }
    Ok(PageConfig {
        listen,
        pin_file: raw.pin_file,
        names,
    })
}

fn check_light(raw: RawLight) -> anyhow::Result<LightConfig> {
    ensure!(
        raw.file.is_some() || raw.leds.is_some(),
        "home.light shows nothing: give its file, or the leds of each state"
    );
    ensure!(
        raw.file.as_deref().is_none_or(std::path::Path::is_absolute),
        "home.light.file must be an absolute path, such as /run/hearth-gateway/light"
    );
    Ok(LightConfig {
        file: raw.file,
        leds_dir: raw.leds_dir.unwrap_or_else(|| LEDS_DIR_DEFAULT.into()),
        leds: raw.leds.map(check_leds).transpose()?,
    })
}

fn check_leds(raw: RawLeds) -> anyhow::Result<LedNames> {
    let leds = LedNames {
        ok: raw.ok,
        waiting: raw.waiting,
        call: raw.call,
    };
    for (state, names) in [
        ("ok", &leds.ok),
        ("waiting", &leds.waiting),
        ("call", &leds.call),
    ] {
        ensure!(
            !names.is_empty() && names.len() <= NAMES_LEN_MAX,
            "home.light.leds.{state}: name 1 to {NAMES_LEN_MAX} LEDs, such as \"green:status\""
        );
        for name in names {
            let is_one_folder = !name.contains('/') && !matches!(name.as_str(), "" | "." | "..");
            ensure!(
                is_one_folder && name.len() <= TEXT_LEN_MAX,
                "home.light.leds.{state}: {name:?} is not the name of a folder in /sys/class/leds"
            );
        }
    }
    ensure!(
        leds.ok != leds.call,
        "home.light.leds: ok and call light the same LEDs, so nobody could tell them apart"
    );
    Ok(leds)
}

fn or_default(text: String, default: &str) -> String {
    if text.is_empty() {
        default.to_owned()
    } else {
        text
    }
}

fn text(key: &str, raw: Option<String>) -> anyhow::Result<String> {
    let text = raw.unwrap_or_default().trim().to_owned();
    ensure!(
        text.chars().count() <= TEXT_LEN_MAX && !text.contains(char::is_control),
        "{key} must be one line of at most {TEXT_LEN_MAX} characters"
    );
    Ok(text)
}

fn phone(key: &str, raw: Option<String>) -> anyhow::Result<String> {
    let text = text(key, raw)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_part = |it: char| it.is_ascii_digit() || matches!(it, ' ' | '+' | '-' | '(' | ')');
    ensure!(
        text.is_empty() || (digits > 0 && text.chars().all(is_part)),
        "{key}: {text:?} is not a telephone number, such as \"020 7946 0123\""
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> anyhow::Result<HomeConfig> {
        check(toml::from_str(text)?)
    }

    #[test]
    fn without_a_section_there_is_neither_page_nor_light() {
        let home = checked("").unwrap();
        assert!(home.page.is_none() && home.light.is_none());
        assert_eq!(home.contact.emergency_phone, "999");
        assert_eq!(home.call_after, Duration::from_secs(24 * 3600));
    }

    #[test]
    fn everything_can_be_given() {
        let home = checked(
            r#"
            call_name = "the North team"
            call_phone = "+44 (0)20 7946-0123"
            monitoring_hours = "8am to 8pm, every day"
            emergency_phone = "112"
            call_after_hours = 6
            page = { listen = "0.0.0.0:8080", pin_file = "/etc/hearth/pin", names = ["Hearth.local"] }
            [light]
            file = "/run/hearth-gateway/light"
            leds = { ok = ["green"], waiting = ["green", "red"], call = ["red"] }
            "#,
        )
        .unwrap();
        assert_eq!(home.contact.emergency_phone, "112");
        assert_eq!(home.page.unwrap().names, ["hearth.local"]);
        let light = home.light.unwrap();
        assert_eq!(light.leds_dir, PathBuf::from("/sys/class/leds"));
        assert_eq!(light.leds.unwrap().waiting, ["green", "red"]);
    }

    #[test]
    fn each_refusal_names_its_key() {
        let page = "call_phone = \"1\"\n[page]\npin_file = \"/p\"\n";
        for (text, key) in [
            ("call_name = \"a\\nb\"".to_owned(), "home.call_name"),
            ("call_phone = \"ring me\"".to_owned(), "home.call_phone"),
            ("call_after_hours = 0".to_owned(), "home.call_after_hours"),
            (
                "[page]\nlisten = \"[::]:80\"\npin_file = \"/p\"".to_owned(),
                "home.call_phone is missing",
            ),
            (format!("{page}listen = \"8080\""), "home.page.listen"),
            (
                format!("{page}listen = \"[::]:80\"\nnames = [\"a/b\"]"),
                "home.page.names",
            ),
            (
                "call_phone = \"1\"\n[page]\nlisten = \"[::]:80\"\npin_file = \"pin\"".to_owned(),
                "home.page.pin_file",
            ),
            ("[light]".to_owned(), "home.light shows nothing"),
            ("[light]\nfile = \"light\"".to_owned(), "home.light.file"),
            (
                "[light]\nleds = { ok = [\"a\"], waiting = [], call = [\"b\"] }".to_owned(),
                "home.light.leds.waiting",
            ),
            (
                "[light]\nleds = { ok = [\"../a\"], waiting = [\"a\"], call = [\"b\"] }".to_owned(),
                "home.light.leds.ok",
            ),
            (
                "[light]\nleds = { ok = [\"a\"], waiting = [\"a\"], call = [\"a\"] }".to_owned(),
                "tell them apart",
            ),
            ("lamp = 1".to_owned(), "unknown field `lamp`"),
        ] {
            let error = format!("{:#}", checked(&text).unwrap_err());
            assert!(error.contains(key), "{key} is not in: {error}");
        }
    }
}
