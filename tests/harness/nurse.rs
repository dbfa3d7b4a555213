//! A nurse at the pages without a browser: requests as a browser without JavaScript would send them.

use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::server_program::ServerProgram;

/// One member of staff, signed in as the page asks.
#[derive(Debug, Clone)]
pub struct Nurse {
    origin: String,
    person: String,
    client: Client<HttpConnector, String>,
}

impl Nurse {
    /// Sits down at a server's pages.
    pub fn at(server: &ServerProgram, person: &str) -> Self {
        Self::at_origin(server.page(""), person)
    }

    /// Sits down at the pages of this origin, such as `http://127.0.0.1:8080`.
    pub fn at_origin(origin: String, person: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            origin,
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
        Ok(self.page("/alerts").await?.matches("data-rank=").count())
    }

    /// Sends a form and gives the answer as it is: a redirect is not followed.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn send(&self, path: &str, form: &str) -> anyhow::Result<(StatusCode, String)> {
        self.ask(Method::POST, path, form.to_owned()).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> anyhow::Result<(StatusCode, String)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::COOKIE, format!("hearth_person={}", self.person))
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)?;
        let response = self.client.request(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8(bytes.to_vec())?))
    }
}
