//! When readings are expected: over clock changes, pauses and a whole year.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use clinical::schedule::{MissedStep, WINDOWS_LEN_MAX};
use clinical::{Due, Expected, Measured, Pause, PauseReason, Zone};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

const UK: &str = "GMT0BST,M3.5.0/1,M10.5.0";

fn zone(text: &str) -> Zone {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn expected(every: &str, windows: &[&str]) -> Expected {
    Expected {
        what: Measured::BloodPressure,
        every: every.parse().unwrap(),
        windows: windows.iter().map(|it| it.parse().unwrap()).collect(),
        grace_minutes: 60,
        nudge_after: 1,
        check_after: 3,
        source: "BIHS home blood pressure diary".to_owned(),
    }
}

fn pause(from: &str, until: &str) -> Pause {
    Pause {
        from: at(from),
        until: at(until),
        reason: PauseReason::Holiday,
    }
}

/// Every window that opens after a moment and before another, as the chain of next windows meets them.
fn chain(it: &Expected, zone: &Zone, pauses: &[Pause], from: &str, until: &str) -> Vec<Due> {
    let first = it.next_window(at(from), zone, pauses);
    let next = |due: &Due| it.next_window(due.opens, zone, pauses);
    std::iter::successors(first, next)
        .take_while(|due| due.opens < at(until))
        .collect()
}

fn times(found: &[Due]) -> Vec<String> {
    let time = |due: &Due| format!("{} {}", due.opens, due.closes);
    found.iter().map(time).collect()
}

#[test]
fn windows_follow_the_clock_on_the_wall_over_the_change_in_march() {
    let diary = expected("daily", &["06:00-12:00", "18:00-24:00"]);
    let found = chain(
        &diary,
        &zone(UK),
        &[],
        "2026-03-28T07:00:00Z",
        "2026-03-30T00:00:00Z",
    );
    assert_eq!(
        times(&found),
        [
            "2026-03-28T18:00:00Z 2026-03-29T00:00:00Z",
            "2026-03-29T05:00:00Z 2026-03-29T11:00:00Z",
            "2026-03-29T17:00:00Z 2026-03-29T23:00:00Z",
        ]
    );
    assert_eq!(found[1].due_at, at("2026-03-29T12:00:00Z"));
}

#[test]
fn windows_follow_the_clock_on_the_wall_over_the_change_in_october() {
    let diary = expected("daily", &["06:00-12:00", "18:00-24:00"]);
    let found = chain(
        &diary,
        &zone(UK),
        &[],
        "2026-10-24T06:00:00Z",
        "2026-10-25T20:00:00Z",
    );
    assert_eq!(
        times(&found),
        [
            "2026-10-24T17:00:00Z 2026-10-24T23:00:00Z",
            "2026-10-25T06:00:00Z 2026-10-25T12:00:00Z",
            "2026-10-25T18:00:00Z 2026-10-26T00:00:00Z",
        ]
    );
}

#[test]
fn a_window_over_the_skipped_hour_is_shorter_and_over_the_repeated_hour_longer() {
    let night = expected("daily", &["00:30-02:30"]);
    let day = |from: &str, until: &str| times(&chain(&night, &zone(UK), &[], from, until));
    assert_eq!(
        day("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        ["2026-03-29T00:30:00Z 2026-03-29T01:30:00Z"]
    );
    assert_eq!(
        day("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
        ["2026-10-24T23:30:00Z 2026-10-25T02:30:00Z"]
    );
}

#[test]
fn a_window_partly_skipped_begins_at_the_change_and_one_wholly_skipped_is_not_that_day() {
    let night = expected("daily", &["01:00-01:30", "01:30-02:15", "02:15-03:00"]);
    let found = chain(
        &night,
        &zone(UK),
        &[],
        "2026-03-28T12:00:00Z",
        "2026-03-29T12:00:00Z",
    );
    assert_eq!(
        times(&found),
        [
            "2026-03-29T01:00:00Z 2026-03-29T01:15:00Z",
            "2026-03-29T01:15:00Z 2026-03-29T02:00:00Z",
        ]
    );
}

#[test]
fn only_the_days_that_are_named_count_and_a_window_has_its_first_moment() {
    let it = expected("mon, thu", &["06:00-10:00"]);
    let found = chain(
        &it,
        &zone(UK),
        &[],
        "2026-01-05T06:00:00Z",
        "2026-01-13T00:00:00Z",
    );
    assert_eq!(
        times(&found),
        [
            "2026-01-08T06:00:00Z 2026-01-08T10:00:00Z",
            "2026-01-12T06:00:00Z 2026-01-12T10:00:00Z",
        ]
    );
    let open = |moment: &str| it.window_at(at(moment), &zone(UK), &[]).is_some();
    assert!(open("2026-01-05T06:00:00Z"));
    assert!(!open("2026-01-05T10:00:00Z"));
    assert!(!open("2026-01-06T06:00:00Z"));
}

#[test]
fn a_pause_takes_the_windows_whose_end_it_covers() {
    let diary = expected("daily", &["06:00-12:00", "18:00-24:00"]);
    let found = |from: &str, until: &str| {
        let pauses = [pause(from, until)];
        let it = chain(
            &diary,
            &zone(UK),
            &pauses,
            "2026-01-05T00:00:00Z",
            "2026-01-07T00:00:00Z",
        );
        it.iter()
            .map(|due| due.closes.to_string())
            .collect::<Vec<_>>()
    };
    let (a, b, c, d) = (
        "2026-01-05T12:00:00Z",
        "2026-01-06T00:00:00Z",
        "2026-01-06T12:00:00Z",
        "2026-01-07T00:00:00Z",
    );
    // Left at eleven: the first window's end is covered. Back at eleven the next day: that window is expected.
    assert_eq!(
        found("2026-01-05T11:00:00Z", "2026-01-06T11:00:00Z"),
        [c, d]
    );
    // A pause that ends as a window ends covers its last moment; one that begins then does not.
    assert_eq!(found("2026-01-05T18:00:00Z", b), [a, c, d]);
    assert_eq!(found(b, c), [a, b, d]);
    let outside = diary.window_at(
        at("2026-01-05T09:00:00Z"),
        &zone(UK),
        &[pause("2026-01-05T11:00:00Z", c)],
    );
    assert_eq!(outside, None);
}

#[test]
fn after_a_long_pause_and_many_short_ones_the_next_window_is_found() {
    let diary = expected("daily", &["06:00-12:00", "18:00-24:00"]);
    let long = [
        pause("2026-01-05T00:00:00Z", "2026-12-20T07:00:00Z"),
        pause("2026-12-20T07:00:00Z", "2026-12-27T13:00:00Z"),
    ];
    let next = |pauses: &[Pause]| diary.next_window(at("2026-01-05T00:00:00Z"), &zone(UK), pauses);
    assert_eq!(next(&long).unwrap().opens, at("2026-12-27T18:00:00Z"));
    let day = |n: i64| at("2026-01-05T00:00:00Z") + SignedDuration::from_hours(24 * n);
    let daily: Vec<Pause> = (0..60)
        .map(|n| Pause {
            from: day(n),
            until: day(n + 1),
            reason: PauseReason::Hospital,
        })
        .collect();
    assert_eq!(next(&daily).unwrap().opens, at("2026-03-06T06:00:00Z"));
}

#[test]
fn missed_windows_in_a_row_ask_for_a_nudge_and_then_for_a_nurse() {
    let it = expected("daily", &["06:00-12:00"]);
    let steps: Vec<_> = (0..5).map(|missed| it.step_after(missed)).collect();
    let (wait, nudge, check) = (MissedStep::Wait, MissedStep::Nudge, MissedStep::Check);
    assert_eq!(steps, [wait, nudge, nudge, check, check]);
    let frail = Expected {
        check_after: 1,
        ..it
    };
    assert_eq!(frail.step_after(1), check);
}

#[test]
fn what_cannot_be_expected_is_refused_with_a_sentence() {
    let good = expected("daily", &["06:00-12:00", "12:00-24:00"]);
    assert_eq!(good.check(), Ok(()));
    let said = |it: Expected| it.check().unwrap_err().to_string();
    let many = vec!["06:00-06:01".parse().unwrap(); WINDOWS_LEN_MAX + 1];
    let cases: [(Expected, &str); 8] = [
        (expected("daily", &[]), "no windows"),
        (
            expected("daily", &["06:00-12:00", "11:00-13:00"]),
            "11:00-13:00 must begin after 06:00-12:00",
        ),
        (
            expected("daily", &["18:00-24:00", "06:00-12:00"]),
            "must begin after",
        ),
        (
            Expected {
                windows: many,
                ..good.clone()
            },
            "more than 12 windows",
        ),
        (
            Expected {
                grace_minutes: 1441,
                ..good.clone()
            },
            "1440 minutes",
        ),
        (
            Expected {
                nudge_after: 0,
                ..good.clone()
            },
            "1 is the least",
        ),
        (
            Expected {
                source: " ".to_owned(),
                ..good.clone()
            },
            "where its numbers are from",
        ),
        (
            Expected {
                source: "x".repeat(501),
                ..good.clone()
            },
            "source is too long",
        ),
    ];
    for (wrong, words) in cases {
        let said = said(wrong);
        assert!(said.contains(words), "{said}");
    }
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    // The United Kingdom; none; New York; Lord Howe (half an hour); Cuba and Greenland (changes about midnight).
    prop::sample::select(vec![
        UK,
        "UTC0",
        "EST5EDT,M3.2.0,M11.1.0",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "CST5CDT,M3.2.0/0,M11.1.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    ])
}

fn any_expected() -> impl Strategy<Value = Expected> {
    let edges = prop::collection::btree_set(0..=1440_u16, 2..=8);
    let days =
        prop::sample::subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..=7);
    (edges, days).prop_map(|(edges, days)| {
        let edges: Vec<u16> = edges.into_iter().collect();
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let windows: Vec<String> = edges
            .chunks_exact(2)
            .map(|pair| format!("{}-{}", text(pair[0]), text(pair[1])))
            .collect();
        let windows: Vec<&str> = windows.iter().map(String::as_str).collect();
        expected(&days.join(","), &windows)
    })
}

/// Windows of a year, counted on the calendar and not by the schedule's own search: those that the day's clock shows.
fn windows_of_2026(it: &Expected, zone: &Zone) -> usize {
    let days = std::iter::successors(Some(date(2026, 1, 1)), |day| Some(*day + 1.day())).take(365);
    let of_day = |day: jiff::civil::Date| {
        let windows = it.windows.iter().filter(|_| it.every.has(day.weekday()));
        windows
            .filter(|window| window.on(day, zone).is_some())
            .count()
    };
    days.map(of_day).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_years_windows_are_each_met_once_apart_and_in_order(it in any_expected(), zone_text in any_zone()) {
        prop_assert_eq!(it.check(), Ok(()));
        let zone = zone(zone_text);
        let before = zone.midnight(date(2026, 1, 1)) - SignedDuration::from_secs(1);
        let after = zone.midnight(date(2027, 1, 1));
        let found = chain(&it, &zone, &[], &before.to_string(), &after.to_string());
        prop_assert_eq!(found.len(), windows_of_2026(&it, &zone));
        for due in &found {
            prop_assert!(due.opens < due.closes && due.closes <= due.due_at);
            prop_assert_eq!(it.window_at(due.opens, &zone, &[]), Some(*due));
            prop_assert_eq!(it.window_at(due.closes - SignedDuration::from_micros(1), &zone, &[]), Some(*due));
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].closes <= pair[1].opens, "{:?} overlaps {:?}", pair[0], pair[1]);
        }
    }

    /// No more than a window that lies in a skipped hour may be lacking: one for each change of the clock.
    #[test]
    fn a_clock_change_takes_no_window_of_the_day(it in any_expected(), zone_text in any_zone()) {
        let zone = zone(zone_text);
        let most = 365 * it.windows.len();
        if it.every == "daily".parse().unwrap() {
            let in_a_skipped_hour = most - windows_of_2026(&it, &zone);
            prop_assert!(in_a_skipped_hour <= it.windows.len());
        }
        let by_day = expected("daily", &["06:00-12:00", "18:00-24:00"]);
        prop_assert_eq!(windows_of_2026(&by_day, &zone), 730);
    }

    #[test]
    fn next_window_is_monotone(it in any_expected(), zone_text in any_zone(), at in 0..31_536_000_i64, later in 0..864_000_i64) {
        let zone = zone(zone_text);
        let start = zone.midnight(date(2026, 1, 1));
        let first = start + SignedDuration::from_secs(at);
        let second = first + SignedDuration::from_secs(later);
        let (a, b) = (it.next_window(first, &zone, &[]).unwrap(), it.next_window(second, &zone, &[]).unwrap());
        prop_assert!(first < a.opens && second < b.opens);
        prop_assert!(a.opens <= b.opens);
        // Nothing opens between the moment asked for and the answer.
        prop_assert!(b.opens > a.opens || second < a.opens);
    }

    #[test]
    fn with_pauses_exactly_the_windows_that_they_cover_are_left_out(
        it in any_expected(),
        lengths in prop::collection::vec((1..400_i64, 1..900_i64), 0..6),
    ) {
        let zone = zone(UK);
        let mut from = at("2026-01-01T00:00:00Z");
        let mut pauses = Vec::new();
        for (gap, hours) in lengths {
            let begins = from + SignedDuration::from_hours(gap);
            from = begins + SignedDuration::from_hours(hours);
            pauses.push(Pause { from: begins, until: from, reason: PauseReason::Hospital });
        }
        let year = ("2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z");
        let all = chain(&it, &zone, &[], year.0, year.1);
        let last_moment = |due: &Due| due.closes - SignedDuration::from_micros(1);
        let kept: Vec<Due> = all.into_iter().filter(|due| !pauses.iter().any(|pause| pause.covers(last_moment(due)))).collect();
        prop_assert_eq!(chain(&it, &zone, &pauses, year.0, year.1), kept);
    }
}
