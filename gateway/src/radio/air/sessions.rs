//! Which devices are in a session: a device is never connected to through two adapters.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::lock;
use crate::bindings::Address;

/// Is the devices in a session, each with what asks the session to come to its end.
#[derive(Debug)]
pub(super) struct Sessions {
    stops: Mutex<HashMap<Address, CancellationToken>>,
    /// Counts the sessions that have ended.
    ended: watch::Sender<u64>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            stops: Mutex::default(),
            ended: watch::channel(0).0,
        }
    }
}

/// Is a device taken for one session; dropping it lets others take it.
#[derive(Debug)]
pub(in crate::radio) struct Claim<'a> {
    sessions: &'a Sessions,
    address: Address,
    /// The device's name in captures.
    pub(in crate::radio) device: DeviceId,
    /// Asks the session to come to its end.
    pub(in crate::radio) stop: CancellationToken,
}

impl Sessions {
    /// Takes a device if nobody has it and it is still registered.
    pub(super) fn claim(
        &self,
        address: Address,
        registered: impl FnOnce() -> Option<DeviceId>,
        shutdown: &CancellationToken,
    ) -> Option<Claim<'_>> {
        let mut stops = lock(&self.stops);
        if stops.contains_key(&address) {
            return None;
        }
        // Looked up while nobody can end a session: whoever forgets a device does it before, or ends this session.
        let device = registered()?;
        let stop = shutdown.child_token();
        stops.insert(address, stop.clone());
        Some(Claim {
            sessions: self,
            address,
            device,
            stop,
        })
    }

    /// Tells whether a device is in a session.
    pub(super) fn has(&self, address: Address) -> bool {
        lock(&self.stops).contains_key(&address)
    }

    /// Asks the session with a device to come to its end, and waits until it has; at once when there is none.
    pub(super) async fn end(&self, address: Address) {
        let mut ended = self.ended.subscribe();
        loop {
            ended.borrow_and_update();
            match lock(&self.stops).get(&address) {
                Some(stop) => stop.cancel(),
                None => return,
            }
            if ended.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        lock(&self.sessions.stops).remove(&self.address);
        self.sessions.ended.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        [2, 0, 0, 0, 0, 1].into()
    }

    fn cuff() -> Option<DeviceId> {
        Some("cuff".parse().unwrap())
    }

    #[test]
    fn a_device_is_in_one_session_at_a_time_and_only_while_it_is_registered() {
        let sessions = Sessions::default();
        let shutdown = CancellationToken::new();
        assert!(sessions.claim(address(), || None, &shutdown).is_none());
        let claim = sessions.claim(address(), cuff, &shutdown).unwrap();
        assert!(sessions.claim(address(), cuff, &shutdown).is_none());
        let other = [2, 0, 0, 0, 0, 2].into();
        assert!(sessions.claim(other, cuff, &shutdown).is_some());
        shutdown.cancel();
        assert!(claim.stop.is_cancelled());
        drop(claim);
        assert!(sessions.claim(address(), cuff, &shutdown).is_some());
    }

    #[tokio::test]
    async fn ending_a_session_asks_it_to_end_and_waits_for_it() {
        let sessions = Sessions::default();
        sessions.end(address()).await;
        let claim = sessions.claim(address(), cuff, &CancellationToken::new());
        let claim = claim.unwrap();
        let session = async {
            claim.stop.cancelled().await;
            assert!(sessions.has(address()));
            drop(claim);
        };
        tokio::join!(sessions.end(address()), session);
        assert!(!sessions.has(address()));
    }
}
