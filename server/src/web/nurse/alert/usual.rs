//! What is usual for a patient: the middle half of the values of the two weeks before.

use clinical::{History, VitalSign};
use jiff::{SignedDuration, Timestamp};

/// How many days are looked at.
const DAYS: i64 = 14;
/// With fewer readings nothing is called usual.
const READINGS_MIN: usize = 4;

/// Says what is usual for the vital signs of a problem, or for all of them where a problem has none of its own.
///
/// For example `systolic 128 to 141 mmHg (9 readings)`: a quarter of them was lower, a quarter higher.
pub(super) fn usual(history: &History, problem: &str, until: Timestamp) -> Vec<String> {
    let is_of_it = |sign: &VitalSign| sign.problem().code() == problem;
    let has_own = VitalSign::ALL.iter().any(is_of_it);
    let signs = VitalSign::ALL.into_iter();
    signs
        .filter(|sign| !has_own || is_of_it(sign))
        .filter_map(|sign| of_sign(history, sign, until))
        .collect()
}

fn of_sign(history: &History, sign: VitalSign, until: Timestamp) -> Option<String> {
    let from = until - SignedDuration::from_hours(24 * DAYS);
    let points = history.points_until(sign, until).iter();
    let mut points: Vec<_> = points.filter(|it| it.at() >= from).collect();
    points.sort_by_key(|it| it.thousandths());
    let len = points.len();
    if len < READINGS_MIN {
        return None;
    }
    let low = points.get(len / 4)?.value().plain();
    let high = points.get(3 * len / 4)?.value().plain();
    let (name, unit) = (sign.name(), sign.unit());
    Some(if low == high {
        format!("{name} {low}{unit} ({len} readings)")
    } else {
        format!("{name} {low} to {high}{unit} ({len} readings)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::{ReadingStored, Zone};
    use vitals::Decimal;

    fn history(values: &[(&str, i32)]) -> History {
        let mut history = History::default();
        for (number, (day, value)) in values.iter().enumerate() {
            let at: Timestamp = format!("2026-03-{day}T08:00:00Z").parse().unwrap();
            let reading = ReadingStored {
                id: format!("{number:032x}").parse().unwrap(),
                values: vec![(VitalSign::Spo2, Decimal::whole(*value))],
                quality: Vec::new(),
                measured_at: at,
                received_at: at,
                device: None,
                user: None,
                registered_user: None,
                clock: None,
                drill: false,
            };
            history.insert(&reading, &Zone::utc());
        }
        history
    }

    #[test]
    fn the_middle_half_of_two_weeks_is_usual() {
        let until = "2026-03-20T00:00:00Z".parse().unwrap();
        let known = [
            ("01", 60),
            ("07", 93),
            ("08", 95),
            ("09", 80),
            ("10", 94),
            ("11", 96),
            ("21", 70),
        ];
        let said = ["oxygen 93 to 95% (5 readings)"];
        assert_eq!(usual(&history(&known), "oxygen", until), said);
        assert_eq!(usual(&history(&known), "silence", until), said);
        assert!(usual(&history(&known), "weight", until).is_empty());
        assert!(usual(&history(&known[..4]), "oxygen", until).is_empty());
        let same = [("07", 95), ("08", 95), ("09", 95), ("10", 95)];
        let said = ["oxygen 95% (4 readings)"];
        assert_eq!(usual(&history(&same), "oxygen", until), said);
    }
}
