//! Checks of a rule's numbers, each refused by its name.

use thiserror::Error;
use vitals::Decimal;

use super::RuleId;

/// The longest source of a rule, in characters.
pub const SOURCE_LEN_MAX: usize = 500;

/// A rule that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("rule {rule}: {wrong}")]
pub struct RuleError {
    /// The rule.
    pub rule: RuleId,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Wrong {
    /// Nobody could tell where its numbers come from.
    #[error("source must be 1 to {SOURCE_LEN_MAX} characters")]
    Source,
    /// A count is out of its range.
    #[error("{name} must be {least} to {most}, found {found}")]
    Range {
        /// The field.
        name: &'static str,
        /// The smallest value allowed.
        least: u32,
        /// The largest value allowed.
        most: u32,
        /// The value found.
        found: u32,
    },
    /// A number that must be over zero is not.
    #[error("{name} must be over 0, found {found}")]
    NotPositive {
        /// The field.
        name: &'static str,
        /// The value found.
        found: Decimal,
    },
    /// Changes are worked out in thousandths.
    #[error("{name} must have at most 3 decimals, found {found}")]
    TooFine {
        /// The field.
        name: &'static str,
        /// The value found.
        found: Decimal,
    },
    /// A second level that would be reached before the first.
    #[error("{name} must be over the first level's, found {found}")]
    SecondLevel {
        /// The field.
        name: &'static str,
        /// The value found.
        found: Decimal,
    },
    /// A rule without a limit would never hold.
    #[error("limits must name at least one limit")]
    NoLimits,
    /// One time of day would belong to two sessions.
    #[error("morning must end before evening begins")]
    SessionsOverlap,
}

/// Checks that a count is in a range.
pub(super) fn between(
    name: &'static str,
    found: impl Into<u32>,
    least: u32,
    most: impl Into<u32>,
) -> Result<(), Wrong> {
    let (found, most) = (found.into(), most.into());
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(Wrong::Range {
            name,
            least,
            most,
            found,
        })
    }
}

/// Checks that a number is over zero and exact in thousandths.
pub(super) fn amount(name: &'static str, found: Decimal) -> Result<(), Wrong> {
    if found.thousandths() <= 0 {
        return Err(Wrong::NotPositive { name, found });
    }
    fine(name, found)
}

/// Checks that a number is exact in thousandths.
pub(super) fn fine(name: &'static str, found: Decimal) -> Result<(), Wrong> {
    let exact = Decimal::new(found.thousandths(), -3);
    if exact.is_ok_and(|exact| exact.compare(&found).is_eq()) {
        Ok(())
    } else {
        Err(Wrong::TooFine { name, found })
    }
}
