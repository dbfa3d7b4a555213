//! A private PostgreSQL: Debian's own server on a socket in a temporary folder, gone with the test process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, bail, ensure};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::wait;

/// What the names of the folders begin with.
const FOLDER: &str = "hearth-postgres-";
/// A file in each of them that is locked for as long as its test process lives.
const LOCK: &str = "lock";

/// A running database server.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    _lock: File,
    server: Child,
    databases: AtomicU32,
}

impl Postgres {
    /// Gives the one server of this test process, starting it at the first call.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn shared() -> anyhow::Result<&'static Self> {
        static SHARED: OnceLock<Result<Postgres, String>> = OnceLock::new();
        let started = tokio::task::spawn_blocking(|| {
            // Its own thread, which never ends: the kernel stops the server when the thread that started it dies.
            SHARED.get_or_init(|| {
                let (sender, receiver) = std::sync::mpsc::channel();
                std::thread::spawn(move || {
                    let _ = sender.send(Self::start().map_err(|error| format!("{error:#}")));
                    loop {
                        std::thread::park();
                    }
                });
                receiver
                    .recv()
                    .unwrap_or_else(|error| Err(error.to_string()))
            })
        })
        .await?;
        match started {
            Ok(postgres) => {
                postgres.ready().await?;
                Ok(postgres)
            }
            Err(error) => bail!("{error}"),
        }
    }

    fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        sweep(&std::env::temp_dir())?;
        let folder = tempfile::Builder::new().prefix(FOLDER).tempdir()?;
        let lock = locked(folder.path())?;
        let user = if rustix::process::geteuid().is_root() {
            Some("postgres")
        } else {
            None
        };
        if let Some(user) = user {
            run(Command::new("chown").arg(user).arg(folder.path()))?;
        }
        let data = folder.path().join("data");
        run(as_user(user, &programs.join("initdb"))
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--username=postgres",
                "-D",
            ])
            .arg(&data))?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let server = as_user(user, &programs.join("postgres"))
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=200",
                "-k",
            ])
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("postgres does not start")?;
        Ok(Self {
            folder,
            _lock: lock,
            server,
            databases: AtomicU32::new(0),
        })
    }

    async fn ready(&self) -> anyhow::Result<()> {
        wait::until("PostgreSQL answers", async || {
            PgConnection::connect(&self.url("postgres")).await.ok()
        })
        .await?;
        Ok(())
    }

    /// Makes an empty database and gives its URL.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn fresh_database(&self) -> anyhow::Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        connection
            .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await?;
        connection.close().await?;
        Ok(self.url(&name))
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{database}?host={}&user=postgres",
            self.folder.path().display()
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Marks a folder as used. The mark is there only once it is locked, so that nobody sweeps in between.
fn locked(folder: &Path) -> anyhow::Result<File> {
    let made = folder.join("lock.new");
    let lock = File::create(&made)?;
    lock.lock()?;
    std::fs::rename(made, folder.join(LOCK))?;
    Ok(lock)
}

/// Removes what test processes left: the one server is never dropped, and each of its folders takes a gigabyte.
fn sweep(parent: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(parent)?.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(FOLDER);
        // One without the file is being made at this moment.
        if is_ours
            && let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            // Another process may sweep at the same time.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// Debian keeps the server's programs out of PATH, one folder per version.
fn programs() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .context("PostgreSQL is missing: apt-get install postgresql")?;
    let newest = versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists());
    newest
        .max()
        .context("PostgreSQL is missing: apt-get install postgresql")
}

/// PostgreSQL refuses to run as root. The program dies with the thread that started it, however that dies.
fn as_user(user: Option<&str>, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if let Some(user) = user {
        command.args([
            &format!("--reuid={user}"),
            &format!("--regid={user}"),
            "--clear-groups",
        ]);
    }
    command.arg("--").arg(program);
    command
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} does not start"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_left_is_swept_and_what_one_uses_stays() {
        let parent = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let folder = parent.path().join(name);
            std::fs::create_dir_all(folder.join("data")).unwrap();
            let lock = locked(&folder).unwrap();
            (folder, lock)
        };
        let (left, lock) = made("hearth-postgres-left");
        drop(lock);
        let (used, _lock) = made("hearth-postgres-used");
        let (other, lock) = made("another-left");
        drop(lock);
        sweep(parent.path()).unwrap();
        assert!(!left.exists() && used.exists() && other.exists());
    }

    #[tokio::test]
    async fn a_database_is_empty_and_its_own() {
        let postgres = Postgres::shared().await.unwrap();
        let (one, two) = (
            postgres.fresh_database().await.unwrap(),
            postgres.fresh_database().await.unwrap(),
        );
        assert_ne!(one, two);
        let store = server::store::Store::migrate(&one).await.unwrap();
        store.close().await;
        assert!(
            server::store::Store::open(&two).await.is_err(),
            "not migrated"
        );
    }
}
