//! A small browser for tests: real requests to the real server over a real connection, cookies by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use clinical::PersonId;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::posts_tests::Before;
use super::session::cookie_of;
use super::{State, serve};
use crate::accounts::sessions::{self, Stage};
use crate::store::{accounts, people};

/// Long enough for any answer on any machine: reaching it is a failure, not a measure.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(30);

/// A running server and where it is.
pub(crate) struct Served {
    pub(crate) host: String,
    /// Stops it.
    pub(crate) shutdown: CancellationToken,
    /// Ends when it has stopped.
    pub(crate) task: JoinHandle<anyhow::Result<()>>,
    state: State,
    /// The cookie of each person who has signed in, and since when they have it.
    cookies: Mutex<BTreeMap<String, (String, Timestamp)>>,
}

/// An answer, headers in lower case.
#[derive(Clone)]
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
            state: state.clone(),
            cookies: Mutex::default(),
        }
    }

    /// Gives the header line by which a request is a person's: whoever is known has signed in, without a second step.
    pub(crate) async fn cookie(&self, person: &str) -> String {
        if person.is_empty() {
            return String::new();
        }
        let now = self.state.clock.now();
        let fresh_since = now - self.state.policy.idle_max();
        let mut cookies = self.cookies.lock().await;
        // Whoever comes back after a pause signs in again.
        let known = cookies
            .get(person)
            .filter(|(_, since)| *since > fresh_since && *since <= now);
        let cookie = match known {
            Some((cookie, _)) => cookie.clone(),
            None => self.session(person).await,
        };
        cookies.insert(person.to_owned(), (cookie.clone(), now));
        format!("Cookie: {cookie}\r\n")
    }

    async fn session(&self, person: &str) -> String {
        let State { policy, clock, .. } = &self.state;
        let id: PersonId = person.parse().unwrap();
        let mut write = self.state.store.write().await.unwrap();
        if !people::is_known(&mut write, &id).await.unwrap() {
            return cookie_of("nobodys");
        }
        accounts::put(&mut write, &id, person, clock.now())
            .await
            .unwrap();
        let begun = sessions::begin(&mut write, &id, Stage::Full, policy, clock).await;
        write.commit().await.unwrap();
        let set = cookie_of(&begun.unwrap());
        set.split(';').next().unwrap().to_owned()
    }

    /// Gets a page as one person.
    pub(crate) async fn get(&self, path: &str, person: &str) -> Answer {
        let cookie = self.cookie(person).await;
        self.send(&format!("GET {path}"), &cookie, "").await
    }

    /// Posts a form as one person, from our own page.
    pub(crate) async fn post(&self, path: &str, person: &str, form: &str) -> Answer {
        let cookie = self.cookie(person).await;
        let headers = format!("{cookie}Origin: http://{}\r\n", self.host);
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
        let headers =
            format!("Host: {host}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n");
        let answer = self.exchange(request, &headers, form.as_bytes()).await;
        answer.unwrap()
    }

    /// Sends any bytes under any headers; `None` when the server gave no answer.
    pub(crate) async fn exchange(
        &self,
        request: &str,
        headers: &str,
        body: &[u8],
    ) -> Option<Answer> {
        let posted = request.strip_prefix("POST ");
        let before = match posted {
            Some(_) => Some(Before::read(&self.state.store).await),
            None => None,
        };
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        let head = format!(
            "{request} HTTP/1.1\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(ANSWER_WAIT_MAX, stream.read_to_end(&mut answer)).await;
        read.unwrap().unwrap();
        if let Some((before, path)) = before.zip(posted) {
            before.check(&self.state.store, path).await;
        }
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some(Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    /// Opens the live stream of one person.
    pub(crate) async fn events(&self, person: &str) -> Events {
        self.events_of("/alerts/live", person).await
    }

    /// Opens the live stream at an address.
    pub(crate) async fn events_of(&self, path: &str, person: &str) -> Events {
        let mut stream = TcpStream::connect(&self.host).await.unwrap();
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n",
            self.host,
            self.cookie(person).await
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
