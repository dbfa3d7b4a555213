//! A random walk of one team and its patients, with the laws that hold after every step.

pub(crate) mod act;
mod broken;
pub(crate) mod chance;
mod claims;
mod laws;
mod ledger;
mod nursing;
mod nursing_broken;
mod nursing_laws;
mod orphans;
mod patient;
mod people;
mod plans;
mod readings;
mod team;
mod truth;
mod windows;
pub(crate) mod world;

use act::Act;
use chance::Chance;
use world::World;

/// What a law, or the walk itself, says is wrong.
pub(crate) type Lawful = Result<(), String>;

/// Gives a sentence when something that must be so is not.
pub(crate) fn must(so: bool, law: impl FnOnce() -> String) -> Lawful {
    if so { Ok(()) } else { Err(law()) }
}

/// Walks so many steps from a seed.
///
/// # Panics
/// With the seed, the broken law and the shortest walk found that breaks a law too.
pub(crate) fn walk(seed: u64, steps_len: usize) {
    let mut chance = Chance::new(seed);
    let mut world = World::new(seed);
    let mut acts = Vec::with_capacity(steps_len);
    for step in 0..steps_len {
        acts.push(Act::random(&mut chance));
        if let Err(broken) = world.act(&acts[step]) {
            let (shortest, why) = shortest(seed, acts, &broken);
            let mut again = World::new(seed);
            again.keep_diary();
            for act in &shortest {
                let _ = again.act(act);
            }
            panic!(
                "HEARTH_SEED={seed} step {step}: {broken}\nshortest, {} steps: {why}\n{}",
                shortest.len(),
                again.diary().join("\n")
            );
        }
    }
    if let Err(broken) = world.end() {
        panic!("HEARTH_SEED={seed} at the end: {broken}");
    }
}

/// Leaves steps out of a walk that breaks a law, as long as it still breaks one.
fn shortest(seed: u64, mut acts: Vec<Act>, broken: &str) -> (Vec<Act>, String) {
    let mut why = broken.to_owned();
    let mut chunk = acts.len() / 2;
    while chunk > 0 {
        let mut from = 0;
        while from < acts.len() {
            let mut fewer = acts.clone();
            fewer.drain(from..acts.len().min(from + chunk));
            match breaks(seed, &fewer) {
                Some((len, it)) => {
                    fewer.truncate(len);
                    (acts, why) = (fewer, it);
                }
                None => from += chunk,
            }
        }
        chunk /= 2;
    }
    (acts, why)
}

fn breaks(seed: u64, acts: &[Act]) -> Option<(usize, String)> {
    let mut world = World::new(seed);
    acts.iter()
        .enumerate()
        .find_map(|(at, act)| Some((at + 1, world.act(act).err()?)))
}
