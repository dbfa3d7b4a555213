//! Changes: what one version says differently from the next, and a plan from its templates, in sentences.

use clinical::plan::{Leaning, changes, departures};
use clinical::{Priority, VitalSign};

use super::{answers, in_force, limits, merged, plan, templates};
use clinical::plan::merge;

fn sentences(from: &clinical::Plan, to: &clinical::Plan) -> Vec<String> {
    let changes = changes(from, to);
    changes
        .iter()
        .map(clinical::plan::Change::sentence)
        .collect()
}

#[test]
fn nothing_is_different_from_itself_and_a_change_back_leans_the_other_way() {
    let before = plan(&["general"]);
    assert_eq!(changes(&before, &before), []);
    let mut after = before.clone();
    after
        .limits
        .insert(VitalSign::Systolic, limits("90 100 - 185"));
    after.care.rules.clear();
    let flip = |leaning| match leaning {
        Leaning::Tightened => Leaning::Loosened,
        Leaning::Loosened => Leaning::Tightened,
        Leaning::Other => Leaning::Other,
    };
    let (there, back) = (changes(&before, &after), changes(&after, &before));
    assert_eq!(there.len(), 2);
    for (there, back) in there.iter().zip(&back) {
        assert_eq!(there.leaning, Leaning::Loosened);
        assert_eq!(
            (&there.what, flip(there.leaning)),
            (&back.what, back.leaning)
        );
    }
}

#[test]
fn every_kind_of_change_is_said_with_the_way_it_leans() {
    let before = plan(&["heart-failure"]);
    let mut after = before.clone();
    after
        .limits
        .insert(VitalSign::Systolic, limits("85 - - 170"));
    after
        .care
        .rules
        .retain(|rule| rule.id().as_str() != "weight-drift");
    after
        .care
        .confirmation
        .get_mut(&VitalSign::Pulse)
        .unwrap()
        .urgent_minutes = Some(10);
    let clearing = after.care.clearing.as_mut().unwrap();
    clearing.readings = 3;
    clearing
        .margins
        .insert(VitalSign::Weight, "0.3".parse().unwrap());
    let quality = after.care.quality.as_mut().unwrap();
    quality.jumps.get_mut(&VitalSign::Weight).unwrap().more_than = "4".parse().unwrap();
    quality.unusable_in_a_row = Some(3);
    after.care.lateness.as_mut().unwrap().late_minutes = 60;
    after.care.schedule.expected[0].check_after = 5;
    let urgent = after.care.escalation.0.get_mut(&Priority::Urgent).unwrap();
    (urgent.take_minutes, urgent.act_minutes) = (10, 45);
    after.care.hours = clinical::Hours::new(["mon-fri 09:00-17:00".parse().unwrap()]);
    assert_eq!(
        sentences(&before, &after),
        [
            "Systolic, low urgent limit: 90 becomes 85 (loosened).",
            "Systolic, high urgent limit: new, 170 (tightened).",
            "Rule weight-drift: no longer check, weight rising by 0.7 kg a week over 21 days (loosened).",
            "Confirmation of pulse: urgent after a repeat within 15 min, soon after a repeat within 60 min becomes \
             urgent after a repeat within 10 min, soon after a repeat within 60 min (tightened).",
            "Readings inside that clear an alert: 2 becomes 3 (tightened).",
            "Margin that clears weight: 0.5 becomes 0.3 (loosened).",
            "Jump of weight that no body makes: more than 5 within 24 h becomes more than 4 within 24 h (loosened).",
            "Unusable measurements in a row: 2 becomes 3 (loosened).",
            "Late readings: after 120 min, urgent becomes soon becomes after 60 min, urgent becomes soon (loosened).",
            "Blood pressure schedule: daily 06:00-12:00, 60 min of grace, nudge after 2, check after 7 missed becomes \
             daily 06:00-12:00, 60 min of grace, nudge after 2, check after 5 missed (tightened).",
            "Response to urgent alerts: take within 15 min, act within 30 min, next step after 15 min, aside for 30 \
             min at most, 3 tries without an answer becomes take within 10 min, act within 45 min, next step after 15 \
             min, aside for 30 min at most, 3 tries without an answer (changed).",
            "Monitoring hours: mon-sun 08:00-20:00 becomes mon-fri 09:00-17:00 (changed).",
        ]
    );
}

#[test]
fn a_plan_says_how_it_departs_from_its_templates_and_what_was_asked_is_no_departure() {
    let all = templates();
    let pair = [&all["heart-failure"], &all["hypertension"]];
    let mut wishes = answers(&pair);
    for what in ["limits.systolic.soon_low", "schedule.blood_pressure"] {
        let chosen = "heart-failure".to_owned().try_into().unwrap();
        wishes.choices.insert(what.parse().unwrap(), chosen);
    }
    let mut own = in_force(merge(&pair, &wishes).unwrap());
    assert_eq!(
        departures(&own, &pair),
        [],
        "a choice is what one of them says"
    );

    own.limits
        .insert(VitalSign::Systolic, limits("90 95 150 180"));
    own.care
        .rules
        .retain(|rule| rule.id().as_str() != "weight-drift");
    let departures = departures(&own, &pair);
    let said: Vec<String> = departures
        .iter()
        .map(clinical::plan::Departure::sentence)
        .collect();
    assert_eq!(
        said,
        [
            "Systolic, low soon limit: 95; heart-failure says none; hypertension says 100 (changed).",
            "Systolic, high soon limit: 150; no template says anything (tightened).",
            "Rule weight-drift: none; heart-failure says check, weight rising by 0.7 kg a week over 21 days (loosened).",
        ]
    );
}

#[test]
fn what_a_template_says_is_the_same_plan_taken_apart_and_put_together() {
    for template in templates().values() {
        let own = in_force(merged(&[template]).unwrap());
        let json = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<clinical::Plan>(&json).unwrap(), own);
        assert_eq!(departures(&own, &[template]), [], "{}", template.name);
    }
}
