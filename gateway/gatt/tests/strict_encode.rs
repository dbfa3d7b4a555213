//! Every decode of a strict encode returns the measurement, with nothing surprising in it.

mod encode;

use encode::strategies;
use gatt::{
    AdjustReason, BloodPressureMeasurement, BodyCompositionMeasurement, CurrentTime, DateTime,
    DeviceDateTime, EnhancedBloodPressureMeasurement, GlucoseMeasurement, HeartRateMeasurement,
    IntermediateCuffPressure, PlxContinuousMeasurement, PlxSpotCheckMeasurement,
    TemperatureMeasurement, WeightMeasurement,
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
}
