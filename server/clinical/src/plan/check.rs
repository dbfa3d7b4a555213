//! Checks of a plan: whether its limits, rules and times make sense together, in sentences that say what to change.

use std::collections::{BTreeMap, BTreeSet};

use vitals::Decimal;

use super::care_error::{CareError, MINUTES_MAX, PlanError, RULES_LEN_MAX};
use super::escalation::{REST_DAYS_MAX, UNANSWERED_MAX};
use super::{Care, Clock, Confirmation, Plan, Response};
use crate::alert::Priority;
use crate::limits::{Level, Limits, Side};
use crate::refusal::NOTE_LEN_MAX;
use crate::sign::VitalSign;

impl Plan {
    /// Checks that the plan makes sense: wherever a plan enters, this is asked first.
    ///
    /// That a rule's numbers and windows are within what a history keeps is checked when the rule is made.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn check(&self) -> Result<(), PlanError> {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > NOTE_LEN_MAX {
            return Err(PlanError::Reason);
        }
        check_care(&self.limits, &self.care)?;
        let starts_on = self.care.term.as_ref().and_then(|it| it.starts_on);
        let holds_on = self.care.zone.date(self.in_force_from);
        match starts_on.filter(|it| *it > holds_on) {
            Some(starts_on) => Err(PlanError::HoldsBeforeItStarts {
                starts_on,
                holds_on,
            }),
            None => Ok(()),
        }
    }
}

/// Checks limits and care, alone and together.
pub(super) fn check_care(
    limits: &BTreeMap<VitalSign, Limits>,
    care: &Care,
) -> Result<(), CareError> {
    check_limits(limits, care)?;
    check_rules(care)?;
    for (sign, confirmation) in &care.confirmation {
        check_confirmation(*sign, confirmation, limits.get(sign))?;
    }
    check_clearing(limits, care)?;
    check_quality(care)?;
    check_lateness(care)?;
    care.schedule.check()?;
    check_escalation(care)?;
    check_term(care)
}

fn check_limits(limits: &BTreeMap<VitalSign, Limits>, care: &Care) -> Result<(), CareError> {
    let plausible = care.quality.as_ref().map(|it| &it.plausible);
    for (sign, limits) in limits {
        let lines = limits.lines();
        if lines.is_empty() {
            return Err(CareError::NoLimit(*sign));
        }
        let Some(range) = plausible.and_then(|it| it.get(sign)) else {
            continue;
        };
        if let Some(line) = lines.iter().find(|line| !range.has(&line.limit)) {
            let (sign, level, limit) = (*sign, line.level, line.limit);
            return Err(CareError::OutOfReach { sign, level, limit });
        }
    }
    Ok(())
}

fn check_rules(care: &Care) -> Result<(), CareError> {
    if care.rules.len() > RULES_LEN_MAX {
        return Err(CareError::TooManyRules);
    }
    let mut names = BTreeSet::new();
    match care.rules.iter().find(|rule| !names.insert(rule.id())) {
        Some(twice) => Err(CareError::RuleTwice(twice.id().clone())),
        None => Ok(()),
    }
}

fn check_confirmation(
    sign: VitalSign,
    it: &Confirmation,
    limits: Option<&Limits>,
) -> Result<(), CareError> {
    let name = format!("The wait for a repeat of {}", sign.name());
    for minutes in it.soon_minutes.into_iter().chain(it.urgent_minutes) {
        check_minutes(&name, minutes)?;
    }
    check_source(&name, &it.source)?;
    let sides = [
        (Side::Low, "low", it.at_once_low),
        (Side::High, "high", it.at_once_high),
    ];
    for (side, name, at_once) in sides {
        let breach = at_once.and_then(|at| limits?.breach(&at));
        let is_beyond = breach.is_some_and(|it| it.level == Level::Urgent && it.side == side);
        if at_once.is_some() && limits.is_some() && !is_beyond {
            return Err(CareError::AtOnce { sign, side: name });
        }
    }
    Ok(())
}

fn check_clearing(limits: &BTreeMap<VitalSign, Limits>, care: &Care) -> Result<(), CareError> {
    let Some(clearing) = &care.clearing else {
        return Ok(());
    };
    check_source("Clearing", &clearing.source)?;
    if clearing.readings == 0 {
        return Err(CareError::Empty("The readings that clear".to_owned()));
    }
    for (sign, margin) in &clearing.margins {
        if margin.is_negative() {
            let name = format!("The margin of {}", sign.name());
            return Err(CareError::Empty(name));
        }
        let lines = limits.get(sign).map(Limits::lines).unwrap_or_default();
        let on_side = |side: Side| lines.iter().filter(move |it| it.side == side);
        let low = on_side(Side::Low).map(|it| it.limit.thousandths()).max();
        let high = on_side(Side::High).map(|it| it.limit.thousandths()).min();
        let room = low.zip(high).map(|(low, high)| high.saturating_sub(low));
        let needed = margin.thousandths().saturating_mul(2);
        if room.is_some_and(|room| room < needed) {
            let (sign, margin) = (*sign, *margin);
            return Err(CareError::NeverClears { sign, margin });
        }
    }
    Ok(())
}

fn check_quality(care: &Care) -> Result<(), CareError> {
    let Some(quality) = &care.quality else {
        return Ok(());
    };
    check_source("Quality", &quality.source)?;
    let is_positive = |it: &Decimal| it.thousandths() > 0;
    for (sign, range) in &quality.plausible {
        if range.min.compare(&range.max).is_ge() {
            let name = format!("The possible values of {}", sign.name());
            return Err(CareError::Empty(name));
        }
    }
    for (sign, jump) in &quality.jumps {
        if !is_positive(&jump.more_than) || jump.within_hours == 0 {
            return Err(CareError::Empty(format!("The jump of {}", sign.name())));
        }
    }
    if quality
        .pulse_pressure_min
        .is_some_and(|it| !is_positive(&it))
    {
        return Err(CareError::Empty("The least pulse pressure".to_owned()));
    }
    if quality.unusable_in_a_row == Some(0) {
        let name = "The number of unusable measurements in a row";
        return Err(CareError::Empty(name.to_owned()));
    }
    let name = "The time between unusable measurements in a row";
    let within = quality.unusable_within_minutes;
    within.map_or(Ok(()), |minutes| check_minutes(name, minutes))
}

fn check_lateness(care: &Care) -> Result<(), CareError> {
    let Some(lateness) = &care.lateness else {
        return Ok(());
    };
    if lateness.urgent_becomes == Priority::Technical {
        return Err(CareError::LateIsTechnical);
    }
    let name = "The time after which a reading is late";
    check_minutes(name, lateness.late_minutes)?;
    check_source("Late readings", &lateness.source)
}

fn check_escalation(care: &Care) -> Result<(), CareError> {
    let responses = &care.escalation.0;
    if responses.is_empty() {
        return Ok(());
    }
    for priority in Priority::ALL {
        let response = responses.get(&priority);
        let response = response.ok_or(CareError::NoResponse(priority))?;
        check_response(priority, response, care)?;
    }
    Ok(())
}

fn check_response(priority: Priority, it: &Response, care: &Care) -> Result<(), CareError> {
    let name = |what: &str| format!("The time to {what} {} alerts", priority.name());
    check_minutes(&name("take"), it.take_minutes)?;
    check_minutes(&name("act on"), it.act_minutes)?;
    check_minutes(&name("step up with"), it.step_minutes)?;
    check_minutes(&name("put aside"), it.snooze_minutes_max)?;
    check_source(&name("answer"), &it.source)?;
    if it.ends_by_itself && priority >= Priority::Soon {
        return Err(CareError::EndsByItself(priority));
    }
    let rests_too_long = it.rest_days.is_some_and(|days| days > REST_DAYS_MAX);
    if rests_too_long || (it.rest_days.is_some() && priority >= Priority::Soon) {
        return Err(CareError::Rests(priority));
    }
    let tries = it.unanswered_max;
    if tries.is_some_and(|tries| !(1..=UNANSWERED_MAX).contains(&tries)) {
        return Err(CareError::Tries(priority));
    }
    if it.clock == Clock::Monitored && care.hours.spans().is_empty() {
        return Err(CareError::NoHours(priority));
    }
    Ok(())
}

fn check_term(care: &Care) -> Result<(), CareError> {
    let Some(term) = &care.term else {
        return Ok(());
    };
    let days: Vec<_> = [term.starts_on, term.review_by, term.ends_on]
        .into_iter()
        .flatten()
        .collect();
    days.is_sorted().then_some(()).ok_or(CareError::Term)
}

fn check_minutes(name: &str, minutes: u32) -> Result<(), CareError> {
    if (1..=MINUTES_MAX).contains(&minutes) {
        Ok(())
    } else {
        Err(CareError::Minutes(name.to_owned()))
    }
}

fn check_source(name: &str, source: &str) -> Result<(), CareError> {
    if source.trim().is_empty() {
        Err(CareError::NoSource(name.to_owned()))
    } else {
        Ok(())
    }
}
