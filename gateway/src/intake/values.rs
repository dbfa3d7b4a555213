//! The value of a measurement: a vital sign in the device's own units, or why it is none.

use gatt::{
    Measured, MeasurementSystem, Number, PressureUnit, TemperatureUnit, XiaomiUnit, XiaomiWeighing,
};
use vitals::{
    AttemptReason, BodyTemperature, Decimal, Mass, Pressure, PulseRate, QualityMark, Spo2, Vital,
};

use super::marks;
use super::times::ValueTime;

/// What a measurement amounts to.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) outcome: Result<Vital, AttemptReason>,
    pub(super) marks: Vec<QualityMark>,
    pub(super) time: ValueTime,
}

/// Gives the value of a measurement; `None` when its characteristic carries none that becomes a reading.
pub(super) fn value_of(measurement: &gatt::Measurement) -> Option<Value> {
    match measurement {
        gatt::Measurement::BloodPressure(it) => Some(Cuff::from(it).value()),
        gatt::Measurement::EnhancedBloodPressure(it) => Some(Cuff::from(it).value()),
        gatt::Measurement::PlxSpotCheck(it) => Some(Oximeter::from(it).value()),
        gatt::Measurement::PlxContinuous(it) => Some(Oximeter::from(it).value()),
        gatt::Measurement::NoninOximetry(it) => Some(nonin(it)),
        gatt::Measurement::Weight(it) => Some(Value {
            outcome: weight(it.system, it.weight),
            marks: Vec::new(),
            time: shown(it.timestamp),
        }),
        gatt::Measurement::XiaomiWeighing(it) => Some(Value {
            outcome: xiaomi_weight(it),
            marks: Vec::new(),
            time: ValueTime::Shown(it.timestamp),
        }),
        gatt::Measurement::Temperature(it) => Some(Value {
            outcome: temperature(it.unit, it.temperature),
            marks: Vec::new(),
            time: shown(it.timestamp),
        }),
        _ => None,
    }
}

/// The fields that both blood pressure characteristics share.
struct Cuff {
    unit: PressureUnit,
    systolic: Number,
    diastolic: Number,
    mean: Number,
    pulse: Option<Number>,
    status: Option<gatt::BloodPressureStatus>,
    time: ValueTime,
}

impl From<&gatt::BloodPressureMeasurement> for Cuff {
    fn from(it: &gatt::BloodPressureMeasurement) -> Self {
        Self {
            unit: it.unit,
            systolic: it.systolic,
            diastolic: it.diastolic,
            mean: it.mean_arterial,
            pulse: it.pulse,
            status: it.status,
            time: shown(it.timestamp),
        }
    }
}

impl From<&gatt::EnhancedBloodPressureMeasurement> for Cuff {
    fn from(it: &gatt::EnhancedBloodPressureMeasurement) -> Self {
        Self {
            unit: it.unit,
            systolic: it.systolic,
            diastolic: it.diastolic,
            mean: it.mean_arterial,
            pulse: it.pulse,
            status: it.status,
            // BLS 1.1: the user-facing time follows the clock that people see and that the gateway reads.
            time: shown(it.user_facing_time().or_else(|| it.timestamp())),
        }
    }
}

impl Cuff {
    fn value(&self) -> Value {
        let mut marks = self.status.map(marks::of_cuff).unwrap_or_default();
        marks.extend(self.pulse.and_then(range_mark));
        Value {
            outcome: self.vital(),
            marks,
            time: self.time,
        }
    }

    fn vital(&self) -> Result<Vital, AttemptReason> {
        Ok(Vital::BloodPressure {
            systolic: self.pressure(present(self.systolic)?)?,
            diastolic: self.pressure(present(self.diastolic)?)?,
            // Cuffs send a mean or a pulse of 0 where they have none, just as they send NaN.
            mean: measured(self.mean)
                .map(|mean| self.pressure(mean))
                .transpose()?,
            pulse: self.pulse.and_then(measured).map(pulse_rate).transpose()?,
        })
    }

    fn pressure(&self, value: gatt::Decimal) -> Result<Pressure, AttemptReason> {
        let value = decimal(value)?;
        match self.unit {
            PressureUnit::MmHg => Pressure::from_mmhg(value),
            PressureUnit::KPa => Pressure::from_kpa(value),
        }
        .map_err(|_| AttemptReason::NotTheQuantity)
    }
}

/// The fields that both oximeter characteristics share.
struct Oximeter {
    spo2: Number,
    pulse: Number,
    measurement_status: Option<gatt::MeasurementStatus>,
    device_status: Option<gatt::DeviceSensorStatus>,
    time: ValueTime,
}

impl From<&gatt::PlxSpotCheckMeasurement> for Oximeter {
    fn from(it: &gatt::PlxSpotCheckMeasurement) -> Self {
        Self {
            spo2: it.spo2,
            pulse: it.pulse,
            measurement_status: it.measurement_status,
            device_status: it.device_status,
            // PLXS 1.0.1: where the clock is not set, the time stamp means nothing.
            time: shown(it.timestamp.filter(|_| !it.clock_not_set)),
        }
    }
}

impl From<&gatt::PlxContinuousMeasurement> for Oximeter {
    fn from(it: &gatt::PlxContinuousMeasurement) -> Self {
        Self {
            spo2: it.normal.spo2,
            pulse: it.normal.pulse,
            measurement_status: it.measurement_status,
            device_status: it.device_status,
            time: ValueTime::Live,
        }
    }
}

impl Oximeter {
    fn value(&self) -> Value {
        let mut marks = self
            .measurement_status
            .map(marks::of_oximetry)
            .unwrap_or_default();
        marks.extend(self.device_status.map(marks::of_sensor).unwrap_or_default());
        marks.extend(range_mark(self.pulse));
        Value {
            outcome: self.vital(),
            marks,
            time: self.time,
        }
    }

    fn vital(&self) -> Result<Vital, AttemptReason> {
        let status = self.measurement_status.unwrap_or_default();
        if status.demo() || status.test() || status.calibration_ongoing() {
            return Err(AttemptReason::NotAPatient);
        }
        if status.invalid() || status.unavailable() {
            return Err(AttemptReason::DeclaredInvalid);
        }
        let spo2 = decimal(present(self.spo2)?)?;
        Ok(Vital::Oximetry {
            spo2: Spo2::percent(spo2).map_err(|_| AttemptReason::NotTheQuantity)?,
            pulse: self.pulse.value().map(pulse_rate).transpose()?,
        })
    }
}

fn nonin(it: &gatt::NoninOximetry) -> Value {
    let value = Oximeter {
        spo2: it.spo2,
        pulse: it.pulse,
        measurement_status: None,
        device_status: None,
        time: ValueTime::Live,
    }
    .value();
    Value {
        marks: marks::of_nonin(it.status),
        ..value
    }
}

/// A thing is no patient, and a weight that is not at rest, or stands on an empty scale, is none.
fn xiaomi_weight(it: &XiaomiWeighing) -> Result<Vital, AttemptReason> {
    if it.object {
        return Err(AttemptReason::NotAPatient);
    }
    if !it.is_outcome() {
        return Err(AttemptReason::NoValue);
    }
    let system = match it.unit {
        XiaomiUnit::Kilogram => MeasurementSystem::Si,
        XiaomiUnit::Pound => MeasurementSystem::Imperial,
        // What a jin weighs is disputed: no guess becomes a weight.
        XiaomiUnit::Jin => return Err(AttemptReason::NotTheQuantity),
    };
    weight(system, Measured::Value(it.weight))
}

fn weight(system: MeasurementSystem, weight: Measured) -> Result<Vital, AttemptReason> {
    let mass = decimal(weight.value().ok_or(AttemptReason::NoValue)?)?;
    let mass = match system {
        MeasurementSystem::Si => Mass::from_kg(mass),
        MeasurementSystem::Imperial => Mass::from_lb(mass),
    };
    mass.map(|mass| Vital::Weight { mass })
        .map_err(|_| AttemptReason::NotTheQuantity)
}

fn temperature(unit: TemperatureUnit, temperature: Number) -> Result<Vital, AttemptReason> {
    let temperature = decimal(present(temperature)?)?;
    let temperature = match unit {
        TemperatureUnit::Celsius => BodyTemperature::from_celsius(temperature),
        TemperatureUnit::Fahrenheit => BodyTemperature::from_fahrenheit(temperature),
    };
    temperature
        .map(|temperature| Vital::Temperature { temperature })
        .map_err(|_| AttemptReason::NotTheQuantity)
}

fn pulse_rate(value: gatt::Decimal) -> Result<PulseRate, AttemptReason> {
    PulseRate::per_minute(decimal(value)?).map_err(|_| AttemptReason::NotTheQuantity)
}

/// The value that a reading cannot do without.
fn present(number: Number) -> Result<gatt::Decimal, AttemptReason> {
    match number {
        Number::Value(value) => Ok(value),
        Number::PositiveInfinity | Number::NegativeInfinity => Err(AttemptReason::OutOfDeviceRange),
        Number::Nan | Number::Nres | Number::Reserved => Err(AttemptReason::NoValue),
    }
}

/// A value beside the main ones, which may be missing.
fn measured(number: Number) -> Option<gatt::Decimal> {
    number.value().filter(|value| value.mantissa != 0)
}

/// A pulse that the device calls out of its range has no value, but is worth knowing.
fn range_mark(pulse: Number) -> Option<QualityMark> {
    match pulse {
        Number::PositiveInfinity => Some(QualityMark::PulseAboveRange),
        Number::NegativeInfinity => Some(QualityMark::PulseBelowRange),
        _ => None,
    }
}

fn shown(timestamp: Option<gatt::DateTime>) -> ValueTime {
    timestamp.map_or(ValueTime::Absent, ValueTime::Shown)
}

fn decimal(value: gatt::Decimal) -> Result<Decimal, AttemptReason> {
    Decimal::new(value.mantissa.into(), value.exponent).map_err(|_| AttemptReason::NotTheQuantity)
}
