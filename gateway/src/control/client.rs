//! Asks the running gateway.

use std::path::Path;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{ANSWER_WAIT, Answer, LINE_LEN_MAX, Request, SOCKET_NAME};

/// Asks the gateway that runs on this state folder, and waits for its answer.
///
/// # Errors
/// When no gateway runs there, or it does not answer; the error says what to do. A refusal is an answer.
pub async fn ask(state_dir: &Path, request: &Request) -> anyhow::Result<Answer> {
    let path = state_dir.join(SOCKET_NAME);
    let mut stream = UnixStream::connect(&path).await.with_context(|| {
        format!(
            "no gateway answers at {}; start it with `systemctl start hearth-gateway`, and be its user or root",
            path.display()
        )
    })?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = String::new();
    let mut answers = BufReader::new(stream.take(LINE_LEN_MAX));
    let answering = answers.read_line(&mut answer);
    timeout(ANSWER_WAIT, answering)
        .await
        .context("the gateway does not answer; see its log")??;
    if answer.is_empty() {
        bail!("the gateway was stopped before it answered; try again when it runs");
    }
    serde_json::from_str(&answer)
        .context("the gateway answers in other words; it may be of another version: restart it")
}
