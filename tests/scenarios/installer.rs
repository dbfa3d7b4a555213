//! An installer asks the box: what it answers when all is well, and what it says of each thing that is not.

use std::process::Output;

use hearth_tests::line::{BrokerKind, Line, ONE_CUFF, StoreKind};
use hearth_tests::wait;
use serde_json::Value;

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter_map(|it| it["code"].as_str())
        .collect()
}

/// What is about this machine and not about the home's line: its heat, its disk, its clock.
fn of_the_line(report: &Value) -> Vec<&str> {
    let mut codes = codes(report);
    codes.retain(|code| !code.starts_with("E-BOX-"));
    codes
}

async fn doctor(line: &Line) -> (Value, Option<i32>) {
    let output = line.home.command(&["doctor", "--json"]).await.unwrap();
    (report(&output), output.status.code())
}

#[tokio::test]
async fn the_doctor_finds_a_home_well_and_names_what_is_taken_from_it() {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    let (report, code) = doctor(&line).await;
    assert_eq!(of_the_line(&report), ["E-RUN-01"], "{report:#}");
    assert_eq!(code, Some(4));

    line.home.start_gateway().unwrap();
    line.cuff(152, 94).await.unwrap();
    line.settle().await.unwrap();
    let (report, code) = doctor(&line).await;
    assert_eq!(of_the_line(&report), [""; 0], "{report:#}");
    assert_ne!(code, Some(4));

    line.cable.cut();
    wait::until("the gateway is cut off", async || {
        let (report, code) = doctor(&line).await;
        (of_the_line(&report) == ["E-NET-03"] && code == Some(4)).then_some(())
    })
    .await
    .unwrap();
    line.cable.mend();

    line.home
        .control(&serde_json::json!({ "fault": { "adapter_gone": { "adapter": "hci0" } } }))
        .await
        .unwrap();
    let (report, _) = doctor(&line).await;
    assert!(codes(&report).contains(&"E-BT-02"), "{report:#}");
    line.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_handed_to_support_holds_nothing_of_the_patient() {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    line.home.start_gateway().unwrap();
    line.cuff(173, 97).await.unwrap();
    line.settle().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle.tar.gz").display().to_string();
    let made = line
        .home
        .command(&["support-bundle", "--output", &bundle])
        .await
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let listed = String::from_utf8_lossy(&made.stderr).into_owned();
    assert!(
        listed.contains("doctor.json") && listed.contains("configuration.txt"),
        "{listed}"
    );

    let text = std::process::Command::new("tar")
        .args(["xzOf", &bundle])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("E-") || text.contains("\"findings\""),
        "{text}"
    );
    let address = line.home.devices().unwrap()[0].address.to_string();
    for secret in [address.as_str(), &address.to_lowercase(), "173", "Testcase"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    line.stop().await.unwrap();
}

#[tokio::test]
async fn a_status_is_told_of_a_gateway_that_runs_and_of_one_that_does_not() {
    let mut line = Line::set_up(BrokerKind::Embedded, StoreKind::Sqlite, ONE_CUFF)
        .await
        .unwrap();
    let said = async |line: &Line| {
        let output = line.home.command(&["status"]).await.unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(said(&line).await.contains("does not run"));
    line.home.start_gateway().unwrap();
    wait::until("it is connected", async || {
        let text = said(&line).await;
        (text.contains("server: connected") && text.contains("Bluetooth: ready")).then_some(())
    })
    .await
    .unwrap();
    line.stop().await.unwrap();
}
