//! What is usual: the middle half of the recent values of one vital sign.

use super::point::Point;

/// The fewest readings of which a middle half is told.
pub const USUAL_READINGS_MIN: usize = 4;

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

/// Tells the median and the interquartile range; `None` of fewer than [`USUAL_READINGS_MIN`] readings. A quartile between
/// two values is interpolated (Hyndman and Fan 1996, type 7).
pub fn usual(points: &[Point]) -> Option<Usual> {
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
    use jiff::Timestamp;
    use vitals::Decimal;

    fn of(values: &[i32]) -> Option<(i64, i64, i64)> {
        let point = |(number, value): (usize, &i32)| {
            let reading = format!("{number:032x}").parse().unwrap();
            let at = Timestamp::UNIX_EPOCH;
            Point::new(at, &Zone::utc(), Decimal::whole(*value), reading, false)
        };
        let points: Vec<Point> = values.iter().enumerate().map(point).collect();
        usual(&points).map(|it| (it.low, it.median, it.high))
    }

    #[test]
    fn the_middle_half_is_told_of_enough_readings_in_any_order() {
        assert_eq!(of(&[93, 94, 95]), None);
        assert_eq!(of(&[95, 93, 94, 96, 92]), Some((93_000, 94_000, 95_000)));
        assert_eq!(of(&[92, 93, 94, 95]), Some((92_750, 93_500, 94_250)));
        assert_eq!(of(&[90, 90, 90, 90]), Some((90_000, 90_000, 90_000)));
    }
}
