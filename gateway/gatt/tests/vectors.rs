//! The decoders against the shared vectors: bytes and their meaning, from independent sources.

use gatt::{BloodPressureMeasurement, Measurement, Number};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../tests/vectors/gatt.json");

fn vectors() -> Vec<Value> {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap_or_default();
    assert_eq!(vectors.len(), 158, "the vectors must be there, all of them");
    vectors
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_default()
}

fn bytes(vector: &Value) -> Vec<u8> {
    let hex = text(vector, "hex");
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16);
    (0..hex.len())
        .step_by(2)
        .filter_map(|at| byte(at).ok())
        .collect()
}

/// The decode of a vector as JSON, in the shape of its `expect`.
fn described(vector: &Value) -> Value {
    let bytes = bytes(vector);
    match (text(vector, "characteristic"), bytes.as_slice()) {
        ("SFLOAT", &[low, high]) => json!({"value": Number::from_sfloat([low, high]).to_string()}),
        ("FLOAT", &[a, b, c, d]) => json!({"value": Number::from_float([a, b, c, d]).to_string()}),
        (characteristic, value) => {
            let number = u16::from_str_radix(characteristic, 16).unwrap_or_default();
            gatt::decode(number, value).map_or_else(|error| error.describe(), |it| it.describe())
        }
    }
}

/// The number behind a described value, whether text or number.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[test]
fn every_vector_decodes_to_what_it_means() {
    for vector in vectors() {
        assert_eq!(described(&vector), vector["expect"], "{vector}");
    }
}

#[test]
fn no_claim_of_a_wrong_source_is_met() {
    let rejected: Vec<Value> = vectors()
        .into_iter()
        .filter(|it| it["kind"] == "rejected")
        .collect();
    assert_eq!(rejected.len(), 2);
    for vector in rejected {
        let decoded = described(&vector);
        let mmhg_per_unit = if decoded["unit"] == "kPa" {
            7.500617
        } else {
            1.0
        };
        let claims = vector["wrong_claim_of_source"]
            .as_object()
            .into_iter()
            .flatten();
        let mut claims_checked = 0;
        for (key, claim) in claims {
            let ours = number(&decoded[key.trim_end_matches("_mmHg")]).map(|it| it * mmhg_per_unit);
            let (Some(ours), Some(claim)) = (ours, number(claim)) else {
                panic!("{key} cannot be compared: {vector}");
            };
            assert!(
                (ours - claim).abs() > 1.0,
                "{key} meets a wrong claim: {vector}"
            );
            claims_checked += 1;
        }
        assert!(claims_checked >= 2, "{vector}");
    }
}

#[test]
fn a_device_known_to_break_the_specification_decodes_by_its_quirk() {
    let quirky: Vec<Value> = vectors()
        .into_iter()
        .filter(|it| it["quirk"] == "beurer-be")
        .collect();
    assert_eq!(quirky.len(), 1);
    for vector in quirky {
        let measurement =
            BloodPressureMeasurement::decode_big_endian_tail(&bytes(&vector)).unwrap();
        let decoded = Measurement::BloodPressure(measurement).describe();
        let expect = &vector["expect_with_quirk"];
        for key in ["systolic", "diastolic", "pulse", "user_id"] {
            assert!(expect[key].is_number(), "{vector}");
            assert_eq!(
                number(&decoded[key]),
                number(&expect[key]),
                "{key}: {vector}"
            );
        }
        assert_eq!(decoded["status_raw"], expect["status_be"]);
        assert_eq!(decoded.get("trailing_bytes"), None);
        assert_eq!(
            decoded["warnings"],
            json!(["big_endian_tail", "rfu_flags", "rfu_status"])
        );
    }
}
