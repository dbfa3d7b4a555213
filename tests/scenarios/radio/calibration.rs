//! The simulated BlueZ says the same things in the same order as the real one did in the virtual machine.

use std::path::Path;

use firmware_sim::watch::Watcher;

use crate::home::{Home, cuff, in_own_process, patiently, pressure};

/// What `cargo check-vm three_sessions` recorded.
fn recorded(scenario: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vm/fixtures")
        .join(format!("{scenario}.txt"));
    let text = std::fs::read_to_string(file).expect("a fixture");
    text.lines().map(str::to_owned).collect()
}

/// Takes as much of what is said as was recorded, leaving out what real BlueZ says only at times.
async fn heard(watcher: &mut Watcher, recorded: &[String]) -> Vec<String> {
    let mut heard: Vec<String> = Vec::new();
    while heard.len() < recorded.len() {
        let line = patiently(watcher.next()).await.expect("the bus");
        if line != "now   device Connected=true" {
            heard.push(line);
        }
    }
    heard
}

#[test]
fn three_sessions_sound_as_in_the_machine() {
    in_own_process(
        "calibration::three_sessions_sound_as_in_the_machine",
        |bus_dir| async {
            let mut home = Home::start(bus_dir, vec![cuff()]).await;
            let bus = home.sim.bus_address();
            let mut watcher = Watcher::start(bus, "hci0").await.unwrap();
            let recorded = recorded("three_sessions");
            for session in 0..3 {
                for value in 0..3 {
                    home.measure("cuff", &pressure(150 + 3 * session + value))
                        .await;
                }
                for _ in 0..3 {
                    home.commit_next().await;
                }
                home.let_go("cuff").await;
            }
            assert_eq!(heard(&mut watcher, &recorded).await, recorded);
            home.end().await;
        },
    );
}
