//! The form as sections of fields, ready to show: what was typed, and what is wrong beside it.

use clinical::plan::Line;
use clinical::{Level, Measured, Priority, Problem, Rule, Side, VitalSign};
use vitals::Decimal;

use super::form::Content;
use super::form::limits::{self, CONFIRMATION, LINES};
use super::form::numbers::numbers;
use super::form::rules::{self, LEAVE_OUT};
use super::form::times::{self, RESPONSE, SCHEDULE};
use super::form::typed::{Typed, Wrongs};
use super::number_line::NumberLine;
use crate::web::words::{self, capital, problem_title, sign_title, unit_title};

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name, and its id.
    pub(crate) name: String,
    /// Its label.
    pub(crate) label: String,
    /// What the label belongs to, for those who hear it alone.
    pub(crate) of: String,
    /// What was typed.
    pub(crate) value: String,
    /// What it counts; empty where that goes without saying.
    pub(crate) unit: &'static str,
    /// What is wrong.
    pub(crate) wrong: Option<String>,
    /// Whether it is a number.
    pub(crate) is_number: bool,
}

/// One section: its title and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// Its id.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// What it says at present, for when it is closed.
    pub(crate) says: String,
    /// Whether it is shown open.
    pub(crate) is_open: bool,
    /// The number line of a vital sign.
    pub(crate) line: Option<NumberLine>,
    /// The fields.
    pub(crate) fields: Vec<Field>,
    /// Further fields, such as how a first breach is confirmed.
    pub(crate) more: Vec<Field>,
    /// Whether these are shown open.
    pub(crate) is_more_open: bool,
    /// Whether the rule that the section is about stays; `None` where it is not about a rule.
    pub(crate) kept: Option<bool>,
}

/// All sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sections {
    /// One for each vital sign.
    pub(crate) signs: Vec<Section>,
    /// One for each rule.
    pub(crate) rules: Vec<Section>,
    /// One for each kind of reading.
    pub(crate) schedule: Vec<Section>,
    /// One for each priority.
    pub(crate) responses: Vec<Section>,
}

/// Makes sections of what was typed.
pub(crate) struct Maker<'a> {
    pub(crate) start: &'a Content,
    pub(crate) before: &'a Typed,
    pub(crate) typed: &'a Typed,
    pub(crate) wrongs: &'a Wrongs,
}

impl Maker<'_> {
    pub(crate) fn sections(&self) -> Sections {
        let care = &self.start.care;
        let priorities = Priority::ALL.into_iter();
        let priorities = priorities.filter(|it| care.escalation.of(*it).is_some());
        Sections {
            signs: VitalSign::ALL.map(|it| self.sign(it)).into(),
            rules: care.rules.iter().map(|it| self.rule(it)).collect(),
            schedule: Measured::ALL.map(|it| self.expected(it)).into(),
            responses: priorities.map(|it| self.response(it)).collect(),
        }
    }

    pub(crate) fn field(&self, name: String, label: &str, of: &str, unit: &'static str) -> Field {
        Field {
            value: self.typed.text(&name).to_owned(),
            wrong: self.wrongs.of(&name).map(str::to_owned),
            label: label.to_owned(),
            of: of.to_owned(),
            unit,
            is_number: true,
            name,
        }
    }

    /// A section is open where somebody has something to do in it.
    fn is_touched(&self, fields: &[Field]) -> bool {
        fields
            .iter()
            .any(|it| it.wrong.is_some() || it.value.trim() != self.before.trimmed(&it.name))
    }

    fn sign(&self, sign: VitalSign) -> Section {
        let unit = unit_title(sign);
        let of = format!("limit of {}, {unit}", sign.name());
        let fields: Vec<Field> = LINES
            .map(|(line, label)| self.field(limits::field(sign, line), label, &of, unit))
            .into();
        let more: Vec<Field> = CONFIRMATION
            .map(|(part, label, is_minutes)| {
                let unit = if is_minutes { "minutes" } else { unit };
                let name = limits::confirmation_field(sign, part);
                self.field(name, label, &format!("for {}, {unit}", sign.name()), unit)
            })
            .into();
        let given: Vec<Option<Decimal>> = fields
            .iter()
            .map(|it| it.value.trim().parse().ok())
            .collect();
        let range = self.start.care.quality.as_ref();
        let range = range.and_then(|it| it.plausible.get(&sign));
        let says = said_limits(&fields);
        Section {
            id: format!("sign-{}", sign.name()),
            title: format!("{}, {unit}", sign_title(sign)),
            is_open: self.start.limits.contains_key(&sign)
                || self.is_touched(&fields)
                || self.is_touched(&more),
            line: NumberLine::draw(&given, range),
            says,
            is_more_open: self.is_touched(&more),
            fields,
            more,
            kept: None,
        }
    }

    fn rule(&self, rule: &Rule) -> Section {
        let name = rules::field(rule);
        let of = format!("of the rule {}", rule.id());
        let fields: Vec<Field> = numbers(rule)
            .into_iter()
            .map(|it| self.field(rules::number_field(rule, &it.path), &it.label, &of, it.unit))
            .collect();
        let is_kept = self.typed.trimmed(&name) != LEAVE_OUT;
        let priority = rule.priority().name();
        Section {
            title: format!("{}: {}", problem_title(rule.problem()), rule.kind().words()),
            says: if is_kept {
                format!("{}, {priority}", rule.id())
            } else {
                format!("{}, left out", rule.id())
            },
            is_open: self.is_touched(&fields) || !is_kept || self.wrongs.of(&name).is_some(),
            id: name,
            line: None,
            fields,
            more: Vec::new(),
            is_more_open: false,
            kept: Some(is_kept),
        }
    }

    fn expected(&self, what: Measured) -> Section {
        let of = format!("for {}", what.name());
        let fields: Vec<Field> = SCHEDULE
            .iter()
            .map(|(part, label, unit)| {
                let name = times::schedule_field(what, part);
                Field {
                    is_number: !unit.is_empty(),
                    ..self.field(name, label, &of, unit)
                }
            })
            .collect();
        let (every, windows) = (fields[0].value.trim(), fields[1].value.trim());
        Section {
            id: format!("schedule-{}", what.name().replace(' ', "-")),
            title: titled(what),
            says: if every.is_empty() {
                "not asked for".to_owned()
            } else {
                format!("{every} {windows}")
            },
            is_open: self.is_touched(&fields),
            line: None,
            fields,
            more: Vec::new(),
            is_more_open: false,
            kept: None,
        }
    }

    fn response(&self, priority: Priority) -> Section {
        let of = format!("for {} alerts", priority.name());
        let fields: Vec<Field> = RESPONSE
            .iter()
            .map(|(part, label)| {
                let name = times::response_field(priority, part);
                self.field(name, label, &of, "minutes")
            })
            .collect();
        Section {
            id: format!("response-{}", priority.name()),
            title: format!("{} alerts", capital(priority.name())),
            says: format!(
                "take within {} min, act within {} min",
                fields[0].value.trim(),
                fields[1].value.trim()
            ),
            is_open: self.is_touched(&fields),
            line: None,
            fields,
            more: Vec::new(),
            is_more_open: false,
            kept: None,
        }
    }
}

/// Says limits as they are typed: `urgent 90 or under, soon 135 or over`.
fn said_limits(fields: &[Field]) -> String {
    let said: Vec<String> = LINES
        .iter()
        .zip(fields)
        .filter(|(_, field)| !field.value.trim().is_empty())
        .map(|((line, _), field)| {
            let (level, side) = level_and_side(*line);
            format!("{level} {} or {side}", field.value.trim())
        })
        .collect();
    if said.is_empty() {
        "no limits: readings raise no alert by themselves".to_owned()
    } else {
        said.join(", ")
    }
}

fn level_and_side(line: Line) -> (&'static str, &'static str) {
    let level = match line {
        Line::UrgentLow | Line::UrgentHigh => Level::Urgent,
        Line::SoonLow | Line::SoonHigh => Level::Soon,
    };
    let side = match line.side() {
        Side::Low => "under",
        Side::High => "over",
    };
    (words::level(level), side)
}

fn titled(what: Measured) -> String {
    match what {
        Measured::BloodPressure => problem_title(Problem::BloodPressure),
        Measured::Oximetry => problem_title(Problem::Oxygen),
        Measured::Weight => problem_title(Problem::Weight),
        Measured::Temperature => problem_title(Problem::Temperature),
    }
}
