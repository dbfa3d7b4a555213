//! Each device of the built-in table, and what a table may not say.

use btleplug::api::bleuuid::uuid_from_u16;

use super::*;

fn built_in() -> Table {
    Table::parse(BUILT_IN).unwrap()
}

fn connected(seen: &Seen<'_>) -> Connected {
    match built_in().behaviour(seen) {
        Behaviour::Connected(it) => it.clone(),
        Behaviour::Advertised(it) => panic!("{it:?} is never connected to"),
    }
}

fn named(name: &str) -> Connected {
    connected(&Seen {
        name: Some(name),
        ..Seen::default()
    })
}

fn refusal(text: &str) -> String {
    format!("{:#}", Table::parse(text).unwrap_err())
}

#[test]
fn cuffs_that_end_big_endian_are_known_by_name_and_by_model() {
    for name in ["BM85", "bm48", "ELITE900", "Elite 900 Connect"] {
        assert_eq!(named(name).dialect, Dialect::BigEndianTail, "{name}");
        let by_model = connected(&Seen {
            name: Some("Cuff"),
            model: Some(name),
            ..Seen::default()
        });
        assert_eq!(by_model.dialect, Dialect::BigEndianTail, "{name}");
    }
    // Disputed in the source.
    assert_eq!(named("BM59"), Connected::default());
}

#[test]
fn an_and_device_is_let_go_after_pairing_and_asked_for_its_memory() {
    for name in ["A&D_UA-651BLE_0053AB", "A&D_UC-352BLE_0053AB"] {
        let it = named(name);
        let pairing = it.pairing.unwrap();
        assert_eq!(pairing.then, AfterPairing::Disconnect);
        assert_eq!(it.clock_off_seconds, Some(0));
        let ask = it.ask.as_ref().unwrap();
        assert_eq!(ask.to.to_string(), "233bf001-5a34-1b6d-975c-000d5690abe4");
        assert_eq!(ask.bytes, [0x02, 0x00, 0xE1]);
        assert_eq!(it.timings(&RadioTimings::default()).idle_ms, 2_000);
    }
}

#[test]
fn an_omron_is_bonded_before_discovery_and_its_clock_left_alone_unless_far_off() {
    let by_company = Seen {
        company_ids: &[0x020E],
        services: &[uuid_from_u16(0x1810)],
        ..Seen::default()
    };
    let by_service = Seen {
        services: &[uuid_from_u16(0xFE4A)],
        ..Seen::default()
    };
    let by_name = Seen {
        name: Some("BLEsmart_00000116005053AB"),
        ..Seen::default()
    };
    for seen in [by_company, by_service, by_name] {
        let it = connected(&seen);
        assert_eq!(it.pairing.unwrap().when, PairingMoment::BeforeDiscovery);
        assert_eq!(it.clock_off_seconds, Some(600));
    }
    // Everything in a way must hold: an Omron that is no cuff is not recognised by its company alone.
    let company_alone = Seen {
        company_ids: &[0x020E],
        ..Seen::default()
    };
    assert_eq!(connected(&company_alone), Connected::default());
}

#[test]
fn a_cuff_that_hangs_up_late_is_waited_for() {
    let it = named("SBM69");
    assert_eq!(it.pairing.unwrap().then, AfterPairing::Stay);
    let timings = it.timings(&RadioTimings::default());
    assert_eq!(timings.idle_ms, 120_000);
    assert!(timings.session_ms_max >= timings.first_value_ms + timings.idle_ms);
    timings.check().unwrap();
}

#[test]
fn a_scale_that_only_advertises_is_never_connected_to() {
    for name in ["MI_SCALE", "MI SCALE2", "MIBCS", "MIBFS"] {
        let table = built_in();
        let behaviour = table.behaviour(&Seen {
            name: Some(name),
            services: &[uuid_from_u16(0x181D)],
            ..Seen::default()
        });
        let expected = Behaviour::Advertised(Advertised::XiaomiScale);
        assert_eq!(behaviour, &expected, "{name}");
        assert_eq!(behaviour.dialect(), Dialect::Standard);
    }
}

#[test]
fn a_scale_with_users_needs_consent_and_the_time() {
    let it = connected(&Seen {
        services: &[uuid_from_u16(0x181D), uuid_from_u16(0x181C)],
        ..Seen::default()
    });
    assert!(it.consent);
    assert_eq!(it.pairing, None);
    assert_eq!(it.clock_off_seconds, Some(0));
}

#[test]
fn every_other_device_is_treated_as_the_specifications_say() {
    let plain = Seen {
        name: Some("Cuff"),
        company_ids: &[0xFFFF],
        services: &[uuid_from_u16(0x1810)],
        model: Some("\u{fffd}"),
    };
    assert_eq!(built_in().behaviour(&plain), &Behaviour::default());
    assert_eq!(
        built_in().behaviour(&Seen::default()),
        &Behaviour::default()
    );
    let usual = RadioTimings::default();
    assert_eq!(connected(&plain).timings(&usual), usual);
    // A name that is cut inside a letter is no panic.
    assert_eq!(named("BM8é"), Connected::default());
}

#[test]
fn a_device_has_waits_of_its_own_and_the_usual_ones_beside_them() {
    let table = Table::parse(
        "[[device]]\nmatch = [{ model = \"Cuff\" }]\nsettle_ms = 3\nfirst_value_ms = 200000\n",
    )
    .unwrap();
    let seen = Seen {
        model: Some("Cuff"),
        ..Seen::default()
    };
    let Behaviour::Connected(it) = table.behaviour(&seen) else {
        panic!("it is connected to");
    };
    let usual = RadioTimings::default();
    let expected = RadioTimings {
        settle_ms: 3,
        first_value_ms: 200_000,
        session_ms_max: 202_000,
        ..usual.clone()
    };
    assert_eq!(it.timings(&usual), expected);
}

#[test]
fn the_first_entry_that_applies_decides() {
    let table = Table::parse(
        "[[device]]\nmatch = [{ name = \"Cuff 7\" }]\nidle_ms = 7\n\
         [[device]]\nmatch = [{ name = \"Cuff\" }]\nidle_ms = 9\n",
    )
    .unwrap();
    assert_eq!(table.entries_len(), 2);
    for (name, idle_ms) in [("Cuff 7", 7), ("Cuff 8", 9)] {
        let seen = Seen {
            name: Some(name),
            ..Seen::default()
        };
        let Behaviour::Connected(it) = table.behaviour(&seen) else {
            panic!("{name} is connected to");
        };
        assert_eq!(it.timings(&RadioTimings::default()).idle_ms, idle_ms);
    }
}

#[test]
fn what_a_table_may_not_say_is_refused_with_what_to_do() {
    let entry = |ways: &str, rest: &str| format!("[[device]]\nmatch = [{ways}]\n{rest}\n");
    let named = |rest: &str| entry("{ name = \"Cuff\" }", rest);
    for (text, expected) in [
        (named("idle = 3"), "idle"),
        (named(""), "say how it differs"),
        (named("idle_ms = 0"), "idle_ms must be 1 to"),
        (named("settle_ms = 300001"), "settle_ms must be 1 to"),
        (
            named("dialect = \"odd\""),
            "write one of standard, big_endian_tail",
        ),
        (named("pair = { then = \"stay\" }"), "when"),
        (
            named("clock_off_seconds = 86401"),
            "clock_off_seconds must be 0 to 86400",
        ),
        (
            named("ask = { to = \"233bf001-5a34-1b6d-975c-000d5690abe4\", bytes = \"\" }"),
            "ask.bytes",
        ),
        (
            named("ask = { to = \"233bf001\", bytes = \"00\" }"),
            "ask.to",
        ),
        (
            named("advertised = \"xiaomi_scale\"\nidle_ms = 5"),
            "remove the other keys",
        ),
        (entry("", "idle_ms = 5"), "match must list 1 to 16"),
        (entry("{}", "idle_ms = 5"), "would take in every device"),
        (
            entry("{ name = \"BM\" }", "idle_ms = 5"),
            "takes in strangers",
        ),
        (
            entry("{ company = \"20E\" }", "idle_ms = 5"),
            "four hexadecimal digits",
        ),
        (
            entry("{ service = \"18100\" }", "idle_ms = 5"),
            "nor a UUID",
        ),
        (named("idle_ms = 5").repeat(65), "at most 64"),
        (
            entry(&"{ name = \"Cuff\" },".repeat(17), "idle_ms = 5"),
            "found 17",
        ),
    ] {
        let error = refusal(&text);
        assert!(error.contains(expected), "{expected} is not in: {error}");
    }
    let second = format!("{}{}", named("idle_ms = 5"), named("idle_ms = 0"));
    assert!(refusal(&second).contains("device entry 2"));
}
