//! A new box: an installer types a code, and the box gets its name, its certificate and its keys; nobody else does.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hearth_tests::nurse::Nurse;
use hearth_tests::ports::free_port;
use hearth_tests::program::{Launch, Program, ours};
use server::store::Store;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vitals::GatewayId;

const NO_BROKER: &str = "address = \"127.0.0.1:1883\"";
pub(crate) const SEED: &str = r#"
team = [{ id = "north", name = "North team", lead = "ada", on_call = "ada" }]
person = [{ id = "ada", name = "Ada", role = "Nurse", team = "north", prescriber = true }]

[[patient]]
id = "patient-1"
title = "Mrs"
given_name = "Edith"
family_name = "Testcase"
born_on = "1948-05-02"
nhs_number = "999 000 0018"
team = "north"
coordinator = "ada"
[patient.plan]
set_by = "ada"
reason = "A plan for tests."
[patient.plan.limits]
systolic = { urgent_high = "180" }
"#;

/// A server that enrols, and what the office reads to the installer.
pub(crate) struct Office {
    pub(crate) folder: TempDir,
    pub(crate) program: Program,
    pub(crate) enrol_port: u16,
    pub(crate) mqtt_port: u16,
    minutes_ahead: u32,
    web: u16,
}

pub(crate) struct Sheet {
    pub(crate) code: String,
    pub(crate) fingerprint: String,
    pub(crate) gateway: String,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::open_with(None, async |_: &Path, _: &Path| {}).await
    }

    /// Opens one whose broker is elsewhere, as this table says, after something was done in its folder, which holds its
    /// configuration.
    pub(crate) async fn open_with(
        external: Option<&dyn Fn(&Path) -> String>,
        before: impl AsyncFnOnce(&Path, &Path),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (enrol_port, mqtt_port, broker, web) = (
            free_port().unwrap(),
            free_port().unwrap(),
            free_port().unwrap(),
            free_port().unwrap(),
        );
        let at = folder.path().display();
        let broker = match external {
            Some(table) => table(folder.path()),
            None => format!("[broker.embedded]\nlisten = \"127.0.0.1:{broker}\"\n"),
        };
        let mqtt_listen = match external {
            Some(_) => String::new(),
            None => format!("mqtt_listen = \"127.0.0.1:{mqtt_port}\"\n"),
        };
        let config = format!(
            "time_zone = \"Europe/London\"\nmonitoring_hours = \"8am to 8pm\"\n[store]\nurl = \"sqlite:{at}/server.db\"\n\
             [sign_in]\nsecond_step = \"optional\"\n\
             [web]\nlisten = \"127.0.0.1:{web}\"\n{broker}\
             [enrol]\nfolder = \"{at}/enrol\"\nlisten = \"127.0.0.1:{enrol_port}\"\nnames = [\"localhost\", \"127.0.0.1\"]\n\
             {mqtt_listen}"
        );
        std::fs::write(folder.path().join("server.toml"), config).unwrap();
        std::fs::write(folder.path().join("seed.toml"), SEED).unwrap();
        let file = folder.path().join("server.toml").display().to_string();
        let run = Launch::new("server", &ours("server").unwrap()).args(["run", "--config", &file]);
        let seed = folder.path().join("seed.toml").display().to_string();
        let seeded = said(
            &Command::new(ours("server").unwrap())
                .args(["seed", "--config", &file, &seed])
                .output()
                .unwrap(),
        );
        assert!(seeded.contains("registered"), "{seeded}");
        before(folder.path(), &folder.path().join("server.toml")).await;
        let mut program = run.start(folder.path()).unwrap();
        program.line("ready: web").await.unwrap();
        Self {
            folder,
            program,
            enrol_port,
            mqtt_port,
            minutes_ahead: 0,
            web,
        }
    }

    /// Starts it again, as if so many minutes had passed.
    pub(crate) async fn start_later(&mut self, minutes: u32) {
        self.program.stop().await.unwrap();
        self.minutes_ahead = minutes;
        let file = self.folder.path().join("server.toml").display().to_string();
        self.program = Launch::new("server", &ours("server").unwrap())
            .args(["run", "--config", &file])
            .env("CLOCK_AHEAD_MINUTES", &minutes.to_string())
            .start(self.folder.path())
            .unwrap();
        self.program.line("ready: web").await.unwrap();
    }

    /// Somebody at the pages.
    pub(crate) fn nurse(&self, person: &str) -> Nurse {
        let pages = format!("http://127.0.0.1:{}", self.web);
        Nurse::at_origin(pages, &self.folder.path().join("server.toml"), person)
    }

    /// The server's database, looked at from outside.
    pub(crate) async fn store(&self) -> Store {
        let file = self.folder.path().join("server.db");
        Store::open(&format!("sqlite:{}", file.display()))
            .await
            .unwrap()
    }

    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Output {
        Command::new(ours("server").unwrap())
            .arg(command)
            .arg("--config")
            .arg(self.folder.path().join("server.toml"))
            .args(arguments)
            .env("CLOCK_AHEAD_MINUTES", self.minutes_ahead.to_string())
            .output()
            .unwrap()
    }

    pub(crate) fn arm(&self, device: &str) -> Sheet {
        self.sheet(&["--patient", "patient-1", "--device", device])
    }

    pub(crate) fn arm_to_replace(&self, old: &GatewayId) -> Sheet {
        self.sheet(&["--replaces", old.as_str()])
    }

    fn sheet(&self, arguments: &[&str]) -> Sheet {
        let output = self.run("install-job", arguments);
        let text = said(&output);
        assert!(output.status.success(), "{text}");
        let after = |label: &str| {
            let rest = text
                .split(label)
                .nth(1)
                .unwrap_or_else(|| panic!("{label}: {text}"));
            let word = rest.split_whitespace().next().unwrap();
            word.trim_end_matches('.').to_owned()
        };
        Sheet {
            code: after("Code: "),
            fingerprint: after("--ca-fingerprint "),
            gateway: after("will be called "),
        }
    }

    pub(crate) fn enrol(&self, new_box: &NewBox, fingerprint: &str, code: &str) -> Output {
        let mut child = Command::new(ours("gateway").unwrap())
            .arg("enrol")
            .arg("--config")
            .arg(&new_box.config)
            .args([
                "--server",
                &format!("https://localhost:{}", self.enrol_port),
            ])
            .args(["--ca-fingerprint", fingerprint, "--code-file", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let typed = format!("{code}\n");
        child
            .stdin
            .take()
            .unwrap()
            .write_all(typed.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }
}

/// A box as it comes out of its package.
pub(crate) struct NewBox {
    pub(crate) config: PathBuf,
    pub(crate) state: PathBuf,
}

impl NewBox {
    pub(crate) fn in_folder(folder: &Path, name: &str, broker: &str) -> Self {
        let (config, state) = (folder.join(format!("{name}.toml")), folder.join(name));
        let text = format!(
            "state_dir = {state:?}\nhome_time_zone = \"Europe/London\"\n[broker]\n{broker}\n"
        );
        std::fs::write(&config, text).unwrap();
        Self { config, state }
    }

    fn is_private(&self) {
        for name in [
            "tls.key",
            "agreement.key",
            "tag.key",
            "gateway.pem",
            "enrolment.json",
        ] {
            let mode = self
                .state
                .join(name)
                .metadata()
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.state.join(name)).unwrap()
    }
}

pub(crate) fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", said(output));
    said(output)
}

/// Another code of the same job: the last letter is another.
fn nearly(code: &str) -> String {
    let last = if code.ends_with('B') { 'C' } else { 'B' };
    format!("{}{last}", &code[..code.len() - 1])
}

#[tokio::test]
async fn a_box_is_enrolled_by_its_code_and_by_nothing_else() {
    let mut office = Office::open().await;
    let sheet = office.arm("cuff-7=cuff");
    let homes = tempfile::tempdir().unwrap();
    let new_box = NewBox::in_folder(homes.path(), "box", NO_BROKER);

    let elsewhere = office.enrol(&new_box, &"ab".repeat(32), &sheet.code);
    let text = refused(&elsewhere);
    assert!(
        text.contains("not the server of this fingerprint"),
        "{text}"
    );
    let no_code = refused(&office.enrol(&new_box, &sheet.fingerprint, "hello"));
    assert!(no_code.contains("8 letters"), "{no_code}");
    let wrong = refused(&office.enrol(&new_box, &sheet.fingerprint, &nearly(&sheet.code)));
    assert!(
        wrong.contains("read it again from the job sheet"),
        "{wrong}"
    );

    let typed = sheet.code.replace('-', "").to_lowercase();
    let enrolled = office.enrol(&new_box, &sheet.fingerprint, &typed);
    let text = said(&enrolled);
    assert!(enrolled.status.success(), "{text}");
    assert!(
        text.contains(&sheet.gateway) && text.contains("cuff-7 (cuff)"),
        "{text}"
    );
    new_box.is_private();
    let again = office.enrol(&new_box, &sheet.fingerprint, &typed);
    assert!(again.status.success(), "{}", said(&again));

    let stranger = NewBox::in_folder(homes.path(), "stranger", NO_BROKER);
    let used = refused(&office.enrol(&stranger, &sheet.fingerprint, &sheet.code));
    assert!(
        used.contains("used already") && used.contains("server revoke"),
        "{used}"
    );

    let revoked = office.run("revoke", &[&sheet.gateway]);
    assert!(
        said(&revoked).contains("is revoked since"),
        "{}",
        said(&revoked)
    );
    refused(&office.run("revoke", &["gw-nobody"]));
    office.program.stop().await.unwrap();
    let log = std::fs::read_to_string(office.folder.path().join("server.log")).unwrap();
    assert!(log.contains("a gateway was enrolled"), "{log}");
    for secret in [
        &sheet.code,
        &sheet.code.replace('-', ""),
        &nearly(&sheet.code),
    ] {
        assert!(!log.contains(secret), "a code is in the log");
    }
}

#[tokio::test]
async fn a_box_that_lost_its_answer_goes_on_where_it_was() {
    let mut office = Office::open().await;
    let sheet = office.arm("cuff-7=cuff");
    let homes = tempfile::tempdir().unwrap();
    let new_box = NewBox::in_folder(homes.path(), "box", NO_BROKER);
    let first = office.enrol(&new_box, &sheet.fingerprint, &sheet.code);
    assert!(first.status.success(), "{}", said(&first));
    let kept = ["gateway.pem", "tag.key", "enrolment.json"].map(|name| new_box.file(name));

    // As a power cut would leave it: the server has answered, the box has kept nothing but its keys.
    for name in ["enrolment.json", "gateway.pem", "ca.pem", "tag.key"] {
        std::fs::remove_file(new_box.state.join(name)).unwrap();
    }
    let again = office.enrol(&new_box, &sheet.fingerprint, &sheet.code);
    assert!(again.status.success(), "{}", said(&again));
    let now = ["gateway.pem", "tag.key", "enrolment.json"].map(|name| new_box.file(name));
    assert_eq!(kept, now, "the same name, certificate and key");
    office.program.stop().await.unwrap();
}

#[tokio::test]
async fn guessing_and_dawdling_hold_up_nobody_for_long() {
    let mut office = Office::open().await;
    let sheet = office.arm("cuff-7=cuff");
    let homes = tempfile::tempdir().unwrap();
    let new_box = NewBox::in_folder(homes.path(), "box", NO_BROKER);
    // Connections on which nothing is ever said.
    let mut silent = Vec::new();
    for _ in 0..8 {
        let address = ("127.0.0.1", office.enrol_port);
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let tried = office.enrol(&new_box, &sheet.fingerprint, "BBBB-BBBB");
    assert!(
        refused(&tried).contains("no install job"),
        "{}",
        said(&tried)
    );
    for _ in 1..10 {
        refused(&office.enrol(&new_box, &sheet.fingerprint, "BBBB-BBBB"));
    }
    let stopped = refused(&office.enrol(&new_box, &sheet.fingerprint, &sheet.code));
    assert!(stopped.contains("wait an hour"), "{stopped}");

    // What is no TLS is cut, and so is a connection that is silent for too long.
    let mut stream = silent.pop().unwrap();
    stream
        .write_all(b"POST /v1/enrol HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    for mut stream in [stream, silent.pop().unwrap()] {
        let mut heard = Vec::new();
        let ended = stream.read_to_end(&mut heard);
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), ended).await;
        assert!(ended.is_ok(), "it is still open");
    }
    office.program.stop().await.unwrap();
}
