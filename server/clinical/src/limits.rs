//! Limits of one vital sign, at two levels on both sides.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::Decimal;

use crate::alert::Priority;

/// How bad a breach is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// To be looked at today.
    Soon,
    /// To be looked at now.
    Urgent,
}

impl Level {
    /// Gives the priority of an alert that this breach raises.
    pub fn priority(self) -> Priority {
        match self {
            Self::Soon => Priority::Soon,
            Self::Urgent => Priority::Urgent,
        }
    }
}

/// On which side of the range a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// At or under a lower limit.
    Low,
    /// At or over an upper limit.
    High,
}

/// A limit that a value reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// How bad it is.
    pub level: Level,
    /// On which side.
    pub side: Side,
    /// The limit, in the sign's unit.
    pub limit: Decimal,
}

/// The limits of one vital sign. A value *at* a limit has reached it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedLimits")]
pub struct Limits {
    /// Urgent at or under this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    urgent_low: Option<Decimal>,
    /// Soon at or under this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    soon_low: Option<Decimal>,
    /// Soon at or over this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    soon_high: Option<Decimal>,
    /// Urgent at or over this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    urgent_high: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedLimits {
    urgent_low: Option<Decimal>,
    soon_low: Option<Decimal>,
    soon_high: Option<Decimal>,
    urgent_high: Option<Decimal>,
}

/// Limits out of order: some value would be two things at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "limits must rise from urgent_low over soon_low and soon_high to urgent_high, but {lower} is not under {upper}"
)]
pub struct LimitsError {
    lower: Decimal,
    upper: Decimal,
}

impl Limits {
    /// Checks the order of the limits that are given.
    ///
    /// # Errors
    /// When they do not rise.
    pub fn new(
        urgent_low: Option<Decimal>,
        soon_low: Option<Decimal>,
        soon_high: Option<Decimal>,
        urgent_high: Option<Decimal>,
    ) -> Result<Self, LimitsError> {
        let given: Vec<Decimal> = [urgent_low, soon_low, soon_high, urgent_high]
            .into_iter()
            .flatten()
            .collect();
        match given
            .windows(2)
            .find(|pair| pair[0].compare(&pair[1]).is_ge())
        {
            Some(pair) => Err(LimitsError {
                lower: pair[0],
                upper: pair[1],
            }),
            None => Ok(Self {
                urgent_low,
                soon_low,
                soon_high,
                urgent_high,
            }),
        }
    }

    /// Finds the worst limit that a value has reached.
    pub fn breach(&self, value: &Decimal) -> Option<Breach> {
        let under = |limit: &Decimal| value.compare(limit).is_le();
        let over = |limit: &Decimal| value.compare(limit).is_ge();
        let reached =
            |limit: Option<Decimal>, level, side| limit.map(|limit| Breach { level, side, limit });
        None.or(reached(
            self.urgent_low.filter(under),
            Level::Urgent,
            Side::Low,
        ))
        .or(reached(
            self.urgent_high.filter(over),
            Level::Urgent,
            Side::High,
        ))
        .or(reached(self.soon_low.filter(under), Level::Soon, Side::Low))
        .or(reached(
            self.soon_high.filter(over),
            Level::Soon,
            Side::High,
        ))
    }

    /// Tells whether a value is within `margin` of a *soon* limit on its inner side, or beyond: not yet well inside.
    pub fn is_near(&self, value: &Decimal, margin: &Decimal) -> bool {
        let (value, margin) = (value.thousandths(), margin.thousandths());
        let low = self.soon_low.or(self.urgent_low);
        let high = self.soon_high.or(self.urgent_high);
        low.is_some_and(|limit| value < limit.thousandths().saturating_add(margin))
            || high.is_some_and(|limit| value > limit.thousandths().saturating_sub(margin))
    }

    /// Lists the limits that are set, for drawing and printing.
    pub fn lines(&self) -> Vec<Breach> {
        let line =
            |limit: Option<Decimal>, level, side| limit.map(|limit| Breach { level, side, limit });
        [
            line(self.urgent_low, Level::Urgent, Side::Low),
            line(self.soon_low, Level::Soon, Side::Low),
            line(self.soon_high, Level::Soon, Side::High),
            line(self.urgent_high, Level::Urgent, Side::High),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl TryFrom<UncheckedLimits> for Limits {
    type Error = LimitsError;

    fn try_from(it: UncheckedLimits) -> Result<Self, LimitsError> {
        Self::new(it.urgent_low, it.soon_low, it.soon_high, it.urgent_high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn limits(text: &str) -> Result<Limits, LimitsError> {
        let mut given = text.split_whitespace().map(|it| it.parse().ok());
        let mut next = || given.next().flatten();
        Limits::new(next(), next(), next(), next())
    }

    /// The edges of every band: a value at a limit has reached it.
    #[test]
    fn each_edge_belongs_to_the_worse_side() {
        let systolic = limits("90 100 135 180").unwrap();
        let level = |value: &str| {
            systolic
                .breach(&decimal(value))
                .map(|it| (it.level, it.side))
        };
        assert_eq!(level("90"), Some((Level::Urgent, Side::Low)));
        assert_eq!(level("90.1"), Some((Level::Soon, Side::Low)));
        assert_eq!(level("100"), Some((Level::Soon, Side::Low)));
        assert_eq!(level("100.5"), None);
        assert_eq!(level("134.9"), None);
        assert_eq!(level("135.0"), Some((Level::Soon, Side::High)));
        assert_eq!(level("179"), Some((Level::Soon, Side::High)));
        assert_eq!(level("180"), Some((Level::Urgent, Side::High)));
    }

    #[test]
    fn a_side_without_limits_is_never_breached() {
        let oxygen = limits("92 94 - -").unwrap();
        assert_eq!(oxygen.breach(&decimal("100")), None);
        assert_eq!(oxygen.breach(&decimal("92")).unwrap().level, Level::Urgent);
        assert_eq!(Limits::default().breach(&decimal("0.1")), None);
    }

    #[test]
    fn limits_out_of_order_are_refused_by_name() {
        let error = limits("100 90 135 180").unwrap_err();
        assert!(error.to_string().contains("100 is not under 90"), "{error}");
        assert!(limits("90 100 100 180").is_err());
        let unordered = r#"{"soon_high":"180","urgent_high":"135"}"#;
        assert!(serde_json::from_str::<Limits>(unordered).is_err());
        assert!(serde_json::from_str::<Limits>(r#"{"soon_hihg":"180"}"#).is_err());
    }
}
