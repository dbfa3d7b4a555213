//! No bytes whatever make a decoder panic, lose bytes or say something that it did not read.

use gatt::{DecodeError, VALUE_LEN_MAX};
use proptest::prelude::*;

const SUPPORTED: [u16; 28] = [
    0x0001, 0x181B, 0x181D, 0x2A08, 0x2A18, 0x2A19, 0x2A1C, 0x2A23, 0x2A24, 0x2A25, 0x2A26, 0x2A27,
    0x2A28, 0x2A29, 0x2A2B, 0x2A35, 0x2A36, 0x2A37, 0x2A49, 0x2A52, 0x2A5E, 0x2A5F, 0x2A60, 0x2A9C,
    0x2A9D, 0x2A9E, 0x2A9F, 0x2B34,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn every_decoder_answers_any_bytes(
        characteristic in prop::sample::select(&SUPPORTED[..]),
        value in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        match gatt::decode(characteristic, &value) {
            Ok(measurement) => {
                prop_assert!(measurement.describe().is_object());
                prop_assert!(value.ends_with(&measurement.surprises().trailing_bytes));
            }
            Err(error) => {
                prop_assert!(["truncated", "count_width"].contains(&error.name()));
                prop_assert_eq!(error.describe()["error"].clone(), error.name());
            }
        }
    }

    #[test]
    fn bytes_added_to_a_measurement_change_nothing_but_the_remainder(
        characteristic in prop::sample::select(&[0x181B_u16, 0x181D, 0x2A08, 0x2A18, 0x2A1C, 0x2A35, 0x2A5E, 0x2A5F, 0x2A9C, 0x2A9D, 0x2B34][..]),
        value in prop::collection::vec(any::<u8>(), 20..40),
        added in any::<u8>(),
    ) {
        let longer = [value.as_slice(), &[added]].concat();
        if let (Ok(short), Ok(long)) = (gatt::decode(characteristic, &value), gatt::decode(characteristic, &longer)) {
            let (mut short_json, mut long_json) = (short.describe(), long.describe());
            for described in [&mut short_json, &mut long_json] {
                described["trailing_bytes"].take();
                described["warnings"].take();
            }
            prop_assert_eq!(short_json, long_json);
            let kept = [short.surprises().trailing_bytes.as_slice(), &[added]].concat();
            prop_assert_eq!(&long.surprises().trailing_bytes, &kept);
        }
    }

    #[test]
    fn any_other_characteristic_is_refused_by_name(
        characteristic in any::<u16>().prop_filter("supported", |number| !SUPPORTED.contains(number)),
        value in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let refused = Err(DecodeError::UnsupportedCharacteristic { characteristic });
        prop_assert_eq!(gatt::decode(characteristic, &value), refused);
    }
}

#[test]
fn every_decoder_refuses_more_than_an_attribute_holds() {
    let too_long = [0; VALUE_LEN_MAX + 1];
    for characteristic in SUPPORTED {
        let refused = Err(DecodeError::TooLong {
            len: VALUE_LEN_MAX + 1,
        });
        assert_eq!(
            gatt::decode(characteristic, &too_long),
            refused,
            "{characteristic:04X}"
        );
    }
}

#[test]
fn every_decoder_takes_an_attribute_of_the_longest_length() {
    for characteristic in SUPPORTED.into_iter().filter(|&number| number != 0x2A52) {
        let outcome = gatt::decode(characteristic, &[0; VALUE_LEN_MAX]);
        assert!(outcome.is_ok(), "{characteristic:04X}: {outcome:?}");
    }
}
