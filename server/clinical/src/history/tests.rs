//! Histories: bounds, order and writing.

use proptest::prelude::*;

use super::*;
use vitals::{Decimal, ReadingId};

const HOUR: i64 = 3600;

fn uk() -> Zone {
    "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap()
}

fn id(number: u32) -> ReadingId {
    format!("{number:032x}").parse().unwrap()
}

/// A point so many hours after the first moment of 2026, with a value in tenths.
fn point(number: u32, hours: i64, tenths: i64) -> Point {
    let begin: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let at = Timestamp::from_second(begin.as_second() + hours * HOUR).unwrap();
    Point::new(
        at,
        &uk(),
        Decimal::new(tenths, -1).unwrap(),
        id(number),
        false,
    )
}

fn series(points: &[Point]) -> Series {
    let mut series = Series::default();
    for point in points {
        series.insert(*point);
    }
    series
}

fn medians(series: &Series) -> Vec<i64> {
    let days = series.days(i32::MIN, i32::MAX);
    days.iter().map(|it| it.median_thousandths).collect()
}

#[test]
fn a_late_point_is_put_in_its_place_and_a_known_reading_is_not_put_in_again() {
    let mut series = series(&[point(1, 8, 800), point(2, 32, 810)]);
    assert!(series.insert(point(3, 20, 830)));
    assert!(!series.insert(point(3, 20, 830)));
    let ids: Vec<ReadingId> = series.points().iter().map(Point::reading).collect();
    assert_eq!(ids, [id(1), id(3), id(2)]);
    assert_eq!(medians(&series), [81_500, 81_000]);
}

#[test]
fn the_oldest_point_makes_room_and_the_median_of_its_day_follows() {
    let most = u32::try_from(POINTS_LEN_MAX).unwrap();
    let mut full = series(
        &(0..most)
            .map(|n| point(n, i64::from(n) * 12, i64::from(n)))
            .collect::<Vec<_>>(),
    );
    assert_eq!(medians(&full)[0], 50);
    assert!(full.insert(point(most, i64::from(most) * 12, 0)));
    assert_eq!(full.points().len(), POINTS_LEN_MAX);
    assert_eq!(medians(&full)[0], 100);
    assert!(
        !full.insert(point(most + 1, 0, 0)),
        "older than all that are kept"
    );
    assert_eq!(full.points().len(), POINTS_LEN_MAX);
}

#[test]
fn pruning_forgets_points_before_a_time_and_keeps_one_at_it() {
    let mut series = series(&[point(1, 8, 800), point(2, 20, 820), point(3, 32, 810)]);
    series.prune(point(0, 20, 0).at());
    assert_eq!(series.points().len(), 2);
    assert_eq!(medians(&series), [82_000, 81_000]);
    series.prune(Timestamp::MAX);
    assert_eq!(series, Series::default());
}

#[test]
fn what_was_measured_after_a_time_is_not_seen_from_it() {
    let series = series(&[point(1, 8, 800), point(2, 32, 810)]);
    assert_eq!(series.points_until(point(0, 32, 0).at()).len(), 2);
    assert_eq!(series.points_until(point(0, 31, 0).at()).len(), 1);
    assert!(series.points_until(Timestamp::MIN).is_empty());
    let first = series.points()[0].day();
    assert_eq!(series.days(first + 1, first + 1).len(), 1);
    assert!(series.days(first + 1, first).is_empty());
}

#[test]
fn a_day_that_a_change_of_zone_parts_has_one_median() {
    let far_west = "<-10>10".parse().unwrap();
    let moved = |number, at: &str, zone: &Zone, tenths| {
        let value = Decimal::new(tenths, -1).unwrap();
        Point::new(at.parse().unwrap(), zone, value, id(number), false)
    };
    let points = [
        moved(1, "2026-01-01T23:00:00Z", &uk(), 800),
        moved(2, "2026-01-02T01:00:00Z", &uk(), 700),
        moved(3, "2026-01-02T02:00:00Z", &far_west, 900),
    ];
    assert_eq!(medians(&series(&points)), [85_000, 70_000]);
    assert_eq!(Series::from(points.to_vec()), series(&points));
}

#[test]
fn a_reading_is_remembered_once_under_each_of_its_signs() {
    let mut history = History::default();
    let reading = ReadingStored {
        id: id(1),
        values: vec![
            (VitalSign::Systolic, Decimal::whole(128)),
            (VitalSign::Pulse, Decimal::whole(70)),
        ],
        quality: vec![QualityMark::IrregularPulse],
        measured_at: point(1, 8, 0).at(),
        received_at: point(1, 9, 0).at(),
        device: None,
        user: None,
        registered_user: None,
        clock: None,
        drill: false,
    };
    assert!(history.insert(&reading, &uk()));
    assert!(!history.insert(&reading, &uk()));
    let pulse = history.points_until(VitalSign::Pulse, reading.received_at);
    assert!(pulse.len() == 1 && pulse[0].is_irregular());
    assert!(history.series(VitalSign::Weight).is_none());
    history.prune(point(0, 8 + i64::from(DAYS_KEPT) * 24, 0).at());
    assert_eq!(history.series(VitalSign::Pulse).unwrap().points().len(), 1);
    history.prune(point(0, 9 + i64::from(DAYS_KEPT) * 24, 0).at());
    assert!(
        history
            .series(VitalSign::Pulse)
            .unwrap()
            .points()
            .is_empty()
    );
}

#[test]
fn the_newest_answers_are_kept_in_order_and_bounded() {
    let mut history = History::default();
    for hours in [5, 3, 9, 1, 7, 2, 8, 4, 6, 10] {
        history.insert_answers(Answers::at(point(0, hours, 0).at()));
    }
    let newest = |hours: i64| Answers::at(point(0, hours, 0).at());
    assert_eq!(history.answers(), (3..=10).map(newest).collect::<Vec<_>>());
    let mut again = newest(10);
    again.on_oxygen = Some(true);
    for number in 0..=SYMPTOMS_LEN_MAX {
        let symptom = format!("symptom-{number:03}").parse().unwrap();
        again.symptoms.insert(symptom, true);
    }
    history.insert_answers(again);
    assert_eq!(history.answers().len(), ANSWERS_LEN_MAX);
    let last = history.answers().last().unwrap();
    assert_eq!(last.symptoms.len(), SYMPTOMS_LEN_MAX);
    assert_eq!(last.on_oxygen, Some(true));
    let text = serde_json::to_string(&history).unwrap();
    assert_eq!(serde_json::from_str::<History>(&text).unwrap(), history);
    assert!(serde_json::from_str::<History>(r#"{"serie":{}}"#).is_err());
}

/// The median of a day by its definition, over all points there are.
fn naive_days(points: &[Point]) -> Vec<DayMedian> {
    let mut by_day: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for point in points {
        by_day
            .entry(point.day())
            .or_default()
            .push(point.thousandths());
    }
    let median_of = |mut values: Vec<i64>| {
        values.sort_unstable();
        let middle = values.len() / 2;
        if values.len() % 2 == 1 {
            values[middle]
        } else {
            (values[middle - 1] + values[middle]).div_euclid(2)
        }
    };
    let day = |(day, values)| DayMedian {
        day,
        median_thousandths: median_of(values),
    };
    by_day.into_iter().map(day).collect()
}

proptest! {
    #[test]
    fn order_of_arrival_makes_no_difference_and_medians_are_those_of_the_points(
        hours in proptest::collection::vec((0_i64..24 * 40, 700_i64..900), 0..400),
        seed in any::<u64>(),
        pruned_hours in 0_i64..400,
    ) {
        let points: Vec<Point> = (0_u32..).zip(&hours).map(|(n, (hours, tenths))| point(n, *hours, *tenths)).collect();
        let mut shuffled = points.clone();
        shuffled.sort_by_key(|it| it.reading().to_string().bytes().fold(seed, |a, b| a.rotate_left(7).wrapping_mul(0x9E37_79B9) ^ u64::from(b)));
        let (mut one, mut other) = (series(&points), series(&shuffled));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(&Series::from(shuffled), &other);
        prop_assert_eq!(one.days(i32::MIN, i32::MAX), naive_days(one.points()));
        let text = serde_json::to_string(&one).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Series>(&text).unwrap(), &one);
        let before = point(0, pruned_hours, 0).at();
        one.prune(before);
        prop_assert!(one.points().iter().all(|it| it.at() >= before));
        prop_assert_eq!(one.days(i32::MIN, i32::MAX), naive_days(one.points()));
        other.prune(before);
        prop_assert_eq!(one, other);
    }
}
