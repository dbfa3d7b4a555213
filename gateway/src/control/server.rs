//! Serves the commands on the box.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::{ANSWER_WAIT, Answer, CONNECTIONS_LEN_MAX, LINE_LEN_MAX, Request, SOCKET_NAME};
use crate::doctor::Watch;
use crate::pairing::{PairingDesk, Passkey};

/// Is what commands are answered from.
#[derive(Debug)]
pub struct Control {
    /// The devices registered to this home.
    pub devices: Vec<DeviceId>,
    /// Where digits are entered.
    pub desk: Arc<PairingDesk>,
    /// What knows how the gateway is.
    pub watch: Watch,
}

/// Serves commands until the program is stopped. A socket that a gateway before this one left is taken over: the lock
/// on the state folder says that it has ended.
///
/// # Errors
/// When the socket cannot be made.
pub async fn serve(
    state_dir: &Path,
    control: Control,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let path = state_dir.join(SOCKET_NAME);
    if path.exists() {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    let listener = UnixListener::bind(&path).with_context(|| {
        format!(
            "cannot make the socket {}; a socket's whole path may have at most 107 bytes",
            path.display()
        )
    })?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let control = Arc::new(control);
    let places = Arc::new(Semaphore::new(CONNECTIONS_LEN_MAX));
    let serving = async {
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            let control = Arc::clone(&control);
            tokio::spawn(async move {
                let _place = place;
                // Whoever asked and does not wait for the answer misses only that.
                let _ = timeout(ANSWER_WAIT, answer(stream, &control)).await;
            });
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = serving => {}
    }
    let _ = std::fs::remove_file(&path);
    Ok(())
}

async fn answer(mut stream: UnixStream, control: &Control) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    BufReader::new(reader.take(LINE_LEN_MAX))
        .read_line(&mut line)
        .await?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => control.answer(request).await,
        Err(_) => Answer::Refused(
            "the running gateway does not know this command; it may be of another version: restart it".to_owned(),
        ),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

impl Control {
    async fn answer(&self, request: Request) -> Answer {
        tracing::debug!(?request, "a command on the box");
        match request {
            Request::Passkey { device, digits } => self.enter(&device, &digits).await,
            Request::Health => match self.watch.health().await {
                Ok(health) => Answer::Health(Box::new(health)),
                Err(error) => Answer::Refused(format!("the outbox cannot be read: {error}")),
            },
        }
    }

    async fn enter(&self, device: &DeviceId, digits: &str) -> Answer {
        if !self.devices.contains(device) {
            return Answer::Refused(format!(
                "no device {device} is registered here; `gateway check-config` lists those that are"
            ));
        }
        let Some(passkey) = Passkey::parse(digits) else {
            return Answer::Refused("enter the six digits that the device shows".to_owned());
        };
        match self.desk.enter(device, passkey).await {
            Ok(()) => Answer::Done,
            Err(not_paired) => Answer::Refused(not_paired.to_string()),
        }
    }
}
