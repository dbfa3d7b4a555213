//! Boxes as an installer leaves them: enrolled by a code, running as real programs, with the devices of a home around them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_tests::program::{Launch, Program, ours};
use hearth_tests::wait;
use serde_json::{Value, json};
use server::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::time::Instant;
use vitals::GatewayId;

use crate::a_new_box::{NewBox, Office, Sheet, said};

const CLOCK_DOUBT: Duration = Duration::from_secs(3);

/// The devices of a home, and the Bluetooth in which boxes hear them.
pub(crate) struct Devices {
    program: Program,
    bus: String,
    address: String,
}

impl Devices {
    pub(crate) async fn at(folder: &Path, script: &str) -> Self {
        let file = folder.join("script.toml");
        std::fs::write(&file, script).unwrap();
        let at = folder.display().to_string();
        let mut program = Launch::new("firmware-sim", &ours("firmware-sim").unwrap())
            .args(["run", "--control", "--bus-dir", &at])
            .args([file.display()])
            .start(folder)
            .unwrap();
        let bus = program.line("bus address:").await.unwrap();
        let script = firmware_sim::script::Script::load(&file).unwrap();
        Self {
            program,
            bus,
            address: script.devices[0].address.to_string(),
        }
    }

    /// Lets the cuff measure. Systolic values are never repeated within a test, so that each can be told apart.
    pub(crate) async fn cuff(&mut self, systolic: u16) {
        let cuff = json!({ "systolic": systolic, "diastolic": 80, "map": 90, "pulse": 70 });
        let event = json!({ "measure": { "device": "cuff", "cuff": cuff } });
        let answer = self.program.ask(&event.to_string()).await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer.get("error"), None, "{answer}");
    }

    /// Waits until the devices' clocks have moved on: they date what they measure to whole seconds, and a box knows how far
    /// they are off to a second more.
    pub(crate) async fn clocks_move_on(&self) {
        let began = Instant::now();
        let moved = wait::until("the clocks have moved on", async || {
            (began.elapsed() > CLOCK_DOUBT).then_some(())
        });
        moved.await.unwrap();
    }

    /// Where boxes hear them.
    pub(crate) fn bus(&self) -> &str {
        &self.bus
    }

    pub(crate) async fn stop(mut self) {
        self.program.stop().await.unwrap();
    }
}

/// A box that was enrolled, and the program on it.
pub(crate) struct Installed {
    pub(crate) id: GatewayId,
    pub(crate) home: NewBox,
    launch: Launch,
    folder: PathBuf,
    gateway: Option<Program>,
}

impl Installed {
    /// Enrols a box by the code of a job sheet. It hears the home's cuff as `device`, and finds the server at a port.
    pub(crate) fn by(
        office: &Office,
        sheet: &Sheet,
        devices: &Devices,
        folder: &Path,
        (name, device, port): (&str, &str, u16),
    ) -> Self {
        let broker = format!(
            "address = \"127.0.0.1:{port}\"\ntls = true\nkeep_alive_seconds = 5\nreceipt_timeout_seconds = 5\n\
             retry_delay_seconds_max = 1\n[radio.timings]\nquiet_ms = 500\nfailure_quiet_ms = 100\nidle_ms = 300\n\
             settle_ms = 10\nscan_refresh_ms = 1000\n[[device]]\nid = \"{device}\"\naddress = \"{}\"\nkind = \"cuff\"",
            devices.address
        );
        let home = NewBox::in_folder(folder, name, &broker);
        let enrolled = office.enrol(&home, &sheet.fingerprint, &sheet.code);
        assert!(enrolled.status.success(), "{}", said(&enrolled));
        let config = home.config.display().to_string();
        let launch = Launch::new(name, &ours("gateway").unwrap())
            .args(["run", "--config", &config])
            .env("DBUS_SYSTEM_BUS_ADDRESS", &devices.bus);
        Self {
            id: sheet.gateway.parse().unwrap(),
            home,
            launch,
            folder: folder.to_owned(),
            gateway: None,
        }
    }

    pub(crate) fn start(&mut self) {
        self.gateway = Some(self.launch.start(&self.folder).unwrap());
    }

    pub(crate) async fn stop(&mut self) {
        let mut gateway = self.gateway.take().unwrap();
        gateway.stop().await.unwrap();
    }

    /// Waits until the box holds so many records, so many of them without a receipt.
    pub(crate) async fn holds(&self, records: i64, waiting: i64) {
        let file = self.home.state.join(gateway::outbox::FILE_NAME);
        let counted = wait::until("the box's records", async || {
            let options = SqliteConnectOptions::new().filename(&file).read_only(true);
            let mut outbox = options.connect().await.ok()?;
            let count = "SELECT count(*), count(*) FILTER (WHERE receipted_at IS NULL AND set_aside IS NULL) FROM entry";
            let found: (i64, i64) = sqlx::query_as(count).fetch_one(&mut outbox).await.ok()?;
            outbox.close().await.ok()?;
            (found == (records, waiting)).then_some(())
        });
        let log = self.log();
        assert!(counted.await.is_ok(), "{}", log());
    }

    /// Waits until the box knows its standing.
    pub(crate) async fn stands(&self, standing: vitals::wire::StandingKind) {
        let known = wait::until("the box's standing", async || {
            let said = gateway::standing::of_folder(&self.home.state).ok()?;
            (said.standing == standing).then_some(())
        });
        let log = self.log();
        assert!(known.await.is_ok(), "{}", log());
    }

    fn log(&self) -> impl Fn() -> String {
        let folder = self.folder.clone();
        move || {
            let files = std::fs::read_dir(&folder).unwrap();
            let logs = files.map(|it| it.unwrap().path());
            let logs = logs.filter(|it| it.extension().is_some_and(|it| it == "log"));
            logs.map(|it| std::fs::read_to_string(it).unwrap())
                .collect()
        }
    }
}

/// Waits until a count in the server's database is as it should be.
pub(crate) async fn comes_to(store: &Store, query: &'static str, expected: i64) {
    let count = async || -> i64 {
        let found = sqlx::query_scalar(query).fetch_one(store.readers());
        found.await.unwrap()
    };
    let found = wait::until(query, async || (count().await == expected).then_some(()));
    let found = found.await;
    assert!(found.is_ok(), "{query}: {}", count().await);
}
