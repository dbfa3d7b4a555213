//! Looked at: what a plan's limits, rules and score say of one reading, whether they hold or not.

use jiff::Timestamp;
use vitals::Decimal;

use crate::case::Case;
use crate::decide::score_inputs::score_inputs;
use crate::limits::Limits;
use crate::rules::{Judgement, Lack, Rule};
use crate::sentence;
use crate::sign::VitalSign;
use crate::verdict::Finding;

/// One limit, rule or score of a plan, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedAt {
    /// Its name, for a rule with what it looks for; limits are named by their vital sign.
    pub what: String,
    /// What it says.
    pub said: Said,
}

/// What a limit, a rule or a score says of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It holds, in a sentence.
    Holds(String),
    /// It does not hold; for limits and scores with what was found.
    DoesNotHold(Option<String>),
    /// The plan has no limits of this vital sign.
    NoLimits,
    /// There is too little to tell.
    NotEnoughYet(Lack),
    /// It is about other vital signs than those of the reading, or about answers.
    NotAboutIt,
}

/// Lists everything that the plan in force says of a reading's values measured at a time, by what the case remembers of
/// before: why this alert, and why not that one.
pub fn looked_at(case: &Case, values: &[(VitalSign, Decimal)], at: Timestamp) -> Vec<LookedAt> {
    let plan = case.plan();
    let limits = values
        .iter()
        .map(|(sign, value)| of_limits(*sign, *value, case));
    let rules = plan.care.rules.iter();
    let rules = rules.map(|rule| of_rule(rule, values, case, at));
    let score = plan.care.score.iter().map(|rule| {
        let found = rule.evaluate(&score_inputs(case.history(), at), at);
        let sentence = found.nurse_sentence();
        LookedAt {
            what: "score".to_owned(),
            said: if found.reached.is_some() {
                Said::Holds(sentence)
            } else {
                Said::DoesNotHold(Some(sentence))
            },
        }
    });
    limits.chain(rules).chain(score).collect()
}

fn of_limits(sign: VitalSign, value: Decimal, case: &Case) -> LookedAt {
    let finding = Finding::of(sign, value, case.plan());
    let value = sentence::value(&finding);
    let limits = case.plan().limits.get(&sign);
    let said = match (&finding.breach, limits) {
        (Some(breach), _) => Said::Holds(format!("{value} ({})", sentence::limit(breach))),
        (None, Some(limits)) => Said::DoesNotHold(Some(format!("{value} ({})", all_of(limits)))),
        (None, None) => Said::NoLimits,
    };
    LookedAt {
        what: format!("limits of {}", sign.name()),
        said,
    }
}

fn all_of(limits: &Limits) -> String {
    let lines: Vec<String> = limits.lines().iter().map(sentence::limit).collect();
    lines.join(", ")
}

fn of_rule(rule: &Rule, values: &[(VitalSign, Decimal)], case: &Case, at: Timestamp) -> LookedAt {
    let is_about_it = values.iter().any(|(sign, _)| rule.looks_at(*sign));
    let said = if is_about_it {
        match rule.evaluate(case.history(), at) {
            Judgement::Holds(holding) => Said::Holds(holding.for_nurse()),
            Judgement::DoesNotHold => Said::DoesNotHold(None),
            Judgement::NotEnoughYet(lack) => Said::NotEnoughYet(lack),
        }
    } else {
        Said::NotAboutIt
    };
    LookedAt {
        what: format!("{} ({})", rule.id(), rule.kind().words()),
        said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, ReadingStored};
    use crate::replay::step;

    fn told(case: &Case, values: &[(VitalSign, Decimal)], at: Timestamp) -> Vec<String> {
        let all = looked_at(case, values, at).into_iter();
        all.map(|it| match it.said {
            Said::Holds(text) => format!("{} holds: {text}", it.what),
            Said::DoesNotHold(text) => format!("{}: {}", it.what, text.unwrap_or_default()),
            Said::NoLimits => format!("{}: none", it.what),
            Said::NotEnoughYet(lack) => format!("{}: {lack}", it.what),
            Said::NotAboutIt => format!("{}: not about it", it.what),
        })
        .collect()
    }

    #[test]
    fn everything_that_a_plan_says_of_a_reading_is_listed() {
        let plan = serde_json::from_str(include_str!("../benches/year/plan.json")).unwrap();
        let coordinator = "nurse-ann".parse().unwrap();
        let at: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
        let started = Event::MonitoringStarted { coordinator, plan };
        let case = step(None, &started, at).unwrap().case;
        let values = vec![
            (VitalSign::Systolic, Decimal::whole(186)),
            (VitalSign::Pulse, Decimal::whole(72)),
        ];
        let reading = Event::ReadingStored(ReadingStored {
            id: format!("{:032x}", 1).parse().unwrap(),
            values: values.clone(),
            quality: Vec::new(),
            measured_at: at,
            received_at: at,
            device: None,
            user: None,
            registered_user: None,
            clock: None,
            drill: false,
        });
        let case = step(Some(case), &reading, at).unwrap().case;
        assert_eq!(
            told(&case, &values, at),
            [
                "limits of systolic holds: systolic 186 mmHg (urgent limit: 180 or over)",
                "limits of pulse: pulse 72 a minute (urgent limit: 40 or under, soon limit: 50 or under, \
                 soon limit: 111 or over, urgent limit: 131 or over)",
                "weight-gain-3d (weight rising by 2 kg within 3 days): not about it",
                "weight-over-7d (weight 1.4 kg over the median of 7 days): not about it",
                "weight-over-28d (weight 2 kg over the median of 28 days): not about it",
                "weight-trend (weight rising by 1 kg a week over 14 days): not about it",
                "spo2-trend (oxygen falling by 2% a week over 14 days): not about it",
                "home-average (average of 4 days at 145/90 mmHg): Not enough data yet: 0 of 4 days",
                "high-3-of-6 (3 of 6 systolic readings 160 mmHg or over within 3 days): \
                 Not enough data yet: 1 of 3 readings",
                "irregular (an irregular pulse in 2 of 3 sessions within 7 days): Not enough data yet: 1 of 2 sessions",
            ]
        );
        let weight = [(VitalSign::Weight, Decimal::whole(80))];
        let said = told(&case, &weight, at);
        assert_eq!(
            said[1],
            "weight-gain-3d (weight rising by 2 kg within 3 days): Not enough data yet: 0 of 1 day"
        );
    }
}
