//! A nurse at the pages without a browser: requests as a browser without JavaScript would send them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use axum::http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use tokio::sync::Mutex;

use crate::server_program::{self, ServerProgram};

/// What every nurse of the tests takes as a password; each sets it by a code of her own.
pub const PASSWORD: &str = "wet stone pillow";
/// The same as a form carries it.
const PASSWORD_FIELD: &str = "wet+stone+pillow";

/// The sessions of this test program's nurses, by origin and person: one who comes back is still signed in.
static SESSIONS: Mutex<BTreeMap<(String, String), String>> = Mutex::const_new(BTreeMap::new());

/// One member of staff, who signs in by the pages when they first ask.
#[derive(Debug, Clone)]
pub struct Nurse {
    origin: String,
    config: PathBuf,
    person: String,
    client: Client<HttpConnector, String>,
}

impl Nurse {
    /// Sits down at a server's pages.
    pub fn at(server: &ServerProgram, person: &str) -> Self {
        Self::at_origin(server.page(""), server.config(), person)
    }

    /// Sits down at the pages of this origin, such as `http://127.0.0.1:8080`, of the server that is configured so.
    pub fn at_origin(origin: String, config: &Path, person: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            origin,
            config: config.to_owned(),
            person: person.to_owned(),
            client,
        }
    }

    /// Gives who it is.
    pub fn person(&self) -> &str {
        &self.person
    }

    /// Opens a page.
    ///
    /// # Errors
    /// When the server does not answer, or not with a page.
    pub async fn page(&self, path: &str) -> anyhow::Result<String> {
        let (status, text) = self.ask(Method::GET, path, String::new()).await?;
        anyhow::ensure!(status == StatusCode::OK, "{path}: {status}\n{text}");
        Ok(text)
    }

    /// Opens the worklist and counts its rows.
    ///
    /// # Errors
    /// When the server does not answer with the page.
    pub async fn open_alerts(&self) -> anyhow::Result<usize> {
        Ok(self.page("/alerts").await?.matches("data-version=").count())
    }

    /// Sends a form and gives the answer as it is: a redirect is not followed.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn send(&self, path: &str, form: &str) -> anyhow::Result<(StatusCode, String)> {
        self.ask(Method::POST, path, form.to_owned()).await
    }

    /// Signs in, by a new code where nobody of this program has yet, and gives the cookie.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn sign_in(&self) -> anyhow::Result<String> {
        let key = (self.origin.clone(), self.person.clone());
        let mut sessions = SESSIONS.lock().await;
        if let Some(cookie) = sessions.get(&key)
            && !self.is_asked_to_sign_in(cookie).await?
        {
            return Ok(cookie.clone());
        }
        let begun = if sessions.contains_key(&key) {
            let form = format!("username={}&password={PASSWORD_FIELD}", self.person);
            self.ask_once(Method::POST, "/sign-in", "", form).await?
        } else {
            let form = format!("code={}&password={PASSWORD_FIELD}", self.code()?);
            self.ask_once(Method::POST, "/set-up", "", form).await?
        };
        let cookie = begun.headers().get(header::SET_COOKIE);
        let cookie = cookie.with_context(|| format!("{} was not signed in", self.person))?;
        let cookie = cookie
            .to_str()?
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        sessions.insert(key, cookie.clone());
        Ok(cookie)
    }

    /// Asks the operator for a code by which the password is set.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn code(&self) -> anyhow::Result<String> {
        let arguments = [&self.person, "--username", &self.person];
        let told = server_program::ask(&self.config, "account", &arguments)?;
        let code = told
            .split_once(": ")
            .and_then(|(_, rest)| rest.lines().next());
        Ok(code.context("no code was printed")?.to_owned())
    }

    async fn is_asked_to_sign_in(&self, cookie: &str) -> anyhow::Result<bool> {
        let answer = self
            .ask_once(Method::GET, "/account", cookie, String::new())
            .await?;
        Ok(answer.status() == StatusCode::SEE_OTHER)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, String)> {
        let cookie = self.sign_in().await?;
        let answer = self.ask_once(method, path, &cookie, body).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8(bytes.to_vec())?))
    }

    async fn ask_once(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        body: String,
    ) -> anyhow::Result<Response<Incoming>> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::COOKIE, cookie)
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)?;
        Ok(self.client.request(request).await?)
    }
}
