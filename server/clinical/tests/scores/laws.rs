//! Laws of scores, on random inputs, and what a table, a rule and a stored score must not say.

use clinical::score::{
    Acvpu, Bands, INPUTS_AGE_MINUTES_MAX, Inputs, RAISE_LEN_MAX, RESPONSES_LEN_MAX, Score,
    ScoreFinding, ScoreRule, ScoreTable, Spo2Scale, WORDS_LEN_MAX, score,
};
use proptest::prelude::*;
use vitals::Decimal;

use super::{input, now, table, table_text};

/// Any value with up to two decimals, from far under to far over every band.
fn number() -> impl Strategy<Value = Decimal> {
    (-1_000_i64..40_000, 0_i8..=2).prop_map(|(value, scale)| Decimal::new(value, -scale).unwrap())
}

fn scale() -> impl Strategy<Value = Spo2Scale> {
    prop_oneof![Just(Spo2Scale::One), Just(Spo2Scale::Two)]
}

fn complete() -> impl Strategy<Value = Inputs> {
    let level = prop_oneof![
        Just(Acvpu::Alert),
        Just(Acvpu::Confusion),
        Just(Acvpu::Voice),
        Just(Acvpu::Pain),
        Just(Acvpu::Unresponsive)
    ];
    let numbers = (number(), number(), number(), number(), number());
    (numbers, any::<bool>(), level).prop_map(
        |((breaths, spo2, systolic, pulse, heat), oxygen, level)| Inputs {
            respiratory_rate: Some(input(breaths, 0)),
            spo2: Some(input(spo2, 0)),
            on_oxygen: Some(input(oxygen, 0)),
            systolic: Some(input(systolic, 0)),
            pulse: Some(input(pulse, 0)),
            consciousness: Some(input(level, 0)),
            temperature: Some(input(heat, 0)),
        },
    )
}

/// Leaves out the inputs whose bit is not set.
fn some_of(all: &Inputs, kept: u8) -> Inputs {
    let keeps = |bit: u8| kept & (1 << bit) != 0;
    Inputs {
        respiratory_rate: all.respiratory_rate.filter(|_| keeps(0)),
        spo2: all.spo2.filter(|_| keeps(1)),
        on_oxygen: all.on_oxygen.filter(|_| keeps(2)),
        systolic: all.systolic.filter(|_| keeps(3)),
        pulse: all.pulse.filter(|_| keeps(4)),
        consciousness: all.consciousness.filter(|_| keeps(5)),
        temperature: all.temperature.filter(|_| keeps(6)),
    }
}

fn says_news(text: &str) -> bool {
    text.to_lowercase().contains("news")
}

proptest! {
    #[test]
    fn all_seven_are_complete_and_at_most_20(inputs in complete(), scale in scale()) {
        let it = score(&table(), scale, &inputs, now());
        prop_assert!(matches!(it, Score::Complete(_)));
        prop_assert!(it.points() <= 20);
        let called = format!("NEWS2 {}", it.points());
        prop_assert!(it.nurse_sentence().starts_with(&called));
    }

    #[test]
    fn a_partial_score_is_no_more_than_the_whole_and_never_called_it(
        inputs in complete(), scale in scale(), kept in 0_u8..127,
    ) {
        let table = table();
        let whole = score(&table, scale, &inputs, now());
        let part = score(&table, scale, &some_of(&inputs, kept), now());
        let Score::Partial(partial) = &part else {
            return Err(TestCaseError::fail("seven parts of fewer than seven inputs"));
        };
        prop_assert_eq!(partial.parts().len() + partial.missing().len(), 7);
        prop_assert!(part.points() <= whole.points());
        for it in part.parts() {
            prop_assert!(whole.parts().contains(it), "a part changed when others went missing");
        }
        prop_assert!(!says_news(&part.nurse_sentence()) && !says_news(&part.patient_sentence()));
        prop_assert!(!says_news(&serde_json::to_string(&part).unwrap()));
    }

    #[test]
    fn further_out_never_scores_less(middle_first in 0_usize..7, near in 0_i64..40_000, far in 0_i64..40_000, up in any::<bool>()) {
        let table = table();
        let chart = table.chart();
        // The middle of the range without points, in hundredths.
        let of_parameter: [(&Bands, i64); 7] = [
            (&chart.respiratory_rate, 1_600),
            (&chart.spo2_scale_1, 10_000),
            (&chart.spo2_scale_2.on_air, 10_000),
            (&chart.spo2_scale_2.on_oxygen, 9_000),
            (&chart.systolic, 16_000),
            (&chart.pulse, 7_000),
            (&chart.temperature, 3_700),
        ];
        let (bands, middle) = of_parameter[middle_first];
        let (near, far) = (near.min(far), near.max(far));
        let points = |distance: i64| {
            let value = if up { middle + distance } else { middle - distance };
            bands.points(&Decimal::new(value, -2).unwrap())
        };
        prop_assert!(points(near) <= points(far));
        prop_assert_eq!(points(0).get(), 0);
    }
}

fn refused(text: &str) -> String {
    let error = toml::from_str::<ScoreTable>(text).unwrap_err();
    error.message().to_owned()
}

#[test]
fn a_table_that_cannot_be_used_is_refused_by_name() {
    let text = table_text();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        refused(&text.replacen(from, to, 1))
    };
    let gap = changed(r#"from = "9", to = "11""#, r#"from = "10", to = "11""#);
    assert!(gap.contains("no gap and no overlap"), "{gap}");
    let points = changed("on_oxygen = 2", "on_oxygen = 4");
    assert!(points.contains("0 to 3 points"), "{points}");
    let age = changed("inputs_age_minutes_max = 60", "inputs_age_minutes_max = 0");
    assert!(age.contains("must be 1 to"), "{age}");
    let too_old = format!("inputs_age_minutes_max = {}", INPUTS_AGE_MINUTES_MAX + 1);
    assert!(changed("inputs_age_minutes_max = 60", &too_old).contains("must be 1 to"));
    let title = changed("This is only part of the picture.", "Your news2 is good.");
    assert!(title.contains("may not say NEWS2"), "{title}");
    let unknown = changed("[not_for]", "[not_for]\nshoe_size = 3");
    assert!(unknown.contains("unknown field"), "{unknown}");
    let empty = changed("title = \"NEWS2\"", "title = \" \"");
    assert!(empty.contains("title needs words"), "{empty}");
    let long = format!("risk = \"{}\"", "x".repeat(WORDS_LEN_MAX + 1));
    assert!(changed("risk = \"low\"", &long).contains("responses.risk needs words"));
}

#[test]
fn responses_must_leave_no_total_without_one() {
    let text = table_text();
    let ladder = |from: &str, to: &str| refused(&text.replacen(from, to, 1));
    assert!(ladder("at_least = 0", "at_least = 2").contains("begin at a total of 0 and rise"));
    assert!(ladder("at_least = 7", "at_least = 5").contains("begin at a total of 0 and rise"));
    let response = r#"response = { risk = "high", nurse = "Call.", patient = "Rest." }"#;
    let more = |at_least| format!("[[responses.by_total]]\nat_least = {at_least}\n{response}\n");
    let too_many: String = (8..8 + RESPONSES_LEN_MAX).map(more).collect();
    assert!(refused(&format!("{text}\n{too_many}")).contains("at most 10"));
    assert!(ladder("under_total = 5", "under_total = 6").contains("under_total must be"));
}

#[test]
fn the_score_is_not_for_children_nor_in_pregnancy() {
    let table = table();
    assert_eq!(
        table.excludes(15, false).unwrap(),
        "NEWS2 is not for people under 16"
    );
    assert_eq!(table.excludes(16, false), None);
    assert_eq!(
        table.excludes(30, true).unwrap(),
        "NEWS2 is not for use in pregnancy"
    );
}

#[test]
fn a_table_travels_by_value_in_a_rule() {
    let mut rule = serde_json::json!({
        "table": table(), "scale": "one", "source": "design",
        "complete": {"raise": [{"at_least": 5, "priority": "soon"}, {"at_least": 7, "priority": "urgent"}]},
        "partial": {"one_parameter_3": "soon"},
    });
    let read = |rule: &serde_json::Value| serde_json::from_value::<ScoreRule>(rule.clone());
    let kept = read(&rule).unwrap();
    assert_eq!(serde_json::to_value(&kept).unwrap(), rule);
    assert_eq!(kept.settings().table, table());
    let mut refused = |path: &str, value: serde_json::Value| {
        let before = std::mem::replace(rule.pointer_mut(path).unwrap(), value);
        let error = read(&rule).unwrap_err().to_string();
        *rule.pointer_mut(path).unwrap() = before;
        error
    };
    assert!(refused("/complete/raise/0/at_least", 0.into()).contains("begin at 1"));
    assert!(refused("/complete/raise/0/at_least", 7.into()).contains("rise"));
    assert!(refused("/complete/raise/1/priority", "check".into()).contains("never fall"));
    assert!(refused("/partial/one_parameter_3", "technical".into()).contains("technical"));
    assert!(refused("/source", "".into()).contains("source needs words"));
    assert!(refused("/scale", "three".into()).contains("three"));
    let step = |it: u8| serde_json::json!({"at_least": it, "priority": "soon"});
    let steps: Vec<_> = (1..).map(step).take(RAISE_LEN_MAX + 1).collect();
    assert!(refused("/complete/raise", steps.into()).contains("at most 8"));
    rule["inputs_age_minutes_max"] = 0.into();
    assert!(
        read(&rule)
            .unwrap_err()
            .to_string()
            .contains("must be 1 to")
    );
}

#[test]
fn a_stored_score_cannot_pass_for_complete() {
    let inputs = Inputs {
        pulse: Some(input(Decimal::whole(140), 0)),
        ..Inputs::default()
    };
    let found = ScoreFinding {
        score: score(&table(), Spo2Scale::One, &inputs, now()),
        reached: None,
    };
    let mut stored = serde_json::to_value(&found).unwrap();
    let part = stored["score"]["parts"][0].clone();
    let response = serde_json::to_value(table().response(20, true)).unwrap();
    for parts in [vec![part.clone()], vec![part; 7]] {
        let forged = serde_json::json!({"score": {
            "is": "complete", "title": "NEWS2", "scale": "one", "parts": parts, "response": response,
        }});
        assert!(serde_json::from_value::<ScoreFinding>(forged).is_err());
    }
    stored["score"]["missing"].as_array_mut().unwrap().pop();
    assert!(serde_json::from_value::<ScoreFinding>(stored).is_err());
}
