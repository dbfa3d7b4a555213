//! The whole line: one home, one broker, one server, and an account of every measurement that was taken.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use server::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row};
use tempfile::TempDir;
use vitals::wire;

use crate::home::{Home, HomePlan};
use crate::mosquitto::Mosquitto;
use crate::net::Cable;
use crate::postgres::Postgres;
use crate::seed;
use crate::server_program::{Broker, ServerPlan, ServerProgram};
use crate::wait;

/// Which broker a line runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokerKind {
    /// The one inside the server.
    Embedded,
    /// Debian's Mosquitto.
    Mosquitto,
}

/// Which database a line ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// The embedded default.
    Sqlite,
    /// A server of its own.
    Postgres,
}

/// A home, a broker and a server, all real programs, joined by a cable that can be cut.
#[derive(Debug)]
pub struct Line {
    /// The home; its gateway is running.
    pub home: Home,
    /// The server; it is running.
    pub server: ServerProgram,
    /// Between the gateway and its broker.
    pub cable: Cable,
    /// The broker, when it is not the server's own.
    pub mosquitto: Option<Mosquitto>,
    /// The server's database, looked at from outside.
    pub store: Store,
    measured: usize,
    folder: TempDir,
}

impl Line {
    /// Sets everything up and starts the server; the gateway is ready to be started.
    ///
    /// # Errors
    /// When a program is missing or refuses.
    pub async fn set_up(
        broker: BrokerKind,
        store: StoreKind,
        script: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("hearth-line-").tempdir()?;
        let mosquitto = match broker {
            BrokerKind::Embedded => None,
            BrokerKind::Mosquitto => Some(Mosquitto::start(folder.path()).await?),
        };
        let store_url = match store {
            StoreKind::Sqlite => format!("sqlite:{}", folder.path().join("server.db").display()),
            StoreKind::Postgres => Postgres::shared().await?.fresh_database().await?,
        };
        let plan = ServerPlan {
            store_url: store_url.clone(),
            broker: mosquitto
                .as_ref()
                .map_or(Broker::Embedded, |it| Broker::External(it.address())),
            web: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let mut server = ServerProgram::prepare(&folder.path().join("server"), &plan).await?;
        let cable = Cable::lay(server.broker()).await?;
        let home = home(folder.path(), script, cable.address()).await?;
        server.seed(&seed::one_patient(&home)?)?;
        server.start().await?;
        let store = Store::open(&store_url).await?;
        Ok(Self {
            home,
            server,
            cable,
            mosquitto,
            store,
            measured: 0,
            folder,
        })
    }

    /// Lets the cuff measure. Systolic values are never repeated within a test, so that each can be told apart.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn cuff(&mut self, systolic: u16, diastolic: u16) -> anyhow::Result<()> {
        self.measured += 1;
        let cuff = json!({ "systolic": systolic, "diastolic": diastolic, "map": diastolic + 10, "pulse": 70 });
        self.home
            .measure(json!({ "device": "cuff", "cuff": cuff }))
            .await
    }

    /// Lets the cuff fail: every value NaN.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn cuff_fails(&mut self) -> anyhow::Result<()> {
        self.measured += 1;
        self.home
            .measure(json!({ "device": "cuff", "failed": true }))
            .await
    }

    /// Lets a device send bytes of our choice as its measurement.
    ///
    /// # Errors
    /// When the simulator refuses.
    pub async fn measure_raw(&mut self, event: Value) -> anyhow::Result<()> {
        self.measured += 1;
        self.home.measure(event).await
    }

    /// Waits until everything that was measured is stored and every queue is empty, then checks the account: each
    /// measurement is stored exactly once, with the bytes that the device sent, and nothing is refused.
    ///
    /// # Errors
    /// When something is missing, doubled, altered or left over.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        let measured = i64::try_from(self.measured)?;
        let stored = wait::until("every measurement is stored", async || {
            let stored = self
                .count("SELECT (SELECT COUNT(*) FROM reading) + (SELECT COUNT(*) FROM attempt)")
                .await;
            stored.ok().filter(|stored| *stored >= measured)
        });
        let stored = stored.await;
        if stored.is_err() {
            let delivered = self.home.delivered("cuff").await?;
            return stored
                .map(drop)
                .with_context(|| format!("the cuff delivered {delivered}\n{}", self.logs()));
        }
        wait::until("the outbox is empty", async || {
            (self.waiting().await.ok()? == 0).then_some(())
        })
        .await
        .with_context(|| self.logs())?;
        self.check_account().await
    }

    async fn check_account(&mut self) -> anyhow::Result<()> {
        let delivered = self.home.delivered("cuff").await?;
        let delivered = delivered["delivered"]
            .as_array()
            .context("the simulator gives a list")?;
        let sent: BTreeSet<String> = delivered
            .iter()
            .filter_map(|value| value["hex"].as_str())
            .map(str::to_owned)
            .collect();
        ensure!(
            sent.len() == self.measured,
            "{} were measured, {} different ones sent",
            self.measured,
            sent.len()
        );
        let mut kept: BTreeMap<String, usize> = BTreeMap::new();
        for raw in self.stored_bytes().await? {
            *kept.entry(raw).or_default() += 1;
        }
        ensure!(
            kept.values().all(|times| *times == 1),
            "something is stored twice: {kept:?}"
        );
        ensure!(
            kept.keys().eq(sent.iter()),
            "sent {sent:?}, stored {kept:?}"
        );
        let refused = self.count("SELECT COUNT(*) FROM quarantine").await?;
        ensure!(refused == 0, "{refused} messages were refused");
        Ok(())
    }

    /// Gives the raw bytes of every stored reading and attempt, in hexadecimal.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stored_bytes(&self) -> anyhow::Result<Vec<String>> {
        let rows = sqlx::query(
            "SELECT e.record FROM entry e \
             JOIN (SELECT gateway, epoch, sequence FROM reading UNION ALL SELECT gateway, epoch, sequence FROM attempt) r \
             ON r.gateway = e.gateway AND r.epoch = e.epoch AND r.sequence = e.sequence",
        );
        let rows = rows.fetch_all(self.store.readers()).await?;
        let bytes = |text: String| Ok(wire::record::read(&text)?.source().1.to_string());
        rows.iter()
            .map(|row| bytes(row.try_get("record")?))
            .collect()
    }

    /// Counts something in the server's database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, statement: &'static str) -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(statement)
            .fetch_one(self.store.readers())
            .await?)
    }

    /// Puts something into the server's database that would take a real line days to come about.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn put(&self, statement: &'static str) -> anyhow::Result<()> {
        let mut write = self.store.write().await?;
        sqlx::query(statement).execute(&mut *write).await?;
        Ok(write.commit().await?)
    }

    /// Counts what waits on the gateway: bytes not yet decoded, and records without a receipt.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub async fn waiting(&self) -> anyhow::Result<i64> {
        let outbox = self
            .folder
            .path()
            .join("home/state")
            .join(gateway::outbox::FILE_NAME);
        let mut outbox = SqliteConnectOptions::new()
            .filename(outbox)
            .read_only(true)
            .connect()
            .await?;
        let waiting = sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM capture) + (SELECT COUNT(*) FROM entry WHERE receipted_at IS NULL)",
        );
        Ok(waiting.fetch_one(&mut outbox).await?)
    }

    fn logs(&self) -> String {
        let log =
            |path: &str| std::fs::read_to_string(self.folder.path().join(path)).unwrap_or_default();
        format!(
            "gateway:\n{}\nserver:\n{}",
            log("home/gateway.log"),
            log("server/server.log")
        )
    }

    /// Stops everything as an operator would, and proves the gateway's chain and what was decided of it.
    ///
    /// # Errors
    /// When a program does not stop cleanly, the chain does not hold, or a journal is decided otherwise.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.home.stop().await?;
        self.server.stop().await?;
        self.server.run::<&str>("verify", &[])?;
        self.server.run("replay", &["--check"]).map(drop)
    }
}

async fn home(folder: &Path, script: &str, broker: SocketAddr) -> anyhow::Result<Home> {
    let file = folder.join("home.toml");
    std::fs::write(&file, script)?;
    let plan = HomePlan {
        gateway_id: "gw-home".to_owned(),
        script: file,
        broker,
    };
    Home::prepare(&folder.join("home"), &plan).await
}

/// The script of a home with one device, in which Bluetooth answers at once.
macro_rules! home_with {
    ($($device:literal),+) => {
        concat!(
            "bluez = { connect_ms = 1, connect_while_scanning_ms = 0, resolve_ms = 1, disconnect_ms = 1, ",
            "advertise_every_ms = 20 }\n[[device]]\n",
            $($device, "\n"),+
        )
    };
}

/// The script of a home with one cuff, and what is special about it.
macro_rules! home_with_cuff {
    ($($special:literal),*) => {
        home_with!(
            r#"label = "cuff""#,
            r#"kind = "cuff""#,
            r#"address = "C2:48:45:41:02:01""#,
            r#"name = "UA-651BLE""#
            $(, $special)*
        )
    };
}

/// A cuff that forgets what it has delivered.
pub const ONE_CUFF: &str = home_with_cuff!();

/// A cuff that keeps everything and sends it all again in each session.
pub const ONE_CUFF_WITH_MEMORY: &str = home_with_cuff!("memory = { keeps = true }");

/// A scale.
pub const ONE_SCALE: &str = home_with!(
    r#"label = "scale""#,
    r#"kind = "scale""#,
    r#"address = "C2:48:45:41:02:02""#,
    r#"name = "UC-352BLE""#
);

/// Gives a home with a cuff that has room for so many records.
pub fn cuff_with_room_for(records: usize) -> String {
    format!("{ONE_CUFF}memory = {{ records_max = {} }}\n", records + 1)
}

/// Gives an event in which the cuff sends these bytes.
pub fn raw(hex: &str) -> Value {
    json!({ "device": "cuff", "raw": hex })
}
