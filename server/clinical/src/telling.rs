//! Telling: a decision in one line, for cases that clinicians read, for `explain` and for timelines.

mod expectation;

use jiff::Timestamp;

use crate::alert::{AlertNumber, Condition, Evidence, Ownership, Priority, Problem};
use crate::case::Case;
use crate::decision::Decision;
use crate::sentence::{self, why};
use crate::verdict::{Standing, Verdict};
use crate::zone::Zone;

/// Tells a decision that was made at `now` in one line, with times by the home's clock. `before` is the case as it was.
/// `None` for what goes without saying: that a reading was judged, and when the next window is.
pub fn tell(decision: &Decision, before: &Case, now: Timestamp) -> Option<String> {
    let clock = Clock {
        zone: &before.plan().care.zone,
        now,
    };
    match decision {
        Decision::Judge(verdict) => standing(verdict),
        Decision::Expect { .. }
        | Decision::NoteClock { .. }
        | Decision::NoteGatewayClock { .. }
        | Decision::CountUnusable { .. }
        | Decision::ForgetUnusable { .. } => None,
        Decision::OpenAlert { .. }
        | Decision::AddEvidence { .. }
        | Decision::Worsen { .. }
        | Decision::SetCondition { .. }
        | Decision::EndByItself { .. } => Some(of_alert(decision, before, &clock)),
        Decision::Take { .. }
        | Decision::Close { .. }
        | Decision::SetOwnership { .. }
        | Decision::StepUp { .. }
        | Decision::Reopen { .. } => Some(of_people(decision, before, &clock)),
        _ => Some(of_case(decision, &clock)),
    }
}

/// Writes a moment by a home's clock, as short as it is clear at `now`: `14:15`, or `Sun 22 Nov 14:15` on another day.
pub fn short_time(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    let form = if zone.date(now) == local.date() {
        "%H:%M"
    } else {
        "%a %-d %b %H:%M"
    };
    local.strftime(form).to_string()
}

/// The home's clock at the time of a decision.
struct Clock<'a> {
    zone: &'a Zone,
    now: Timestamp,
}

impl Clock<'_> {
    fn time(&self, at: &Timestamp) -> String {
        short_time(*at, self.now, self.zone)
    }

    /// Says by when something is to be done: `, to act by 14:15`; nothing where there is no deadline.
    fn deadline(&self, to_do: &str, by: Option<&Timestamp>) -> String {
        by.map_or_else(String::new, |by| format!(", {to_do} by {}", self.time(by)))
    }
}

fn standing(verdict: &Verdict) -> Option<String> {
    match verdict.standing {
        Standing::Current => None,
        Standing::Late => Some("judged as late".to_owned()),
        Standing::Doubtful { doubt } => Some(format!("not believed: {}", sentence::doubt(&doubt))),
        Standing::Drill => Some("a drill: not judged".to_owned()),
    }
}

fn of_alert(decision: &Decision, before: &Case, clock: &Clock<'_>) -> String {
    match decision {
        Decision::OpenAlert {
            alert,
            problem,
            priority,
            evidence,
            condition,
            respond_by,
            ..
        } => {
            let opened = opened(*alert, *priority, *problem, condition, evidence, clock);
            let coordinator = before.coordinator();
            let by = clock.deadline("to be taken", respond_by.as_ref());
            format!("{opened}; for {coordinator}{by}")
        }
        Decision::AddEvidence { alert, evidence } => {
            format!("add to alert {alert}: {}", why(evidence))
        }
        Decision::Worsen {
            alert,
            to,
            respond_by,
            ..
        } => {
            let holder = before.alert(*alert).and_then(|it| it.ownership.holder());
            let to_do = holder.map_or_else(
                || "to be taken".to_owned(),
                |holder| format!("{holder} is to act"),
            );
            let by = clock.deadline(&to_do, respond_by.as_ref());
            format!("alert {alert} becomes {}{by}", to.name())
        }
        Decision::SetCondition {
            alert,
            condition: Condition::Active,
        } => format!("alert {alert} is active again"),
        Decision::SetCondition { alert, .. } => format!("alert {alert} has cleared"),
        Decision::EndByItself { alert } => format!("alert {alert} ends by itself"),
        _ => String::new(),
    }
}

fn opened(
    alert: AlertNumber,
    priority: Priority,
    problem: Problem,
    condition: &Condition,
    evidence: &Evidence,
    clock: &Clock<'_>,
) -> String {
    let over = match condition {
        Condition::Active => String::new(),
        Condition::Cleared { at } => format!(", over since {}", clock.time(at)),
    };
    format!(
        "open alert {alert}, {}, {}{over}: {}",
        priority.name(),
        problem.name(),
        why(evidence)
    )
}

fn of_people(decision: &Decision, before: &Case, clock: &Clock<'_>) -> String {
    match decision {
        Decision::Take {
            alert,
            by,
            respond_by,
        } => {
            let holder = before.alert(*alert).map(|open| before.who_answers(open));
            let from = holder.filter(|holder| *holder != by);
            let from = from.map_or_else(String::new, |from| format!("from {from} "));
            let deadline = clock.deadline("to act", respond_by.as_ref());
            format!("alert {alert} passes {from}to {by}{deadline}")
        }
        Decision::Close {
            alert, by, outcome, ..
        } => format!("{by} closes alert {alert}: {}", outcome.label()),
        Decision::SetOwnership {
            alert,
            ownership,
            respond_by,
        } => {
            let open = before.alert(*alert);
            let is_new = open.is_some_and(|it| it.ownership == Ownership::New);
            let handling = match respond_by.filter(|_| is_new && *ownership == Ownership::New) {
                Some(by) => format!("is to be taken by {}", clock.time(&by)),
                None => handling(ownership, respond_by.as_ref(), clock),
            };
            format!("alert {alert} {handling}")
        }
        Decision::StepUp {
            alert,
            step,
            respond_by,
        } => {
            let by = clock.deadline("to act", respond_by.as_ref());
            format!(
                "nobody acted on alert {alert}: {} is asked{by}",
                step.name()
            )
        }
        Decision::Reopen {
            alert,
            by,
            reason,
            respond_by,
        } => {
            let deadline = clock.deadline("to act", respond_by.as_ref());
            format!("{by} reopens alert {alert} ({reason}){deadline}")
        }
        _ => String::new(),
    }
}

fn handling(ownership: &Ownership, respond_by: Option<&Timestamp>, clock: &Clock<'_>) -> String {
    match ownership {
        Ownership::New => {
            let by = clock.deadline("to be taken", respond_by);
            format!("comes back{by}")
        }
        Ownership::Taken {
            by,
            offered_to: Some(to),
            ..
        } => format!("is offered to {to}; {by} answers until {to} says yes"),
        Ownership::Taken { by, .. } => {
            let deadline = clock.deadline("to act", respond_by);
            format!("stays with {by}{deadline}")
        }
        Ownership::Waiting { by, until, .. } => {
            let until = clock.time(until);
            format!("waits for the patient until {until}; {by} answers")
        }
        Ownership::Escalated { by, to, .. } => {
            let deadline = clock.deadline("to be taken", respond_by);
            format!("goes from {by} to {to}{deadline}")
        }
        Ownership::Snoozed {
            by, until, reason, ..
        } => {
            let until = clock.time(until);
            format!("is put aside until {until} ({reason}); {by} answers")
        }
    }
}

fn of_case(decision: &Decision, clock: &Clock<'_>) -> String {
    match decision {
        Decision::AskForRepeat { reason, .. } => {
            format!("ask for a repeat: {}", sentence::attempt(*reason))
        }
        Decision::WantRepeat { what, .. } => format!("ask for a repeat of {}", what.name()),
        Decision::Suspect(it) => {
            let (priority, problem) = (it.priority.name(), it.problem.name());
            let until = clock.time(&it.until);
            let too = match it.doubted_at {
                Some(_) => ", a later value in doubt too",
                None => "",
            };
            format!("perhaps {priority}, {problem}{too}: wait for the repeat until {until}")
        }
        Decision::EndSuspicion { problem, confirmed } => {
            let how = if *confirmed {
                "the first value stands"
            } else {
                "the repeat does not confirm it"
            };
            format!("{}: {how}", problem.name())
        }
        Decision::AdoptPlan { plan } => format!("plan {} is in force", plan.version),
        Decision::SchedulePlan { plan } => {
            let from = clock.time(&plan.in_force_from);
            format!("plan {} is to hold from {from}", plan.version)
        }
        Decision::DropScheduledPlan => "no plan waits for its day any more".to_owned(),
        Decision::AssignCoordinator { coordinator } => {
            format!("{coordinator} answers for the patient")
        }
        Decision::Pause { pause } => {
            let (from, until) = (clock.time(&pause.from), clock.time(&pause.until));
            let reason = pause.reason.words();
            format!("readings pause from {from} until {until}: {reason}")
        }
        Decision::Resume => "readings are expected again".to_owned(),
        Decision::NoteAnswers(_) => "answers noted".to_owned(),
        Decision::NoteTerm { .. } => "a day of the plan's term has passed".to_owned(),
        Decision::SetTier { tier: Some(it) } => {
            format!(
                "{} sets the tier: {} ({})",
                it.by,
                it.tier.words(),
                it.reason
            )
        }
        Decision::SetTier { tier: None } => "the tier is worked out again".to_owned(),
        _ => expectation::tell(decision),
    }
}
