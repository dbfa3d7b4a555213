//! An act: one step of a walk, in small numbers that mean something only in the world where it happens.

use proptest::prelude::*;

use super::chance::Chance;

/// How many patients the team has.
pub(crate) const PATIENTS_LEN: u32 = 3;

/// What kind of thing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Reading,
    Attempt,
    Answers,
    Fire,
    People,
    Nurse,
    Plan,
    Coordinator,
    Pause,
    Explain,
    Tier,
    Rota,
    Clock,
    Crash,
}

/// How often each kind happens.
const KINDS: [(u32, Kind); 14] = [
    (36, Kind::Reading),
    (4, Kind::Attempt),
    (4, Kind::Answers),
    (24, Kind::Fire),
    (19, Kind::People),
    (10, Kind::Nurse),
    (3, Kind::Plan),
    (1, Kind::Coordinator),
    (2, Kind::Pause),
    (3, Kind::Explain),
    (1, Kind::Tier),
    (3, Kind::Rota),
    (3, Kind::Clock),
    (1, Kind::Crash),
];

/// One step. The numbers are choices, each read modulo what there is to choose from; 0 is the plainest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    pub(crate) kind: Kind,
    pub(crate) patient: u32,
    /// Minutes that pass before it.
    pub(crate) minutes: u32,
    pub(crate) choices: [u32; 4],
}

impl Act {
    pub(crate) fn random(chance: &mut Chance) -> Self {
        let all: u32 = KINDS.iter().map(|(weight, _)| weight).sum();
        let kind = kind_at(chance.below(all));
        let minutes = match chance.below(10) {
            0..4 => 0,
            4..8 => chance.below(30),
            8 => chance.below(120),
            _ => chance.below(600),
        };
        Self {
            kind,
            patient: chance.below(PATIENTS_LEN),
            minutes,
            choices: [(); 4].map(|()| chance.below(1 << 16)),
        }
    }
}

fn kind_at(mut number: u32) -> Kind {
    for (weight, kind) in KINDS {
        match number.checked_sub(weight) {
            Some(rest) => number = rest,
            None => return kind,
        }
    }
    Kind::Reading
}

/// Acts that proptest can make smaller.
pub(crate) fn acts(len_max: usize) -> impl Strategy<Value = Vec<Act>> {
    let kinds = KINDS.map(|(weight, kind)| (weight, Just(kind)));
    let kind = proptest::strategy::Union::new_weighted(kinds.to_vec());
    let minutes = prop_oneof![4 => Just(0), 4 => 0..30_u32, 1 => 0..600_u32];
    let choices = prop::array::uniform4(0..1_u32 << 16);
    let act =
        (kind, 0..PATIENTS_LEN, minutes, choices).prop_map(|(kind, patient, minutes, choices)| {
            Act {
                kind,
                patient,
                minutes,
                choices,
            }
        });
    prop::collection::vec(act, 1..=len_max)
}
