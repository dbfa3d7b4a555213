//! Laws of plans, on random templates, choices and changes.

use std::collections::BTreeSet;

use clinical::plan::{
    Choice, Leaning, Line, Matter, PatientView, Plan, Proposal, Roles, Template, Wishes, changes,
    leaning, merge,
};
use clinical::{Limits, VitalSign};
use proptest::prelude::*;
use vitals::Decimal;

use super::{answers, hard_stops, now, plan, templates};

/// Some of the templates, in any order.
fn some() -> impl Strategy<Value = Vec<Template>> {
    let all: Vec<Template> = templates().into_values().collect();
    let len = all.len();
    proptest::sample::subsequence(all, 0..=len).prop_shuffle()
}

/// Settles every conflict by the template with this place among those that say something.
fn settled(templates: &[&Template], place: usize) -> Wishes {
    let mut wishes = answers(templates);
    let Err(error) = merge(templates, &wishes) else {
        return wishes;
    };
    for conflict in error.conflicts() {
        let (name, _) = &conflict.ours[place % conflict.ours.len()];
        let chosen = Choice::Template(name.clone());
        wishes.choices.insert(conflict.what.clone(), chosen);
    }
    wishes
}

fn own_limits() -> impl Strategy<Value = Limits> {
    (60..95_i32, 1..40_i32, 1..40_i32, 1..40_i32, 0..16_u8).prop_map(|(low, a, b, c, there)| {
        let lines = [low, low + a, low + a + b, low + a + b + c];
        let line = |place: usize| (there & (1 << place) != 0).then(|| Decimal::whole(lines[place]));
        Limits::new(line(0), line(1), line(2), line(3)).unwrap()
    })
}

fn proposal(current: &Plan, own: Limits, minutes_later: i64) -> Proposal {
    let mut limits = current.limits.clone();
    limits.insert(VitalSign::Pulse, own);
    Proposal {
        limits,
        care: current.care.clone(),
        based_on: current.version,
        author: "nurse-ann".parse().unwrap(),
        reason: "a law".to_owned(),
        patient_view: PatientView::Agreed,
        in_force_from: now() + jiff::SignedDuration::from_mins(minutes_later),
        crossing: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_templates_makes_no_difference(some in some(), place in 0..8_usize) {
        let forward: Vec<&Template> = some.iter().collect();
        let backward: Vec<&Template> = some.iter().rev().collect();
        prop_assert_eq!(merge(&forward, &answers(&forward)), merge(&backward, &answers(&backward)));
        let wishes = settled(&forward, place);
        prop_assert_eq!(merge(&forward, &wishes), merge(&backward, &wishes));
    }

    #[test]
    fn nothing_that_a_template_says_is_lost_or_changed_without_a_choice(some in some(), place in 0..8_usize) {
        let picked: Vec<&Template> = some.iter().collect();
        let wishes = settled(&picked, place);
        let Ok(content) = merge(&picked, &wishes) else { return Ok(()) };
        let particulars = clinical::plan::Particulars::of(&content.limits, &content.care);
        for template in &picked {
            for (matter, setting) in template.particulars().iter() {
                if wishes.choices.contains_key(matter) || *matter == Matter::Review {
                    continue;
                }
                let kept = particulars.get(matter);
                prop_assert!(kept.is_some_and(|it| it.says_the_same_as(setting)), "{matter}");
            }
        }
    }

    #[test]
    fn an_accepted_plan_is_the_next_version_checked_and_never_from_the_past(
        own in own_limits(),
        minutes_later in -100..100_i64,
    ) {
        let current = plan(&["general"]);
        let proposal = proposal(&current, own, minutes_later);
        let roles = Roles { prescribers: BTreeSet::new() };
        if let Ok(next) = proposal.accept(&current, &hard_stops(), &roles, now()) {
            prop_assert_eq!(next.version.0, current.version.0 + 1);
            prop_assert!(next.in_force_from >= now());
            prop_assert_eq!(next.check(), Ok(()));
            prop_assert_eq!(hard_stops().crossed(Some(&current), &next), vec![]);
            prop_assert!(!changes(&current, &next).is_empty());
            let stale = proposal.accept(&next, &hard_stops(), &roles, now());
            prop_assert!(stale.is_err(), "an accepted proposal is accepted once");
        }
    }

    #[test]
    fn a_limit_that_leans_one_way_leans_the_other_way_back_and_says_what_values_do(
        one in 50..150_i32,
        other in 50..150_i32,
        line in proptest::sample::select(vec![Line::UrgentLow, Line::SoonLow, Line::SoonHigh, Line::UrgentHigh]),
    ) {
        let matter = Matter::Limit(VitalSign::Pulse, line);
        let setting = |value| clinical::plan::Setting::Limit { at: Decimal::whole(value), source: String::new() };
        let there = leaning(Some(&setting(one)), Some(&setting(other)), &matter);
        let back = leaning(Some(&setting(other)), Some(&setting(one)), &matter);
        let reached = |limit: i32| {
            (0..200).filter(|value| match line.side() {
                clinical::Side::Low => *value <= limit,
                clinical::Side::High => *value >= limit,
            }).count()
        };
        match reached(other).cmp(&reached(one)) {
            std::cmp::Ordering::Greater => prop_assert_eq!((there, back), (Leaning::Tightened, Leaning::Loosened)),
            std::cmp::Ordering::Less => prop_assert_eq!((there, back), (Leaning::Loosened, Leaning::Tightened)),
            std::cmp::Ordering::Equal => prop_assert_eq!((there, back), (Leaning::Other, Leaning::Other)),
        }
    }
}
