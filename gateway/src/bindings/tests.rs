//! Which bindings hold together, and what is on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::keys;

fn address(last: u8) -> Address {
    [0, 0, 0x5E, 0, 0x53, last].into()
}

fn id(text: &str) -> DeviceId {
    text.parse().unwrap()
}

fn written(name: &str, address: Option<Address>) -> Written {
    Written {
        id: id(name),
        kind: DeviceKind::Cuff,
        address,
        scale_user: None,
    }
}

fn job(name: &str, kind: &str) -> JobDevice {
    JobDevice {
        id: id(name),
        kind: kind.to_owned(),
    }
}

fn stored(bound: &[(&str, Address)]) -> Stored {
    let bound = bound.iter().map(|(name, address)| (id(name), *address));
    Stored {
        bound: bound.collect(),
    }
}

fn register(state_dir: &Path, devices: Vec<DeviceConfig>) -> Register {
    let lock = Arc::new(keys::lock_state(state_dir).unwrap());
    Register::new(devices, state_dir.to_owned(), lock)
}

#[test]
fn an_address_is_read_in_any_case_and_shown_to_nobody_by_chance() {
    let read: Address = "00:00:5e:00:53:01".parse().unwrap();
    assert_eq!(read, address(1));
    assert_eq!(read.to_string(), "00:00:5E:00:53:01");
    assert_eq!(format!("{read:?}"), "Address(…)");
    for odd in [
        "",
        "00:00:5E:00:53",
        "00:00:5E:00:53:01:02",
        "00:00:5E:00:53:1",
        "00005E005301",
        "00:00:5E:00:53:0G",
    ] {
        assert_eq!(odd.parse::<Address>(), Err(NoAddress), "{odd}");
    }
}

#[test]
fn the_configuration_the_job_and_the_commands_are_put_together() {
    let devices = merge(
        vec![written("a", Some(address(1))), written("b", None)],
        &[job("a", "cuff"), job("c", "thermometer"), job("d", "scale")],
        &stored(&[("b", address(2)), ("d", address(4))]),
    )
    .unwrap();
    let told: Vec<_> = devices
        .iter()
        .map(|it| (it.id.as_str(), it.kind, it.address, it.is_written))
        .collect();
    assert_eq!(
        told,
        [
            ("a", DeviceKind::Cuff, Some(address(1)), true),
            ("b", DeviceKind::Cuff, Some(address(2)), false),
            ("c", DeviceKind::Thermometer, None, false),
            ("d", DeviceKind::Scale, Some(address(4)), false),
        ]
    );
    assert_eq!(
        Stored::of(&devices),
        stored(&[("b", address(2)), ("d", address(4))])
    );
}

#[test]
fn what_contradicts_itself_is_refused_with_what_to_do() {
    let a = || written("a", Some(address(1)));
    let crowd: Vec<JobDevice> = (0..=DEVICES_LEN_MAX)
        .map(|number| job(&format!("n{number}"), "cuff"))
        .collect();
    let none = Stored::default();
    for (written, job, stored, why) in [
        (
            vec![a(), a()],
            vec![],
            none.clone(),
            "remove one of the two",
        ),
        (
            vec![a(), written("b", Some(address(1)))],
            vec![],
            none.clone(),
            "already that of device a",
        ),
        (
            vec![a()],
            vec![job("a", "scale")],
            none.clone(),
            "correct it here",
        ),
        (
            vec![],
            vec![job("a", "toaster")],
            none.clone(),
            "install a newer one",
        ),
        (vec![], crowd, none, "at most 32"),
        (
            vec![a()],
            vec![],
            stored(&[("b", address(2))]),
            "remove b from",
        ),
        (
            vec![a()],
            vec![],
            stored(&[("a", address(2))]),
            "forget that first",
        ),
        (
            vec![a(), written("b", None)],
            vec![],
            stored(&[("b", address(1))]),
            "already device a",
        ),
    ] {
        let error = format!("{:#}", merge(written, &job, &stored).unwrap_err());
        assert!(error.contains(why), "{why} is not in: {error}");
    }
}

#[test]
fn what_is_bound_is_on_the_disk_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let home = |stored: &Stored| {
        let job = [job("a", "cuff"), job("b", "scale")];
        merge(vec![written("w", Some(address(9)))], &job, stored).unwrap()
    };
    assert_eq!(load(folder.path()).unwrap(), Stored::default());
    let register = register(folder.path(), home(&Stored::default()));
    register.bind(&id("a"), address(1)).unwrap();
    register.bind(&id("b"), address(2)).unwrap();
    assert_eq!(register.at(address(1)), Some(id("a")));
    let path = folder.path().join(FILE_NAME);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = home(&load(folder.path()).unwrap());
    assert_eq!(again[1].address, Some(address(1)));
    assert_eq!(register.forget(&id("a")).unwrap(), address(1));
    assert_eq!(register.at(address(1)), None);
    assert_eq!(
        load(folder.path()).unwrap(),
        stored(&[("b", address(2))]),
        "what stands in the configuration is not stored"
    );
}

#[test]
fn what_cannot_be_bound_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let devices = merge(
        vec![written("w", Some(address(9)))],
        &[job("a", "cuff"), job("b", "scale")],
        &Stored::default(),
    );
    let register = register(folder.path(), devices.unwrap());
    register.bind(&id("a"), address(1)).unwrap();
    register.bind(&id("a"), address(1)).unwrap();
    let refused = |outcome: anyhow::Result<()>| outcome.unwrap_err().downcast::<Refused>().unwrap();
    let bind = |name, last| refused(register.bind(&id(name), address(last)));
    let forget = |name| refused(register.forget(&id(name)).map(drop));
    assert_eq!(bind("a", 2), Refused::Bound(id("a")));
    assert_eq!(bind("b", 1), Refused::Taken(id("a")));
    assert_eq!(bind("b", 9), Refused::Taken(id("w")));
    assert_eq!(bind("x", 3), Refused::Unknown(id("x")));
    assert_eq!(forget("b"), Refused::NotBound(id("b")));
    assert_eq!(forget("w"), Refused::Written(id("w")));
    assert_eq!(forget("x"), Refused::Unknown(id("x")));
    assert_eq!(load(folder.path()).unwrap(), stored(&[("a", address(1))]));
    // A disk that takes nothing.
    std::fs::create_dir_all(folder.path().join("bindings.json.new/held")).unwrap();
    register.bind(&id("b"), address(2)).unwrap_err();
    assert_eq!(register.at(address(2)), None);
}

#[test]
fn a_file_that_cannot_be_understood_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{{\"bound\": {{}}}}{}", " ".repeat(16 * 1024));
    for text in ["", "{}", r#"{"bound": {"a": "1:2"}}"#, &long] {
        std::fs::write(folder.path().join(FILE_NAME), text).unwrap();
        let error = format!("{:#}", load(folder.path()).unwrap_err());
        assert!(error.contains("bind the devices anew"), "{error}");
    }
}
