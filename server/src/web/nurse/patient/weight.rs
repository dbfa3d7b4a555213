//! Weight: how far it went in one, three and seven days.

use clinical::history::{DayMedian, Point};
use clinical::{Case, VitalSign};
use jiff::Timestamp;
use vitals::Decimal;

use clinical::history::tenths;

use super::situation::SummaryView;
use crate::web::chart_flags::Gain;

/// Over how many days.
const SPANS: [i32; 3] = [1, 3, 7];
/// The span that the chart shows.
const CHARTED: i32 = 3;
/// How many days earlier than asked a weighing may be to be compared with.
const DAYS_EARLIER_MAX: i32 = 2;

/// A change of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    /// Between how many local days it lies.
    days: i32,
    /// What it was then, in grams: the median of that day.
    from: i64,
    /// How far it went since, in grams.
    by: i64,
    /// The day that it is compared with.
    day: i32,
}

/// Compares the newest weight with that of a day so long ago, or shortly before.
fn change(newest: &Point, days: &[DayMedian], span: i32) -> Option<Change> {
    let latest = newest.day().saturating_sub(span);
    let earliest = latest.saturating_sub(DAYS_EARLIER_MAX);
    let then = days
        .iter()
        .rev()
        .find(|it| (earliest..=latest).contains(&it.day))?;
    Some(Change {
        days: newest.day().saturating_sub(then.day),
        from: then.median_thousandths,
        by: newest.thousandths().saturating_sub(then.median_thousandths),
        day: then.day,
    })
}

fn said(change: &Change) -> String {
    let sign = if change.by > 0 { "+" } else { "" };
    let days = if change.days == 1 { "day" } else { "days" };
    format!("{sign}{} kg in {} {days}", tenths(change.by), change.days)
}

/// Says how far the weight went in each span; nothing for a patient who is not weighed.
pub(super) fn summary(case: &Case) -> Option<SummaryView> {
    let (newest, days) = weighed(case)?;
    let changes = SPANS.map(|span| match change(newest, days, span) {
        Some(found) => said(&found),
        None if span == 1 => "not weighed the day before".to_owned(),
        None => format!("not weighed {span} days before"),
    });
    Some(SummaryView {
        what: "Weight change".to_owned(),
        value: changes.join("; "),
        how: format!(
            "Newest weight {} kg against the median of a day 1, 3 and 7 days before it, or up to {DAYS_EARLIER_MAX} days earlier.",
            tenths(newest.thousandths())
        ),
    })
}

/// Gives what the chart marks: the change over three days.
pub(super) fn gain(case: &Case, now: Timestamp) -> Option<Gain> {
    let (newest, days) = weighed(case)?;
    let found = change(newest, days, CHARTED)?;
    let points = case.history().points_until(VitalSign::Weight, now);
    let from = points.iter().rev().find(|it| it.day() == found.day)?;
    Some(Gain {
        from: (from.at(), Decimal::new(found.from, -3).ok()?),
        to: (newest.at(), *newest.value()),
        text: said(&found),
    })
}

fn weighed(case: &Case) -> Option<(&Point, &[DayMedian])> {
    let series = case.history().series(VitalSign::Weight)?;
    let newest = series.points().last()?;
    Some((newest, series.days(i32::MIN, newest.day())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::Zone;

    fn newest(day: &str, value: &str) -> Point {
        let at = format!("{day}T07:00:00Z").parse().unwrap();
        let reading = "00112233445566778899aabbccddeeff".parse().unwrap();
        Point::new(at, &Zone::utc(), value.parse().unwrap(), reading, false)
    }

    #[test]
    fn the_newest_weight_is_compared_with_a_day_so_long_ago_or_shortly_before() {
        // 2026-03-14 is day 20526.
        let newest = newest("2026-03-14", "82.50");
        let day = |day, median_thousandths| DayMedian {
            day,
            median_thousandths,
        };
        let days = [
            day(20_518, 80_000),
            day(20_522, 81_000),
            day(20_525, 82_600),
        ];
        let said = |span| change(&newest, &days, span).map(|it| said(&it));
        assert_eq!(said(1).unwrap(), "-0.1 kg in 1 day");
        assert_eq!(said(3).unwrap(), "+1.5 kg in 4 days");
        assert_eq!(said(7).unwrap(), "+2.5 kg in 8 days");
        assert_eq!(change(&newest, &days[2..], 3), None);
        assert_eq!(change(&newest, &[], 1), None);
    }
}
