//! The relying party (WebAuthn): makes what browsers are asked, and checks what they answer. Nothing is kept here.

use std::time::Duration;

use anyhow::{Context, anyhow};
use thiserror::Error;
use tracing::debug;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::ANSWER_LEN_MAX;
use crate::accounts::questions::QUESTION_LIFE;

/// The name by which this computer reaches its own pages; browsers take it for as safe as TLS.
const LOCAL: &str = "localhost";

/// Who asks, by the name that browsers know.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    webauthn: Webauthn,
    name: String,
}

/// What a browser is asked, and what its answer is checked by, both as JSON.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) options: String,
    pub(super) state: String,
}

/// A question about a new passkey is kept with whom it is for.
#[derive(serde::Serialize, serde::Deserialize)]
struct NewState {
    handle: Uuid,
    registration: PasskeyRegistration,
}

/// A passkey that a device has made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) handle: String,
    pub(super) credential: String,
}

/// An answer by which somebody wants to sign in.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    answer: PublicKeyCredential,
    id: String,
    handle: String,
}

/// Why an answer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum NotProved {
    /// It was not right.
    #[error("the answer proves nothing")]
    Wrong,
    /// The device has counted fewer uses than we have.
    #[error("the device has counted fewer uses")]
    Copied,
}

impl From<WebauthnError> for NotProved {
    fn from(error: WebauthnError) -> Self {
        debug!(error = %error, "an answer of a passkey proves nothing");
        match error {
            WebauthnError::CredentialPossibleCompromise => Self::Copied,
            _ => Self::Wrong,
        }
    }
}

impl RelyingParty {
    /// Takes the main name that browsers reach the pages by; without any, this computer's own. `None` where that is an
    /// address: passkeys need a name.
    ///
    /// # Errors
    /// When the name cannot be part of an address.
    pub fn new(names: &[String], service_name: &str) -> anyhow::Result<Option<Self>> {
        let (name, scheme) = match names.first() {
            Some(name) => (name.to_lowercase(), "https"),
            None => (LOCAL.to_owned(), "http"),
        };
        let origin = Url::parse(&format!("{scheme}://{name}/"))
            .with_context(|| format!("web.names: {name:?} cannot be part of an address"))?;
        if origin.domain().is_none() {
            return Ok(None);
        }
        let builder = WebauthnBuilder::new(&name, &origin).map_err(|error| wrap(&error))?;
        let webauthn = builder
            .rp_name(service_name)
            .allow_any_port(true)
            .timeout(Duration::try_from(QUESTION_LIFE)?)
            .build()
            .map_err(|error| wrap(&error))?;
        Ok(Some(Self { webauthn, name }))
    }

    /// Gives the name that the pages must be reached by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks for a new passkey that the device can find by itself, and for which it recognises the person.
    pub(super) fn ask_for_new<'a>(
        &self,
        handle: [u8; 16],
        username: &str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> anyhow::Result<Asked> {
        let handle = Uuid::from_bytes(handle);
        let known: Result<Vec<CredentialID>, _> = known.map(hex::decode).collect();
        let known = Some(known.context("a stored id is none")?);
        let asked = self
            .webauthn
            .start_passkey_registration(handle, username, name, known);
        let (options, registration) = asked.map_err(|error| wrap(&error))?;
        let mut options = serde_json::to_value(options)?;
        // The library asks for none, because old security keys have little room; without, whoever signs in would have to
        // type a name first, and anybody could ask which names have passkeys.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        Ok(Asked {
            options: options.to_string(),
            state: serde_json::to_string(&NewState {
                handle,
                registration,
            })?,
        })
    }

    /// Asks for any passkey of ours, and that the device recognises the person.
    pub(super) fn ask_for_known(&self) -> anyhow::Result<Asked> {
        let asked = self.webauthn.start_discoverable_authentication();
        let (mut options, state) = asked.map_err(|error| wrap(&error))?;
        // Somebody has pressed a button, so the browser shall ask at once.
        options.mediation = None;
        Ok(Asked {
            options: serde_json::to_string(&options)?,
            state: serde_json::to_string(&state)?,
        })
    }

    /// Checks the answer to [`RelyingParty::ask_for_new`].
    pub(super) fn made(&self, answer: &str, state: &str) -> Result<Made, NotProved> {
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let state: NewState = read_state(state)?;
        let made = self
            .webauthn
            .finish_passkey_registration(&answer, &state.registration)?;
        Ok(Made {
            id: hex::encode(made.cred_id()),
            handle: state.handle.simple().to_string(),
            credential: serde_json::to_string(&made).map_err(|_| NotProved::Wrong)?,
        })
    }

    /// Checks the answer to [`RelyingParty::ask_for_known`] by the stored credential, and gives what is to be stored of it
    /// from now on.
    pub(super) fn proved(
        &self,
        proof: &Proof,
        state: &str,
        credential: &str,
    ) -> Result<String, NotProved> {
        let state: DiscoverableAuthentication = read_state(state)?;
        let mut passkey: Passkey = read_state(credential)?;
        let result =
            self.webauthn
                .finish_discoverable_authentication_v2(&proof.answer, state, &passkey)?;
        passkey.update_credential(&result);
        serde_json::to_string(&passkey).map_err(|_| NotProved::Wrong)
    }
}

impl Proof {
    /// Reads an answer; it is not checked yet.
    pub(super) fn read(answer: &str) -> Result<Self, NotProved> {
        let answer: PublicKeyCredential = read(answer)?;
        let handle = answer.get_user_unique_id().ok_or(NotProved::Wrong)?;
        let (id, handle) = (hex::encode(answer.get_credential_id()), hex::encode(handle));
        Ok(Self { answer, id, handle })
    }

    /// Which passkey it claims to be of.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Tells whether the device knows the person by this handle.
    pub(super) fn is_of(&self, handle: &str) -> bool {
        self.handle == handle
    }
}

/// Reads a stored handle.
pub(super) fn handle_of(stored: &str) -> anyhow::Result<[u8; 16]> {
    let bytes = hex::decode(stored).context("a stored handle is none")?;
    bytes
        .try_into()
        .map_err(|_| anyhow!("a stored handle has another length"))
}

fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, NotProved> {
    if answer.len() > ANSWER_LEN_MAX {
        return Err(NotProved::Wrong);
    }
    serde_json::from_str(answer).map_err(|_| NotProved::Wrong)
}

/// What another version of this program has stored may not be readable; whoever signs in begins again.
fn read_state<T: serde::de::DeserializeOwned>(stored: &str) -> Result<T, NotProved> {
    serde_json::from_str(stored).map_err(|error| {
        debug!(error = %error, "what was stored of a passkey cannot be read");
        NotProved::Wrong
    })
}

fn wrap(error: &WebauthnError) -> anyhow::Error {
    anyhow!("passkeys: {error}")
}
