//! The package on a Debian: a box that is not enrolled waits and says why, an enrolled one takes readings, and what it
//! keeps outlives the package.

use anyhow::ensure;

use crate::guest::{CUFF, FIRST_ADAPTER, Guest, radio_toml};

const INSTALL: &str = "dpkg -i /run/box/hearth-gateway.deb";
const CONFIG: &str = "/etc/hearth/gateway.toml";
const STATE_DIR: &str = "/var/lib/hearth-gateway";

pub(super) async fn play(guest: &mut Guest) -> anyhow::Result<()> {
    let running = guest.machine.ask("systemctl is-system-running --wait");
    ensure!(running.await?.well()? == "running", "Debian is not well");
    guest.machine.ask(INSTALL).await?.well()?;
    waits_for_its_enrolment(guest).await?;
    enrol(guest).await?;
    takes_a_reading(guest).await?;
    stops(guest).await?;
    outlives_its_package(guest).await
}

/// Gives a property of the unit.
async fn property(guest: &mut Guest, name: &str) -> anyhow::Result<String> {
    let show = format!("systemctl show hearth-gateway --value -p {name}");
    guest.machine.ask(&show).await?.well()
}

async fn has(guest: &mut Guest, name: &str, wanted: &str) -> anyhow::Result<()> {
    let found = property(guest, name).await?;
    ensure!(found == wanted, "{name} is {found} and not {wanted}");
    Ok(())
}

/// Asks the gateway as the user that it runs as.
fn as_gateway(command: &str) -> String {
    format!(
        "setpriv --reuid hearth-gateway --regid hearth-gateway --clear-groups gateway {command} --config {CONFIG}"
    )
}

async fn waits_for_its_enrolment(guest: &mut Guest) -> anyhow::Result<()> {
    has(guest, "UnitFileState", "enabled").await?;
    let told = guest.machine.ask("systemctl status hearth-gateway").await?;
    let told = told.badly()?;
    let why = format!("ConditionPathExists={STATE_DIR}/enrolment.json was not met");
    ensure!(
        told.contains("inactive (dead)") && told.contains(&why),
        "systemctl does not say why: {told}"
    );
    has(guest, "NRestarts", "0").await?;
    let told = guest.machine.ask(&as_gateway("check-config")).await?;
    let told = told.badly()?;
    ensure!(told.contains("gateway enrol"), "{told}");
    let stat = format!("stat -c '%A %U:%G %n' {STATE_DIR} {CONFIG}");
    let owned = guest.machine.ask(&stat).await?.well()?;
    let mine = format!(
        "drwx------ hearth-gateway:hearth-gateway {STATE_DIR}\n-rw-r----- root:hearth-gateway {CONFIG}"
    );
    ensure!(owned == mine, "{owned}");
    Ok(())
}

/// Puts in place what enrolment leaves, and writes the box's device into the configuration as an installer would.
async fn enrol(guest: &mut Guest) -> anyhow::Result<()> {
    let told = r#"{"gateway":"gw-box","devices":[{"id":"cuff","kind":"cuff"}]}"#;
    guest.write("/run/enrolment.json", told).await?;
    let owner = "install -o hearth-gateway -g hearth-gateway -m 0600";
    let keep = format!("{owner} /run/enrolment.json {STATE_DIR}/enrolment.json");
    guest.machine.run(&keep).await?;
    guest
        .write("/run/radio.toml", &radio_toml(FIRST_ADAPTER, &[CUFF]))
        .await?;
    let device = format!("cat /run/radio.toml >>{CONFIG}");
    guest.machine.run(&device).await?;
    let explained = guest.machine.ask(&as_gateway("check-config")).await?;
    let explained = explained.well()?;
    ensure!(explained.contains("gateway gw-box"), "{explained}");
    Ok(())
}

async fn takes_a_reading(guest: &mut Guest) -> anyhow::Result<()> {
    let journal = "start journal journalctl -u hearth-gateway -f -n all -o cat";
    guest.machine.run(journal).await?;
    // Type=notify: it is started once the gateway has said so.
    guest.machine.run("systemctl start hearth-gateway").await?;
    has(guest, "Type", "notify").await?;
    has(guest, "ActiveState", "active").await?;
    guest.machine.run("systemctl is-active bluetooth").await?;
    guest.switch_on(CUFF).await?;
    guest.measure(150, 1).await?;
    // No time server is here: what is taken is saved at once, and dated once the clock is said to be set.
    let saved = |line: &str| line.contains("waits until the box knows the time");
    guest.machine.wait("journal", saved).await?;
    let set = "mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized";
    guest.machine.run(set).await?;
    let kept = |line: &str| line.contains("a record is in the outbox");
    guest.machine.wait("journal", kept).await?;
    has(guest, "ActiveState", "active").await?;
    has(guest, "NRestarts", "0").await?;
    one_waits(guest).await
}

/// The server, which is nowhere here, has not confirmed the reading.
async fn one_waits(guest: &mut Guest) -> anyhow::Result<()> {
    let status = guest.machine.ask(&as_gateway("status")).await?.well()?;
    ensure!(status.contains("waiting for the server: 1"), "{status}");
    Ok(())
}

async fn stops(guest: &mut Guest) -> anyhow::Result<()> {
    guest.machine.run("systemctl stop hearth-gateway").await?;
    has(guest, "ActiveState", "inactive").await?;
    has(guest, "Result", "success").await?;
    has(guest, "ExecMainStatus", "0").await
}

async fn outlives_its_package(guest: &mut Guest) -> anyhow::Result<()> {
    let sums = format!("sha256sum {STATE_DIR}/*.db {STATE_DIR}/*.key {STATE_DIR}/enrolment.json");
    let sums = format!("sh -c '{sums}'");
    let kept = guest.machine.ask(&sums).await?.well()?;
    guest.machine.ask("dpkg -r hearth-gateway").await?.well()?;
    guest.machine.run("test ! -e /usr/bin/gateway").await?;
    guest.machine.run(&format!("test -e {CONFIG}")).await?;
    ensure!(guest.machine.ask(&sums).await?.well()? == kept, "-r");

    let told = guest.machine.ask("dpkg -P hearth-gateway").await?.well()?;
    ensure!(
        told.contains(&format!("are kept in {STATE_DIR}")),
        "the purge does not say what it leaves: {told}"
    );
    guest.machine.run(&format!("test ! -e {CONFIG}")).await?;
    ensure!(guest.machine.ask(&sums).await?.well()? == kept, "-P");

    // Installed again, it is the box that it was.
    guest.machine.ask(INSTALL).await?.well()?;
    has(guest, "ActiveState", "active").await?;
    one_waits(guest).await
}
