//! The numbers of a plan's rules as fields of the form. Which rules there are comes from templates.

use clinical::plan::Matter;
use clinical::rules::Wrong;
use clinical::{Rule, RuleKind};
use serde_json::Value;

use super::numbers::{Number, most, numbers};
use super::typed::{Typed, Wrongs, decimal, whole};
use super::{Content, OWN_SOURCE};

/// What a choice says of a rule that stays.
pub(crate) const KEEP: &str = "keep";
/// What a choice says of a rule that goes.
pub(crate) const LEAVE_OUT: &str = "leave_out";

/// Names the field that says whether a rule stays.
pub(crate) fn field(rule: &Rule) -> String {
    Matter::Rule(rule.id().clone()).to_string()
}

/// Names the field of one of its numbers.
pub(crate) fn number_field(rule: &Rule, path: &str) -> String {
    format!("{}.{path}", field(rule))
}

pub(super) fn write(content: &Content, typed: &mut Typed) {
    for rule in &content.care.rules {
        typed.put(field(rule), KEEP);
        for it in numbers(rule) {
            typed.put(number_field(rule, &it.path), it.text);
        }
    }
}

/// Reads the numbers over the rules of `content`: a rule that was not changed keeps its source.
pub(super) fn read(content: &mut Content, typed: &Typed, before: &Typed, wrongs: &mut Wrongs) {
    let rules = std::mem::take(&mut content.care.rules);
    for rule in &rules {
        let name = field(rule);
        if ![KEEP, LEAVE_OUT].contains(&typed.trimmed(&name)) {
            let id = rule.id();
            wrongs.add(name, format!("Rule {id}: choose whether it is kept"));
        }
    }
    let kept = rules
        .into_iter()
        .filter(|it| typed.trimmed(&field(it)) != LEAVE_OUT);
    content.care.rules = kept
        .map(|rule| {
            let numbers = numbers(&rule);
            let fields: Vec<String> = numbers
                .iter()
                .map(|it| number_field(&rule, &it.path))
                .collect();
            if typed.agrees(before, fields.iter()) {
                return rule;
            }
            read_one(&rule, &numbers, typed, wrongs).unwrap_or(rule)
        })
        .collect();
}

fn read_one(rule: &Rule, numbers: &[Number], typed: &Typed, wrongs: &mut Wrongs) -> Option<Rule> {
    let known = wrongs.0.len();
    let mut value = serde_json::to_value(rule.kind()).ok()?;
    for it in numbers {
        let name = number_field(rule, &it.path);
        let label = format!("Rule {}, {}", rule.id(), it.label.to_lowercase());
        if typed.trimmed(&name).is_empty() {
            wrongs.add(
                name,
                format!("{label}: enter a number, or leave the rule out"),
            );
            continue;
        }
        let found = if it.is_whole {
            whole(typed, &name, &label, (0, most(&it.path)), wrongs).map(Value::from)
        } else {
            let found = decimal(typed, &name, &label, wrongs);
            found.map(|it| Value::from(it.to_string()))
        };
        let pointer = format!("/{}", it.path.replace('.', "/"));
        if let Some((place, found)) = value.pointer_mut(&pointer).zip(found) {
            *place = found;
        }
    }
    if wrongs.0.len() > known {
        return None;
    }
    let refused = match serde_json::from_value::<RuleKind>(value) {
        Ok(kind) => {
            let made = Rule::new(
                rule.id().clone(),
                rule.priority(),
                OWN_SOURCE.to_owned(),
                kind,
            );
            match made {
                Ok(made) => return Some(made),
                Err(error) => Some(error.wrong),
            }
        }
        // What a rule refuses by itself: limits out of order.
        Err(_) => None,
    };
    let (place, sentence) = refusal(rule, numbers, refused.as_ref());
    wrongs.add(place, sentence);
    None
}

/// Says a rule's refusal at the number that it is about.
fn refusal(rule: &Rule, numbers: &[Number], wrong: Option<&Wrong>) -> (String, String) {
    let name = match wrong {
        Some(
            Wrong::Range { name, .. }
            | Wrong::NotPositive { name, .. }
            | Wrong::TooFine { name, .. }
            | Wrong::SecondLevel { name, .. },
        ) => name,
        _ => "",
    };
    let is_named = |it: &&Number| it.path == name || it.path.rsplit('.').next() == Some(name);
    let number = numbers.iter().find(is_named).or(numbers.first());
    let place = number.map_or_else(|| field(rule), |it| number_field(rule, &it.path));
    let sentence = wrong.map_or_else(
        || "its limits must rise from low to high".to_owned(),
        ToString::to_string,
    );
    // The core calls a number by its key; the form by its label.
    let said = match number.zip(sentence.strip_prefix(name).filter(|_| !name.is_empty())) {
        Some((number, rest)) => format!("{}{rest}", number.label.to_lowercase()),
        None => sentence,
    };
    (place, format!("Rule {}: {said}", rule.id()))
}
