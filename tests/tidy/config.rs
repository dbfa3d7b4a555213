//! The samples: every file in config/ is loaded by the program that reads it.

use std::path::Path;

use clap::Parser;
use clinical::plan::{HardStops, ServiceFile, TemplateFile};

use crate::tree::{files, read, root};

#[test]
fn every_sample_loads() {
    let samples: Vec<_> = files()
        .into_iter()
        .filter(|file| file.starts_with("config"))
        .collect();
    assert!(!samples.is_empty());
    for file in samples {
        load(&file);
    }
}

fn load(file: &Path) {
    let text = read(file);
    match file.to_str().unwrap() {
        "config/gateway.toml" => drop(gateway::config::parse(&text).unwrap()),
        "config/gateway-enrolled.toml" => load_enrolled(&text),
        "config/devices.toml" => drop(gateway::quirks::Table::parse(&text).unwrap()),
        "config/server.toml" => drop(server::config::Config::parse(&text).unwrap()),
        "config/seed.toml" => drop(server::seed::SeedFile::parse(&text).unwrap()),
        "config/proposed-plan.toml" => {
            drop(server::replay::ProposedPlan::parse(&text).unwrap());
        }
        "config/tiers.toml" => {
            drop(toml::from_str::<clinical::worklist::TierRules>(&text).unwrap());
        }
        score if score.starts_with("config/scores/") => {
            drop(toml::from_str::<clinical::score::ScoreTable>(&text).unwrap());
        }
        "config/silence.toml" => {
            let limits: clinical::silence::SilenceLimits = toml::from_str(&text).unwrap();
            limits.check().unwrap();
        }
        "config/hard-stops.toml" => drop(toml::from_str::<HardStops>(&text).unwrap()),
        "config/service.toml" => drop(toml::from_str::<ServiceFile>(&text).unwrap()),
        template if template.starts_with("config/templates/") => {
            drop(toml::from_str::<TemplateFile>(&text).unwrap());
        }
        sim if sim.starts_with("config/sim/") => {
            drop(firmware_sim::script::Script::parse(&text).unwrap());
        }
        // The scenario mosquitto_over_tls runs the broker by them.
        "config/mosquitto/hearth.conf" => {
            let key = text.lines().find(|line| line.starts_with("acl_file "));
            assert!(key.unwrap().ends_with("/hearth.acl"));
        }
        "config/mosquitto/hearth.acl" => assert!(text.contains("\nuser hearth_server\n")),
        "config/emqx/acl.conf" => crate::emqx::check(&text),
        "config/systemd/hearth-gateway.service" => {
            let mut lines = text.lines();
            let command = lines.find_map(|line| line.strip_prefix("ExecStart=/usr/bin/"));
            let words = command.unwrap().split_whitespace();
            drop(gateway::cli::Cli::try_parse_from(words).unwrap());
        }
        other => panic!("{other}: no program loads it, so nobody would notice when it goes stale"),
    }
}

/// What the package installs is read by a box that has its name from the server, with the package's own files around it.
fn load_enrolled(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let told = r#"{ "gateway": "gw-1", "devices": [] }"#;
    std::fs::write(folder.path().join("enrolment.json"), told).unwrap();
    let devices = root().join("config/devices.toml");
    let placed = text
        .replace(
            "/var/lib/hearth-gateway",
            &folder.path().display().to_string(),
        )
        .replace("/etc/hearth/devices.toml", &devices.display().to_string());
    assert_eq!(
        gateway::config::parse(&placed).unwrap().gateway_id.as_str(),
        "gw-1"
    );
    // With the blocks that it shows, too.
    let shown = [
        "[",
        "adapter =",
        "server =",
        "ca_fingerprint =",
        "call_name =",
        "call_phone =",
    ]
    .iter()
    .fold(placed, |text, key| {
        text.replace(&format!("\n# {key}"), &format!("\n{key}"))
    });
    let shown = shown.replace("64 hexadecimal digits", &"ab".repeat(32));
    let config = gateway::config::parse(&shown).unwrap();
    assert!(config.enrol.is_some() && config.radio.adapter.is_some());
}
