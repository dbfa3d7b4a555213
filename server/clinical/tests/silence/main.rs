//! The silence matrix: faults injected into simulated homes, and what is made of their signs.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod home;
mod incidents;
mod prng;
mod rows;
mod script;
mod view;

use std::collections::BTreeMap;

use clinical::silence::{Cause, Finding, SilenceLimits, classify, reclassify};

use crate::script::Script;
use crate::view::View;

const RUNS_OF_EACH: usize = 400;
/// A fault that misses the reading leaves no empty window, and its seed is passed over; so many are tried.
const SEEDS_MAX: u64 = 2_000;

/// The numbers that every server starts from.
fn limits() -> SilenceLimits {
    let text = include_str!("../../../../config/silence.toml");
    let limits: SilenceLimits = toml::from_str(text).unwrap();
    limits.check().unwrap();
    limits
}

struct Judged {
    script: Script,
    first: Finding,
    last: Finding,
}

/// Runs one home and judges its last window; `None` when that was not empty.
fn judge(fault: Cause, seed: u64, limits: &SilenceLimits) -> Option<Judged> {
    let script = script::script(fault, seed);
    let log = home::run(&script, seed);
    let missed = view::missed(&script);
    let now = view::judged_at(&script);
    if !view::is_empty(&script, &log, now) {
        return None;
    }
    let signs_at = |minute: i64| {
        let view = View {
            script: &script,
            log: &log,
            now: minute,
            first_judged: now,
        };
        view.signs()
    };
    let first = classify(&missed, &signs_at(now), limits, view::at(now));
    // A gateway that was quiet is judged again ten minutes after it is heard.
    let is_quiet = matches!(first.cause, Cause::GatewayOff | Cause::HomeInternetDown);
    let back = log.messages.iter().find(|it| **it > now).map(|it| it + 10);
    let later = back.filter(|_| is_quiet).and_then(|minute| {
        reclassify(&first, &missed, &signs_at(minute), limits, view::at(minute))
    });
    let last = later.unwrap_or_else(|| first.clone());
    Some(Judged {
        script,
        first,
        last,
    })
}

/// How often a fault was found to be a cause.
#[derive(Default)]
struct Table(BTreeMap<(Cause, Cause), usize>);

impl Table {
    fn add(&mut self, fault: Cause, found: Cause) {
        *self.0.entry((fault, found)).or_default() += 1;
    }

    fn of(&self, fault: Cause, found: Cause) -> usize {
        self.0.get(&(fault, found)).copied().unwrap_or(0)
    }

    fn right_in_thousand(&self, faults: &[Cause]) -> usize {
        let right: usize = faults.iter().map(|it| self.of(*it, *it)).sum();
        right * 1_000 / (RUNS_OF_EACH * faults.len())
    }

    fn print(&self, title: &str) {
        println!("\n{title}. Rows: injected, {RUNS_OF_EACH} of each. Columns: found.");
        let heads: Vec<String> = (0..Cause::ALL.len()).map(|it| format!("{it:>5}")).collect();
        println!("{:34}{}   right", "", heads.concat());
        for (number, fault) in Cause::ALL.into_iter().enumerate() {
            let cells = Cause::ALL.map(|found| format!("{:>5}", self.of(fault, found)));
            let right = self.right_in_thousand(&[fault]);
            let (name, cells) = (fault.words(), cells.concat());
            println!(
                "{number:<3}{name:31}{cells}  {:>3}.{}%",
                right / 10,
                right % 10
            );
        }
        let all = self.right_in_thousand(&Cause::ALL);
        println!("all {:>87}.{}%", all / 10, all % 10);
    }
}

#[test]
fn injected_faults_are_found() {
    let limits = limits();
    let (mut first, mut last) = (Table::default(), Table::default());
    let mut without_trace = BTreeMap::new();
    for (number, fault) in (0..).zip(Cause::ALL) {
        let seeds = (0..SEEDS_MAX).map(|it| it * 16 + number);
        let judged = seeds.filter_map(|seed| judge(fault, seed, &limits));
        let judged: Vec<Judged> = judged.take(RUNS_OF_EACH).collect();
        assert_eq!(judged.len(), RUNS_OF_EACH, "{fault:?} seldom leaves a gap");
        for it in judged {
            first.add(fault, it.first.cause);
            last.add(fault, it.last.cause);
            *without_trace.entry(fault).or_insert(0) += i32::from(it.script.leaves_no_trace(fault));
        }
    }
    first.print("At the first look");
    last.print("When quiet gateways are back");
    // What cannot be told from a reading left out, or from another fault of the device, bounds the figures.
    for (fault, count) in without_trace.into_iter().filter(|it| it.1 > 0) {
        println!(
            "{}: {count} of {RUNS_OF_EACH} left no trace.",
            fault.words()
        );
    }

    for fault in Cause::ALL {
        let right = last.right_in_thousand(&[fault]);
        assert!(right >= 900, "{fault:?}: {right} in a thousand are right");
    }
    assert!(last.right_in_thousand(&Cause::ALL) >= 950);
    // Before it is back, a quiet gateway is at least found to be one.
    for fault in [Cause::GatewayOff, Cause::HomeInternetDown] {
        let quiet = first.of(fault, Cause::GatewayOff) + first.of(fault, Cause::HomeInternetDown);
        assert!(quiet * 100 >= RUNS_OF_EACH * 95, "{fault:?}: {quiet}");
    }
}
