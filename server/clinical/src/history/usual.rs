//! What is usual: the middle half of the recent values of one vital sign.

use jiff::{SignedDuration, Timestamp};

use super::History;
use super::point::Point;
use crate::sign::VitalSign;

/// The fewest readings of which a middle half is told.
pub const USUAL_READINGS_MIN: usize = 4;
/// Over how many days it is told what is usual.
pub const USUAL_DAYS: i64 = 7;

/// The median and the quartiles of some readings, in thousandths of the sign's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// A quarter of the values is under it.
    pub low: i64,
    /// The middle value.
    pub median: i64,
    /// A quarter of the values is over it.
    pub high: i64,
    /// How many readings there are.
    pub readings: usize,
}

impl Usual {
    /// Says the range: `93 to 95%`.
    pub fn range(&self, sign: VitalSign) -> String {
        range_words(sign, self.low, self.high)
    }
}

impl History {
    /// Tells what was usual for a patient at a moment, over the [`USUAL_DAYS`] days before it; `None` of too few readings.
    pub fn usual(&self, sign: VitalSign, until: Timestamp) -> Option<Usual> {
        let span = SignedDuration::from_hours(24 * USUAL_DAYS);
        let from = until.saturating_sub(span).unwrap_or(Timestamp::MIN);
        let points = self.points_until(sign, until);
        let first = points.partition_point(|it| it.at() < from);
        usual(points.get(first..)?)
    }
}

/// Tells the median and the interquartile range; `None` of fewer than [`USUAL_READINGS_MIN`] readings. A quartile between
/// two values is interpolated (Hyndman and Fan 1996, type 7).
fn usual(points: &[Point]) -> Option<Usual> {
    let mut values: Vec<i64> = points.iter().map(Point::thousandths).collect();
    if values.len() < USUAL_READINGS_MIN {
        return None;
    }
    values.sort_unstable();
    Some(Usual {
        low: quartile(&values, 1)?,
        median: quartile(&values, 2)?,
        high: quartile(&values, 3)?,
        readings: values.len(),
    })
}

/// Says a range of thousandths, as finely as a nurse needs: `93 to 95%`; one value where both ends are the same.
pub fn range_words(sign: VitalSign, low: i64, high: i64) -> String {
    let (low, high, unit) = (rounded(sign, low), rounded(sign, high), sign.unit());
    if low == high {
        format!("{low}{unit}")
    } else {
        format!("{low} to {high}{unit}")
    }
}

/// Writes thousandths as finely as a nurse needs: weight and temperature in tenths, all else whole.
pub fn rounded(sign: VitalSign, thousandths: i64) -> String {
    match sign {
        VitalSign::Weight | VitalSign::Temperature => tenths(thousandths),
        _ => thousandths.saturating_add(500).div_euclid(1000).to_string(),
    }
}

/// Writes thousandths in tenths: `81.4`.
pub fn tenths(thousandths: i64) -> String {
    let tenths = (thousandths.saturating_abs().saturating_add(50)) / 100;
    let sign = if thousandths < 0 && tenths > 0 {
        "-"
    } else {
        ""
    };
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

fn quartile(sorted: &[i64], quarter: usize) -> Option<i64> {
    let quarters = sorted.len().checked_sub(1)?.checked_mul(quarter)?;
    let low = *sorted.get(quarters / 4)?;
    let high = sorted.get(quarters / 4 + 1).copied().unwrap_or(low);
    let part = i64::try_from(quarters % 4).ok()?;
    Some(low.saturating_add(high.saturating_sub(low).saturating_mul(part) / 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Zone;
    use vitals::Decimal;

    fn point(number: usize, value: i32, at: Timestamp) -> Point {
        let reading = format!("{number:032x}").parse().unwrap();
        Point::new(at, &Zone::utc(), Decimal::whole(value), reading, false)
    }

    fn of(values: &[i32]) -> Option<(i64, i64, i64)> {
        let points = values.iter().enumerate();
        let points = points.map(|(number, value)| point(number, *value, Timestamp::UNIX_EPOCH));
        let points: Vec<Point> = points.collect();
        usual(&points).map(|it| (it.low, it.median, it.high))
    }

    #[test]
    fn the_middle_half_is_told_of_enough_readings_in_any_order() {
        assert_eq!(of(&[93, 94, 95]), None);
        assert_eq!(of(&[95, 93, 94, 96, 92]), Some((93_000, 94_000, 95_000)));
        assert_eq!(of(&[92, 93, 94, 95]), Some((92_750, 93_500, 94_250)));
        assert_eq!(of(&[90, 90, 90, 90]), Some((90_000, 90_000, 90_000)));
    }

    #[test]
    fn what_is_usual_is_told_of_the_days_before_and_in_words() {
        let mut history = History::default();
        for (number, (day, value)) in [
            ("05", 60),
            ("13", 93),
            ("14", 95),
            ("15", 80),
            ("16", 94),
            ("17", 96),
            ("21", 70),
        ]
        .into_iter()
        .enumerate()
        {
            let at = format!("2026-03-{day}T08:00:00Z").parse().unwrap();
            history.insert_point(VitalSign::Spo2, point(number, value, at));
        }
        let until = "2026-03-20T00:00:00Z".parse().unwrap();
        let found = history.usual(VitalSign::Spo2, until).unwrap();
        assert_eq!((found.readings, found.median), (5, 94_000));
        assert_eq!(found.range(VitalSign::Spo2), "93 to 95%");
        assert_eq!(history.usual(VitalSign::Weight, until), None);
        let early = "2026-03-16T00:00:00Z".parse().unwrap();
        assert_eq!(history.usual(VitalSign::Spo2, early), None);
        assert_eq!(range_words(VitalSign::Weight, 80_040, 80_010), "80.0 kg");
    }

    #[test]
    fn numbers_are_as_fine_as_a_nurse_needs() {
        assert_eq!(rounded(VitalSign::Systolic, 133_500), "134");
        assert_eq!(rounded(VitalSign::Weight, 81_449), "81.4");
        assert_eq!(tenths(-1_350), "-1.4");
        assert_eq!(tenths(-40), "0.0");
        assert_eq!(tenths(i64::MIN), "-9223372036854775.8");
    }
}
