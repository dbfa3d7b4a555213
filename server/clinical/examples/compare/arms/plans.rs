//! Plans: what each patient's clinician makes of the templates in `config/`, whole and with its limits alone.

use std::collections::BTreeMap;

use clinical::plan::{
    Answer, Care, Choice, Conflict, Content, ServiceFile, Template, TemplateFile, Wishes, merge,
};
use clinical::score::ScoreTable;
use clinical::{Level, Limits, Plan, PlanVersion, RuleKind, Side, VitalSign};
use vitals::Decimal;

use crate::stream::clock::moment;
use crate::stream::{Kind, Patient};

/// How far a clinician's dry weight is from what is usual, as a standard deviation, in grams: an assumption.
const DRY_WEIGHT_OFF: i64 = 300;

/// The templates that are followed.
#[derive(Debug)]
pub(crate) struct Plans {
    templates: BTreeMap<String, Template>,
}

/// One patient's plan.
#[derive(Debug)]
pub(crate) struct PlanOf(Plan);

impl Plans {
    /// Loads the templates. `config` gives the text of a file in `config/`.
    pub(crate) fn load(config: impl Fn(&str) -> String) -> Self {
        let service: ServiceFile = toml::from_str(&config("service.toml")).unwrap();
        let news2: ScoreTable = toml::from_str(&config("scores/news2.toml")).unwrap();
        let tables = BTreeMap::from([("news2".to_owned(), news2)]);
        let names = Kind::ALL.iter().flat_map(|kind| followed(*kind));
        let load = |name: &&str| {
            let text = config(&format!("templates/{name}.toml"));
            let file: TemplateFile = toml::from_str(&text).unwrap();
            ((*name).to_owned(), file.resolve(&service, &tables).unwrap())
        };
        Self {
            templates: names.map(load).collect(),
        }
    }

    /// Makes a patient's plan as a clinician would: answers what is asked, and chooses where templates disagree.
    pub(crate) fn of(&self, patient: &Patient) -> PlanOf {
        let templates = followed(patient.person.kind).iter();
        let templates: Vec<&Template> = templates.map(|name| &self.templates[*name]).collect();
        let mut wishes = Wishes {
            answers: answers(&templates, patient),
            ..Wishes::default()
        };
        if let Err(error) = merge(&templates, &wishes) {
            let choices = error.conflicts().map(|it| (it.what.clone(), choice(it)));
            wishes.choices = choices.collect();
        }
        let content: Content = merge(&templates, &wishes).unwrap();
        PlanOf(content.into_plan(
            PlanVersion(1),
            "dr-bell".parse().unwrap(),
            "the templates as they are".to_owned(),
            None,
            moment(0),
        ))
    }
}

fn followed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Hypertension => &["hypertension"],
        Kind::HeartFailure => &["heart-failure"],
        Kind::Copd => &["copd-88-92"],
        Kind::Recovery => &["post-covid-oximetry"],
        Kind::Several => &["copd-88-92", "heart-failure", "hypertension"],
    }
}

/// Every question is for the dry weight.
fn answers(templates: &[&Template], patient: &Patient) -> BTreeMap<String, Answer> {
    let person = &patient.person;
    let mut dice = person.dice(&[13]);
    let grams = dice.normal(person.usual(VitalSign::Weight), DRY_WEIGHT_OFF);
    let weight = Decimal::new((grams + 50).div_euclid(100), -1).unwrap();
    let asks = templates.iter().flat_map(|it| &it.asks);
    asks.map(|ask| {
        assert_eq!(ask.fills.sign, VitalSign::Weight, "{}", ask.key);
        (ask.key.clone(), Answer::Is(weight))
    })
    .collect()
}

/// Where templates disagree: the prescribed 88-92 % decides about oxygen, then whatever is stricter beyond doubt, then
/// whichever comes first.
fn choice(conflict: &Conflict) -> Choice {
    let names = || conflict.ours.iter().map(|(name, _)| name);
    let is_oxygen = conflict.what.to_string().contains("spo2");
    let prescribed = names().find(|name| is_oxygen && name.to_string() == "copd-88-92");
    let chosen = prescribed.or_else(|| conflict.strictest());
    Choice::Template(chosen.or_else(|| names().next()).unwrap().clone())
}

impl PlanOf {
    /// Gives the plan as it is.
    pub(crate) fn whole(&self) -> Plan {
        self.0.clone()
    }

    /// Gives its limits and nothing else, as services write them that compare each reading: the limits around a dry
    /// weight become limits of the weight, and a limit that the plan acts on when it is reached several times is one that
    /// is acted on at once.
    pub(crate) fn limits_alone(&self) -> Plan {
        let mut plan = self.whole();
        for rule in &self.0.care.rules {
            match rule.kind() {
                RuleKind::FromBaseline(it) => {
                    let around = around(&it.baseline, &it.limits);
                    plan.limits.entry(it.sign).or_insert(around);
                }
                RuleKind::NOfM(it) => {
                    let limits = plan.limits.entry(it.sign).or_default();
                    *limits = with_soon(limits, it.side, it.limit);
                }
                _ => {}
            }
        }
        plan.care = Care::default();
        plan
    }
}

fn line(limits: &Limits, level: Level, side: Side) -> Option<Decimal> {
    let mut lines = limits.lines().into_iter();
    let found = lines.find(|it| it.level == level && it.side == side);
    found.map(|it| it.limit)
}

/// Sets a limit to be looked at today, where the plan has none on that side.
fn with_soon(limits: &Limits, side: Side, limit: Decimal) -> Limits {
    let soon = |of: Side| line(limits, Level::Soon, of).or((side == of).then_some(limit));
    Limits::new(
        line(limits, Level::Urgent, Side::Low),
        soon(Side::Low),
        soon(Side::High),
        line(limits, Level::Urgent, Side::High),
    )
    .unwrap()
}

fn around(middle: &Decimal, limits: &Limits) -> Limits {
    let at = |level: Level, side: Side| {
        let by = line(limits, level, side)?;
        Some(Decimal::new(middle.thousandths() + by.thousandths(), -3).unwrap())
    };
    Limits::new(
        at(Level::Urgent, Side::Low),
        at(Level::Soon, Side::Low),
        at(Level::Soon, Side::High),
        at(Level::Urgent, Side::High),
    )
    .unwrap()
}
