//! From the end of a fault to the first reading that is through: stored and judged by the server.
//!
//! The gateway waits as long as it does in a real home, and is started again when it ends as its unit says. The fault lasts
//! ten seconds, and in that time a cuff measures, which then advertises for a minute.

use std::time::Duration;

use hearth_tests::line::{BrokerKind, Line, StoreKind};
use hearth_tests::wait;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

/// How long each fault lasts.
const OUTAGE: Duration = Duration::from_secs(10);
/// `RestartSec=` of the unit.
const RESTARTED_AFTER: Duration = Duration::from_secs(2);
/// How often a fault is timed.
const TIMES: usize = 3;

/// A home as BlueZ's own times make it: the scale shows that all is well, the cuff measures during the fault.
const HOME: &str = "[[device]]\nlabel = \"scale\"\nkind = \"scale\"\naddress = \"C2:48:45:41:02:02\"\nname = \"UC-352BLE\"\n\
    [[device]]\nlabel = \"cuff\"\nkind = \"cuff\"\naddress = \"C2:48:45:41:02:01\"\nname = \"UA-651BLE\"\n";

#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    BluetoothdRestarted,
    BusRestarted,
    AdapterReplugged,
    Rfkill,
    BrokerKilled,
    GatewayKilled,
}

const FAULTS: [(Fault, &str); 7] = [
    (Fault::None, "none, for comparison"),
    (Fault::BluetoothdRestarted, "bluetoothd away, and back"),
    (Fault::BusRestarted, "D-Bus and bluetoothd away, and back"),
    (Fault::AdapterReplugged, "adapter unplugged, and back"),
    (Fault::Rfkill, "radio blocked by rfkill, and free"),
    (Fault::BrokerKilled, "broker killed, and back"),
    (
        Fault::GatewayKilled,
        "gateway killed; systemd's 2 s included",
    ),
];

/// Times each fault some times, and prints a table.
pub(crate) async fn measure() -> anyhow::Result<()> {
    println!("from the fault's end to the first reading through, of {TIMES}:");
    println!("  {:<40}  fastest   median  slowest", "fault, for 10 s");
    for (fault, name) in FAULTS {
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            times.push(recover_from(fault).await?.as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        println!(
            "  {name:<40}  {:>5.1} s  {:>5.1} s  {:>5.1} s",
            times[0],
            times[TIMES / 2],
            times[TIMES - 1]
        );
    }
    Ok(())
}

async fn recover_from(fault: Fault) -> anyhow::Result<Duration> {
    let broker = match fault {
        Fault::BrokerKilled => BrokerKind::Mosquitto,
        _ => BrokerKind::Embedded,
    };
    let mut line = Line::set_up(broker, StoreKind::Sqlite, HOME).await?;
    line.home.wait_as_in_a_real_home_but(&[])?;
    line.home.start_gateway()?;
    let scale = json!({ "device": "scale", "scale": { "weight_kg": "81.4" } });
    line.home.measure(scale).await?;
    through(&mut line, 1).await?;
    line.home.link_is_down("scale").await?;
    let ended = strike(&mut line, fault).await?;
    let through = through(&mut line, 2).await?;
    line.stop().await?;
    Ok(through - ended)
}

/// Has the fault come and go, and a cuff measure meanwhile; gives when it went.
async fn strike(line: &mut Line, fault: Fault) -> anyhow::Result<Instant> {
    let end = Instant::now() + OUTAGE;
    let hci0 = json!({ "adapter": "hci0" });
    match fault {
        Fault::None => {
            cuff(line).await?;
            return Ok(Instant::now());
        }
        Fault::BluetoothdRestarted => {
            let down = u64::try_from(OUTAGE.as_millis())?;
            happen(line, json!({ "bluetoothd_restart": { "down_ms": down } })).await?;
            cuff(line).await?;
            return Ok(end);
        }
        Fault::GatewayKilled => {
            line.home.gateway()?.kill().await?;
            let killed = Instant::now();
            cuff(line).await?;
            return Ok(killed);
        }
        Fault::BusRestarted => {
            line.home.kill_bus().await?;
            while Instant::now() < end {
                restart_if_ended(line).await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            line.home.start_bus().await?;
            // The simulated devices went with their bus.
            cuff(line).await?;
        }
        Fault::AdapterReplugged => {
            happen(line, json!({ "adapter_gone": hci0 })).await?;
            cuff(line).await?;
            sleep_until(end).await;
            happen(line, json!({ "adapter_back": hci0 })).await?;
        }
        Fault::Rfkill => {
            happen(line, json!({ "rfkill_block": hci0 })).await?;
            cuff(line).await?;
            sleep_until(end).await;
            happen(line, json!({ "rfkill_unblock": hci0 })).await?;
        }
        Fault::BrokerKilled => {
            if let Some(mosquitto) = &mut line.mosquitto {
                mosquitto.kill().await?;
                cuff(line).await?;
                sleep_until(end).await;
            }
            if let Some(mosquitto) = &mut line.mosquitto {
                mosquitto.start_again().await?;
            }
        }
    }
    Ok(Instant::now())
}

async fn happen(line: &mut Line, fault: Value) -> anyhow::Result<()> {
    let fault = json!({ "fault": fault });
    line.home.control(&fault).await.map(drop)
}

async fn cuff(line: &mut Line) -> anyhow::Result<()> {
    let cuff = json!({ "systolic": 128, "diastolic": 79, "map": 95, "pulse": 66 });
    let measured = json!({ "device": "cuff", "cuff": cuff });
    line.home.measure(measured).await
}

/// Waits until the server has stored so many readings; gives when.
async fn through(line: &mut Line, readings: i64) -> anyhow::Result<Instant> {
    wait::until("the reading is through", async || {
        restart_if_ended(line).await.ok()?;
        let stored = line.count("SELECT COUNT(*) FROM reading").await.ok()?;
        (stored >= readings).then(Instant::now)
    })
    .await
}

/// Does what systemd does.
async fn restart_if_ended(line: &mut Line) -> anyhow::Result<()> {
    if line.home.gateway()?.has_ended()? {
        tokio::time::sleep(RESTARTED_AFTER).await;
        line.home.start_gateway()?;
    }
    Ok(())
}
