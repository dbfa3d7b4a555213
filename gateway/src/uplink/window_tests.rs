//! The window's properties, by cases and by random conversations.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;
use vitals::wire::{Entry, Receipt, RefusalReason, Refused, SequenceRange};
use vitals::{Epoch, Sequence};

use super::window::*;

const TIMEOUT: Duration = Duration::from_secs(30);

fn sequence(number: u64) -> Sequence {
    Sequence::new(number).unwrap()
}

fn entry(number: u64, record_len: usize) -> Entry {
    Entry {
        sequence: sequence(number),
        previous: Epoch(1).genesis(&"gw-1".parse().unwrap()),
        record: "x".repeat(record_len),
    }
}

fn receipt(stored: &[u64], refused: &[u64], missing: &[u64]) -> Receipt {
    let ranges =
        |numbers: &[u64]| SequenceRange::covering(numbers.iter().map(|it| sequence(*it)).collect());
    Receipt {
        epoch: Epoch(1),
        stored: ranges(stored),
        refused: refused
            .iter()
            .map(|it| Refused {
                sequence: sequence(*it),
                reason: RefusalReason::Malformed,
            })
            .collect(),
        missing: ranges(missing),
        issued_at: "2026-11-21T08:00:00Z".parse().unwrap(),
    }
}

fn send(window: &mut Window, waiting: Vec<Entry>) -> Vec<u64> {
    let chosen = window.choose(waiting);
    window.sent(&chosen, Instant::now());
    chosen.iter().map(|it| it.sequence.get()).collect()
}

#[test]
fn a_message_leaves_the_window_when_its_last_record_is_answered() {
    let mut window = Window::new(false);
    assert_eq!(
        send(&mut window, (1..=3).map(|it| entry(it, 9)).collect()),
        [1, 2, 3]
    );
    window.answered(&receipt(&[1, 3], &[], &[]), Instant::now());
    assert!(!window.is_empty());
    window.answered(&receipt(&[], &[2], &[]), Instant::now());
    assert!(window.is_empty());
    assert_eq!(window.deadline(TIMEOUT), None);
}

#[test]
fn fifty_messages_fill_it_and_one_fills_it_while_probing() {
    let mut window = Window::new(false);
    for number in 1..=50 {
        assert!(window.has_room());
        send(&mut window, vec![entry(number, 9)]);
    }
    assert!(!window.has_room());

    let mut probing = Window::new(true);
    send(&mut probing, vec![entry(1, 9)]);
    assert!(!probing.has_room());
    probing.answered(&receipt(&[1], &[], &[]), Instant::now());
    for number in 2..=51 {
        assert!(probing.has_room(), "an answer ends the probing");
        send(&mut probing, vec![entry(number, 9)]);
    }
}

#[test]
fn what_is_taken_back_is_looked_for_again_and_sounded_first() {
    let mut window = Window::new(false);
    send(&mut window, vec![entry(1, 9)]);
    send(&mut window, vec![entry(2, 9)]);
    window.start_over();
    assert!(window.is_empty());
    assert_eq!(window.deadline(TIMEOUT), None);
    assert_eq!(send(&mut window, vec![entry(1, 9)]), [1]);
    assert!(!window.has_room());
    window.answered(&receipt(&[1], &[], &[]), Instant::now());
    assert_eq!(send(&mut window, vec![entry(2, 9)]), [2]);
    assert!(window.has_room());
}

#[test]
fn a_batch_is_bounded_in_number_and_in_bytes() {
    let mut window = Window::new(false);
    let small: Vec<Entry> = (1..=100).map(|it| entry(it, 9)).collect();
    assert_eq!(window.choose(small).len(), 64);
    assert_eq!(window.looked_at(), Some(sequence(64)));
    let mut window = Window::new(false);
    let large: Vec<Entry> = (1..=64).map(|it| entry(it, 4096)).collect();
    let chosen = window.choose(large);
    let len: usize = chosen.iter().map(|it| it.record.len()).sum();
    assert!(chosen.len() > 5 && len < BATCH_LEN_MAX, "{len}");
}

#[test]
fn what_the_server_misses_is_looked_for_again_but_not_while_on_its_way() {
    let mut window = Window::new(false);
    send(&mut window, (4..=5).map(|it| entry(it, 9)).collect());
    window.answered(&receipt(&[5], &[], &[2, 3]), Instant::now());
    assert_eq!(window.looked_at(), Some(sequence(1)));
    let waiting = (2..=4).map(|it| entry(it, 9)).collect();
    assert_eq!(send(&mut window, waiting), [2, 3], "4 is on its way");
    assert_eq!(window.looked_at(), Some(sequence(4)));
    window.answered(&receipt(&[], &[], &[1]), Instant::now());
    assert_eq!(window.looked_at(), None);
}

#[test]
fn a_server_that_answers_slowly_is_given_time_and_a_silent_one_is_not() {
    let start = Instant::now();
    let mut window = Window::new(false);
    for number in 1..=3 {
        window.sent(&[entry(number, 9)], start);
    }
    assert_eq!(window.deadline(TIMEOUT), Some(start + TIMEOUT));
    let later = start + Duration::from_secs(20);
    window.answered(&receipt(&[1], &[], &[]), later);
    assert_eq!(window.deadline(TIMEOUT), Some(later + TIMEOUT));
    let fresh = later + Duration::from_secs(60);
    window.answered(&receipt(&[2, 3], &[], &[]), later);
    window.sent(&[entry(4, 9)], fresh);
    assert_eq!(window.deadline(TIMEOUT), Some(fresh + TIMEOUT));
}

/// What the broker and the server may do next in a random conversation.
#[derive(Debug, Clone)]
enum Turn {
    Send,
    Store(prop::sample::Index),
    StoreAll,
    Refuse(prop::sample::Index),
    Miss(prop::sample::Index),
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        3 => Just(Turn::Send),
        2 => any::<prop::sample::Index>().prop_map(Turn::Store),
        1 => Just(Turn::StoreAll),
        1 => any::<prop::sample::Index>().prop_map(Turn::Refuse),
        1 => any::<prop::sample::Index>().prop_map(Turn::Miss),
    ]
}

proptest! {
    #[test]
    fn every_record_is_sent_and_answered_and_the_bounds_hold(
        len in 1_u64..400,
        turns in prop::collection::vec(turn(), 0..200),
        probing: bool,
    ) {
        let mut window = Window::new(probing);
        let mut waiting: BTreeSet<u64> = (1..=len).collect();
        let mut on_their_way: BTreeSet<u64> = BTreeSet::new();
        // In the end the server answers everything, and everything must have been sent.
        let ending = (0..=2 * len).flat_map(|_| [Turn::Send, Turn::StoreAll]);
        for turn in turns.into_iter().chain(ending) {
            let picked = |index: prop::sample::Index, from: &BTreeSet<u64>| {
                (!from.is_empty()).then(|| *index.get(&from.iter().copied().collect::<Vec<_>>()))
            };
            match turn {
                Turn::Send if window.has_room() => {
                    let after = window.looked_at().map_or(0, Sequence::get);
                    let rows = waiting.range(after + 1..).take(64).map(|it| entry(*it, 700)).collect();
                    for number in send(&mut window, rows) {
                        prop_assert!(on_their_way.insert(number), "{number} was sent twice");
                    }
                }
                Turn::Send => {}
                Turn::Store(index) => if let Some(number) = picked(index, &on_their_way) {
                    window.answered(&receipt(&[number], &[], &[]), Instant::now());
                    on_their_way.remove(&number);
                    waiting.remove(&number);
                },
                Turn::Refuse(index) => if let Some(number) = picked(index, &on_their_way) {
                    window.answered(&receipt(&[], &[number], &[]), Instant::now());
                    on_their_way.remove(&number);
                    waiting.remove(&number);
                },
                Turn::StoreAll => {
                    let all: Vec<u64> = on_their_way.iter().copied().collect();
                    window.answered(&receipt(&all, &[], &[]), Instant::now());
                    waiting.retain(|it| !on_their_way.contains(it));
                    on_their_way.clear();
                    prop_assert!(window.is_empty());
                }
                Turn::Miss(index) => {
                    let known: BTreeSet<u64> = (1..=len).filter(|it| !on_their_way.contains(it)).collect();
                    if let Some(number) = picked(index, &known) {
                        waiting.insert(number);
                        window.answered(&receipt(&[], &[], &[number]), Instant::now());
                    }
                }
            }
            prop_assert_eq!(window.is_empty(), on_their_way.is_empty());
            prop_assert_eq!(window.deadline(TIMEOUT).is_some(), !on_their_way.is_empty());
        }
        prop_assert!(waiting.is_empty(), "left behind: {:?}", waiting);
    }
}
