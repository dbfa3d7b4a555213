//! Asks the running gateway. Each function waits for the answer; its error says what to do next, a refusal's too.

use std::path::Path;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;
use vitals::DeviceId;
use vitals::report::SignOff;

use super::{ANSWER_WAIT, Answer, LINE_LEN_MAX, Reply, Request, SOCKET_NAME};
use crate::bindings::Address;
use crate::config::DeviceKind;
use crate::doctor::Health;
use crate::outbox::LatestRecord;
use crate::radio::{Candidate, DeviceReport, Meeting};

/// Asks the gateway that runs on this state folder for what is done or refused, and waits for its answer.
///
/// # Errors
/// When no gateway runs there, or it does not answer; the error says what to do. A refusal is an answer.
pub async fn ask(state_dir: &Path, request: &Request) -> anyhow::Result<Answer> {
    match reply(state_dir, request).await? {
        Reply::Done => Ok(Answer::Done),
        Reply::Refused(why) => Ok(Answer::Refused(why)),
        _ => bail!(OTHER_WORDS),
    }
}

/// Looks for devices that are near and none of this home; takes up to `radio.timings.look_ms_max`. Those of the wanted
/// kind come first, the strongest first; there may be none.
///
/// # Errors
/// When it cannot be asked, or no adapter listens.
pub async fn look(state_dir: &Path, kind: DeviceKind) -> anyhow::Result<Vec<Candidate>> {
    match reply(state_dir, &Request::Look { kind }).await? {
        Reply::Candidates(candidates) => Ok(candidates),
        other => Err(no_answer(other)),
    }
}

/// Binds a device of this home to the address of a candidate; the gateway takes it up at once. That it is bound so
/// already is well.
///
/// # Errors
/// When it cannot be asked, the device is none of this home or bound to another, or the address is another device's.
pub async fn bind(state_dir: &Path, device: DeviceId, address: Address) -> anyhow::Result<()> {
    done(state_dir, &Request::Bind { device, address }).await
}

/// Unbinds a device, ends its session and removes its bond; readings that it gave stay.
///
/// # Errors
/// When it cannot be asked, the device is not bound, or its address stands in the configuration; also when its bond
/// could not be removed, and then it is unbound all the same.
pub async fn forget(state_dir: &Path, device: DeviceId) -> anyhow::Result<()> {
    done(state_dir, &Request::Forget { device }).await
}

/// Tells what the gateway knows of each device of this home, bound or not.
///
/// # Errors
/// When it cannot be asked.
pub async fn devices(state_dir: &Path) -> anyhow::Result<Vec<DeviceReport>> {
    match reply(state_dir, &Request::Devices).await? {
        Reply::Devices(devices) => Ok(devices),
        other => Err(no_answer(other)),
    }
}

/// Waits until a bound device was met well since it was bound, at most 90 s. One that shows digits is said to: have them
/// entered by [`Request::Passkey`], and wait again.
///
/// # Errors
/// When it cannot be asked, the device is not bound, or was not met in time.
pub async fn wait_for(state_dir: &Path, device: DeviceId) -> anyhow::Result<Meeting> {
    match reply(state_dir, &Request::Await { device }).await? {
        Reply::Meeting(meeting) => Ok(meeting),
        other => Err(no_answer(other)),
    }
}

/// Asks how the gateway is.
///
/// # Errors
/// When it cannot be asked, or its outbox cannot be read.
pub async fn health(state_dir: &Path) -> anyhow::Result<Health> {
    match reply(state_dir, &Request::Health).await? {
        Reply::Health(health) => Ok(*health),
        other => Err(no_answer(other)),
    }
}

/// Asks for the latest record of a device.
///
/// # Errors
/// When it cannot be asked, or the outbox cannot be read.
pub async fn latest(state_dir: &Path, device: DeviceId) -> anyhow::Result<Option<LatestRecord>> {
    match reply(state_dir, &Request::Latest { device }).await? {
        Reply::Latest(latest) => Ok(latest),
        other => Err(no_answer(other)),
    }
}

/// Lets the light tell this box from others for a while.
///
/// # Errors
/// When it cannot be asked, or there is no light.
pub async fn identify(state_dir: &Path) -> anyhow::Result<()> {
    done(state_dir, &Request::Identify).await
}

/// Hands over what the installer signed; the gateway tells the server until it has answered.
///
/// # Errors
/// When it cannot be asked, or cannot keep it.
pub async fn sign_off(state_dir: &Path, sign_off: SignOff) -> anyhow::Result<()> {
    done(state_dir, &Request::SignOff(sign_off)).await
}

async fn done(state_dir: &Path, request: &Request) -> anyhow::Result<()> {
    match reply(state_dir, request).await? {
        Reply::Done => Ok(()),
        other => Err(no_answer(other)),
    }
}

const OTHER_WORDS: &str =
    "the gateway answers in other words; it may be of another version: restart it";

fn no_answer(reply: Reply) -> anyhow::Error {
    match reply {
        Reply::Refused(why) => anyhow::Error::msg(why),
        _ => anyhow::Error::msg(OTHER_WORDS),
    }
}

async fn reply(state_dir: &Path, request: &Request) -> anyhow::Result<Reply> {
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
    serde_json::from_str(&answer).context(OTHER_WORDS)
}
