//! A fresh database with the sample seed registered, on either engine.

use std::path::Path;

use clinical::{Decision, Event, PatientId, Refusal};
use hearth_tests::postgres::Postgres;
use jiff::{SignedDuration, Timestamp};
use server::ingest::{Message, Stored, store_batch};
use server::seed::{Seed, SeedFile};
use server::store::{Store, WRITERS_LEN_MAX, patients};
use server::{casework, history};
use sqlx::any::AnyRow;
use sqlx::{Column, Row};
use tempfile::TempDir;
use vitals::topic::Topic;

use crate::home::Home;

/// Patients whose plans are bare limits, so that every breach raises at once; the rest is as in the sample that operators
/// start from.
pub(crate) const SEED: &str = include_str!("seed.toml");
/// The sample that operators start from.
pub(crate) const SAMPLE: &str = include_str!("../../../config/seed.toml");

/// As config/silence.toml has it.
pub(crate) const CLOCK_WRONG_FROM_SECONDS: u32 = 5400;

pub(crate) struct World {
    pub(crate) store: Store,
    /// Where it is, for another server on the same database.
    pub(crate) url: String,
    pub(crate) home_1: Home,
    pub(crate) home_2: Home,
    pub(crate) now: Timestamp,
    /// How many writes can be open at the same time.
    pub(crate) writers_len: usize,
    folder: TempDir,
}

impl World {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("server.db").display());
        Self::at(&url, 1, folder).await
    }

    /// Gives a folder for what a test writes.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn on_postgres() -> Self {
        let postgres = Postgres::shared().await.unwrap();
        let url = postgres.fresh_database().await.unwrap();
        Self::at(&url, WRITERS_LEN_MAX as usize, tempfile::tempdir().unwrap()).await
    }

    async fn at(url: &str, writers_len: usize, folder: TempDir) -> Self {
        let world = Self {
            store: Store::migrate(url).await.unwrap(),
            url: url.to_owned(),
            home_1: Home::new("gateway-1", 1),
            home_2: Home::new("gateway-2", 2),
            now: "2026-11-21T08:00:00Z".parse().unwrap(),
            writers_len,
            folder,
        };
        let changes = world.seed(SEED).await.unwrap();
        assert!(changes > 0);
        world
    }

    /// Registers a seed, with the keys of the two homes.
    pub(crate) async fn seed(&self, text: &str) -> anyhow::Result<usize> {
        let mut text = text.to_owned();
        for (home, example) in [
            (
                &self.home_1,
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            ),
            (
                &self.home_2,
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            ),
        ] {
            text = text.replace(example, &home.public_key());
            let keys = self.folder.path().join(home.id.as_str());
            std::fs::create_dir_all(&keys)?;
            std::fs::write(keys.join("tag.key"), home.tag_key_bytes())?;
        }
        let seed = Seed::with_keys(SeedFile::parse(&text)?, Path::new(self.folder.path()))?;
        seed.apply(&self.store, self.now).await
    }

    /// Time goes on.
    pub(crate) fn wait(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    /// Takes messages as one batch.
    pub(crate) async fn take(&self, messages: &[(Topic, Vec<u8>)]) -> Stored {
        let messages: Vec<Message<'_>> = messages
            .iter()
            .map(|(topic, payload)| Message { topic, payload })
            .collect();
        store_batch(&self.store, &messages, self.now, CLOCK_WRONG_FROM_SECONDS)
            .await
            .unwrap()
    }

    /// Lets something happen to a patient.
    pub(crate) async fn happen(&self, number: u8, event: &Event) -> Result<Vec<Decision>, Refusal> {
        let mut write = self.store.write().await.unwrap();
        let outcome = casework::handle(&mut write, &patient(number), event, self.now)
            .await
            .unwrap();
        write.commit().await.unwrap();
        outcome
    }

    /// Runs a statement by which nobody but a test changes the database.
    pub(crate) async fn tamper(&self, statement: &str) {
        let mut write = self.store.write().await.unwrap();
        let done = sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut *write)
            .await
            .unwrap();
        assert!(done.rows_affected() > 0, "{statement} changed nothing");
        write.commit().await.unwrap();
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(self.store.readers())
            .await
            .unwrap()
    }

    pub(crate) async fn texts(&self, query: &'static str) -> Vec<String> {
        sqlx::query_scalar(query)
            .fetch_all(self.store.readers())
            .await
            .unwrap()
    }

    /// Checks that every journal is decided again as it was decided, and that everything written again is as it was.
    pub(crate) async fn is_replayed_and_rebuilt(&self) {
        let mut reader = self.store.readers().acquire().await.unwrap();
        for id in patients::ids(&mut reader).await.unwrap() {
            let replayed = history::replay(&mut reader, &id).await.unwrap();
            assert_eq!(replayed.difference, None, "{id}");
        }
        drop(reader);
        let live = self.projections().await;
        self.tamper("UPDATE case_state SET state = '{}', next_deadline_at = NULL")
            .await;
        self.spoil(&[
            "UPDATE alert SET why = 'edited', respond_by = 1, step = 'on_call', held_by = NULL",
            "UPDATE contact SET result = 'edited', unanswered = 9",
            "UPDATE strike SET is_struck = 1 - is_struck",
            "UPDATE discharge SET reason = 'edited', started_again_at = 1",
            "DELETE FROM watch",
            "UPDATE expected_reading SET came = 1 - came",
        ])
        .await;
        assert_ne!(self.projections().await, live);
        history::rebuild_all(&self.store).await.unwrap();
        assert_eq!(self.projections().await, live);
    }

    /// Edits what is projected, where there is any.
    async fn spoil(&self, statements: &[&'static str]) {
        let mut write = self.store.write().await.unwrap();
        for statement in statements {
            sqlx::query(*statement).execute(&mut *write).await.unwrap();
        }
        write.commit().await.unwrap();
    }

    /// Everything that pages read of what was decided, as text.
    pub(crate) async fn projections(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for query in [
            "SELECT * FROM alert ORDER BY patient, number",
            "SELECT * FROM alert_evidence ORDER BY patient, alert, reading",
            "SELECT * FROM plan ORDER BY patient, version",
            "SELECT patient, state, journal_len, next_deadline_at FROM case_state ORDER BY patient",
            "SELECT id, coordinator FROM patient ORDER BY id",
            "SELECT patient, from_at, coordinator FROM assignment ORDER BY patient, from_at",
            "SELECT * FROM contact ORDER BY patient, number",
            "SELECT * FROM strike ORDER BY patient, number",
            "SELECT * FROM discharge ORDER BY patient, number",
            "SELECT * FROM watch ORDER BY patient",
            "SELECT * FROM expected_reading ORDER BY patient, what, opens_at",
        ] {
            let found = sqlx::query(query)
                .fetch_all(self.store.readers())
                .await
                .unwrap();
            rows.extend(found.iter().map(as_text));
        }
        rows
    }
}

fn as_text(row: &AnyRow) -> String {
    let cell = |column: usize| {
        let text = row.try_get::<Option<String>, _>(column);
        let text = text.unwrap_or_else(|_| {
            let number: Option<i64> = row.get(column);
            number.map(|number| number.to_string())
        });
        format!("{}={text:?}", row.columns()[column].name())
    };
    (0..row.len()).map(cell).collect::<Vec<_>>().join(" ")
}

pub(crate) fn patient(number: u8) -> PatientId {
    format!("patient-{number}").parse().unwrap()
}
