//! The real program: it plays the sample scripts, obeys its control commands and stops when told.

#![expect(
    clippy::unwrap_used,
    reason = "a failing step of the conversation should panic at once"
)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use firmware_sim::{
    device::Measurement,
    script::{Happening, Script},
};
use serde_json::{Value, json};

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/sim");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn every_sample_script_loads() {
    let samples = samples();
    assert!(samples.len() >= 2, "{samples:?}");
    for sample in samples {
        let script = Script::load(&sample).unwrap();
        assert!(!script.steps.is_empty(), "{}", sample.display());
    }
}

#[test]
fn the_samples_send_what_real_devices_sent() {
    let steps = samples()
        .iter()
        .flat_map(|sample| Script::load(sample).unwrap().steps)
        .collect::<Vec<_>>();
    let recorded = [
        "16FF07FF07FF07E80706170E2F3BFF070000",
        "167C0056006100E807060F11111B33000000",
        "56770046000000EA07080B1439000057010040",
        "0EF22FE507071715211F02D400A406",
    ];
    for capture in recorded {
        let bytes = Measurement::Raw(hex::decode(capture).unwrap());
        let sent = |happening: &Happening| matches!(happening, Happening::Measure { measurement, .. } if *measurement == bytes);
        assert!(
            steps.iter().any(|step| sent(&step.happening)),
            "{capture} is in no sample"
        );
    }
}

struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    _bus_dir: tempfile::TempDir,
}

impl Program {
    fn start(script: &str, more: &[&str]) -> Self {
        let bus_dir = tempfile::Builder::new().prefix("fsim").tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_firmware-sim"))
            .arg("run")
            .arg(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("../config/sim")
                    .join(script),
            )
            .arg("--bus-dir")
            .arg(bus_dir.path())
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut program = Self {
            child,
            output,
            _bus_dir: bus_dir,
        };
        let ready = program.line();
        assert!(ready.starts_with("bus address: unix:path="), "{ready}");
        program
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.child.stdin.as_mut().unwrap(), "{command}").unwrap();
        serde_json::from_str(&self.line()).unwrap()
    }
}

#[test]
fn a_script_plays_and_control_commands_are_answered() {
    let mut program = Program::start("home-1.toml", &["--control", "--speed", "1000"]);
    // Four measurements of the script's cuff, with nobody there to take them.
    let waited = program.ask(&json!({ "wait": { "device": "cuff", "stored": 4 } }));
    assert_eq!(waited["device"]["delivered"], 0, "{waited}");
    let cuff = json!({ "systolic": 120, "diastolic": 80, "pulse": "71" });
    let measured = program.ask(&json!({ "measure": { "device": "cuff", "cuff": cuff } }));
    assert_eq!(measured, json!({ "ok": true }));
    let status = program.ask(&json!({ "status": {} }));
    assert_eq!(
        (
            &status["devices"][0]["stored"],
            &status["devices"][0]["advertising"]
        ),
        (&json!(5), &json!(true))
    );
    let delivered = program.ask(&json!({ "delivered": { "device": "cuff" } }));
    assert_eq!(delivered["delivered"], json!([]));
    let counts = program.ask(&json!({ "counts": {} }));
    let none = json!({ "advertisements": 0, "scans": 0 });
    assert_eq!(counts["counts"], none, "nobody listens");
    assert_eq!(
        program.ask(&json!({ "fault": { "power_off": { "adapter": "hci0" } } })),
        json!({ "ok": true })
    );
    drop(program.child.stdin.take());
    assert!(
        program.child.wait().unwrap().success(),
        "it ends with its input"
    );
}

#[test]
fn mistakes_are_answered_and_change_nothing() {
    let mut program = Program::start("home-2.toml", &["--control"]);
    let cases = [
        (
            json!({ "measure": { "device": "nobody", "failed": true } }),
            "there is no device",
        ),
        (
            json!({ "measure": { "device": "cuff", "failed": true, "after_s": 3 } }),
            "happens at once",
        ),
        (
            json!({ "fault": { "power_off": { "adapter": "hci9" } } }),
            "there is no adapter",
        ),
        (
            json!({ "wait": { "device": "cuff", "delivered": 1, "timeout_ms": 10 } }),
            "did not come to that",
        ),
        (json!({ "explode": {} }), "no control command"),
    ];
    for (command, expected) in cases {
        let answer = program.ask(&command);
        assert!(
            answer["error"]
                .as_str()
                .is_some_and(|error| error.contains(expected)),
            "{command}: {answer}"
        );
    }
    drop(program.child.stdin.take());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn sigterm_ends_it_although_its_input_is_still_open() {
    let mut program = Program::start("home-1.toml", &["--control"]);
    let told = Command::new("kill")
        .arg(program.child.id().to_string())
        .status()
        .unwrap();
    assert!(told.success());
    assert!(program.child.wait().unwrap().success());
}
