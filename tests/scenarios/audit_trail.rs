//! The audit trail by the real program: signed at the start, exported, and proved against whoever has the database.

use std::path::Path;
use std::process::Command;

use hearth_tests::ports::free_port;
use hearth_tests::program::{Launch, ours};
use hearth_tests::wait;
use jiff::Timestamp;
use server::audit::{Action, Actor, Entry, Recorded, record};
use server::store::Store;
use server::store::audit::{Filter, in_order};
use sqlx::{ConnectOptions, Connection, Executor};

struct Office {
    folder: tempfile::TempDir,
    config: String,
}

impl Office {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (at, web, broker) = (
            folder.path().display(),
            free_port().unwrap(),
            free_port().unwrap(),
        );
        let text = format!(
            "time_zone = \"Europe/London\"\nmonitoring_hours = \"8am to 8pm\"\n[store]\nurl = \"sqlite:{at}/server.db\"\n\
             [audit]\nfolder = \"{at}/audit\"\n[web]\nlisten = \"127.0.0.1:{web}\"\n\
             [broker.embedded]\nlisten = \"127.0.0.1:{broker}\"\n"
        );
        let config = folder.path().join("server.toml");
        std::fs::write(&config, text).unwrap();
        Self {
            config: config.display().to_string(),
            folder,
        }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs `server audit`; gives its exit code and what it printed.
    fn audit(&self, command: &str, more: &[&str]) -> (i32, String) {
        let output = Command::new(ours("server").unwrap())
            .args(["audit", command, "--config", &self.config])
            .args(more)
            .output()
            .unwrap();
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(said).unwrap(),
        )
    }

    /// Runs the server until it has signed.
    async fn sign(&self) {
        let mut program = Launch::new("server", &ours("server").unwrap())
            .args(["run", "--config", &self.config])
            .start(self.folder.path())
            .unwrap();
        program.line("ready: web").await.unwrap();
        let heads = self.file("audit/heads.log");
        wait::until("a head is written down", async || {
            let text = std::fs::read_to_string(&heads).unwrap_or_default();
            text.ends_with('\n').then_some(())
        })
        .await
        .unwrap();
        program.stop().await.unwrap();
    }

    async fn look(&self) {
        let store = Store::migrate(&format!("sqlite:{}", self.file("server.db")))
            .await
            .unwrap();
        for person in ["nurse-1", "nurse-2", "nurse-1"] {
            let actor = Actor::person(&person.parse().unwrap(), "Nurse");
            let entry = Entry::new(actor, Action::RecordViewed).of(&"ivor".parse().unwrap());
            let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
            record(&store, &entry, now).await.unwrap();
        }
        store.close().await;
    }
}

/// Changes the file as whoever can write to it does, without this program.
async fn tamper(file: &str, statements: &[&str]) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(Path::new(file));
    let mut connection = options.connect().await.unwrap();
    for statement in statements {
        connection
            .execute(sqlx::AssertSqlSafe(*statement))
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

/// Writes every hash anew, so that the chain holds.
async fn chain_anew(file: &str) {
    let store = Store::open(&format!("sqlite:{file}")).await.unwrap();
    let mut reader = store.readers().acquire().await.unwrap();
    let entries = in_order(&mut reader, &Filter::default(), 0, 500).await;
    drop(reader);
    store.close().await;
    let mut previous = "0".repeat(64);
    let mut statements = Vec::new();
    for entry in entries.unwrap() {
        let mut forged = Recorded { previous, ..entry };
        forged.hash = forged.hash_of_content();
        let Recorded {
            number,
            previous: before,
            hash,
            ..
        } = &forged;
        statements.push(format!(
            "UPDATE audit SET previous = '{before}', hash = '{hash}' WHERE number = {number}"
        ));
        previous = forged.hash;
    }
    statements.push(format!("UPDATE audit_tip SET hash = '{previous}'"));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    tamper(file, &statements).await;
}

#[tokio::test]
async fn a_changed_entry_is_named_and_a_new_chain_is_not_the_signed_one() {
    let office = Office::open();
    office.look().await;
    let (code, said) = office.audit("head", &[]);
    assert_eq!(code, 1);
    assert!(
        said.contains("the server makes it when it starts"),
        "{said}"
    );
    office.sign().await;

    let (code, said) = office.audit("verify", &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("3 entries follow each other"), "{said}");
    assert!(said.contains("the last over entry 3"), "{said}");
    let (code, said) = office.audit("head", &[]);
    let said_of_head = said.clone();
    assert_eq!(code, 0, "{said}");
    let line = std::fs::read_to_string(office.file("audit/heads.log")).unwrap();
    assert!(said.starts_with(&line), "{said}");
    let key = std::fs::read_to_string(office.file("audit/head.pub")).unwrap();
    assert!(said.ends_with(&format!("Public key: {key}")), "{said}");

    let file = office.file("server.db");
    let person = "UPDATE audit SET person = 'nurse-1' WHERE number = 2";
    tamper(&file, &["DROP TRIGGER audit_update", person]).await;
    let (code, said) = office.audit("verify", &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("entry 2 was edited"), "{said}");

    let kept = office.file("kept");
    std::fs::write(&kept, &said_of_head).unwrap();
    chain_anew(&file).await;
    let (code, said) = office.audit("verify", &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.starts_with("entry 3 ends a trail that is not the one of the head"),
        "{said}"
    );

    // Whoever has the folder too can sign the new chain. What was sent elsewhere is not theirs.
    tamper(
        &file,
        &["DROP TRIGGER audit_head_delete", "DELETE FROM audit_head"],
    )
    .await;
    std::fs::remove_file(office.file("audit/heads.log")).unwrap();
    office.sign().await;
    assert_eq!(office.audit("verify", &[]).0, 0);
    let (code, said) = office.audit("verify", &["--heads", &kept]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("was written down and is not in the database"),
        "{said}"
    );
    assert!(said.contains("\nentry 3 ends a trail"), "{said}");
}

#[tokio::test]
async fn what_is_printed_of_the_trail_is_an_entry_of_it() {
    let office = Office::open();
    office.look().await;
    let (code, said) = office.audit("who-looked", &["ivor"]);
    assert_eq!(code, 0, "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].contains("@operator, operator: access log viewed (entry 4)"),
        "{said}"
    );
    assert_eq!(
        lines[1],
        "2026-03-14 12:00:00 nurse-1, Nurse: record viewed (entry 3)"
    );
    assert_eq!(lines.len(), 4);
    let (_, said) = office.audit("who-looked", &["ivor", "--before", "2"]);
    assert!(said.ends_with("record viewed (entry 1)\n"), "{said}");
    let (code, said) = office.audit("who-looked", &["nobody"]);
    assert_eq!(code, 1);
    assert!(said.contains("not registered"), "{said}");

    let (code, csv) = office.audit("export", &["--person", "nurse-1", "--until", "2026-03-14"]);
    assert_eq!(code, 0, "{csv}");
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("number,time,person"), "{csv}");
    assert!(lines[1].starts_with("1,2026-03-14T12:00:00Z,nurse-1,Nurse,,ivor,record_viewed,"));
    assert!(lines[2].starts_with("3,"));
    assert_eq!(lines.len(), 3);

    let (code, json) = office.audit("export", &["--format", "json", "--person", "@operator"]);
    assert_eq!(code, 0, "{json}");
    let lines: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let actions: Vec<&str> = lines
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    let expected = [
        "access_log_viewed",
        "access_log_viewed",
        "exported",
        "exported",
    ];
    assert_eq!(actions, expected, "itself is the last");
    assert_eq!(
        lines[2]["detail"],
        "audit trail until 2026-03-14 by nurse-1"
    );
    let (code, said) = office.audit("verify", &[]);
    assert_eq!(code, 0, "{said}");
}
