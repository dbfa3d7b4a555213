//! What a configuration may say, and how a refusal reads.

use super::*;

const LEAST: &str = r#"
    gateway_id = "gw-1"
    state_dir = "/tmp/gw-1"
    home_time_zone = "Europe/London"
    [broker]
    address = "127.0.0.1:1883"
"#;

fn refusal(text: &str) -> String {
    format!("{:#}", parse(text).unwrap_err())
}

#[test]
fn the_sample_loads() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/gateway.toml");
    let config = load(&sample).unwrap();
    assert_eq!(config.gateway_id.as_str(), "gateway-1");
    assert_eq!(config.devices.len(), 3);
    assert_eq!(config.outbox.size_bytes_max, 256 * 1024 * 1024);
    assert!(config.synchronised_file.is_some());
    assert!(config.home.page.is_none() && config.home.light.is_none());
}

#[test]
fn what_is_left_out_has_a_default() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.broker.keep_alive, Duration::from_secs(30));
    assert_eq!(config.outbox.retention_days, 30);
    assert!(config.radio.adapter.is_none());
    assert!(config.devices.is_empty());
}

#[test]
fn an_unknown_key_is_named() {
    let text = format!("{LEAST}\nkeep_alive = 5\n");
    assert!(
        refusal(&text).contains("unknown field `keep_alive`"),
        "{}",
        refusal(&text)
    );
}

#[test]
fn a_broker_on_another_machine_is_refused_with_the_reason() {
    let error = refusal(&LEAST.replace("127.0.0.1", "192.0.2.7"));
    assert!(
        error.contains("broker.address") && error.contains("enrolment"),
        "{error}"
    );
    let named = LEAST.replace("127.0.0.1", "mqtt.hearth.example");
    assert!(refusal(&named).contains("enrolment"));
    let over_tls = format!("{named}\ntls = true\n");
    let config = parse(&over_tls).unwrap();
    assert_eq!(
        config.broker.address.to_string(),
        "mqtt.hearth.example:1883"
    );
    for here in ["[::1]", "localhost"] {
        assert!(parse(&LEAST.replace("127.0.0.1", here)).is_ok());
    }
    let error = refusal(&LEAST.replace(":1883", ""));
    assert!(
        error.contains("broker.address") && error.contains("127.0.0.1:1883"),
        "{error}"
    );
}

#[test]
fn each_refusal_names_its_key() {
    for (text, key) in [
        (LEAST.replace("/tmp", "tmp"), "state_dir"),
        (LEAST.replace("Europe/London", "London"), "home_time_zone"),
        (LEAST.replace("gw-1\"\n", "GW\"\n"), "gateway id"),
        (
            format!("{LEAST}\nkeep_alive_seconds = 1"),
            "broker.keep_alive_seconds",
        ),
        (
            format!("{LEAST}\nreceipt_timeout_seconds = 0"),
            "broker.receipt_timeout_seconds",
        ),
        (
            format!("{LEAST}\nretry_delay_seconds_max = 601"),
            "broker.retry_delay_seconds_max",
        ),
        (
            format!("{LEAST}\n[radio.timings]\nidle_ms = 0"),
            "radio.timings.idle_ms",
        ),
        (
            format!("{LEAST}\n[outbox]\nsize_mib_max = 0"),
            "outbox.size_mib_max",
        ),
        (
            format!("{LEAST}\n[outbox]\nretention_days = 0"),
            "outbox.retention_days",
        ),
        (
            format!("{LEAST}\n[clock]\nsynchronised_file = \"synchronized\""),
            "clock.synchronised_file",
        ),
        (
            format!("{LEAST}\n[home]\ncall_phone = \"ring\""),
            "home.call_phone",
        ),
        (
            format!("{LEAST}\n[radio]\nadapter = \"/dev\""),
            "radio.adapter",
        ),
        (
            format!("{LEAST}\n[[device]]\nid = \"a\"\naddress = \"1:2\"\nkind = \"cuff\""),
            "device a: address",
        ),
    ] {
        let error = refusal(&text);
        assert!(error.contains(key), "{key} is not in: {error}");
    }
}

#[test]
fn two_devices_cannot_share_an_address() {
    let device = |id: &str, address: &str| {
        format!("[[device]]\nid = \"{id}\"\naddress = \"{address}\"\nkind = \"scale\"\n")
    };
    let text = format!(
        "{LEAST}\n{}{}",
        device("a", "00:00:5e:00:53:01"),
        device("b", "00:00:5E:00:53:01")
    );
    assert!(refusal(&text).contains("device b"), "{}", refusal(&text));
}

#[test]
fn devices_come_from_the_file_the_job_and_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().display().to_string();
    let text = LEAST.replace("/tmp/gw-1", &state_dir);
    let told = r#"{"gateway":"gw-1","devices":[{"id":"cuff-7","kind":"cuff"},{"id":"scale-7","kind":"scale"}]}"#;
    std::fs::write(folder.path().join("enrolment.json"), told).unwrap();
    let bound = |text: &str| -> Vec<bool> {
        let devices = parse(text).unwrap().devices;
        devices.iter().map(|it| it.address.is_some()).collect()
    };
    assert_eq!(bound(&text), [false, false]);
    let bindings = r#"{"bound":{"scale-7":"00:00:5E:00:53:02"}}"#;
    std::fs::write(folder.path().join("bindings.json"), bindings).unwrap();
    assert_eq!(bound(&text), [false, true]);
    let block = "[[device]]\nid = \"cuff-7\"\nkind = \"cuff\"\n";
    assert_eq!(bound(&format!("{text}\n{block}")), [false, true]);
    let address = "address = \"00:00:5E:00:53:01\"\n";
    assert_eq!(bound(&format!("{text}\n{block}{address}")), [true, true]);
    let same = "address = \"00:00:5E:00:53:02\"\n";
    let error = refusal(&format!("{text}\n{block}{same}"));
    assert!(error.contains("bindings.json"), "{error}");
    let scale = block.replace("\"cuff\"", "\"scale\"");
    let error = refusal(&format!("{text}\n{scale}"));
    assert!(error.contains("install job"), "{error}");
}

#[test]
fn a_device_address_is_not_in_the_debug_form() {
    let text = format!(
        "{LEAST}\n[[device]]\nid = \"a\"\naddress = \"00:00:5E:00:53:01\"\nkind = \"cuff\""
    );
    let shown = format!("{:?}", parse(&text).unwrap());
    assert!(!shown.contains("5E:00"), "{shown}");
}

#[test]
fn the_table_of_devices_is_built_in_or_the_operators() {
    let usual = parse(LEAST).unwrap().quirks.entries_len();
    assert!(usual > 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("devices.toml");
    let key = format!("devices_file = {file:?}\n{LEAST}");
    assert!(refusal(&key).contains("leave the key out"));
    std::fs::write(
        &file,
        "[[device]]\nmatch = [{ name = \"Cuff\" }]\nidle_ms = 5\n",
    )
    .unwrap();
    assert_eq!(parse(&key).unwrap().quirks.entries_len(), 1);
    std::fs::write(&file, "[[device]]\nmatch = []\n").unwrap();
    let error = format!("{:#}", parse(&key).unwrap_err());
    assert!(error.contains("devices.toml is refused"), "{error}");
    let relative = format!("devices_file = \"devices.toml\"\n{LEAST}");
    assert!(refusal(&relative).contains("absolute path"));
}

#[test]
fn a_box_has_its_name_from_the_file_or_from_its_enrolment() {
    let folder = tempfile::tempdir().unwrap();
    let state_dir = folder.path().display().to_string();
    let named = LEAST.replace("/tmp/gw-1", &state_dir);
    let unnamed = named.replace("gateway_id = \"gw-1\"", "");
    assert!(refusal(&unnamed).contains("gateway enrol"));
    let told = r#"{"gateway":"gw-1","devices":[]}"#;
    std::fs::write(folder.path().join("enrolment.json"), told).unwrap();
    assert_eq!(parse(&unnamed).unwrap().gateway_id.as_str(), "gw-1");
    assert!(parse(&named).is_ok());
    let other = named.replace("\"gw-1\"", "\"gw-2\"");
    assert!(refusal(&other).contains("enrolled as gw-1"));

    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, &unnamed).unwrap();
    assert_eq!(state_dir_to_enrol(&path).unwrap(), folder.path());
    std::fs::write(&path, &named).unwrap();
    let error = format!("{:#}", state_dir_to_enrol(&path).unwrap_err());
    assert!(error.contains("remove this line"), "{error}");
}

#[test]
fn a_scales_user_and_code_belong_together_and_to_a_scale() {
    let device = |kind: &str, more: &str| {
        format!(
            "{LEAST}\n[[device]]\nid = \"a\"\naddress = \"00:00:5E:00:53:01\"\nkind = \"{kind}\"\n{more}"
        )
    };
    let config = parse(&device("scale", "consent_user = 2\nconsent_code = 3289")).unwrap();
    let user = config.devices[0].scale_user.unwrap();
    assert_eq!(user.index, 2);
    assert!(user.consent_code == gatt::ConsentCode::new(3289).unwrap());
    assert!(!format!("{user:?}{:?}", config.devices[0]).contains("3289"));
    for (kind, more, expected) in [
        ("scale", "consent_user = 2", "belong together"),
        ("scale", "consent_code = 2", "belong together"),
        ("cuff", "consent_user = 2\nconsent_code = 1", "for a scale"),
        ("scale", "consent_user = 255\nconsent_code = 1", "0 to 254"),
        (
            "scale",
            "consent_user = 1\nconsent_code = 10000",
            "0 to 9999",
        ),
    ] {
        let error = refusal(&device(kind, more));
        assert!(error.contains(expected), "{error}");
    }
}
