//! Laws of duty, on random rotas and moments, against duty worked out the slow and obvious way.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod naive;
mod random;

use std::cell::Cell;
use std::collections::BTreeMap;

use clinical::duty::{Answer, DutyRefusal, Gap, Rota, RotaEdit, apply, who_answers};
use jiff::{SignedDuration, Timestamp};
use naive::Naive;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use random::after;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// In minutes.
const TWO_WEEKS: i32 = 14 * 24 * 60;

/// What a person reads of an answer: all but the time.
fn read(answer: &Answer) -> Answer {
    Answer {
        until: Timestamp::UNIX_EPOCH,
        ..answer.clone()
    }
}

fn between(from: Timestamp, until: Timestamp, millionths: i64) -> Timestamp {
    let micros = until.as_microsecond() - from.as_microsecond();
    let part = i128::from(micros) * i128::from(millionths) / 1_000_000;
    Timestamp::from_microsecond(from.as_microsecond() + i64::try_from(part).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(Config::with_cases(1_500))]

    #[test]
    fn somebody_who_is_there_answers_and_nothing_changes_before_the_time_given(
        ((middle, rota, assigned), seconds, held, parts) in (
            random::middle()
                .prop_flat_map(|it| (Just(it), random::rota(it), random::assignments(it))),
            // Mostly near the middle, where the clocks change.
            prop_oneof![-8 * 3_600..8 * 3_600_i64, -30 * 86_400..30 * 86_400_i64],
            random::held(),
            prop::collection::vec(0..1_000_000_i64, 6),
        ),
    ) {
        let now = middle + SignedDuration::from_secs(seconds);
        let answer = who_answers(&rota, &assigned, &held, now);
        let naive = Naive::new(&rota, now, 9);
        prop_assert_eq!(&answer.person, &naive.who(&assigned, &held, now));
        let last_resort = rota.team().on_call == answer.person;
        prop_assert!(last_resort || naive.in_post(&answer.person, now));
        prop_assert!(last_resort || naive.leave_of(&answer.person, now).is_none());
        prop_assert!(answer.until > now);
        let last = answer.until - SignedDuration::from_micros(1);
        let inside = parts.iter().map(|part| between(now, last, *part));
        for at in inside.chain([last]) {
            let same = who_answers(&rota, &assigned, &held, at);
            prop_assert_eq!(read(&same), read(&answer), "at {}", at);
            prop_assert!(same.until >= answer.until, "at {}", at);
            prop_assert_eq!(&answer.person, &naive.who(&assigned, &held, at), "at {}", at);
        }
    }

    #[test]
    fn a_stored_rota_gives_the_same_answers(
        (middle, rota) in random::middle().prop_flat_map(|it| (Just(it), random::rota(it))),
        assigned in random::assignments("2026-11-26T12:00:00Z".parse().unwrap()),
        held in random::held(),
    ) {
        let text = serde_json::to_string(&rota).unwrap();
        let read: Rota = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &rota);
        let answer = who_answers(&rota, &assigned, &held, middle);
        prop_assert_eq!(who_answers(&read, &assigned, &held, middle), answer);
    }
}

/// Checks an edit; tells whether it was accepted, or refused for a gap.
fn check(rota: &Rota, edit: &RotaEdit, now: Timestamp) -> Result<Option<bool>, TestCaseError> {
    match apply(rota, &BTreeMap::new(), std::slice::from_ref(edit), now) {
        Ok(after) => {
            // Two weeks minute by minute; the rest in steps that meet no pattern.
            no_gap(&Naive::new(&after, now, 15), now, 0..TWO_WEEKS)?;
            let rest = (TWO_WEEKS..55 * 24 * 60).step_by(11);
            no_gap(&Naive::new(&after, now, 56), now, rest)?;
            Ok(Some(true))
        }
        Err(DutyRefusal::Gaps(gaps)) => {
            let naive = Naive::edited(rota, edit, now, 58);
            for gap in std::iter::once(&gaps.first).chain(&gaps.more) {
                check_gap(&naive, gap, now)?;
            }
            let before = minutes(now, gaps.first.from.min(now + MINUTE * TWO_WEEKS));
            for at in before {
                prop_assert!(
                    !naive.is_staffed(at) || naive.is_covered(at),
                    "{} is earlier than the first gap",
                    at
                );
            }
            Ok(Some(false))
        }
        Err(_) => Ok(None),
    }
}

fn no_gap(
    naive: &Naive,
    now: Timestamp,
    minutes: impl Iterator<Item = i32>,
) -> Result<(), TestCaseError> {
    for at in minutes.map(|minute| now + MINUTE * minute) {
        let gap = naive.is_staffed(at) && !naive.is_covered(at);
        prop_assert!(!gap, "nobody at {}", at);
    }
    Ok(())
}

fn check_gap(naive: &Naive, gap: &Gap, now: Timestamp) -> Result<(), TestCaseError> {
    prop_assert!(now <= gap.from && gap.from < gap.until);
    for at in minutes(gap.from, gap.until) {
        prop_assert!(
            naive.is_staffed(at) && !naive.is_covered(at),
            "somebody at {}",
            at
        );
    }
    // A gap is said for each day by itself.
    let ends = !naive.is_staffed(gap.until) || naive.is_covered(gap.until);
    prop_assert!(
        ends || naive.is_midnight(gap.until),
        "the gap goes on at {}",
        gap.until
    );
    Ok(())
}

fn minutes(from: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(from), |at| Some(*at + MINUTE)).take_while(move |at| *at < until)
}

#[test]
fn an_accepted_edit_leaves_no_gap_and_a_refused_one_has_the_gaps_it_names() {
    let (accepted, gaps, other) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    });
    let case = random::middle()
        .prop_flat_map(|middle| {
            let any = random::rota(middle).boxed();
            let sound = random::sound_rota(middle).boxed();
            (Just(middle), prop_oneof![1 => any, 6 => sound])
        })
        .prop_flat_map(|(middle, rota)| {
            let edit = random::edit(middle, &rota);
            (
                Just(rota),
                edit,
                (-7 * 24 * 60..7 * 24 * 60_i64).prop_map(move |it| after(middle, it)),
            )
        });
    runner
        .run(&case, |(rota, edit, now)| {
            let count = match check(&rota, &edit, now)? {
                Some(true) => &accepted,
                Some(false) => &gaps,
                None => &other,
            };
            count.set(count.get() + 1);
            Ok(())
        })
        .unwrap();
    let counts = (accepted.get(), gaps.get(), other.get());
    assert!(
        counts.0 > 30 && counts.1 > 30,
        "accepted, gaps, other: {counts:?}"
    );
}
