//! The form: what it says comes back from the plan that it becomes, and whatever is typed is answered.

use clinical::plan::{
    Answer, HardStops, MergeError, PatientView, ProposalRefusal, Roles, TemplateName, Term, Wishes,
    merge,
};
use clinical::{Plan, PlanVersion, VitalSign};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::decided::{REASON, VIEW};
use super::limits::field;
use super::start::{Picked, Start};
use super::*;
use crate::templates::Templates;

const DAY: &str = "2026-11-27";

fn today() -> Date {
    DAY.parse().unwrap()
}

fn now() -> Timestamp {
    format!("{DAY}T09:00:00Z").parse().unwrap()
}

fn templates() -> Templates {
    Templates::built_in().unwrap()
}

/// What one template says, its question answered.
fn of_template(templates: &Templates, name: &TemplateName) -> Result<Content, MergeError> {
    let picked = templates.pick(std::slice::from_ref(name)).unwrap();
    let asks = picked.iter().flat_map(|it| &it.asks);
    let answers = asks.map(|it| (it.key.clone(), Answer::Is("81.5".parse().unwrap())));
    let wishes = Wishes {
        answers: answers.collect(),
        ..Wishes::default()
    };
    let merged = merge(&picked, &wishes)?;
    Ok(Content {
        limits: merged.limits,
        care: merged.care,
    })
}

fn contents() -> Vec<Content> {
    let templates = templates();
    let all = templates.iter();
    all.map(|it| of_template(&templates, &it.name).unwrap())
        .collect()
}

fn hypertension() -> Content {
    of_template(&templates(), &"hypertension".parse().unwrap()).unwrap()
}

fn plan(content: &Content) -> Plan {
    content
        .as_plan(
            PlanVersion(1),
            "nurse-1",
            now() - jiff::SignedDuration::from_hours(24),
        )
        .unwrap()
}

fn with(content: &Content, changed: &[(&str, &str)]) -> Typed {
    let mut typed = fresh(content, today(), 90);
    typed.put(REASON, "Lower target");
    typed.put(VIEW, "agreed");
    for (name, text) in changed {
        typed.put(*name, *text);
    }
    typed
}

fn wrongs(content: &Content, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    draft(content, &with(content, changed), today())
        .unwrap_err()
        .0
}

fn accept(draft: &Draft, current: &Plan) -> Result<Plan, ProposalRefusal> {
    let author = "nurse-1".parse().unwrap();
    let proposal = draft.proposal(current.version, &author, None, now());
    let stops: HardStops = templates().hard_stops;
    proposal.accept(current, &stops, &Roles::default(), now())
}

#[test]
fn a_form_that_nobody_touched_says_the_same_plan_with_its_sources() {
    for content in contents() {
        let mut found = super::content(&content, &content.write()).unwrap();
        found.care.term = None;
        assert_eq!(found, content);
        let nothing_sent = super::content(&content, &Typed::default()).unwrap();
        assert_eq!(nothing_sent.limits, content.limits);
        assert_eq!(nothing_sent.care.rules, content.care.rules);
    }
}

#[test]
fn what_was_changed_is_set_for_this_patient_and_the_rest_keeps_its_source() {
    let content = hypertension();
    let changed = [
        ("limits.systolic.urgent_high", "170"),
        ("rules.systolic-high-again.limit", "155"),
        ("confirmation.systolic.soon_minutes", ""),
        (
            "schedule.blood_pressure.windows",
            "07:00-10:00, 19:00-22:00",
        ),
        ("escalation.soon.take_minutes", "45"),
        ("rules.irregular-pulse-again", "leave_out"),
    ];
    let draft = draft(&content, &with(&content, &changed), today()).unwrap();
    let care = &draft.content.care;
    assert_eq!(care.limits_from[&VitalSign::Systolic], OWN_SOURCE);
    let pulse = VitalSign::Pulse;
    assert_eq!(care.limits_from[&pulse], content.care.limits_from[&pulse]);
    let rule = |id: &str| care.rules.iter().find(|it| it.id().as_str() == id);
    assert_eq!(rule("systolic-high-again").unwrap().source(), OWN_SOURCE);
    assert!(
        rule("diastolic-high-again")
            .unwrap()
            .source()
            .contains("NICE")
    );
    assert_eq!(rule("irregular-pulse-again"), None);
    assert_eq!(care.confirmation[&VitalSign::Systolic].soon_minutes, None);
    assert_eq!(care.schedule.expected[0].windows.len(), 2);
    let plan = accept(&draft, &plan(&content)).unwrap();
    assert_eq!(plan.patient_view, Some(PatientView::Agreed));
    let review: Date = "2027-02-25".parse().unwrap();
    assert_eq!(plan.care.term.unwrap().review_by, Some(review));
}

#[test]
fn what_is_wrong_is_said_at_its_field_all_of_it_at_once() {
    let content = hypertension();
    let found = wrongs(
        &content,
        &[
            ("limits.systolic.soon_low", "85"),
            ("limits.pulse.urgent_low", "forty"),
            ("limits.diastolic.soon_high", "9999999999999"),
            ("confirmation.pulse.urgent_minutes", "0"),
            ("rules.systolic-high-again.n", "9"),
            ("rules.home-average.days_min", ""),
            ("schedule.blood_pressure.windows", "12-6"),
            ("schedule.weight.grace_minutes", "60"),
            ("escalation.urgent.take_minutes", "soon"),
            ("reason", " "),
            ("view", "perhaps"),
            ("review_by", "next week"),
        ],
    );
    let said: Vec<String> = found
        .iter()
        .map(|(name, text)| format!("{name}: {text}"))
        .collect();
    for part in [
        "limits.systolic.soon_low: Systolic, soon low: must be over urgent low, which is 90",
        "limits.pulse.urgent_low: Pulse, urgent low: enter a number like 135",
        "limits.diastolic.soon_high: Diastolic, soon high: enter a number",
        "confirmation.pulse.urgent_minutes: Pulse: after an urgent value",
        "rules.systolic-high-again.n: Rule systolic-high-again: readings that reach it must be 1 to 4, found 9",
        "rules.home-average.days_min: Rule home-average, needs readings on: enter a number, or leave the rule out",
        "schedule.blood_pressure.windows: \"12-6\" is no window; write it like 06:00-12:00",
        "schedule.weight.nudge_after: Weight schedule",
        "escalation.urgent.take_minutes: Urgent alerts, somebody takes it within: enter a whole number",
        "reason: Say why",
        "view: Choose whether the patient agrees",
        "review_by: The review date: enter a day like 2026-12-31",
    ] {
        let is_there = said.iter().any(|it| it.starts_with(part));
        assert!(is_there, "{part} is missing of {said:#?}");
    }
}

#[test]
fn what_makes_no_sense_together_is_said_at_the_field_to_change() {
    let content = hypertension();
    for (changed, place) in [
        (
            ("limits.systolic.urgent_high", "301"),
            "limits.systolic.urgent_high",
        ),
        (
            ("confirmation.systolic.at_once_high", "150"),
            "confirmation.systolic.at_once_high",
        ),
        (
            ("limits.systolic.urgent_high", "105"),
            "limits.systolic.urgent_high",
        ),
        (("ends_on", "2026-12-01"), "review_by"),
    ] {
        let found = wrongs(&content, &[changed]);
        assert_eq!(found[0].0, place, "{found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn a_change_that_takes_care_away_needs_a_review_and_says_so_at_it() {
    let content = hypertension();
    let typed = with(
        &content,
        &[("limits.systolic.soon_low", ""), ("review_by", "")],
    );
    let draft = draft(&content, &typed, today()).unwrap();
    let refusal = accept(&draft, &plan(&content)).unwrap_err();
    let mut found = Wrongs::default();
    place::of_refusal(&refusal, &draft.content, &mut found);
    let said = found.of("review_by").unwrap();
    assert!(
        said.contains("needs a review date: Systolic, low soon limit: no longer 100"),
        "{said}"
    );
}

#[test]
fn days_of_a_temporary_change_are_checked_and_it_comes_back_by_itself() {
    let content = hypertension();
    for (changed, place) in [
        (vec![(FROM, "2026-11-26")], FROM),
        (vec![(FROM, "2026-12-01"), (UNTIL, "2026-12-02")], UNTIL),
        (vec![(UNTIL, "2026-11-26")], UNTIL),
        (vec![(UNTIL, "2027-11-26")], UNTIL),
    ] {
        let found = wrongs(&content, &changed);
        assert_eq!(found[0].0, place, "{found:?}");
    }
    let mut before = plan(&content);
    before.care.term = Some(Term {
        starts_on: None,
        review_by: Some("2026-12-01".parse().unwrap()),
        ends_on: Some("2026-12-02".parse().unwrap()),
    });
    let changed = [("limits.systolic.soon_low", "95"), (UNTIL, "2026-12-04")];
    let draft = draft(&content, &with(&content, &changed), today()).unwrap();
    let temporary = accept(&draft, &before).unwrap();
    let back = draft.return_to(&before, &temporary).unwrap();
    assert_eq!(back.in_force_from, "2026-12-05T00:00:00Z".parse().unwrap());
    let stops = templates().hard_stops;
    let back = back
        .accept(&temporary, &stops, &Roles::default(), now())
        .unwrap();
    assert_eq!(back.limits, before.limits);
    assert_eq!(back.version, PlanVersion(3));
    let term = back.care.term.unwrap();
    assert_eq!(
        term.review_by,
        Some("2026-12-05".parse().unwrap()),
        "it is looked at on the day"
    );
    assert_eq!(term.ends_on, None);
}

#[test]
fn a_form_goes_on_against_another_plan_with_what_was_typed() {
    let old = hypertension();
    let sent = super::content(
        &old,
        &with(
            &old,
            &[
                ("limits.systolic.urgent_low", "85"),
                ("limits.pulse.soon_high", "105"),
            ],
        ),
    );
    let new = sent.unwrap();
    let typed = with(
        &old,
        &[
            ("limits.systolic.urgent_high", "170"),
            ("limits.pulse.soon_high", "100"),
        ],
    );
    let rebased = rebased(&typed, &old, &new);
    assert_eq!(
        rebased.typed.text("limits.systolic.urgent_low"),
        "85",
        "theirs"
    );
    assert_eq!(
        rebased.typed.text("limits.systolic.urgent_high"),
        "170",
        "mine"
    );
    assert_eq!(
        rebased.typed.text("limits.pulse.soon_high"),
        "100",
        "mine, of both"
    );
    assert_eq!(rebased.typed.text(REASON), "Lower target");
    assert_eq!(rebased.both, ["limits.pulse.soon_high"]);
}

#[test]
fn what_a_form_starts_from_is_carried_along() {
    let mut typed = Typed::default();
    for (name, text) in [
        ("template.heart-failure", "yes"),
        ("template.hypertension", "yes"),
        ("template.general", "no"),
        ("answer.dry_weight_kg", "81.5"),
        ("not_known.other", "yes"),
        ("choice.limits.systolic.urgent_low", "hypertension"),
        ("choice.score", "leave out"),
        ("choice.nonsense", "hypertension"),
    ] {
        typed.put(name, text);
    }
    let start = Start::of(&typed, PlanVersion(4));
    let Start::Templates(picked) = &start else {
        panic!("templates: {start:?}");
    };
    assert_eq!(picked.names.len(), 2);
    assert_eq!(
        (picked.wishes.answers.len(), picked.wishes.choices.len()),
        (2, 2)
    );
    let mut written = Typed::default();
    start.write(&mut written);
    assert_eq!(Picked::of(&written), **picked);
    Start::Plan(PlanVersion(3)).write(&mut written);
    assert_eq!(
        Start::of(&written, PlanVersion(4)),
        Start::Plan(PlanVersion(3))
    );
    assert_eq!(
        Start::of(&Typed::default(), PlanVersion(4)),
        Start::Plan(PlanVersion(4))
    );
}

/// Numbers as they are written back, texts of other fields, and nonsense.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (1..400_u32).prop_map(|it| it.to_string()),
        1 => (1..400_u32).prop_map(|it| format!("{it}.5")),
        2 => Just(String::new()),
        1 => select(vec!["daily", "mon, wed", "06:00-12:00", "leave_out", "keep", "not a number", "-1", "999999999999"])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn what_a_form_says_comes_back_from_the_plan(
        which in any::<Index>(),
        edits in vec((any::<Index>(), text()), 0..6),
    ) {
        let contents = contents();
        let content = which.get(&contents);
        let names: Vec<String> = content.write().iter().map(|(name, _)| name.to_owned()).collect();
        let mut typed = with(content, &[]);
        for (at, text) in edits {
            typed.put(at.get(&names).clone(), text);
        }
        let Ok(draft) = draft(content, &typed, today()) else { return Ok(()) };
        let again = draft.content.write();
        for (name, text) in again.iter() {
            prop_assert_eq!(typed.trimmed(name), text, "{}", name);
        }
        prop_assert_eq!(&super::content(&draft.content, &typed).unwrap(), &draft.content);
        if let Ok(plan) = accept(&draft, &plan(content)) {
            prop_assert_eq!(Content::from(&plan).write(), again);
        }
    }

    #[test]
    fn whatever_is_typed_is_answered(
        which in any::<Index>(),
        edits in vec((any::<Index>(), ".{0,40}"), 0..20),
        strange in vec(("[a-z._]{0,30}", ".{0,20}"), 0..5),
    ) {
        let contents = contents();
        let content = which.get(&contents);
        let mut names: Vec<String> = content.write().iter().map(|(name, _)| name.to_owned()).collect();
        names.extend([REASON, VIEW, FROM, UNTIL, "review_by", "ends_on", "because.disagreed"].map(str::to_owned));
        names.push(field(VitalSign::Temperature, clinical::plan::Line::SoonLow));
        let mut typed = with(content, &[]);
        for (at, text) in edits {
            typed.put(at.get(&names).clone(), text);
        }
        for (name, text) in strange {
            typed.put(name, text);
        }
        if let Err(wrongs) = draft(content, &typed, today()) {
            prop_assert!(!wrongs.is_empty());
            for (name, sentence) in &wrongs.0 {
                prop_assert!(!name.is_empty() && !sentence.is_empty());
            }
        }
        Start::of(&typed, PlanVersion(1));
    }
}
