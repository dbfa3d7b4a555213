//! Range: whole days, by each home's own calendar.

use anyhow::ensure;
use clinical::Zone;
use jiff::Timestamp;
use jiff::civil::Date;

/// From the first day to the last, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Range {
    /// Gives its first moment and the first one after it, which is never after now: what has not happened yet is not
    /// made up.
    ///
    /// # Errors
    /// When the last day is before the first, or the first has not come.
    pub fn times(&self, zone: &Zone, now: Timestamp) -> anyhow::Result<(Timestamp, Timestamp)> {
        let Self { from, to } = self;
        ensure!(
            from <= to,
            "--to {to} is before --from {from}; exchange them"
        );
        let (begins, ends) = (zone.midnight(*from), zone.midnight_after(*to));
        ensure!(
            begins < now,
            "--from {from} has not come yet; choose an earlier day"
        );
        Ok((begins, ends.min(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(from: &str, to: &str, now: &str) -> anyhow::Result<(Timestamp, Timestamp)> {
        let range = Range {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        };
        let zone = "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap();
        range.times(&zone, now.parse().unwrap())
    }

    #[test]
    fn both_days_count_by_the_homes_calendar() {
        let (from, to) = times("2026-07-01", "2026-07-02", "2027-01-01T00:00:00Z").unwrap();
        assert_eq!(from.to_string(), "2026-06-30T23:00:00Z");
        assert_eq!(to.to_string(), "2026-07-02T23:00:00Z");
    }

    #[test]
    fn what_has_not_happened_is_not_made_up() {
        let now = "2026-07-01T12:00:00Z";
        let (_, to) = times("2026-07-01", "2026-07-31", now).unwrap();
        assert_eq!(to.to_string(), now);
        assert!(times("2026-07-02", "2026-07-02", now).is_err());
        assert!(times("2026-06-02", "2026-06-01", now).is_err());
    }
}
