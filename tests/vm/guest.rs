//! What runs in the machine: bluetoothd and its controllers, our gateway, devices on adapters of their own.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::machine::{Machine, System};

/// Controllers of the machine: the gateway's and those of two devices.
const CONTROLLERS_LEN: usize = 3;

/// Where the gateway keeps what it must not lose.
pub(crate) const STATE_DIR: &str = "/var/lib/gateway";

/// The configuration of a gateway that a scenario starts by hand.
pub(crate) const CONFIG: &str = "/run/gateway.toml";

/// Where the gateway's light can be seen: not on the disk of its state.
const LIGHT: &str = "/run/light";

/// Adapters answer in no time here, and a device's signal is always equally strong, so that only a fresh scan shows one
/// that has come back.
const TIMINGS: &str = "scan_refresh_ms = 1000\nfirst_value_ms = 5000\nlook_ms_max = 8000\nidle_ms = 300\nquiet_ms = 300\nfailure_quiet_ms = 300\n";

/// How many things a device is told in one command: a busy serial line loses some of a longer one.
const TOLD_LEN_MAX: usize = 10;

/// A device on an adapter of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device {
    /// Its name, on the gateway too.
    pub(crate) label: &'static str,
    /// What it calls itself.
    pub(crate) name: &'static str,
    /// What it is: `cuff` or `oximeter`.
    pub(crate) kind: &'static str,
    /// Its adapter's number; the gateway has number 0.
    pub(crate) adapter: usize,
    /// Further lines of its file about the device.
    pub(crate) device: &'static str,
    /// Further lines of its file about the peripheral.
    pub(crate) peripheral: &'static str,
}

/// A cuff that wants no bond.
pub(crate) const CUFF: Device = Device {
    label: "cuff",
    name: "Sim cuff",
    kind: "cuff",
    adapter: 1,
    device: "",
    peripheral: "",
};

impl Device {
    /// btvirt gives its controllers these addresses, in order.
    pub(crate) fn address(&self) -> String {
        format!("00:AA:01:{:02X}:00:{:02X}", self.adapter, self.adapter)
    }

    fn file(&self) -> String {
        format!(
            "{}\n[device]\nlabel = \"{}\"\nkind = \"{}\"\naddress = \"{}\"\nname = \"{}\"\nadapter = \"hci{}\"\n{}\n",
            self.peripheral,
            self.label,
            self.kind,
            self.address(),
            self.name,
            self.adapter,
            self.device
        )
    }
}

/// The line by which the gateway uses the first adapter alone.
pub(crate) const FIRST_ADAPTER: &str = "adapter = \"hci0\"";

/// Writes the part of the gateway's configuration that says which devices are its own, and on which adapter.
pub(crate) fn radio_toml(adapter: &str, devices: &[Device]) -> String {
    let bound = |device: &Device| {
        let address = device.address();
        format!("{}address = \"{address}\"\n", unbound(device))
    };
    radio_with(adapter, devices.iter().map(bound))
}

/// Writes the same part of devices whose addresses an installer is to find.
pub(crate) fn unbound_radio_toml(adapter: &str, devices: &[Device]) -> String {
    radio_with(adapter, devices.iter().map(unbound))
}

fn unbound(device: &Device) -> String {
    let Device { label, kind, .. } = device;
    format!("[[device]]\nid = \"{label}\"\nkind = \"{kind}\"\n")
}

fn radio_with(adapter: &str, blocks: impl Iterator<Item = String>) -> String {
    let blocks: Vec<String> = blocks.collect();
    format!(
        "[radio]\n{adapter}\n[radio.timings]\n{TIMINGS}{}",
        blocks.concat()
    )
}

/// The machine with everything in it.
#[derive(Debug)]
pub(crate) struct Guest {
    /// The machine.
    pub(crate) machine: Machine,
    /// Where its logs and its gateway's state come to lie.
    pub(crate) folder: PathBuf,
}

impl Guest {
    /// Starts a machine with a bus, controllers and bluetoothd; in Debian, systemd starts what belongs to it.
    ///
    /// # Errors
    /// When one of them does not come up.
    pub(crate) async fn boot(system: System, image: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut guest = Self {
            machine: Machine::boot(system, image, folder).await?,
            folder: folder.to_owned(),
        };
        if system == System::Debian {
            guest.plug_in().await?;
            return Ok(guest);
        }
        let bus = "start bus dbus-daemon --config-file=/etc/bus.conf --nofork --nopidfile --print-address";
        guest.machine.run(bus).await?;
        let address = |line: &str| line.starts_with("unix:");
        guest.machine.wait("bus", address).await?;
        guest.plug_in().await?;
        guest.machine.run("keep bluetoothd bluetoothd -n").await?;
        Ok(guest)
    }

    /// Plugs the adapters in.
    ///
    /// # Errors
    /// When the machine refuses.
    pub(crate) async fn plug_in(&mut self) -> anyhow::Result<()> {
        let controllers = format!("start btvirt btvirt -L -l{CONTROLLERS_LEN}");
        self.machine.run(&controllers).await
    }

    /// Kills a program, and waits until it is gone.
    ///
    /// # Errors
    /// When it was not running.
    pub(crate) async fn kill(&mut self, program: &str) -> anyhow::Result<()> {
        self.machine.run(&format!("signal KILL {program}")).await?;
        let gone = |line: &str| line.starts_with("exit ");
        self.machine.wait(program, gone).await
    }

    /// Switches a device on, and waits until bluetoothd serves it.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) async fn switch_on(&mut self, device: Device) -> anyhow::Result<()> {
        let file = format!("/run/{}.toml", device.label);
        self.write(&file, &device.file()).await?;
        let label = device.label;
        let serve = format!("start {label} peripheral serve {file}");
        self.machine.run(&serve).await?;
        self.event(label, "ready").await.map(drop)
    }

    /// Lets a device measure, or do what else it can be told.
    ///
    /// # Errors
    /// When it refuses.
    pub(crate) async fn tell(&mut self, device: &str, command: &Value) -> anyhow::Result<()> {
        self.machine
            .run(&format!("tell {device} '{command}'"))
            .await?;
        self.event(device, "done").await.map(drop)
    }

    /// Lets the cuff take so many blood pressures, each with a systolic value of its own.
    ///
    /// # Errors
    /// When it refuses.
    pub(crate) async fn measure(&mut self, first_mmhg: u16, count: u16) -> anyhow::Result<()> {
        let measures: Vec<Value> = (first_mmhg..first_mmhg + count)
            .map(|systolic| {
                let cuff = json!({ "systolic": systolic, "diastolic": 80 });
                json!({ "measure": { "device": CUFF.label, "cuff": cuff } })
            })
            .collect();
        self.tell_all(CUFF.label, &measures).await
    }

    /// Tells a device several things at once.
    ///
    /// # Errors
    /// When it refuses one.
    pub(crate) async fn tell_all(
        &mut self,
        device: &str,
        commands: &[Value],
    ) -> anyhow::Result<()> {
        for some in commands.chunks(TOLD_LEN_MAX) {
            let told: Vec<String> = some
                .iter()
                .map(|command| format!("tell {device} '{command}'"))
                .collect();
            self.machine.run(&told.join("; ")).await?;
            for _ in some {
                self.event(device, "done").await?;
            }
        }
        Ok(())
    }

    /// Waits for the device's next event of a name.
    ///
    /// # Errors
    /// When it does not come.
    pub(crate) async fn event(&mut self, device: &str, name: &str) -> anyhow::Result<Value> {
        let pick = |line: &str| {
            let event: Value = serde_json::from_str(line).ok()?;
            (event["event"] == name).then_some(event)
        };
        let event = self.machine.pick(&format!("{device} "), pick).await;
        event.with_context(|| format!("the {device} has not said {name}"))
    }

    /// Starts the gateway with these devices registered, and waits until bluetoothd asks it about pairings.
    ///
    /// Of several programs bluetoothd asks the last one to have offered itself about all adapters, the devices' too. A
    /// gateway shares no bluetoothd with its devices in a home; here it has to be started before them.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn start_gateway(&mut self, devices: &[Device]) -> anyhow::Result<()> {
        self.start_gateway_on(FIRST_ADAPTER, devices).await
    }

    /// Starts the gateway as [`Self::start_gateway`] does, with another line about its adapter, or none to take all.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn start_gateway_on(
        &mut self,
        adapter: &str,
        devices: &[Device],
    ) -> anyhow::Result<()> {
        self.start_gateway_with(&radio_toml(adapter, devices)).await
    }

    /// Starts the gateway as [`Self::start_gateway`] does, with another part about its radio and its devices.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn start_gateway_with(&mut self, radio: &str) -> anyhow::Result<()> {
        let config = format!(
            "gateway_id = \"gw-vm\"\nstate_dir = \"{STATE_DIR}\"\nhome_time_zone = \"Europe/London\"\n\
             [broker]\naddress = \"127.0.0.1:1883\"\n[home.light]\nfile = \"{LIGHT}\"\n{radio}"
        );
        self.write(CONFIG, &config).await?;
        self.machine.run("export RUST_LOG=gateway=trace").await?;
        let run = format!("start gateway gateway run --config {CONFIG}");
        self.machine.run(&run).await?;
        let asked = |line: &str| line.contains("BlueZ asks this program about pairings");
        self.machine.wait("gateway", asked).await
    }

    /// Waits until the gateway says that so many records are in its outbox.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) async fn kept(&mut self, records: usize) -> anyhow::Result<()> {
        let said = format!("outbox.sequence={records}");
        let kept = |line: &str| line.ends_with(&said);
        let kept = self.machine.wait("gateway", kept).await;
        kept.with_context(|| format!("the gateway has not kept {records} records"))
    }

    /// Waits until the gateway's light shows a word.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) async fn light(&mut self, word: &str) -> anyhow::Result<()> {
        let seen = format!("until [ \"$(cat {LIGHT})\" = {word} ]; do sleep 0.1; done");
        self.machine.run(&seen).await
    }

    /// Waits until the gateway says something.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) async fn says(&mut self, text: &str) -> anyhow::Result<()> {
        let said = |line: &str| line.contains(text);
        self.machine.wait("gateway", said).await
    }

    /// Waits until the gateway says that its next session has ended.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) async fn session_ended(&mut self) -> anyhow::Result<()> {
        let ended = |line: &str| line.contains("a session with a device has ended");
        self.machine.wait("gateway", ended).await
    }

    /// Cuts the gateway's power and brings what it had written to its disk here.
    ///
    /// # Errors
    /// When it cannot be brought.
    pub(crate) async fn fetch_state(&mut self) -> anyhow::Result<PathBuf> {
        self.kill("gateway").await?;
        self.machine.run(&format!("fetch {STATE_DIR}")).await?;
        let packed: Vec<&str> = self.machine.said_by("fetched").collect();
        let state = self.folder.join("state");
        let packed_file = self.folder.join("state.base64");
        std::fs::write(&packed_file, packed.join("\n"))?;
        if state.exists() {
            std::fs::remove_dir_all(&state)?;
        }
        std::fs::create_dir(&state)?;
        let unpacked = std::process::Command::new("sh")
            .args(["-c", "base64 -d \"$0\" | tar -C \"$1\" -xz"])
            .args([&packed_file, &state])
            .status()?;
        ensure!(unpacked.success(), "the gateway's state cannot be unpacked");
        Ok(state)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// When the text is not one that the shell leaves alone, or the machine refuses.
    pub(crate) async fn write(&mut self, file: &str, text: &str) -> anyhow::Result<()> {
        ensure!(
            !text.contains(['\'', '%', '\\']),
            "the shell would read more into {text:?}"
        );
        let text = text.replace('\n', "\\n");
        self.machine.run(&format!("printf '{text}' >{file}")).await
    }
}
