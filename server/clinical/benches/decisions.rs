//! What deciding costs: one reading of a patient with a year behind, a patient's year again, and whether a longer history
//! costs more.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at the first surprise"
)]

mod year;

use std::hint::black_box;

use clinical::{Event, step};
use criterion::measurement::{Measurement, WallTime};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};

/// Deciding the next day's readings after so many days: the cost of one does not grow with the days behind it.
fn decide_after(c: &mut Criterion) {
    let mut group = c.benchmark_group("decide, after days");
    group.throughput(Throughput::Elements(year::READINGS_A_DAY.unsigned_abs()));
    for days in [1, 7, 28, 90, 365, 730] {
        let mut history = year::readings(1, days + 1);
        let next =
            history.split_off(history.len() - usize::try_from(year::READINGS_A_DAY).unwrap());
        let (case, _, _) = year::replay(&history);
        group.bench_with_input(BenchmarkId::from_parameter(days), &next, |b, next| {
            b.iter_batched(
                || case.clone(),
                |case| day(case, next),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn day(case: clinical::Case, events: &[(Timestamp, Event)]) -> clinical::Case {
    let mut case = case;
    for (at, event) in events {
        let decided = step(Some(case), black_box(event), *at).unwrap();
        black_box(&decided.decisions);
        case = decided.case;
    }
    case
}

/// One patient's year, with every deadline in it.
fn replay_year(c: &mut Criterion) {
    let history = year::readings(7, year::DAYS);
    let (_, decided, _) = year::replay(&history);
    let mut group = c.benchmark_group("replay");
    group.sample_size(20);
    group.throughput(Throughput::Elements(u64::try_from(decided).unwrap()));
    group.bench_function("one patient-year", |b| {
        b.iter(|| year::replay(black_box(&history)));
    });
    group.finish();
}

/// The raw limit beside it: the same year's limits compared and nothing else.
fn compare_only(c: &mut Criterion) {
    let history = year::readings(7, year::DAYS);
    let plan = year::plan();
    let mut group = c.benchmark_group("replay");
    group.bench_function("one patient-year, limits compared only", |b| {
        b.iter(|| {
            let readings = history.iter().filter_map(|(_, event)| match event {
                Event::ReadingStored(reading) => Some(reading),
                _ => None,
            });
            let breaches = readings.flat_map(|it| &it.values).filter(|(sign, value)| {
                let limits = plan.limits.get(sign);
                limits.is_some_and(|limits| limits.breach(black_box(value)).is_some())
            });
            breaches.count()
        });
    });
    group.finish();
}

/// A whole service: 5,400 patients' years, one after the other, on one core. It takes a minute, so it runs once and only
/// when it is asked for: `cargo bench -p clinical -- service`.
fn replay_service(_: &mut Criterion) {
    if !std::env::args().any(|it| it == "service") {
        return;
    }
    let histories: Vec<_> = (0..8)
        .map(|seed| year::readings(seed, year::DAYS))
        .collect();
    let began = WallTime.start();
    let mut decided = 0;
    for patient in 0..5_400 {
        decided += year::replay(&histories[patient % histories.len()]).1;
    }
    let took = SignedDuration::try_from(WallTime.end(began)).unwrap();
    println!(
        "5,400 patient-years: {decided} events in {:.1} s",
        took.as_secs_f64()
    );
}

criterion_group!(
    benches,
    decide_after,
    replay_year,
    compare_only,
    replay_service
);
criterion_main!(benches);
