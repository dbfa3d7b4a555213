//! A home: simulated devices on a private bus, and a real gateway that hears them through the real btleplug.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::disk::{self, Disk};
use crate::program::{Launch, Program, ours};

/// The name of the gateway's state folder.
const STATE: &str = "state";

/// One home, both programs running.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    plan: HomePlan,
    sim_launch: Launch,
    bus: String,
    sim: Program,
    launch: Launch,
    gateway: Option<Program>,
}

/// What a home is made of.
#[derive(Debug, Clone)]
pub struct HomePlan {
    /// The gateway's id, such as `gw-home-1`; its devices are `gw-home-1-cuff` and so on.
    pub gateway_id: String,
    /// The script of the simulated devices.
    pub script: PathBuf,
    /// Where the gateway finds its broker.
    pub broker: SocketAddr,
}

impl Home {
    /// Moves in: plays the script, and prepares the gateway with keys of its own. The gateway is not started yet.
    ///
    /// # Errors
    /// When a program is missing or refuses its configuration.
    pub async fn prepare(folder: &Path, plan: &HomePlan) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let sim_launch = Launch::new("firmware-sim", &ours("firmware-sim")?)
            .args([
                "run",
                "--control",
                "--bus-dir",
                &folder.display().to_string(),
            ])
            .args([plan.script.display()]);
        let mut sim = sim_launch.start(folder)?;
        let bus = sim.line("bus address:").await?;
        // As on a real box, where the address says nothing of which bus it is that is started there.
        let bus = bus.split(",guid=").next().unwrap_or(&bus).to_owned();

        let config = folder.join("gateway.toml");
        std::fs::write(&config, gateway_toml(folder, plan)?)?;
        let config = config.display().to_string();
        let launch = Launch::new("gateway", &ours("gateway")?)
            .args(["run", "--config", &config])
            .env("DBUS_SYSTEM_BUS_ADDRESS", &bus);
        Ok(Self {
            folder: folder.to_owned(),
            plan: plan.clone(),
            sim_launch,
            bus,
            sim,
            launch,
            gateway: None,
        })
    }

    /// Writes the radio's times into the gateway's configuration: these, and for all others what they are in a real home,
    /// with its waits for the broker. It holds from the gateway's next start.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub fn wait_as_in_a_real_home_but(&self, radio_ms: &[(&str, i64)]) -> anyhow::Result<()> {
        let file = self.folder.join("gateway.toml");
        let mut config: toml::Table = std::fs::read_to_string(&file)?.parse()?;
        let broker = json!({ "address": self.plan.broker.to_string() });
        config.insert("broker".to_owned(), toml::Value::try_from(broker)?);
        let timings: toml::Table = radio_ms
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).into()))
            .collect();
        let radio = toml::Table::from_iter([("timings".to_owned(), timings.into())]);
        config.insert("radio".to_owned(), radio.into());
        Ok(std::fs::write(&file, config.to_string())?)
    }

    /// Gives what the gateway has logged.
    ///
    /// # Errors
    /// When it was never started.
    pub fn gateway_log(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.folder.join("gateway.log"))?)
    }

    /// Gives where the home's files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Kills the bus, and with it BlueZ and what the devices remember.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn kill_bus(&mut self) -> anyhow::Result<()> {
        self.sim.kill().await
    }

    /// Starts another bus at the same address, with BlueZ and the devices.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_bus(&mut self) -> anyhow::Result<()> {
        self.sim = self.sim_launch.start(&self.folder)?;
        self.sim.line("bus address:").await.map(drop)
    }

    /// Gives the gateway's block for the server's seed file, its keys made at the first call.
    ///
    /// # Errors
    /// When the gateway refuses.
    pub fn registration(&self) -> anyhow::Result<String> {
        let config = self.folder.join("gateway.toml");
        let output = std::process::Command::new(ours("gateway")?)
            .arg("register")
            .arg("--config")
            .arg(config)
            .output()?;
        ensure!(
            output.status.success(),
            "gateway register: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs a command of the gateway's on this home's box, as an installer would, and gives what it said.
    ///
    /// # Errors
    /// When the program is missing.
    pub async fn command(&self, arguments: &[&str]) -> anyhow::Result<std::process::Output> {
        let config = self.folder.join("gateway.toml");
        let mut command = tokio::process::Command::new(ours("gateway")?);
        command
            .args(arguments)
            .arg("--config")
            .arg(config)
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus)
            .env("NO_COLOR", "1")
            .stdin(std::process::Stdio::null());
        Ok(command.output().await?)
    }

    /// Starts the gateway.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_gateway(&mut self) -> anyhow::Result<()> {
        self.gateway = Some(self.launch.start(&self.folder)?);
        Ok(())
    }

    /// Starts the gateway so that it dies at a failpoint, as if the power were cut there; see its `crash.rs`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_gateway_that_dies_at(&mut self, failpoint: &str) -> anyhow::Result<()> {
        self.start_gateway_with(&[("FAILPOINTS", &format!("{failpoint}=return"))])
    }

    /// Starts the gateway with these environment variables.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_gateway_with(&mut self, environment: &[(&str, &str)]) -> anyhow::Result<()> {
        let launch = environment
            .iter()
            .fold(self.launch.clone(), |launch, (name, value)| {
                launch.env(name, value)
            });
        self.gateway = Some(launch.start(&self.folder)?);
        Ok(())
    }

    /// Starts the gateway so that its state folder is on a disk of its own.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_gateway_on(&mut self, on: Disk) -> anyhow::Result<()> {
        let launch = disk::launch_on(on, &self.launch, &self.folder.join(STATE));
        self.gateway = Some(launch.start(&self.folder)?);
        Ok(())
    }

    /// Adds sections to the gateway's configuration, for the next start.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn configure(&self, sections: &str) -> anyhow::Result<()> {
        let path = self.folder.join("gateway.toml");
        let text = std::fs::read_to_string(&path)?;
        Ok(std::fs::write(&path, format!("{text}\n{sections}\n"))?)
    }

    /// Gives the gateway's state folder, as the running gateway sees it.
    ///
    /// # Errors
    /// When the gateway is gone.
    pub fn state_dir(&self) -> anyhow::Result<PathBuf> {
        let state_dir = self.folder.join(STATE);
        match &self.gateway {
            Some(gateway) if gateway.id().is_some() => disk::as_seen_by(gateway, &state_dir),
            _ => Ok(state_dir),
        }
    }

    /// Gives the running gateway.
    ///
    /// # Errors
    /// When it is not running.
    pub fn gateway(&mut self) -> anyhow::Result<&mut Program> {
        self.gateway
            .as_mut()
            .context("the gateway has not been started")
    }

    /// Gives the gateway's id.
    pub fn gateway_id(&self) -> &str {
        &self.plan.gateway_id
    }

    /// Gives the simulated devices.
    ///
    /// # Errors
    /// When the script cannot be read.
    pub fn devices(&self) -> anyhow::Result<Vec<firmware_sim::device::DeviceConfig>> {
        Ok(firmware_sim::script::Script::load(&self.plan.script)?.devices)
    }

    /// Lets a device measure: `{"device": "cuff", "cuff": {"systolic": 152, "diastolic": 94}}` and the like.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn measure(&mut self, event: Value) -> anyhow::Result<()> {
        self.control(&json!({ "measure": event })).await.map(drop)
    }

    /// Gives the values that a device believes to have delivered.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn delivered(&mut self, device: &str) -> anyhow::Result<Value> {
        self.control(&json!({ "delivered": { "device": device } }))
            .await
    }

    /// Waits until a device has no link. While one stands that a killed gateway left behind, BlueZ confirms what the
    /// device sends although nobody listens.
    ///
    /// # Errors
    /// When the simulator refuses or the link stays.
    pub async fn link_is_down(&mut self, device: &str) -> anyhow::Result<()> {
        self.control(&json!({ "wait": { "device": device, "connected": false } }))
            .await
            .map(drop)
    }

    /// Sends the simulator one command and gives its answer.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn control(&mut self, command: &Value) -> anyhow::Result<Value> {
        let answer: Value = serde_json::from_str(&self.sim.ask(&command.to_string()).await?)?;
        ensure!(
            answer.get("error").is_none(),
            "the simulator refuses {command}: {answer}"
        );
        Ok(answer)
    }

    /// Stops both programs as an operator would.
    ///
    /// # Errors
    /// When one of them does not stop cleanly.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(mut gateway) = self.gateway.take() {
            gateway.stop().await?;
        }
        self.sim.stop().await
    }
}

/// Writes the gateway's configuration: every device of the script is registered here.
fn gateway_toml(folder: &Path, plan: &HomePlan) -> anyhow::Result<String> {
    let script = firmware_sim::script::Script::load(&plan.script)?;
    let mut text = format!(
        "gateway_id = \"{}\"\nstate_dir = \"{}\"\nhome_time_zone = \"Europe/London\"\n\
         [broker]\naddress = \"{}\"\nkeep_alive_seconds = 5\nreceipt_timeout_seconds = 5\nretry_delay_seconds_max = 5\n\
         [radio.timings]\nquiet_ms = 500\nfailure_quiet_ms = 100\nidle_ms = 300\nsettle_ms = 10\nscan_refresh_ms = 1000\n",
        plan.gateway_id,
        folder.join(STATE).display(),
        plan.broker,
    );
    for device in &script.devices {
        let (id, kind) = (
            device_id(&plan.gateway_id, &device.label),
            format!("{:?}", device.kind).to_lowercase(),
        );
        write!(
            text,
            "[[device]]\nid = \"{id}\"\naddress = \"{}\"\nkind = \"{kind}\"\n",
            device.address
        )?;
    }
    Ok(text)
}

/// Gives the id under which a device of a home is registered.
pub fn device_id(gateway_id: &str, label: &str) -> String {
    format!("{gateway_id}-{label}")
}
