//! Control by another process: one JSON command a line in, one JSON answer a line out.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};

use crate::{
    Sim,
    bluez::{Fault, Status},
    device::DeviceConfig,
    script::Event,
};

const COMMAND_BYTES_MAX: u64 = 65_536;
const WAIT_MS_DEFAULT: u64 = 30_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    /// `{"measure": {"device": "cuff", "cuff": {"systolic": 152, "diastolic": 94}}}`; any event of a script without its time.
    Measure(Event),
    /// `{"fault": {"connect_refused": {"device": "cuff", "times": 1}}}`
    Fault(Fault),
    /// `{"status": {}}`
    Status(Nothing),
    /// `{"delivered": {"device": "cuff"}}`
    Delivered(OfDevice),
    /// `{"counts": {}}`
    Counts(Nothing),
    /// `{"wait": {"device": "cuff", "delivered": 3, "connected": false}}`
    Wait(Wait),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfDevice {
    device: String,
}

/// What to wait for; every given field must hold at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    device: String,
    /// At least so many values delivered.
    delivered: Option<usize>,
    /// Exactly so many records stored.
    stored: Option<usize>,
    /// At least so many sessions.
    sessions: Option<u64>,
    connected: Option<bool>,
    timeout_ms: Option<u64>,
}

/// Answers commands until the input ends.
///
/// # Errors
/// Fails when the output is gone; a command that is refused is answered with `{"error": …}`.
pub async fn serve(
    sim: &Sim,
    devices: &[DeviceConfig],
    mut input: impl AsyncBufRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> Result<()> {
    loop {
        let mut line = Vec::new();
        let length = (&mut input)
            .take(COMMAND_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .await?;
        if length == 0 {
            return Ok(());
        }
        ensure!(
            line.ends_with(b"\n"),
            "a command is longer than 64 KiB or lacks its line end"
        );
        let answer = match answer(sim, devices, &line).await {
            Ok(answer) => answer,
            Err(error) => json!({ "error": format!("{error:#}") }),
        };
        output
            .write_all(format!("{answer}\n").as_bytes())
            .await
            .context("answering a control command")?;
        output.flush().await?;
    }
}

async fn answer(sim: &Sim, devices: &[DeviceConfig], line: &[u8]) -> Result<Value> {
    match serde_json::from_slice(line).context("this is no control command")? {
        Command::Measure(event) => {
            ensure!(
                !event.is_timed(),
                "a command happens at once; leave out `at` and `after_s`"
            );
            event.happening(devices)?.happen(sim).await?;
            Ok(json!({ "ok": true }))
        }
        Command::Fault(fault) => {
            sim.fault(fault).await?;
            Ok(json!({ "ok": true }))
        }
        Command::Status(Nothing {}) => Ok(json!({ "ok": true, "devices": sim.status() })),
        Command::Delivered(OfDevice { device }) => {
            let delivered = sim.delivered(&device).await?;
            let shown = delivered.iter().map(|value| {
                json!({
                    "characteristic": format!("{:04X}", value.characteristic),
                    "hex": hex::encode_upper(&value.value),
                    "record": value.record,
                    "session": value.session,
                })
            });
            Ok(json!({ "ok": true, "delivered": shown.collect::<Vec<_>>() }))
        }
        Command::Counts(Nothing {}) => Ok(json!({ "ok": true, "counts": sim.counts().await? })),
        Command::Wait(wait) => {
            let time_max = Duration::from_millis(wait.timeout_ms.unwrap_or(WAIT_MS_DEFAULT));
            let waited = tokio::time::timeout(
                time_max,
                sim.wait_for(&wait.device, |status| wait.is_met(status)),
            )
            .await;
            match waited {
                Ok(status) => Ok(json!({ "ok": true, "device": status? })),
                Err(_) => bail!(
                    "it did not come to that within {} ms; `status` says how it stands",
                    time_max.as_millis()
                ),
            }
        }
    }
}

impl Wait {
    fn is_met(&self, status: &Status) -> bool {
        self.delivered.is_none_or(|least| status.delivered >= least)
            && self.stored.is_none_or(|stored| status.stored == stored)
            && self.sessions.is_none_or(|least| status.sessions >= least)
            && self
                .connected
                .is_none_or(|connected| status.connected == connected)
    }
}
