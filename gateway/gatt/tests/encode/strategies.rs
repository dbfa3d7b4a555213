//! Values that a faithful device may send.

use gatt::{
    BloodPressureMeasurement, BloodPressureStatus, BodyCompositionMeasurement, Concentration,
    ConcentrationUnit, DateTime, Decimal, DeviceSensorStatus, EnhancedBloodPressureMeasurement,
    Epoch, GlucoseMeasurement, GlucoseStatus, HeartRateMeasurement, IntermediateCuffPressure,
    Measured, MeasurementStatus, MeasurementSystem, Number, PlxContinuousMeasurement,
    PlxSpotCheckMeasurement, PressureUnit, SampleLocation, SampleType, SpO2AndPulse, Surprises,
    TemperatureMeasurement, TemperatureType, TemperatureUnit, WeightMeasurement, XiaomiUnit,
    XiaomiWeighing,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

fn special() -> impl Strategy<Value = Number> {
    select(vec![
        Number::Nan,
        Number::Nres,
        Number::PositiveInfinity,
        Number::NegativeInfinity,
        Number::Reserved,
    ])
}

fn number(
    mantissa_max: i32,
    exponents: std::ops::RangeInclusive<i8>,
) -> impl Strategy<Value = Number> {
    let value = (-mantissa_max - 1..=mantissa_max, exponents)
        // With exponent 0 the five outermost mantissas are the special codes.
        .prop_filter("special code", move |(mantissa, exponent)| {
            *exponent != 0 || (-mantissa_max + 2..=mantissa_max - 2).contains(mantissa)
        })
        .prop_map(|(mantissa, exponent)| Number::Value(Decimal::new(mantissa, exponent)));
    prop_oneof![8 => value, 1 => special()]
}

fn sfloat() -> impl Strategy<Value = Number> {
    number(0x7FF, -8..=7)
}

fn date_time() -> impl Strategy<Value = DateTime> {
    (
        1582..=9999_u16,
        1..=12_u8,
        1..=31_u8,
        0..24_u8,
        0..60_u8,
        0..60_u8,
    )
        .prop_map(|(year, month, day, hours, minutes, seconds)| DateTime {
            year,
            month,
            day,
            hours,
            minutes,
            seconds,
        })
        .prop_filter("no such day", |date_time| date_time.is_complete())
}

fn pressure_unit() -> impl Strategy<Value = PressureUnit> {
    select(vec![PressureUnit::MmHg, PressureUnit::KPa])
}

fn blood_pressure_status() -> impl Strategy<Value = BloodPressureStatus> {
    (0..0x40_u16).prop_map(BloodPressureStatus::from_bits)
}

fn measurement_status() -> impl Strategy<Value = MeasurementStatus> {
    (0..0x800_u16).prop_map(|bits| MeasurementStatus::from_bits(bits << 5))
}

fn device_status() -> impl Strategy<Value = DeviceSensorStatus> {
    (0..0x1_0000_u32).prop_map(DeviceSensorStatus::from_bits)
}

fn decimal(exponent: i8) -> impl Strategy<Value = Decimal> {
    any::<u16>().prop_map(move |raw| Decimal::new(raw.into(), exponent))
}

fn mass(system: MeasurementSystem) -> impl Strategy<Value = Decimal> + Clone {
    any::<u16>().prop_map(move |raw| match system {
        MeasurementSystem::Si => Decimal::new(i32::from(raw) * 5, -3),
        MeasurementSystem::Imperial => Decimal::new(raw.into(), -2),
    })
}

fn height(system: MeasurementSystem) -> impl Strategy<Value = Decimal> {
    decimal(if system == MeasurementSystem::Si {
        -3
    } else {
        -1
    })
}

fn measured(
    value: impl Strategy<Value = Decimal>,
    unsuccessful: i32,
) -> impl Strategy<Value = Measured> {
    let value = value
        .prop_filter("the code for unsuccessful", move |it| {
            it.mantissa != unsuccessful
        })
        .prop_map(Measured::Value);
    prop_oneof![8 => value, 1 => Just(Measured::Unsuccessful)]
}

fn system() -> impl Strategy<Value = MeasurementSystem> {
    select(vec![MeasurementSystem::Si, MeasurementSystem::Imperial])
}

prop_compose! {
    pub(crate) fn blood_pressure()(
        unit in pressure_unit(),
        [systolic, diastolic, mean_arterial] in [sfloat(), sfloat(), sfloat()],
        timestamp in of(date_time()),
        pulse in of(sfloat()),
        user_id in of(any::<u8>()),
        status in of(blood_pressure_status()),
    ) -> BloodPressureMeasurement {
        let surprises = Surprises::default();
        BloodPressureMeasurement { unit, systolic, diastolic, mean_arterial, timestamp, pulse, user_id, status, surprises }
    }
}

prop_compose! {
    pub(crate) fn intermediate_cuff_pressure()(
        unit in pressure_unit(),
        cuff_pressure in sfloat(),
        unused in select(vec![Number::Nan, Number::Value(Decimal::new(0, 0))]),
        timestamp in of(date_time()),
        pulse in of(sfloat()),
        user_id in of(any::<u8>()),
        status in of(blood_pressure_status()),
    ) -> IntermediateCuffPressure {
        let (unused, surprises) = ([unused; 2], Surprises::default());
        IntermediateCuffPressure { unit, cuff_pressure, unused, timestamp, pulse, user_id, status, surprises }
    }
}

prop_compose! {
    pub(crate) fn enhanced_blood_pressure()(
        unit in pressure_unit(),
        [systolic, diastolic, mean_arterial] in [sfloat(), sfloat(), sfloat()],
        epoch in select(vec![Epoch::Year1900, Epoch::Year2000]),
        [timestamp_s, user_facing_time_s] in [of(any::<u32>()), of(any::<u32>())],
        pulse in of(sfloat()),
        user_id in of(any::<u8>()),
        status in of(blood_pressure_status()),
    ) -> EnhancedBloodPressureMeasurement {
        let surprises = Surprises::default();
        EnhancedBloodPressureMeasurement {
            unit, systolic, diastolic, mean_arterial, epoch, timestamp_s, pulse, user_id, status, user_facing_time_s,
            surprises,
        }
    }
}

prop_compose! {
    pub(crate) fn plx_spot_check()(
        [spo2, pulse] in [sfloat(), sfloat()],
        timestamp in of(date_time()),
        measurement_status in of(measurement_status()),
        device_status in of(device_status()),
        pulse_amplitude_index in of(sfloat()),
        clock_not_set in any::<bool>(),
    ) -> PlxSpotCheckMeasurement {
        let surprises = Surprises::default();
        PlxSpotCheckMeasurement {
            spo2, pulse, timestamp, measurement_status, device_status, pulse_amplitude_index, clock_not_set, surprises,
        }
    }
}

fn spo2_and_pulse() -> impl Strategy<Value = SpO2AndPulse> {
    (sfloat(), sfloat()).prop_map(|(spo2, pulse)| SpO2AndPulse { spo2, pulse })
}

prop_compose! {
    pub(crate) fn plx_continuous()(
        normal in spo2_and_pulse(),
        [fast, slow] in [of(spo2_and_pulse()), of(spo2_and_pulse())],
        measurement_status in of(measurement_status()),
        device_status in of(device_status()),
        pulse_amplitude_index in of(sfloat()),
    ) -> PlxContinuousMeasurement {
        let surprises = Surprises::default();
        PlxContinuousMeasurement {
            normal, fast, slow, measurement_status, device_status, pulse_amplitude_index, surprises,
        }
    }
}

prop_compose! {
    pub(crate) fn weight()(system in system())(
        system in Just(system),
        weight in measured(mass(system), if system == MeasurementSystem::Si { 0xFFFF * 5 } else { 0xFFFF }),
        timestamp in of(date_time()),
        user_id in of(any::<u8>()),
        bmi_and_height in of((decimal(-1), height(system))),
    ) -> WeightMeasurement {
        let (bmi, height) = bmi_and_height.unzip();
        WeightMeasurement { system, weight, timestamp, user_id, bmi, height, surprises: Surprises::default() }
    }
}

prop_compose! {
    pub(crate) fn xiaomi_weighing()(
        (unit, step, exponent) in select(vec![(XiaomiUnit::Kilogram, 5, -3), (XiaomiUnit::Pound, 1, -2), (XiaomiUnit::Jin, 1, -2)]),
        raw in any::<u16>(),
        impedance_ohm in of(any::<u16>()),
        timestamp in date_time(),
        [stabilised, removed, object] in any::<[bool; 3]>(),
    ) -> XiaomiWeighing {
        let weight = Decimal::new(i32::from(raw) * step, exponent);
        XiaomiWeighing { unit, weight, impedance_ohm, timestamp, stabilised, removed, object, surprises: Surprises::default() }
    }
}

prop_compose! {
    pub(crate) fn body_composition()(system in system())(
        system in Just(system),
        body_fat_percent in measured(decimal(-1), 0xFFFF),
        timestamp in of(date_time()),
        user_id in of(any::<u8>()),
        basal_metabolism_kj in of(any::<u16>()),
        [muscle_percent, impedance_ohm] in [of(decimal(-1)), of(decimal(-1))],
        masses in prop::array::uniform5(of(mass(system))),
        height in of(height(system)),
        multiple_packet in any::<bool>(),
    ) -> BodyCompositionMeasurement {
        let [muscle_mass, fat_free_mass, soft_lean_mass, body_water_mass, weight] = masses;
        BodyCompositionMeasurement {
            system, body_fat_percent, timestamp, user_id, basal_metabolism_kj, muscle_percent, muscle_mass,
            fat_free_mass, soft_lean_mass, body_water_mass, impedance_ohm, weight, height, multiple_packet,
            surprises: Surprises::default(),
        }
    }
}

prop_compose! {
    pub(crate) fn temperature()(
        unit in select(vec![TemperatureUnit::Celsius, TemperatureUnit::Fahrenheit]),
        temperature in number(0x7F_FFFF, -128..=127),
        timestamp in of(date_time()),
        temperature_type in of((1..=9_u8).prop_map(TemperatureType::from_code)),
    ) -> TemperatureMeasurement {
        TemperatureMeasurement { unit, temperature, timestamp, temperature_type, surprises: Surprises::default() }
    }
}

prop_compose! {
    pub(crate) fn heart_rate()(
        rate_bpm in 0..400_u16,
        contact in any::<Option<bool>>(),
        energy_kj in any::<Option<u16>>(),
        rr_intervals_1024 in of(prop::collection::vec(any::<u16>(), 1..9)),
    ) -> HeartRateMeasurement {
        HeartRateMeasurement { rate_bpm, contact, energy_kj, rr_intervals_1024, surprises: Surprises::default() }
    }
}

prop_compose! {
    fn concentration()(
        value in sfloat(),
        unit in select(vec![ConcentrationUnit::KilogramPerLitre, ConcentrationUnit::MolePerLitre]),
        sample_type in (1..=10_u8).prop_map(SampleType::from_code),
        location in select(vec![1_u8, 2, 3, 4, 15]).prop_map(SampleLocation::from_code),
    ) -> Concentration {
        Concentration { value, unit, sample_type, location }
    }
}

prop_compose! {
    pub(crate) fn glucose()(
        sequence in any::<u16>(),
        base_time in date_time(),
        time_offset_min in any::<Option<i16>>(),
        concentration in of(concentration()),
        status in of((0..0x1000_u16).prop_map(GlucoseStatus::from_bits)),
        context_follows in any::<bool>(),
    ) -> GlucoseMeasurement {
        let surprises = Surprises::default();
        GlucoseMeasurement { sequence, base_time, time_offset_min, concentration, status, context_follows, surprises }
    }
}
