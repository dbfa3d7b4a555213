//! What is usual for a patient, as a sentence of what is passed on.

use clinical::{History, VitalSign};
use jiff::Timestamp;

/// Says what is usual for the vital signs of a problem, or for all of them where a problem has none of its own.
///
/// For example `systolic 128 to 141 mmHg (9 readings)`: a quarter of them was lower, a quarter higher.
pub(super) fn usual(history: &History, problem: &str, until: Timestamp) -> Vec<String> {
    let is_of_it = |sign: &VitalSign| sign.problem().code() == problem;
    let has_own = VitalSign::ALL.iter().any(is_of_it);
    let signs = VitalSign::ALL.into_iter();
    let signs = signs.filter(|sign| !has_own || is_of_it(sign));
    let said = signs.filter_map(|sign| {
        let found = history.usual(sign, until)?;
        let (name, range, len) = (sign.name(), found.range(sign), found.readings);
        Some(format!("{name} {range} ({len} readings)"))
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::Zone;
    use clinical::history::Point;
    use vitals::Decimal;

    #[test]
    fn a_problem_without_a_sign_of_its_own_is_about_all() {
        let mut history = History::default();
        for (number, value) in [93, 95, 94, 96].into_iter().enumerate() {
            let at = format!("2026-03-1{number}T08:00:00Z").parse().unwrap();
            let reading = format!("{number:032x}").parse().unwrap();
            let point = Point::new(at, &Zone::utc(), Decimal::whole(value), reading, false);
            history.insert_point(VitalSign::Spo2, point);
        }
        let until = "2026-03-14T00:00:00Z".parse().unwrap();
        let said = ["oxygen 94 to 95% (4 readings)"];
        assert_eq!(usual(&history, "oxygen", until), said);
        assert_eq!(usual(&history, "silence", until), said);
        assert!(usual(&history, "weight", until).is_empty());
    }
}
