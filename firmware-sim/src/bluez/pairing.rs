//! Just Works pairing: explicit, and only while an agent is registered. Where there is no link, Pair() makes one first.

use super::{
    Daemon,
    config::ms,
    effect::{CallId, Effect, Refusal, Reply},
    peer::{LinkState, Waiting},
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
        let has_agent = !self.agents.is_empty();
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.as_mut() else {
            return Err(Refusal::unknown_object(&peer.path));
        };
        if known.paired {
            return Err(Refusal::new(
                "org.bluez.Error.AlreadyExists",
                "Already Exists",
            ));
        }
        if known.pairing.is_some() {
            return Err(Refusal::in_progress());
        }
        if !has_agent {
            return Err(Refusal::authentication_failed());
        }
        if !known.connected() {
            return self.connect(now, index, Waiting::Pair(call));
        }
        known.pairing = Some((call, at));
        Ok(None)
    }

    /// Gives up a pairing that is under way, or the link that one waits for.
    pub(super) fn cancel_pairing(&mut self, now: Moment, index: usize) -> Result<Reply, Refusal> {
        let peer = &mut self.peers[index];
        let Some(known) = peer.known.as_mut() else {
            return Err(Refusal::unknown_object(&peer.path));
        };
        if let LinkState::Connecting {
            waiting: waiting @ Waiting::Pair(_),
            ..
        } = known.link
        {
            self.connect_failed(now, index, waiting);
            return Ok(Reply::Empty);
        }
        let Some((call, _)) = known.pairing.take() else {
            return Err(Refusal::does_not_exist());
        };
        let canceled = "org.bluez.Error.AuthenticationCanceled";
        self.effect(Effect::Refuse(
            call,
            Refusal::new(canceled, "Authentication Canceled"),
        ));
        Ok(Reply::Empty)
    }
}
