//! Every decode of a strict encode returns the measurement, with nothing surprising in it.

mod encode;

use encode::strategies;
use gatt::{
    AdjustReason, BloodPressureMeasurement, BodyCompositionMeasurement, ConsentCode, CurrentTime,
    DateTime, DeviceDateTime, EnhancedBloodPressureMeasurement, GlucoseMeasurement,
    HeartRateMeasurement, IntermediateCuffPressure, PlxContinuousMeasurement,
    PlxSpotCheckMeasurement, TemperatureMeasurement, UserCommand, UserControl, UserOpcode,
    WeightMeasurement, XiaomiWeighing,
};
use proptest::prelude::*;

macro_rules! every_decode_of_a_strict_encode_returns_it {
    ($($name:ident: $type:ty,)+) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(1024))]
            $(
                #[test]
                fn $name(measurement in strategies::$name()) {
                    let value = encode::$name(&measurement);
                    prop_assert_eq!(<$type>::decode(&value), Ok(measurement));
                }
            )+
        }
    };
}

every_decode_of_a_strict_encode_returns_it! {
    blood_pressure: BloodPressureMeasurement,
    intermediate_cuff_pressure: IntermediateCuffPressure,
    enhanced_blood_pressure: EnhancedBloodPressureMeasurement,
    plx_spot_check: PlxSpotCheckMeasurement,
    plx_continuous: PlxContinuousMeasurement,
    weight: WeightMeasurement,
    body_composition: BodyCompositionMeasurement,
    temperature: TemperatureMeasurement,
    heart_rate: HeartRateMeasurement,
    glucose: GlucoseMeasurement,
}

proptest! {
    #[test]
    fn a_clock_that_was_set_reads_back(bytes in any::<[u8; 7]>(), fractions256 in any::<u8>(), reason in 0..16_u8) {
        let date_time = DateTime::from_bytes(bytes);
        prop_assert_eq!(date_time.encode(), bytes);
        prop_assert_eq!(DeviceDateTime::decode(&bytes).map(|clock| clock.date_time), Ok(date_time));

        let clock = CurrentTime::new(date_time, fractions256, AdjustReason::from_bits(reason));
        let read = CurrentTime::decode(&clock.encode());
        prop_assert_eq!(read.map(|mut read| { read.surprises = clock.surprises.clone(); read }), Ok(clock));
    }

    #[test]
    fn what_a_xiaomi_scale_advertises_reads_back_in_both_layouts(weighing in strategies::xiaomi_weighing()) {
        let value = encode::xiaomi_body_composition(&weighing);
        prop_assert_eq!(XiaomiWeighing::decode_body_composition(&value), Ok(weighing.clone()));
        let value = encode::xiaomi_weight(&weighing);
        let expected = XiaomiWeighing { impedance_ohm: None, ..weighing };
        prop_assert_eq!(XiaomiWeighing::decode_weight(&value), Ok(expected));
    }

    #[test]
    fn a_consent_reads_back(user in any::<u8>(), code in 0..=gatt::CONSENT_CODE_MAX) {
        let consent_code = ConsentCode::new(code).expect("within its bounds");
        let value = UserCommand::Consent { user, consent_code }.encode();
        let [low, high] = code.to_le_bytes();
        let expected = UserControl::Request {
            opcode: UserOpcode::Consent,
            parameter: vec![user, low, high],
            surprises: gatt::Surprises::default(),
        };
        prop_assert_eq!(UserControl::decode(&value), Ok(expected));
    }
}
