//! A ladder: from which amount on how many points.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vitals::Decimal;

/// The most rungs of a ladder.
pub const LADDER_LEN_MAX: usize = 8;

/// One rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// The least amount that reaches it.
    pub at_least: Decimal,
    /// The points from there on.
    pub points: u8,
}

/// Rungs, the lowest first: amounts over zero and points both rise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Rung>", into = "Vec<Rung>")]
pub struct Ladder(Vec<Rung>);

/// Rungs that make no ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a ladder has 1 to {LADDER_LEN_MAX} rungs; at_least is over 0, and at_least and points both rise"
)]
pub struct LadderError;

impl Ladder {
    /// Gives the points of an amount: none under the first rung.
    pub fn points(&self, amount: &Decimal) -> u8 {
        let reached = |rung: &&Rung| amount.compare(&rung.at_least).is_ge();
        self.0.iter().rev().find(reached).map_or(0, |it| it.points)
    }

    /// Gives the rungs.
    pub fn rungs(&self) -> &[Rung] {
        &self.0
    }
}

impl TryFrom<Vec<Rung>> for Ladder {
    type Error = LadderError;

    fn try_from(rungs: Vec<Rung>) -> Result<Self, LadderError> {
        let counts = rungs.first().is_some_and(|first| {
            first.at_least.compare(&Decimal::whole(0)).is_gt() && first.points > 0
        });
        let rises = rungs.is_sorted_by(|low, high| {
            low.at_least.compare(&high.at_least).is_lt() && low.points < high.points
        });
        if !counts || !rises || rungs.len() > LADDER_LEN_MAX {
            return Err(LadderError);
        }
        Ok(Self(rungs))
    }
}

impl From<Ladder> for Vec<Rung> {
    fn from(ladder: Ladder) -> Self {
        ladder.0
    }
}
