//! The number line of a vital sign: limits as bands, drawn beside the fields that say the same in words.

use clinical::plan::Plausible;
use vitals::Decimal;

/// The size of the picture.
pub(crate) const WIDTH: i64 = 320;
pub(crate) const HEIGHT: i64 = 56;
/// The middle of the bands.
const MIDDLE: i64 = 28;
/// Where the bands begin and end.
const LEFT: i64 = 4;
const RIGHT: i64 = 316;
/// How near to the edge a number may stand.
const NUMBER_EDGE: i64 = 18;

/// One band: the worse, the thicker, so that colour is not what tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Band {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) class: &'static str,
}

/// A limit's number: urgent ones above the bands, soon ones below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) text: String,
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NumberLine {
    /// The bands from low to high.
    pub(crate) bands: Vec<Band>,
    /// The limits' numbers.
    pub(crate) ticks: Vec<Tick>,
    pub(crate) width: i64,
    pub(crate) height: i64,
}

struct Scale {
    low: i64,
    high: i64,
}

impl Scale {
    /// As wide as the limits and some room beside them, within what can be measured.
    fn around(given: &[i64], range: Option<&Plausible>) -> Option<Self> {
        let (least, most) = (*given.iter().min()?, *given.iter().max()?);
        let room = (most.saturating_sub(least) / 3)
            .max(least.saturating_abs() / 10)
            .max(1);
        let low = least.saturating_sub(room);
        let high = most.saturating_add(room);
        let ends = range.map(|it| (it.min.thousandths(), it.max.thousandths()));
        let (min, max) = ends.unwrap_or((i64::MIN, i64::MAX));
        Some(Self {
            low: low.max(min).min(least),
            high: high.min(max).max(most.saturating_add(1)),
        })
    }

    fn x(&self, at: i64) -> i64 {
        let of = i128::from(self.high) - i128::from(self.low);
        let along = i128::from(at) - i128::from(self.low);
        let x = along * i128::from(RIGHT - LEFT) / of.max(1);
        i64::try_from(x).unwrap_or(0).clamp(0, RIGHT - LEFT) + LEFT
    }
}

impl NumberLine {
    /// Draws limits given from low to high; `None` without any, or while they are out of order.
    pub(crate) fn draw(given: &[Option<Decimal>], range: Option<&Plausible>) -> Option<Self> {
        let [urgent_low, soon_low, soon_high, urgent_high] = *given else {
            return None;
        };
        let all: Vec<i64> = given.iter().flatten().map(Decimal::thousandths).collect();
        if !all.is_sorted() {
            return None;
        }
        let scale = Scale::around(&all, range)?;
        let x = |at: Decimal| scale.x(at.thousandths());
        let mut bands = Vec::new();
        let (mut start, mut end) = (LEFT, RIGHT);
        for (at, class) in [
            (urgent_low, "plan-band-urgent"),
            (soon_low, "plan-band-soon"),
        ] {
            if let Some(at) = at {
                bands.push(band(start, x(at), class));
                start = x(at);
            }
        }
        let mut high = Vec::new();
        for (at, class) in [
            (urgent_high, "plan-band-urgent"),
            (soon_high, "plan-band-soon"),
        ] {
            if let Some(at) = at {
                high.push(band(x(at), end, class));
                end = x(at);
            }
        }
        bands.push(band(start, end, "plan-band-inside"));
        bands.extend(high.into_iter().rev());
        let tick = |at: Option<Decimal>, y: i64| {
            at.map(|at| Tick {
                x: x(at).clamp(NUMBER_EDGE, WIDTH - NUMBER_EDGE),
                y,
                text: at.plain(),
            })
        };
        let (above, below) = (13, HEIGHT - 3);
        let ticks = [
            tick(urgent_low, above),
            tick(soon_low, below),
            tick(soon_high, below),
            tick(urgent_high, above),
        ];
        Some(Self {
            bands,
            ticks: ticks.into_iter().flatten().collect(),
            width: WIDTH,
            height: HEIGHT,
        })
    }
}

fn band(from: i64, until: i64, class: &'static str) -> Band {
    let height = match class {
        "plan-band-urgent" => 18,
        "plan-band-soon" => 12,
        _ => 6,
    };
    Band {
        x: from,
        y: MIDDLE - height / 2,
        width: (until - from).max(0),
        height,
        class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<NumberLine> {
        let given: Vec<Option<Decimal>> = text.split(' ').map(|it| it.parse().ok()).collect();
        NumberLine::draw(&given, None)
    }

    #[test]
    fn bands_fill_the_line_without_a_gap_whatever_is_left_out() {
        for text in [
            "90 100 135 180",
            "- 92 - -",
            "88 92 - -",
            "- - 84 -",
            "90 - - 180",
            "-5 -2 2 5",
        ] {
            let line = line(text).unwrap();
            let mut at = LEFT;
            for band in &line.bands {
                assert_eq!(band.x, at, "{text}");
                at += band.width;
            }
            assert_eq!(at, RIGHT, "{text}");
            let inside = line
                .bands
                .iter()
                .filter(|it| it.class == "plan-band-inside");
            assert_eq!(inside.count(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_out_of_order_or_absurd_is_not_drawn_wrongly() {
        assert_eq!(line("100 90 - -"), None);
        assert_eq!(line("- - - -"), None);
        let absurd = line("-999999999999 1 2 999999999999").unwrap();
        assert!(absurd.bands.iter().all(|it| it.width >= 0 && it.x <= RIGHT));
    }
}
