//! Every breach: each reading that is beyond a limit is an alert, at once and alone, whatever it is marked with.

use std::collections::BTreeMap;

use clinical::verdict::Finding;
use clinical::{Event, Level, Plan, Problem};

use super::{Heard, Signal};
use crate::stream::{Patient, Taken};

pub(crate) fn judge(patient: &Patient, plan: &Plan) -> Heard {
    let signals = patient.planned.iter().flat_map(|it| breaches(it, plan));
    Heard {
        signals: signals.collect(),
        ..Heard::default()
    }
}

/// One alert for each problem of a reading, by its worst value.
fn breaches(taken: &Taken, plan: &Plan) -> Vec<Signal> {
    let Event::ReadingStored(reading) = &taken.event else {
        return Vec::new();
    };
    let mut worst: BTreeMap<Problem, Level> = BTreeMap::new();
    for (sign, value) in &reading.values {
        if let Some(breach) = Finding::of(*sign, *value, plan).breach {
            let level = worst.entry(sign.problem()).or_insert(breach.level);
            *level = breach.level.max(*level);
        }
    }
    let signal = |(problem, level): (Problem, Level)| Signal {
        at: taken.arrives,
        problem,
        priority: level.priority(),
        is_new: true,
        mistaken: taken.spoiled || taken.somebody_else,
    };
    worst.into_iter().map(signal).collect()
}
