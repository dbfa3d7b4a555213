//! Serves the commands on the box.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vitals::DeviceId;

use super::{ANSWER_WAIT, CONNECTIONS_LEN_MAX, LINE_LEN_MAX, Reply, Request, SOCKET_NAME};
use crate::bindings::Refused;
use crate::doctor::Watch;
use crate::pairing::Passkey;
use crate::radio::Remote;
use crate::reporting::ReportDesk;

/// Is what commands are answered from.
#[derive(Debug)]
pub struct Control {
    /// What the radio is asked by; digits are entered at its desk.
    pub remote: Remote,
    /// What knows how the gateway is.
    pub watch: Arc<Watch>,
    /// By what the light is asked to tell this box from others; `None` where there is no light.
    pub identify: Option<Arc<Notify>>,
    /// Where reports are asked for.
    pub reports: Arc<ReportDesk>,
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
    let mut reader = BufReader::new(reader.take(LINE_LEN_MAX));
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    let reply = match serde_json::from_str(&line) {
        Ok(request) => tokio::select! {
            reply = control.answer(request) => reply,
            // Whoever asked has left, and makes room for another.
            _ = reader.read_u8() => return Ok(()),
        },
        Err(_) => Reply::Refused(
            "the running gateway does not know this command; it may be of another version: restart it".to_owned(),
        ),
    };
    let mut line = serde_json::to_vec(&reply)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

impl Control {
    async fn answer(&self, request: Request) -> Reply {
        tracing::debug!(?request, "a command on the box");
        let remote = &self.remote;
        let answered = match request {
            Request::Passkey { device, digits } => return self.enter(&device, &digits).await,
            Request::Look { kind } => remote.look(kind).await.map(Reply::Candidates),
            Request::Bind { device, address } => {
                let bound = remote.bind(&device, address).await;
                bound.map(|()| Reply::Done)
            }
            Request::Forget { device } => remote.forget(&device).await.map(|()| Reply::Done),
            Request::Devices => Ok(Reply::Devices(remote.devices().await)),
            Request::Health => {
                let health = self.watch.health().await;
                health
                    .map(|it| Reply::Health(Box::new(it)))
                    .map_err(Into::into)
            }
            Request::Latest { device } => {
                let latest = self.watch.outbox.latest_of(&device).await;
                latest.map(Reply::Latest).map_err(Into::into)
            }
            Request::Identify => self.identify(),
            Request::SignOff(sign_off) => self.reports.sign(sign_off).map(|()| Reply::Done),
            Request::Await { device } => remote.meet(&device).await.map(Reply::Meeting),
        };
        answered.unwrap_or_else(|error| Reply::Refused(format!("{error:#}")))
    }

    fn identify(&self) -> anyhow::Result<Reply> {
        let no_light =
            "this box has no light that it was told of ([home.light]); its name is on its label";
        let light = self.identify.as_deref().context(no_light)?;
        light.notify_one();
        Ok(Reply::Done)
    }

    async fn enter(&self, device: &DeviceId, digits: &str) -> Reply {
        if self.remote.air.register().device(device).is_none() {
            return Reply::Refused(Refused::Unknown(device.clone()).to_string());
        }
        let Some(passkey) = Passkey::parse(digits) else {
            return Reply::Refused("enter the six digits that the device shows".to_owned());
        };
        match self.remote.desk.enter(device, passkey).await {
            Ok(()) => Reply::Done,
            Err(not_paired) => Reply::Refused(not_paired.to_string()),
        }
    }
}
