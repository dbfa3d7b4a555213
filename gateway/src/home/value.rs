//! Values and times in words, in the device's own units and by the home's clock.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use vitals::{BodyTemperature, Mass, Pressure, Vital};

/// A value as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What was measured, such as "Blood pressure".
    pub what: &'static str,
    /// The value, such as "128 over 76".
    pub value: String,
    /// What was measured besides, such as "Pulse 72"; empty when nothing was.
    pub besides: String,
}

/// Says a value.
pub fn said(vital: &Vital) -> Said {
    let (what, value, pulse) = match vital {
        Vital::BloodPressure {
            systolic,
            diastolic,
            pulse,
            ..
        } => ("Blood pressure", over(systolic, diastolic), pulse.as_ref()),
        Vital::Oximetry { spo2, pulse } => {
            let percent = format!("{}%", spo2.in_percent().plain());
            ("Oxygen level", percent, pulse.as_ref())
        }
        Vital::Weight { mass } => ("Weight", weight(mass), None),
        Vital::Temperature { temperature } => ("Temperature", degrees(temperature), None),
    };
    let besides = pulse.map(|it| format!("Pulse {}", it.in_per_minute().plain()));
    Said {
        what,
        value,
        besides: besides.unwrap_or_default(),
    }
}

/// People say "128 over 76" and leave the unit out, unless it is not the usual one.
fn over(systolic: &Pressure, diastolic: &Pressure) -> String {
    match (systolic, diastolic) {
        (Pressure::Kpa(systolic), Pressure::Kpa(diastolic)) => {
            format!("{} over {} kPa", systolic.plain(), diastolic.plain())
        }
        _ => {
            let (systolic, diastolic) = (systolic.in_mmhg(), diastolic.in_mmhg());
            format!("{} over {}", systolic.plain(), diastolic.plain())
        }
    }
}

fn weight(mass: &Mass) -> String {
    match mass {
        Mass::Kg(kg) => format!("{} kg", kg.plain()),
        Mass::Lb(lb) => format!("{} lb", lb.plain()),
    }
}

fn degrees(temperature: &BodyTemperature) -> String {
    match temperature {
        BodyTemperature::Celsius(celsius) => format!("{} °C", celsius.plain()),
        BodyTemperature::Fahrenheit(fahrenheit) => format!("{} °F", fahrenheit.plain()),
    }
}

/// Says when something was, as people do: "Today at 8:42am".
pub fn when(at: Timestamp, now: Timestamp, home: &TimeZone) -> String {
    let shown = home.to_datetime(at);
    let time = shown.strftime("%-I:%M%P").to_string();
    let today = home.to_datetime(now).date();
    let day = day(shown.date(), today);
    format!("{day} at {time}")
}

fn day(date: Date, today: Date) -> String {
    if date == today {
        "Today".to_owned()
    } else if date.tomorrow().is_ok_and(|next| next == today) {
        "Yesterday".to_owned()
    } else if date.year() == today.year() {
        date.strftime("%A %-d %B").to_string()
    } else {
        date.strftime("%-d %B %Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::{Decimal, PulseRate, Spo2};

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn values_are_said_in_the_devices_own_units() {
        let mmhg = |text| Pressure::from_mmhg(decimal(text)).unwrap();
        let kpa = |text| Pressure::from_kpa(decimal(text)).unwrap();
        let pressure = |systolic, diastolic| Vital::BloodPressure {
            systolic,
            diastolic,
            mean: None,
            pulse: PulseRate::per_minute(decimal("72")).ok(),
        };
        let usual = said(&pressure(mmhg("128"), mmhg("76")));
        assert_eq!(usual.value, "128 over 76");
        assert_eq!(usual.besides, "Pulse 72");
        assert_eq!(
            said(&pressure(kpa("17.6"), kpa("12.0"))).value,
            "17.6 over 12 kPa"
        );
        let spo2 = Spo2::percent(decimal("94")).unwrap();
        assert_eq!(said(&Vital::Oximetry { spo2, pulse: None }).value, "94%");
        let weight = |mass| said(&Vital::Weight { mass }).value;
        assert_eq!(weight(Mass::from_kg(decimal("83.50")).unwrap()), "83.5 kg");
        assert_eq!(weight(Mass::from_lb(decimal("184.2")).unwrap()), "184.2 lb");
        let temperature = BodyTemperature::from_fahrenheit(decimal("98.6")).unwrap();
        assert_eq!(said(&Vital::Temperature { temperature }).value, "98.6 °F");
    }

    #[test]
    fn a_time_is_said_by_the_homes_clock() {
        let home = TimeZone::get("Europe/London").unwrap();
        let now = "2026-06-10T07:00:00Z".parse().unwrap();
        for (at, expected) in [
            ("2026-06-10T06:42:00Z", "Today at 7:42am"),
            ("2026-06-09T22:59:00Z", "Yesterday at 11:59pm"),
            ("2026-06-09T23:00:00Z", "Today at 12:00am"),
            ("2026-06-08T12:00:00Z", "Monday 8 June at 1:00pm"),
            ("2025-12-31T12:00:00Z", "31 December 2025 at 12:00pm"),
            ("2026-06-12T12:00:00Z", "Friday 12 June at 1:00pm"),
        ] {
            assert_eq!(when(at.parse().unwrap(), now, &home), expected);
        }
    }
}
