//! One value of each measuring characteristic.

use gatt::{
    BloodPressureMeasurement, BodyCompositionMeasurement, ConcentrationUnit,
    EnhancedBloodPressureMeasurement, Epoch, GlucoseMeasurement, HeartRateMeasurement,
    IntermediateCuffPressure, MeasurementSystem, PlxContinuousMeasurement, PlxSpotCheckMeasurement,
    PressureUnit, TemperatureMeasurement, TemperatureUnit, WeightMeasurement, XiaomiUnit,
    XiaomiWeighing,
};

use super::fields::{Bytes, flags, flags_u8};

pub(crate) fn blood_pressure(it: &BloodPressureMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.unit == PressureUnit::KPa,
        it.timestamp.is_some(),
        it.pulse.is_some(),
        it.user_id.is_some(),
        it.status.is_some(),
    ]));
    for pressure in [it.systolic, it.diastolic, it.mean_arterial] {
        bytes.sfloat(pressure);
    }
    it.timestamp
        .into_iter()
        .for_each(|value| bytes.date_time(value));
    it.pulse.into_iter().for_each(|value| bytes.sfloat(value));
    it.user_id.into_iter().for_each(|value| bytes.u8(value));
    it.status
        .into_iter()
        .for_each(|value| bytes.u16(value.bits()));
    bytes.0
}

pub(crate) fn intermediate_cuff_pressure(it: &IntermediateCuffPressure) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.unit == PressureUnit::KPa,
        it.timestamp.is_some(),
        it.pulse.is_some(),
        it.user_id.is_some(),
        it.status.is_some(),
    ]));
    for pressure in [it.cuff_pressure, it.unused[0], it.unused[1]] {
        bytes.sfloat(pressure);
    }
    it.timestamp
        .into_iter()
        .for_each(|value| bytes.date_time(value));
    it.pulse.into_iter().for_each(|value| bytes.sfloat(value));
    it.user_id.into_iter().for_each(|value| bytes.u8(value));
    it.status
        .into_iter()
        .for_each(|value| bytes.u16(value.bits()));
    bytes.0
}

pub(crate) fn enhanced_blood_pressure(it: &EnhancedBloodPressureMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.unit == PressureUnit::KPa,
        it.timestamp_s.is_some(),
        it.pulse.is_some(),
        it.user_id.is_some(),
        it.status.is_some(),
        it.user_facing_time_s.is_some(),
        it.epoch == Epoch::Year2000,
    ]));
    for pressure in [it.systolic, it.diastolic, it.mean_arterial] {
        bytes.sfloat(pressure);
    }
    it.timestamp_s
        .into_iter()
        .for_each(|value| bytes.u32(value));
    it.pulse.into_iter().for_each(|value| bytes.sfloat(value));
    it.user_id.into_iter().for_each(|value| bytes.u8(value));
    it.status
        .into_iter()
        .for_each(|value| bytes.u16(value.bits()));
    it.user_facing_time_s
        .into_iter()
        .for_each(|value| bytes.u32(value));
    bytes.0
}

pub(crate) fn plx_spot_check(it: &PlxSpotCheckMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.timestamp.is_some(),
        it.measurement_status.is_some(),
        it.device_status.is_some(),
        it.pulse_amplitude_index.is_some(),
        it.clock_not_set,
    ]));
    bytes.sfloat(it.spo2);
    bytes.sfloat(it.pulse);
    it.timestamp
        .into_iter()
        .for_each(|value| bytes.date_time(value));
    it.measurement_status
        .into_iter()
        .for_each(|value| bytes.u16(value.bits()));
    it.device_status
        .into_iter()
        .for_each(|value| bytes.u24(value.bits()));
    it.pulse_amplitude_index
        .into_iter()
        .for_each(|value| bytes.sfloat(value));
    bytes.0
}

pub(crate) fn plx_continuous(it: &PlxContinuousMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.fast.is_some(),
        it.slow.is_some(),
        it.measurement_status.is_some(),
        it.device_status.is_some(),
        it.pulse_amplitude_index.is_some(),
    ]));
    for pair in [Some(it.normal), it.fast, it.slow].into_iter().flatten() {
        bytes.sfloat(pair.spo2);
        bytes.sfloat(pair.pulse);
    }
    it.measurement_status
        .into_iter()
        .for_each(|value| bytes.u16(value.bits()));
    it.device_status
        .into_iter()
        .for_each(|value| bytes.u24(value.bits()));
    it.pulse_amplitude_index
        .into_iter()
        .for_each(|value| bytes.sfloat(value));
    bytes.0
}

/// Weight step, in units of the last place: 0.005 kg or 0.01 lb.
fn mass_step(system: MeasurementSystem) -> i32 {
    if system == MeasurementSystem::Si {
        5
    } else {
        1
    }
}

pub(crate) fn weight(it: &WeightMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.system == MeasurementSystem::Imperial,
        it.timestamp.is_some(),
        it.user_id.is_some(),
        it.bmi.is_some(),
    ]));
    bytes.measured(it.weight, mass_step(it.system));
    it.timestamp
        .into_iter()
        .for_each(|value| bytes.date_time(value));
    it.user_id.into_iter().for_each(|value| bytes.u8(value));
    it.bmi.into_iter().for_each(|value| bytes.steps(value, 1));
    it.height
        .into_iter()
        .for_each(|value| bytes.steps(value, 1));
    bytes.0
}

/// The layout of 0x181D, which has no impedance.
pub(crate) fn xiaomi_weight(it: &XiaomiWeighing) -> Vec<u8> {
    let mut bytes = Bytes::default();
    let (pound, jin) = (it.unit == XiaomiUnit::Pound, it.unit == XiaomiUnit::Jin);
    bytes.u8(flags_u8(&[
        pound,
        false,
        it.object,
        false,
        jin,
        it.stabilised,
        false,
        it.removed,
    ]));
    bytes.steps(it.weight, xiaomi_step(it.unit));
    bytes.date_time(it.timestamp);
    bytes.0
}

/// The layout of 0x181B.
pub(crate) fn xiaomi_body_composition(it: &XiaomiWeighing) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[it.unit == XiaomiUnit::Pound, false, it.object]));
    bytes.u8(flags_u8(&[
        false,
        it.impedance_ohm.is_some(),
        false,
        false,
        false,
        it.stabilised,
        it.unit == XiaomiUnit::Jin,
        it.removed,
    ]));
    bytes.date_time(it.timestamp);
    bytes.u16(it.impedance_ohm.unwrap_or_default());
    bytes.steps(it.weight, xiaomi_step(it.unit));
    bytes.0
}

fn xiaomi_step(unit: XiaomiUnit) -> i32 {
    if unit == XiaomiUnit::Kilogram { 5 } else { 1 }
}

pub(crate) fn body_composition(it: &BodyCompositionMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u16(flags(&[
        it.system == MeasurementSystem::Imperial,
        it.timestamp.is_some(),
        it.user_id.is_some(),
        it.basal_metabolism_kj.is_some(),
        it.muscle_percent.is_some(),
        it.muscle_mass.is_some(),
        it.fat_free_mass.is_some(),
        it.soft_lean_mass.is_some(),
        it.body_water_mass.is_some(),
        it.impedance_ohm.is_some(),
        it.weight.is_some(),
        it.height.is_some(),
        it.multiple_packet,
    ]));
    bytes.measured(it.body_fat_percent, 1);
    it.timestamp
        .into_iter()
        .for_each(|value| bytes.date_time(value));
    it.user_id.into_iter().for_each(|value| bytes.u8(value));
    it.basal_metabolism_kj
        .into_iter()
        .for_each(|value| bytes.u16(value));
    it.muscle_percent
        .into_iter()
        .for_each(|value| bytes.steps(value, 1));
    for mass in [
        it.muscle_mass,
        it.fat_free_mass,
        it.soft_lean_mass,
        it.body_water_mass,
    ] {
        mass.into_iter()
            .for_each(|value| bytes.steps(value, mass_step(it.system)));
    }
    it.impedance_ohm
        .into_iter()
        .for_each(|value| bytes.steps(value, 1));
    it.weight
        .into_iter()
        .for_each(|value| bytes.steps(value, mass_step(it.system)));
    it.height
        .into_iter()
        .for_each(|value| bytes.steps(value, 1));
    bytes.0
}

pub(crate) fn temperature(it: &TemperatureMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.unit == TemperatureUnit::Fahrenheit,
        it.timestamp.is_some(),
        it.temperature_type.is_some(),
    ]));
    bytes.float(it.temperature);
    it.timestamp
        .into_iter()
        .for_each(|value| bytes.date_time(value));
    it.temperature_type
        .into_iter()
        .for_each(|value| bytes.u8(value.code()));
    bytes.0
}

/// A sensor uses one byte for the rate while it fits.
pub(crate) fn heart_rate(it: &HeartRateMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    let narrow = u8::try_from(it.rate_bpm);
    bytes.u8(flags_u8(&[
        narrow.is_err(),
        it.contact == Some(true),
        it.contact.is_some(),
        it.energy_kj.is_some(),
        it.rr_intervals_1024.is_some(),
    ]));
    match narrow {
        Ok(rate) => bytes.u8(rate),
        Err(_) => bytes.u16(it.rate_bpm),
    }
    it.energy_kj.into_iter().for_each(|value| bytes.u16(value));
    it.rr_intervals_1024
        .iter()
        .flatten()
        .for_each(|&value| bytes.u16(value));
    bytes.0
}

pub(crate) fn glucose(it: &GlucoseMeasurement) -> Vec<u8> {
    let mut bytes = Bytes::default();
    bytes.u8(flags_u8(&[
        it.time_offset_min.is_some(),
        it.concentration.is_some(),
        it.concentration
            .is_some_and(|it| it.unit == ConcentrationUnit::MolePerLitre),
        it.status.is_some(),
        it.context_follows,
    ]));
    bytes.u16(it.sequence);
    bytes.date_time(it.base_time);
    it.time_offset_min
        .into_iter()
        .for_each(|value| bytes.u16(value.cast_unsigned()));
    if let Some(concentration) = it.concentration {
        bytes.sfloat(concentration.value);
        bytes.u8(concentration.location.code() << 4 | concentration.sample_type.code());
    }
    it.status
        .into_iter()
        .for_each(|value| bytes.u16(value.bits()));
    bytes.0
}
