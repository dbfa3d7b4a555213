//! A small browser for tests: real requests to the real server over a real connection, cookies by hand.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{State, serve};

/// Long enough for any answer on any machine: reaching it is a failure, not a measure.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(30);

/// A running server and where it is.
pub(crate) struct Served {
    pub(crate) host: String,
    /// Stops it.
    pub(crate) shutdown: CancellationToken,
    /// Ends when it has stopped.
    pub(crate) task: JoinHandle<anyhow::Result<()>>,
}

/// An answer, headers in lower case.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// All headers as one text.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: String,
}

/// An open stream of events.
pub(crate) struct Events(BufReader<TcpStream>);

impl Answer {
    /// Finds a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Served {
    /// Serves on a free port.
    pub(crate) async fn start(state: &State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(serve(listener, state.clone(), None, shutdown.clone()));
        Self {
            host,
            shutdown,
            task,
        }
    }

    /// Gets a page as one person.
    pub(crate) async fn get(&self, path: &str, person: &str) -> Answer {
        self.send(&format!("GET {path}"), &cookie(person), "").await
    }

    /// Posts a form as one person, from our own page.
    pub(crate) async fn post(&self, path: &str, person: &str, form: &str) -> Answer {
        let headers = format!("{}Origin: http://{}\r\n", cookie(person), self.host);
        self.send(&format!("POST {path}"), &headers, form).await
    }

    /// Sends any request; header lines end in CR LF.
    pub(crate) async fn send(&self, request: &str, headers: &str, form: &str) -> Answer {
        self.send_to(&self.host, request, headers, form).await
    }

    /// Sends any request, as to a server of this name.
    pub(crate) async fn send_to(
        &self,
        host: &str,
        request: &str,
        headers: &str,
        form: &str,
    ) -> Answer {
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        let text = format!(
            "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(ANSWER_WAIT_MAX, stream.read_to_end(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Opens the live stream of one person.
    pub(crate) async fn events(&self, person: &str) -> Events {
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        let text = format!(
            "GET /alerts/live HTTP/1.1\r\nHost: {}\r\n{}\r\n",
            self.host,
            cookie(person)
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        Events(BufReader::new(stream))
    }
}

impl Events {
    /// Waits for the next event of a kind and gives its data; `None` when the stream has ended before one came.
    pub(crate) async fn next(&mut self, kind: &str) -> Option<String> {
        timeout(ANSWER_WAIT_MAX, self.find(kind)).await.unwrap()
    }

    async fn find(&mut self, kind: &str) -> Option<String> {
        let wanted = format!("event: {kind}");
        while self.line().await? != wanted {}
        let mut data = Vec::new();
        while let Some(line) = self.line().await {
            let Some(part) = line.strip_prefix("data: ").or(line.strip_prefix("data:")) else {
                break;
            };
            data.push(part.to_owned());
        }
        Some(data.join("\n"))
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let len = self.0.read_line(&mut line).await.unwrap();
        (len > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

fn cookie(person: &str) -> String {
    if person.is_empty() {
        String::new()
    } else {
        format!("Cookie: hearth_person={person}\r\n")
    }
}
