//! The network: from this home to the server, step by step, so that the first step that fails says where it is cut.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use vitals::report::{ErrorCode, Finding, Group};

use super::bluetooth::system_bus;
use crate::clock::{Clock, is_stamp};
use crate::config::Config;
use crate::enrol::{OutOfTime, identity};

/// The longest that each step may take.
const STEP_WAIT_MAX: Duration = Duration::from_secs(5);
/// The most addresses of one name that are tried.
const ADDRESSES_LEN_MAX: usize = 4;
/// ModemManager's signal quality, in percent, below which data comes and goes.
const SIGNAL_PERCENT_MIN: u32 = 30;

pub(super) async fn look(config: &Config, clock: &Clock) -> Vec<Finding> {
    let mut findings = Vec::new();
    path_to_server(config, clock, &mut findings).await;
    findings.extend(mobile_signal().await.map(judge_signal));
    findings
}

/// Stops at the first step that fails: what comes after it cannot work either.
async fn path_to_server(config: &Config, clock: &Clock, findings: &mut Vec<Finding>) {
    let address = config.broker.address.to_string();
    let Some(addresses) = resolve(&address, findings).await else {
        return;
    };
    findings.push(judge_route(&addresses, has_route));
    let Some(stream) = reach(&addresses, findings).await else {
        return;
    };
    if let Some(state_dir) = &config.broker.tls_folder {
        let host = config.broker.address.host();
        let shaken = identity::client(state_dir, clock).and_then(|tls| {
            let name = ServerName::try_from(host)?;
            Ok((TlsConnector::from(tls), name))
        });
        findings.push(match shaken {
            Ok((connector, name)) => {
                let began = Instant::now();
                let shaking = timeout(STEP_WAIT_MAX, connector.connect(name, stream)).await;
                let shaken = shaking.context("no answer in time").and_then(|it| Ok(it?));
                judge_tls(shaken.map(|_| began.elapsed()), clock.now())
            }
            // What is wrong with the files is said of the certificate.
            Err(_) => {
                let detail = "tried once the box has its certificate";
                Finding::skipped(Group::Network, "encryption", detail)
            }
        });
    }
}

async fn resolve(address: &str, findings: &mut Vec<Finding>) -> Option<Vec<SocketAddr>> {
    if let Ok(literal) = address.parse() {
        return Some(vec![literal]);
    }
    let found = timeout(STEP_WAIT_MAX, lookup_host(address)).await;
    let found: Vec<SocketAddr> = match found {
        Ok(Ok(found)) => found.take(ADDRESSES_LEN_MAX).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    if found.is_empty() {
        let detail = format!("no address for {address}");
        findings.push(Finding::fail(
            Group::Network,
            "name",
            ErrorCode::NoSuchName,
            detail,
        ));
        return None;
    }
    let detail = format!("{address} has {} addresses", found.len());
    findings.push(Finding::pass(Group::Network, "name", detail));
    Some(found)
}

fn judge_route(addresses: &[SocketAddr], has_route: impl Fn(&SocketAddr) -> bool) -> Finding {
    let found: Vec<&SocketAddr> = addresses.iter().filter(|it| has_route(it)).collect();
    if found.is_empty() {
        return Finding::fail(
            Group::Network,
            "network",
            ErrorCode::NoNetwork,
            "no way out of this box",
        );
    }
    let four = found.iter().any(|it| it.is_ipv4());
    let six = found.iter().any(|it| it.is_ipv6());
    let detail = match (four, six) {
        (true, true) => "IPv4 and IPv6",
        (false, true) => "IPv6",
        _ => "IPv4",
    };
    Finding::pass(Group::Network, "network", detail)
}

/// Tells whether the kernel knows a way; nothing is sent.
fn has_route(address: &SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).is_ok_and(|socket| socket.connect(address).is_ok())
}

async fn reach(addresses: &[SocketAddr], findings: &mut Vec<Finding>) -> Option<TcpStream> {
    let began = Instant::now();
    let mut last = String::new();
    for address in addresses {
        match timeout(STEP_WAIT_MAX, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let detail = format!("reached in {} ms", began.elapsed().as_millis());
                findings.push(Finding::pass(Group::Network, "server", detail));
                return Some(stream);
            }
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => "no answer in time".clone_into(&mut last),
        }
    }
    findings.push(Finding::fail(
        Group::Network,
        "server",
        ErrorCode::Unreachable,
        last,
    ));
    None
}

fn judge_tls(shaken: anyhow::Result<Duration>, now: Timestamp) -> Finding {
    match shaken {
        Ok(took) => {
            let detail = format!("TLS 1.3 in {} ms", took.as_millis());
            Finding::pass(Group::Network, "encryption", detail)
        }
        Err(error) => {
            let code = match OutOfTime::is_beneath(error.as_ref()) {
                true if is_stamp(now) => ErrorCode::TimeUnknown,
                true => ErrorCode::OutOfTime,
                false => ErrorCode::NotOurServer,
            };
            Finding::fail(Group::Network, "encryption", code, format!("{error:#}"))
        }
    }
}

fn judge_signal(percent: u32) -> Finding {
    let detail = format!("{percent} %");
    if percent < SIGNAL_PERCENT_MIN {
        Finding::warn(
            Group::Network,
            "mobile signal",
            ErrorCode::WeakMobile,
            detail,
        )
    } else {
        Finding::pass(Group::Network, "mobile signal", detail)
    }
}

/// Asks ModemManager for the best signal; a box without it or without a modem has none.
async fn mobile_signal() -> Option<u32> {
    let connection = system_bus().await?;
    let manager = "org.freedesktop.DBus.ObjectManager";
    let path = "/org/freedesktop/ModemManager1";
    let service = Some("org.freedesktop.ModemManager1");
    let asking = connection.call_method(service, path, Some(manager), "GetManagedObjects", &());
    let reply = timeout(STEP_WAIT_MAX, asking).await.ok()?.ok()?;
    type Properties = std::collections::HashMap<String, zbus::OwnedVariant>;
    type Interfaces = std::collections::HashMap<String, Properties>;
    let body = reply.body();
    let modems: std::collections::HashMap<zbus::OwnedObjectPath, Interfaces> =
        body.deserialize().ok()?;
    let quality = |interfaces: &Interfaces| {
        let modem = interfaces.get("org.freedesktop.ModemManager1.Modem")?;
        // A structure of the percentage and whether it is recent.
        match &**modem.get("SignalQuality")? {
            zbus::Variant::Structure(both) => match both.fields().first()? {
                zbus::Variant::U32(percent) => Some(*percent),
                _ => None,
            },
            _ => None,
        }
    };
    modems.values().filter_map(quality).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use tokio_rustls::rustls::{self, CertificateError};

    async fn looked_at(address: &str) -> Vec<Finding> {
        let config = config::parse(&format!(
            "gateway_id = \"gw-1\"\nstate_dir = \"/nowhere\"\nhome_time_zone = \"Europe/London\"\n[broker]\naddress = \"{address}\"",
        ))
        .unwrap();
        let mut findings = Vec::new();
        path_to_server(&config, &Clock::system(), &mut findings).await;
        findings
    }

    #[tokio::test]
    async fn the_first_step_that_fails_says_where_it_is_cut() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let codes = |it: Vec<Finding>| it.into_iter().map(|it| it.code).collect::<Vec<_>>();
        assert_eq!(codes(looked_at(&address).await), [None, None]);
        drop(server);
        let unreachable = codes(looked_at(&address).await);
        assert_eq!(unreachable, [None, Some(ErrorCode::Unreachable)]);
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_is_said() {
        let mut findings = Vec::new();
        assert!(
            resolve("no-such-name.invalid:1883", &mut findings)
                .await
                .is_none()
        );
        assert_eq!(findings[0].code, Some(ErrorCode::NoSuchName));
    }

    #[test]
    fn a_box_on_no_network_is_told_from_one_that_is() {
        let both: [SocketAddr; 2] = [
            "192.0.2.1:8883".parse().unwrap(),
            "[2001:db8::1]:8883".parse().unwrap(),
        ];
        let none = judge_route(&both, |_| false);
        assert_eq!(none.code, Some(ErrorCode::NoNetwork));
        assert_eq!(judge_route(&both, |_| true).detail, "IPv4 and IPv6");
        assert_eq!(judge_route(&both, SocketAddr::is_ipv6).detail, "IPv6");
    }

    #[test]
    fn a_page_in_between_and_a_weak_signal_have_their_codes() {
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
        let judged = |why, now| {
            let error = rustls::Error::InvalidCertificate(why);
            let error = std::io::Error::other(error);
            judge_tls(Err(error.into()), now).code
        };
        let stranger = judged(CertificateError::UnknownIssuer, now);
        assert_eq!(stranger, Some(ErrorCode::NotOurServer));
        let early = judged(CertificateError::NotValidYet, Timestamp::UNIX_EPOCH);
        assert_eq!(early, Some(ErrorCode::TimeUnknown));
        let late = judged(CertificateError::Expired, now);
        assert_eq!(late, Some(ErrorCode::OutOfTime));
        assert_eq!(
            judge_signal(SIGNAL_PERCENT_MIN - 1).code,
            Some(ErrorCode::WeakMobile)
        );
        assert_eq!(judge_signal(SIGNAL_PERCENT_MIN).code, None);
    }
}
