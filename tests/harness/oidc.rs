//! A sign-in service (OpenID Connect) for tests: it has keys of its own, checks what it is sent as a real one does, and can be
//! told to sign what it should not.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::oidc_keys::{Keys, base64};

/// How this service knows the server under test.
pub const CLIENT_ID: &str = "hearth";
/// The secret that both have.
pub const CLIENT_SECRET: &str = "kept by both";

/// What it signs for the next who sign in.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// Claims that are added or put in place of others; null takes one away.
    pub claims: Value,
    /// Which key signs: `rsa`, `ec`, `forged`, which nobody is told of, or `none`.
    pub key: &'static str,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            claims: json!({}),
            key: "rsa",
        }
    }
}

/// A code that was given out.
#[derive(Debug, Clone)]
struct Given {
    challenge: String,
    nonce: String,
    redirect_uri: String,
}

#[derive(Debug)]
struct Inner {
    issuer: String,
    keys: Keys,
    wishes: Wishes,
    given: HashMap<String, Given>,
    given_len: usize,
    described_len: usize,
    now: Timestamp,
}

/// A running service.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// What it calls itself.
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
}

impl Oidc {
    /// Starts on a free port. `now` is what it takes for the time.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(now: Timestamp) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address: SocketAddr = listener.local_addr()?;
        let issuer = format!("http://{address}/realms/care");
        let inner = Arc::new(Mutex::new(Inner {
            issuer: issuer.clone(),
            keys: Keys::new()?,
            wishes: Wishes::default(),
            given: HashMap::new(),
            given_len: 0,
            described_len: 0,
            now,
        }));
        let router = Router::new()
            .route(
                "/realms/care/.well-known/openid-configuration",
                get(describe),
            )
            .route("/realms/care/keys", get(keys))
            .route("/realms/care/authorize", get(authorize))
            .route("/realms/care/token", post(token))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { issuer, inner })
    }

    /// Says what is signed from now on.
    pub fn wish(&self, wishes: Wishes) {
        self.lock().wishes = wishes;
    }

    /// Makes a new RSA key take the old one's place, as services do now and then.
    pub fn change_key(&self) {
        self.lock().keys.rename_rsa();
    }

    /// Sets what it takes for the time.
    pub fn set_now(&self, now: Timestamp) {
        self.lock().now = now;
    }

    /// Visits an address of the service as a browser does, and gives where it sends the browser to.
    ///
    /// # Errors
    /// When it sends the browser nowhere.
    pub async fn visit(address: &str) -> anyhow::Result<String> {
        let client = Client::builder(TokioExecutor::new()).build_http::<String>();
        let request = Request::get(address).body(String::new())?;
        let answer = client.request(request).await?;
        let to = answer.headers().get(header::LOCATION);
        let to = to.with_context(|| format!("it sends nowhere: {}", answer.status()))?;
        Ok(to.to_str()?.to_owned())
    }

    /// Tells how often it was asked to describe itself.
    pub fn described_len(&self) -> usize {
        self.lock().described_len
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Shared = State<Arc<Mutex<Inner>>>;

async fn describe(State(inner): Shared) -> Response {
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.described_len += 1;
    let issuer = &inner.issuer;
    json_of(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    }))
}

async fn keys(State(inner): Shared) -> Response {
    let inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    json_of(&inner.keys.public())
}

/// Sends back at once: whoever comes has proved who they are.
async fn authorize(State(inner): Shared, Query(asked): Query<HashMap<String, String>>) -> Response {
    let asked = |key: &str| asked.get(key).cloned().unwrap_or_default();
    let is_right = asked("response_type") == "code"
        && asked("client_id") == CLIENT_ID
        && asked("scope").split(' ').any(|it| it == "openid")
        && asked("code_challenge_method") == "S256";
    if !is_right {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    inner.given_len += 1;
    let code = format!("code-{}", inner.given_len);
    let redirect_uri = asked("redirect_uri");
    let to = format!("{redirect_uri}?code={code}&state={}", asked("state"));
    let given = Given {
        challenge: asked("code_challenge"),
        nonce: asked("nonce"),
        redirect_uri,
    };
    inner.given.insert(code, given);
    Redirect::to(&to).into_response()
}

/// Exchanges a code once, for who has the secret and the verifier.
async fn token(
    State(inner): Shared,
    headers: HeaderMap,
    Form(asked): Form<HashMap<String, String>>,
) -> Response {
    let asked = |key: &str| asked.get(key).cloned().unwrap_or_default();
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    let secret = CLIENT_SECRET.replace(' ', "+");
    let basic = format!("Basic {}", standard(&format!("{CLIENT_ID}:{secret}")));
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|it| it.to_str().ok());
    let given = inner.given.remove(&asked("code"));
    let challenge = base64(digest(&SHA256, asked("code_verifier").as_bytes()).as_ref());
    let given = given.filter(|it| {
        shown == Some(basic.as_str())
            && asked("grant_type") == "authorization_code"
            && it.challenge == challenge
            && it.redirect_uri == asked("redirect_uri")
    });
    let Some(given) = given else {
        let refusal = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, json_of(&refusal)).into_response();
    };
    match inner.signed(&given.nonce) {
        Ok(id_token) => json_of(&json!({
            "access_token": "unused", "token_type": "Bearer", "expires_in": 60, "id_token": id_token,
        })),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Inner {
    fn signed(&self, nonce: &str) -> anyhow::Result<String> {
        let now = self.now.as_second();
        let mut claims = json!({
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "00001111",
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "preferred_username": "nurse-ann",
        });
        let wished = self
            .wishes
            .claims
            .as_object()
            .context("claims are an object")?;
        for (name, value) in wished {
            if value.is_null() {
                claims.as_object_mut().context("an object")?.remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        self.keys.sign(self.wishes.key, &claims)
    }
}

fn json_of(value: &Value) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
        .into_response()
}

/// Base 64 with padding, as HTTP's Basic has it.
fn standard(text: &str) -> String {
    let plain = base64(text.as_bytes()).replace('-', "+").replace('_', "/");
    let padding = (4 - plain.len() % 4) % 4;
    format!("{plain}{}", "=".repeat(padding))
}
