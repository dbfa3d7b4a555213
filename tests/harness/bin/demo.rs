//! `cargo demo`: a server and two simulated homes with real gateways, on the embedded default, until Ctrl-C.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, ensure};
use hearth_tests::cargo::cargo;
use hearth_tests::debian;
use hearth_tests::home::{Home, HomePlan};
use hearth_tests::nurse::Nurse;
use hearth_tests::seed;
use hearth_tests::server_program::{Broker, ServerPlan, ServerProgram};

/// Where the pages are, if the port is free.
const WEB: &str = "127.0.0.1:8080";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    debian::install(&[debian::DBUS_DAEMON])?;
    build()?;
    let folder = tempfile::Builder::new().prefix("hearth-demo-").tempdir()?;
    let mut server =
        ServerProgram::prepare(&folder.path().join("server"), &server_plan(folder.path())).await?;
    let mut homes = Vec::new();
    for name in ["home-1", "home-2"] {
        let plan = HomePlan {
            gateway_id: format!("gw-{name}"),
            script: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(format!("../config/sim/{name}.toml")),
            broker: server.broker(),
        };
        homes.push(Home::prepare(&folder.path().join(name), &plan).await?);
    }
    server.seed(&seed::demonstration(&homes)?)?;
    server.start().await?;
    for home in &mut homes {
        home.start_gateway()?;
    }

    let nurse = Nurse::at(&server, seed::DEMONSTRATION_NURSE);
    let code = nurse.code()?;
    println!("\n  The nurse's page:  {}", server.page("/set-up"));
    println!(
        "  Her code:          {code} (it works once; choose a password, then sign in as {})",
        nurse.person()
    );
    println!(
        "  Readings arrive from two simulated homes; an alert appears within a minute. Ctrl-C stops everything.\n"
    );
    tokio::signal::ctrl_c().await?;
    println!("stopping");
    for home in homes {
        home.stop().await?;
    }
    server.stop().await
}

/// Builds the three programs, so that one command is enough on a fresh machine.
fn build() -> anyhow::Result<()> {
    let status = cargo()
        .args([
            "build",
            "--locked",
            "--bins",
            "-p",
            "gateway",
            "-p",
            "server",
            "-p",
            "firmware-sim",
            "-p",
            "hearth-tests",
        ])
        .status()
        .context("cargo cannot be run")?;
    ensure!(status.success(), "the programs do not build");
    Ok(())
}

fn server_plan(folder: &Path) -> ServerPlan {
    let free = std::net::TcpListener::bind(WEB).is_ok();
    let web: SocketAddr = SocketAddr::from(([127, 0, 0, 1], if free { 8080 } else { 0 }));
    let store_url = format!("sqlite:{}", folder.join("server.db").display());
    ServerPlan {
        store_url,
        broker: Broker::Embedded,
        web,
    }
}
