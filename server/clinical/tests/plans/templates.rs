//! The templates: all eight load, make sense, and say where every number is from.

use std::collections::BTreeSet;
use std::mem::discriminant;

use clinical::plan::{Choice, Matter, MergeError, Template, merge};
use clinical::{Priority, VitalSign};

use super::{answers, merged, templates};

#[test]
fn there_are_eight_and_each_becomes_a_plan_alone() {
    let all = templates();
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "copd-88-92",
            "copd-94-98",
            "general",
            "heart-failure",
            "hypertension",
            "hypertension-over-80",
            "post-covid-oximetry",
            "pregnancy",
        ]
    );
    for template in all.values() {
        let content = merged(&[template]).unwrap();
        let plan = content.into_plan(
            clinical::PlanVersion(1),
            "dr-bell".parse().unwrap(),
            "template".to_owned(),
            None,
            "2026-11-21T08:00:00Z".parse().unwrap(),
        );
        plan.check().unwrap();
        assert_eq!(plan.care.templates, [template.name.to_string()]);
        assert_eq!(plan.care.escalation.0.len(), Priority::ALL.len());
        assert!(plan.care.term.unwrap().review_by.is_some());
        assert!(!plan.care.hours.spans().is_empty() && !plan.care.zone.is_utc());
        assert!(!plan.care.schedule.expected.is_empty());
        for sign in plan.limits.keys() {
            assert!(plan.care.confirmation.contains_key(sign), "{sign:?}");
            assert!(!plan.care.limits_from[sign].is_empty());
        }
    }
}

/// A number without a publication says that it is a proposal, and a proposal says who must approve it.
#[test]
fn every_number_names_a_publication_or_says_that_a_clinician_must_approve_it() {
    const KNOWN: [&str; 13] = [
        "NICE NG136",
        "NICE NG133",
        "RCP 2017",
        "BTS 2017",
        "NHS England",
        "ESC heartfailurematters",
        "HeartPhone",
        "BIHS",
        "ENGAGE-HF",
        "MHRA",
        "Anthonisen",
        "UK patient leaflets",
        "Mersey Care",
    ];
    for template in templates().values() {
        let sources = template.sources();
        assert!(sources.len() >= 10, "{}", template.name);
        for source in sources {
            let is_known = KNOWN.iter().any(|known| source.contains(known));
            let proposes = source.to_lowercase().contains("proposal");
            assert!(is_known || proposes, "{}: {source}", template.name);
            let is_complete =
                source.contains("a clinician must approve it") || source.contains("set your own");
            assert!(!proposes || is_complete, "{}: {source}", template.name);
        }
    }
}

#[test]
fn every_kind_of_rule_is_used_somewhere() {
    let all = templates();
    let contents = all.values().map(|it| merged(&[it]).unwrap());
    let rules: Vec<_> = contents.flat_map(|it| it.care.rules).collect();
    let kinds: BTreeSet<String> = rules
        .iter()
        .map(|rule| format!("{:?}", discriminant(rule.kind())))
        .collect();
    assert_eq!(kinds.len(), 8, "{kinds:?}");
}

#[test]
fn scale_two_is_for_a_prescribed_88_to_92_alone_and_pregnancy_is_not_scored() {
    for template in templates().values() {
        let content = merged(&[template]).unwrap();
        let scale = content.care.score.map(|it| it.settings().scale);
        let scale = scale.map(|it| format!("{it:?}"));
        let expected = match template.name.as_str() {
            "copd-88-92" => Some("Two"),
            "copd-94-98" | "general" | "post-covid-oximetry" => Some("One"),
            _ => None,
        };
        assert_eq!(scale.as_deref(), expected, "{}", template.name);
    }
    let own = merged(&[&templates()["copd-88-92"]]).unwrap();
    let limits = own.limits[&VitalSign::Spo2];
    assert!(limits.breach(&"92".parse().unwrap()).is_none());
    assert!(limits.breach(&"88".parse().unwrap()).is_none());
}

#[test]
fn a_score_is_never_slipped_into_a_pregnancy_by_another_template() {
    let all = templates();
    for other in ["general", "copd-94-98", "copd-88-92", "post-covid-oximetry"] {
        let error = merged(&[&all["pregnancy"], &all[other]]).unwrap_err();
        let mut about = error.conflicts().map(|it| &it.what);
        assert!(about.any(|it| *it == Matter::Score), "{other}: {error}");
    }
}

fn said(error: &MergeError) -> Vec<String> {
    error.conflicts().map(ToString::to_string).collect()
}

#[test]
fn each_merges_with_itself_only_once_and_any_pair_merges_or_names_its_conflicts() {
    let all: Vec<Template> = templates().into_values().collect();
    let mut listed = Vec::new();
    for (place, one) in all.iter().enumerate() {
        let twice = merged(&[one, one]).unwrap_err();
        assert_eq!(twice.0.len(), 1, "{twice}");
        assert_eq!(
            said(&twice).len(),
            0,
            "what is alike is no conflict: {twice}"
        );
        for other in all.iter().skip(place + 1) {
            let both = merged(&[one, other]);
            assert_eq!(both, merged(&[other, one]), "the order makes no difference");
            let Err(error) = both else {
                listed.push(format!("{} + {}: none", one.name, other.name));
                continue;
            };
            let conflicts = said(&error);
            assert_eq!(conflicts.len(), error.0.len(), "{error}");
            listed.push(format!(
                "{} + {}: {}",
                one.name,
                other.name,
                conflicts.len()
            ));
            listed.extend(conflicts.into_iter().map(|it| format!("  {it}")));
            settles(&[one, other], &error);
        }
    }
    println!("{}", listed.join("\n"));
}

/// With a choice for each conflict, either way, the pair becomes a plan or says what does not fit.
fn settles(pair: &[&Template; 2], error: &MergeError) {
    for template in pair {
        let mut wishes = answers(pair);
        for conflict in error.conflicts() {
            let chosen = Choice::Template(template.name.clone());
            wishes.choices.insert(conflict.what.clone(), chosen);
        }
        let content = merge(pair, &wishes).unwrap();
        assert_eq!(content.care.templates.len(), 2);
        for conflict in error.conflicts() {
            let Matter::Rule(rule) = &conflict.what else {
                continue;
            };
            assert_eq!(
                content
                    .care
                    .rules
                    .iter()
                    .filter(|it| it.id() == rule)
                    .count(),
                1
            );
        }
    }
}
