//! The nurse's open page as its own script sees it: the stream of server-sent events.

use anyhow::bail;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::nurse::Nurse;
use crate::server_program::ServerProgram;
use crate::wait::WAIT_MAX;

/// The most text that is kept while waiting for something to be shown.
const KEPT_LEN_MAX: usize = 1 << 20;

/// An open stream of events.
#[derive(Debug)]
pub struct LivePage {
    stream: TcpStream,
    text: String,
}

impl LivePage {
    /// Opens the stream and waits for its greeting.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn open(server: &ServerProgram, person: &str) -> anyhow::Result<Self> {
        let origin = server.page("");
        let address = origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await?;
        let cookie = Nurse::at(server, person).sign_in().await?;
        let request =
            format!("GET /alerts/live HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut page = Self {
            stream,
            text: String::new(),
        };
        page.shows("event: hello").await?;
        Ok(page)
    }

    /// Waits until an event shows a text.
    ///
    /// # Errors
    /// When the stream ends first, or nothing comes in time.
    pub async fn shows(&mut self, wanted: &str) -> anyhow::Result<()> {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            if let Some(found) = self.text.find(wanted) {
                self.text.drain(..found + wanted.len());
                return Ok(());
            }
            if self.text.len() > KEPT_LEN_MAX {
                bail!("the page never showed {wanted:?}");
            }
            let len = tokio::time::timeout(WAIT_MAX, self.stream.read(&mut bytes)).await??;
            if len == 0 {
                bail!("the stream ended before it showed {wanted:?}");
            }
            self.text.push_str(&String::from_utf8_lossy(&bytes[..len]));
        }
    }
}
