//! The walk against whoever can write to the database: each edit, removal, insertion, exchange and cut is named.

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::chain::{GENESIS, Recorded};
use super::head::Head;
use super::walk::{Mark, Misfit, Walk, Whence, Wrong};
use super::{Action, Actor, Entry};

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// The signed head over one of the entries.
fn head_over(entry: &Recorded) -> Mark {
    let now = "2026-11-27T00:00:00Z".parse().unwrap();
    let head = Head::sign(&key(), entry.number, &entry.hash, now);
    let trusted = [hex::encode(key().public_key())];
    assert_eq!(head.check(&trusted), Ok(()));
    Mark::from(&head)
}

fn signed() -> Whence {
    Whence::Head("2026-11-27".to_owned())
}

fn walk(entries: &[Recorded], marks: Vec<Mark>) -> Result<(), Misfit> {
    let mut walk = Walk::begin(marks);
    entries.iter().try_for_each(|entry| walk.step(entry))?;
    assert_eq!(walk.number(), i64::try_from(entries.len()).unwrap());
    walk.finish()
}

fn found(number: usize, what: Wrong) -> Result<(), Misfit> {
    let number = i64::try_from(number).unwrap();
    Err(Misfit { number, what })
}

/// Numbers and hashes entries anew from an index on, as whoever has the database can.
fn chained_again(entries: &mut [Recorded], from: usize) {
    for index in from..entries.len() {
        let previous = match index {
            0 => GENESIS.to_owned(),
            _ => entries[index - 1].hash.clone(),
        };
        let entry = &mut entries[index];
        entry.number = i64::try_from(index).unwrap() + 1;
        entry.previous = previous;
        entry.hash = entry.hash_of_content();
    }
}

prop_compose! {
    fn entry()(
        person in "[a-z]{1,4}",
        patient in proptest::option::of("[a-z]{1,4}"),
        action in proptest::sample::select(Action::ALL),
        subject in proptest::option::of("[0-9]{0,2}"),
        detail in proptest::option::of("\\PC{0,8}"),
    ) -> Entry {
        let mut entry = Entry::new(Actor::person(&person.parse().unwrap(), "Nurse"), action);
        entry.patient = patient.map(|patient| patient.parse().unwrap());
        entry.subject = subject;
        entry.detail = detail;
        entry
    }
}

prop_compose! {
    /// A trail of at least two entries.
    fn trail()(entries in proptest::collection::vec((entry(), 0..1_000_000_i64), 2..24)) -> Vec<Recorded> {
        let mut trail: Vec<Recorded> = Vec::new();
        for (entry, at) in entries {
            let (number, previous) = match trail.last() {
                Some(last) => (last.number + 1, last.hash.clone()),
                None => (1, GENESIS.to_owned()),
            };
            let at = jiff::Timestamp::from_microsecond(at).unwrap();
            trail.push(Recorded::link(&previous, number, at, &entry));
        }
        trail
    }
}

/// A trail, the index of the entry that a head was signed over, and an index at or before it.
fn case() -> impl Strategy<Value = (Vec<Recorded>, usize, usize)> {
    trail().prop_flat_map(|trail| {
        let len = trail.len();
        (Just(trail), 0..len).prop_flat_map(|(trail, head)| (Just(trail), Just(head), 0..=head))
    })
}

/// Every field that the hash is made of, changed to what it was not.
fn edits() -> [fn(&mut Recorded); 8] {
    [
        |entry| entry.at += 1,
        |entry| entry.person.push('x'),
        |entry| entry.role.push('x'),
        |entry| entry.session = other(&entry.session),
        |entry| entry.patient = other(&entry.patient),
        |entry| entry.action = "record_eaten".to_owned(),
        |entry| entry.subject = other(&entry.subject),
        |entry| entry.detail = other(&entry.detail),
    ]
}

fn other(text: &Option<String>) -> Option<String> {
    match text {
        Some(text) => Some(format!("{text}x")),
        None => Some(String::new()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_untouched_trail_fits((trail, head, _) in case()) {
        let marks = vec![head_over(&trail[head]), head_over(&trail[0])];
        prop_assert_eq!(walk(&trail, marks), Ok(()));
        prop_assert_eq!(walk(&trail, Vec::new()), Ok(()));
    }

    #[test]
    fn an_edit_is_named((trail, head, at) in case(), which in 0..8_usize) {
        let mark = head_over(&trail[head]);
        let mut edited = trail.clone();
        edits()[which](&mut edited[at]);
        prop_assert_eq!(walk(&edited, vec![mark.clone()]), found(at + 1, Wrong::Edited));

        // With its own hash made again, the next one does not follow it, or the head is not over it.
        edited[at].hash = edited[at].hash_of_content();
        let next = match at == head {
            true => found(head + 1, Wrong::NotAsMarked(signed())),
            false => found(at + 2, Wrong::Reordered),
        };
        prop_assert_eq!(walk(&edited, vec![mark.clone()]), next);

        // With every hash made again, it is not what was signed.
        chained_again(&mut edited, at);
        let forged = found(head + 1, Wrong::NotAsMarked(signed()));
        prop_assert_eq!(walk(&edited, vec![mark]), forged);
    }

    #[test]
    fn a_removal_is_named((trail, head, at) in case()) {
        let mark = head_over(&trail[head]);
        let mut fewer = trail.clone();
        fewer.remove(at);
        let gone = match at == trail.len() - 1 {
            true => Wrong::CutOff(mark.number, signed()),
            false => Wrong::Missing,
        };
        prop_assert_eq!(walk(&fewer, vec![mark.clone()]), found(at + 1, gone));

        chained_again(&mut fewer, at);
        let forged = match head == trail.len() - 1 {
            true => Wrong::CutOff(mark.number, signed()),
            false => Wrong::NotAsMarked(signed()),
        };
        prop_assert_eq!(walk(&fewer, vec![mark]), found(head + 1, forged));
    }

    #[test]
    fn a_cut_before_a_signed_head_is_named((trail, head, at) in case()) {
        let mark = head_over(&trail[head]);
        let cut = found(at + 1, Wrong::CutOff(mark.number, signed()));
        prop_assert_eq!(walk(&trail[..at], vec![mark]), cut);
    }

    #[test]
    fn an_insertion_is_named((trail, head, at) in case(), forged in entry()) {
        let mark = head_over(&trail[head]);
        let previous = trail[at].previous.clone();
        let forged = Recorded::link(&previous, trail[at].number, jiff::Timestamp::MAX, &forged);

        // Beside the one whose number it takes.
        let mut twice = trail.clone();
        twice.insert(at + 1, forged.clone());
        prop_assert_eq!(walk(&twice, vec![mark.clone()]), found(at + 1, Wrong::Inserted));

        // Before it, with the numbers moved up.
        let mut more = trail.clone();
        more.insert(at, forged);
        for (index, entry) in more.iter_mut().enumerate() {
            entry.number = i64::try_from(index).unwrap() + 1;
        }
        let next = match at == head {
            true => found(at + 1, Wrong::NotAsMarked(signed())),
            false => found(at + 2, Wrong::Reordered),
        };
        prop_assert_eq!(walk(&more, vec![mark.clone()]), next);

        chained_again(&mut more, at);
        let forged = found(head + 1, Wrong::NotAsMarked(signed()));
        prop_assert_eq!(walk(&more, vec![mark]), forged);
    }

    #[test]
    fn an_exchange_is_named((trail, head, at) in case(), with in any::<prop::sample::Index>()) {
        let with = with.index(trail.len());
        prop_assume!(with != at);
        let mark = head_over(&trail[head]);
        let mut exchanged = trail.clone();
        exchanged.swap(at, with);
        for (index, entry) in exchanged.iter_mut().enumerate() {
            entry.number = i64::try_from(index).unwrap() + 1;
        }
        let first = at.min(with);
        prop_assert_eq!(walk(&exchanged, vec![mark.clone()]), found(first + 1, Wrong::Reordered));

        chained_again(&mut exchanged, first);
        let forged = found(head + 1, Wrong::NotAsMarked(signed()));
        prop_assert_eq!(walk(&exchanged, vec![mark]), forged);
    }
}
