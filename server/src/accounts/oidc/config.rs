//! `[sign_in.oidc]`: another service by which people may sign in, such as the organisation's Keycloak or NHS CIS2.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;
use webauthn_rs::prelude::Url;

/// Where the other service sends people back to.
pub const BACK: &str = "/sign-in/oidc/back";
const NAME_DEFAULT: &str = "your organisation's account";
const CLAIM_DEFAULT: &str = "preferred_username";
const TEXT_LEN_MAX: usize = 200;
const LIST_LEN_MAX: usize = 10;

/// What an operator says about the other service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// Its name as it writes it in its tokens; `/.well-known/openid-configuration` is below it.
    pub issuer: String,
    /// How it knows this server.
    pub client_id: String,
    /// A file that holds nothing but the secret; `None` for a public client.
    pub client_secret_file: Option<PathBuf>,
    /// The address that it sends people back to, as it is registered there.
    pub redirect_uri: String,
    /// Which claim holds the name that an account here has.
    #[serde(default = "claim_default")]
    pub claim: String,
    /// What is asked for besides `openid`.
    #[serde(default = "scopes_default")]
    pub scopes: Vec<String>,
    /// How surely people must have proved there who they are; one of these counts as both steps.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// What its button says after `Sign in with`.
    #[serde(default = "name_default")]
    pub name: String,
    /// The certificates of the authorities that its own may be of; `None` for those of this machine.
    pub ca_file: Option<PathBuf>,
}

fn claim_default() -> String {
    CLAIM_DEFAULT.to_owned()
}

fn scopes_default() -> Vec<String> {
    vec!["profile".to_owned()]
}

fn name_default() -> String {
    NAME_DEFAULT.to_owned()
}

impl OidcConfig {
    /// Checks what can be checked without asking the service.
    ///
    /// # Errors
    /// When a key is wrong; the error names it.
    pub fn check(&self) -> anyhow::Result<()> {
        check_address("issuer", &self.issuer)?;
        let back = check_address("redirect_uri", &self.redirect_uri)?;
        ensure!(
            back.path() == BACK && back.query().is_none(),
            "sign_in.oidc.redirect_uri: write this server's address and {BACK}, such as https://hearth.example{BACK}"
        );
        let texts = [
            ("client_id", &self.client_id),
            ("claim", &self.claim),
            ("name", &self.name),
        ];
        let lists = [("scopes", &self.scopes), ("acr_values", &self.acr_values)];
        for (key, list) in lists {
            ensure!(
                list.len() <= LIST_LEN_MAX,
                "sign_in.oidc.{key}: at most {LIST_LEN_MAX}"
            );
        }
        let listed = lists
            .into_iter()
            .flat_map(|(key, list)| list.iter().map(move |text| (key, text)));
        for (key, text) in texts.into_iter().chain(listed) {
            let length = text.chars().count();
            ensure!(
                (1..=TEXT_LEN_MAX).contains(&length) && !text.chars().any(char::is_control),
                "sign_in.oidc.{key}: write one line of 1 to {TEXT_LEN_MAX} characters"
            );
        }
        for (key, path) in [
            ("client_secret_file", &self.client_secret_file),
            ("ca_file", &self.ca_file),
        ] {
            ensure!(
                path.as_deref().is_none_or(Path::is_absolute),
                "sign_in.oidc.{key}: write the whole path of the file, beginning with /"
            );
        }
        Ok(())
    }

    /// Reads the secret.
    ///
    /// # Errors
    /// When its file cannot be read or is empty.
    pub(super) fn secret(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.client_secret_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "sign_in.oidc.client_secret_file: cannot read {}",
                path.display()
            )
        })?;
        let secret = text.trim();
        ensure!(
            !secret.is_empty(),
            "sign_in.oidc.client_secret_file: {} is empty",
            path.display()
        );
        Ok(Some(secret.to_owned()))
    }
}

fn check_address(key: &str, text: &str) -> anyhow::Result<Url> {
    let address = Url::parse(text).ok().filter(is_safe);
    address.with_context(|| {
        format!(
            "sign_in.oidc.{key}: {text:?} is no address that begins with https:// (http:// only within this machine)"
        )
    })
}

/// Secrets travel over TLS, or not at all beyond this machine.
pub(super) fn is_safe(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_local = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
    match address.scheme() {
        "https" => !host.is_empty(),
        "http" => is_local,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "issuer = \"https://id.example/realms/care\"\nclient_id = \"hearth\"\n\
                         redirect_uri = \"https://hearth.example/sign-in/oidc/back\"\n";

    fn refusal(text: &str) -> String {
        let config: OidcConfig = toml::from_str(text).unwrap();
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn what_may_be_left_out_has_a_default() {
        let config: OidcConfig = toml::from_str(LEAST).unwrap();
        config.check().unwrap();
        assert_eq!(config.claim, "preferred_username");
        assert_eq!(config.scopes, ["profile"]);
        assert_eq!(config.secret().unwrap(), None);
    }

    #[test]
    fn a_wrong_value_is_named() {
        for (from, to, key) in [
            ("https://id.example", "http://id.example", "issuer"),
            ("https://id.example", "id.example", "issuer"),
            ("/sign-in/oidc/back", "/", "redirect_uri"),
            ("oidc/back", "oidc/back?x=1", "redirect_uri"),
            ("\"hearth\"", "\"\"", "client_id"),
            ("client_id", "scopes = [\"a\\nb\"]\nclient_id", "scopes"),
            ("client_id", "ca_file = \"ca.pem\"\nclient_id", "ca_file"),
        ] {
            let wrong = refusal(&LEAST.replace(from, to));
            assert!(wrong.contains(&format!("oidc.{key}")), "{key}: {wrong}");
        }
        let local = LEAST.replace("https://id.example", "http://127.0.0.1:8081");
        let config: OidcConfig = toml::from_str(&local).unwrap();
        config.check().unwrap();
    }
}
