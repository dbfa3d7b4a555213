//! One question to the server, over TLS, with a bound on every wait and on what comes back.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use vitals::enrol::exchange::AnswerError;
use vitals::enrol::{ANSWER_LEN_MAX, Answer, PATH, Refusal};

use super::pinned::{Fingerprint, client};

/// How long connecting, asking and hearing the answer may take altogether.
const EXCHANGE_WAIT_MAX: Duration = Duration::from_secs(30);
const PORT_DEFAULT: u16 = 443;

/// Where boxes are enrolled, and renew their certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerUrl {
    host: String,
    port: u16,
}

impl TryFrom<String> for ServerUrl {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        text.parse()
    }
}

impl From<ServerUrl> for String {
    fn from(url: ServerUrl) -> Self {
        let ServerUrl { host, port } = url;
        if host.contains(':') {
            format!("https://[{host}]:{port}")
        } else {
            format!("https://{host}:{port}")
        }
    }
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

/// One question: where it goes and how its answer is read.
#[derive(Debug)]
pub(super) struct Question<T> {
    pub(super) path: &'static str,
    pub(super) body: String,
    pub(super) read: fn(&[u8]) -> Result<T, AnswerError>,
}

/// Brings a code to the server with this fingerprint.
pub(super) async fn bring_code(
    server: &ServerUrl,
    fingerprint: Fingerprint,
    body: String,
) -> anyhow::Result<Answer> {
    let question = Question {
        path: PATH,
        body,
        read: Answer::from_body,
    };
    let doubt = "is not the server of this fingerprint, or this box's clock is wrong: compare both with the job sheet; the code \
                 was not sent";
    ask(server, Arc::new(client(fingerprint)?), doubt, question).await
}

/// Asks the server. A refusal is an error in its own words, which tell what to do next; `doubt` is said of a server that
/// TLS does not believe.
pub(super) async fn ask<T>(
    server: &ServerUrl,
    tls: Arc<ClientConfig>,
    doubt: &str,
    question: Question<T>,
) -> anyhow::Result<T> {
    match timeout(EXCHANGE_WAIT_MAX, exchange(server, tls, doubt, question)).await {
        Ok(answered) => answered,
        Err(_) => bail!(
            "the server {} did not answer within {EXCHANGE_WAIT_MAX:?}; see whether this box has internet, and try again",
            server.host
        ),
    }
}

async fn exchange<T>(
    server: &ServerUrl,
    tls: Arc<ClientConfig>,
    doubt: &str,
    question: Question<T>,
) -> anyhow::Result<T> {
    let stream = connect(server, tls, doubt).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post(question.path)
        .header(header::HOST, &server.host)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(question.body)))?;
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
    read(&response?, question.read)
}

async fn connect(
    server: &ServerUrl,
    tls: Arc<ClientConfig>,
    doubt: &str,
) -> anyhow::Result<TlsStream<TcpStream>> {
    let (host, port) = (server.host.as_str(), server.port);
    let stream = TcpStream::connect((host, port)).await.with_context(|| {
        format!("the server {host} cannot be reached at port {port}; see whether this box has internet and the address is right")
    })?;
    let name = ServerName::try_from(host.to_owned())?;
    TlsConnector::from(tls)
        .connect(name, stream)
        .await
        .with_context(|| format!("{host} {doubt}"))
}

fn read<T>(
    response: &Response<Bytes>,
    read: fn(&[u8]) -> Result<T, AnswerError>,
) -> anyhow::Result<T> {
    if response.status() == StatusCode::OK {
        return Ok(read(response.body())?);
    }
    match serde_json::from_slice::<Refusal>(response.body()) {
        Ok(refusal) => Err(refusal.into()),
        Err(_) => bail!(
            "the server could not answer ({}); try again in some minutes",
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
            let url: ServerUrl = text.parse().unwrap();
            let kept = serde_json::to_string(&url).unwrap();
            assert_eq!(serde_json::from_str::<ServerUrl>(&kept).unwrap(), url);
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
            read(&response, Answer::from_body).unwrap_err().to_string()
        };
        let down = response(StatusCode::SERVICE_UNAVAILABLE, "");
        assert!(down.contains("try again in some minutes"), "{down}");
        let locked = response(StatusCode::LOCKED, r#"{"refusal":"locked"}"#);
        assert_eq!(locked, Refusal::Locked.to_string());
    }
}
