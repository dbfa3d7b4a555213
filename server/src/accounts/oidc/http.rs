//! Requests to the other service: one connection each, over TLS, with a bound on time and length, and no redirects.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::body::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use openidconnect::AsyncHttpClient;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use webauthn_rs::prelude::Url;

use super::config::{OidcConfig, is_safe};
use crate::clock::Clock;
use crate::pem;

/// How long one request may take, from the connection to the last byte of the answer.
const REQUEST_WAIT_MAX: Duration = Duration::from_secs(4);
/// The longest answer, in bytes.
const ANSWER_LEN_MAX: usize = 256 * 1024;

/// Makes requests.
#[derive(Clone)]
pub(super) struct Http {
    tls: TlsConnector,
}

/// Why there is no answer.
#[derive(Debug, Error)]
#[error("{0:#}")]
pub(super) struct NoAnswer(anyhow::Error);

impl Http {
    pub(super) fn new(config: &OidcConfig, clock: &Clock) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = &config.ca_file {
            for authority in pem::certificates("sign_in.oidc.ca_file", path)? {
                roots.add(authority)?;
            }
        } else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let provider = Arc::new(default_provider());
        let tls = ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
        })
    }

    async fn ask(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, NoAnswer> {
        let asked = timeout(REQUEST_WAIT_MAX, self.connect_and_ask(request)).await;
        let answer = asked.context("the sign-in service did not answer in time");
        answer.and_then(|it| it).map_err(NoAnswer)
    }

    async fn connect_and_ask(
        &self,
        request: Request<Vec<u8>>,
    ) -> anyhow::Result<Response<Vec<u8>>> {
        let address = Url::parse(&request.uri().to_string())?;
        anyhow::ensure!(is_safe(&address), "it names an address without TLS");
        let host = address
            .host_str()
            .context("it names an address without a host")?;
        let host = host.trim_matches(['[', ']']);
        let port = address.port_or_known_default().unwrap_or(443);
        let stream = TcpStream::connect((host, port))
            .await
            .context("the sign-in service cannot be reached")?;
        if address.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(host.to_owned())?;
        exchange(self.tls.connect(name, stream).await?, request).await
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Vec<u8>>,
) -> anyhow::Result<Response<Vec<u8>>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().context("no authority")?.to_string();
    parts
        .headers
        .insert(HOST, HeaderValue::try_from(authority)?);
    let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    parts.uri = path.parse::<Uri>()?;
    let request = Request::from_parts(parts, Full::new(Bytes::from(body)));
    let answering = async {
        let answer = sender.send_request(request).await?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_LEN_MAX).collect().await;
        let body =
            body.map_err(|error| anyhow::anyhow!("the answer broke off or is too long: {error}"))?;
        Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
    };
    let mut answering = std::pin::pin!(answering);
    // The connection does the work; it may end before its answer has been read.
    tokio::select! {
        answer = &mut answering => return answer,
        ended = connection => ended?,
    }
    answering.await
}
