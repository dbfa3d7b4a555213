//! Who is behind a connection to the embedded broker: the gateway whose certificate was shown to the TLS in front of it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use vitals::GatewayId;

/// The gateways behind open connections, by the address from which the TLS in front connects for each. What is not in here
/// came from this machine without TLS.
#[derive(Debug, Clone, Default)]
pub struct Peers(Arc<Mutex<HashMap<SocketAddr, GatewayId>>>);

/// A connection whose gateway is known for as long as this lives.
#[derive(Debug)]
pub struct Peer {
    peers: Peers,
    address: SocketAddr,
}

impl Peers {
    /// Notes who is behind a connection, before anything is sent over it.
    pub fn enter(&self, address: SocketAddr, gateway: GatewayId) -> Peer {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(address, gateway);
        Peer {
            peers: self.clone(),
            address,
        }
    }

    /// Tells whether a connection from this address may be this gateway's.
    pub fn may_be(&self, address: SocketAddr, gateway: &GatewayId) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&address).is_none_or(|shown| shown == gateway)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let mut known = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_its_gateways_for_as_long_as_it_is_open() {
        let (peers, address) = (Peers::default(), SocketAddr::from(([127, 0, 0, 1], 9)));
        let (one, two) = ("gw-1".parse().unwrap(), "gw-2".parse().unwrap());
        assert!(peers.may_be(address, &two));
        let peer = peers.enter(address, one);
        assert!(peers.may_be(address, &"gw-1".parse().unwrap()));
        assert!(!peers.may_be(address, &two));
        drop(peer);
        assert!(peers.may_be(address, &two));
    }
}
