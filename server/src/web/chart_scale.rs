//! Scales of a chart: from moments and values to places in the picture, in whole units of its view box.

use jiff::Timestamp;

use super::local_time::LocalTime;

/// The picture's width.
pub(crate) const WIDTH: i64 = 500;
/// The picture's height.
pub(crate) const HEIGHT: i64 = 288;
/// Where the plot begins, leaving room for the numbers of the axis.
pub(crate) const LEFT: i64 = 40;
/// Where the plot ends, leaving room for the names of the limits.
pub(crate) const RIGHT: i64 = 366;
/// Where the plot begins above, leaving room for the numbers of the flags.
pub(crate) const TOP: i64 = 30;
/// Where the plot ends below, leaving room for the dates.
pub(crate) const BOTTOM: i64 = 256;

const Y_TICKS_MAX: i64 = 5;
const X_TICKS_MAX: i64 = 4;

/// The span of time that a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The left edge.
    pub(crate) from: Timestamp,
    /// The right edge.
    pub(crate) until: Timestamp,
}

impl Window {
    /// Gives the place of a moment, held at the edges.
    pub(crate) fn x(&self, at: Timestamp) -> i64 {
        let us = |at: Timestamp| i128::from(at.as_microsecond());
        let span = (us(self.until) - us(self.from)).max(1);
        let offset = (us(at) - us(self.from)).clamp(0, span);
        let x = offset * i128::from(RIGHT - LEFT) / span;
        LEFT + i64::try_from(x).unwrap_or_default()
    }

    /// Gives the places of some local midnights, with their dates.
    pub(crate) fn days(&self, local: &LocalTime) -> Vec<(i64, String)> {
        let first = local.zoned(self.from).date();
        let last = local.zoned(self.until).date();
        let days = i64::from(first.until(last).map_or(1, |span| span.get_days()));
        let step = days.div_euclid(X_TICKS_MAX) + 1;
        let midnights = (0..=days).filter(|day| (days - day) % step == 0);
        midnights
            .filter_map(|day| {
                let date = first.checked_add(jiff::Span::new().days(day)).ok()?;
                let midnight = local.midnight(date)?;
                (midnight >= self.from).then(|| (self.x(midnight), local.day(midnight)))
            })
            .collect()
    }
}

/// The span of values that a chart shows, in thousandths of the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    low: i64,
    high: i64,
}

impl Range {
    /// Holds all values with some room around them; `None` when there are none.
    pub(crate) fn around(values: impl Iterator<Item = i64> + Clone) -> Option<Self> {
        let (low, high) = (values.clone().min()?, values.max()?);
        let room = ((high - low) / 12).max(500);
        Some(Self {
            low: low - room,
            high: high + room,
        })
    }

    /// Gives the place of a value.
    pub(crate) fn y(&self, thousandths: i64) -> i64 {
        let offset = (thousandths - self.low).clamp(0, self.high - self.low);
        BOTTOM - offset * (BOTTOM - TOP) / (self.high - self.low)
    }

    /// Gives the places of round numbers.
    pub(crate) fn ticks(&self) -> Vec<(i64, String)> {
        let step = round_step((self.high - self.low) / Y_TICKS_MAX);
        let first = self.low.div_euclid(step) + 1;
        let last = self.high.div_euclid(step);
        (first..=last)
            .map(|index| (self.y(index * step), number(index * step)))
            .collect()
    }
}

/// The smallest of 0.5, 1, 2, 5, 10, 20, 50 … that is at least `least`, in thousandths.
fn round_step(least: i64) -> i64 {
    let mut step = 500;
    for factor in [2, 2, 2].iter().cycle().take(40) {
        if step >= least {
            break;
        }
        step *= factor;
        // 0.5 → 1 → 2 → (4 becomes 5) → 10
        if step.to_string().starts_with('4') {
            step = step / 4 * 5;
        }
    }
    step
}

fn number(thousandths: i64) -> String {
    if thousandths % 1000 == 0 {
        (thousandths / 1000).to_string()
    } else {
        format!(
            "{}.{}",
            thousandths / 1000,
            (thousandths % 1000).abs() / 100
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn axis_numbers_are_round_and_few() {
        for (low, high) in [
            (85_000, 100_000),
            (50_000, 190_000),
            (36_100, 36_600),
            (60_000, 999_000),
        ] {
            let range = Range::around([low, high].into_iter()).unwrap();
            let ticks = range.ticks();
            assert!((2..=7).contains(&ticks.len()), "{low}..{high}: {ticks:?}");
        }
        assert_eq!(
            [1, 600, 1100, 2100, 5100, 10_100, 20_100].map(round_step),
            [500, 1000, 2000, 5000, 10_000, 20_000, 50_000]
        );
        assert_eq!(Range::around(std::iter::empty::<i64>()), None);
    }

    #[test]
    fn one_value_stands_in_the_middle() {
        let range = Range::around(std::iter::once(128_000)).unwrap();
        assert_eq!(range.y(128_000), (BOTTOM + TOP) / 2);
    }

    #[test]
    fn a_day_of_23_hours_is_still_one_day() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window {
            from: at("2026-03-27T12:00:00Z"),
            until: at("2026-03-31T12:00:00Z"),
        };
        let days = window.days(&LocalTime::new(zone, window.until));
        let names: Vec<&str> = days.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["29 Mar", "31 Mar"]);
        assert_eq!(days[0].0, window.x(at("2026-03-29T00:00:00Z")));
        assert_eq!(days[1].0, window.x(at("2026-03-30T23:00:00Z")));
        assert_eq!(window.x(at("2020-01-01T00:00:00Z")), LEFT);
        assert_eq!(window.x(at("2030-01-01T00:00:00Z")), RIGHT);
    }
}
