//! Told: what a plan asks of the patient, in the patient's words. It is read from the plan, so it cannot fall behind it.

use vitals::Decimal;

use super::{PatientView, Plan};
use crate::limits::{Level, Limits, Side};
use crate::rules::RuleKind;
use crate::rules::words::decimal;
use crate::sentence::capitalised;
use crate::sign::VitalSign;

/// What a patient is told of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who agreed: `Your nurse and you agreed`.
    pub lead: &'static str,
    /// What to aim for, in the order that a nurse reads it: `a blood pressure under 135/85`. Empty where a plan has no
    /// limit that is worth aiming at.
    pub aims: Vec<String>,
    /// What follows where the patient was not asked or disagreed; empty otherwise.
    pub then: &'static str,
}

impl Told {
    /// Reads a plan as the patient is told of it.
    pub fn of(plan: &Plan) -> Self {
        let (lead, then) = match plan.patient_view {
            Some(PatientView::Agreed) => ("Your nurse and you agreed", ""),
            Some(PatientView::Disagreed { .. }) => (
                "Your nurse has set this plan",
                "You would rather have it otherwise, and your nurse has written that down.",
            ),
            Some(PatientView::NotAsked { .. }) | None => (
                "Your nurse has set this plan",
                "Tell your nurse if it does not suit you.",
            ),
        };
        Self {
            lead,
            aims: aims(plan),
            then,
        }
    }

    /// Says it in sentences: `Your nurse and you agreed: aim for a blood pressure under 135/85.`
    pub fn sentence(&self) -> String {
        let first = if self.aims.is_empty() {
            format!("{}. Measure as your plan says.", self.lead)
        } else {
            format!("{}: aim for {}.", self.lead, joined(&self.aims))
        };
        if self.then.is_empty() {
            first
        } else {
            format!("{first} {}", self.then)
        }
    }

    /// Gives each aim as a line of its own: `A blood pressure under 135/85`.
    pub fn lines(&self) -> Vec<String> {
        self.aims.iter().map(|it| capitalised(it)).collect()
    }
}

fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The *soon* limits are what a patient stays inside of: an urgent limit is a danger, not an aim.
fn aims(plan: &Plan) -> Vec<String> {
    let of_sign = |sign: VitalSign, name: &str, unit: &str| {
        let limits = plan.limits.get(&sign)?;
        between(soon(limits, Side::Low), soon(limits, Side::High), unit)
            .map(|range| format!("{name} {range}"))
    };
    let mut aims: Vec<String> = blood_pressure(plan).into_iter().collect();
    aims.extend(of_sign(VitalSign::Pulse, "a pulse", " a minute"));
    aims.extend(of_sign(VitalSign::Spo2, "an oxygen level", "%"));
    let weight = of_sign(VitalSign::Weight, "a weight", " kg");
    aims.extend(weight.or_else(|| agreed_weight(plan)));
    aims.extend(of_sign(VitalSign::Temperature, "a temperature", " °C"));
    aims
}

/// A weight that was agreed has its limit above it.
fn agreed_weight(plan: &Plan) -> Option<String> {
    let most = plan.care.rules.iter().find_map(|rule| match rule.kind() {
        RuleKind::FromBaseline(it) if it.sign == VitalSign::Weight => {
            let by = soon(&it.limits, Side::High)?;
            Some(it.baseline.thousandths().saturating_add(by.thousandths()))
        }
        _ => None,
    })?;
    Some(format!("a weight under {} kg", decimal(most).plain()))
}

fn soon(limits: &Limits, side: Side) -> Option<Decimal> {
    let lines = limits.lines();
    let line = lines
        .iter()
        .find(|it| it.level == Level::Soon && it.side == side)?;
    Some(line.limit)
}

fn between(low: Option<Decimal>, high: Option<Decimal>, unit: &str) -> Option<String> {
    match (low, high) {
        (Some(low), Some(high)) => Some(format!(
            "between {} and {}{unit}",
            low.plain(),
            high.plain()
        )),
        (Some(low), None) => Some(format!("over {}{unit}", low.plain())),
        (None, Some(high)) => Some(format!("under {}{unit}", high.plain())),
        (None, None) => None,
    }
}

/// Where a plan judges the average of days, that is the aim: single readings above it mean little (NICE NG136).
fn blood_pressure(plan: &Plan) -> Option<String> {
    let average = plan.care.rules.iter().find_map(|rule| match rule.kind() {
        RuleKind::HomeAverage(it) => Some((it.systolic_limit, it.diastolic_limit)),
        _ => None,
    });
    if let Some((systolic, diastolic)) = average {
        let (systolic, diastolic) = (systolic.plain(), diastolic.plain());
        return Some(format!(
            "an average blood pressure under {systolic}/{diastolic}"
        ));
    }
    let high = |sign: VitalSign| soon(plan.limits.get(&sign)?, Side::High);
    match (high(VitalSign::Systolic), high(VitalSign::Diastolic)) {
        (Some(systolic), Some(diastolic)) => Some(format!(
            "a blood pressure under {}/{}",
            systolic.plain(),
            diastolic.plain()
        )),
        (Some(systolic), None) => Some(format!(
            "a top blood pressure number under {}",
            systolic.plain()
        )),
        (None, Some(diastolic)) => Some(format!(
            "a bottom blood pressure number under {}",
            diastolic.plain()
        )),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(limits: &str, care: &str, view: &str) -> Plan {
        let text = format!(
            r#"{{"version":1,"limits":{limits},"care":{care},"set_by":"nurse-1","reason":"r",{view}
               "in_force_from":"2026-01-01T00:00:00Z"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    const LIMITS: &str = r#"{"systolic":{"soon_high":"130","urgent_high":"180"},"diastolic":{"soon_high":"80"},
        "pulse":{"soon_low":"50","soon_high":"100"},"spo2":{"urgent_low":"88","soon_low":"92"},
        "weight":{"urgent_high":"90"},"temperature":{"soon_high":"38.10"}}"#;

    #[test]
    fn what_was_agreed_is_said_in_the_patients_words() {
        let told = Told::of(&plan(LIMITS, "{}", r#""patient_view":{"is":"agreed"},"#));
        assert_eq!(
            told.sentence(),
            "Your nurse and you agreed: aim for a blood pressure under 130/80, a pulse between 50 and 100 a minute, \
             an oxygen level over 92% and a temperature under 38.1 °C."
        );
        assert_eq!(told.lines()[0], "A blood pressure under 130/80");
    }

    #[test]
    fn who_was_not_asked_or_disagreed_is_not_told_that_they_agreed() {
        let only = r#"{"systolic":{"soon_high":"130"}}"#;
        let not_asked = r#""patient_view":{"is":"not_asked","because":"asleep"},"#;
        let disagreed = r#""patient_view":{"is":"disagreed","because":"140 is enough"},"#;
        for view in [not_asked, disagreed, ""] {
            let said = Told::of(&plan(only, "{}", view)).sentence();
            let begin =
                "Your nurse has set this plan: aim for a top blood pressure number under 130.";
            assert!(said.starts_with(begin), "{said}");
            assert!(
                !said.contains("agreed") && !said.contains("asleep"),
                "{said}"
            );
        }
    }

    #[test]
    fn an_agreed_weight_is_an_aim_with_its_limit_above_it() {
        let rule = r#"{"rules":[{"id":"over-dry-weight","priority":"soon","rule":"from_baseline","sign":"weight",
            "baseline":"81.5","limits":{"soon_high":"2"},"source":"ESC"}]}"#;
        let told = Told::of(&plan("{}", rule, ""));
        assert_eq!(told.aims, ["a weight under 83.5 kg"]);
        let own = r#"{"weight":{"soon_high":"90"}}"#;
        assert_eq!(
            Told::of(&plan(own, rule, "")).aims,
            ["a weight under 90 kg"]
        );
    }

    #[test]
    fn the_average_is_the_aim_where_a_plan_judges_it_and_danger_is_no_aim() {
        let average = r#"{"rules":[{"id":"home-average","priority":"check","rule":"home_average","systolic_limit":"135",
            "diastolic_limit":"85","readings_apart_minutes_min":1,"sessions_a_day_min":2,"days_min":4,"days_max":7,
            "morning":"06:00-12:00","evening":"18:00-24:00","drop_first_day":true,"source":"NICE NG136"}]}"#;
        let danger = r#"{"systolic":{"urgent_high":"180"}}"#;
        let told = Told::of(&plan(danger, average, ""));
        assert_eq!(told.aims, ["an average blood pressure under 135/85"]);
        let none = Told::of(&plan(danger, "{}", ""));
        assert_eq!(none.aims, [""; 0]);
        assert!(none.sentence().contains("Measure as your plan says."));
    }
}
