//! The consent of a scale's user, before which some scales send nothing (User Data Service 1.1).

use std::time::Duration;

use btleplug::api::{Peripheral as _, WriteType};
use gatt::{UserCommand, UserControl, UserOpcode, UserResponseCode};
use uuid::Uuid;

use super::{Conversation, failed_or_lost};
use crate::radio::device;
use crate::radio::failure::{Failure, bounded};
use crate::radio::session::Outcome;
use crate::radio::values::Values;

impl Conversation<'_> {
    /// Consents as the user whom the installer wrote down, on whatever device has users; and says so where nobody was.
    pub(super) async fn consent(&mut self) -> Result<Outcome, Failure> {
        let Some(point) = device::user_control(&self.peripheral.characteristics()) else {
            return Ok(Outcome::Done);
        };
        let Some(user) = self.means.scale_user else {
            if self.behaviour.consent {
                tracing::warn!(
                    device.id = %self.means.device,
                    "a scale may send nothing before a user has consented; write consent_user and consent_code into its \
                     block of the configuration"
                );
            }
            return Ok(Outcome::Done);
        };
        let call_ms_max = self.means.timings.call_ms_max;
        self.subscribed.push(point.clone());
        bounded(call_ms_max, self.peripheral.subscribe(&point)).await?;
        let request = UserCommand::Consent {
            user: user.index,
            consent_code: user.consent_code,
        };
        let bytes = request.encode();
        let asking = self
            .peripheral
            .write(&point, &bytes, WriteType::WithResponse);
        bounded(call_ms_max, asking).await?;
        Ok(self.await_consent(point.uuid).await)
    }

    async fn await_consent(&mut self, point: Uuid) -> Outcome {
        let call_ms_max = self.means.timings.call_ms_max;
        let Some(values) = &mut self.values else {
            return Outcome::Failed;
        };
        let mut link_lost = self.means.link_lost.subscribe();
        let answer = tokio::select! {
            biased;
            answer = answer_to_consent(values, point) => answer,
            () = self.means.shutdown.cancelled() => return Outcome::Stopping,
            _ = link_lost.wait_for(|lost| *lost) => return Outcome::LinkLost,
            () = tokio::time::sleep(Duration::from_millis(call_ms_max)) => None,
        };
        let refused = match answer {
            Some(UserResponseCode::Success) => return Outcome::Done,
            Some(refused) => refused,
            None => {
                tracing::info!(
                    device.id = %self.means.device,
                    "a scale did not answer the consent of its user"
                );
                return failed_or_lost(&self.peripheral, call_ms_max).await;
            }
        };
        tracing::warn!(
            device.id = %self.means.device,
            answer = why(refused),
            "a scale did not take the consent of its user; correct consent_user and consent_code, or set the user up anew \
             on the scale"
        );
        Outcome::ConsentRefused
    }
}

/// Waits for how the consent went; `None` when the values end.
async fn answer_to_consent(values: &mut Values, point: Uuid) -> Option<UserResponseCode> {
    loop {
        let answer = values.answer(point).await?;
        if let Ok(UserControl::Response(response)) = UserControl::decode(&answer)
            && response.request == UserOpcode::Consent
        {
            return Some(response.code);
        }
    }
}

fn why(code: UserResponseCode) -> &'static str {
    match code {
        UserResponseCode::Success => "success",
        UserResponseCode::OpcodeNotSupported => "it knows no consent",
        UserResponseCode::InvalidParameter => "it has no such user",
        UserResponseCode::OperationFailed => "it could not",
        UserResponseCode::NotAuthorised => "the code is not that user's",
        UserResponseCode::Reserved(_) => "for a reason that is not in the specification",
    }
}
