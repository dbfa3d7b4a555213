//! The client's half of the MQTT session: empty, whatever the broker kept.

use rumqttc::{
    MqttOptions, PersistedAckMode, PersistedSession, SessionStore, SessionStoreError,
    SessionStoreKey,
};
use std::future::{Future, ready};
use std::pin::Pin;

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, SessionStoreError>> + Send + 'a>>;

/// Tells rumqttc that this client owns nothing in the session that the broker resumes.
///
/// A new event loop that finds its session present but has no half of its own either refuses the connection, or
/// (`BrokerSessionResumePolicy::AllowBrokerOnly`) every subscription and QoS 1 publish on it. An empty half is the truth:
/// receipts are disposable and are not sent again, and no QoS 2 is spoken.
#[derive(Debug)]
pub(super) struct OwnsNothing(PersistedSession);

impl OwnsNothing {
    /// Makes the empty half of a session with these options, which must be complete.
    pub(super) fn new(options: &MqttOptions) -> Self {
        Self(PersistedSession {
            format_version: 1,
            client_id: options.client_id(),
            clean_start: options.clean_start(),
            session_expiry_interval: options.session_expiry_interval(),
            outgoing_inflight_upper_limit: options.get_outgoing_inflight_upper_limit(),
            ack_mode: PersistedAckMode::Manual,
            last_pkid: 0,
            last_puback: 0,
            replay: Vec::new(),
            incoming_qos2: Vec::new(),
        })
    }
}

impl SessionStore for OwnsNothing {
    fn load<'a>(&'a self, _key: &'a SessionStoreKey) -> Answer<'a, Option<PersistedSession>> {
        Box::pin(ready(Ok(Some(self.0.clone()))))
    }

    fn save<'a>(
        &'a self,
        _key: &'a SessionStoreKey,
        _session: &'a PersistedSession,
    ) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn clear<'a>(&'a self, _key: &'a SessionStoreKey) -> Answer<'a, ()> {
        Box::pin(ready(Ok(())))
    }
}
