//! Measures of alerts: pure sums and percentiles over what is counted about each.

use jiff::SignedDuration;

use crate::store::quality::QualityRow;

/// The outcome that says that an alert was not clinically relevant.
const NOT_RELEVANT: &str = "limits_need_changing";
/// What one person can take up, by EEMUA 191 (edition 3, 2013): one alarm in ten minutes, averaged over time, is the most
/// that is very likely to be acceptable. Here in alerts per hundred nurse-hours.
pub(super) const PER_HUNDRED_HOURS_MAX: i64 = 600;

const US_PER_MINUTE: i64 = 60_000_000;

/// What is measured about some alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) alerts_len: i64,
    pub(super) closed_len: i64,
    pub(super) not_relevant_len: i64,
    pub(super) overdue_len: i64,
    pub(super) snoozed_len: i64,
    /// What raised them held no longer before anyone looked.
    pub(super) unseen_len: i64,
    pub(super) take: Spread,
    pub(super) close: Spread,
}

/// How long something took, in minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spread {
    /// Of how many.
    pub(super) len: i64,
    pub(super) median: Option<i64>,
    pub(super) most: Option<i64>,
}

impl Measure {
    /// Measures some alerts.
    pub(super) fn of<'a>(rows: impl IntoIterator<Item = &'a QualityRow>) -> Self {
        let mut measure = Self::default();
        let (mut take, mut close) = (Vec::new(), Vec::new());
        for row in rows {
            measure.alerts_len += 1;
            measure.overdue_len += row.overdue_len;
            measure.snoozed_len += row.snoozed_len;
            let cleared = row.first_cleared_at;
            let before_taken = |at: i64| row.first_taken_at.is_none_or(|taken| at < taken);
            measure.unseen_len += i64::from(cleared.is_some_and(before_taken));
            if let Some(taken) = row.first_taken_at {
                take.push((taken - row.opened_at) / US_PER_MINUTE);
            }
            if let Some(closed) = row.closed_at {
                measure.closed_len += 1;
                measure.not_relevant_len += i64::from(row.outcome.as_deref() == Some(NOT_RELEVANT));
                close.push((closed - row.opened_at) / US_PER_MINUTE);
            }
        }
        measure.take = Spread::of(take);
        measure.close = Spread::of(close);
        measure
    }

    /// Gives the share of the closed alerts that were not clinically relevant, in tenths of a percent.
    pub(super) fn not_relevant_permille(&self) -> Option<i64> {
        permille(self.not_relevant_len, self.closed_len)
    }

    /// Gives the alerts per hundred hours that nurses were at work; `None` when nobody was.
    pub(super) fn per_hundred_hours(&self, worked: SignedDuration) -> Option<i64> {
        let seconds = worked.as_secs();
        (seconds > 0).then(|| self.alerts_len.saturating_mul(360_000) / seconds)
    }
}

impl Spread {
    fn of(mut minutes: Vec<i64>) -> Self {
        minutes.sort_unstable();
        Self {
            len: i64::try_from(minutes.len()).unwrap_or(i64::MAX),
            median: percentile(&minutes, 50),
            most: percentile(&minutes, 95),
        }
    }
}

/// Gives the value that `percent` of the values do not exceed, by nearest rank; the values are in order.
fn percentile(ordered: &[i64], percent: usize) -> Option<i64> {
    let rank = (ordered.len() * percent).div_ceil(100);
    ordered.get(rank.max(1) - 1).copied()
}

/// Gives the most alerts that were opened within any ten minutes: an average hides a flood.
pub(super) fn busiest(rows: &[QualityRow]) -> i64 {
    let mut opened: Vec<i64> = rows.iter().map(|it| it.opened_at).collect();
    opened.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (last, at) in opened.iter().enumerate() {
        while opened
            .get(first)
            .is_some_and(|it| at - it >= 10 * US_PER_MINUTE)
        {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    i64::try_from(most).unwrap_or(i64::MAX)
}

fn permille(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 1000 + whole / 2) / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minutes: [Option<i64>; 3], outcome: Option<&str>) -> QualityRow {
        let at = |minute: i64| 1_000 + minute * US_PER_MINUTE;
        let [taken, closed, cleared] = minutes.map(|it| it.map(at));
        QualityRow {
            team: "north".to_owned(),
            patient: "ivor".to_owned(),
            problem: "oxygen".to_owned(),
            opened_at: at(0),
            first_taken_at: taken,
            closed_at: closed,
            outcome: outcome.map(str::to_owned),
            first_cleared_at: cleared,
            snoozed_len: 1,
            overdue_len: 2,
            in_sight: 1,
        }
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 50), Some(50));
        assert_eq!(percentile(&hundred, 95), Some(95));
        assert_eq!(percentile(&[7], 95), Some(7));
        assert_eq!(percentile(&[1, 2], 50), Some(1));
        assert_eq!(percentile(&[1, 2, 9], 95), Some(9));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn alerts_are_measured_with_what_nobody_looked_at_in_time() {
        let rows = [
            row([Some(10), Some(40), Some(5)], Some(NOT_RELEVANT)),
            row([Some(20), Some(60), Some(30)], Some("advice_given")),
            row([None, Some(90), Some(80)], Some("by_itself")),
            row([None, None, None], None),
        ];
        let measure = Measure::of(&rows);
        assert_eq!((measure.alerts_len, measure.closed_len), (4, 3));
        assert_eq!(measure.not_relevant_permille(), Some(333));
        assert_eq!(measure.unseen_len, 2, "the first and the third");
        assert_eq!((measure.overdue_len, measure.snoozed_len), (8, 4));
        let take = Spread {
            len: 2,
            median: Some(10),
            most: Some(20),
        };
        assert_eq!(measure.take, take);
        assert_eq!(measure.close.median, Some(60));
        assert_eq!(Measure::default().not_relevant_permille(), None);
    }

    #[test]
    fn the_busiest_ten_minutes_are_found_wherever_they_begin() {
        let opened = |minutes: &[i64]| {
            let rows = minutes.iter().map(|minute| QualityRow {
                opened_at: minute * US_PER_MINUTE,
                ..row([None, None, None], None)
            });
            busiest(&rows.collect::<Vec<_>>())
        };
        assert_eq!(
            opened(&[0, 30, 9, 12, 18, 19]),
            3,
            "19 is ten minutes after 9"
        );
        assert_eq!(opened(&[0, 10, 20]), 1);
        assert_eq!(opened(&[]), 0);
    }

    #[test]
    fn the_rate_is_of_the_hours_that_nurses_were_at_work() {
        let measure = Measure {
            alerts_len: 12,
            ..Measure::default()
        };
        assert_eq!(
            measure.per_hundred_hours(SignedDuration::from_hours(2)),
            Some(PER_HUNDRED_HOURS_MAX)
        );
        assert_eq!(
            measure.per_hundred_hours(SignedDuration::from_hours(48)),
            Some(25)
        );
        assert_eq!(measure.per_hundred_hours(SignedDuration::ZERO), None);
    }
}
