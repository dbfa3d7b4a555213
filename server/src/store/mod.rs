//! The store: one set of statements for SQLite and PostgreSQL, through the few types that both share.
//!
//! `sqlx::Any` carries integers, text and NULL between them, and every statement here keeps to those. What an engine
//! needs of its own (how it opens, how a write begins, what it refuses) is in this file and `append_only.rs`, and nowhere
//! else.

pub mod accounts;
pub mod agreements;
pub mod alert_actions;
pub mod alert_ends;
pub mod alert_marks;
pub mod alert_page;
mod alert_row;
pub mod alerts;
mod append_only;
pub mod assessments;
pub mod assignments;
pub mod audit;
pub mod boxes;
pub mod break_glass;
pub mod cases;
pub mod certificates;
pub mod clinics;
pub mod clones;
pub mod contacts;
pub mod counts;
pub mod demographics;
pub mod devices;
pub mod discharges;
pub mod duty;
pub mod entries;
pub mod epochs;
pub mod expected_readings;
pub mod gateways;
pub mod handovers;
pub mod heads;
pub mod heard;
pub mod homes;
pub mod incidents;
pub mod install_jobs;
pub mod journal;
pub mod office;
pub mod organisation;
pub mod outages;
pub mod own_grants;
pub mod passkeys;
pub mod patient_list;
pub mod patient_page;
pub mod patient_record;
pub mod patients;
pub mod people;
pub mod plan_requests;
pub mod plans;
pub mod preferences;
mod private;
pub mod quality;
pub mod quarantine;
pub mod questions;
pub mod readings;
pub mod referrals;
pub mod reports;
pub mod roles;
pub mod rota_gaps;
pub mod sealed_codes;
pub mod sessions;
pub mod set_up_codes;
pub mod sight;
pub mod sign_in_failures;
pub mod staff;
pub mod statuses;
pub mod strikes;
pub mod test_records;
pub mod used;
pub mod watches;
pub mod worklist;

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Transaction};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// The most connections that only read, on either engine.
pub const READERS_LEN_MAX: u32 = 4;
/// The most connections that write to PostgreSQL. SQLite has one writer, always.
pub const WRITERS_LEN_MAX: u32 = 4;
/// How long a task waits for a connection before it gives up with an error.
const ACQUIRE_WAIT_MAX: Duration = Duration::from_secs(10);

/// A write transaction. Nothing is seen by others before [`Write::commit`]; dropping it undoes everything.
pub type Write<'a> = Transaction<'a, Any>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    fn of(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Ok(Self::Postgres)
        } else {
            bail!(
                "store.url must begin with sqlite: or postgres:, such as sqlite:/var/lib/hearth/server.db"
            )
        }
    }

    fn writers_len_max(self) -> u32 {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => WRITERS_LEN_MAX,
        }
    }

    /// SQLite takes its write lock at once, since a later upgrade fails without waiting (SQLITE_BUSY_SNAPSHOT).
    fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// By what changes of the audit trail are refused; may be run any number of times.
    fn append_only(self) -> &'static str {
        match self {
            Self::Sqlite => append_only::SQLITE,
            Self::Postgres => append_only::POSTGRES,
        }
    }

    /// FULL: a commit that was answered survives a power cut.
    fn at_connect(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF"
            }
            Self::Postgres => "SET synchronous_commit = on",
        }
    }
}

/// The database, with readers and writers apart.
#[derive(Debug, Clone)]
pub struct Store {
    engine: Engine,
    readers: AnyPool,
    writers: AnyPool,
}

impl Store {
    /// Opens a database whose schema is this program's.
    ///
    /// # Errors
    /// When it cannot be reached, needs `server migrate`, or was written by a newer program.
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let store = Self::connect(url).await?;
        store.check_schema().await?;
        Ok(store)
    }

    /// Brings the schema up to this program's and opens the database; a new SQLite file is made.
    ///
    /// # Errors
    /// When it cannot be reached or was written by a newer program.
    pub async fn migrate(url: &str) -> anyhow::Result<Self> {
        let store = Self::connect(url).await?;
        MIGRATIONS
            .run(&store.writers)
            .await
            .context("the database cannot be brought up to this program's schema")?;
        sqlx::raw_sql(store.engine.append_only())
            .execute(&store.writers)
            .await
            .context("the database cannot be told to refuse changes of the audit trail")?;
        let mut write = store.write().await?;
        patients::fold_names(&mut write).await?;
        write.commit().await?;
        Ok(store)
    }

    async fn connect(url: &str) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let engine = Engine::of(url)?;
        let url = match engine {
            Engine::Sqlite if !url.contains('?') => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        if engine == Engine::Sqlite {
            private::make_private(&url)?;
        }
        let options = AnyConnectOptions::from_str(&url).context("store.url cannot be read")?;
        let writers = pool(engine, options.clone(), engine.writers_len_max()).await?;
        let readers = pool(engine, options, READERS_LEN_MAX).await?;
        Ok(Self {
            engine,
            readers,
            writers,
        })
    }

    async fn check_schema(&self) -> anyhow::Result<()> {
        let mut connection = self.readers.acquire().await?;
        let applied = applied_versions(&mut connection).await?;
        let known: Vec<i64> = MIGRATIONS
            .iter()
            .map(|migration| migration.version)
            .collect();
        if applied.iter().any(|version| !known.contains(version)) {
            bail!(
                "the database was written by a newer version of this program; install that version"
            );
        }
        if known.iter().any(|version| !applied.contains(version)) {
            bail!(
                "the database is older than this program; run `server migrate` with the same configuration"
            );
        }
        Ok(())
    }

    /// Begins a write.
    ///
    /// # Errors
    /// When the database does not answer in time.
    pub async fn write(&self) -> anyhow::Result<Write<'static>> {
        self.writers
            .begin_with(self.engine.begin())
            .await
            .context("the database does not take a write")
    }

    /// Gives the connections that only read.
    pub fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// Closes every connection, after what is under way.
    pub async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
    }
}

async fn pool(engine: Engine, options: AnyConnectOptions, len_max: u32) -> anyhow::Result<AnyPool> {
    AnyPoolOptions::new()
        .max_connections(len_max)
        .acquire_timeout(ACQUIRE_WAIT_MAX)
        // With neither, sqlx starts no task of its own to look after the pool: when such a task outlives the pool it may
        // turn for ever and keep a program from ending (sqlx 0.9.0, issue 3645).
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(engine.at_connect())
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .context("the database cannot be reached; check store.url and that it is running")
}

/// PostgreSQL holds no NUL in a text; the journal has the text as it was written.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

async fn applied_versions(connection: &mut AnyConnection) -> anyhow::Result<Vec<i64>> {
    let versions =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(connection)
            .await;
    match versions {
        Ok(versions) => Ok(versions),
        // No such table: nothing has been migrated yet.
        Err(sqlx::Error::Database(_)) => Ok(Vec::new()),
        Err(error) => Err(error).context("the database's schema version cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_made_migrated_and_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("server.db").display());

        let error = Store::open(&url).await.unwrap_err();
        assert!(error.to_string().contains("server migrate"), "{error}");
        Store::migrate(&url).await.unwrap().close().await;
        let store = Store::open(&url).await.unwrap();

        let mut write = store.write().await.unwrap();
        sqlx::query("INSERT INTO team (id, name) VALUES ($1, $2)")
            .bind("north")
            .bind("North team")
            .execute(&mut *write)
            .await
            .unwrap();
        write.commit().await.unwrap();
        let names: Vec<String> = sqlx::query_scalar("SELECT name FROM team")
            .fetch_all(store.readers())
            .await
            .unwrap();
        assert_eq!(names, ["North team"]);
    }

    #[tokio::test]
    async fn only_this_user_can_read_the_file_and_a_missing_folder_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.db");
        let store = Store::migrate(&format!("sqlite://{}", path.display()))
            .await
            .unwrap();
        for name in ["server.db", "server.db-wal"] {
            let mode = dir.path().join(name).metadata().unwrap().permissions();
            assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
        }
        store.close().await;

        let url = format!("sqlite:{}", dir.path().join("no/server.db").display());
        let error = Store::migrate(&url).await.unwrap_err();
        assert!(error.to_string().contains("make its folder"), "{error}");
    }

    #[tokio::test]
    async fn what_an_older_schema_held_is_still_read() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("server.db").display());
        let before = Migrator {
            migrations: MIGRATIONS.iter().take(1).cloned().collect(),
            ..Migrator::DEFAULT
        };
        let store = Store::connect(&url).await.unwrap();
        before.run(&store.writers).await.unwrap();
        let mut write = store.write().await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO team VALUES ('north', 'North');
             INSERT INTO person VALUES ('nurse', 'A Nurse', 'Nurse', 'north');
             INSERT INTO patient VALUES ('patient-1', 'F', 'G', 'Ms', '1950-01-31', '9990000018', 'north', 'nurse', 0);
             INSERT INTO gateway VALUES ('gateway-1', '00', '00', 0);
             INSERT INTO device VALUES ('cuff-1', 'cuff', 'Cuff', 'gateway-1', 'patient-1', 0);",
        )
        .execute(&mut *write)
        .await
        .unwrap();
        write.commit().await.unwrap();
        store.close().await;

        let error = Store::open(&url).await.unwrap_err();
        assert!(error.to_string().contains("server migrate"), "{error}");
        let store = Store::migrate(&url).await.unwrap();
        let mut reader = store.readers().acquire().await.unwrap();
        let owner = devices::owner_of(
            &mut reader,
            &"cuff-1".parse().unwrap(),
            &"gateway-1".parse().unwrap(),
        )
        .await
        .unwrap()
        .unwrap();
        assert_eq!(owner.patient.as_str(), "patient-1");
        assert_eq!(owner.user_index, None, "the device is theirs alone");
        let assignments = assignments::of_patient(&mut reader, &owner.patient)
            .await
            .unwrap()
            .unwrap();
        let coordinator = assignments.coordinator_at(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(coordinator.as_str(), "nurse");
    }

    #[tokio::test]
    async fn a_schema_from_the_future_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("server.db").display());
        let store = Store::migrate(&url).await.unwrap();
        let mut write = store.write().await.unwrap();
        sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1")
            .execute(&mut *write)
            .await
            .unwrap();
        write.commit().await.unwrap();
        store.close().await;

        let error = Store::open(&url).await.unwrap_err();
        assert!(error.to_string().contains("newer version"), "{error}");
    }

    #[tokio::test]
    async fn a_url_of_another_engine_says_what_is_possible() {
        let error = Store::open("mysql://x").await.unwrap_err();
        assert!(
            error.to_string().contains("sqlite: or postgres:"),
            "{error}"
        );
    }
}
