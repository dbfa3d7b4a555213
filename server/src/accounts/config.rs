//! The part of the configuration file about sign-in: the policy, and within its table a folder and another service.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::oidc::OidcConfig;
use super::policy::Policy;

/// `[sign_in]`, read.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// What the operator decides about sign-in; small enough to be copied about.
    pub policy: Policy,
    /// The folder of the key by which the secrets of one-time codes are sealed, where one is named.
    pub folder: Option<PathBuf>,
    /// Another service by which people may sign in.
    pub oidc: Option<OidcConfig>,
}

impl SignIn {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is unknown or wrong; the error names it and says what to write.
    pub fn read(mut table: toml::Table, pages_are_local: bool) -> anyhow::Result<Self> {
        let folder = table.remove("folder").map(toml::Value::try_into);
        let folder: Option<PathBuf> = folder.transpose().context("sign_in.folder")?;
        ensure!(
            folder.as_ref().is_none_or(|it| it.is_absolute()),
            "sign_in.folder: write an absolute path, such as /var/lib/hearth-server/sign-in"
        );
        let oidc = table.remove("oidc").map(toml::Value::try_into).transpose();
        let oidc: Option<OidcConfig> = oidc.context("sign_in.oidc")?;
        if let Some(oidc) = &oidc {
            oidc.check()?;
        }
        let policy: Policy = table.try_into().context("sign_in")?;
        policy.check(pages_are_local)?;
        Ok(Self {
            policy,
            folder,
            oidc,
        })
    }

    /// Says in sentences what was read, one for each line.
    pub fn explain(folder: Option<&Path>, oidc: Option<&OidcConfig>) -> String {
        let codes = match folder {
            Some(folder) => format!(
                "One-time codes: their secrets are sealed by the key in {}",
                folder.display()
            ),
            None => {
                "One-time codes: their secrets are kept in clear without sign_in.folder".to_owned()
            }
        };
        let ways = match oidc {
            Some(oidc) => format!(
                "Sign-in: by name and password, by a passkey, or with {} ({})",
                oidc.name, oidc.issuer
            ),
            None => "Sign-in: by name and password, or by a passkey".to_owned(),
        };
        format!("{codes}\n{ways}")
    }
}
