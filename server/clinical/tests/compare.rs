//! What the comparison of simple limits with this core claims, on a smaller stream than the README's: fewer false alerts,
//! and no urgent episode missed that simple limits catch.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../examples/compare/arms/mod.rs"]
mod arms;
#[path = "../examples/compare/figures/mod.rs"]
mod figures;
#[path = "../examples/compare/stream/mod.rs"]
mod stream;

use std::collections::BTreeMap;

use arms::Arm;
use arms::plans::Plans;
use clinical::Priority;
use figures::{Figures, compare, table};

const PATIENT_DAYS: i64 = 1_000;

fn config(path: &str) -> String {
    std::fs::read_to_string(format!("../../config/{path}")).unwrap()
}

fn compared(seed: i64) -> BTreeMap<Arm, Figures> {
    compare(&stream::stream(seed, PATIENT_DAYS), &Plans::load(config))
}

#[test]
fn the_same_seed_gives_the_same_tables_and_another_gives_others() {
    let tables = table(&compared(1));
    assert_eq!(table(&compared(1)), tables);
    assert_ne!(table(&compared(2)), tables);
}

/// One stream of this size has a dozen episodes, so the claims are about three.
#[test]
fn the_core_raises_fewer_false_alerts_and_misses_no_urgent_episode() {
    let (mut each, mut one, mut core) = (0, 0, 0);
    let mut urgent_seen = 0;
    for seed in 1..=3 {
        let figures = compared(seed);
        let [every, open, ours] = Arm::ALL.map(|arm| &figures[&arm]);
        each += every.all_false();
        one += open.all_false();
        core += ours.all_false();
        let false_urgent =
            |it: &Figures| it.false_alerts.get(&Priority::Urgent).copied().unwrap_or(0);
        assert!(false_urgent(ours) < false_urgent(open), "seed {seed}");
        for (simple, ours) in every.all_found().zip(ours.all_found()) {
            if simple.urgent.is_some() {
                urgent_seen += 1;
                assert!(ours.delay.is_some(), "seed {seed} misses an urgent episode");
            }
        }
    }
    assert!(core < one && one < each, "{each} {one} {core}");
    assert!(urgent_seen >= 10, "only {urgent_seen} episodes were urgent");
}

/// The stream is the one that its assumptions describe: about one episode in sixty patient-days, every kind of device
/// used, and a share of readings spoiled by technique that is near the published one.
#[test]
fn the_stream_is_what_its_assumptions_say() {
    let patients = stream::stream(7, 10_000);
    let days: i64 = patients.iter().map(|it| it.person.kind.days()).sum();
    assert_eq!(days, 10_000);
    let episodes: usize = patients.iter().map(|it| it.episodes.len()).sum();
    assert!((125..=200).contains(&episodes), "{episodes} episodes");
    let readings = || patients.iter().flat_map(|it| &it.planned);
    let spoiled = readings().filter(|it| it.spoiled).count();
    let per_thousand = spoiled * 1_000 / readings().count();
    assert!(
        (90..=130).contains(&per_thousand),
        "{per_thousand} ‰ spoiled"
    );
    assert!(readings().any(|it| it.somebody_else));
    assert!(readings().any(|it| it.arrives > it.asked.at));
    for patient in &patients {
        let mut starts = patient.episodes.iter();
        assert!(starts.all(|it| it.starts <= it.detectable && it.detectable < it.ends));
    }
}
