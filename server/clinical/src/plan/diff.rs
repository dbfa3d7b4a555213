//! Differences: of a plan from the templates that it started from, and of one version from the next.

use std::collections::{BTreeMap, BTreeSet};

use super::leaning::{Leaning, leaning};
use super::particulars::Particulars;
use super::said::{Said, is_alike};
use super::template::{Template, TemplateName};
use super::{Answer, Matter, Plan, Setting, Wishes};
use crate::rules::{Rule, RuleKind};
use crate::sentence::capitalised;

/// One thing that two versions of a plan say differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub what: Matter,
    /// What the earlier one says.
    pub from: Option<Setting>,
    /// What the later one says.
    pub to: Option<Setting>,
    /// Which way it leans.
    pub leaning: Leaning,
}

/// One thing that a plan says differently from all of its templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// What it is about.
    pub what: Matter,
    /// What each template says; none where none says anything.
    pub templates: Vec<(TemplateName, Option<Setting>)>,
    /// What the plan says.
    pub plan: Option<Setting>,
    /// Which way it leans, if the same way from every template.
    pub leaning: Leaning,
}

/// Lists what changes from one version of a plan to another, in the order that a nurse reads it.
pub fn changes(from: &Plan, to: &Plan) -> Vec<Change> {
    let of = |plan: &Plan| Particulars::of(&plan.limits, &plan.care);
    let (from, to) = (of(from), of(to));
    let matters: BTreeSet<&Matter> = from.iter().chain(to.iter()).map(|(it, _)| it).collect();
    let changed = matters.into_iter().filter_map(|matter| {
        let (from, to) = (from.get(matter).cloned(), to.get(matter).cloned());
        let leaning = leaning(from.as_ref(), to.as_ref(), matter);
        let what = matter.clone();
        (!is_alike(&from, &to)).then_some(Change {
            what,
            from,
            to,
            leaning,
        })
    });
    changed.collect()
}

/// Lists what a plan says differently from every one of its templates. Dates are the plan's own and are left out; a rule
/// that a template asks a value for is compared with the plan's value in it.
pub fn departures(plan: &Plan, templates: &[&Template]) -> Vec<Departure> {
    let own = Particulars::of(&plan.limits, &plan.care);
    // Whatever stands in the way of merging is no matter here: the plan has settled it.
    let said = Said::of(templates, &answered(plan, templates), &mut Vec::new());
    let matters: BTreeSet<&Matter> = own.iter().map(|(it, _)| it).chain(said.matters()).collect();
    let departed = matters.into_iter().filter_map(|matter| {
        if matches!(matter, Matter::Term | Matter::Review) {
            return None;
        }
        let (plan, templates) = (own.get(matter).cloned(), said.of_matter(matter));
        let is_theirs = templates.iter().any(|(_, it)| is_alike(it, &plan));
        let what = matter.clone();
        (!is_theirs).then(|| Departure {
            leaning: leaning_from_all(&templates, plan.as_ref(), &what),
            what,
            templates,
            plan,
        })
    });
    departed.collect()
}

/// Reads from a plan what was answered to its templates.
fn answered(plan: &Plan, templates: &[&Template]) -> Wishes {
    let asks = templates.iter().flat_map(|it| &it.asks);
    let answers: BTreeMap<String, Answer> = asks
        .map(|ask| {
            let rule = plan.care.rules.iter().find(|it| *it.id() == ask.fills.id);
            let answer = match rule.map(Rule::kind) {
                Some(RuleKind::FromBaseline(it)) => Answer::Is(it.baseline),
                _ => Answer::NotKnown,
            };
            (ask.key.clone(), answer)
        })
        .collect();
    Wishes {
        answers,
        ..Wishes::default()
    }
}

fn leaning_from_all(
    templates: &[(TemplateName, Option<Setting>)],
    plan: Option<&Setting>,
    matter: &Matter,
) -> Leaning {
    let mut leanings = templates
        .iter()
        .map(|(_, from)| leaning(from.as_ref(), plan, matter));
    let Some(first) = leanings.next() else {
        return leaning(None, plan, matter);
    };
    if leanings.all(|it| it == first) {
        first
    } else {
        Leaning::Other
    }
}

impl Change {
    /// Says the change: `Systolic, high soon limit: 135 becomes 145 (loosened).`
    pub fn sentence(&self) -> String {
        let what = capitalised(&self.what.words());
        let change = match (&self.from, &self.to) {
            (Some(from), Some(to)) => format!("{} becomes {}", from.words(), to.words()),
            (None, Some(to)) => format!("new, {}", to.words()),
            (Some(from), None) => format!("no longer {}", from.words()),
            (None, None) => "nothing".to_owned(),
        };
        format!("{what}: {change} ({}).", self.leaning.name())
    }
}

impl Departure {
    /// Says the departure: `Systolic, high soon limit: 145; hypertension says 135 (loosened).`
    pub fn sentence(&self) -> String {
        let words =
            |setting: &Option<Setting>| setting.as_ref().map_or("none".to_owned(), Setting::words);
        let says = |(name, setting): &(TemplateName, Option<Setting>)| {
            format!("{name} says {}", words(setting))
        };
        let templates: Vec<String> = self.templates.iter().map(says).collect();
        let templates = if templates.is_empty() {
            "no template says anything".to_owned()
        } else {
            templates.join("; ")
        };
        format!(
            "{}: {}; {templates} ({}).",
            capitalised(&self.what.words()),
            words(&self.plan),
            self.leaning.name()
        )
    }
}
