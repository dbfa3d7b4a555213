//! Bands: which values score how many points, over the whole line without a gap.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::Decimal;

/// The most bands of one parameter.
pub const BANDS_LEN_MAX: usize = 12;
/// The most decimals that a value is rounded to before it is looked up.
pub const ROUND_TO_DECIMALS_MAX: u8 = 2;

/// The points of one parameter: 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Points(u8);

/// A number of points that no parameter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a parameter scores 0 to 3 points, found {0}")]
pub struct PointsError(u8);

impl Points {
    /// The most points of one parameter.
    pub const MAX: Self = Self(3);

    /// Gives the number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Points {
    type Error = PointsError;

    fn try_from(points: u8) -> Result<Self, PointsError> {
        if points > Self::MAX.0 {
            return Err(PointsError(points));
        }
        Ok(Self(points))
    }
}

impl From<Points> for u8 {
    fn from(points: Points) -> Self {
        points.0
    }
}

/// One band, both ends included, as a chart prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The lowest value; none for the band that is open below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Decimal>,
    /// The highest value; none for the band that is open above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Decimal>,
    /// What a value in the band scores.
    pub points: Points,
}

/// The bands of one parameter, lowest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedBands")]
pub struct Bands {
    round_to_decimals: u8,
    bands: Vec<Band>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedBands {
    round_to_decimals: u8,
    bands: Vec<Band>,
}

/// Bands that leave a value out, hold it twice, or are not written in the steps that values are rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BandsError {
    /// No band, or more than [`BANDS_LEN_MAX`].
    #[error("a parameter has 1 to {BANDS_LEN_MAX} bands")]
    Count,
    /// More decimals than [`ROUND_TO_DECIMALS_MAX`].
    #[error("values are rounded to at most {ROUND_TO_DECIMALS_MAX} decimals")]
    Decimals,
    /// A first band with a lower end, a last one with an upper end, or one between that lacks an end.
    #[error("only the first band is open below, and only the last is open above")]
    Ends,
    /// An end that no rounded value can have.
    #[error("{0} has more decimals than values are rounded to")]
    OffStep(Decimal),
    /// A band that ends below its beginning.
    #[error("a band cannot go from {from} to {to}")]
    Backwards {
        /// Its lower end.
        from: Decimal,
        /// Its upper end.
        to: Decimal,
    },
    /// Two neighbours that do not meet.
    #[error(
        "after a band that ends at {to} the next cannot begin at {from}: no gap and no overlap"
    )]
    Apart {
        /// The upper end of the lower band.
        to: Decimal,
        /// The lower end of the upper band.
        from: Decimal,
    },
}

impl Bands {
    /// Checks that bands cover every value once.
    ///
    /// # Errors
    /// When some value is in no band or in two.
    pub fn new(round_to_decimals: u8, bands: Vec<Band>) -> Result<Self, BandsError> {
        if bands.is_empty() || bands.len() > BANDS_LEN_MAX {
            return Err(BandsError::Count);
        }
        if round_to_decimals > ROUND_TO_DECIMALS_MAX {
            return Err(BandsError::Decimals);
        }
        let it = Self {
            round_to_decimals,
            bands,
        };
        let inner = it.bands.len() - 1;
        let lower_ends: Vec<Decimal> = it
            .bands
            .iter()
            .skip(1)
            .filter_map(|band| band.from)
            .collect();
        let upper_ends: Vec<Decimal> = it
            .bands
            .iter()
            .take(inner)
            .filter_map(|band| band.to)
            .collect();
        let open_below = it.bands.first().is_some_and(|band| band.from.is_none());
        let open_above = it.bands.last().is_some_and(|band| band.to.is_none());
        if !open_below || !open_above || lower_ends.len() != inner || upper_ends.len() != inner {
            return Err(BandsError::Ends);
        }
        it.check_steps()?;
        for (to, from) in upper_ends.into_iter().zip(lower_ends) {
            if from.thousandths() != to.thousandths().saturating_add(it.step_thousandths()) {
                return Err(BandsError::Apart { to, from });
            }
        }
        Ok(it)
    }

    fn check_steps(&self) -> Result<(), BandsError> {
        for band in &self.bands {
            for end in [band.from, band.to].into_iter().flatten() {
                if self.rounded(&end).compare(&end).is_ne() {
                    return Err(BandsError::OffStep(end));
                }
            }
            if let (Some(from), Some(to)) = (band.from, band.to)
                && from.compare(&to).is_gt()
            {
                return Err(BandsError::Backwards { from, to });
            }
        }
        Ok(())
    }

    fn step_thousandths(&self) -> i64 {
        match self.round_to_decimals {
            0 => 1_000,
            1 => 100,
            _ => 10,
        }
    }

    /// Rounds a value as it is looked up: to the chart's decimals, a half away from zero.
    pub fn rounded(&self, value: &Decimal) -> Decimal {
        // Out of bounds only for a huge value with fewer decimals than the chart, which rounding would leave as it is.
        value
            .convert(1, 1, self.round_to_decimals)
            .unwrap_or(*value)
    }

    /// Gives the points of a value, which is rounded first so that none falls between two bands.
    pub fn points(&self, value: &Decimal) -> Points {
        let value = self.rounded(value);
        let holds = |band: &&Band| band.to.is_none_or(|to| value.compare(&to).is_le());
        self.bands
            .iter()
            .find(holds)
            .map_or(Points::MAX, |band| band.points)
    }

    /// Gives the bands, lowest first.
    pub fn list(&self) -> &[Band] {
        &self.bands
    }
}

impl TryFrom<UncheckedBands> for Bands {
    type Error = BandsError;

    fn try_from(it: UncheckedBands) -> Result<Self, BandsError> {
        Self::new(it.round_to_decimals, it.bands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads bands written like `..8=3 9..11=1 12..=0`.
    fn bands(round_to_decimals: u8, text: &str) -> Result<Bands, BandsError> {
        let band = |text: &str| {
            let (ends, points) = text.split_once('=').unwrap();
            let (from, to) = ends.split_once("..").unwrap();
            Band {
                from: from.parse().ok(),
                to: to.parse().ok(),
                points: Points::try_from(points.parse::<u8>().unwrap()).unwrap(),
            }
        };
        Bands::new(
            round_to_decimals,
            text.split_whitespace().map(band).collect(),
        )
    }

    #[test]
    fn every_value_is_in_one_band() {
        let it = bands(0, "..8=3 9..11=1 12..=0").unwrap();
        let points = |value: &str| it.points(&value.parse().unwrap()).get();
        assert_eq!(
            [points("-999999999999"), points("8.49"), points("8.5")],
            [3, 3, 1]
        );
        assert_eq!(
            [points("11.49999"), points("11.5"), points("999999999999")],
            [1, 0, 0]
        );
        let it = bands(1, "..35.0=3 35.1..=1").unwrap();
        assert_eq!(it.points(&"35.04".parse().unwrap()).get(), 3);
        assert_eq!(it.points(&"35.05".parse().unwrap()).get(), 1);
        assert_eq!(it.points(&"999999999999".parse().unwrap()).get(), 1);
    }

    #[test]
    fn a_gap_an_overlap_or_a_missing_end_is_refused_by_name() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let apart = |to, from| {
            Err(BandsError::Apart {
                to: decimal(to),
                from: decimal(from),
            })
        };
        assert_eq!(bands(0, "..8=3 10..=1"), apart("8", "10"));
        assert_eq!(bands(0, "..8=3 8..=1"), apart("8", "8"));
        assert_eq!(bands(1, "..35=3 36..=1"), apart("35", "36"));
        assert_eq!(bands(0, "..8=3 9..11=1"), Err(BandsError::Ends));
        assert_eq!(bands(0, "1..8=3 9..=1"), Err(BandsError::Ends));
        assert_eq!(bands(0, "..8=3 9..=1 12..=2"), Err(BandsError::Ends));
        assert_eq!(
            bands(0, "..8.5=3 9..=1"),
            Err(BandsError::OffStep(decimal("8.5")))
        );
        assert_eq!(
            bands(0, "..8=3 9..7=1 8..=2"),
            Err(BandsError::Backwards {
                from: decimal("9"),
                to: decimal("7")
            })
        );
        assert_eq!(bands(0, ""), Err(BandsError::Count));
        assert_eq!(bands(3, "..=0"), Err(BandsError::Decimals));
        let many = Bands::new(
            0,
            vec![bands(0, "..=0").unwrap().bands[0]; BANDS_LEN_MAX + 1],
        );
        assert_eq!(many, Err(BandsError::Count));
    }

    #[test]
    fn what_is_stored_is_checked_when_it_is_read() {
        let text =
            r#"{"round_to_decimals":0,"bands":[{"to":"8","points":3},{"from":"9","points":0}]}"#;
        let it: Bands = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&it).unwrap(), text);
        for (good, bad) in [("\"9\"", "\"10\""), ("3}", "4}"), ("\"to\"", "\"til\"")] {
            assert!(
                serde_json::from_str::<Bands>(&text.replace(good, bad)).is_err(),
                "{bad}"
            );
        }
    }
}
