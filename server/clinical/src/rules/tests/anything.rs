//! Any history at all: no rule panics, and what holds can be said, written and read back.

use proptest::prelude::*;
use vitals::Decimal;
use vitals::decimal::MANTISSA_MAX;

use super::written::every_kind;
use super::*;
use crate::history::Answers;
use crate::rules::EVIDENCE_LEN_MAX;

/// Times close together, so that rules find something, or as far apart as there are.
fn seconds() -> impl Strategy<Value = i64> {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    prop_oneof![9 => 1_793_000_000_i64..1_794_000_000, 1 => first..=last]
}

fn value() -> impl Strategy<Value = Decimal> {
    let likely = (600_i64..2_000).prop_map(|tenths| Decimal::new(tenths, -1).unwrap());
    let any = (-MANTISSA_MAX..=MANTISSA_MAX, 0_i8..=9);
    prop_oneof![9 => likely, 1 => any.prop_map(|(mantissa, scale)| Decimal::new(mantissa, -scale).unwrap())]
}

proptest! {
    #[test]
    fn no_history_panics_a_rule(
        points in proptest::collection::vec((0_usize..6, seconds(), value(), any::<bool>()), 0..120),
        answers in proptest::collection::vec((seconds(), any::<bool>()), 0..4),
        as_of in seconds(),
        margin in value(),
    ) {
        let zone = "GMT0BST,M3.5.0/1,M10.5.0".parse().unwrap();
        let mut history = History::default();
        for (number, (sign, at, value, is_irregular)) in (0_u32..).zip(points) {
            let at = Timestamp::from_second(at).unwrap();
            let reading = format!("{number:032x}").parse().unwrap();
            let sign = VitalSign::ALL[sign];
            history.insert_point(sign, Point::new(at, &zone, value, reading, is_irregular));
            if sign == VitalSign::Systolic {
                history.insert_point(VitalSign::Diastolic, Point::new(at, &zone, value, reading, is_irregular));
            }
        }
        for (at, is_yes) in answers {
            let mut answers = Answers::at(Timestamp::from_second(at).unwrap());
            answers.symptoms.insert("breathless-lying-down".parse().unwrap(), is_yes);
            history.insert_answers(answers);
        }
        let as_of = Timestamp::from_second(as_of).unwrap();
        let restored: History = serde_json::from_str(&serde_json::to_string(&history).unwrap()).unwrap();
        for rule in every_kind() {
            let found = rule.evaluate_with_margin(&history, as_of, &margin);
            prop_assert_eq!(&rule.evaluate_with_margin(&restored, as_of, &margin), &found);
            if let Judgement::Holds(found) = found {
                prop_assert!(found.newest_at <= as_of);
                prop_assert!(found.readings.len() <= EVIDENCE_LEN_MAX);
                let text = serde_json::to_string(&found).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Holding>(&text).unwrap(), &*found);
                prop_assert!(found.for_patient().ends_with('.'));
                prop_assert!(!found.for_nurse().is_empty() && !found.would_have_stopped().is_empty());
            }
        }
    }
}
