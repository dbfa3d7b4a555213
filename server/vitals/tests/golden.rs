//! Golden samples of wire v1: what was once written must be read for ever, and be written the same way.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use vitals::report::{Ask, Report};
use vitals::topic::{Kind, Topic};
use vitals::wire::{self, Envelope, GatewayStatus, Readings, Receipt, Standing};
use vitals::{TagKey, tag::TAG_KEY_LEN};

/// The key that the golden samples are tagged with.
const GOLDEN_KEY: [u8; TAG_KEY_LEN] = [0x42; TAG_KEY_LEN];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    /// Topic and payload of each kind of message.
    messages: BTreeMap<String, Message>,
    /// One text per shape of a record.
    records: BTreeMap<String, Box<serde_json::value::RawValue>>,
    /// Texts that must be refused, by the refusal's name.
    refused_records: BTreeMap<String, Vec<Box<serde_json::value::RawValue>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    topic: String,
    payload: Box<serde_json::value::RawValue>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/vectors/wire_v1.json")).unwrap()
}

/// Writes what was read from a body, to compare with the body.
fn rewrite(kind: Kind, body: &str) -> String {
    match kind {
        Kind::Readings => {
            serde_json::to_string(&Readings::from_body(body).unwrap().to_body().unwrap())
        }
        Kind::Receipt => serde_json::to_string(&Receipt::from_body(body).unwrap().to_body()),
        Kind::Head => {
            serde_json::to_string(&wire::head::to_body(&wire::head::from_body(body).unwrap()))
        }
        Kind::Status => serde_json::to_string(&GatewayStatus::from_body(body).unwrap()),
        Kind::Report => serde_json::to_string(&Report::from_body(body).unwrap()),
        Kind::Ask => serde_json::to_string(&Ask::from_body(body).unwrap()),
        Kind::Standing => serde_json::to_string(&Standing::from_body(body).unwrap()),
    }
    .unwrap()
}

#[test]
fn every_golden_message_is_believed_and_written_back_the_same() {
    let key = TagKey::new(&GOLDEN_KEY);
    let golden = golden();
    for (kind, message) in &golden.messages {
        let topic = Topic::parse(&message.topic).unwrap();
        let envelope = Envelope::read(&topic, message.payload.get().as_bytes()).unwrap();
        let body = envelope.open(&key).unwrap();
        assert_eq!(rewrite(topic.kind, body), body, "{kind}");
        let body: Box<serde_json::value::RawValue> = serde_json::from_str(body).unwrap();
        let sealed = wire::seal(&topic, &key, &body).unwrap();
        assert_eq!(
            String::from_utf8(sealed).unwrap(),
            message.payload.get(),
            "{kind}"
        );
    }
}

#[test]
fn every_golden_record_is_read_and_written_back_the_same() {
    for (name, text) in golden().records {
        let record =
            wire::record::read(text.get()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(wire::record::write(&record).unwrap(), text.get(), "{name}");
    }
}

#[test]
fn a_user_index_is_written_once_it_is_known() {
    let records = golden().records;
    let user = |text: &str| wire::record::read(text).unwrap().user();
    let of_a_user = records["weight_of_a_user"].get();
    assert_eq!(user(of_a_user), Some(2));
    assert_eq!(user(records["failed_attempt_of_a_user"].get()), Some(1));
    assert_eq!(user(records["weight"].get()), None);

    let unknown = of_a_user.replace(r#""user":2"#, r#""user":255"#);
    assert_ne!(unknown, of_a_user);
    assert_eq!(user(&unknown), None);
}

#[test]
fn only_a_test_says_that_it_is_one() {
    for (name, text) in golden().records {
        let is_test = wire::record::read(text.get()).unwrap().is_test();
        assert_eq!(is_test, name.starts_with("test_"), "{name}");
        assert_eq!(is_test, text.get().contains("\"test\""), "{name}");
    }
    let reading = golden().records.remove("test_reading").unwrap();
    let test = wire::record::read(reading.get()).unwrap();
    let same = test.clone().marked(false);
    assert_eq!(test.id(), same.id(), "a repeat is known by its id");
    assert!(!wire::record::write(&same).unwrap().contains("test"));
}

#[test]
fn every_spoilt_record_is_refused_by_name() {
    for (name, texts) in golden().refused_records {
        for text in texts {
            let error = wire::record::read(text.get()).unwrap_err();
            assert_eq!(error.name(), name, "{}: {error}", text.get());
        }
    }
}

proptest! {
    #[test]
    fn no_payload_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,300}") {
        for kind in [Kind::Readings, Kind::Receipt, Kind::Head, Kind::Status, Kind::Standing] {
            let topic = Topic::new("gw-1".parse().unwrap(), kind);
            let _ = Envelope::read(&topic, &bytes);
            let _ = Envelope::read(&topic, text.as_bytes());
        }
        let _ = wire::record::read(&text);
        let _ = Readings::from_body(&text);
        let _ = Receipt::from_body(&text);
        let _ = GatewayStatus::from_body(&text);
        let _ = Standing::from_body(&text);
    }
}
