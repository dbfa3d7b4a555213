//! Sample measurements and plans for tests, written as a clinician would say them.

use std::collections::BTreeMap;

use clinical::plan::Care;
use clinical::{Limits, Plan, PlanVersion, VitalSign};
use vitals::{BodyTemperature, Decimal, Mass, Pressure, PulseRate, Spo2, Vital};

/// A decimal as it is written.
pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A cuff's measurement in mmHg.
pub(crate) fn pressure(systolic: i32, diastolic: i32, pulse: i32) -> Vital {
    Vital::BloodPressure {
        systolic: Pressure::from_mmhg(Decimal::whole(systolic)).unwrap(),
        diastolic: Pressure::from_mmhg(Decimal::whole(diastolic)).unwrap(),
        mean: None,
        pulse: Some(PulseRate::per_minute(Decimal::whole(pulse)).unwrap()),
    }
}

/// An oximeter's measurement.
pub(crate) fn oxygen(percent: i32, pulse: i32) -> Vital {
    Vital::Oximetry {
        spo2: Spo2::percent(Decimal::whole(percent)).unwrap(),
        pulse: Some(PulseRate::per_minute(Decimal::whole(pulse)).unwrap()),
    }
}

/// A scale's measurement in kilograms.
pub(crate) fn weight(kg: &str) -> Vital {
    Vital::Weight {
        mass: Mass::from_kg(decimal(kg)).unwrap(),
    }
}

/// A thermometer's measurement in degrees Celsius.
pub(crate) fn temperature(celsius: &str) -> Vital {
    Vital::Temperature {
        temperature: BodyTemperature::from_celsius(decimal(celsius)).unwrap(),
    }
}

/// A plan with the limits of the samples.
pub(crate) fn plan(version: u32, from: &str, systolic_soon_high: i32) -> Plan {
    let limits = |numbers: [Option<i32>; 4]| {
        let [urgent_low, soon_low, soon_high, urgent_high] =
            numbers.map(|number| number.map(Decimal::whole));
        Limits::new(urgent_low, soon_low, soon_high, urgent_high).unwrap()
    };
    let systolic = [Some(90), Some(100), Some(systolic_soon_high), Some(180)];
    Plan {
        version: PlanVersion(version),
        limits: BTreeMap::from([
            (VitalSign::Systolic, limits(systolic)),
            (
                VitalSign::Diastolic,
                limits([Some(50), None, Some(85), Some(110)]),
            ),
            (
                VitalSign::Pulse,
                limits([Some(40), Some(50), Some(100), Some(120)]),
            ),
            (VitalSign::Spo2, limits([Some(88), Some(92), None, None])),
            (VitalSign::Weight, limits([None, None, Some(84), None])),
        ]),
        care: Care::default(),
        patient_view: None,
        set_by: "dr-rees".parse().unwrap(),
        reason: "NICE NG136 home target, agreed with the patient".to_owned(),
        in_force_from: from.parse().unwrap(),
    }
}
