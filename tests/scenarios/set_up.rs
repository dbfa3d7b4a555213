//! The installer's hour: a box out of the bag is set up by its wizard, by a script and by somebody at a terminal, until the
//! office has accepted the sign-off; and goes back, and proves that it forgot.

use std::path::Path;
use std::process::{Output, Stdio};

use hearth_tests::line::ONE_CUFF;
use hearth_tests::program::{Launch, Program, ours};
use hearth_tests::wait;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use vitals::wire::StandingKind;

use crate::a_new_box::{NewBox, Office, Sheet, said};
use crate::installed::{Devices, comes_to};

/// A box before it has a name, in a home with devices.
struct Bag {
    office: Office,
    devices: Devices,
    new_box: NewBox,
    sheet: Sheet,
    folder: tempfile::TempDir,
    gateway: Option<Program>,
}

impl Bag {
    async fn open(kit: &str) -> Self {
        let office = Office::open().await;
        let folder = tempfile::tempdir().unwrap();
        let devices = Devices::at(folder.path(), ONE_CUFF).await;
        let broker = format!(
            "address = \"127.0.0.1:{}\"\ntls = true\nkeep_alive_seconds = 5\nreceipt_timeout_seconds = 5\n\
             retry_delay_seconds_max = 1\n[radio.timings]\nquiet_ms = 500\nfailure_quiet_ms = 100\nidle_ms = 300\n\
             settle_ms = 10\nscan_refresh_ms = 1000\nlook_ms_max = 5000\nlook_settle_ms = 500",
            office.mqtt_port
        );
        let new_box = NewBox::in_folder(folder.path(), "box", &broker);
        let sheet = office.arm(kit);
        Self {
            office,
            devices,
            new_box,
            sheet,
            folder,
            gateway: None,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(ours("gateway").unwrap());
        command
            .args(arguments)
            .args(["--config", &self.new_box.config.display().to_string()])
            .env("DBUS_SYSTEM_BUS_ADDRESS", self.devices.bus())
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts the wizard as a script does, with what is on the job sheet; the code comes by the standard input.
    async fn set_up(&self, more: &[&str]) -> Wizard {
        let server = format!("https://localhost:{}", self.office.enrol_port);
        let mut arguments = vec![
            "setup",
            "--no-input",
            "--json",
            "--server",
            &server,
            "--ca-fingerprint",
            &self.sheet.fingerprint,
            "--code-file",
            "-",
            "--test-wait",
            "30",
        ];
        arguments.extend(more);
        let mut child = self.command(&arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let code = format!("{}\n", self.sheet.code);
        stdin.write_all(code.as_bytes()).await.unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        Wizard {
            child,
            errors,
            told: String::new(),
        }
    }

    /// Starts the gateway, as systemd would once the box has its name.
    async fn start_gateway(&mut self) {
        let enrolled = self.new_box.state.join("enrolment.json");
        wait::until("the box has its name", async || {
            enrolled.exists().then_some(())
        })
        .await
        .unwrap();
        let config = self.new_box.config.display().to_string();
        let launch = Launch::new("gateway", &ours("gateway").unwrap())
            .args(["run", "--config", &config])
            .env("DBUS_SYSTEM_BUS_ADDRESS", self.devices.bus());
        self.gateway = Some(launch.start(self.folder.path()).unwrap());
    }

    async fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.unwrap()
    }

    async fn close(mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            gateway.stop().await.unwrap();
        }
        self.devices.stop().await;
        self.office.program.stop().await.unwrap();
    }
}

/// The wizard at work.
struct Wizard {
    child: Child,
    errors: BufReader<tokio::process::ChildStderr>,
    told: String,
}

impl Wizard {
    /// Reads what it tells until a line has this in it.
    async fn tells(&mut self, needle: &str) {
        let reading = async {
            loop {
                let mut line = String::new();
                let len = self.errors.read_line(&mut line).await.unwrap();
                self.told.push_str(&line);
                assert_ne!(len, 0, "it never told {needle:?}: {}", self.told);
                if line.contains(needle) {
                    return;
                }
            }
        };
        let read = tokio::time::timeout(std::time::Duration::from_secs(60), reading).await;
        assert!(read.is_ok(), "it does not tell {needle:?}: {}", self.told);
    }

    async fn ended(mut self) -> (Option<i32>, Value, String) {
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).await.unwrap();
        self.told.push_str(&rest);
        let output = self.child.wait_with_output().await.unwrap();
        let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code(), json, self.told)
    }
}

const SIGNED: [&str; 5] = [
    "--by",
    "Sam Fitter",
    "--patient-shown",
    "--safety-text-read",
    "--leaflet-left",
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn a_script_sets_a_box_up_and_the_office_lets_it_begin() {
    let mut bag = Bag::open("cuff-7=cuff").await;
    let mut wizard = bag.set_up(&SIGNED).await;
    bag.start_gateway().await;
    // Out of its bag the cuff is woken by measuring; that may be the test already.
    wizard.tells("4/7").await;
    bag.devices.cuff(131).await;
    wizard.tells("take a measurement").await;
    bag.devices.cuff(132).await;
    let (code, done, told) = wizard.ended().await;
    assert_eq!(code, Some(0), "{told}");
    let steps: Vec<&str> = done
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["step"].as_str().unwrap())
        .collect();
    let all = [
        "box",
        "internet",
        "code",
        "devices",
        "test_reading",
        "place",
        "sign_off",
    ];
    assert_eq!(steps, all, "{done:#}");
    assert!(told.contains("the server has the TEST"), "{told}");

    let store = bag.office.store().await;
    comes_to(&store, "SELECT COUNT(*) FROM reading", 0).await;
    comes_to(
        &store,
        "SELECT COUNT(*) FROM box_report WHERE report LIKE '%Sam Fitter%'",
        1,
    )
    .await;
    let shown = said(&bag.office.run("doctor", &[&bag.sheet.gateway]));
    assert!(shown.contains("Signed off by Sam Fitter"), "{shown}");
    assert!(shown.contains("cuff-7 was heard with -"), "{shown}");
    let accepted = bag
        .office
        .run("sign-off", &[&bag.sheet.gateway, "--by", "Ann"]);
    assert!(accepted.status.success(), "{}", said(&accepted));
    stands(&bag.new_box.state, StandingKind::Live).await;

    store.close().await;
    goes_on_where_it_was(&bag).await;
    bag.close().await;
}

/// After the sign-off: the wizard again, a report for the office, and no test on a home that is monitored.
async fn goes_on_where_it_was(bag: &Bag) {
    // Again it goes on where it was left: nothing is asked for, and nothing is done twice.
    let (code, _, told) = bag.set_up(&[]).await.ended().await;
    assert_eq!(code, Some(0), "{told}");
    for known in [
        "is gw-",
        "cuff-7 (cuff)",
        "had its test before",
        "looked at before",
    ] {
        assert!(told.contains(known), "{known}: {told}");
    }
    // The same checks answer the office, now.
    let asked = bag
        .office
        .run("doctor", &[&bag.sheet.gateway, "--now", "--json"]);
    let report: Value =
        serde_json::from_slice(&asked.stdout).unwrap_or_else(|_| panic!("{}", said(&asked)));
    assert_eq!(report["gateway"], bag.sheet.gateway.as_str());

    // A measurement counts now, so that nobody measures on themselves by mistake.
    let refused = bag.output(&["test-reading", "cuff-7"]).await;
    assert!(
        text(&refused.stderr).contains("--patient-measures"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_missing_is_named_with_its_code_and_the_next_run_goes_on() {
    let mut bag = Bag::open("cuff-7=cuff").await;
    let none = bag.output(&["status"]).await;
    assert_eq!(none.status.code(), Some(5), "{}", text(&none.stderr));

    let good = std::mem::replace(&mut bag.sheet.code, "BBBB-BBBB".to_owned());
    let (code, _, told) = bag.set_up(&SIGNED).await.ended().await;
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("E-ID-03") && told.contains("ask the office"),
        "{told}"
    );
    bag.sheet.code = good;

    let left = ["--skip", "cuff-7"];
    let wizard = bag.set_up(&left).await;
    bag.start_gateway().await;
    let (code, _, told) = wizard.ended().await;
    assert_eq!(code, Some(1), "nobody has signed: {told}");
    assert!(told.contains("left for later"), "{told}");
    assert!(told.contains("--patient-shown"), "{told}");

    let devices = bag.output(&["pair", "list"]).await;
    assert!(
        text(&devices.stdout).contains("gateway pair add cuff-7"),
        "{devices:?}"
    );
    bag.devices.cuff(133).await;
    let added = bag.output(&["pair", "add", "cuff-7", "--no-input"]).await;
    assert!(text(&added.stdout).contains("paired: cuff-7"), "{added:?}");
    let removed = bag.output(&["pair", "remove", "cuff-7"]).await;
    assert!(
        text(&removed.stdout).contains("forgotten: cuff-7"),
        "{removed:?}"
    );

    goes_back(&mut bag).await;
    bag.close().await;
}

/// The box is taken back, forgets its home and proves it.
async fn goes_back(bag: &mut Bag) {
    let refused = bag
        .output(&["factory-reset", "--confirm", "gw-other"])
        .await;
    assert!(
        text(&refused.stderr).contains("look at its label"),
        "{refused:?}"
    );
    let running = bag
        .output(&["factory-reset", "--confirm", &bag.sheet.gateway])
        .await;
    assert!(
        text(&running.stderr).contains("stop it first"),
        "{running:?}"
    );
    let mut gateway = bag.gateway.take().unwrap();
    gateway.stop().await.unwrap();
    for step in ["returning", "received"] {
        let taken = bag
            .office
            .run("box", &[&bag.sheet.gateway, step, "--by", "Ann"]);
        assert!(taken.status.success(), "{}", said(&taken));
    }
    let reset = bag
        .output(&["factory-reset", "--confirm", &bag.sheet.gateway])
        .await;
    assert!(reset.status.success(), "{}", text(&reset.stderr));
    let proof = text(&reset.stdout);
    let wiped = bag.office.run(
        "box",
        &[
            &bag.sheet.gateway,
            "wiped",
            "--proof",
            proof.trim(),
            "--by",
            "Ann",
        ],
    );
    assert!(wiped.status.success(), "{}", said(&wiped));
    let again = bag
        .output(&["factory-reset", "--confirm", &bag.sheet.gateway])
        .await;
    assert_eq!(text(&again.stdout), proof, "the proof can be printed again");
}

/// Types what somebody types at a terminal, each once the wizard has asked for it.
async fn answers(bag: &Bag, typed: &[(&str, &str)]) -> String {
    let server = format!("https://localhost:{}", bag.office.enrol_port);
    let fingerprint = &bag.sheet.fingerprint;
    let line = format!(
        "{} setup --config {} --server {server} --ca-fingerprint {fingerprint} --test-wait 30",
        ours("gateway").unwrap().display(),
        bag.new_box.config.display()
    );
    // Debian's `script` gives the wizard a terminal of its own.
    let mut child = Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--flush",
            "--command",
            &line,
            "/dev/null",
        ])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bag.devices.bus())
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut keys = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = String::new();
    for (asked, answer) in typed {
        until_shown(&mut screen, &mut shown, asked).await;
        keys.write_all(answer.as_bytes()).await.unwrap();
        keys.write_all(b"\r").await.unwrap();
    }
    until_shown(
        &mut screen,
        &mut shown,
        "monitoring starts when they accept it",
    )
    .await;
    assert!(child.wait().await.unwrap().success(), "{shown}");
    shown
}

/// Reads the screen until this is shown after what was shown before.
async fn until_shown(screen: &mut (impl AsyncRead + Unpin), shown: &mut String, needle: &str) {
    let before = shown.len();
    let reading = async {
        let mut bytes = [0; 4096];
        while !shown[before..].contains(needle) {
            let len = screen.read(&mut bytes).await.unwrap();
            assert_ne!(len, 0, "it never showed {needle:?}: {shown}");
            shown.push_str(&String::from_utf8_lossy(&bytes[..len]));
        }
    };
    let read = tokio::time::timeout(std::time::Duration::from_secs(60), reading).await;
    assert!(read.is_ok(), "it does not show {needle:?}");
}

#[tokio::test]
async fn somebody_at_a_terminal_is_asked_no_more_than_twelve_questions() {
    let mut bag = Bag::open("cuff-7=cuff").await;
    bag.devices.cuff(141).await;
    let code = bag.sheet.code.clone();
    let typed = [
        ("The 8 letters", code.as_str()),
        ("Is this the right home?", "y"),
        ("Which of these is cuff-7?", ""),
        ("Unplug the network now", "n"),
        ("measure by themselves?", "y"),
        ("Was this read out?", "y"),
        ("Was the leaflet left?", "y"),
        ("Your name", "Sam Fitter"),
    ];
    assert!(typed.len() <= 12);
    // The gateway is started while the wizard waits for it.
    let starting = {
        let state = bag.new_box.state.join("enrolment.json");
        let config = bag.new_box.config.display().to_string();
        let launch = Launch::new("gateway", &ours("gateway").unwrap())
            .args(["run", "--config", &config])
            .env("DBUS_SYSTEM_BUS_ADDRESS", bag.devices.bus());
        let folder = bag.folder.path().to_owned();
        async move {
            wait::until("the box has its name", async || {
                state.exists().then_some(())
            })
            .await
            .unwrap();
            launch.start(&folder).unwrap()
        }
    };
    let (shown, gateway) = tokio::join!(answers(&bag, &typed), starting);
    bag.gateway = Some(gateway);
    assert!(shown.contains("E.T., born 1948"), "{shown}");
    assert!(shown.contains("the server has the TEST"), "{shown}");
    let kept = std::fs::read_to_string(bag.new_box.state.join("enrolment.json")).unwrap();
    assert!(
        !kept.contains("1948"),
        "nothing of the patient is kept: {kept}"
    );

    let no_light = bag.output(&["identify"]).await;
    assert!(
        text(&no_light.stderr).contains("its name is on its label"),
        "{no_light:?}"
    );
    bag.close().await;
}

async fn stands(state_dir: &Path, standing: StandingKind) {
    wait::until("the box's standing", async || {
        let said = gateway::standing::of_folder(state_dir).ok()?;
        (said.standing == standing).then_some(())
    })
    .await
    .unwrap();
}
