//! One browser's connection to the pages, kept open and timed.

use std::time::Duration;

use anyhow::{Context, ensure};
use axum::http::{Request, header};
use http_body_util::BodyExt;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use hearth_tests::server_program::ServerProgram;

/// What browsers accept.
const ENCODINGS: &str = "gzip, deflate, br, zstd";

/// Somebody who is signed in, at one connection.
pub(crate) struct Visitor {
    sender: SendRequest<String>,
    host: String,
    cookie: String,
    /// Ends with it.
    _connection: JoinSet<()>,
}

/// What came, and how long it took from the request on.
pub(crate) struct Fetched {
    /// Until the head of the answer was there.
    pub(crate) first_byte: Duration,
    /// Until all of it was there.
    pub(crate) whole: Duration,
    /// How it was packed for the way.
    pub(crate) encoding: Option<String>,
    /// As it was sent.
    pub(crate) body: Vec<u8>,
}

impl Visitor {
    /// Connects.
    ///
    /// # Errors
    /// When nobody answers.
    pub(crate) async fn come(server: &ServerProgram, cookie: &str) -> anyhow::Result<Self> {
        let origin = server.page("");
        let host = origin.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut task = JoinSet::new();
        task.spawn(async move {
            // Its end is told by the request that it carries.
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            host,
            cookie: cookie.to_owned(),
            _connection: task,
        })
    }

    /// Asks for a page as it is written, or as a browser asks for it, which takes it packed too.
    ///
    /// # Errors
    /// When it does not come.
    pub(crate) async fn get(&mut self, path: &str, packed: bool) -> anyhow::Result<Fetched> {
        let mut request = Request::get(path)
            .header(header::HOST, &self.host)
            .header(header::COOKIE, &self.cookie);
        if packed {
            request = request
                .header(header::ACCEPT_ENCODING, ENCODINGS)
                .header("sec-fetch-site", "none");
        }
        let request = request.body(String::new())?;
        let begun = Instant::now();
        let answer = self.sender.send_request(request).await?;
        let first_byte = begun.elapsed();
        let status = answer.status();
        let encoding = answer.headers().get(header::CONTENT_ENCODING);
        let encoding = encoding.map(|it| it.to_str().map(str::to_owned));
        let encoding = encoding.transpose().context("an odd content encoding")?;
        let body = answer.into_body().collect().await?.to_bytes().to_vec();
        let whole = begun.elapsed();
        ensure!(status.is_success(), "{path}: {status}");
        Ok(Fetched {
            first_byte,
            whole,
            encoding,
            body,
        })
    }
}
