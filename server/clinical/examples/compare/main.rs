//! Compares simple limits with this core on a simulated stream with known truth, and prints the tables as Markdown:
//! `cargo run -p clinical --release --example compare [SEED [PATIENT_DAYS]]`.
#![expect(
    clippy::unwrap_used,
    reason = "a comparison stops at the first surprise"
)]

mod arms;
mod figures;
mod stream;

/// The stream of the README's table.
const SEED: i64 = 1;
const PATIENT_DAYS: i64 = 10_000;

fn config(path: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");
    std::fs::read_to_string(format!("{folder}/{path}")).unwrap()
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|it| it.parse().unwrap());
    let seed = arguments.next().unwrap_or(SEED);
    let patient_days = arguments.next().unwrap_or(PATIENT_DAYS);
    let patients = stream::stream(seed, patient_days);
    let plans = arms::plans::Plans::load(config);
    let figures = figures::compare(&patients, &plans);
    print!("{}", figures::table(&figures));
}
