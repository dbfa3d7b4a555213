//! An installer's commands: a cuff is found, paired by its digits, listed, and forgotten with its bond; what it measures then
//! is nobody's, until it is paired again.

use anyhow::ensure;

use crate::account;
use crate::guest::{CONFIG, CUFF, Device, FIRST_ADAPTER, Guest, unbound_radio_toml};

/// It advertises for as long as the scenario may take, so that whoever does not connect to it could.
const SHOWING: Device = Device {
    device: "bond = \"required\"\nadvertise_seconds = 600",
    peripheral: "pairing = \"passkey\"",
    ..CUFF
};

/// Of this home, and never switched on.
const OXIMETER: Device = Device {
    label: "oximeter",
    name: "Sim oximeter",
    kind: "oximeter",
    adapter: 2,
    device: "",
    peripheral: "",
};

/// The gateway's own adapter, by which BlueZ keeps its bonds apart.
const OWN: Device = Device { adapter: 0, ..CUFF };

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    let radio = unbound_radio_toml(FIRST_ADAPTER, &[SHOWING, OXIMETER]);
    guest.start_gateway_with(&radio).await?;
    guest.switch_on(SHOWING).await?;
    guest.measure(150, 1).await?;
    lists(guest, "cuff (cuff)  not paired: gateway pair add cuff").await?;
    lists(guest, "oximeter (oximeter)  not paired").await?;

    pairs(guest).await?;
    guest.kept(1).await?;
    lists(guest, "cuff (cuff)  bonded  last heard").await?;
    ensure!(is_bonded(guest).await?, "BlueZ has no bond");

    fails(guest, "add scale --no-input", 1, "no device scale").await?;
    forgets(guest).await?;
    clear_memory(guest).await?;
    pairs(guest).await?;
    guest.kept(2).await?;
    account::settle(guest, &["cuff"], 2).await
}

/// Finds the cuff, enters the digits that it shows, and is told that it is paired.
async fn pairs(guest: &mut Guest) -> anyhow::Result<()> {
    let add = format!("start add gateway pair add cuff --no-input --config {CONFIG}");
    guest.machine.run(&add).await?;
    let shown = guest.event("cuff", "passkey").await?;
    let digits = shown["passkey"].as_str().unwrap_or_default();
    guest.machine.run(&format!("tell add {digits}")).await?;
    guest
        .machine
        .wait("add", |line| line == "paired: cuff")
        .await?;
    guest.machine.wait("add", |line| line == "exit 0").await
}

/// The bond goes, and what the cuff measures stays in the cuff, although it is heard.
async fn forgets(guest: &mut Guest) -> anyhow::Result<()> {
    let told = pair(guest, "remove cuff").await?;
    ensure!(told == "forgotten: cuff\nexit 0", "{told}");
    ensure!(!is_bonded(guest).await?, "BlueZ kept the bond");
    lists(guest, "cuff (cuff)  not paired: gateway pair add cuff").await?;
    fails(guest, "remove cuff", 1, "device cuff is bound to nothing").await?;
    let before = connections(guest);
    guest.measure(160, 1).await?;
    // Looks for as long as a command may, and the cuff is in sight.
    fails(guest, "add oximeter --no-input", 7, "E-BT-03").await?;
    ensure!(connections(guest) == before, "a stranger was connected to");
    let status = format!("gateway status --config {CONFIG}");
    let status = guest.machine.ask(&status).await?.well()?;
    ensure!(status.contains("waiting for the server: 1"), "{status}");
    Ok(())
}

/// Lets the cuff forget whom it knew, as its manual says: it refuses a box that has its old bond no more.
async fn clear_memory(guest: &mut Guest) -> anyhow::Result<()> {
    let adapter = format!("/org/bluez/hci{}", SHOWING.adapter);
    let known = format!("{adapter}/dev_{}", OWN.address().replace(':', "_"));
    let call = "dbus-send --system --print-reply --dest=org.bluez --type=method_call";
    let remove = format!("{call} {adapter} org.bluez.Adapter1.RemoveDevice objpath:{known}");
    guest.machine.ask(&remove).await?.well().map(drop)
}

/// Carries out one of the installer's commands, and gives what it said and how it ended.
async fn pair(guest: &mut Guest, command: &str) -> anyhow::Result<String> {
    let command = format!("sh -c 'gateway pair {command} --config {CONFIG}; echo exit $?'");
    guest.machine.ask(&command).await?.well()
}

async fn lists(guest: &mut Guest, line: &str) -> anyhow::Result<()> {
    let listed = pair(guest, "list").await?;
    let found = listed.lines().any(|it| it.starts_with(line));
    ensure!(found && listed.ends_with("exit 0"), "{listed}");
    Ok(())
}

async fn fails(guest: &mut Guest, command: &str, exit: u8, why: &str) -> anyhow::Result<()> {
    let told = pair(guest, command).await?;
    ensure!(
        told.contains(why) && told.ends_with(&format!("exit {exit}")),
        "{told}"
    );
    Ok(())
}

/// Tells whether BlueZ has a key of the cuff, by its own file.
async fn is_bonded(guest: &mut Guest) -> anyhow::Result<bool> {
    let (own, cuff) = (OWN.address(), SHOWING.address());
    let keys = format!("grep -c LongTermKey /var/lib/bluetooth/{own}/{cuff}/info");
    Ok(guest.machine.ask(&keys).await?.well().is_ok())
}

fn connections(guest: &Guest) -> usize {
    let connected = |line: &&str| line.contains("\"connected\"");
    guest.machine.said_by("cuff").filter(connected).count()
}
