//! One question to the server, over TLS, with a bound on every wait and on what comes back.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use vitals::enrol::{ANSWER_LEN_MAX, Answer, PATH, Refusal};

use super::pinned::{Fingerprint, client};

/// How long connecting, asking and hearing the answer may take altogether.
const EXCHANGE_WAIT_MAX: Duration = Duration::from_secs(30);
const PORT_DEFAULT: u16 = 443;

/// Where boxes are enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    host: String,
    port: u16,
}

impl std::str::FromStr for ServerUrl {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let about = "the server's address must be like https://hearth.example:8443";
        let uri: Uri = text.parse().context(about)?;
        ensure!(
            uri.scheme_str() == Some("https") && matches!(uri.path(), "" | "/"),
            about
        );
        let host = uri.host().context(about)?;
        Ok(Self {
            // An IPv6 address stands in brackets in a URL and nowhere else.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(PORT_DEFAULT),
        })
    }
}

/// Asks the server. A refusal is an error in its own words, which tell what to do next.
pub(super) async fn post(
    server: &ServerUrl,
    fingerprint: Fingerprint,
    body: String,
) -> anyhow::Result<Answer> {
    match timeout(EXCHANGE_WAIT_MAX, exchange(server, fingerprint, body)).await {
        Ok(answered) => answered,
        Err(_) => bail!(
            "the server {} did not answer within {EXCHANGE_WAIT_MAX:?}; see whether this box has internet, and try again",
            server.host
        ),
    }
}

async fn exchange(
    server: &ServerUrl,
    fingerprint: Fingerprint,
    body: String,
) -> anyhow::Result<Answer> {
    let stream = connect(server, fingerprint).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post(PATH)
        .header(header::HOST, &server.host)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))?;
    let asked = async move {
        let (head, body) = sender
            .send_request(request)
            .await
            .context("the server closed the connection without an answer; try again")?
            .into_parts();
        let body = Limited::new(body, ANSWER_LEN_MAX)
            .collect()
            .await
            .map_err(|error| anyhow!("the server's answer was cut off or too long: {error}"))?;
        anyhow::Ok(Response::from_parts(head, body.to_bytes()))
    };
    // What goes wrong with the connection is told by the question that it carries.
    let (response, _) = tokio::join!(asked, connection);
    read(&response?)
}

async fn connect(
    server: &ServerUrl,
    fingerprint: Fingerprint,
) -> anyhow::Result<TlsStream<TcpStream>> {
    let (host, port) = (server.host.as_str(), server.port);
    let stream = TcpStream::connect((host, port)).await.with_context(|| {
        format!("the server {host} cannot be reached at port {port}; see whether this box has internet and the address is right")
    })?;
    let name = ServerName::try_from(host.to_owned())?;
    TlsConnector::from(Arc::new(client(fingerprint)?))
        .connect(name, stream)
        .await
        .with_context(|| {
            format!(
                "{host} is not the server of this fingerprint, or this box's clock is wrong: compare both with the job sheet; \
                 the code was not sent"
            )
        })
}

fn read(response: &Response<Bytes>) -> anyhow::Result<Answer> {
    if response.status() == StatusCode::OK {
        return Ok(Answer::from_body(response.body())?);
    }
    match serde_json::from_slice::<Refusal>(response.body()) {
        Ok(refusal) => Err(refusal.into()),
        Err(_) => bail!(
            "the server could not answer ({}); try again in some minutes, with the same code",
            response.status()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_address_is_read_or_refused_with_an_example() {
        let read = |text: &str| text.parse::<ServerUrl>().map(|url| (url.host, url.port));
        let read_as = |host: &str, port| (host.to_owned(), port);
        for (text, host, port) in [
            ("https://hearth.example:8443", "hearth.example", 8443),
            ("https://hearth.example/", "hearth.example", 443),
            ("https://[::1]:8443", "::1", 8443),
        ] {
            assert_eq!(read(text).unwrap(), read_as(host, port));
        }
        for wrong in ["hearth.example", "http://hearth.example", "https://a/b", ""] {
            let error = format!("{:#}", read(wrong).unwrap_err());
            assert!(error.contains("https://hearth.example:8443"), "{error}");
        }
    }

    #[test]
    fn what_is_no_refusal_is_worth_another_try() {
        let response = |status, body: &'static str| {
            let mut response = Response::new(Bytes::from(body));
            *response.status_mut() = status;
            read(&response).unwrap_err().to_string()
        };
        let down = response(StatusCode::SERVICE_UNAVAILABLE, "");
        assert!(down.contains("with the same code"), "{down}");
        let locked = response(StatusCode::LOCKED, r#"{"refusal":"locked"}"#);
        assert_eq!(locked, Refusal::Locked.to_string());
    }
}
