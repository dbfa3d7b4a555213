//! Laws of duty, on random rotas and moments, against duty worked out the slow and obvious way.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod naive;
mod random;

use std::cell::Cell;
use std::collections::BTreeMap;

use clinical::duty::{Answer, DutyRefusal, Gap, Path, Rota, RotaEdit, apply, who_answers};
use jiff::{SignedDuration, Timestamp};
use naive::Naive;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use random::after;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// In minutes.
const TWO_WEEKS: i32 = 14 * 24 * 60;
/// How many of the gaps of one refusal are checked minute by minute.
const GAPS_LEN_MAX: usize = 20;

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
        is_there_or_said_loudly(&answer, &naive, &rota, now)?;
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

/// Who answers is there; or nobody is, which is said, with why of the last who could have been asked.
fn is_there_or_said_loudly(
    answer: &Answer,
    naive: &Naive,
    rota: &Rota,
    now: Timestamp,
) -> Result<(), TestCaseError> {
    for passed in &answer.passed_over {
        prop_assert!(naive.is_absent(passed, now), "{:?}", passed);
    }
    if answer.somebody_can() {
        let has_it = [Path::HasTaken, Path::WasEscalatedTo].contains(&answer.path);
        prop_assert!(naive.leave_of(&answer.person, now).is_none());
        prop_assert!(
            naive.in_post(&answer.person, now) || (has_it && naive.holds(&answer.person, now))
        );
        return Ok(());
    }
    prop_assert!(naive.is_deserted(now));
    prop_assert_eq!(&answer.person, &rota.team().on_call);
    for person in [&rota.team().on_call, &rota.team().lead] {
        let mut passed = answer.passed_over.iter();
        prop_assert!(passed.any(|it| it.person == *person), "why not {}", person);
    }
    Ok(())
}

/// Checks an edit; tells whether it was accepted, or refused for a gap.
fn check(rota: &Rota, edit: &RotaEdit, now: Timestamp) -> Result<Option<bool>, TestCaseError> {
    match apply(rota, &BTreeMap::new(), std::slice::from_ref(edit), now) {
        Ok(after) => {
            // Two weeks minute by minute; the rest in steps that meet no pattern; and around whatever is dated later.
            no_gap(&Naive::new(&after, now, 15), now, 0..TWO_WEEKS)?;
            let rest = (TWO_WEEKS..55 * 24 * 60).step_by(11);
            no_gap(&Naive::new(&after, now, 56), now, rest)?;
            for date in dates(&after).filter(|date| *date > now) {
                let naive = Naive::new(&after, date, 8);
                no_gap(&naive, date, (0..7 * 24 * 60).step_by(37))?;
            }
            Ok(Some(true))
        }
        Err(DutyRefusal::Gaps(gaps)) => {
            let naive = Naive::edited(rota, edit, now, 15);
            for gap in gaps.iter().take(GAPS_LEN_MAX) {
                check_gap(&Naive::edited(rota, edit, gap.from, 2), gap, now)?;
            }
            let before = minutes(now, gaps.first.from.min(now + MINUTE * TWO_WEEKS));
            for at in before {
                let lacks = naive.lacks(at);
                prop_assert!(lacks.is_empty(), "{} is earlier than the first gap", at);
            }
            Ok(Some(false))
        }
        Err(_) => Ok(None),
    }
}

fn dates(rota: &Rota) -> impl Iterator<Item = Timestamp> {
    let shifts = rota.shifts().iter().map(|it| (it.from, it.until));
    let leaves = rota.leaves().iter().map(|it| (it.from, Some(it.until)));
    let members = rota.team().members.iter().map(|it| (it.from, it.until));
    let all = shifts.chain(leaves).chain(members);
    all.flat_map(|(from, until)| [from, until.unwrap_or(from)])
}

fn no_gap(
    naive: &Naive,
    now: Timestamp,
    minutes: impl Iterator<Item = i32>,
) -> Result<(), TestCaseError> {
    for at in minutes.map(|minute| now + MINUTE * minute) {
        let lacks = naive.lacks(at);
        prop_assert!(lacks.is_empty(), "{:?} at {}", lacks, at);
    }
    Ok(())
}

fn check_gap(naive: &Naive, gap: &Gap, now: Timestamp) -> Result<(), TestCaseError> {
    prop_assert!(now <= gap.from && gap.from < gap.until);
    for at in minutes(gap.from, gap.until) {
        prop_assert!(naive.lacks(at).contains(&gap.lack), "somebody at {}", at);
    }
    // A gap is said for each day by itself.
    let ends = !naive.lacks(gap.until).contains(&gap.lack);
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
