//! `[web]`: where the pages are served, by which names, and by which certificate.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio_rustls::rustls::pki_types::ServerName;

use super::certificate::PageFiles;

/// The most names that the pages may be reached by.
const NAMES_LEN_MAX: usize = 16;
const WEB_LISTEN_DEFAULT: &str = "127.0.0.1:8080";

/// Where the pages are served.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// A loopback address, or any with TLS; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The names and addresses that browsers reach the pages by, besides those of this machine; the main one first.
    pub names: Vec<String>,
    /// The certificate; `None` for plain HTTP.
    pub tls: Option<PageFiles>,
}

impl WebConfig {
    /// Says in a sentence where they are.
    pub(crate) fn explain(&self) -> String {
        let (address, names) = (self.listen, self.names.join(", "));
        let names = if names.is_empty() {
            "this machine only".into()
        } else {
            format!("by the names {names}")
        };
        match &self.tls {
            Some(files) => format!(
                "Pages: https://{address}/ ({names}), by the certificate in {}, read again when it changes",
                files.certificate_file.display()
            ),
            None => format!("Pages: http://{address}/ ({names})"),
        }
    }
}

/// The table as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWeb {
    listen: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    tls: Option<PageFiles>,
}

impl TryFrom<RawWeb> for WebConfig {
    type Error = anyhow::Error;

    fn try_from(raw: RawWeb) -> anyhow::Result<Self> {
        let text = raw.listen.as_deref().unwrap_or(WEB_LISTEN_DEFAULT);
        let listen: SocketAddr = text
            .parse()
            .with_context(|| format!("web.listen: {text:?} is not like {WEB_LISTEN_DEFAULT}"))?;
        ensure!(
            listen.ip().is_loopback() || raw.tls.is_some(),
            "web.listen: without TLS only an address of this machine, such as {WEB_LISTEN_DEFAULT}, because passwords \
             and readings would cross the network for all to read; for any other add [web.tls] with certificate_file \
             and key_file"
        );
        for name in &raw.names {
            ensure!(
                ServerName::try_from(name.as_str()).is_ok(),
                "web.names: {name:?} is no name such as hearth.example, and no IP address"
            );
        }
        ensure!(
            raw.names.len() <= NAMES_LEN_MAX,
            "web.names: at most {NAMES_LEN_MAX}"
        );
        ensure!(
            listen.ip().is_loopback() || !raw.names.is_empty(),
            "web.names: write the names that browsers reach the pages by, such as [\"hearth.example\"]: what comes by \
             another is refused"
        );
        for (key, path) in raw.tls.iter().flat_map(PageFiles::keys) {
            ensure!(
                path.is_absolute(),
                "{key}: write the whole path of the file, beginning with /"
            );
        }
        Ok(Self {
            listen,
            names: raw.names,
            tls: raw.tls,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const LEAST: &str = "time_zone = \"Europe/London\"\nmonitoring_hours = \"Weekdays, 9 to 17\"\n\
                         [store]\nurl = \"sqlite:server.db\"\n";

    fn refusal(text: &str) -> String {
        format!("{:#}", Config::parse(text).unwrap_err())
    }

    #[test]
    fn pages_are_served_to_other_machines_over_tls_only() {
        let listen = format!("{LEAST}[web]\nlisten = \"0.0.0.0:443\"\n");
        assert!(refusal(&listen).contains("add [web.tls]"));
        let tls =
            "[web.tls]\ncertificate_file = \"/etc/h/pages.pem\"\nkey_file = \"/etc/h/pages.key\"\n";
        let nameless = refusal(&format!("{listen}{tls}"));
        assert!(nameless.contains("web.names"), "{nameless}");
        let named = format!("{listen}names = [\"hearth.example\", \"192.0.2.1\"]\n{tls}");
        let config = Config::parse(&named).unwrap();
        let explained = config.explain();
        assert!(explained.contains("https://0.0.0.0:443/"), "{explained}");
        assert!(
            explained.contains("hearth.example, 192.0.2.1"),
            "{explained}"
        );
        for (from, to, key) in [
            ("/etc/h/pages.key", "pages.key", "web.tls.key_file"),
            ("/etc/h/pages.pem", "pages.pem", "web.tls.certificate_file"),
            ("192.0.2.1", "https://hearth.example", "web.names"),
        ] {
            let wrong = refusal(&named.replace(from, to));
            assert!(wrong.contains(key), "{wrong}");
        }
    }
}
