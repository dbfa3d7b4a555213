//! Who may connect to the embedded broker, and what a gateway may publish and subscribe to: its own topics only.

use std::future::{Future, ready};
use std::net::SocketAddr;
use std::pin::Pin;

use mqtt5::broker::{AuthProvider, AuthResult};
use mqtt5::packet::connect::ConnectPacket;
use mqtt5::protocol::v5::reason_codes::ReasonCode;
use ring::digest::{SHA256, digest};
use tracing::{info, warn};
use vitals::GatewayId;
use vitals::topic::{Kind, Topic};
use vitals::wire::PAYLOAD_LEN_MAX;

use crate::broker::{Credentials, Peers};

const MQTT_5: u8 = 5;

/// Signs gateways in by the password derived from their key.
pub(super) struct SignIn {
    credentials: Credentials,
    peers: Peers,
}

impl SignIn {
    pub(super) fn new(credentials: Credentials, peers: Peers) -> Self {
        Self { credentials, peers }
    }

    async fn judge(
        &self,
        connect: &ConnectPacket,
        address: SocketAddr,
    ) -> Result<GatewayId, ReasonCode> {
        // MQTT 3.1.1 cannot tell a publisher that it was refused (its PUBACK has no reason), so it is not spoken here.
        if connect.protocol_version != MQTT_5 {
            return Err(ReasonCode::UnsupportedProtocolVersion);
        }
        let username = connect.username.as_deref().unwrap_or_default();
        let gateway: GatewayId = username
            .parse()
            .map_err(|_| ReasonCode::BadUsernameOrPassword)?;
        // Otherwise one gateway could take over the connection of another.
        if connect.client_id != gateway.as_str() {
            return Err(ReasonCode::ClientIdentifierNotValid);
        }
        if !self.peers.may_be(address, &gateway) {
            return Err(ReasonCode::NotAuthorized);
        }
        let key = (self.credentials)(gateway.clone()).await.map_err(|error| {
            warn!(gateway.id = %gateway, error = format!("{error:#}"), "cannot look up a gateway's key");
            ReasonCode::ServerUnavailable
        })?;
        let expected = key.ok_or(ReasonCode::BadUsernameOrPassword)?;
        let given = connect.password.as_deref().unwrap_or_default();
        if !same_secret(given, expected.broker_password(&gateway).as_bytes()) {
            return Err(ReasonCode::BadUsernameOrPassword);
        }
        if !will_is_its_own(connect, &gateway) {
            return Err(ReasonCode::NotAuthorized);
        }
        Ok(gateway)
    }
}

/// Compares by digest: how long it takes tells nothing about the secret itself.
fn same_secret(given: &[u8], expected: &[u8]) -> bool {
    digest(&SHA256, given).as_ref() == digest(&SHA256, expected).as_ref()
}

fn will_is_its_own(connect: &ConnectPacket, gateway: &GatewayId) -> bool {
    connect.will.as_ref().is_none_or(|will| {
        Topic::parse(&will.topic) == Some(Topic::new(gateway.clone(), Kind::Status))
            && will.payload.len() <= PAYLOAD_LEN_MAX
    })
}

fn may_publish(client_id: &str, topic: &str) -> bool {
    Topic::parse(topic)
        .is_some_and(|topic| topic.is_uplink() && topic.gateway.as_str() == client_id)
}

fn may_subscribe(client_id: &str, filter: &str) -> bool {
    // A filter with a wildcard or a `$share/` prefix is no topic, so it never parses.
    Topic::parse(filter)
        .is_some_and(|topic| !topic.is_uplink() && topic.gateway.as_str() == client_id)
}

impl AuthProvider for SignIn {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        client_addr: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = mqtt5::Result<AuthResult>> + Send + 'a>> {
        Box::pin(async move {
            Ok(match self.judge(connect, client_addr).await {
                Ok(gateway) => AuthResult::success_with_user(gateway),
                Err(reason) => {
                    info!(sign_in.reason = ?reason, "a client was refused");
                    AuthResult::fail(reason)
                }
            })
        })
    }

    fn authorize_publish<'a>(
        &'a self,
        client_id: &str,
        _user_id: Option<&'a str>,
        topic: &'a str,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(ready(may_publish(client_id, topic)))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        client_id: &str,
        _user_id: Option<&'a str>,
        filter: &'a str,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(ready(may_subscribe(client_id, filter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_publishes_to_its_own_uplink_only() {
        assert!(may_publish("gw-1", "hearth/v1/gw-1/up/readings"));
        for topic in [
            "hearth/v1/gw-2/up/readings",
            "hearth/v1/gw-1/down/receipt",
            "hearth/v1/gw-1/up/other",
            "$SYS/broker/uptime",
        ] {
            assert!(!may_publish("gw-1", topic), "{topic}");
        }
    }

    #[test]
    fn a_gateway_hears_its_own_receipts_only() {
        assert!(may_subscribe("gw-1", "hearth/v1/gw-1/down/receipt"));
        for filter in [
            "hearth/v1/gw-2/down/receipt",
            "hearth/v1/gw-1/up/readings",
            "hearth/v1/+/down/receipt",
            "hearth/v1/gw-1/down/+",
            "hearth/v1/gw-1/down/#",
            "#",
            "$share/x/hearth/v1/gw-1/down/receipt",
        ] {
            assert!(!may_subscribe("gw-1", filter), "{filter}");
        }
    }
}
