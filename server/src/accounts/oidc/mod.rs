//! Signing in by another service (OpenID Connect): people prove there who they are, and come back with a code that this server
//! exchanges for a signed token. It names an account that is here already; nobody is made by it.

pub mod config;
mod http;
mod provider;

use std::time::Duration;

use anyhow::Context;
use clinical::PersonId;
use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreGenderClaim, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, CsrfToken,
    IdTokenClaims, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::{info, warn};

pub use config::OidcConfig;
pub use provider::{ASKED_AGAIN_AFTER, BELIEVED_FOR, Provider};

use self::provider::{Asker, OtherClaims, TokenFields, openidconnect_says};
use super::questions::{self, About};
use super::sessions::{self, Stage};
use super::sign_in::{Begun, Door, username};
use super::token;
use crate::store::accounts;

/// The longest code that is looked at.
const CODE_LEN_MAX: usize = 4096;

/// What a coming back is checked by.
#[derive(Serialize, Deserialize)]
struct Sent {
    /// The digest of what only the browser has that was sent.
    browser: String,
    nonce: String,
    verifier: String,
    next: String,
}

/// Where a browser is sent.
#[derive(Debug, Clone)]
pub struct Away {
    /// The address at the other service.
    pub address: String,
    /// What the browser keeps meanwhile.
    pub token: String,
}

/// Who came back.
#[derive(Debug, Clone)]
pub struct Back {
    /// The session.
    pub begun: Begun,
    /// Where they wanted to go.
    pub next: String,
}

/// Why nobody was signed in.
#[derive(Debug, Error)]
pub enum Refused {
    /// They were sent too long ago, or have come back before, or by another browser.
    #[error("the question is not open any more")]
    Late,
    /// The token is not as it must be.
    #[error("the other service's word was not accepted")]
    Wrong,
    /// The token is right, and names nobody here.
    #[error("there is no such account")]
    NoAccount,
    /// The other service does not answer as it must.
    #[error("the other service does not answer")]
    Away,
    /// Too many are being asked.
    #[error("too many are signing in")]
    TooMany,
    /// Something of ours failed.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

/// Begins to sign in: makes the address to which the browser is sent.
///
/// # Errors
/// When the other service does not describe itself, or something failed.
pub async fn begin(door: Door<'_>, provider: &Provider, next: &str) -> Result<Away, Refused> {
    send(door, provider, next, false).await
}

/// Begins to prove again who one is: the other service must ask, whoever it takes the browser for.
///
/// # Errors
/// As [`begin`].
pub async fn begin_again(door: Door<'_>, provider: &Provider, next: &str) -> Result<Away, Refused> {
    send(door, provider, next, true).await
}

async fn send(
    door: Door<'_>,
    provider: &Provider,
    next: &str,
    asks_again: bool,
) -> Result<Away, Refused> {
    let asker = provider.asker(false).await.map_err(|error| away(&error))?;
    let token = token::token(door.clock)?;
    let sent = Sent {
        browser: token::digest_of(&token),
        nonce: token::token(door.clock)?,
        verifier: token::token(door.clock)?,
        next: next.to_owned(),
    };
    let state = serde_json::to_string(&sent).map_err(anyhow::Error::from)?;
    let word = questions::ask(door.store, door.clock, About::Oidc, None, state).await?;
    let word = word.ok_or(Refused::TooMany)?;
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(sent.verifier));
    let config = &provider.config;
    let scopes = config.scopes.iter().cloned().map(Scope::new);
    let levels = config.acr_values.iter().cloned();
    let request = asker
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(word),
            || Nonce::new(sent.nonce),
        )
        .add_scopes(scopes)
        .set_pkce_challenge(challenge);
    let request = levels
        .map(AuthenticationContextClass::new)
        .fold(request, |request, level| {
            request.add_auth_context_value(level)
        });
    let request = match asks_again {
        true => request
            .add_prompt(CoreAuthPrompt::Login)
            .set_max_age(Duration::ZERO),
        false => request,
    };
    Ok(Away {
        address: request.url().0.to_string(),
        token,
    })
}

/// Lets in who came back with a code, if it proves what it must.
///
/// # Errors
/// When it does not, names nobody here, or something failed.
pub async fn finish(
    door: Door<'_>,
    provider: &Provider,
    word: &str,
    code: &str,
    browser: &str,
) -> Result<Back, Refused> {
    let state = questions::answered(door.store, door.clock, About::Oidc, None, word).await?;
    let sent: Sent =
        serde_json::from_str(&state.ok_or(Refused::Late)?).map_err(|_| Refused::Late)?;
    if token::digest_of(browser) != sent.browser || code.len() > CODE_LEN_MAX {
        return Err(Refused::Late);
    }
    let claims = claims_of(door, provider, code, sent.verifier, &Nonce::new(sent.nonce)).await?;
    let levels = &provider.config.acr_values;
    let level = claims.auth_context_ref().map(|it| it.as_str());
    let is_sure = level.is_some_and(|level| levels.iter().any(|it| it == level));
    if !levels.is_empty() && !is_sure {
        warn!("somebody was sent back who has not proved surely enough who they are");
        return Err(Refused::Wrong);
    }
    let proved_at = claims.auth_time().map(|it| it.timestamp());
    let claims = serde_json::to_value(&claims).map_err(anyhow::Error::from)?;
    let name = claims[&provider.config.claim].as_str();
    let name = username(name.ok_or(Refused::NoAccount)?);
    let account = accounts::by_username(door.store.readers(), &name).await?;
    let account = account.filter(|it| it.may_sign_in(door.clock.now()));
    let account = account.ok_or(Refused::NoAccount)?;
    // Without a level that counts as both steps, the second is taken here.
    let stage = if is_sure {
        Stage::Full
    } else {
        door.stage_after_password(&account)
    };
    let person: PersonId = account.person.parse().context("a stored id is none")?;
    let mut write = door.store.write().await?;
    // That it takes the browser for theirs is no proof of now. Without a time it may have been long ago.
    let proved_at = proved_at.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let proved_at = proved_at.unwrap_or(Timestamp::UNIX_EPOCH);
    let (policy, clock) = (door.policy, door.clock);
    let proved_at = proved_at.min(clock.now());
    let begun = sessions::begin_proved(&mut write, &person, stage, proved_at, policy, clock);
    let token = begun.await?;
    write.commit().await.context("a session was not kept")?;
    Ok(Back {
        begun: Begun {
            token,
            stage,
            person,
        },
        next: sent.next,
    })
}

type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

async fn claims_of(
    door: Door<'_>,
    provider: &Provider,
    code: &str,
    verifier: String,
    nonce: &Nonce,
) -> Result<Claims, Refused> {
    let asker = provider.asker(false).await.map_err(|error| away(&error))?;
    let exchange = asker
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .map_err(|error| away(&error.into()))?
        .set_pkce_verifier(PkceCodeVerifier::new(verifier));
    let answer = exchange
        .request_async(&provider.http)
        .await
        .map_err(|error| {
            info!(error = %error, "a code was not exchanged for a token");
            Refused::Wrong
        })?;
    let fields: &TokenFields = answer.extra_fields();
    let found = verified(&asker, door, fields, nonce);
    // It may have begun to sign by another key since it was asked.
    let found = match found {
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) => {
            let asker = provider.asker(true).await.map_err(|error| away(&error))?;
            verified(&asker, door, fields, nonce)
        }
        found => found,
    };
    found.map_err(|error| {
        warn!(error = %openidconnect_says(&error), "a token was not accepted");
        Refused::Wrong
    })
}

fn verified(
    asker: &Asker,
    door: Door<'_>,
    fields: &TokenFields,
    nonce: &Nonce,
) -> Result<Claims, ClaimsVerificationError> {
    let token = fields
        .id_token()
        .ok_or_else(|| ClaimsVerificationError::Other("there is no ID token".to_owned()))?;
    let clock = door.clock.clone();
    let verifier = asker
        .id_token_verifier()
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        ])
        .set_time_fn(move || {
            chrono::DateTime::from_timestamp(clock.now().as_second(), 0).unwrap_or_default()
        });
    token.claims(&verifier, nonce).cloned()
}

fn away(error: &anyhow::Error) -> Refused {
    warn!(
        error = format!("{error:#}"),
        "the sign-in service does not answer as it must"
    );
    Refused::Away
}
