//! The median of a few numbers.

/// Gives the middle number, or the mean of the two middle ones rounded down; `None` of nothing. It puts the numbers in
/// order.
pub(crate) fn median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    let high = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(high);
    }
    let low = *values.get(values.len() / 2 - 1)?;
    Some(low.saturating_add(high.saturating_sub(low) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_even_count_gives_the_mean_of_the_middle_two_rounded_down() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [7]), Some(7));
        assert_eq!(median(&mut [9, 2]), Some(5));
        assert_eq!(median(&mut [-9, -2]), Some(-6));
        assert_eq!(median(&mut [5, 1, 9]), Some(5));
        assert_eq!(median(&mut [4, 1, 9, 5]), Some(4));
    }

    proptest! {
        #[test]
        fn no_more_than_half_of_the_numbers_lie_on_either_side(
            mut values in proptest::collection::vec(-1_000_000_i64..1_000_000, 1..60),
        ) {
            let middle = median(&mut values).unwrap();
            let under = values.iter().filter(|it| **it < middle).count();
            let over = values.iter().filter(|it| **it > middle).count();
            prop_assert!(under * 2 <= values.len() && over * 2 <= values.len());
        }
    }
}
