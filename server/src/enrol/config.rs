//! Enrolment's part of the configuration file.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde::Deserialize;

/// The most names that this server is reached by.
const NAMES_LEN_MAX: usize = 16;
/// The longest name of a host, in bytes.
const NAME_LEN_MAX: usize = 253;

/// `[enrol]`: how boxes get their certificates. Without it none can be enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolConfig {
    /// The folder of the authority's key and the key of codes, which is made on first use.
    pub folder: PathBuf,
    /// Where boxes bring their codes, over TLS: any address of this machine; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where enrolled gateways reach the embedded broker, over TLS with their certificates; `None` where they do not.
    pub mqtt_listen: Option<SocketAddr>,
    /// The names and addresses that boxes reach this server by, the one for job sheets first.
    pub names: Vec<String>,
}

impl EnrolConfig {
    /// Checks what the file cannot say.
    ///
    /// # Errors
    /// When a key is wrong; the error names it and says what to write.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.folder.is_absolute(),
            "enrol.folder: write an absolute path, such as /var/lib/hearth-server/enrol"
        );
        ensure!(
            (1..=NAMES_LEN_MAX).contains(&self.names.len()),
            "enrol.names: write 1 to {NAMES_LEN_MAX} names, such as [\"hearth.example\"]"
        );
        self.names
            .iter()
            .try_for_each(|name| check_name(name))
            .context("enrol.names")
    }

    /// Says in sentences what was read, one for each line.
    pub fn explain(&self) -> String {
        let mqtt = self.mqtt_listen.map_or_else(String::new, |address| {
            format!("\nEnrolled gateways connect over TLS to {address}")
        });
        format!(
            "New boxes bring their codes to {}, as {}; the authority is in {}{mqtt}",
            self.listen,
            self.names.join(", "),
            self.folder.display()
        )
    }

    /// Gives the address that job sheets name.
    ///
    /// # Errors
    /// When there is no name, which [`EnrolConfig::check`] refuses.
    pub fn url(&self) -> anyhow::Result<String> {
        let name = self.names.first().context("enrol.names is empty")?;
        let port = self.listen.port();
        Ok(if name.contains(':') {
            format!("https://[{name}]:{port}")
        } else {
            format!("https://{name}:{port}")
        })
    }
}

/// Checks what a certificate is to be good for.
///
/// # Errors
/// When it is neither the name of a host nor an IP address.
pub fn check_name(name: &str) -> anyhow::Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    ensure!(
        (1..=NAME_LEN_MAX).contains(&name.len()) && name.bytes().all(plain),
        "{name:?} is neither the name of a host nor an IP address"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &str, names: &[&str]) -> EnrolConfig {
        toml::from_str(&format!(
            "folder = {folder:?}\nlisten = \"0.0.0.0:8443\"\nnames = {names:?}"
        ))
        .unwrap()
    }

    #[test]
    fn the_first_name_is_for_job_sheets() {
        let config = read("/var/lib/x", &["hearth.example", "192.0.2.1"]);
        config.check().unwrap();
        assert_eq!(config.url().unwrap(), "https://hearth.example:8443");
        let config = read("/var/lib/x", &["2001:db8::1"]);
        assert_eq!(config.url().unwrap(), "https://[2001:db8::1]:8443");
    }

    #[test]
    fn a_refusal_names_its_key() {
        for (config, key) in [
            (read("x", &["a"]), "enrol.folder"),
            (read("/x", &[]), "enrol.names"),
            (read("/x", &["a b"]), "enrol.names"),
            (read("/x", &[""]), "enrol.names"),
            (read("/x", &["a"; 17]), "enrol.names"),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }
}
