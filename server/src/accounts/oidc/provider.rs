//! The other service as it describes itself, and its keys: asked for when first needed, and again now and then.

use anyhow::{anyhow, ensure};
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, Client, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, RedirectUrl, StandardErrorResponse,
    StandardTokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::config::OidcConfig;
use super::http::Http;
use crate::clock::Clock;

/// For how long what the service says of itself is believed.
pub const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// For how long it is not asked again after it failed to answer.
const AWAY_FOR: SignedDuration = SignedDuration::from_secs(5);
/// How soon after it was asked it is asked again, because a token is signed by a key that is not known.
pub const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// Claims that no standard names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OtherClaims {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

pub(super) type TokenFields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What asks the service, with what it has said of itself.
pub(super) type Asker = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The other service.
pub struct Provider {
    pub(super) config: OidcConfig,
    pub(super) http: Http,
    secret: Option<String>,
    clock: Clock,
    known: Mutex<Known>,
}

/// What is known of it.
#[derive(Debug, Default)]
struct Known {
    said: Option<(CoreProviderMetadata, Timestamp)>,
    failed_at: Option<Timestamp>,
}

/// Tells whether something was less than so long ago; a clock that was put back makes nothing last longer.
fn is_within(at: Timestamp, now: Timestamp, time: SignedDuration) -> bool {
    (SignedDuration::ZERO..time).contains(&now.duration_since(at))
}

/// The secret stays out of logs.
impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// Reads the secret and the authorities. The service itself is asked when somebody signs in: it may be away now.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn new(config: &OidcConfig, clock: &Clock) -> anyhow::Result<Self> {
        Ok(Self {
            config: config.clone(),
            http: Http::new(config, clock)?,
            secret: config.secret()?,
            clock: clock.clone(),
            known: Mutex::default(),
        })
    }

    /// What its button says after `Sign in with`.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Gives what asks the service. `is_key_unknown`: what is known is no longer enough.
    pub(super) async fn asker(&self, is_key_unknown: bool) -> anyhow::Result<Asker> {
        let metadata = self.metadata(is_key_unknown).await?;
        let id = ClientId::new(self.config.client_id.clone());
        let secret = self.secret.clone().map(ClientSecret::new);
        let back = RedirectUrl::new(self.config.redirect_uri.clone())?;
        Ok(Client::from_provider_metadata(metadata, id, secret).set_redirect_uri(back))
    }

    /// Whoever comes while it is being asked waits for the same answer.
    async fn metadata(&self, is_key_unknown: bool) -> anyhow::Result<CoreProviderMetadata> {
        let now = self.clock.now();
        let believed_for = if is_key_unknown {
            ASKED_AGAIN_AFTER
        } else {
            BELIEVED_FOR
        };
        let mut known = self.known.lock().await;
        if let Some((metadata, asked_at)) = &known.said
            && is_within(*asked_at, now, believed_for)
        {
            return Ok(metadata.clone());
        }
        // They do not wait one after the other for one that is away.
        let is_away = known
            .failed_at
            .is_some_and(|at| is_within(at, now, AWAY_FOR));
        ensure!(
            !is_away,
            "the sign-in service did not describe itself a moment ago"
        );
        let issuer = IssuerUrl::new(self.config.issuer.clone())?;
        let asked = CoreProviderMetadata::discover_async(issuer, &self.http);
        match asked.await {
            Ok(metadata) => {
                known.said = Some((metadata.clone(), now));
                known.failed_at = None;
                Ok(metadata)
            }
            Err(error) => {
                known.failed_at = Some(now);
                let why = openidconnect_says(&error);
                Err(anyhow!(
                    "the sign-in service does not describe itself: {why}"
                ))
            }
        }
    }
}

/// Says what failed with its causes; the library's own text has only the last step. Answers are not shown: they may hold
/// tokens.
pub(super) fn openidconnect_says(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
