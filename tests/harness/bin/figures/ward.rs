//! A service with many patients, each with a scale, as the server's pages and its gateway's messages show it.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use gateway::capture::Capture;
use gateway::clock::Clock;
use gateway::{intake, keys};
use hearth_tests::seed;
use hearth_tests::server_program::{Broker, ServerPlan, ServerProgram};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use server::store::Store;
use tempfile::TempDir;
use vitals::wire::ENTRIES_LEN_MAX;
use vitals::{Characteristic, GatewayId, RawBytes, Record};

use crate::voice::Voice;

/// Who answers for every patient.
pub(crate) const COORDINATOR: &str = "nurse-ann";
/// A usual weight, in grams; the plan's limits are 90 and 95 kg.
const USUAL_GRAMS: u32 = 80_000;
/// A weight over the urgent limit, in grams.
const URGENT_GRAMS: u32 = 100_000;
/// The resolution of a scale's value in SI units (Weight Measurement 2A9D).
const GRAMS_OF_ONE: u32 = 5;

/// A server with its patients, and the voice of the gateway that serves them all.
pub(crate) struct Ward {
    pub(crate) server: ServerProgram,
    pub(crate) store: Store,
    pub(crate) voice: Voice,
    pub(crate) clock: Clock,
    patients_len: usize,
    _folder: TempDir,
}

impl Ward {
    /// Seeds and starts a server with so many patients; beside their coordinator, so many nurses see them all.
    ///
    /// # Errors
    /// When the server refuses.
    pub(crate) async fn open(patients_len: usize, nurses_len: usize) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("hearth-ward-").tempdir()?;
        let id: GatewayId = seed::CROWD_GATEWAY.parse()?;
        let state = folder.path().join("state");
        let described = keys::registration(&id, &state)?;
        let store_url = format!("sqlite:{}", folder.path().join("server.db").display());
        let plan = ServerPlan {
            store_url: store_url.clone(),
            broker: Broker::Embedded,
            web: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let mut server = ServerProgram::prepare(&folder.path().join("server"), &plan).await?;
        server.seed(&seed::crowd(&described, patients_len, nurses_len)?)?;
        server.start().await?;
        let tag = keys::load_or_make(&state)?.tag;
        Ok(Self {
            voice: Voice::connect(id, tag, server.broker()).await?,
            store: Store::open(&store_url).await?,
            clock: Clock::system(),
            server,
            patients_len,
            _folder: folder,
        })
    }

    /// Lets every patient weigh in on so many days, and today over the urgent limit: each has an open alert then.
    ///
    /// # Errors
    /// When the server refuses a reading, or has another number of alerts.
    pub(crate) async fn fill(&mut self, days: u32) -> anyhow::Result<()> {
        let now = self.clock.now();
        for day in (0..=days).rev() {
            let at = now - SignedDuration::from_hours(24 * i64::from(day));
            let grams = match day {
                0 => URGENT_GRAMS,
                // A little more and a little less from day to day.
                day => USUAL_GRAMS + 100 * (day % 5),
            };
            let all: Vec<usize> = (0..self.patients_len).collect();
            for some in all.chunks(ENTRIES_LEN_MAX) {
                let records: Result<Vec<Record>, _> = some
                    .iter()
                    .map(|patient| weight(*patient, grams, at))
                    .collect();
                self.voice.deliver(&records?).await?;
            }
        }
        let open = "SELECT COUNT(*) FROM alert WHERE closed_at IS NULL AND priority = 'urgent'";
        let open: i64 = sqlx::query_scalar(open)
            .fetch_one(self.store.readers())
            .await?;
        ensure!(
            usize::try_from(open)? == self.patients_len,
            "{open} alerts are open of {} patients",
            self.patients_len
        );
        Ok(())
    }

    /// Gives the server's process.
    ///
    /// # Errors
    /// When it is gone.
    pub(crate) fn process(&mut self) -> anyhow::Result<u32> {
        self.server.program()?.id().context("the server is gone")
    }

    /// Stops it, and proves that what was decided is decided so again.
    ///
    /// # Errors
    /// When it does not stop cleanly, or a journal is decided otherwise.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        drop(self.voice);
        self.store.close().await;
        self.server.stop().await?;
        self.server.run("replay", &["--check"]).map(drop)
    }
}

/// A reading of a patient's scale, decoded from its bytes as the gateway does.
///
/// # Errors
/// When the weight does not fit the value.
pub(crate) fn weight(patient: usize, grams: u32, at: Timestamp) -> anyhow::Result<Record> {
    let [low, high] = u16::try_from(grams / GRAMS_OF_ONE)?.to_le_bytes();
    let capture = Capture {
        device: seed::crowd_scale(patient).parse()?,
        characteristic: Characteristic(0x2A9D),
        raw: RawBytes::try_from(vec![0, low, high])?,
        received_at: at,
        clock_offset_seconds: None,
        dialect: gatt::Dialect::default(),
    };
    Ok(intake::record_of(&capture, &TimeZone::UTC))
}
