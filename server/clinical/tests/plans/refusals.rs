//! Refusals: what is wrong with a template, a merge or a plan, named in a sentence.

use clinical::plan::{
    Clearing, MINUTES_MAX, Plan, Quality, RULES_LEN_MAX, Response, TEMPLATES_LEN_MAX, TemplateFile,
    Wishes, merge,
};
use clinical::{Priority, VitalSign};

use super::{answers, config, limits, plan, service, tables, templates};

fn refused(file: &str, from: &str, to: &str) -> String {
    let text = config(&format!("templates/{file}.toml"));
    assert!(text.contains(from), "{from} is not in {file}");
    let text = text.replacen(from, to, 1);
    match toml::from_str::<TemplateFile>(&text) {
        Err(error) => error.to_string(),
        Ok(file) => file.resolve(&service(), &tables()).unwrap_err().to_string(),
    }
}

/// A template, what is written, what is written instead, and what the refusal says.
const WRONG: &[(&str, &str, &str, &str)] = &[
    (
        "general",
        "title = \"General observation\"",
        "title = \" \"",
        "general: title must be",
    ),
    ("general", "for_whom", "for_who", "for_who"),
    (
        "general",
        "urgent_low = \"90\"\nsoon_low = \"100\"",
        "urgent_low = \"100\"\nsoon_low = \"90\"",
        "limits of systolic",
    ),
    (
        "general",
        "source = \"NICE NG136: severe from 180/120.\"\n\n[limits.pulse]",
        "source = \"\"\n\n[limits.pulse]",
        "limits.diastolic.urgent_high needs a source",
    ),
    (
        "general",
        "table = \"news2\"",
        "table = \"mews\"",
        "no score table \"mews\"",
    ),
    (
        "general",
        "at_least = 5",
        "at_least = 0",
        "score: thresholds",
    ),
    ("general", "n = 3", "n = 5", "n must be 1 to 4"),
    (
        "general",
        "at_once_low = \"88\"",
        "at_once_low = \"92\"",
        "at_once_low must lie beyond",
    ),
    (
        "general",
        "nudge_after = 2",
        "nudge_after = 0",
        "1 is the least",
    ),
    (
        "heart-failure",
        "at_most = \"250\"",
        "at_most = \"20\"",
        "at_least must be under at_most",
    ),
    (
        "heart-failure",
        "key = \"dry_weight_kg\"",
        "key = \"dry weight\"",
        "of a-z, 0-9 and _",
    ),
    (
        "heart-failure",
        "question = \"What is",
        "question = \"\" # ",
        "question must be",
    ),
    (
        "heart-failure",
        "id = \"over-dry-weight\"",
        "id = \"weight-drift\"",
        "dry_weight_kg is there twice",
    ),
    (
        "heart-failure",
        "limits = { soon_high = \"2\" }",
        "limits = {}",
        "must name at least one",
    ),
    (
        "pregnancy",
        "score = \"RCP",
        "\"limits.systolic.soon_high\" = \"RCP",
        "under without: choose one",
    ),
    (
        "pregnancy",
        "score = \"RCP 2017: NEWS2 is not for pregnancy.\"",
        "score = \"\"",
        "score needs a source",
    ),
    (
        "pregnancy",
        "score = \"RCP",
        "\"limits.sistolic\" = \"RCP",
        "names nothing that a plan says",
    ),
    (
        "pregnancy",
        "after_days = 28",
        "after_days = 0",
        "1 or more",
    ),
    (
        "pregnancy",
        "[limits.systolic]",
        "[care]\ntemplates = [\"a\"]\n[limits.systolic]",
        "care.templates is the patient's",
    ),
];

#[test]
fn a_wrong_template_is_refused_by_its_name_with_what_is_wrong() {
    for (file, from, to, said) in WRONG {
        let refusal = refused(file, from, to);
        assert!(refusal.contains(said), "{to}: {refusal}");
    }
}

#[test]
fn everything_that_stands_in_the_way_of_a_merge_is_said_at_once() {
    let all = templates();
    let pair = [&all["heart-failure"], &all["hypertension"]];
    let error = merge(&pair, &Wishes::default()).unwrap_err();
    let said: Vec<String> = error.0.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "heart-failure asks: What is the patient's agreed dry weight, in kg? Answer dry_weight_kg = \"…\", or \
             \"not known\" to leave its rule out.",
            "About systolic, low soon limit the templates disagree: heart-failure says none; hypertension says 100. \
             hypertension is the stricter. Choose: \"limits.systolic.soon_low\" = \"…\".",
            "About blood pressure schedule the templates disagree: heart-failure says daily 06:00-12:00, 60 min of \
             grace, nudge after 2, check after 7 missed; hypertension says daily 06:00-12:00 and 18:00-24:00, 60 min \
             of grace, nudge after 2, check after 14 missed. Choose: \"schedule.blood_pressure\" = \"…\".",
        ]
    );
}

#[test]
fn a_wish_that_fits_nothing_is_refused_and_the_patients_own_word_needs_no_choice() {
    let all = templates();
    let pair = [&all["general"], &all["heart-failure"]];
    let refused = |text: &str| {
        let wishes: Wishes = toml::from_str(text).unwrap();
        merge(&pair, &wishes).unwrap_err().to_string()
    };
    let wishes = |text: &str| format!("[answers]\ndry_weight_kg = \"81\"\n{text}");
    assert!(
        refused("[answers]\ndry_weight_kg = \"8.1\"")
            .contains("dry_weight_kg must be 30 to 250, found 8.1")
    );
    assert!(
        refused(&wishes("height = \"170\"\n")).contains("None of the templates asks for height")
    );
    assert!(
        refused(&wishes("[choices]\n\"rules.nothing\" = \"general\"\n"))
            .contains("says anything of rules.nothing")
    );
    assert!(
        refused(&wishes(
            "[choices]\n\"limits.spo2.soon_low\" = \"heart-failure\"\n"
        ))
        .contains("heart-failure says nothing of limits.spo2.soon_low")
    );
    assert!(
        refused(&wishes("[limits]\nsystolic = { soon_low = \"85\" }\n"))
            .contains("do not fit together")
    );

    let settled = |text: &str| {
        let wishes: Wishes = toml::from_str(&wishes(text)).unwrap();
        merge(&pair, &wishes).unwrap()
    };
    let own = settled("[limits]\nsystolic = { soon_low = \"95\" }\n");
    assert_eq!(own.limits[&VitalSign::Systolic], limits("90 95 - 180"));
    let left_out = settled(
        "[choices]\n\"limits.systolic.soon_low\" = \"leave out\"\n\"rules.weight-drift\" = \"leave out\"\n",
    );
    assert_eq!(left_out.limits[&VitalSign::Systolic], limits("90 - - 180"));
    assert!(
        left_out
            .care
            .rules
            .iter()
            .all(|rule| rule.id().as_str() != "weight-drift")
    );
    let unknown: Wishes = toml::from_str("[answers]\ndry_weight_kg = \"not known\"\n[choices]\n\"limits.systolic.soon_low\" = \"general\"\n").unwrap();
    let unknown = merge(&pair, &unknown).unwrap();
    assert!(
        unknown
            .care
            .rules
            .iter()
            .all(|rule| rule.id().as_str() != "over-dry-weight")
    );
}

#[test]
fn at_most_eight_templates_make_a_plan() {
    let all = templates();
    let mut many: Vec<_> = all.values().collect();
    assert_eq!(many.len(), TEMPLATES_LEN_MAX);
    let told =
        |many: &[&clinical::plan::Template]| merge(many, &answers(many)).unwrap_err().to_string();
    assert!(!told(&many).contains("at most"));
    many.push(many[0]);
    assert!(told(&many).contains("A plan has at most 8 templates."));
}

/// Says what is wrong with a plan after a change.
fn wrong(change: &dyn Fn(&mut Plan)) -> String {
    let mut plan = plan(&["general"]);
    change(&mut plan);
    plan.check().unwrap_err().to_string()
}

#[test]
fn a_plan_whose_limits_or_rules_make_no_sense_says_what_to_change() {
    let limited = |sign: VitalSign, text: &str| {
        wrong(&|it| {
            it.limits.insert(sign, limits(text));
        })
    };
    assert!(wrong(&|it| it.reason.clear()).contains("Say why this plan"));
    let none = limited(VitalSign::Weight, "- - - -");
    assert!(none.contains("weight has no limit"), "{none}");
    let far = limited(VitalSign::Weight, "- - 301 -");
    assert!(far.contains("soon limit 301 of weight is outside"), "{far}");
    let narrow = limited(VitalSign::Pulse, "40 - 49 -");
    assert!(narrow.contains("No value of pulse is 5 inside"), "{narrow}");
    let twice = |it: &mut Plan| it.care.rules.push(it.care.rules[0].clone());
    assert!(wrong(&twice).contains("two rules named"));
    let many = |it: &mut Plan| it.care.rules = vec![it.care.rules[0].clone(); RULES_LEN_MAX + 1];
    assert!(wrong(&many).contains("more than 40 rules"));
}

#[test]
fn a_plan_whose_times_make_no_sense_says_what_to_change() {
    for minutes in [0, MINUTES_MAX + 1] {
        let wait = wrong(&|it| {
            let pulse = it.care.confirmation.get_mut(&VitalSign::Pulse);
            pulse.unwrap().urgent_minutes = Some(minutes);
        });
        assert!(wait.contains("The wait for a repeat of pulse must be 1 to"));
    }
    let no_window = wrong(&|it| it.care.schedule.expected[0].windows.clear());
    assert!(no_window.contains("has no windows"));
    let no_hours = wrong(&|it| it.care.hours = clinical::Hours::default());
    assert!(no_hours.contains("there are no monitoring hours"));
    let ended = wrong(&|it| {
        let day = "2026-11-22".parse().unwrap();
        it.care.term.as_mut().unwrap().ends_on = Some(day);
    });
    assert!(ended.contains("reviewed by the day it ends"));
    let at_once = wrong(&|it| {
        it.care.escalation.0.remove(&Priority::Check);
    });
    assert!(at_once.contains("check alerts have no response time"));
    let urgent = |change: &dyn Fn(&mut Response)| {
        wrong(&|it| change(it.care.escalation.0.get_mut(&Priority::Urgent).unwrap()))
    };
    let taken = urgent(&|it| it.take_minutes = 0);
    assert!(taken.contains("The time to take urgent alerts must be 1"));
    let ends = urgent(&|it| it.ends_by_itself = true);
    assert!(ends.contains("urgent alerts must not end by themselves"));
    let rests = urgent(&|it| it.rest_days = Some(1));
    assert!(
        rests.contains("only check and technical ones may"),
        "{rests}"
    );
}

#[test]
fn a_plan_that_believes_or_clears_without_sense_says_what_to_change() {
    let clearing =
        |change: &dyn Fn(&mut Clearing)| wrong(&|it| change(it.care.clearing.as_mut().unwrap()));
    assert!(clearing(&|it| it.readings = 0).contains("must be over 0"));
    assert!(clearing(&|it| it.source.clear()).contains("Clearing: say where"));
    let quality =
        |change: &dyn Fn(&mut Quality)| wrong(&|it| change(it.care.quality.as_mut().unwrap()));
    assert!(quality(&|it| it.unusable_in_a_row = Some(0)).contains("in a row must be over 0"));
    let nothing = || Some("0".parse().unwrap());
    assert!(quality(&|it| it.pulse_pressure_min = nothing()).contains("The least pulse pressure"));
    let standing = |it: &mut Quality| {
        it.jumps.get_mut(&VitalSign::Weight).unwrap().within_hours = 0;
    };
    assert!(quality(&standing).contains("The jump of weight"));
    let late = wrong(&|it| {
        it.care.lateness.as_mut().unwrap().urgent_becomes = Priority::Technical;
    });
    assert!(late.contains("about the patient"));
}

#[test]
fn a_plan_holds_from_the_day_on_which_it_starts() {
    let mut it = plan(&["general"]);
    let day = |text: &str| text.parse().unwrap();
    let holds_on = it.care.zone.date(it.in_force_from);
    it.care.term = Some(clinical::plan::Term {
        starts_on: Some(holds_on),
        review_by: None,
        ends_on: None,
    });
    it.check().unwrap();
    if let Some(term) = &mut it.care.term {
        term.starts_on = Some(day("2030-01-01"));
    }
    let said = it.check().unwrap_err().to_string();
    assert!(said.contains("starts on 2030-01-01"), "{said}");
}
