//! Configuration: the operator's TOML file, checked into types that cannot be wrong afterwards.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clinical::silence::SilenceLimits;
use clinical::worklist::TierRules;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::accounts::Policy;
use crate::accounts::config::SignIn;
use crate::accounts::oidc::OidcConfig;
use crate::audit::config::AuditConfig;
use crate::broker::BrokerConfig;
use crate::enrol::config::EnrolConfig;
use crate::web::config::{RawWeb, WebConfig};

const TEXT_LEN_MAX: usize = 200;
const SERVICE_NAME_DEFAULT: &str = "Hearth";
/// Where the key of sign-in is beside an embedded database.
const SIGN_IN_FOLDER: &str = "sign-in";
/// What holds where the operator names no file: the sample that is tested with this program.
const SILENCE_BUILT_IN: &str = include_str!("../../config/silence.toml");
const TIERS_DEFAULT: &str = include_str!("../../config/tiers.toml");

/// Everything that an operator decides about one server.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept.
    pub store: StoreConfig,
    /// How gateways are heard.
    pub broker: BrokerConfig,
    /// How boxes are enrolled; `None` where none can be.
    pub enrol: Option<EnrolConfig>,
    /// Where the audit trail is signed; `None` where it is not.
    pub audit: Option<AuditConfig>,
    /// Where the pages are served.
    pub web: WebConfig,
    /// How people sign in.
    pub sign_in: Policy,
    /// The folder of the key by which the secrets of one-time codes are sealed; `None` where they are not.
    pub sign_in_folder: Option<PathBuf>,
    /// Another service by which people may sign in.
    pub oidc: Option<OidcConfig>,
    /// The zone that pages show times in; stored times are UTC.
    pub time_zone: TimeZone,
    /// What the service is called on its pages.
    pub service_name: String,
    /// When somebody looks at readings, in the words that patients and nurses are shown.
    pub monitoring_hours: String,
    /// Where the limits are by which silence is judged; without it, those that this program brings along hold.
    pub silence_file: Option<PathBuf>,
    /// Where the rules of tiers are; `None` for those of this program.
    pub tiers_file: Option<PathBuf>,
    /// Where templates, score tables and hard stops are; `None` for those that are built in.
    pub clinical_folder: Option<PathBuf>,
}

/// Where everything is kept.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:` and a file, or `postgres://` and a database.
    pub url: String,
}

/// A database URL may hold a password, so the debug form shows it masked.
impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig")
            .field("url", &self.url_without_password())
            .finish()
    }
}

impl StoreConfig {
    /// Tells whether the embedded database is used.
    pub fn is_embedded(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// Gives the folder in which the embedded database is; `None` for another one.
    fn folder(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("sqlite:")?.trim_start_matches("//");
        let path = Path::new(path.split('?').next()?);
        Some(path.parent()?.to_owned())
    }

    /// Gives the URL as it may be shown and logged.
    pub fn url_without_password(&self) -> String {
        let parts = self
            .url
            .split_once("://")
            .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
        let Some((scheme, (login, place))) = parts else {
            return self.url.clone();
        };
        let user = login.split(':').next().unwrap_or_default();
        format!("{scheme}://{user}:…@{place}")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    time_zone: String,
    monitoring_hours: String,
    service_name: Option<String>,
    silence_file: Option<PathBuf>,
    tiers_file: Option<PathBuf>,
    store: RawStore,
    #[serde(default)]
    broker: BrokerConfig,
    enrol: Option<EnrolConfig>,
    audit: Option<AuditConfig>,
    #[serde(default)]
    web: RawWeb,
    #[serde(default)]
    sign_in: toml::Table,
    #[serde(default)]
    clinical: RawClinical,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStore {
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClinical {
    folder: Option<PathBuf>,
}

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read or a key is unknown, missing or wrong; the error names the key and what to write.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the configuration {}", path.display()))
    }

    /// Reads the text of a configuration file.
    ///
    /// # Errors
    /// When a key is unknown, missing or wrong.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let raw: RawConfig = toml::from_str(text)?;
        let time_zone = TimeZone::get(&raw.time_zone).with_context(|| {
            format!(
                "time_zone: {:?} is not an IANA time zone; write one such as \"Europe/London\"",
                raw.time_zone
            )
        })?;
        let service_name = raw
            .service_name
            .unwrap_or_else(|| SERVICE_NAME_DEFAULT.to_owned());
        check_text("service_name", &service_name)?;
        check_text("monitoring_hours", &raw.monitoring_hours)?;
        if let Some(enrol) = &raw.enrol {
            enrol.check()?;
            ensure!(
                enrol.mqtt_listen.is_none() || matches!(raw.broker, BrokerConfig::Embedded(_)),
                "enrol.mqtt_listen: only the embedded broker is reached through this program; an external one has TLS of its \
                 own, as in the sample config/mosquitto/hearth.conf"
            );
        }
        let web: WebConfig = raw.web.try_into()?;
        let store: StoreConfig = raw.store.try_into()?;
        let sign_in = SignIn::read(raw.sign_in, web.listen.ip().is_loopback())?;
        raw.audit.as_ref().map_or(Ok(()), AuditConfig::check)?;
        Ok(Self {
            sign_in_folder: sign_in
                .folder
                .or_else(|| Some(store.folder()?.join(SIGN_IN_FOLDER))),
            store,
            broker: raw.broker,
            enrol: raw.enrol,
            web,
            sign_in: sign_in.policy,
            oidc: sign_in.oidc,
            audit: raw.audit,
            time_zone,
            service_name,
            monitoring_hours: raw.monitoring_hours,
            silence_file: raw.silence_file,
            tiers_file: raw.tiers_file,
            clinical_folder: raw.clinical.folder,
        })
    }

    /// Reads the limits by which silence is judged.
    ///
    /// # Errors
    /// When their file cannot be read, or a limit is unknown, missing or impossible.
    pub fn silence_limits(&self) -> anyhow::Result<SilenceLimits> {
        let Some(path) = &self.silence_file else {
            return parse_silence(SILENCE_BUILT_IN);
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the silence_file {}", path.display()))?;
        parse_silence(&text).with_context(|| format!("in the silence_file {}", path.display()))
    }

    /// Reads the rules of tiers.
    ///
    /// # Errors
    /// When the file cannot be read or says something wrong.
    pub fn tier_rules(&self) -> anyhow::Result<TierRules> {
        let Some(path) = &self.tiers_file else {
            return toml::from_str(TIERS_DEFAULT).context("in the program's own rules of tiers");
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("tiers_file: cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in the rules of tiers {}", path.display()))
    }

    /// Says in sentences what was read, one for each line, secrets left out.
    pub fn explain(&self) -> String {
        let engine = if self.store.is_embedded() {
            "the embedded SQLite; its schema is brought up to date at start"
        } else {
            "PostgreSQL; run `server migrate` after installing a new version"
        };
        let tiers = self
            .tiers_file
            .as_ref()
            .map_or("those of this program".into(), |path| {
                path.to_string_lossy()
            });
        let zone = self.time_zone.iana_name().unwrap_or("UTC");
        [
            format!("Service name: {}", self.service_name),
            format!("Readings are looked at: {}", self.monitoring_hours),
            format!("Times are shown in: {zone}"),
            format!("Rules of tiers, by which the worklist is ordered: {tiers}"),
            format!("Database: {} ({engine})", self.store.url_without_password()),
            format!("Gateways: {}", self.broker.explain()),
            self.enrol.as_ref().map_or_else(
                || "New boxes: none can be enrolled without [enrol]".into(),
                EnrolConfig::explain,
            ),
            AuditConfig::explain(self.audit.as_ref()),
            self.web.explain(),
            SignIn::explain(self.sign_in_folder.as_deref(), self.oidc.as_ref()),
        ]
        .join("\n")
    }
}

fn parse_silence(text: &str) -> anyhow::Result<SilenceLimits> {
    let limits: SilenceLimits = toml::from_str(text)?;
    limits.check()?;
    Ok(limits)
}

fn check_text(key: &str, text: &str) -> anyhow::Result<()> {
    let length = text.chars().count();
    ensure!(
        (1..=TEXT_LEN_MAX).contains(&length) && !text.chars().any(char::is_control),
        "{key}: write one line of 1 to {TEXT_LEN_MAX} characters"
    );
    Ok(())
}

impl TryFrom<RawStore> for StoreConfig {
    type Error = anyhow::Error;

    fn try_from(raw: RawStore) -> anyhow::Result<Self> {
        ensure!(
            ["sqlite:", "postgres:", "postgresql:"]
                .iter()
                .any(|scheme| raw.url.starts_with(scheme)),
            "store.url: begin with sqlite: or postgres:, such as sqlite:/var/lib/hearth/server.db"
        );
        Ok(Self { url: raw.url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "time_zone = \"Europe/London\"\nmonitoring_hours = \"Weekdays, 9 to 17\"\n\
                         [store]\nurl = \"sqlite:server.db\"\n";

    fn refusal(text: &str) -> String {
        format!("{:#}", Config::parse(text).unwrap_err())
    }

    #[test]
    fn the_sample_is_read_and_explained() {
        let config = Config::parse(include_str!("../../config/server.toml")).unwrap();
        let explained = config.explain();
        assert!(explained.contains("Europe/London"), "{explained}");
        assert!(explained.contains("http://127.0.0.1:8080/"), "{explained}");
    }

    #[test]
    fn what_may_be_left_out_has_a_default() {
        let config = Config::parse(LEAST).unwrap();
        assert_eq!(config.web.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.service_name, "Hearth");
    }

    #[test]
    fn the_limits_of_silence_are_built_in_or_in_a_file() {
        let built_in = Config::parse(LEAST).unwrap().silence_limits().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("silence.toml");
        let text = format!("silence_file = {path:?}\n{LEAST}");
        let config = Config::parse(&text).unwrap();
        let missing = format!("{:#}", config.silence_limits().unwrap_err());
        assert!(missing.contains("silence.toml"), "{missing}");
        let quiet = "gateway_quiet_minutes = 15";
        assert!(SILENCE_BUILT_IN.contains(quiet));
        let changed = SILENCE_BUILT_IN.replace(quiet, "gateway_quiet_minutes = 20");
        std::fs::write(&path, changed).unwrap();
        let limits = config.silence_limits().unwrap();
        assert_eq!(limits.gateway_quiet_minutes, 20);
        assert_ne!(limits, built_in);
        std::fs::write(
            &path,
            SILENCE_BUILT_IN.replace(quiet, "gateway_quiet_minutes = 0"),
        )
        .unwrap();
        let zero = format!("{:#}", config.silence_limits().unwrap_err());
        assert!(zero.contains("gateway_quiet_minutes"), "{zero}");
    }

    #[test]
    fn the_rules_of_tiers_are_built_in_or_in_a_file() {
        let built_in = Config::parse(LEAST).unwrap();
        assert!(built_in.explain().contains("those of this program"));
        let built_in = built_in.tier_rules().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tiers.toml");
        let text = format!("tiers_file = {path:?}\n{LEAST}");
        let config = Config::parse(&text).unwrap();
        let missing = format!("{:#}", config.tier_rules().unwrap_err());
        assert!(missing.contains("tiers.toml"), "{missing}");

        let changed = TIERS_DEFAULT.replacen("closer_from = 3", "closer_from = 4", 1);
        std::fs::write(&path, &changed).unwrap();
        let rules = config.tier_rules().unwrap();
        assert_eq!(rules.settings().closer_from, 4);
        assert_ne!(rules, built_in);
        let wrong = changed.replacen("closest_from = 6", "closest_from = 4", 1);
        std::fs::write(&path, wrong).unwrap();
        let wrong = format!("{:#}", config.tier_rules().unwrap_err());
        assert!(wrong.contains("closest_from is over it"), "{wrong}");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let text = format!("{LEAST}urll = \"x\"\n");
        assert!(refusal(&text).contains("urll"), "{}", refusal(&text));
    }

    #[test]
    fn a_wrong_value_says_what_to_write() {
        for (text, key) in [
            (LEAST.replace("Europe/London", "London"), "time_zone"),
            (LEAST.replace("sqlite:", "mysql:"), "store.url"),
            (LEAST.replace("Weekdays, 9 to 17", ""), "monitoring_hours"),
            (format!("service_name = \"a\\nb\"\n{LEAST}"), "service_name"),
            (format!("{LEAST}[web]\nlisten = \"8080\"\n"), "web.listen"),
        ] {
            assert!(refusal(&text).contains(key), "{key}: {}", refusal(&text));
        }
    }

    #[test]
    fn another_service_may_sign_people_in() {
        let table = "[sign_in]\nidle_minutes = 10\n[sign_in.oidc]\nissuer = \"https://id.example\"\nclient_id = \"h\"\n\
                     redirect_uri = \"https://hearth.example/sign-in/oidc/back\"\nname = \"Keycloak\"\n";
        let config = Config::parse(&format!("{LEAST}{table}")).unwrap();
        let explained = config.explain();
        assert!(
            explained.contains("Keycloak (https://id.example)"),
            "{explained}"
        );
        assert_eq!(config.sign_in.idle_max().as_mins(), 10);
        let wrong = refusal(&format!(
            "{LEAST}{}",
            table.replace("https://id", "http://id")
        ));
        assert!(wrong.contains("sign_in.oidc.issuer"), "{wrong}");
        let unknown = refusal(&format!("{LEAST}{}", table.replace("idle_", "idel_")));
        assert!(unknown.contains("idel_minutes"), "{unknown}");
    }

    #[test]
    fn the_key_of_sign_in_is_beside_an_embedded_database_or_where_the_operator_says() {
        let folder = |text: &str| Config::parse(text).unwrap().sign_in_folder;
        let beside = LEAST.replace("sqlite:server.db", "sqlite:///var/lib/h/server.db?mode=rwc");
        assert_eq!(folder(&beside), Some("/var/lib/h/sign-in".into()));
        assert_eq!(folder(LEAST), Some("sign-in".into()));
        let named = format!("{beside}[sign_in]\nfolder = \"/etc/h\"\n");
        assert_eq!(folder(&named), Some("/etc/h".into()));
        let elsewhere = LEAST.replace("sqlite:server.db", "postgres://db.example/hearth");
        assert_eq!(folder(&elsewhere), None);
        let config = Config::parse(&elsewhere).unwrap();
        assert!(
            config.explain().contains("in clear"),
            "{}",
            config.explain()
        );
        let relative = format!("{beside}[sign_in]\nfolder = \"here\"\n");
        assert!(refusal(&relative).contains("sign_in.folder"));
    }

    #[test]
    fn a_password_is_neither_explained_nor_in_the_debug_form() {
        let text = LEAST.replace(
            "sqlite:server.db",
            "postgres://hearth:s3cret@db.example/hearth",
        );
        let config = Config::parse(&text).unwrap();
        for shown in [config.explain(), format!("{config:?}")] {
            assert!(!shown.contains("s3cret"), "{shown}");
            assert!(shown.contains("hearth:…@db.example/hearth"), "{shown}");
        }
    }
}
