//! Dice: seeded chance, in whole numbers, so that the same seed gives the same stream on every machine.

/// A small generator (SplitMix64). Each question has its own, seeded by what it is about, so that one more answer to one
/// question moves no other.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Makes the dice of one question, such as a seed, a patient, a day and a vital sign.
    pub(crate) fn of(question: &[i64]) -> Self {
        let mut dice = Self(0x9E37_79B9_7F4A_7C15);
        for part in question {
            dice.0 ^= part.cast_unsigned();
            dice.0 = dice.roll();
        }
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Rolls a number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let sides = (high - low + 1).cast_unsigned();
        low + (self.roll() % sides).cast_signed()
    }

    /// Rolls about normally: the sum of twelve even throws, never further than six standard deviations.
    pub(crate) fn normal(&mut self, mean: i64, deviation: i64) -> i64 {
        let half = deviation / 2;
        mean + (0..12).map(|_| self.between(-half, half)).sum::<i64>()
    }

    /// Tells whether something happens that happens `per_thousand` times in a thousand.
    pub(crate) fn happens(&mut self, per_thousand: i64) -> bool {
        self.between(1, 1000) <= per_thousand
    }

    /// Picks one of several by their weights.
    pub(crate) fn pick<T: Copy>(&mut self, weighted: &[(i64, T)]) -> Option<T> {
        let mut left = self.between(1, weighted.iter().map(|(weight, _)| weight).sum());
        weighted.iter().find_map(|(weight, it)| {
            left -= weight;
            (left <= 0).then_some(*it)
        })
    }
}
