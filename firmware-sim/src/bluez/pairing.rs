//! Just Works pairing: explicit, over a standing link, and only while an agent is registered.

use super::{
    Daemon,
    config::ms,
    effect::{CallId, Refusal, Reply},
};
use crate::device::Moment;

impl Daemon {
    pub(super) fn pair(
        &mut self,
        now: Moment,
        index: usize,
        call: CallId,
    ) -> Result<Option<Reply>, Refusal> {
        let at = now.uptime + ms(self.config.pair_ms);
        let failed = |name: &'static str, text: &str| Err(Refusal::new(name, text));
        let has_agent = !self.agents.is_empty();
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.as_mut() else {
            return Err(Refusal::unknown_object(&peer.path));
        };
        if known.paired {
            return failed("org.bluez.Error.AlreadyExists", "Already Exists");
        }
        if known.pairing.is_some() {
            return Err(Refusal::in_progress());
        }
        if !known.connected() {
            return failed("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout");
        }
        if !has_agent {
            return Err(Refusal::authentication_failed());
        }
        known.pairing = Some((call, at));
        Ok(None)
    }
}
